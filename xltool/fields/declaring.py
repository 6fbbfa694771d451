"""How a validator declares the fields of a table: `fields.text("项目名称")`, one function for each kind.

An author has this module as `fields` (`from xltool.form import fields`). A name that is declared in a class hides the same
name outside for the rest of it: `amount = fields.amount("金额")` hides nothing that the next line needs.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import pandera.polars as pa

from xltool.errors import OfficeError
from xltool.fields import kinds
from xltool.fields.date import SHOWN
from xltool.fields.kind import OPTIONS_OF_ALL
from xltool.fields.kinds import Field, FilledBy, Kind
from xltool.fields.reading import TO_YUAN

__all__ = ["amount", "choice", "code", "date", "integer", "number", "of_kind", "text"]

_UNITS = ("元", "万元", "亿元")
_UNIT_IN_LABEL = re.compile(r"[（(](?:[^（()）]*[，,、：:；;\s])?(元|万元|亿元)[)）]")


class Options(TypedDict, total=False):
    """What every kind of field may say of itself (see `field.Field`)."""

    required: bool
    required_when: str
    own_blank_rule: bool
    filled_by: FilledBy
    new_only: bool
    prefill: str
    approved: str
    comment: str
    computed: str
    examples: tuple[str, ...]


_OPTIONS = {attribute.name for attribute in dataclasses.fields(Field)}


def _declare(label: str, kind: Kind, dtype: dict[str, Any] | None = None, **options: Any) -> Any:
    """Declare a field of a kind of ours.

    Raises OfficeError for an option that the kind does not take, TypeError for one that there is not.
    """
    for option in options:
        if option in _OPTIONS and not kind.takes(option):
            takes = "、".join((*(kind.options or ()), *OPTIONS_OF_ALL))
            raise OfficeError(
                f"栏目“{label}”是{kind.title}，没有选项 {option}；可用的选项：{takes}"
            )
    return _field(label, kind, dtype, **options)


def _field(label: str, kind: Kind, dtype: dict[str, Any] | None = None, **options: Any) -> Any:
    """A pandera field that carries a `Field` in its metadata."""
    if options.get("computed") or options.get("looked_up"):
        options["filled_by"] = "system"
    if options.get("required") and options.get("required_when"):
        raise ValueError(f"“{label}”：required 和 required_when 只写一个")
    field = Field(name="", label=label, kind=kind, **options)
    return pa.Field(nullable=True, metadata={"field": field}, dtype_kwargs=dtype)


def of_kind(kind: Kind, label: str, **options: Any) -> Any:
    """Declare a field of a kind that a form brings along.

    Takes the kind, the printed label, and any attribute of a `Field` by name.
    """
    return _field(label, kind, **options)


def text(
    label: str,
    *,
    max_chars: int | None = None,
    max_bytes: int | None = None,
    max_chars_severity: str = "error",
    multiline: bool = False,
    lists: str | None = None,
    column: str | None = None,
    looked_up: str | None = None,
    **options: Unpack[Options],
) -> Any:
    """Declare free text of at most `max_chars` 字 and `max_bytes` in a GBK database (docs/domain.md §8.3).

    With `looked_up`, the workbook shows what the list `lists` says of the value of that field.
    """
    return _declare(
        label,
        kinds.Text(),
        max_chars=max_chars,
        max_bytes=max_bytes,
        max_chars_severity=max_chars_severity,
        multiline=multiline,
        lists=lists,
        column=column,
        looked_up=looked_up,
        **options,
    )


def code(label: str, *, digits: int | None = None, **options: Unpack[Options]) -> Any:
    """Declare a code of `digits` digits, or of any length; it is kept as text."""
    return _declare(label, kinds.Code(), digits=digits, **options)


def amount(
    label: str,
    *,
    unit: str | None = None,
    places: int = 2,
    signed: bool = False,
    **options: Unpack[Options],
) -> Any:
    """Declare money with at most `places` decimals.

    Its unit is the one printed in the label, as in 金额（元）; where none is, `unit`, and without that
    万元. Raises OfficeError where label and `unit` contradict each other.
    """
    printed = unit_in(label)
    if printed and unit not in (None, printed):
        raise OfficeError(
            f"栏目“{label}”印的单位是{printed}，unit 写的却是{unit}；请改成一致，或不写 unit"
        )
    unit = printed or unit or "万元"
    if unit not in TO_YUAN:
        raise OfficeError(f"栏目“{label}”的 unit 应为 {'、'.join(_UNITS)}，现为 {unit}")
    dtype = {"precision": 24, "scale": places}
    return _declare(
        label, kinds.Amount(), dtype, unit=unit, places=places, signed=signed, **options
    )


def unit_in(label: str) -> str | None:
    """Return the unit of money that a label has in brackets at its end or before a comma: （万元）."""
    found = _UNIT_IN_LABEL.findall(label)
    return found[-1] if found else None


def number(label: str, *, unit: str = "", places: int = 2, **options: Unpack[Options]) -> Any:
    """Declare a decimal number that is no money (rate, points) with at most `places` decimals."""
    dtype = {"precision": 24, "scale": places}
    return _declare(label, kinds.Number(), dtype, unit=unit, places=places, **options)


def integer(label: str, *, minimum: int, maximum: int, **options: Unpack[Options]) -> Any:
    """Declare a whole number from `minimum` to `maximum`."""
    return _declare(label, kinds.Integer(), minimum=minimum, maximum=maximum, **options)


def choice(
    label: str,
    choices: Sequence[str] = (),
    *,
    choices_open: bool = False,
    lists: str | None = None,
    column: str | None = None,
    of: str | None = None,
    **options: Unpack[Options],
) -> Any:
    """Declare one of `choices`; a campaign may replace the list. `choices_open`: no official list.

    With `lists`, the choices are a column of that CSV of the office; with `of`, of these only the
    entries on whose lines the value of that field stands too.
    """
    return _declare(
        label,
        kinds.Choice(),
        choices=tuple(choices),
        choices_open=choices_open,
        lists=lists,
        column=column,
        of=of,
        **options,
    )


def date(label: str, *, shown: str = "yyyy-mm-dd", **options: Unpack[Options]) -> Any:
    """Declare a calendar day; `shown` is one of `SHOWN`, such as yyyymmdd. Raises ValueError for another one."""
    if shown not in SHOWN:
        raise ValueError(f"date(“{label}”)：shown 只能是 {'、'.join(SHOWN)}")
    return _declare(label, kinds.Date(), shown=shown, **options)
