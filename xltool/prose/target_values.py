"""A single target value: a quantity, a share, a frequency, how long or until when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from xltool.prose import target_words as words
from xltool.prose import units
from xltool.prose.numerals import number, plain, written
from xltool.prose.target import Kind, Note, Target
from xltool.prose.target_dates import dated
from xltool.prose.target_words import SYMBOLS, Operator


def single(text: str, cost: bool, fy: int | None) -> Target | None:
    """The meaning of a text that is one value from end to end."""
    if not words.NUMBERED.search(text):
        return None
    return (
        _nothing(text)
        or dated(text, fy)
        or _periodical(text, cost)
        or _atom(text, cost)
        or _ratio(text)
        or _since(text, cost)
        or _worded(text, cost)
    )


def _atom(text: str, cost: bool) -> Target | None:
    """A number with what belongs to it: `至少2次/周`, `≤300元/项`, `80%-90%`."""
    match = words.ATOM.fullmatch(text)
    if match is None:
        return None
    unit = _unit(match)
    value, value2 = _numbers(match)
    if unit is None or value is None or (value2 is not None and value2 < value):
        return None
    if units.same(unit) == "年" and max(value, value2 or value) >= 1900:
        return None  # a calendar year, oddly written
    multiplier = match["multiplier2"] or match["multiplier"]
    op, notes = _operator(match["prefix"], match["suffix"])
    if value2 is not None:
        notes.append("range")
    if match["odd"]:
        notes.append("about")
    per = "/".join(units.same(each) for each in (match["per"], match["per2"]) if each)
    if match["period"]:
        per = _turn(match)
        if not per:
            return None
    if match["each"]:
        notes.append("frequency")
    if not unit and cost and "万" in multiplier + match["number"]:
        unit = "元"
        notes.append("ten thousand")
    return _quantity(op, value, value2, unit, per or None, multiplier + match["number"], notes)


def _unit(match: re.Match[str]) -> str | None:
    """The unit as written, empty if there is none; None where the text is no quantity."""
    unit = match["unit"] or ""
    if match["hundredth"]:
        return None if unit else "%"
    chinese = match["number"].lstrip("-")[0] not in "0123456789"
    spelled = not unit and words.SPELLED.fullmatch(match["number"])
    if chinese and not spelled and unit not in units.UNITS:
        return None  # 一体化
    if match["number"] == "半" and unit not in units.DURATION:
        return None  # 半成品
    if unit == "月" and not (match["prefix"] or match["suffix"] or match["period"]):
        return None  # 13月 is neither a date nor a time
    return unit


def _numbers(match: re.Match[str]) -> tuple[Decimal | None, Decimal | None]:
    """The number of an atom, and the upper end of a range; 3-5万元 is 3万元 to 5万元."""
    digits, multiplier = match["number"], match["multiplier"]
    value = number(digits.lstrip("-"), multiplier)
    if value is not None and digits.startswith("-"):
        value = -value
    if match["number2"] is None:
        return value, None
    bare = number(match["number2"])
    if value is not None and bare is not None and not (multiplier or match["unit1"]):
        value = number(digits, match["multiplier2"]) if 0 <= value < bare else value
    return value, number(match["number2"], match["multiplier2"])


def _operator(prefix: str | None, suffix: str | None) -> tuple[Operator | None, list[Note]]:
    """The operator of what stands before and behind a number."""
    ending = (suffix or "").replace("(含)", "")
    notes: list[Note] = []
    if ending in ("左右", "上下") or prefix in words.ABOUT:
        notes.append("about")
    elif ending or (prefix and prefix not in SYMBOLS.values()):
        notes.append("wording")
    if prefix and not (ending and prefix in words.WEAK):
        return words.PREFIXES[prefix], notes
    return words.SUFFIXES.get(ending), notes


def _quantity(
    op: Operator | None,
    value: Decimal,
    value2: Decimal | None,
    unit: str,
    per: str | None,
    scale: str,
    notes: Sequence[Note],
) -> Target:
    """The kind of a quantity by its unit, and its canonical form; `scale` tells whether money is in 万元."""
    kind: Kind = "number"
    name = units.same(unit) or None
    power = 0
    if name == "元":
        kind = "money rate" if per else "money"
        if "万" in scale or "亿" in scale:
            name, power = "万元", -4
    elif unit in units.PERCENT:
        kind = "percent"
    elif unit in units.DURATION:
        kind = "duration"
    elif unit and per and per.lstrip("0123456789") in units.PERIODS:
        kind = "frequency"
    value = plain(value.scaleb(power))
    value2 = None if value2 is None else plain(value2.scaleb(power))
    shown = units.WRITTEN.get(name, name) if kind == "duration" and name else name or ""
    high = "" if value2 is None else f"-{written(value2)}"
    symbol, each = SYMBOLS[op] if op else "", f"/{per}" if per else ""
    return Target(
        kind,
        op,
        value,
        value2,
        name,
        per,
        quantified=True,
        checkable=True,
        canonical=f"{symbol}{written(value)}{high}{shown}{each}",
        notes=tuple(dict.fromkeys(notes)),
    )


def _ratio(text: str) -> Target | None:
    """A share of a whole that is no percentage: `≥3/4`, `1:3`, `三分之二`; 9:30 is a time of day."""
    match = words.RATIO.fullmatch(text)
    if match is None or words.TIME_OF_DAY.fullmatch(text):
        return None
    part, whole = number(match["part"] or match["above"]), number(match["whole"] or match["below"])
    if not part or not whole:
        return None
    op, notes = _operator(match["prefix"], match["suffix"])
    sign = "/" if match["below"] else match["sign"].replace("：", ":")
    shown = f"{SYMBOLS[op] if op else ''}{written(part)}{sign}{written(whole)}"
    return Target(
        "ratio",
        op,
        part,
        whole,
        quantified=True,
        checkable=True,
        canonical=shown,
        notes=tuple(notes),
    )


def _worded(text: str, cost: bool) -> Target | None:
    """A number with words before it: `至少培训50人`, `不低于年初预算的90%`, `至少每季度1次`."""
    match = words.WORDED.fullmatch(text)
    if match is None:
        return None
    inner = _periodical(match["rest"], cost) or _atom(match["rest"], cost) or _ratio(match["rest"])
    if inner is None or inner.value is None:
        return None
    said, between = match["bound"] or match["op"], match["words"] or ""
    basis = match["basis"] or (between[:-1] if between.endswith("的") else "")
    is_share = inner.kind in ("percent", "ratio") or inner.unit == "倍"
    if match["basis"] and not is_share:
        return None  # of something: 合格的3人
    op, notes = _operator(said, None)
    if inner.op and (op is None or said in words.WEAK):
        op = inner.op
    if basis and is_share and len(basis) > 1:
        between = ""
    else:
        basis = ""
    notes = [*notes, *inner.notes, *(("embedded",) if between else ())]
    symbol = SYMBOLS[op] if op else ""
    bare = inner.canonical.removeprefix(SYMBOLS[inner.op] if inner.op else "")
    return replace(
        inner,
        op=op,
        basis=basis or None,
        canonical=f"{symbol}{basis}的{bare}" if basis else f"{symbol}{bare}",
        notes=tuple(dict.fromkeys(notes)),
    )


def _periodical(text: str, cost: bool) -> Target | None:
    """How often, in other words than 1次/月: `每月一次`, `每周不少于2次`, `1个月/次`, `半年一次`."""
    more: tuple[Note, ...] = ()
    once = words.ONCE.fullmatch(text)
    turns = words.TURNS.fullmatch(text)
    each = words.EACH.fullmatch(text)
    if once:
        value, per = "1次", units.period(once["period"])
    elif turns:
        count = number(turns["number"]) if turns["number"] else Decimal(1)
        value, per = f"{written(count)}次" if count is not None else "", _turn(turns)
    elif each:
        inner = _atom(each["rest"], cost) or _worded(each["rest"], cost)
        whole = inner is not None and not inner.per and not inner.basis and inner.value2 is None
        value, per = inner.canonical if inner and whole else "", _each(each)
        more = ("embedded",) if each["words"] or (inner and "embedded" in inner.notes) else ()
    else:
        return None
    found = _atom(f"{value}/{per}", cost) if value and per else None
    return replace(found, notes=("frequency", *more)) if found else None


def _each(match: re.Match[str]) -> str:
    """What a rate is for: 每月, 每两周, 每人, 每人每月."""
    if not match["thing"]:
        return _turn(match)
    thing, time = units.same(match["thing"]), match["thing_period"]
    return f"{thing}/{units.period(time)}" if time else thing


def _turn(match: re.Match[str]) -> str:
    """The period of a frequency: 两周 is 2周, 1个月 is 月; empty if it is no whole number of them."""
    times, name = match["times"], units.period(match["period"])
    if times is None:
        return name
    if times == "半":
        return f"半{match['period']}" if name in ("年", "月") else ""
    value = number(times)
    if value is None or value != int(value) or not 0 < value < 100:
        return ""
    return name if value == 1 else f"{written(value)}{units.WRITTEN.get(name, name)}"


def _since(text: str, cost: bool) -> Target | None:
    """A time that runs from an event: `自合同签订后6个月内`; the canonical form keeps the event."""
    match = words.SINCE.fullmatch(text)
    inner = _atom(match["rest"], cost) if match else None
    if inner is None or inner.kind != "duration":
        return None
    return replace(inner, canonical=text, notes=("since",))


def _nothing(text: str) -> Target | None:
    """`零投诉`, `无重大安全事故`: none of it."""
    match = words.NOTHING.fullmatch(text)
    return _quantity("eq", Decimal(0), None, match["evil"], None, "", ()) if match else None
