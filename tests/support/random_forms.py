"""Forms filled at random: mostly right, with everything that lies beside a limit, and odd typing.

A trial is what stands in every input cell of a workbook, by sheet and address; None is blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

from openpyxl.utils.cell import range_boundaries

from xltool.fields.kinds import Amount, Choice, Code, Date, Field, Integer, Number
from xltool.fields.reading import Raw
from xltool.form.layout import Layout, a1
from xltool.form.model import Form, TableView
from xltool.language.equations import Equation
from xltool.write.live.lines import Place

Cell = tuple[int, int]
Trial = dict[tuple[str, str], Raw]

WORDS = ("网格巡查", "培训次数", "全年开展巡查12次", "办结率", "≥95%", "反映培训情况", "2027年底前")
ODD_WORDS = (
    *("不适用", "不适用", "不适合", "无", "/", "—", "N/A", "*", "?", "~", "不 适 用", "　不适用 "),
    *(" ", "　", "\u00a0", "\n", " \n　", "\t", "a  b", " 网  格 ", "“甲”", '"甲"', "=1+1", "0"),
)
AMOUNTS = (0.0, 0.01, 1.0, 2.0, 3.33, 6.66, 10.0, 10.0, 12.5, 100.0, 207.0, 1307.0, 99999.99)
ODD_AMOUNTS: tuple[Raw, ...] = (
    *(-1.0, -0.01, 0.005, 0.004, 12.345, 10.005, 0.1 + 0.2, 1e15, 1e16, 1307.43, 1307.5, 1e-9),
    *(
        "12.00",
        "１２",
        "12,5",
        "1,234.50",
        "约十二",
        "12万",
        "-",
        "—",
        "　",
        "/",
        "不适用",
        "无",
        " 5 ",
    ),
)
STEPS = (0.0, 0.0, 0.0, 0.004, 0.005, -0.005, 0.01, -0.01, 0.015, 0.02, -0.02, 0.5, 1.0, -2.0, 50.0)
DAYS = (
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2027, 6, 30),
    date(2027, 12, 31),
    date(2028, 1, 1),
)
ODD_DAYS: tuple[Raw, ...] = (
    *(datetime(1905, 7, 19), datetime(1999, 12, 31), datetime(2000, 1, 1), datetime(2099, 12, 31)),
    *(datetime(2100, 1, 1), datetime(2027, 1, 1, 12), "2027-01-01", "2027/3/1", "２０２７年1月1日"),
    *("2027-02-30", "年底", "—", " "),
)
CODE = "440399271063100100008"
ODD_CODES: tuple[Raw, ...] = (
    *(CODE[:-1], CODE + "1", f" {CODE}", f"{CODE} ", CODE.replace("4", "４"), f"'{CODE}", "’"),
    *(
        CODE[:-1] + "x",
        CODE[:-1] + "．",
        f"{CODE[:9]} {CODE[9:]}",
        4.40399271063e20,
        " ",
        "\n",
        "201",
    ),
)


@dataclass(frozen=True)
class Filler:
    """Makes trials for the form sheets of one workbook."""

    form: Form
    layout: Layout
    places: Sequence[Place]
    given: Mapping[str, Mapping[Cell, object]]  # sheet → what the office has filled
    equations: dict[str, list[Equation]] = field(default_factory=dict)

    def trial(self, random: Random) -> Trial:
        """One workbook filled at random."""
        trial: Trial = {}
        for place in self.places:
            blank = place.optional and random.random() < 0.5
            for table, cells in self._rows(place):
                used = not blank and (table is None or random.random() < 0.25)
                used = used or (table is None and not blank)
                values = self._row(table or self.form.tables[place.sheet.record], cells, random)
                for name, cell in cells.items():
                    trial[place.name, a1(*cell)] = values[name] if used else None
            if place.optional and random.random() < 0.1:  # a single cell on a spare sheet
                key = random.choice([k for k in trial if k[0] == place.name])
                trial[key] = random.choice(("甲", " ", "—"))
        return trial

    def _rows(self, place: Place) -> Iterator[tuple[TableView | None, dict[str, Cell]]]:
        """The open cells: the record's own, then row by row; None for what must be filled."""
        sheet, form = place.sheet, self.form
        given = self.given.get(place.name, {})
        yield (
            None,
            {n: (sheet.fields[n].row, sheet.fields[n].column) for n in place.inputs},
        )
        for block in sheet.blocks:
            fields = form.tables[block.table].fields
            for row in block.span:
                cells = {
                    name: (row, column)
                    for name, column in block.columns.items()
                    if fields[name].filled_by == "unit" and (row, column) not in given
                }
                if cells:
                    yield form.tables[block.table], cells

    def _row(self, table: TableView, cells: Mapping[str, Cell], random: Random) -> dict[str, Raw]:
        values = {name: typed(table.fields[name], random) for name in cells}
        if random.random() < 0.1:  # 不适用 all along
            texts = [n for n in cells if not isinstance(table.fields[n].kind, (Amount, Date))]
            values |= dict.fromkeys(texts, random.choice(("不适用", "/", "不 适 用")))
        for equation in self._equations(table):
            if random.random() < 0.8:
                _nearly(equation, values, random)
        return values

    def _equations(self, table: TableView) -> list[Equation]:
        if table.name not in self.equations:
            rules = [rule.function(table) for rule in self.form.rules if rule.is_on(table.name)]
            found = [e for r in rules for e in (r if isinstance(r, Sequence) else [r])]
            self.equations[table.name] = [e for e in found if isinstance(e, Equation)]
        return self.equations[table.name]


def _nearly(equation: Equation, values: dict[str, Raw], random: Random) -> None:
    """Make an equation hold, or nearly: its left side a single field, all others numbers."""
    left, *others = equation.names
    numbers = {
        name: Decimal(str(raw))
        for name, raw in values.items()
        if isinstance(raw, float) and abs(raw) < 1e9
    }
    if left not in values or any(name not in numbers for name in others):
        return
    result = equation.result(numbers)
    if result is not None:
        values[left] = round(float(result) + random.choice(STEPS), 3)


def typed(field: Field, random: Random) -> Raw:
    """What somebody types into a cell: usually what belongs there."""
    chance = random.random()
    if chance < 0.08:
        return None
    odd = chance < 0.25
    kinds: Sequence[tuple[type, Callable[[Field, Random, bool], Raw]]] = (
        (Choice, _choice),
        (Code, _code),
        (Date, _day),
        (Integer, _whole),
        (Amount, _amount),
    )
    for kind, make in kinds:
        if isinstance(field.kind, kind):
            return make(field, random, odd)
    return _text(field, random, odd)


def _text(field: Field, random: Random, odd: bool) -> Raw:
    if odd and field.max_chars and random.random() < 0.6:
        return _beside_the_limit(field.max_chars, random)
    return random.choice(ODD_WORDS if odd else WORDS)


def _beside_the_limit(limit: int, random: Random) -> str:
    """A text of the limit's length, one less or one more, with all kinds of spaces."""
    inside = random.choice(("", "", "  ", "　", "\n", " \n ", "\t"))
    counted = inside.replace("\n", "")
    text = "长" * (limit + random.choice((-1, 0, 0, 1, 1)) - len(counted) - 1)
    around = random.choice(("", "", " ", "　", "\n", "\u00a0 ", "\t"))
    whole = around + text + inside + "尾" + random.choice(("", around))
    # in a text of several lines LibreOffice 7.4 shows formulas a tab as CHAR(1)
    return whole.replace("\t", " ") if "\n" in whole else whole


def _choice(field: Field, random: Random, odd: bool) -> Raw:
    right = random.choice(field.choices)
    others = (f"{right} ", f"　{right}", f"{right}？", "对", "*", "?", right[:1], " ", f"{right}\n")
    return random.choice(others) if odd else right


def _code(field: Field, random: Random, odd: bool) -> Raw:
    if field.digits is None:
        return random.choice(("201", "20136", "2013601", "20136 ", "ab", " ", "'201"))
    return random.choice(ODD_CODES) if odd else CODE


def _day(field: Field, random: Random, odd: bool) -> Raw:
    if odd:
        return random.choice(ODD_DAYS)
    day = random.choice(DAYS) + timedelta(random.choice((0, 0, 0, 1, -1, 365)))
    return datetime(day.year, day.month, day.day)


def _whole(field: Field, random: Random, odd: bool) -> Raw:
    least, most = float(field.minimum or 0), float(field.maximum or 99)
    beside = (least - 1, most + 1, 1.5, "3", "三", "—", " ", least, most)
    return random.choice(beside) if odd else random.choice((least, 3.0, most))


def _amount(field: Field, random: Random, odd: bool) -> Raw:
    if odd:
        return random.choice((*ODD_AMOUNTS, "12分" if isinstance(field.kind, Number) else "12元"))
    value = random.choice(AMOUNTS)
    return float(round(value)) if field.places == 0 and random.random() < 0.8 else value


def areas_of(trial: Trial) -> dict[tuple[str, str], list[list[str | float]]]:
    """A trial as rectangles of cells: (sheet, area) → rows, as LibreOffice takes them."""
    columns: dict[tuple[str, int], list[int]] = {}
    for sheet, address in trial:
        row, column = place_of(address)
        columns.setdefault((sheet, column), []).append(row)
    strips: dict[tuple[str, int, int], list[int]] = {}  # sheet and rows → columns
    for (sheet, column), rows in columns.items():
        for first, last in _runs(rows):
            strips.setdefault((sheet, first, last), []).append(column)
    found = {}
    for (sheet, first, last), across in strips.items():
        for left, right in _runs(across):
            area = f"{a1(first, left)}:{a1(last, right)}"
            found[sheet, area] = [
                [_content(trial[sheet, a1(row, c)]) for c in range(left, right + 1)]
                for row in range(first, last + 1)
            ]
    return found


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of adjoining numbers."""
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


def place_of(address: str) -> Cell:
    """The 0-based row and column of an address."""
    column, row, _, _ = range_boundaries(address)
    return int(row or 0) - 1, int(column or 0) - 1


def _content(raw: Raw) -> str | float:
    """A content as LibreOffice takes it: days as numbers, "" for a blank."""
    if isinstance(raw, datetime):
        return (raw - datetime(1899, 12, 30)) / timedelta(days=1)
    assert raw is None or isinstance(raw, (str, float))
    return "" if raw is None else raw
