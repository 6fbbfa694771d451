"""指标行要达到什么：名称，和读懂了的指标值。供各规则使用，本身没有规则。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import polars as pl

from xltool.fields.measures import judged
from xltool.prose.expectations import Level, canonical_level
from xltool.prose.targets import Target, parse
from xltool.rules import FormTable


@dataclass(frozen=True, slots=True)
class Aim:
    """What an indicator row aims at: its name and what its value means."""

    level: Level | None
    name: str
    target: Target


def target_columns(indicator: FormTable) -> list[str]:
    """The columns that make up the value: one, or sign, number and unit."""
    parts = [name for name in ("target_op", "target", "target_unit") if name in indicator.fields]
    return parts if "target_unit" in parts else ["target"]


def target_text(indicator: FormTable) -> pl.Expr:
    """The value as one text, also where the form has columns for its sign and unit."""
    return pl.concat_str(target_columns(indicator), ignore_nulls=True)


def aimed(indicator: FormTable, judge: Callable[[Aim], str | None]) -> pl.Expr:
    """What `judge` says of each row's aim: a String column, null where it says nothing.

    It says nothing of values that were approved before: the unit cannot change them any more.
    """
    column = indicator.fields["target"]
    approved = column.approved is not None and column.filled_by == "system"
    columns = target_columns(indicator)
    meaning = _no_aim if approved else _aims[columns.index("target")]
    return judged(judge, "lv2", "lv3", "fy", *columns, meaning=meaning)


def _aim(
    own: int, lv2: str | None, name: str | None, fy: int | None, *parts: str | None
) -> Aim | None:
    """The aim of a row; a sign or a unit without value is none, but IND-004."""
    if not parts[own]:
        return None
    target = parse("".join(part for part in parts if part), lv2=lv2, fy=fy)
    return Aim(canonical_level(lv2), name or "", target)


def _no_aim(*_: object) -> None:
    """The aim of a row that was approved before."""


_aims = [partial(_aim, own) for own in range(2)]  # by the place of the value among its columns
