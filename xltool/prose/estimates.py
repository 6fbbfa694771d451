"""What a 测算依据 adds up: the stated total and the amounts of the items on one level (AMT-020…022).

`estimate` reads a text as its writer means it, or says that it cannot: prose has many ways to name
an amount that is no item (a price, a detail of the item before, last year's cost), and a sum over
the wrong amounts would be a false alarm. All money is in 元. Time grows with the text only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from xltool.prose.mentions import DETAIL, Amount, Mention, mentions
from xltool.prose.numerals import narrow, number
from xltool.prose.quantities import Calculation, read

__all__ = ["Amount", "Estimate", "estimate", "has_basis", "is_list"]

_THIS_YEAR = re.compile("本年|当年|今年|首年|年度预算")
_REMARK = re.compile(r"[（(][^（(）)]*[）)]")
_LIST_FOLLOWS = re.compile(r"[^。；;]{0,12}?(?:[:：\n]|其中|包括|包含|分别|具体|如下)")
_SOME = re.compile("其中(?! *[:：])")
_MARK = re.compile(
    r"(?:\A|(?<=[\n。；;：:]))[ \u3000]{0,4}(?:(?P<dot>\d{1,2})(?:[.．](?!\d)|、)|[（(](?P<bracket>\d{1,2})[)）]"
    r"|(?P<half>\d{1,2})[)）]|(?P<circle>[①-⑳])|(?P<han>[一二三四五六七八九十]{1,2})、"
    r"|[（(](?P<han_bracket>[一二三四五六七八九十]{1,2})[)）])"
)
_YEARS = re.compile(
    r"(?<![\d十])([2-9]|[两二三四五六])年(?:期)?(?:共|合计|总|所需|需|预算|实施期|支付|付清|拨付|完成|实施)"
)
_WRITTEN_OUT = re.compile("[一二两三四五六七八九十百千万]元|按.{0,30}[%％]")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a text adds up. `parts` is empty where it is unclear which amounts are the items.

    `some`: the items are introduced by 其中 and need not be all. `this_year` are amounts said to be
    those of the year; `years` is the n of 「n年共需」.
    """

    total: Amount | None = None
    parts: tuple[Amount, ...] = ()
    some: bool = False
    this_year: tuple[Amount, ...] = ()
    years: int = 1

    @property
    def sum(self) -> Amount | None:
        """The items added up, with the rounding that their shown decimals allow."""
        if not self.parts:
            return None
        value = sum((part.value for part in self.parts), Decimal(0))
        slack = sum((part.slack for part in self.parts), Decimal(0))
        return Amount(value, slack, self.parts[0].start, self.parts[-1].end)

    @property
    def adds_up(self) -> bool | None:
        """Whether the stated total is the sum of the items; None where it cannot be said."""
        if self.total is None or self.sum is None or len(self.parts) < 2:
            return None
        allowed = self.total.half_unit + self.sum.half_unit
        gaps = [self.sum.value * years - self.total.value for years in {1, self.years}]
        if self.some and min(gaps) < -allowed:
            return None
        return any(abs(gap) <= allowed for gap in gaps)


@lru_cache(maxsize=16384)  # several rules ask about the same texts
def estimate(text: str) -> Estimate:
    """The total and the items of a text; an empty estimate where nothing can be said."""
    said = mentions(text)
    marks = _marks(text)
    found = _numbered(text, said, marks) if len(marks) > 1 else _flat(text, said)
    this_year = [m.amount for m in said if m.amount and _THIS_YEAR.search(m.words)]
    years = _YEARS.search(narrow(text))
    count = number(years[1]) if years else None
    return replace(found, this_year=tuple(this_year), years=int(count or 1))


def has_basis(text: str) -> bool:
    """True if a text has any amount or price, also in Chinese numerals, or a share of something."""
    for found in read(text):
        if isinstance(found, Calculation) or found.money or found.bare:
            return True
    return _WRITTEN_OUT.search(text) is not None


def is_list(text: str) -> bool:
    """Return whether a text is a numbered list of items."""
    return len(_marks(text)) > 1


def _marks(text: str) -> list[tuple[int, int]]:
    """(start, end) of the item numbers of the first kind of numbering that the text uses."""
    marks: list[tuple[int, int]] = []
    style = None
    for match in _MARK.finditer(text):
        if (
            style in (None, match.lastgroup)
            and _ordinal(match[match.lastgroup or 0]) == len(marks) + 1
        ):
            style = match.lastgroup
            marks.append(match.span())
    return marks


def _ordinal(mark: str) -> int:
    if mark in "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳":
        return ord(mark) - ord("①") + 1
    return int(number(mark) or 0)


def _numbered(text: str, said: Sequence[Mention], marks: Sequence[tuple[int, int]]) -> Estimate:
    """A numbered list: the total stands before the first item or behind the last one."""
    starts = [mention.start for mention in said]
    bounds = [bisect_left(starts, start) for start, _ in marks]
    lead, items = (
        said[: bounds[0]],
        [
            list(said[first:last])
            for first, last in zip(bounds, [*bounds[1:], len(said)], strict=True)
        ],
    )
    total = lead[0].amount if len(lead) == 1 and _heads(text, lead[0], marks[0][0]) else None
    last = items[-1]
    if len(last) > 1 and last[-1].only_total and _new_sentence(text, last[-1]):
        total = last.pop().amount or total
    values = [_item(text, item) for item in items]
    parts = tuple(value for value in values if value)
    return Estimate(total, parts if len(parts) == len(values) else ())


def _heads(text: str, mention: Mention, end: int) -> bool:
    """True if an amount before a list is what the list adds up to."""
    rest = text[mention.end : end].strip("，。；;：:、 \n\u3000")
    return mention.says_total or rest == "" or (len(rest) < 12 and bool(DETAIL.search(rest)))


def _new_sentence(text: str, mention: Mention) -> bool:
    """True if a sentence begins with the words before an amount, or they say 以上."""
    before = re.sub(r"[ \u3000]+", "", text[max(0, mention.start - 60) : mention.start])
    begun = before.removesuffix(mention.words).endswith(("。", "；", ";", "\n"))
    return begun or mention.words.startswith(("以上", "上述", "综上"))


def _item(text: str, said: Sequence[Mention]) -> Amount | None:
    """The amount of one item: the only one, its own subtotal, or the first before its details."""
    if not said:
        return None
    first, last = said[0], said[-1]
    known = [mention.amount for mention in said if mention.amount]
    if first.amount is None:  # a price, and at the end what it comes to
        return last.amount if last.says_total else None
    if last.only_total and last is not first:
        return last.amount
    rest = sum((amount.value for amount in known[1:]), Decimal(0))
    complete = len(known) == len(said)
    if (
        last is first
        or _details(text, first.end, said[1].start)
        or (complete and rest == first.amount.value)
    ):
        return first.amount
    if complete and all(mention.calculated for mention in said):
        slack = sum((amount.half_unit for amount in known), Decimal(0))
        return Amount(first.amount.value + rest, slack, first.start, last.end)
    return None


def _details(text: str, start: int, end: int) -> bool:
    """True if words between two amounts say that the second is a detail of the first."""
    return DETAIL.search(_REMARK.sub("", text[start:end])) is not None


def _flat(text: str, said: Sequence[Mention]) -> Estimate:
    """A text without numbers: every amount is an item but a total before or behind all others."""
    if not said:
        return Estimate()
    first, last = said[0], said[-1]
    if len(said) == 1:
        if first.says_total:
            return Estimate(first.amount)
        return Estimate(None, (first.amount,) if first.amount else ())
    rest = list(said)
    total = None
    if first.says_total and _LIST_FOLLOWS.match(text, first.end, said[1].start):
        total = rest.pop(0)
    elif last.only_total:
        total = rest.pop()
    gaps = [(a.end, b.start) for a, b in pairwise(rest)]
    clear = all(mention.amount and not mention.says_total for mention in rest) or (
        total is None and all(mention.amount for mention in rest)
    )
    if not clear or any(_details(text, a, b) for a, b in gaps):
        return Estimate(total.amount if total else None)
    some = bool(total and _SOME.search(text, total.end, rest[0].start))
    parts = tuple(mention.amount for mention in rest if mention.amount)
    return Estimate(total.amount if total else None, parts, some)
