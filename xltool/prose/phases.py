"""What time each amount of an estimate is for: all years, each year, this one (docs/domain.md §10.3, AMT-021).

`三年共需30万元，每年10万元` says two amounts of one thing. They are no items that add up, and each is to be
compared with the amount of its own phase. `phases` reads a text of which every amount is told by its
clause; it says nothing of any other, whose amounts may be items (`prose.estimates`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from xltool.prose.estimates import is_list
from xltool.prose.mentions import FILLING, TOTAL, Amount, Mention, clause_start, mentions, stated
from xltool.prose.numerals import narrow, number
from xltool.prose.quantities import Quantity

Phase = Literal["whole", "each year", "this year", "sum", "beside it"]

_FEW = "[2-9]|[两二三四五六七八九]"
_N_YEARS = re.compile(
    rf"(?<![\d十第前后近每])(?P<n>{_FEW})个?年(?![级以前后底初内])(?:期|服务|合同|实施|项目)*"
    rf"(?:(?:{TOTAL}|费|经费|资金|预算|总|需)|.{{1,10}}(?:{TOTAL})(?:{FILLING})*$)"
)
_SOME_YEARS = re.compile(rf"(?<![\d十第前后近每])(?:{_FEW})个?年")
_PER_YEARS = re.compile(rf"({_FEW})年")
_FOR_YEARS = re.compile(rf"[ \u3000]*\((?:为期|共|期限|服务期|合同期)?({_FEW})年期?\)")
_SPAN = re.compile(r"(20\d\d)年?度?[-—~～至到]+(20\d\d)年")
_LEAD = "其中|另|并|计划|拟|预计|预算|于|在|用于|即|则|故"
_YEAR_FIRST = re.compile(rf"(?:{_LEAD})*(20\d\d)年")
_ANY_YEAR = re.compile(r"20\d\d(?=年)")
_THIS_YEAR = re.compile("本年|当年|今年|本预算年度|年度预算")
_ANOTHER_YEAR = re.compile(
    "上年|去年|往年|次年|明年|后年|首年|以后|之后|第[一二三四五六]年|上一年|下一?年|以前年度|剩余|其余"
    "|前[一二两三]年|后[一二两三]年"
)
_NOT_SPENT = re.compile("不超过|不高于|不低于|上限|限额|最高|已支|已付|已安排|节约")
_EACH_YEAR = re.compile(
    rf"每年|每个年度|年均|(?:(?<![上下半第])一年|全年|年租金|年费用?|年租)(?:{FILLING})*$"
)
_PRICE = re.compile("每(?!年|个年度)|人均|单价|均价|标准|月租|月均|日租|月付|年薪|按月|单次")
_CONTRACT = re.compile("合同(?:总|期内)?(?:金额|价|额|款总额)|成交|中标|总投资|概算|控制价|批复")
_WHOLE = re.compile(
    rf"(?:本|该|整个)?项目(?:总(?:费用|金额|经费|预算|投入|成本|支出|共需?)|合计|共计|共需)(?:{FILLING})*"
)
_DETAIL = re.compile("其中|用于|包括|包含|分别")
_SAYS_NOTHING = re.compile(rf"(?:即|也就是|折合|计|{FILLING})*")
_CARRIED = re.compile("结转|结余")
_PART_OF_YEAR = re.compile("半年|(?<![0-9])(?:[1-9]|1[013-9])个月|[一二三四五六七八九]个月|尾款|欠")
_TOLD: tuple[Phase, ...] = ("whole", "each year", "this year")
_CLAUSE_ENDS = re.compile("[，,。；;\n]")
_SENTENCE_ENDS = "。；;\n"
_LONGEST = 30  # characters of a quote


@dataclass(frozen=True, slots=True)
class Said:
    """An amount and what it is for, in the words of the text. `years`: of how many a whole is, if told."""

    phase: Phase
    amount: Amount
    quote: str
    years: int | None = None

    @property
    def in_a_year(self) -> Amount:
        """What it comes to in one of its years."""
        return replace(self.amount, value=self.amount.value / (self.years or 1))


@dataclass(frozen=True, slots=True)
class Spent:
    """An amount, its clause up to it, and the rest of the clause."""

    amount: Amount
    clause: str
    rest: str


@dataclass(frozen=True, slots=True)
class Phases:
    """What a text says of a project in each phase. `sums` are totals of it does not say what."""

    whole: Said | None = None
    each_year: Said | None = None
    this_year: Said | None = None
    sums: tuple[Said, ...] = ()


@lru_cache(maxsize=16384)  # several rules ask about the same texts
def phases(text: str, fy: int | None) -> Phases | None:
    """Return what a text says by phase; None where an amount may be an item, or no phase is named."""
    if _CARRIED.search(text) or is_list(text):
        return None
    known: dict[Phase, list[Said]] = {}
    for said in _all_said(text, fy):
        if said is None:
            return None
        known.setdefault(said.phase, []).append(said)
    if any(len({one.amount.value for one in known.get(phase, ())}) > 1 for phase in _TOLD):
        return None
    whole, each, this = (next(iter(known.get(phase, ())), None) for phase in _TOLD)
    if each and not this and _PART_OF_YEAR.search(narrow(text)):
        each = None
    return Phases(whole, each, this, tuple(known.get("sum", ()))) if whole or each or this else None


def names_a_whole(text: str, fy: int | None) -> bool:
    """Return whether an amount is said to be that of several years, or of the whole project."""
    return any(said is not None and said.phase == "whole" for said in _all_said(text, fy))


def spent_this_year(text: str, fy: int | None) -> Iterator[Spent]:
    """Give the amounts of a text that may be those of this year: no prices, contracts, other years."""
    plain, behind = narrow(text), 0
    for mention in mentions(text):
        phase, _ = _phase_of(plain, mention, behind, fy)
        amount, start = stated(mention.found), _clause(plain, mention.start, behind)
        behind = mention.end
        others = phase in ("beside it", "whole") or _SOME_YEARS.search(mention.words)
        if amount is not None and not others:
            rest = _CLAUSE_ENDS.split(text[behind : behind + 40], maxsplit=1)[0]
            yield Spent(amount, text[start:behind].strip(), rest)


def _all_said(text: str, fy: int | None) -> Iterator[Said | None]:
    """Each amount with its phase; None for one that may be an item. Details of an amount are left out."""
    plain, behind, told, detailed = narrow(text), 0, False, False
    for mention in mentions(text):
        between = plain[behind : mention.start]
        told = told and not any(sign in between for sign in _SENTENCE_ENDS)
        detailed = told and (detailed or _DETAIL.search(between) is not None)
        start = _clause(plain, mention.start, behind)
        phase, years = _phase_of(plain, mention, behind, fy)
        amount, behind = stated(mention.found), mention.end
        if phase is None and detailed:
            continue
        told = told or phase in _TOLD
        if phase is None or amount is None:
            yield from () if phase else (None,)
        elif phase != "beside it":
            yield Said(phase, amount, _quote(text, plain, start, mention), years)


def _clause(plain: str, start: int, behind: int) -> int:
    """Where the clause before `start` begins: with the clause before it, if its words say nothing."""
    begin = clause_start(plain, start, behind)
    words = re.sub(r"\s", "", plain[begin:start])
    if begin > behind and plain[begin - 1] in "，,、" and _SAYS_NOTHING.fullmatch(words):
        return clause_start(plain, begin - 1, behind)
    return begin


def _phase_of(
    plain: str, mention: Mention, behind: int, fy: int | None
) -> tuple[Phase | None, int | None]:
    """What an amount is for, and the years of a whole; (None, None) where it may be an item."""
    words = re.sub(r"\s", "", plain[_clause(plain, mention.start, behind) : mention.start])
    per = set(mention.found.per) if isinstance(mention.found, Quantity) else set()
    years = _years(words, per, plain[mention.end : mention.end + 12])
    if _PRICE.search(words) or (per - {"年"} and not years) or _NOT_SPENT.search(words):
        return "beside it", None
    if _CONTRACT.search(words) and "%" not in words:
        return "beside it", None
    if years:
        return "whole", years
    if named := set(_ANY_YEAR.findall(words)):
        first = _YEAR_FIRST.match(words)
        if first is None or len(named) > 1 or fy is None:
            return None, None  # 支付2026年合同尾款: paid when?
        return "this year" if int(first[1]) == fy else "beside it", None
    return _phase_in_words(words, mention, per), None


def _phase_in_words(words: str, mention: Mention, per: Set[str]) -> Phase | None:
    """What an amount is for where no year is named by its number."""
    if _ANOTHER_YEAR.search(words):
        return "beside it"
    if _THIS_YEAR.search(words):
        return "this year"
    if per or _EACH_YEAR.search(words):
        return "each year"
    if _WHOLE.fullmatch(words):
        return "whole"
    return "sum" if mention.says_total else None


def _years(words: str, per: Set[str], behind: str) -> int | None:
    """Of how many years an amount is the total: `三年共需…`, `…万元/三年`, `…万元（三年）`."""
    if span := _SPAN.search(words):
        return max(1, int(span[2]) - int(span[1]) + 1)
    named = [match[1] for unit in per if (match := _PER_YEARS.fullmatch(unit))]
    if not _EACH_YEAR.search(words):  # 每年10万元（三年）
        named += [m[1] for m in (_N_YEARS.search(words), _FOR_YEARS.match(behind)) if m]
    count = number(named[0]) if named else None
    return int(count) if count else None


def _quote(text: str, plain: str, start: int, mention: Mention) -> str:
    """The clause up to the end of an amount, as the text has it; the end of a long one."""
    behind = _FOR_YEARS.match(plain, mention.end)
    said = text[start : behind.end() if behind else mention.end].strip()
    return said if len(said) <= _LONGEST else f"…{said[1 - _LONGEST :]}"
