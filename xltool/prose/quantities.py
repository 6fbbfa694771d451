"""Quantities in prose: `5505套`, `1216.65元/年/套`, `8套*10000元/套=80000元` (docs/domain.md §10.3).

`read` finds quantities and calculations in any text, in reading order. Money is exact, in 元.
Nothing here raises on any text, and the time taken grows with its length only: the text is cut into
tokens once, and each token is looked at a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from xltool.prose.numerals import ARABIC, narrow, number, written
from xltool.prose.units import DURATION, KNOWN, same

_DIGIT = re.compile(r"\d")
_AFTER_NUMBER = re.compile(
    rf"(?P<scale>[十百千]?[万亿]|[百千](?=元))?(?P<unit>{KNOWN})?"
    rf"(?:每(?P<each>{KNOWN}))?(?P<about>余|多|左右)?"
)
_PER = re.compile(KNOWN)
_MONTHS = {"月": 1, "季度": 3, "年": 12}
_PERIODS = {*_MONTHS, "周", "天", "日", "次"}
_TIMES = {*DURATION.values(), "日"}
_OPERATORS = ("times", "equals", "plus", "sign", "slash")
_MOST_FACTORS = 8  # whoever multiplies more does not write prose

_SIGNS = str.maketrans({"＝": "=", "＋": "+", "✕": "*", "╳": "*", "﹡": "*", "【": "(", "】": ")"})
_TOKEN = re.compile(
    r"(?P<space>[ \t\u3000\xa0]+)"
    r"|(?P<times>\*|(?<![A-Za-z])[xX](?=\s?\d))"
    r"|(?P<measure>(?<=\d)(?:[kKch]?m|M)[23](?![A-Za-z0-9]))"
    r"|(?P<code>[A-Za-z]+\d[A-Za-z0-9]*)"
    rf"|(?P<number>(?<![\d.])(?:[¥￥]\s?)?{ARABIC}(?!\d))"
    r"|(?P<digits>\d[\d.,]*)"
    r"|(?P<word>[\u3400-\u9fff]+|[A-Za-z%‰°℃²³μµ㎎-㎥]+)"
    r"|(?P<equals>=)|(?P<plus>\+)|(?P<slash>/)|(?P<sign>[-÷])"
    r"|(?P<open>\()|(?P<close>\))|(?P<other>.)",
    re.DOTALL,
)


_ZERO, _ONE = Decimal(0), Decimal(1)
_SHARES = {"%": Decimal("0.01"), "‰": Decimal("0.001")}


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_END = _Token("end", "", 0, 0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, as written in `text[start:end]`.

    `value` counts 万 and 亿: `1.89万元` is 18900 元. `scale` is what they stand for, `places` the
    decimals shown. `per` are the units after `/` or 每. `about`: the text says 约, 余, 左右.
    """

    value: Decimal
    unit: str
    start: int
    end: int
    scale: Decimal = Decimal(1)
    places: int = 0
    per: tuple[str, ...] = ()
    about: bool = False

    @property
    def money(self) -> bool:
        """True for 元, 万元, 亿元. A bare 万 may be either (see `bare`)."""
        return self.unit == "元"

    @property
    def bare(self) -> bool:
        """True for a number with 万 or 亿 and no unit: mostly money, `水费2万`."""
        return not self.unit and self.scale > 1

    @property
    def half_unit(self) -> Decimal:
        """hu(x): half a unit in the last shown place, in the unit of `value` (docs/domain.md §0.2)."""
        return Decimal("0.5").scaleb(-self.places) * self.scale


@dataclass(frozen=True, slots=True)
class Calculation:
    """Products, perhaps several added up, and what the text says they come to.

    `stated` is None where the text leaves the result to the reader (`6人*1000元`).
    """

    terms: tuple[tuple[Quantity, ...], ...]
    stated: Quantity | None
    start: int
    end: int

    @property
    def money(self) -> bool:
        """True where the result is money."""
        if self.stated is not None and (self.stated.money or self.stated.unit):
            return self.stated.money
        return all(any(factor.money for factor in term) for term in self.terms)

    @property
    def results(self) -> list[Decimal]:
        """What the products may come to, in 元 where money is among the factors; empty if unclear.

        A price for a month with a number of years is meant for twelve months a year.
        """
        plain, yearly = Decimal(0), Decimal(0)
        for term in self.terms:
            value = _product(term)
            if value is None:
                return []
            plain += value
            yearly += value * _months(term)
        return list(dict.fromkeys((plain, yearly)))

    @property
    def holds(self) -> bool | None:
        """Whether the stated result is right to its last shown place; None where it cannot be said."""
        stated, factors = self.stated, [factor for term in self.terms for factor in term]
        if stated is None or not self.results or any(q.about for q in (stated, *factors)):
            return None
        has_money = all(any(factor.money for factor in term) for term in self.terms)
        if not _comparable(factors, stated, has_money):
            return None
        scales = {stated.scale}
        if stated.money and not has_money:  # 4.5*2=9万元: the factors are in 万元, too
            scales.add(Decimal(1))
        gaps = [
            abs(result * stated.scale / scale - stated.value)
            for result in self.results
            for scale in scales
        ]
        if has_money and not stated.unit:  # 1.5万元*2=3
            gaps += [
                abs(result / scale - stated.value)
                for result in self.results
                for scale in self._money_scales()
            ]
        return min(gaps) <= stated.half_unit or self._rounded_price()

    def _money_scales(self) -> set[Decimal]:
        return {factor.scale for term in self.terms for factor in term if factor.money}

    def _rounded_price(self) -> bool:
        """True where the price is the stated result divided by the number, rounded: 133.33*3=400."""
        if self.stated is None or len(self.terms) != 1:
            return False
        for price in self.terms[0]:
            rest = _product([factor for factor in self.terms[0] if factor is not price])
            odd = price.value / price.scale % Decimal("0.1") != 0
            if price.money and price.places >= 2 and odd and rest:
                return abs(self.stated.value / rest - price.value) <= price.half_unit
        return False


@lru_cache(maxsize=16384)  # several rules ask about the same texts
def read(text: str) -> Sequence[Quantity | Calculation]:
    """All quantities and calculations of a text, in order; a remark inside a calculation is skipped.

    What follows an operator whose left side is no quantity belongs to a calculation that cannot be
    understood (`(3+2)*500元`): it is left out.
    """
    if _DIGIT.search(text) is None:
        return ()
    tokens = _tokens(text)
    closing = _closing(tokens)
    found: list[Quantity | Calculation] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind != "number":
            at += 1
            continue
        known = at == 0 or tokens[at - 1].kind not in _OPERATORS
        steps, at, clean = _chain(tokens, closing, at)
        if known and clean:
            found += _understood(steps)
    return tuple(found)


def calculations(text: str) -> list[Calculation]:
    """The calculations of a text."""
    return [found for found in read(text) if isinstance(found, Calculation)]


def money_words(value: Decimal) -> str:
    """Money in 元 as people write it: 万元 from ten thousand on."""
    if abs(value) >= 10000:
        return f"{written(value / 10000)}万元"
    return f"{written(value)}元"


def _tokens(text: str) -> list[_Token]:
    """The tokens of a text, without spaces; positions are those of the text itself."""
    tokens = []
    for match in _TOKEN.finditer(narrow(text).translate(_SIGNS)):
        kind = match.lastgroup
        if kind and kind != "space":
            tokens.append(_Token("word" if kind == "measure" else kind, match[0], *match.span()))
    return tokens


def _closing(tokens: Sequence[_Token]) -> dict[int, int]:
    """The index of the closing bracket for every opening one."""
    pairs, stack = {}, []
    for index, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(index)
        elif token.kind == "close" and stack:
            pairs[stack.pop()] = index
    return pairs


class _Step(NamedTuple):
    """A quantity and the operator that stands before it."""

    operator: str
    quantity: Quantity


def _chain(
    tokens: Sequence[_Token], closing: dict[int, int], at: int
) -> tuple[list[_Step], int, bool]:
    """Quantities joined by operators, from a number on: (steps, index behind, all understood)."""
    steps: list[_Step] = []
    operator = ""
    while True:
        quantity, at, whole = _quantity(tokens, at)
        steps.append(_Step(operator, quantity))
        if not whole:
            return steps, at, True
        behind = closing[at] + 1 if at in closing else at
        token = _get(tokens, behind)
        if behind != at and token.kind not in ("times", "equals", "plus"):
            return steps, at, True  # a remark that ends the calculation: read it on its own
        if _implied(steps, tokens, behind):
            operator, at = "times", behind
        elif token.kind in ("times", "equals", "plus"):
            operator, at = token.kind, behind + 1
            if _get(tokens, at).kind != "number":
                return steps, at, token.kind == "plus"  # 网格+、3个+: a plus may be a word
        else:
            return steps, at, token.kind not in ("sign", "slash")


def _implied(steps: Sequence[_Step], tokens: Sequence[_Token], at: int) -> bool:
    """True where the sign was forgotten: `20元/本200本=4000元`."""
    price = steps[-1].quantity
    if not price.per or _get(tokens, at).kind != "number":
        return False
    count, behind, whole = _quantity(tokens, at)
    return whole and count.unit == price.per[-1] and _get(tokens, behind).kind == "equals"


def _quantity(tokens: Sequence[_Token], at: int) -> tuple[Quantity, int, bool]:
    """The quantity at a number: (quantity, index behind, whether its last word belongs to it)."""
    token, word = tokens[at], _get(tokens, at + 1)
    digits = token.text.lstrip("¥￥ ")
    value = number(digits) or _ZERO
    unit = "元" if digits != token.text else ""
    end, scale = token.end, _ONE
    per: tuple[str, ...] = ()
    about = at > 0 and tokens[at - 1].text.endswith(("约", "近", "大概", "接近"))
    behind, is_whole = at + 1, True
    if word.kind == "word":
        match = _AFTER_NUMBER.match(word.text)
        if match is not None and match[0]:
            scale = _scale_of(match)
            value *= scale
            unit = _unit_of(match) or unit
            end = word.start + match.end()
            per = (same(match["each"]),) if match["each"] else ()
            about = about or match["about"] is not None
            is_whole = match.end() == len(word.text)
        elif len(word.text) <= 4 and _get(tokens, at + 2).kind in ("times", "equals", "slash"):
            unit, end = word.text, word.end
        else:
            is_whole = False
        behind += is_whole
    if is_whole:
        more, end, behind, is_whole = _per(tokens, behind, end)
        per += more
    places = len(digits.partition(".")[2])
    found = Quantity(value, unit, token.start, end, scale, places, per, about)
    return found, behind, is_whole


def _scale_of(match: re.Match[str]) -> Decimal:
    """What the words behind a number multiply it with."""
    if match["unit"] in _SHARES:
        return _SHARES[match["unit"]]
    return (number("1", match["scale"]) if match["scale"] else None) or _ONE


def _unit_of(match: re.Match[str]) -> str:
    """The unit behind a number; nothing where there is none."""
    name = match["unit"] or ""
    return name if name in ("", "日") else same(name)


def _per(tokens: Sequence[_Token], at: int, end: int) -> tuple[tuple[str, ...], int, int, bool]:
    """The units after slashes, `元/年/套`: (these, where they end, index behind, whether the last is whole)."""
    per: tuple[str, ...] = ()
    while _get(tokens, at).kind == "slash":
        word = _get(tokens, at + 1)
        years = _get(tokens, at + 2)
        if word.kind == "number" and years.text == "年":  # 90万元/3年
            per, end = (*per, f"{word.text}年"), years.end
            at += 3
            continue
        if word.kind != "word":
            break
        match = _PER.match(word.text)
        unit = match.group() if match else word.text[:4]
        end = word.start + len(unit)
        per = (*per, same(unit))
        if end < word.end:
            return per, end, at + 1, False
        at += 2
    return per, end, at, True


def _get(tokens: Sequence[_Token], at: int) -> _Token:
    return tokens[at] if at < len(tokens) else _END


def _understood(steps: Sequence[_Step]) -> Iterator[Quantity | Calculation]:
    """The chain as quantities and calculations: a new one begins at what was stated last."""
    terms: list[list[Quantity]] = []
    for operator, quantity in steps:
        if operator == "times":
            terms[-1].append(quantity)
        elif operator == "plus" or not terms:
            terms.append([quantity])
        else:  # equals
            yield _calculation(terms, quantity)
            terms = [[quantity]]
    if len(steps) == 1:
        yield steps[0].quantity
    elif len(terms) > 1 or len(terms[0]) > 1:
        yield _calculation(terms, None)


def _calculation(terms: Sequence[Sequence[Quantity]], stated: Quantity | None) -> Calculation:
    last = stated or terms[-1][-1]
    return Calculation(tuple(map(tuple, terms)), stated, terms[0][0].start, last.end)


def _product(term: Sequence[Quantity]) -> Decimal | None:
    """The product in 元 or in pieces; None where money is multiplied by money, or periods differ."""
    if len(term) > _MOST_FACTORS or sum(factor.money for factor in term) > 1:
        return None
    periods = {factor.unit for factor in term} & _PERIODS
    per = {unit for factor in term for unit in factor.per} & _PERIODS
    if periods and per and not periods & per and not (periods | per) <= set(_MONTHS):
        return None  # a price for a week and a number of months: how many weeks were meant?
    result = Decimal(1)
    for factor in term:
        result *= factor.value
    return result


def _comparable(factors: Sequence[Quantity], stated: Quantity, has_money: bool) -> bool:
    """False where the result is of another kind than the factors: `5本=50元`, `3台*2=18000元`."""
    if len(factors) == 1 and not (has_money and stated.money):
        return False
    if has_money:
        return stated.money or not stated.unit
    if stated.money:  # the price must be among the factors, though written without 元
        return any(not factor.unit for factor in factors)
    times = {factor.unit for factor in factors} & _TIMES
    return stated.unit not in _TIMES or not times or stated.unit in times


def _months(term: Sequence[Quantity]) -> int:
    """12 where a price for a month stands with a number of years, and so on; else 1."""
    periods = {factor.unit for factor in term} & set(_MONTHS)
    per = {unit for factor in term for unit in factor.per} & set(_MONTHS)
    if len(periods) == 1 and len(per) == 1 and periods != per:
        return max(1, _MONTHS[periods.pop()] // _MONTHS[per.pop()])
    return 1
