"""The rules for people: a list, and one page per code, from the rules' own documentation."""

from __future__ import annotations

import re
from pathlib import Path

from xltool.errors import OfficeError
from xltool.facts import FACT_TABLES
from xltool.findings import WORDS
from xltool.forms import form_ids, load_form
from xltool.rules import Rule

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
    "required": "必填",
}


def list_rules(form_id: str | None, own: Path | None) -> str:
    """One line per code. Raises OfficeError for an unknown form."""
    lines = []
    for code, found in _by_code(form_id, own).items():
        severity = "／".join(dict.fromkeys(_severity(rule) for rule, _ in found))
        lines.append(f"{code}  {severity:<4}  {found[0][0].title}")
    return "\n".join(lines)


def describe_rule(code: str, form_id: str | None, own: Path | None) -> str:
    """Everything about one code. Raises OfficeError when there is no such rule."""
    found = _by_code(form_id, own).get(code.upper())
    if not found:
        raise OfficeError(f"没有规则 {code}；用 xltool rules 查看全部规则")
    parts = []
    for rule, forms in found:
        parts.append(f"{rule.code}（{_severity(rule)}）  适用：{'、'.join(forms)}")
        parts.append(rule.documentation)
        table = _example_table(rule, own)
        if table:
            parts.append(table)
        if rule.message:
            words = re.sub(r"\{.*?\}", "…", f"{rule.message}。{rule.hint}。")
            parts.append(f"提示语：{words}")
        parts.append("")
    return "\n".join(parts).rstrip()


def _severity(rule: Rule) -> str:
    return "按栏目" if callable(rule.severity) else WORDS[rule.severity]


def _by_code(form_id: str | None, own: Path | None) -> dict[str, list[tuple[Rule, list[str]]]]:
    """Code → its rules, each with the forms that have it."""
    ids = [form_id] if form_id else form_ids(own)
    found: dict[int, tuple[Rule, list[str]]] = {}
    for name in ids:
        for rule in load_form(name, own).rules:
            found.setdefault(id(rule), (rule, []))[1].append(name)
    by_code: dict[str, list[tuple[Rule, list[str]]]] = {}
    for rule, forms in sorted(found.values(), key=lambda pair: pair[0].code):
        by_code.setdefault(rule.code, []).append((rule, forms))
    return by_code


def _example_table(rule: Rule, own: Path | None) -> str:
    if not rule.examples.rows:
        return ""
    labels = dict(_COLUMNS)
    for table in FACT_TABLES.values():
        labels.update({name: field.short_label for name, field in table.fields.items()})
    for name in form_ids(own):
        form = load_form(name, own)
        if rule in form.rules and rule.on in form.tables:
            fields = form.tables[str(rule.on)].fields
            labels.update({key: field.short_label for key, field in fields.items()})
    header = [labels.get(word, word) for word in rule.examples.header]
    words = {"ok": "通过", "bad": "不通过"}
    lines = ["例：", "  " + " | ".join([*header, "结果"])]
    lines += [
        "  " + " | ".join([*(cell or "（空）" for cell in cells), words[verdict]])
        for cells, verdict in rule.examples.rows
    ]
    return "\n".join(lines)
