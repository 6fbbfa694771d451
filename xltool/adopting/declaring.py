"""How a field is declared: its kind and options, from its label, its cell and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xltool.adopting.naming import KnownTable, known_field
from xltool.adopting.number_format import Shown, shown_by
from xltool.adopting.official import Limit, OfficialCell
from xltool.adopting.plan import FieldPlan
from xltool.adopting.roles import Role
from xltool.adopting.words import (
    is_required,
    is_required_sometimes,
    limit_in,
    means_code,
    means_date,
    means_money,
    means_points,
    shows_eight_digits,
    unit_in,
)
from xltool.fields.date import SHOWN
from xltool.fields.field import Field

_TALL = 40.0  # points: two lines and more
USUAL_DATE = "yyyy-mm-dd"
_DECIMAL = ("amount", "number")
_KINDS = {"Text": "text", "Code": "code", "Choice": "choice", "Date": "date"}
_KINDS |= {"Amount": "amount", "Number": "number", "Integer": "integer"}


def declare(
    label: str,
    cell: OfficialCell,
    role: Role,
    height: float,
    unit: str | None,
    *,
    is_rows: bool,
    like: KnownTable | None,
    told: str,
) -> FieldPlan:
    """Return the declaration of the field that stands in a cell; its name may be taken already.

    `told` is the part of the label that says what kind of value it is: of 合计的权重 that is 权重. `height` is that of the cell in points, `unit` the unit of money that the sheet states.
    """
    known = known_field(label, is_rows=is_rows, like=like)
    limit = cell.limit or Limit("any")
    words = (label, cell.comment, limit.prompt)
    plan = FieldPlan(known.name if known else "", label, "text", cells=[cell])
    shown = shown_by(cell.number_format)
    plan.kind = _kind(told, words, cell, limit, shown, known, unit)
    stated_unit = unit_in(told) or unit_in(label) or unit
    if plan.kind == "amount":
        plan.options |= _amount(plan, limit, shown, stated_unit, known)
    elif plan.kind == "number":
        plan.options |= _number(told, shown, known)
    elif plan.kind == "integer":
        plan.options |= _integer(limit)
    elif plan.kind == "date":
        _show_date(plan, shown)
    elif plan.kind == "choice":
        plan.options["choices"] = list(limit.choices)
        plan.options |= {"choices_open": True} if limit.soft else {}
    elif plan.kind == "code" and limit.type == "textLength" and limit.first.isdigit():
        plan.options["digits"] = int(limit.first)
    elif plan.kind == "text":
        plan.options |= _text(cell, limit, words, height)
    _say_who_fills(plan, cell, role, known, words)
    if shown.type == "any" and role is Role.INPUT and plan.kind != "text" and not limit.choices:
        plan.doubts.append("原表的格式是“常规”，种类按标签推定")
    return plan


def _kind(
    label: str,
    words: Sequence[str],
    cell: OfficialCell,
    limit: Limit,
    shown: Shown,
    known: Field | None,
    unit: str | None,
) -> str:
    """The function that declares the field: what its cell says comes first, then its label."""
    named = _KINDS.get(type(known.kind).__name__, "text") if known else ""
    limited = _kind_of_limit(limit)
    if limited:
        return limited
    if shown.type == "date":
        return "date"
    if shown.type == "number" or limit.type == "decimal":
        by_sheet = unit and not shown.percent and not means_points(label)
        is_money = means_money(label) or unit_in(label) or by_sheet
        return named if named in _DECIMAL else "amount" if is_money else "number"
    if shown.type == "text":
        return "code" if named == "code" or (not named and means_code(label)) else "text"
    is_short = cell.rows == 1 and limit_in(" ".join(words)) is None
    return _kind_of_label(label, named, is_short=is_short)


def _kind_of_limit(limit: Limit) -> str:
    """The kind that a data validation states; empty without one."""
    is_number = limit.first.lstrip("-").isdigit()
    if limit.choices:
        return "choice"
    if limit.type == "date":
        return "date"
    if limit.type == "whole" and limit.operator == "between" and is_number:
        return "integer"
    return "code" if limit.type == "textLength" and limit.operator == "equal" and is_number else ""


def _kind_of_label(label: str, named: str, *, is_short: bool) -> str:
    """The kind that a label states, where the cell says nothing; `named` is that of its known field."""
    if means_points(label):
        return "number"
    if named in (*_DECIMAL, "code", "date"):
        return named
    if means_date(label):
        return "date"
    if means_code(label):
        return "code"
    return "amount" if is_short and (unit_in(label) or means_money(label)) else "text"


def _amount(
    plan: FieldPlan, limit: Limit, shown: Shown, unit: str | None, known: Field | None
) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if unit is None:
        unit = known.unit if known and known.unit else "万元"
        plan.doubts.append(f"金额的单位没有印在表上，暂作{unit}")
    if unit not in ("元", "万元"):
        plan.doubts.append(f"金额的单位是{unit}，请确认 unit 能否使用")
    if unit != "万元":
        options["unit"] = unit
    if shown.type == "number" and shown.places != 2:
        options["places"] = shown.places
    if _may_be_negative(limit):
        options["signed"] = True
    return options


def _number(label: str, shown: Shown, known: Field | None) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if shown.percent or "％" in label or "%" in label:
        options["unit"] = "%"
    elif known and known.unit:
        options["unit"] = known.unit
    if shown.type == "number" and shown.places != 2:
        options["places"] = shown.places
    return options


def _show_date(plan: FieldPlan, shown: Shown) -> None:
    """Say how a day is shown, where that is not the usual way."""
    pattern = shown.pattern or ("yyyymmdd" if shows_eight_digits(plan.label) else "")
    if pattern in SHOWN and pattern != USUAL_DATE:
        plan.options["shown"] = pattern
    elif pattern and pattern not in SHOWN:
        plan.doubts.append(f"原表的日期格式是 {pattern}，写成 {USUAL_DATE}")


def _may_be_negative(limit: Limit) -> bool:
    return limit.type == "decimal" and limit.first.startswith("-")


def _integer(limit: Limit) -> dict[str, Any]:
    return {"minimum": int(limit.first), "maximum": int(limit.second or limit.first)}


def _text(cell: OfficialCell, limit: Limit, words: Sequence[str], height: float) -> dict[str, Any]:
    options: dict[str, Any] = {}
    stated = limit.type == "textLength" and limit.first.isdigit() and "ess" in limit.operator
    most = int(limit.first) if stated else limit_in(" ".join(words))
    if most:
        options["max_chars"] = most
    if cell.on_top or height >= _TALL:
        options["multiline"] = True
    return options


def _say_who_fills(
    plan: FieldPlan, cell: OfficialCell, role: Role, known: Field | None, words: Sequence[str]
) -> None:
    """Note whether the unit fills the field, whether it must, and the comment of the official."""
    if cell.comment:
        plan.options["comment"] = cell.comment
    if role is Role.INPUT and any(map(is_required, words)):
        plan.options["required"] = True
    elif any(map(is_required_sometimes, words)):
        plan.doubts.append("批注或提示说有时必填，请写成规则")
    if role is Role.SYSTEM:
        plan.options["filled_by"] = "system"
        if known and known.prefill:
            plan.options["prefill"] = known.prefill
        else:
            plan.doubts.append("原表锁定、空着：由办公室在 projects.csv 里给出，还是由单位填写")
