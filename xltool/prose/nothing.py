"""What units write where there is nothing: the only owner of these words.

A word counts as nothing only in its place. A stroke in a cell for a number is a blank; 无 in the row
of an indicator means 不适用; 没有 as the reason of a deviation is no reason; 略 is no text at all. So
there is one list for each place, and all lists are made of the same few words. Formulas of issued
workbooks hold some of them in their order.
"""

from __future__ import annotations

import re

NOT_APPLICABLE = "不适用"
# A blank in a cell for a number or a date.
STROKES = ("-", "--", "/", "_", "—", "——", "－")
# 不适用 in other words. In a row of indicators they count only where all of its cells are of this kind.
MEANT = ("不适合", "无", "不涉及", "N/A", "n/a", "NA", "/", "—", "——", "-", "－")
NOT_APPLICABLE_WORDS = (NOT_APPLICABLE, *MEANT)
# What stands where nothing is to be reported, perhaps with a mark of punctuation.
NOTHING_GIVEN = ("无", "暂无", "没有", NOT_APPLICABLE, "/", "—", "-")
PUNCTUATION = "。.；;"
# What stands for a text or a value that is still to be written.
_TO_BE_WRITTEN = (
    r"从?略|涉密|不便(?:填写|公开)|暂无|待定|待(?:填写?|补充|完善)|[详请参]?见附[件表].{0,6}|…+|\.{3,}"
    r"|[xX×*＊]{2,}|[?？]"
)
# The words and letters that what says nothing (`is_nothing`) begins with; else it begins with a sign.
EMPTY_BEGINS = "从略涉不暂待详请参见无没同如xX"
_PLACEHOLDER = re.compile(_TO_BE_WRITTEN)
_EMPTY = re.compile(
    rf"{_TO_BE_WRITTEN}|无|没有|[同如见]上|同[左前]|[{re.escape(''.join(STROKES))}]+"
)
# All of them as whole words, for comparing texts: two that say nothing are not the same text.
WORDS = tuple(dict.fromkeys((NOT_APPLICABLE, *MEANT, *NOTHING_GIVEN, *STROKES, "略")))


def means_not_applicable(text: str) -> bool:
    """True for 不适用 and for what units write instead of it. Takes a text without outer spaces."""
    return text == NOT_APPLICABLE or text in MEANT or text in STROKES


def is_placeholder(text: str) -> bool:
    """True for what stands for a text still to be written: 略, 待定, 见附件, XX, ……."""
    return _PLACEHOLDER.fullmatch(text) is not None


def is_nothing(text: str) -> bool:
    """True for a text that says nothing: a placeholder, 无, 同上, 同左, a stroke.

    不适用 is not among them: it may well be what is to be said.
    """
    return _EMPTY.fullmatch(text) is not None
