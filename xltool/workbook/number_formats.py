"""What a number format makes of a value: whether people see another figure than is stored.

A format may scale (`#,##0,` shows 50000 as 50), invent (`0!.0000` shows it as 5.0000, `"100.00"` shows
anything as 100.00) or hide (`;;;`). Rounding is none of that: a cell shows as many places as it shows.
Formats are written as in a file (ECMA-376 part 1, §18.8.31); `!` is an escape like the backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property, lru_cache

from xltool.fields.reading import Raw, from_float

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)|[\\!](?P<escaped>.)|_(?P<padding>.)|\*(?P<fill>.)|(?P<bracket>\[[^\]]*\]?)
    |(?P<general>General|G/通用格式)|(?P<exponent>E[+-])|(?P<clock>AM/PM|A/P|上午/下午)
    |(?P<mark>[0#?.,%@/])|(?P<date>[ymdhsegba])|(?P<plain>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"\[\s*(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\s*\]")
_CURRENCY = re.compile(r"\[\$([^\]-]*)[^\]]*\]")
_NUMERALS = re.compile(r"\[\s*DBNum\d*|\[\$-[0-9A-F]{5,}", re.IGNORECASE)
_ELAPSED = re.compile(r"\[\s*(?:h+|m+|s+)\s*\]", re.IGNORECASE)
# what a literal must not hold: digits, a power of ten, part of a hundred
_INVENTS = re.compile(
    r"[\d〇零一二三四五六七八九十百千万亿兆壹贰叁肆伍陆柒捌玖拾佰仟萬億%％‰]|[kKM]$"
)
_MINUS = "-−－(（△▲"
_POINTS = ".,．，。、·"
_EXACT = Context(prec=2000)  # digits: a cell holds up to 1E+308, a format some 250 decimals
_LONGEST = 255  # characters of a format, Excel's limit
_MOST_DIGITS = 40
# sections of formats that show every value as it is stored, rounded: most there are
_HARMLESS = re.compile(
    r"""(?:_[ ()\-]|\ |\\[ ()\-$¥￥]|"[¥￥$]"|[¥￥$]|\[\$[¥￥$]?(?:-[0-9A-F]{1,4})?\]|\*\ )*
    (?:General|@|(?:\#,\#\#)?0(?:\.0+)?|\#,\#\#0|0+)
    (?:_[ ()\-])*""",
    re.VERBOSE | re.IGNORECASE,
)
_DATES = re.compile(
    r"""(?:\[\$-[0-9A-F]{1,4}\])?[ymd](?:[ymdhs/:\-. ]|\\[ \-./]|"[年月日]"|[年月日])*(?:;@)?""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # digit, point, comma, percent, text (of the cell), general, date, literal, space
    text: str


@dataclass(frozen=True)
class _Section:
    """One of the up to four sections of a format."""

    tokens: tuple[_Token, ...]
    condition: tuple[str, Decimal] | None = None
    numerals: bool = False  # shows digits of another script
    special: bool = False  # an exponent or a fraction

    def has(self, kind: str) -> bool:
        """True if a token of this kind is there."""
        return any(token.kind == kind for token in self.tokens)

    @cached_property
    def digits(self) -> list[int]:
        """The places of the digits among the tokens."""
        return [n for n, token in enumerate(self.tokens) if token.kind == "digit"]

    @cached_property
    def scale(self) -> int:
        """The power of ten by which a number is multiplied before it is shown."""
        percents = sum(token.kind == "percent" for token in self.tokens)
        return 2 * percents - 3 * len(self._scaling)

    @cached_property
    def _scaling(self) -> list[int]:
        """The places of commas that divide by a thousand: those right behind a digit that no digit follows."""
        found = []
        whole = [n for n in self.digits if n < self.point]
        last = max(whole, default=-1)
        place = last + 1
        while last >= 0 and place < len(self.tokens) and self.tokens[place].kind == "comma":
            found.append(place)
            place += 1
        if self.digits and self.digits[-1] != last:  # behind the decimals
            place = self.digits[-1] + 1
            while place < len(self.tokens) and self.tokens[place].kind == "comma":
                found.append(place)
                place += 1
        return found

    @cached_property
    def point(self) -> int:
        """The place of the decimal point; behind the end where there is none."""
        return next(
            (n for n, token in enumerate(self.tokens) if token.kind == "point"), len(self.tokens)
        )

    @cached_property
    def literals(self) -> str:
        """All literal text."""
        return "".join(token.text for token in self.tokens if token.kind == "literal")

    @cached_property
    def cut_by_literal(self) -> bool:
        """True if something like a decimal point stands among the digits as mere text."""
        if not self.digits:
            return False
        inner = self.tokens[self.digits[0] : self.digits[-1]]
        return any(t.kind == "literal" and set(t.text) & set(_POINTS) for t in inner)

    def render(self, number: Decimal, *, minus: bool) -> str:
        """What the section shows of a number that is not negative."""
        scaled = _EXACT.scaleb(number, Decimal(self.scale))
        if self.has("general"):
            body = f"{_EXACT.normalize(scaled):f}" if scaled else "0"
            words = [body if t.kind == "general" else t.text for t in self.tokens]
            return ("-" if minus else "") + "".join(words).strip()
        decimals = [n for n in self.digits if n > self.point]
        rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, _EXACT)
        whole, _, rest = f"{rounded:f}".partition(".")
        whole = whole.lstrip("0")
        words = [token.text for token in self.tokens]
        self._put_whole(words, whole)
        for n, place in enumerate(decimals):
            needed = self.tokens[place].text == "0" or rest[n:].strip("0")
            words[place] = rest[n] if needed else ""
        return ("-" if minus and rounded else "") + "".join(words).strip()

    def _put_whole(self, words: list[str], digits: str) -> None:
        """Put the digits before the point into their places, from the right; the first takes the rest."""
        places = [n for n in self.digits if n < self.point]
        grouped = any(
            token.kind == "comma" and places and places[0] < n < places[-1]
            for n, token in enumerate(self.tokens)
        )
        for n, token in enumerate(self.tokens):
            if token.kind == "comma":
                words[n] = ""
        count = 0
        for place in reversed(places):
            taken = digits if place == places[0] else digits[-1:]
            digits = digits[: len(digits) - len(taken)]
            if not taken and self.tokens[place].text == "0":
                taken = "0"
            out = ""
            for digit in reversed(taken):
                out = digit + ("," if grouped and count and count % 3 == 0 else "") + out
                count += 1
            words[place] = out


def is_harmless(code: str) -> bool:
    """Return whether a format shows every value as it is stored, rounded. Never wrongly True."""
    return _is_harmless(code[:_LONGEST])


@lru_cache(maxsize=4096)
def _is_harmless(code: str) -> bool:
    return _HARMLESS.fullmatch(code) is not None or _DATES.fullmatch(code) is not None


def misleading(code: str, value: Raw, unit: str = "", issued: str = "General") -> str | None:
    """Return what a cell of this format shows, if it is another thing than the stored value; else None.

    `value` is what is stored. `unit` may stand in the format, since it is printed in the label too. A
    scale that the `issued` format has as well misleads nobody. Where what is shown is not worked out
    (numerals of another script), the format itself comes in brackets.
    """
    code = code[:_LONGEST]
    sections = _sections(code)
    if isinstance(value, str):
        return _misleading_text(sections, value)
    if isinstance(value, date):
        return f"〔{code}〕" if _invents(sections[0], unit) else None
    number = None if value is None or isinstance(value, bool) else from_float(value)
    if number is None or abs(number.adjusted()) > _MOST_DIGITS:
        return None
    section, is_for_negatives = _section_for(sections, number)
    if section is None or (section.numerals and number):
        return f"〔{code}〕"
    if section.has("date") or section.special or (section.has("text") and not section.digits):
        return f"〔{code}〕" if _invents(section, unit) else None
    shown = section.render(abs(number), minus=number < 0 and not is_for_negatives)
    return shown if _is_other(section, number, shown, unit, _sections(issued)) else None


def _is_other(
    section: _Section, number: Decimal, shown: str, unit: str, issued: tuple[_Section, ...]
) -> bool:
    """Whether what is shown is another figure than is stored."""
    if _invents(section, unit) or (section.cut_by_literal and number):
        return True
    if not section.digits and not section.has("general"):
        return number != 0  # a blank or a stroke for 0 is no other figure
    if number == 0:
        return False
    has_minus = any(sign in shown for sign in _MINUS)
    if has_minus != (number < 0) and any(c in "123456789" for c in shown):
        return True
    return section.scale != issued[0].scale


def _invents(section: _Section, unit: str) -> bool:
    """True if literal text changes what the figure says: by digits, or by another unit of money."""
    literals = section.literals
    if unit:
        literals = literals.replace(unit, "")
        if "元" in literals:
            return True
    return _INVENTS.search(literals) is not None


def _misleading_text(sections: tuple[_Section, ...], text: str) -> str | None:
    """What is shown of a text, if it is another one."""
    if len(sections) > 3:
        section = sections[3]
    else:
        section = next((s for s in sections if s.has("text")), None) or _PLAIN
    shown = "".join(text if t.kind == "text" else t.text for t in section.tokens).strip()
    if section.has("text") and not _INVENTS.search(section.literals):
        return None
    return shown


def _section_for(sections: tuple[_Section, ...], number: Decimal) -> tuple[_Section | None, bool]:
    """The section that shows a number, and whether it is the one for negative numbers (without a minus)."""
    numeric = sections[:3]
    if all(section.condition is None for section in numeric):
        if number < 0 and len(numeric) > 1:
            return numeric[1], True
        if number == 0 and len(numeric) > 2:
            return numeric[2], False
        return numeric[0], False
    defaults = ((">", Decimal(0)), ("<", Decimal(0)), None)
    for n, section in enumerate(numeric):
        condition = section.condition or (defaults[n] if n < len(numeric) - 1 else None)
        if condition is None or _holds(condition, number):
            return section, n == 1 and section.condition is None and number < 0
    return None, False


def _holds(condition: tuple[str, Decimal], number: Decimal) -> bool:
    sign, limit = condition
    return {
        "<": number < limit,
        ">": number > limit,
        "<=": number <= limit,
        ">=": number >= limit,
        "=": number == limit,
        "<>": number != limit,
    }[sign]


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[_Section, ...]:
    """The sections of a format."""
    groups: list[list[re.Match[str]]] = [[]]
    for match in _TOKEN.finditer(code):
        if match["plain"] == ";":
            groups.append([])
        else:
            groups[-1].append(match)
    return tuple(map(_section, groups))


def _section(matches: list[re.Match[str]]) -> _Section:
    tokens: list[_Token] = []
    condition = None
    numerals = special = False
    for match in matches:
        kind, text = str(match.lastgroup), match.group()
        if kind == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = found[1], Decimal(found[2])
            elif _NUMERALS.match(text):
                numerals = True
            elif _ELAPSED.fullmatch(text):
                tokens.append(_Token("date", ""))
            elif found := _CURRENCY.fullmatch(text):
                tokens.append(_Token("literal", found[1]))
        elif kind == "exponent" or (kind == "mark" and text == "/"):
            special = True
        else:
            tokens.append(_token(kind, text, match))
    if any(token.kind == "date" for token in tokens):
        special = False
    return _Section(tuple(tokens), condition, numerals, special)


_MARKS = {"0": "digit", "#": "digit", "?": "digit", ".": "point", ",": "comma", "%": "percent"}


def _token(kind: str, text: str, match: re.Match[str]) -> _Token:
    if kind == "mark" and text != "@":
        return _Token(_MARKS[text], text)
    return {
        "quoted": _Token("literal", text.strip('"')),
        "escaped": _Token("literal", match["escaped"] or ""),
        "padding": _Token("space", " "),
        "fill": _Token("space", ""),
        "date": _Token("date", ""),
        "clock": _Token("date", ""),
        "general": _Token("general", ""),
        "mark": _Token("text", ""),
        "plain": _Token("literal", text),
    }[kind]


_PLAIN = _section(list(_TOKEN.finditer("@")))
