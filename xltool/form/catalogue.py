"""The catalogue of rules, for people: a list, a page for each code, and `validators/README.md`.

Everything in it comes from the rules themselves: their docstrings, example tables and messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.loading import form_ids, load_form
from xltool.rules.declaring import SEVERITIES, Rule
from xltool.rules.findings import WORDS

_COLUMNS = {
    "lv1": "一级指标",
    "lv2": "二级指标",
    "lv3": "指标名称",
    "target": "指标值",
    "note": "说明",
    "record": "项目序号",
    "workbook": "工作簿",
    "unit_code": "单位代码",
    "fy": "年度",
    "district": "行政区划",
    "department_code": "部门代码",
    "max_chars": "字数上限",
    "max_bytes": "字节上限",
    "choices": "可选项",
    "digits": "位数",
    "computed": "公式",
    "required": "必填",
}


def list_rules(form_id: str | None, own: Path | None) -> str:
    """Return one line for each code: the code, its severities in Chinese, its first sentence.

    `form_id` limits the list to one form, and adds what this form does without, and why; `own` is the
    folder of a campaign with forms of its own.
    Raises OfficeError for an unknown form.
    """
    lines = []
    for code, found in _by_code(form_id, own).items():
        severity = "／".join(dict.fromkeys(_severity(rule) for rule, _ in found))
        lines.append(f"{code}  {severity:<4}  {found[0][0].title}")
    left_out = load_form(form_id, own).left_out if form_id else ()
    lines += [f"{one.rule.code}  不检查  {one.rule.title}（{one.reason}）" for one in left_out]
    return "\n".join(lines)


def describe_rule(code: str, form_id: str | None, own: Path | None) -> str:
    """Return everything about one code as text: its rules, their forms, examples and messages.

    `form_id` and `own` are as for `list_rules`. Raises OfficeError when there is no such rule.
    """
    found = _by_code(form_id, own).get(code.upper())
    if not found:
        raise OfficeError(f"没有规则 {code}；用 xltool rules 查看全部规则")
    parts = []
    for rule, forms in found:
        parts.append(f"{rule.code}（{_standing(rule)}）  适用：{'、'.join(forms)}")
        parts.append(rule.documentation)
        header, rows = _examples(rule, own)
        if rows:
            parts.append("例：")
            parts += ["  " + " | ".join(cells) for cells in (header, *rows)]
        parts.append(f"提示语：{_wording(rule)}")
        parts += _says_also(rule)
        parts.append("")
    if all(rule.integrity for rule, _ in found):
        parts.append("这条规则不能豁免，也不能调整或关闭")
        return "\n".join(parts)
    parts.append(f'调整或关闭：在 campaign.toml 的 [severity] 中写 "{code.upper()}" = "off"')
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule of a code, for the page of a run.

    `severity` is the Chinese word; `title` the rule in one sentence, `why` the rest of its
    documentation; `message` and `hint` are what a finding says, with … for the values; `header` and
    `rows` are the example table, the verdict in the last column.
    """

    severity: str
    title: str
    why: str
    message: str
    hint: str
    header: list[str]
    rows: list[list[str]]


def explanations(codes: Iterable[str], own: Path | None) -> dict[str, list[Explanation]]:
    """Return the rules of some codes by code, the gravest first.

    A code that belongs to no rule (`ROUND`) is left out. `own` is as for `list_rules`.
    """
    rules = _by_code(None, own)
    found = {code: [rule for rule, _ in rules[code]] for code in codes if code in rules}
    return {
        code: [_explain(rule, own) for rule in sorted(several, key=_gravity)]
        for code, several in found.items()
    }


def _gravity(rule: Rule) -> int:
    return 0 if callable(rule.severity) else SEVERITIES.index(rule.severity)


def _explain(rule: Rule, own: Path | None) -> Explanation:
    title, _, why = rule.documentation.partition("\n")
    header, rows = _examples(rule, own)
    words = (_without_values(rule.message), _without_values(rule.hint))
    return Explanation(_severity(rule), title, why.strip(), *words, header, rows)


def as_markdown() -> str:
    """Return the catalogue of all built-in rules in Markdown; `make docs` writes it to a file."""
    lines = [_PREFACE]
    groups: dict[str, list[str]] = {}
    rules = _by_code(None, None)
    for code in rules:
        groups.setdefault(code.split("-")[0], []).append(code)
    titles = {form_id: load_form(form_id).title for form_id in form_ids()}
    for group, codes in groups.items():
        lines += [f"## {_GROUPS.get(group, group)}（{group}）", ""]
        for code in codes:
            lines.append(f"### {code}")
            for rule, forms in rules[code]:
                lines += ["", *_entry(rule, forms, titles)]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _entry(rule: Rule, forms: list[str], titles: dict[str, str]) -> list[str]:
    """The lines of one rule of a code in Markdown."""
    everywhere = len(forms) == len(titles)
    names = "所有的表" if everywhere else "、".join(f"`{name}`" for name in forms)
    first, _, rest = rule.documentation.partition("\n")
    lines = [f"**{_standing(rule)}**：{first}", *(["", rest.strip()] if rest.strip() else [])]
    header, rows = _examples(rule, None)
    if rows:
        lines += ["", *_table(header, rows)]
    for line in (f"提示语：{_wording(rule)}", *_says_also(rule), f"适用：{names}"):
        lines += ["", line]
    return lines


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    cells.insert(1, ["---"] * len(header))
    return [f"| {' | '.join(row)} |" for row in cells]


def _wording(rule: Rule) -> str:
    """Message and hint, with … for the values."""
    message = rule.message or "应满足上面的等式，写明各栏的数，相差 …"
    return _without_values(f"{message}。{rule.hint}。")


def _says_also(rule: Rule) -> list[str]:
    """A line with the rules whose findings this one's stand for, if there are any."""
    if not rule.says_also:
        return []
    codes: dict[str, list[str]] = {}
    for code, scope in rule.says_also.items():
        codes.setdefault(scope, []).append(code)
    where = (f"{_SCOPES[scope]}的 {'、'.join(several)}" for scope, several in codes.items())
    return [f"已包含，不再另说：{'，'.join(where)}"]


def _without_values(words: str) -> str:
    return re.sub(r"\{.*?\}", "…", words)


def _severity(rule: Rule) -> str:
    word = "按栏目" if callable(rule.severity) else WORDS[rule.severity]
    return word if rule.enabled else f"{word}，默认关闭"


def _standing(rule: Rule) -> str:
    """The severity, and whether an office may change it."""
    return _severity(rule) + ("，不能豁免或调整" if rule.integrity else "")


def _by_code(form_id: str | None, own: Path | None) -> dict[str, list[tuple[Rule, list[str]]]]:
    """The rules of one form, or of all, by code; each with the ids of the forms that have it."""
    ids = [form_id] if form_id else form_ids(own)
    found: dict[int, tuple[Rule, list[str]]] = {}
    for name in ids:
        form = load_form(name, own)
        for rule in form.rules:
            if rule.each is None or any(map(rule.each, form.all_fields)):
                found.setdefault(id(rule), (rule, []))[1].append(name)
    by_code: dict[str, list[tuple[Rule, list[str]]]] = {}
    for rule, forms in sorted(found.values(), key=lambda pair: pair[0].code):
        by_code.setdefault(rule.code, []).append((rule, forms))
    return by_code


def _examples(rule: Rule, own: Path | None) -> tuple[list[str], list[list[str]]]:
    """A rule's example table in the words of the form: its heading, its rows with the verdict."""
    labels = dict(_COLUMNS)
    for table in FACT_TABLES.values():
        labels.update({name: field.short_label for name, field in table.fields.items()})
    for name in form_ids(own):
        form = load_form(name, own)
        if rule in form.rules and rule.on in form.tables:
            table = form.tables[str(rule.on)]
            labels.update(table.related)
            labels.update({key: field.short_label for key, field in table.fields.items()})
    words = {"ok": "通过", "bad": "不通过"}
    header = [labels.get(word, word) for word in rule.examples.header]
    rows = [
        [*(cell or "（空）" for cell in cells), words[verdict]]
        for cells, verdict in rule.examples.rows
    ]
    return [*header, "结果"], rows


_SCOPES = {"cell": "同一单元格", "row": "同一行", "record": "同一项目"}
_GROUPS = {
    "TPL": "表格完整性",
    "TXT": "文本",
    "AMT": "金额",
    "IND": "指标",
    "VAL": "指标值",
    "COD": "项目编码",
    "DAT": "日期",
    "DUP": "重复",
    "SE": "自评",
    "BD": "部门预算",
    "OA": "单位整体",
    "XW": "跨单位核对",
    "OPI": "本级意见",
}
_PREFACE = """\
# 规则目录

由规则本身的说明生成（`make docs`），请勿手改；要改说明，请改规则函数的文档。

错误：不能合并。提醒：须审核人员接受后才能合并。提示：不影响合并。规则的程度可以在填报文件夹的
`campaign.toml` 中调整或关闭；标明“不能豁免或调整”的除外，它们查的是交回的表是否原样读到：

```toml
[severity]
"TXT-003" = "info"      # error、warning、info 或 off；默认关闭的规则写上程度即启用
```
"""
