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
from itertools import accumulate, pairwise

from xltool.prose.numerals import narrow, number
from xltool.prose.quantities import Calculation, Quantity, read

_TOTAL = (
    "合计|共计|总计|总共|小计|共需|共|总费用|总金额|总经费|总预算|总投入|总支出|总额|总价|总成本|预计为|预算金额|预算总额"
    "|所需资金|所需经费|所需费用"
)
_FILLING = "人民币|约|大约|为|是|需要|需|资金|经费|费用|金额|预算|支出|支付|安排|[:：]"
_SAYS_TOTAL = re.compile(rf"(?:{_TOTAL})(?:{_FILLING})*$")
# a total behind the items speaks of all of them: `以上合计`, but not `印刷项目总费用`
_ONLY_TOTAL = re.compile(
    rf"(?:以上|上述|综上|故|因此|各项|全部|本|该|项目|全年|年度|每年|费用|经费|资金|预算|测算|[\d一二两三四五六七八九十]+[项年])*"
    rf"(?:{_TOTAL})(?:{_FILLING})*"
)
_PRICE = re.compile("每|人均|单价|均价|标准|按|月租|月均|日租")
_OTHER = re.compile(
    "合同|成交|中标|不超过|不高于|不低于|上限|限额|最高|已支|已付|已安排|上年|去年|往年|原合同|总投资|节约|结余"
)
_THIS_YEAR = re.compile("本年|当年|今年|首年|年度预算")
_DETAIL = re.compile("其中|用于|包括|包含|分别|即|含|由|待支付|组成")
_REMARK = re.compile(r"[（(][^（(）)]*[）)]")
_LIST_FOLLOWS = re.compile(r"[^。；;]{0,12}?(?:[:：\n]|其中|包括|包含|分别|具体|如下)")
_SOME = re.compile("其中(?! *[:：])")
_HALF_FEN = Decimal("0.005")
_SEPARATORS = "，。；;、,\n"
_MARK = re.compile(
    r"(?:\A|(?<=[\n。；;：:]))[ \u3000]{0,4}(?:(?P<dot>\d{1,2})(?:[.．](?!\d)|、)|[（(](?P<bracket>\d{1,2})[)）]"
    r"|(?P<half>\d{1,2})[)）]|(?P<circle>[①-⑳])|(?P<han>[一二三四五六七八九十]{1,2})、"
    r"|[（(](?P<han_bracket>[一二三四五六七八九十]{1,2})[)）])"
)
_YEARS = re.compile(r"(?<![\d十])([2-9]|[两二三四五六])年(?:期)?(?:共|合计|总|所需|需|预算|实施期)")
_WRITTEN_OUT = re.compile("[一二两三四五六七八九十百千万]元|按.{0,30}[%％]")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money in 元, at `text[start:end]`; `whole`: written without decimals."""

    value: Decimal
    half_unit: Decimal
    start: int
    end: int
    whole: bool = False

    @property
    def slack(self) -> Decimal:
        """What rounding may hide in it as an item: nobody means 3.4 by an item of 3万元."""
        return Decimal(0) if self.whole else self.half_unit


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


@dataclass(frozen=True, slots=True)
class _Mention:
    """An amount and the words before it in its clause; `amount` is None for a price or a guess."""

    amount: Amount | None
    start: int
    end: int
    words: str
    calculated: bool

    @property
    def says_total(self) -> bool:
        return _SAYS_TOTAL.search(self.words) is not None

    @property
    def only_total(self) -> bool:
        return _ONLY_TOTAL.fullmatch(self.words) is not None


@lru_cache(maxsize=16384)  # several rules ask about the same texts
def estimate(text: str) -> Estimate:
    """The total and the items of a text; an empty estimate where nothing can be said."""
    mentions = _mentions(text)
    marks = _marks(text)
    found = _numbered(text, mentions, marks) if len(marks) > 1 else _flat(text, mentions)
    this_year = [m.amount for m in mentions if m.amount and _THIS_YEAR.search(m.words)]
    years = _YEARS.search(narrow(text))
    said = number(years[1]) if years else None
    return replace(found, this_year=tuple(this_year), years=int(said or 1))


def has_basis(text: str) -> bool:
    """True if a text has any amount or price, also in Chinese numerals, or a share of something."""
    for found in read(text):
        if isinstance(found, Calculation) or found.money or found.bare:
            return True
    return _WRITTEN_OUT.search(text) is not None


def _mentions(text: str) -> list[_Mention]:
    """The amounts and prices of a text that do not stand in brackets."""
    depth = list(accumulate((c in "(（[【") - (c in ")）]】") for c in text))
    mentions: list[_Mention] = []
    behind = 0
    for found in read(text):
        if isinstance(found, Quantity) and not (found.money or found.bare):
            continue
        if isinstance(found, Calculation) and not found.money:
            continue
        if found.start < behind or (found.start and depth[found.start - 1] > 0):
            continue  # 500元=0.05万元 says one amount twice; in brackets stand remarks
        window = text[max(behind, found.start - 40) : found.start]
        cut = max(window.rfind(sign) for sign in _SEPARATORS)
        words = re.sub(r"\s", "", window[cut + 1 :])
        amount = _amount(found, words)
        mentions.append(
            _Mention(amount, found.start, found.end, words, isinstance(found, Calculation))
        )
        behind = found.end
    return mentions


def _amount(found: Quantity | Calculation, words: str) -> Amount | None:
    """The amount, or None for a price, a guess, or an amount that is no part of this estimate."""
    if _OTHER.search(words):
        return None
    if isinstance(found, Calculation):
        if found.stated is None or not (found.stated.money or found.stated.bare):
            one = found.results[0] if len(found.results) == 1 else None
            return None if one is None else Amount(one, _HALF_FEN, found.start, found.end)
        said = found.stated
    else:
        said = found
        if set(said.per) - {"年"} or _PRICE.search(words):
            return None
    if said.about:
        return None
    return Amount(said.value, said.half_unit, found.start, found.end, said.places == 0)


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


def _numbered(
    text: str, mentions: Sequence[_Mention], marks: Sequence[tuple[int, int]]
) -> Estimate:
    """A numbered list: the total stands before the first item or behind the last one."""
    starts = [mention.start for mention in mentions]
    bounds = [bisect_left(starts, start) for start, _ in marks]
    lead, items = (
        mentions[: bounds[0]],
        [
            list(mentions[first:last])
            for first, last in zip(bounds, [*bounds[1:], len(mentions)], strict=True)
        ],
    )
    total = lead[0].amount if len(lead) == 1 and _heads(text, lead[0], marks[0][0]) else None
    last = items[-1]
    if len(last) > 1 and last[-1].only_total and _new_sentence(text, last[-1]):
        total = last.pop().amount or total
    values = [_item(text, item) for item in items]
    parts = tuple(value for value in values if value)
    return Estimate(total, parts if len(parts) == len(values) else ())


def _heads(text: str, mention: _Mention, end: int) -> bool:
    """True if an amount before a list is what the list adds up to."""
    rest = text[mention.end : end].strip("，。；;：:、 \n\u3000")
    return mention.says_total or rest == "" or (len(rest) < 12 and bool(_DETAIL.search(rest)))


def _new_sentence(text: str, mention: _Mention) -> bool:
    """True if a sentence begins with the words before an amount, or they say 以上."""
    before = re.sub(r"[ \u3000]+", "", text[max(0, mention.start - 60) : mention.start])
    begun = before.removesuffix(mention.words).endswith(("。", "；", ";", "\n"))
    return begun or mention.words.startswith(("以上", "上述", "综上"))


def _item(text: str, mentions: Sequence[_Mention]) -> Amount | None:
    """The amount of one item: the only one, its own subtotal, or the first before its details."""
    if not mentions:
        return None
    first, last = mentions[0], mentions[-1]
    known = [mention.amount for mention in mentions if mention.amount]
    if first.amount is None:  # a price, and at the end what it comes to
        return last.amount if last.says_total else None
    if last.only_total and last is not first:
        return last.amount
    rest = sum((amount.value for amount in known[1:]), Decimal(0))
    complete = len(known) == len(mentions)
    if (
        last is first
        or _details(text, first.end, mentions[1].start)
        or (complete and rest == first.amount.value)
    ):
        return first.amount
    if complete and all(mention.calculated for mention in mentions):
        slack = sum((amount.half_unit for amount in known), Decimal(0))
        return Amount(first.amount.value + rest, slack, first.start, last.end)
    return None


def _details(text: str, start: int, end: int) -> bool:
    """True if words between two amounts say that the second is a detail of the first."""
    return _DETAIL.search(_REMARK.sub("", text[start:end])) is not None


def _flat(text: str, mentions: Sequence[_Mention]) -> Estimate:
    """A text without numbers: every amount is an item but a total before or behind all others."""
    if not mentions:
        return Estimate()
    first, last = mentions[0], mentions[-1]
    if len(mentions) == 1:
        if first.says_total:
            return Estimate(first.amount)
        return Estimate(None, (first.amount,) if first.amount else ())
    rest = list(mentions)
    total = None
    if first.says_total and _LIST_FOLLOWS.match(text, first.end, mentions[1].start):
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
