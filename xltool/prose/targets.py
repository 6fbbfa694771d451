"""The 指标值 grammar: what a target value such as `≥95%` or `2027年9月底前` means (docs/domain.md §1.4).

`parse` never fails: what is no quantity is a reference, a placeholder or words. Its `canonical` form
parses to the same kind, operator, value, unit, period and date again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from xltool.prose import target_words as words
from xltool.prose.nothing import NOT_APPLICABLE, is_placeholder, means_not_applicable
from xltool.prose.numerals import narrow
from xltool.prose.target import Kind, Note, Precision, Target
from xltool.prose.target_values import single
from xltool.prose.target_words import SYMBOLS
from xltool.prose.text import SPACES

__all__ = ["Kind", "Note", "Precision", "Target", "elements", "parse"]

_SPACE = re.compile(f"{SPACES}+")
_BREAKS = re.compile(r"[\r\n\x0b\x0c\x85\u2028\u2029]+")
_TAIL = "。；;，,、.．！!:："
_SEPARATORS = re.compile(r"[、，；;。]|,(?![0-9]{3})")
_WITHOUT_ELEMENTS = ("compound", "disjunction", "recurring date")
_THOUSANDS = re.compile(r"(?<=[0-9])，(?=[0-9]{3}(?![0-9]))")


@lru_cache(maxsize=65536)
def parse(text: str, *, lv2: str | None = None, fy: int | None = None) -> Target:
    """What `text` means; `lv2` decides what a bare 万 is, `fy` the year of 12月前. Never raises.

    The grammar and the meaning of every word: docs/domain.md §1.4.
    """
    broken = _BREAKS.sub("；", text.strip())
    bare = _THOUSANDS.sub(",", narrow(_SPACE.sub("", broken)))
    tidy = bare.rstrip(_TAIL)
    if not tidy or is_placeholder(tidy) or is_placeholder(bare):
        return Target("placeholder" if bare else "qualitative", canonical=tidy or bare)
    if means_not_applicable(tidy):
        misspelt: tuple[Note, ...] = () if text == NOT_APPLICABLE else ("misspelt",)
        return Target("na", canonical=NOT_APPLICABLE, notes=misspelt)
    found = _value(tidy, lv2 or "", fy)
    return replace(found, notes=(*found.notes, "punctuation")) if tidy != bare else found


def elements(text: str, lv2: str | None, fy: int | None) -> tuple[str, Decimal | date | str, str]:
    """计算符号, 数值 and 计量单位 of a value, as the finance systems keep them (docs/domain.md §8.2).

    Each is empty where the value has none. Several values in one cell have no elements, nor has what
    no single number says: a range, 1:3, 每月20日前.
    """
    target = parse(text, lv2=lv2, fy=fy)
    if not target.quantified or target.value2 is not None or target.kind in _WITHOUT_ELEMENTS:
        return "", "", ""
    value = target.date if target.value is None else target.value
    unit = "/".join(part for part in (target.unit, target.per) if part)
    return SYMBOLS[target.op] if target.op else "", "" if value is None else value, unit


def _value(text: str, lv2: str, fy: int | None) -> Target:
    """The meaning of a text that is neither 不适用 nor a placeholder.

    A count is no matter of a standard: 按照标准要求发放 does not say how many.
    """
    cost = "成本" in lv2
    text = words.ROUND_THE_CLOCK.sub("24小时/天", text)
    whole = single(text, cost, fy)
    if whole is not None:
        return whole
    if "或" in text:
        sides = [single(part, cost, fy) for part in re.split("或者?", text)]
        known = [side for side in sides if side is not None]
        if len(known) == len(sides):
            return _several("disjunction", known)
    parts = [single(part, cost, fy) for part in _SEPARATORS.split(text) if part]
    atoms = [part for part in parts if part is not None]
    if len(atoms) != len(parts) or not atoms:
        atoms = _embedded(text, cost, fy)
    if len(atoms) > 1:
        return _several("compound", atoms)
    if atoms:
        return replace(atoms[0], notes=tuple(dict.fromkeys((*atoms[0].notes, "embedded"))))
    for op, pattern in words.REFERENCE.items():
        if not (op == "eq" and "数量" in lv2) and pattern.search(text):
            return Target("reference", op, checkable=True, canonical=text)
    return Target("qualitative", canonical=text)


def _embedded(text: str, cost: bool, fy: int | None) -> list[Target]:
    """The values that stand in running text; a year alone is none."""
    found = []
    for match in words.EMBEDDED.finditer(words.CITED.sub("＿", text)):
        target = single(match[0], cost, fy)
        if target is not None and target.quantified:
            found.append(target)
    return found


def _several(kind: Literal["disjunction", "compound"], atoms: Sequence[Target]) -> Target:
    """Several values in one cell; operator and unit where they have one in common."""
    ops, units = {atom.op for atom in atoms}, {atom.unit for atom in atoms}
    either = kind == "disjunction"
    return Target(
        kind,
        op=atoms[0].op if either or len(ops) == 1 else None,
        value=atoms[0].value if either else None,
        value2=atoms[1].value if either else None,
        unit=units.pop() if len(units) == 1 else None,
        atoms=tuple(atoms),
        quantified=any(atom.quantified for atom in atoms),
        checkable=any(atom.checkable for atom in atoms),
        canonical=("或" if either else "、").join(atom.canonical for atom in atoms),
        notes=("split",),
    )
