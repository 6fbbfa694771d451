"""The amounts that an estimate names, each with the words before it in its clause.

What an amount is, is told by these words: an item, a total, a price, last year's cost. All money is in
元. Time grows with the text only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from xltool.prose.quantities import Calculation, Quantity, read

TOTAL = (
    "合计|共计|总计|总共|小计|共需|共|总费用|总金额|总经费|总预算|总投入|总支出|总额|总价|总成本|预计为|预算金额|预算总额"
    "|所需资金|所需经费|所需费用"
)
FILLING = "人民币|约|大约|为|是|需要|需|资金|经费|费用|金额|预算|支出|支付|安排|[:：]"
DETAIL = re.compile("其中|用于|包括|包含|分别|即|含|由|待支付|组成")
_SAYS_TOTAL = re.compile(rf"(?:{TOTAL})(?:{FILLING})*$")
# a total behind the items speaks of all of them: `以上合计`, but not `印刷项目总费用`
_ONLY_TOTAL = re.compile(
    rf"(?:以上|上述|综上|故|因此|各项|全部|本|该|项目|全年|年度|每年|费用|经费|资金|预算|测算|[\d一二两三四五六七八九十]+[项年])*"
    rf"(?:{TOTAL})(?:{FILLING})*"
)
_PRICE = re.compile("每|人均|单价|均价|标准|按|月租|月均|日租")
_OTHER = re.compile(
    "合同|成交|中标|不超过|不高于|不低于|上限|限额|最高|已支|已付|已安排|上年|去年|往年|原合同|总投资|节约|结余"
)
_HALF_FEN = Decimal("0.005")
_BRACKETS = "(（[【", ")）]】"
_SEPARATORS = "，。；;、,\n"


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
class Mention:
    """An amount as it is written, and the words before it in its clause, without spaces.

    `amount` is what it adds to an estimate: None for a price, a guess, or what was spent elsewhere.
    """

    found: Quantity | Calculation
    words: str
    amount: Amount | None

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.found.start

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.found.end

    @property
    def calculated(self) -> bool:
        """Whether it is worked out there: `3台×2万元`."""
        return isinstance(self.found, Calculation)

    @property
    def says_total(self) -> bool:
        """Whether its words say that it is a total, of whatever."""
        return _SAYS_TOTAL.search(self.words) is not None

    @property
    def only_total(self) -> bool:
        """Whether its words say nothing but that it is a total."""
        return _ONLY_TOTAL.fullmatch(self.words) is not None


@lru_cache(maxsize=16384)  # totals, items and phases are told from the same
def mentions(text: str) -> Sequence[Mention]:
    """The amounts and prices of a text that do not stand in brackets: these hold remarks."""
    said: list[Mention] = []
    behind = 0
    for found in read(text):
        if isinstance(found, Quantity) and not (found.money or found.bare):
            continue
        if isinstance(found, Calculation) and not found.money:
            continue
        if found.start < behind or _is_in_brackets(text, found.start):
            continue  # 500元=0.05万元 says one amount twice
        words = re.sub(r"\s", "", text[clause_start(text, found.start, behind) : found.start])
        said.append(Mention(found, words, _amount(found, words)))
        behind = found.end
    return tuple(said)


def _is_in_brackets(text: str, place: int) -> bool:
    """Whether more brackets open before a place than close."""
    opened, closed = (sum(text.count(sign, 0, place) for sign in signs) for signs in _BRACKETS)
    return opened > closed


def clause_start(text: str, start: int, behind: int) -> int:
    """Where the clause before `start` begins: at most 40 characters before it, and not before `behind`."""
    first = max(behind, start - 40)
    return max(first, *(text.rfind(sign, first, start) + 1 for sign in _SEPARATORS))


def stated(found: Quantity | Calculation) -> Amount | None:
    """What is written there as an amount, or what it comes to; None where that cannot be said."""
    said: Quantity | None = found if isinstance(found, Quantity) else found.stated
    if said is not None and (said.money or said.bare):
        if said.about:
            return None
        return Amount(said.value, said.half_unit, found.start, found.end, said.places == 0)
    if isinstance(found, Calculation) and len(found.results) == 1:
        return Amount(found.results[0], _HALF_FEN, found.start, found.end)
    return None


def _amount(found: Quantity | Calculation, words: str) -> Amount | None:
    """The amount, or None for a price, a guess, or an amount that is no part of this estimate."""
    if _OTHER.search(words):
        return None
    if isinstance(found, Quantity) and (set(found.per) - {"年"} or _PRICE.search(words)):
        return None
    return stated(found)
