"""What a campaign may change of a form: attributes of its fields, and how many rows it offers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from xltool.prose.nearest import nearest

if TYPE_CHECKING:
    from xltool.form.model import Form

_MOST_ROWS = 200

# a test of the value of an attribute, and what it should be
_CHANGES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "filled_by": (lambda v: v in ("unit", "system"), '"unit" 或 "system"'),
    "choices": (
        lambda v: isinstance(v, list) and v != [] and all(isinstance(w, str) and w for w in v),
        '文字列表，如 ["甲", "乙"]',
    ),
    "max_chars": (lambda v: type(v) is int and 0 < v <= 32767, "1–32767 的整数"),
    "required": (lambda v: isinstance(v, bool), "true 或 false"),
}


def misfits(
    form: Form, changes: Mapping[str, Any], rows: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """Yield for each change that the form does not take its section of campaign.toml, its key, and in Chinese why.

    `changes` are those of [fields], by field; `rows` those of [rows], by 二级指标 or table.
    """
    for name, change in changes.items():
        if problem := wrong_change(change) or _misfit(form, name, change):
            yield "fields", name, f"[fields.{name}] {problem}"
    levels = {lv2 for table in form.tables.values() for _, lv2, _ in table.catalogue}
    offered = sorted({*levels, *form.capacity})
    for level, count in rows.items():
        if level not in offered:
            meant = nearest(level, offered) or "；"
            words = (
                f"[rows] 表「{form.id}」没有二级指标「{level}」{meant}可用的：{'、'.join(offered)}"
            )
            yield "rows", level, words
        elif type(count) is not int or not 1 <= count <= _MOST_ROWS:
            yield "rows", level, f"[rows] {level} 应为 1–{_MOST_ROWS} 的整数"


def wrong_change(change: object) -> str | None:
    """Return in Chinese what is wrong with one entry of [fields] in campaign.toml, or None."""
    if not isinstance(change, dict) or not set(change) <= set(_CHANGES):
        return f"只能有：{'、'.join(_CHANGES)}"
    for key, value in change.items():
        holds, words = _CHANGES[key]
        if not holds(value):
            return f"{key} 应为 {words}"
    return None


def _misfit(form: Form, name: str, change: Mapping[str, Any]) -> str | None:
    """Return in Chinese why a form does not take a change of a field, or None."""
    fields = [table.fields[name] for table in form.tables.values() if name in table.fields]
    if not fields:
        known = sorted({key for table in form.tables.values() for key in table.fields})
        meant = nearest(name, known) or "；"
        return f"表「{form.id}」没有字段 {name}{meant}可用的字段：{'、'.join(known)}"
    if "choices" in change and fields[0].lists:
        return f"的可选项取自 {fields[0].lists}，请改那个文件"
    for option in change:
        if not any(field.kind.takes(option) for field in fields):
            can = [key for key in _CHANGES if any(f.kind.takes(key) for f in fields)]
            title = fields[0].kind.title or "自定的种类"
            return f"{fields[0].short_label}是{title}，没有 {option}；可以改的：{'、'.join(can)}"
    return None


def tidied(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change as attributes of a field; a cell that the unit fills is no longer computed."""
    free = {"computed": None, "looked_up": None, "new_only": False}
    by_hand = free if change.get("filled_by") == "unit" else {}
    return by_hand | {key: tuple(v) if isinstance(v, list) else v for key, v in change.items()}
