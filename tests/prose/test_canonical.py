"""The canonical spelling of a target value means what the value means, whatever that looks like.

`XLTOOL_GENERATED=100000 pytest tests/prose/test_canonical.py` tries more values than the suite does.
"""

from __future__ import annotations

import os

from target_texts import target_texts

from xltool.prose.targets import Target, parse

COUNT = int(os.environ.get("XLTOOL_GENERATED", "3000"))


def meaning(target: Target) -> tuple[object, ...]:
    """What the canonical spelling must keep."""
    return (
        *(target.kind, target.op, target.value, target.value2, target.unit, target.per),
        *(target.basis, target.date, target.precision, target.quantified, target.checkable),
        *(target.canonical, *map(meaning, target.atoms)),
    )


def test_the_canonical_spelling_means_the_same() -> None:
    """`parse → canonical → parse` changes nothing."""
    unstable, quantified = {}, 0
    for text in target_texts(14, COUNT):
        for lv2 in ("数量指标", "成本指标"):
            once = parse(text, lv2=lv2, fy=2027)
            again = parse(once.canonical, lv2=lv2, fy=2027)
            if meaning(once) != meaning(again):
                unstable[text, lv2] = (once.canonical, again.canonical)
        quantified += once.quantified
    assert unstable == {}
    assert quantified > COUNT * 0.8, "most of what is made up is a quantity"
