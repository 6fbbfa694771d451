"""Fill a template from data, as a unit would by hand: only open cells are written.

The data is JSON: `{"projects": [{"项目名称": …, "indicators": [{"一级指标": …, …}]}]}`. Keys are the
printed labels (with or without unit and colon) or the field names of the validator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xltool.batch import adapted
from xltool.campaign import find_campaign, load_campaign
from xltool.errors import OfficeError
from xltool.extract import is_known
from xltool.fields import Field, Raw, Value
from xltool.forms import Form
from xltool.layout import Block, Sheet
from xltool.reading import find_seal
from xltool.roster import field_by_label
from xltool.seal import Issue
from xltool.text import label_key, name_key
from xltool.workbook import Limits, UnreadableError, open_workbook
from xltool.write.submission import Contents, write_submission

_ROWS_KEY = "indicators"
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can say "\\ud800", UTF-8 cannot
_MAX_CHARS = 32767  # of one cell


def fill(template: Path, data: Path, out: Path) -> list[str]:
    """Write `out`, the template filled from the JSON file `data`; the seal stays as it is.

    Returns notes on what was not written (locked cells, unknown keys). Raises OfficeError for a
    file that is no template, data that is no JSON, and data for which the template has no room.
    """
    try:
        found = find_seal(open_workbook(template, Limits()))
    except (UnreadableError, OSError) as error:
        raise OfficeError(f"模板无法读取：{error}", template) from error
    if found is None or not found.intact:
        raise OfficeError("不是下发的模板（没有签发信息或签名不符）", template)
    issue = found.issue
    own = find_campaign(template.parent)
    form, layout = adapted(
        issue.form, own, json.dumps(issue.changes), json.dumps(issue.rows, sort_keys=True)
    )
    if layout.digest != issue.layout:
        raise OfficeError("模板是另一版本的 xltool 生成的，请重新下发", template)
    filler = _Filler(form, layout.record_sheet, issue, data)
    for project in _projects(data):
        filler.project(project)
    password = load_campaign(own).password if own else ""
    contents = Contents(values=filler.values)
    write_submission(out, form, layout, issue, found.text, password, contents)
    return list(dict.fromkeys(filler.notes))


def _projects(path: Path) -> list[Mapping[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise OfficeError("找不到这个文件", path) from None
    except ValueError as error:
        raise OfficeError(f"不是正确的 JSON：{error}", path) from error
    projects = data.get("projects", [data]) if isinstance(data, dict) else data
    if not isinstance(projects, list) or not all(isinstance(p, dict) for p in projects):
        raise OfficeError('JSON 应为 {"projects": [{…}, …]}', path)
    return projects


@dataclass
class _Filler:
    form: Form
    sheet: Sheet
    issue: Issue
    path: Path
    notes: list[str] = field(default_factory=list)
    values: list[dict[tuple[int, int], Value | Raw]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.values = [{} for _ in self.issue.records]
        self.fields = self.form.record_table.fields

    def project(self, data: Mapping[str, Any]) -> None:
        """Fill one project into its sheet."""
        values, rows = self.sorted_keys(data)
        number = self.number(values)
        self.taken.add(number)
        prefilled = self.issue.records[number]
        name = str(
            values.get("project_name") or prefilled.get("project_name") or f"第 {number + 1} 张"
        )
        for key, raw in values.items():
            column = self.fields[key]
            if key in prefilled or column.filled_by != "unit":
                self.locked(name, column, raw, prefilled.get(key))
            elif key in self.sheet.fields:
                cell = self.sheet.fields[key]
                self.values[number][cell.row, cell.column] = self.content(name, column, raw)
        free = {id(block): block.first for block in self.sheet.blocks}
        for row in rows:
            self.row(number, name, row, free)

    def sorted_keys(
        self, data: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
        """The project's values by field name, and its indicator rows."""
        values: dict[str, Any] = {}
        for key, raw in data.items():
            if key == _ROWS_KEY or raw is None or raw == "":
                continue
            name = field_by_label(self.fields, key)
            if name is None:
                self.notes.append(f"数据中的“{key}”不是本表的栏目，没有写入")
            else:
                values[name] = raw
        rows = data.get(_ROWS_KEY) or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise OfficeError(f"{_ROWS_KEY} 应为列表", self.path)
        return values, rows

    def number(self, values: Mapping[str, Any]) -> int:
        """The sheet of a project: the one issued for it, else the next spare one."""
        for key in ("project_code", "project_name"):
            for number, record in enumerate(self.issue.records):
                same = key in values and name_key(str(values[key])) == name_key(record.get(key, ""))
                if same and number not in self.taken:
                    return number
        for number, record in enumerate(self.issue.records):
            if number not in self.taken and not is_known(self.form, record):
                return number
        name = values.get("project_name", values.get("project_code", ""))
        raise OfficeError(f"模板里没有项目“{name}”的工作表，备用表也已用完", self.path)

    def locked(self, name: str, column: Field, raw: Any, issued: str | None) -> None:
        """A locked cell keeps its value; a different one in the data is noted."""
        value = typed(column, raw)
        same = issued is not None and value == column.kind.parse(issued, column)
        if isinstance(value, str) and issued is not None:
            same = name_key(value) == name_key(issued)
        if not same:
            now = issued if issued is not None else "空白"
            self.notes.append(
                f"项目“{name}”的“{column.short_label}”已锁定（{now}），数据中的“{raw}”没有写入"
            )

    def row(self, number: int, name: str, data: Mapping[str, Any], free: dict[int, int]) -> None:
        """Fill one indicator into the next free row of its block."""
        table = next(t for t in self.form.tables.values() if t.catalogue)
        values: dict[str, Any] = {}
        for key, raw in data.items():
            column = field_by_label(table.fields, key)
            if column is not None and raw is not None:
                values[column] = raw
            elif raw is not None:
                self.notes.append(f"数据中的“{key}”不是本表的栏目，没有写入")
        block = self.block(name, values)
        row = free[id(block)]
        if row >= block.first + block.rows:
            raise OfficeError(
                f"项目“{name}”的“{block.keys['lv2']}”超过模板的 {block.rows} 行，"
                "请在 campaign.toml 的 [rows] 中加大后重新下发",
                self.path,
            )
        free[id(block)] += 1
        for key, column_number in block.columns.items():
            if values.get(key) not in (None, ""):
                content = self.content(name, table.fields[key], values[key])
                self.values[number][row, column_number] = content

    def content(self, name: str, column: Field, raw: Any) -> Value | Raw:
        """What a cell is given. Raises OfficeError for a text that no cell holds."""
        value = typed(column, raw)
        if isinstance(value, str) and (problem := _unfit(value)):
            raise OfficeError(f"项目“{name}”的“{column.short_label}”{problem}", self.path)
        return value

    def block(self, name: str, values: Mapping[str, Any]) -> Block:
        wanted = [label_key(str(values.get(key, ""))) for key in ("lv1", "lv2")]
        for block in self.sheet.blocks:
            if [label_key(block.keys[key]) for key in ("lv1", "lv2")] == wanted:
                return block
        pair = f"{values.get('lv1')}／{values.get('lv2')}"
        raise OfficeError(f"项目“{name}”的指标“{pair}”不在本表的框架内", self.path)


def _unfit(text: str) -> str | None:
    """Why no cell holds this text, in Chinese."""
    if len(text) > _MAX_CHARS:
        return f"有 {len(text)} 字，超过一个单元格的上限 {_MAX_CHARS} 字"
    if _SURROGATE.search(text):
        return "里有残缺的字符（单独的代理码位）"
    return None


def typed(column: Field, raw: Any) -> Value | Raw:
    """A value of the data as a person would leave it in the cell; what is no such value stays text."""
    if isinstance(raw, (dict, list)):
        return json.dumps(raw, ensure_ascii=False)
    text = raw if isinstance(raw, str) else str(raw)
    try:
        return column.kind.parse(text, column)
    except ValueError:
        return text
