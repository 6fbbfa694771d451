"""What an office changed of a form after it issued it, in words: two states of one form side by side."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xltool.fields.field import Field
from xltool.form.edition import Edition
from xltool.form.model import Form, TableView
from xltool.rules.declaring import Rule

_MOST = 6  # differences that are told; of more, their number
_NAMED = 4  # entries of a list of choices that are told
_ATTRIBUTES = {
    "label": "名称",
    "max_chars": "字数",
    "max_bytes": "字节数",
    "places": "小数位数",
    "digits": "位数",
    "minimum": "最小值",
    "maximum": "最大值",
    "unit": "单位",
}


def told_differences(then: Edition, now: Edition, most: int = _MOST) -> str:
    """Return the differences in one sentence, of many the first few; never empty."""
    found = list(dict.fromkeys(differences(then, now)))
    more = f"等 {len(found)} 处" if len(found) > most else ""
    return "；".join(found[:most]) + more


def differences(then: Edition, now: Edition) -> Iterator[str]:
    """Yield what is different in a form now: fields, rows, choices, limits, rules; else that it is the layout."""
    found = [*_version(then.form, now.form), *_tables(then.form, now.form)]
    found += _rules(then.form, now.form)
    yield from found or ["版面上的文字或位置"]


def _version(then: Form, now: Form) -> Iterator[str]:
    if then.version != now.version:
        yield f"版本 {then.version} 改为 {now.version}"


def _tables(then: Form, now: Form) -> Iterator[str]:
    """What is different in fields and rows."""
    for name, table in then.tables.items():
        if name not in now.tables:
            yield f"删去{table.title}"
            continue
        yield from _fields(table, now.tables[name])
        yield from _rows(table, now.tables[name])
        before, after = then.capacity.get(name), now.capacity.get(name)
        if before and after and before != after:
            yield f"{table.title}由 {before} 行改为 {after} 行"
    for name, table in now.tables.items():
        if name not in then.tables:
            yield f"新增{table.title}"


def _fields(then: TableView, now: TableView) -> Iterator[str]:
    for name, field in then.fields.items():
        if name not in now.fields:
            yield f"删去栏目“{field.short_label}”"
        else:
            yield from _field(field, now.fields[name])
    for name, field in now.fields.items():
        if name not in then.fields:
            yield f"新增栏目“{field.short_label}”"


def _field(then: Field, now: Field) -> Iterator[str]:
    """What is different in one field."""
    label = f"“{then.short_label}”"
    if type(then.kind) is not type(now.kind):
        yield f"{label}由{then.kind.title or '自定的种类'}改为{now.kind.title or '自定的种类'}"
    for name, words in _ATTRIBUTES.items():
        before, after = getattr(then, name), getattr(now, name)
        if before != after:
            yield f"{label}的{words}由{_shown(before)}改为{_shown(after)}".rstrip()
    if then.choices != now.choices:
        yield f"{label}的选项{_entries(then.choices, now.choices)}"
    if (then.required, then.required_when) != (now.required, now.required_when):
        yield f"{label}{_need(now)}"
    if then.filled_by != now.filled_by:
        yield f"{label}改由{'单位' if now.filled_by == 'unit' else '系统'}填写"
    if then.new_only != now.new_only:
        yield f"{label}改为{'只有新增项目' if now.new_only else '已列出的项目也'}由单位填写"
    if (then.computed, then.looked_up) != (now.computed, now.looked_up):
        yield f"{label}的公式"


def _need(field: Field) -> str:
    if field.required:
        return "改为必填"
    return "改为按条件必填" if field.required_when else "改为可以不填"


def _shown(value: Any) -> str:
    return "不限" if value is None else f"“{value}”" if isinstance(value, str) else f" {value} "


def _entries(then: Sequence[str], now: Sequence[str]) -> str:
    """How a list of choices is different."""
    gone = [entry for entry in then if entry not in now]
    new = [entry for entry in now if entry not in then]
    words = [f"{verb}“{_few(some)}”" for verb, some in (("删去", gone), ("新增", new)) if some]
    return "、".join(words) or "次序"


def _few(entries: Sequence[str]) -> str:
    more = f"”等 {len(entries)} 项" if len(entries) > _NAMED else ""
    return "”“".join(entries[:_NAMED]) + more.removesuffix("”")


def _rows(then: TableView, now: TableView) -> Iterator[str]:
    """How the rows of a table of indicators are different."""
    before, after = _catalogue(then), _catalogue(now)
    for level, count in before.items():
        if level not in after:
            yield f"删去{level[1]}"
        elif after[level] != count:
            yield f"{level[1]}由 {count} 行改为 {after[level]} 行"
    yield from (f"新增{level[1]}" for level in after if level not in before)


def _catalogue(table: TableView) -> Mapping[tuple[str, str], int]:
    return {(lv1, lv2): rows for lv1, lv2, rows in table.catalogue}


def _rules(then: Form, now: Form) -> Iterator[str]:
    """Which rules are different, by their codes."""
    before, after = _by_code(then), _by_code(now)
    words: dict[str, list[str]] = {"删去": [], "新增": [], "改过": []}
    for code, said in before.items():
        if code not in after:
            words["删去"].append(code)
        elif after[code] != said:
            words["改过"].append(code)
    words["新增"] += [code for code in after if code not in before]
    yield from (f"{verb}规则 {'、'.join(codes)}" for verb, codes in words.items() if codes)


def _by_code(form: Form) -> dict[str, list[object]]:
    """What the rules of a form say, by code: those of its own validator with all their text."""
    found: dict[str, list[object]] = {}
    for rule in form.rules:
        found.setdefault(rule.code, []).append(_said(form, rule))
    return found


def _said(form: Form, rule: Rule) -> object:
    if rule.function.__module__ != form.module.__name__:
        return rule.function.__qualname__
    try:
        return inspect.getsource(rule.function)
    except OSError:
        return rule.message
