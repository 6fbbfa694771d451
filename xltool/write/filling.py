"""Filling an issued workbook from data, as a unit would by hand: only open cells are written.

The data is JSON: `{"projects": [{"项目名称": …, "indicators": [{"一级指标": …, …}]}]}`, or one such object
where the workbook holds one record. Keys are the printed labels (with or without unit and colon) or
the field names of the validator; a list holds the rows of the table that its key names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xltool.errors import OfficeError
from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, Value
from xltool.form.edition import Recipe, canonical, edition_of
from xltool.form.layout import Block, Layout, Position, Sheet
from xltool.form.model import Form, TableView
from xltool.office.campaign import Campaign
from xltool.office.json_words import json_words
from xltool.office.kept import keep_from_file
from xltool.office.lists import with_lists
from xltool.office.seal import Issue
from xltool.office.values import field_by_label
from xltool.prose.text import label_key, name_key
from xltool.returns.identifying import find_seal
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook
from xltool.workbook.refusals import UnreadableError
from xltool.write.submission import Contents, write_submission

_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can say "\\ud800", UTF-8 cannot
_MAX_CHARS = 32767  # of one cell
_CODES, _NAMES = ("unit", "unit_code", "单位代码"), ("unit_name", "单位名称")  # of whom data are


def fill(template: Path, data: Path, out: Path, campaign: Campaign | None = None) -> list[str]:
    """Write `out`: the issued workbook `template` filled from the JSON file `data`.

    The seal stays as it is. Amounts are in the units that the form prints. The campaign that issued
    the template brings a form of its own, the password and the severities. Returns notes on what was
    not written: locked cells and unknown keys. Raises OfficeError for a file that is no issued
    workbook, for data that is no JSON or is another unit's, for data for which the workbook has no
    room, and where `out` is one of these files or the office's own.
    """
    keep_from_file(out, [template, data], campaign)
    try:
        found = find_seal(open_workbook(template, Limits()))
    except (UnreadableError, OSError) as error:
        raise OfficeError(f"模板无法读取：{error}", template) from error
    if found is None or not found.intact:
        raise OfficeError("不是下发的模板（没有签发信息或签名不符）", template)
    issue = found.issue
    own = campaign.folder if campaign else None
    changes, rows = canonical(issue.changes), canonical(issue.rows)
    try:
        edition = edition_of(Recipe(issue.form, own, changes, rows, issue.fy, issue.zero_budget))
    except OfficeError as error:
        if campaign is not None:
            raise
        step = "；办公室自己的表，请用 --campaign 指明填报文件夹"
        raise OfficeError(error.message + step, template) from error
    form, layout = edition.form, edition.layout
    if layout.digest != issue.layout:
        raise OfficeError("模板是另一版本的 xltool 生成的，请重新下发", template)
    filler = _Filler(form, layout, issue, data)
    beside, records = _records(data)
    _refuse_another_units(form, issue, [beside, *records], data)
    if form.once:
        filler.unit(beside)
    for record in records:
        filler.record(record)
    password = campaign.password if campaign else ""
    form = with_lists(form, own).with_severities(campaign.severities if campaign else {})
    contents = Contents(values=filler.values)
    write_submission(out, form, layout, issue, found.text, password, contents)
    return list(dict.fromkeys(filler.notes))


def _records(path: Path) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """What a JSON file says beside its projects, and its records. OfficeError for a file that holds none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise OfficeError("找不到这个文件；请核对位置", path) from None
    except json.JSONDecodeError as error:
        raise OfficeError(json_words(error), path, error.lineno) from error
    except ValueError as error:
        raise OfficeError("编码不是 UTF-8；请用记事本打开，另存为 UTF-8", path) from error
    projects = data.get("projects", [data]) if isinstance(data, dict) else data
    if not isinstance(projects, list) or not all(isinstance(p, dict) for p in projects):
        raise OfficeError('JSON 应为 {"projects": [{…}, …]}；请改正', path)
    beside = {k: v for k, v in data.items() if k != "projects"} if isinstance(data, dict) else {}
    return beside, projects


def _refuse_another_units(
    form: Form, issue: Issue, data: Sequence[Mapping[str, Any]], path: Path
) -> None:
    """Raise OfficeError where data say that they are of another unit than the template."""
    own = {"unit_code": issue.unit, "unit_name": issue.unit_name}
    fields = {**form.prefillable(once=False), **form.prefillable(once=True)}
    for key, raw in ((key, raw) for each in data for key, raw in each.items()):
        name = field_by_label(fields, key)
        what = fields[name].prefill if name else None
        what = "unit_code" if key in _CODES else "unit_name" if key in _NAMES else what
        if what not in own or not isinstance(raw, str | int) or not str(raw).strip():
            continue
        if name_key(str(raw)) not in (name_key(own[what]), name_key(issue.unit)):
            whose = f"{issue.unit} {issue.unit_name}"
            raise OfficeError(
                f"数据是“{raw}”的（{key}），模板是 {whose} 的；请核对，换成同一个单位的", path
            )


@dataclass
class _Filler:
    """Puts the data of all records into the cells of one issued workbook.

    `values` are those of each form sheet by position; `taken` the records that were filled.
    """

    form: Form
    layout: Layout
    issue: Issue
    path: Path
    notes: list[str] = field(default_factory=list)
    values: list[dict[Position, Value | Raw]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.numbers = self.layout.numbers(len(self.issue.records))
        self.values = [{} for _ in self.numbers]

    def unit(self, data: Mapping[str, Any]) -> None:
        """Fill the unit's own sheets, which stand once in its workbook."""
        self.sheets("", 0, *self.by_table(data, once=True))

    def record(self, data: Mapping[str, Any]) -> None:
        """Fill one record into its sheets."""
        values, rows = self.by_table(data, once=False)
        main = values[self.form.record_table.name]
        number = self.record_for(main)
        self.taken.add(number)
        prefilled, place = self.issue.records[number], number - self.form.first_project + 1
        name = str(main.get("project_name") or prefilled.get("project_name") or f"第 {place} 张")
        self.sheets("" if self.layout.single else f"项目“{name}”的", number, values, rows)

    def sheets(
        self,
        where: str,
        number: int,
        values: Mapping[str, Mapping[str, Any]],
        rows: Sequence[tuple[str, dict[str, Any]]],
    ) -> None:
        """Fill the sheets of a record. `where` begins the notes and errors."""
        for part, sheet in enumerate(self.layout.sheets):
            if (number, part) not in self.numbers:
                continue
            cells = self.values[self.numbers[number, part]]
            self.own_fields(where, sheet, cells, values[sheet.record], self.issue.records[number])
            given = sheet.place_lines(self.issue.lines_of(number))
            used: set[tuple[int, int]] = set()  # number of the block, row
            for table, row in rows:
                if any(block.table == table for block in sheet.blocks):
                    self.row(where, sheet, cells, (table, row), given, used)

    def by_table(
        self, data: Mapping[str, Any], *, once: bool
    ) -> tuple[dict[str, dict[str, Any]], list[tuple[str, dict[str, Any]]]]:
        """A record's values by table and field, and its rows, each with its table."""
        values: dict[str, dict[str, Any]] = {table.name: {} for table in self.form.record_tables}
        rows: list[tuple[str, dict[str, Any]]] = []
        tables = [t for t in self.form.record_tables if (t.name in self.form.once) is once]
        for key, raw in data.items():
            table = self.table(key)
            if table is not None and (table.name in self.form.once) is not once:
                self.notes.append(f"数据中的“{key}”不能写在这里，没有写入")
            elif table is not None and table.is_rows:
                if raw is not None and not _is_list_of_objects(raw):
                    raise OfficeError(f"{key} 应为列表；请改正", self.path)
                rows += [(table.name, self.by_field(table.fields, row)) for row in raw or []]
            elif table is not None and isinstance(raw, dict):
                values[table.name] |= self.by_field(table.fields, raw)
            else:
                for name, value in self.by_field(
                    self.form.prefillable(once=once), {key: raw}
                ).items():
                    owner = next(t for t in tables if name in t.fields)
                    values[owner.name][name] = value
        return values, rows

    def table(self, key: str) -> TableView | None:
        """The table that a key of the data names: `task` or `tasks`."""
        return self.form.tables.get(key) or self.form.tables.get(key.removesuffix("s"))

    def by_field(self, fields: Mapping[str, Field], data: Mapping[str, Any]) -> dict[str, Any]:
        """The values by field, without blanks; a note for each key that is no field."""
        values: dict[str, Any] = {}
        for key, raw in data.items():
            name = field_by_label(fields, key)
            if raw is None or raw == "":
                continue
            if name is None:
                self.notes.append(f"数据中的“{key}”不是本表的栏目，没有写入")
            else:
                values[name] = raw
        return values

    def record_for(self, values: Mapping[str, Any]) -> int:
        """The number of the record for some data: the one issued for it, else the next spare."""
        if self.layout.single and not self.taken:
            return 0
        records = list(enumerate(self.issue.records))[self.form.first_project :]
        for key in ("project_code", "project_name"):
            for number, record in records:
                same = key in values and name_key(str(values[key])) == name_key(record.get(key, ""))
                if same and number not in self.taken:
                    return number
        for number, record in records:
            if number not in self.taken and not self.form.is_known(record):
                return number
        name = values.get("project_name", values.get("project_code", ""))
        raise OfficeError(f"模板里没有项目“{name}”的工作表，备用表也已用完", self.path)

    def own_fields(
        self,
        where: str,
        sheet: Sheet,
        cells: dict[Position, Value | Raw],
        values: Mapping[str, Any],
        prefilled: Mapping[str, str],
    ) -> None:
        """Fill the record's own fields on one sheet. `where` begins the notes and errors."""
        for name, raw in values.items():
            column = self.form.field(sheet.record, name)
            if name not in sheet.fields or column.computed:
                continue
            if name in prefilled or column.filled_by != "unit":
                self.note_locked(where, column, raw, prefilled.get(name))
            else:
                cell = sheet.fields[name]
                place, value = (cell.row, cell.column), self.cell_value(where, column, raw)
                cells[place] = cell.filled(column, cells.get(place), value)

    def row(
        self,
        where: str,
        sheet: Sheet,
        cells: dict[Position, Value | Raw],
        line: tuple[str, Mapping[str, Any]],
        given: Mapping[Position, str],
        used: set[tuple[int, int]],
    ) -> None:
        """Fill a row of another table: the prefilled one, else the next free."""
        table, values = line
        fields = self.form.tables[table].fields
        blocks = self.blocks_for(where, sheet, table, values)
        free = [(n, row) for n, block in blocks for row in block.span if (n, row) not in used]
        place = next((p for p in free if _is_given(sheet.blocks[p[0]], p[1], values, given)), None)
        blank = (p for p in free if not _given_in(sheet.blocks[p[0]], p[1], given))
        number, row = place or next(blank, (-1, -1))
        if row < 0:
            block = blocks[0][1]
            level = list(block.keys.values())[-1] if block.keys else self.form.tables[table].title
            raise OfficeError(
                f"{where}“{level}”超过模板的 {block.rows} 行，"
                "请在 campaign.toml 的 [rows] 中加大后重新下发",
                self.path,
            )
        used.add((number, row))
        for name, at in sheet.blocks[number].columns.items():
            if name not in values or fields[name].computed:
                continue
            if (row, at) in given or fields[name].filled_by != "unit":
                self.note_locked(where, fields[name], values[name], given.get((row, at)))
            else:
                cells[row, at] = self.cell_value(where, fields[name], values[name])

    def blocks_for(
        self, where: str, sheet: Sheet, table: str, values: Mapping[str, Any]
    ) -> list[tuple[int, Block]]:
        """The blocks in which a row may stand by its keys, with numbers. OfficeError for none."""
        blocks = [(n, block) for n, block in enumerate(sheet.blocks) if block.table == table]
        fitting = [pair for pair in blocks if _has_keys(pair[1], values)]
        if not fitting:
            keys = "／".join(str(values.get(name)) for name in blocks[0][1].keys)
            title = self.form.tables[table].title
            raise OfficeError(f"{where}{title}“{keys}”不在本表的框架内", self.path)
        return fitting

    def note_locked(self, where: str, column: Field, raw: Any, issued: str | None) -> None:
        """Note that a locked cell keeps its value, if the data has another one."""
        value = typed(column, raw)
        same = issued is not None and value == column.kind.parse(issued, column)
        if isinstance(value, str) and issued is not None:
            same = name_key(value) == name_key(issued)
        if not same:
            now = issued if issued is not None else "空白"
            self.notes.append(
                f"{where}“{column.short_label}”已锁定（{now}），数据中的“{raw}”没有写入"
            )

    def cell_value(self, where: str, column: Field, raw: Any) -> Value | Raw:
        """The value to write into a cell; a note where it is none that the field can have.

        Raises OfficeError for a text that no cell can hold.
        """
        value = typed(column, raw)
        if column.kind.read(value, column).unreadable:
            self.notes.append(
                f"{where}“{column.short_label}”应为{column.kind.advice(column)}，数据中的“{raw}”照原样写入"
            )
        if isinstance(value, str) and (problem := _unfit(value)):
            raise OfficeError(f"{where}“{column.short_label}”{problem}", self.path)
        return value


def _is_list_of_objects(raw: Any) -> bool:
    """True of a list of JSON objects."""
    return isinstance(raw, list) and all(isinstance(row, dict) for row in raw)


def _has_keys(block: Block, values: Mapping[str, Any]) -> bool:
    """True if a row with these values belongs into the block: a key is given, and fits."""
    known = [(str(values[name]), text) for name, text in block.keys.items() if name in values]
    return bool(known or not block.keys) and all(
        label_key(said) == label_key(text) for said, text in known
    )


def _given_in(block: Block, row: int, given: Mapping[Position, str]) -> dict[str, str]:
    """The texts that the office prefilled in a row of a block, by field."""
    return {n: given[row, c] for n, c in block.columns.items() if (row, c) in given}


def _is_given(
    block: Block, row: int, values: Mapping[str, Any], given: Mapping[Position, str]
) -> bool:
    """True if the office prefilled this row, with the same texts as the data has.

    Of a printed line, which its keys name, the data need not repeat them.
    """
    here = _given_in(block, row, given)
    if block.always and block.rows == 1:
        return bool(here)
    return bool(here) and all(
        name_key(str(values.get(name, ""))) == name_key(text) for name, text in here.items()
    )


def _unfit(text: str) -> str | None:
    """Return in Chinese why no cell can hold this text, or None."""
    if len(text) > _MAX_CHARS:
        return f"有 {len(text)} 字，超过一个单元格的上限 {_MAX_CHARS} 字"
    if _SURROGATE.search(text):
        return "里有残缺的字符（单独的代理码位）"
    return None


def typed(column: Field, raw: Any) -> Value | Raw:
    """Return a value of the data as a person would leave it in a cell of the field.

    What is no value of that kind stays text, so that it is found when the workbook is checked.
    """
    if isinstance(raw, (dict, list)):
        return json.dumps(raw, ensure_ascii=False)
    text = raw if isinstance(raw, str) else str(raw)
    try:
        return column.kind.parse(text, column)
    except ValueError:
        return text
