"""From what a kind may remark to the rule on it: a rule on the fact table `cell`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from xltool.fields.field import Field
from xltool.fields.reading import Raw
from xltool.fields.remarks import Remark
from xltool.rules.declaring import FormTable, Rule, in_order, rule

_NEEDED = ("code", "rule", "message", "hint", "documentation")
# What stands in cells, to try a kind with: whatever it remarks of these must have a rule.
_SAMPLES: tuple[Raw, ...] = (
    *(None, "", " ", "　", "-", "不适用", "甲", " 甲 ", "a b", "\x07甲", "甲\u200b", "x" * 3000),
    *("0", "1", "１", "'1", "-1", "1.5", "12.345", "1,000", "12万元", "12元", "99999", "9" * 21),
    *("2027-01-01", "2027/1/1", "2027-02-30", "是", "13800138000", "0755-12345678", "a@b.cn"),
    *(0, 1, -1, 5, 100, 46388, 10**15, 13800138000, 1.5, 12.345, 4.4e20, float("nan")),
    *(True, False),
)


@cache
def rule_on(remark: Remark) -> Rule:
    """Return the rule of a remark, always the same one for the same remark.

    Raises TypeError where the remark does not say all that a rule must say.
    """
    missing = [name for name in _NEEDED if not getattr(remark, name)]
    if missing:
        raise TypeError(f"the remark “{remark.name}” declares no rule: no {', '.join(missing)}")

    def finds(cell: FormTable) -> pl.Expr:  # noqa: ARG001
        return pl.col("remark") == remark.name

    finds.__name__ = remark.rule
    finds.__doc__ = remark.documentation
    declare = rule(
        remark.code,
        on="cell",
        severity=remark.severity,
        message=remark.message,
        hint=remark.hint,
        integrity=remark.integrity,
        mended=remark.mended,
    )
    return declare(finds)


def rules_on_remarks(fields: Iterable[Field]) -> list[Rule]:
    """Return the rules on all that reading the cells of these fields can remark.

    Each kind is tried with all sorts of contents. Raises UndeclaredRemarkError where it remarks
    something without declaring a rule for it, and TypeError where the rule is incomplete: what is
    remarked would never become a finding.
    """
    declared: dict[Remark, None] = {}
    for field in fields:
        declared |= dict.fromkeys(field.remarks)
        for raw in _SAMPLES:
            field.read(raw)
    return in_order(rule_on(remark) for remark in declared)
