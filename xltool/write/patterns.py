"""Many workbooks of one edition: what they share is made once, only what differs is written for each.

The ordinary path (`submission.write_submission`) is the reference; what comes out here are its bytes.
A pattern is a workbook of the ordinary path with a stand-in for each text and number that the office
prefilled. For a unit whose workbook has the same structure these places are filled in: its texts and
numbers, the numbers of shared strings, the heights of rows with its texts, and what the live checks
say of its values. All else that a workbook depends on is in the key of the pattern (`_Unit.key`).

The first two workbooks of a structure are written in the ordinary way. The second one makes the
pattern, which is used only if it gives the same bytes for it. A unit that fits none is written in the
ordinary way as well.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, partial
from io import BytesIO
from itertools import chain, zip_longest
from xml.sax.saxutils import escape

from xltool.fields.reading import Raw, Value
from xltool.form.layout import Cell, Layout, Position, a1
from xltool.form.model import Form
from xltool.office import seal
from xltool.office.seal import Issue
from xltool.write.book import Book, book_into
from xltool.write.growing import GrowingRow, growing_rows
from xltool.write.guide import for_whom, paragraph_height
from xltool.write.live.begun import is_used
from xltool.write.live.lines import RawAt
from xltool.write.live.page import FIRST, SUMMARY, Line, head_of, summary
from xltool.write.packing import Packer
from xltool.write.page_breaks import PageEnds
from xltool.write.parts import Height, drawing, height_attributes, properties, shared_strings
from xltool.write.sheet_content import MAX_HEIGHT, Room, SheetContent
from xltool.write.submission import Contents, Page, pages_of, place_of, write_pages

_WORTH_IT = 2  # workbooks of a structure: then there may be many
_MOST = 32  # patterns that are kept: they are large
_LONGEST = 32_767  # characters of a text that XlsxWriter takes
_TEXT, _TEXTS = 0xE000, 6000  # private characters that stand in for texts
_NUMBER = 900_000_000_000_000  # whole numbers from here on stand in for numbers
_CHECKS, _BEFORE = (
    2,
    2,
)  # the number of the sheet 填报检查, and of the sheets before those of the form
_PLACE = re.compile(
    r'<row r="(?P<row>\d+)" spans="[^"]*"(?P<height>[^>]*)>'
    r'|t="s"><v>(?P<text>\d+)</v>'
    r"|<v>(?P<number>9\d{14})</v>"
    r'|<c r="(?P<cell>[A-Z]+\d+)"[^>]*><f[^>]*>[^<]*</f><v>(?P<shown>[^<]*)</v>'
)


class Workbooks:
    """Makes the blank workbooks of units of one edition."""

    def __init__(self, form: Form, layout: Layout, password: str = ""):
        self._form, self._layout, self._password = form, layout, password
        self._ends = PageEnds(form, layout)
        self.patterns: dict[Hashable, _Pattern] = {}
        self._seen: Counter[int] = Counter()  # by the hashes of keys, which are long

    def make(self, issue: Issue, seal_text: str) -> bytes:
        """Return the workbook of a unit as `write_submission` writes it; arguments as there."""
        pages = pages_of(self._form, self._layout, issue, Contents())
        unit = _Unit(self._form, issue, seal_text, pages, self._ends)
        if unit.key in self.patterns:
            pattern = self.patterns.pop(unit.key)
            self.patterns[unit.key] = pattern  # the last to be dropped
            return pattern.filled(unit)
        content = self._written(unit).content
        self._seen[hash(unit.key)] += 1
        if self._seen[hash(unit.key)] == _WORTH_IT and unit.fits:
            self._learn(unit, content)
        return content

    def _learn(self, unit: _Unit, content: bytes) -> None:
        """Keep a pattern of a unit's structure if it gives the content that the unit has."""
        stand_in = unit.stand_in()
        pattern = _Pattern(self._form, stand_in, self._written(stand_in))
        if pattern.filled(unit) != content:
            return
        if len(self.patterns) >= _MOST:
            dropped = next(iter(self.patterns))
            del self.patterns[dropped], self._seen[hash(dropped)]
        self.patterns[unit.key] = pattern

    def _written(self, unit: _Unit) -> _Written:
        """The workbook of a unit, written in the ordinary way."""
        target = BytesIO()
        with book_into(target, self._password) as book:
            lines = write_pages(
                book, self._form, self._layout, unit.issue, unit.seal_text, unit.pages
            ).lines
        return _Written(target.getvalue(), book, lines)


@dataclass(frozen=True)
class _Written:
    """A workbook that was written: its bytes, what wrote it, the lines of 填报检查."""

    content: bytes
    book: Book
    lines: Sequence[Line]


@dataclass(frozen=True)
class _Slot:
    """A cell with a text or number that the office prefilled; `page` is the number of its sheet."""

    page: int
    cell: Cell
    value: Value

    @property
    def place(self) -> Position:
        """The 0-based row and column."""
        return self.cell.row, self.cell.column


class _Unit:
    """A unit's workbook before it is written: what differs from those of other units."""

    def __init__(
        self, form: Form, issue: Issue, seal_text: str, pages: Sequence[Page], ends: PageEnds
    ):
        self.form = form
        self.issue = issue
        self.ends = ends
        self.seal_text = seal_text
        self.pages = pages
        self.rooms = [Room(page.sheet, page.content) for page in pages]
        self.growing = [growing_rows(form, room) for room in self.rooms]
        slots = [slot for number, room in enumerate(self.rooms) for slot in _slots(number, room)]
        self.in_texts = [slot for slot in slots if isinstance(slot.value, str)]
        self.in_numbers = [slot for slot in slots if not isinstance(slot.value, str)]

    @cached_property
    def texts(self) -> list[str]:
        """The texts that are its own: the line for whom it is, the seal, those prefilled."""
        return [for_whom(self.issue), self.seal_text, *(str(s.value) for s in self.in_texts)]

    @property
    def fits(self) -> bool:
        """True if a pattern can do it: no text asks for a smaller font or would be refused."""
        return (
            len(self.in_texts) < _TEXTS
            and len(seal.cells(self.seal_text)) == 1
            and max(map(len, self.texts)) <= _LONGEST
            and not any(map(self._is_small, self.in_texts))
            and not any(page.optional and page.content.prefilled_rows for page in self.pages)
        )

    @cached_property
    def heights(self) -> list[dict[int, Height]]:
        """For each form sheet, the heights of the rows that have texts of the unit."""
        found: list[dict[int, Height]] = [{} for _ in self.pages]
        for slot in self.in_texts:
            if slot.cell.row not in found[slot.page]:
                height = self.rooms[slot.page].height(slot.cell.row)
                found[slot.page][slot.cell.row] = Height(
                    *height, slot.cell.row in self.growing[slot.page]
                )
        return found

    @cached_property
    def computed(self) -> dict[str, str]:
        """What computed cells show, by place in the workbook, and those beside rows that grow."""
        shown = {
            f"shown {number} {a1(*place)}": "" if value is None else str(value)
            for number, page in enumerate(self.pages, _BEFORE + 1)
            for place, value in page.content.computed.items()
        }
        return shown | {
            f"shown {number} {a1(row, len(room.sheet.widths))}": found.breaks(room)
            for number, room, rows in self._numbered_rooms()
            for row, found in rows.items()
            if found.has_helper
        }

    def _numbered_rooms(self) -> Iterator[tuple[int, Room, Mapping[int, GrowingRow]]]:
        """The form sheets with their numbers in the workbook and the rows that grow there."""
        numbers = range(_BEFORE + 1, _BEFORE + 1 + len(self.rooms))
        return zip(numbers, self.rooms, self.growing, strict=True)

    @property
    def beside(self) -> Hashable:
        """Which rows that grow have line breaks beside them: a cell without any is written otherwise."""
        return tuple(
            (number, row, bool(found.breaks(room)))
            for number, room, rows in self._numbered_rooms()
            for row, found in rows.items()
            if found.has_helper
        )

    @property
    def page_ends(self) -> Hashable:
        """Where the pages of its form sheets end, which depends on the heights."""
        return tuple(map(self.ends.of, self.rooms, self.growing))

    @cached_property
    def key(self) -> Hashable:
        """All that a workbook depends on beside its texts, numbers, heights and live checks."""
        issue = self.issue
        return (
            self.fits,
            (issue.fy, issue.district, tuple(issue.notice.items())),
            (bool(issue.unit), bool(issue.unit_name), bool(issue.department_code)),
            (bool(issue.lines), paragraph_height(for_whom(issue)), self.page_ends),
            self.beside,
            tuple(map(_structure, self.pages)),
        )

    def stand_in(self) -> _Unit:
        """Return the same with stand-ins for what is the unit's own; texts among them are as high."""
        values: list[dict[Position, Value]] = [{} for _ in self.pages]
        for number, slot in enumerate(self.in_texts):
            height = partial(self._height, slot)
            values[slot.page][slot.place] = _as_high(_TEXT + number, str(slot.value), height)
        for number, slot in enumerate(self.in_numbers):
            values[slot.page][slot.place] = _NUMBER + number
        name = _as_high(_TEXT + _TEXTS, self.issue.unit_name, self._height_of_name)
        pages = [
            replace(page, content=_changed(page, own))
            for page, own in zip(self.pages, values, strict=True)
        ]
        issue = replace(self.issue, unit_name=name)
        return _Unit(self.form, issue, self.seal_text, pages, self.ends)

    def _is_small(self, slot: _Slot) -> bool:
        """True if a text is set in a smaller font, so that it fits."""
        return self._height(slot, str(slot.value)) > MAX_HEIGHT

    def _height(self, slot: _Slot, text: str) -> float:
        """Points that a text needs in a cell."""
        return self.rooms[slot.page].needs(slot.cell, text)

    def _height_of_name(self, name: str) -> float:
        """Points that the line for whom it is needs with this name."""
        return paragraph_height(for_whom(replace(self.issue, unit_name=name)))


def _slots(page: int, room: Room) -> Iterator[_Slot]:
    """The cells of a form sheet with a prefilled text or number."""
    content, fields = room.content, room.sheet.fields
    cells = [
        (fields[name], value)
        for name, value in content.prefilled.items()
        if name in fields and fields[name].words is None
    ]
    placed: dict[Position, Value] = {**content.worded, **content.prefilled_rows}
    cells += [(room.cells[place], value) for place, value in placed.items()]
    return (_Slot(page, cell, value) for cell, value in cells if _kind(value) in (str, Decimal))


def _kind(value: Value) -> Hashable:
    """What a value is for a pattern: one of many texts or numbers, or none but this one."""
    if isinstance(value, str) and value:
        return str
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal
    return repr(value)


def _structure(page: Page) -> Hashable:
    """What stands on a form sheet, but for its texts and numbers."""
    content = page.content

    def computed(value: Value) -> Hashable:
        """Blank or any number; of a spare sheet just this one: it tells whether the sheet is used."""
        plain = value is None or _kind(value) is Decimal
        return Decimal if plain and not page.optional else repr(value)

    return (
        page.optional,
        tuple((name, _kind(value)) for name, value in content.prefilled.items()),
        tuple((place, _kind(value)) for place, value in content.prefilled_rows.items()),
        tuple((place, computed(value)) for place, value in content.computed.items()),
    )


def _changed(page: Page, values: Mapping[Position, Value]) -> SheetContent:
    """The content of a form sheet with some prefilled values changed."""
    content, fields = page.content, page.sheet.fields
    own = dict(content.prefilled)
    for name in own.keys() & fields.keys():
        own[name] = values.get((fields[name].row, fields[name].column), own[name])
    rows = {place: values.get(place, value) for place, value in content.prefilled_rows.items()}
    worded = {place: str(values.get(place, text)) for place, text in content.worded.items()}
    return replace(content, prefilled=own, prefilled_rows=rows, worded=worded)


def _as_high(character: int, text: str, height: Callable[[str], float]) -> str:
    """A character, in as many lines as a text takes."""
    found = chr(character)
    while height(found) < height(text):
        found += "\n"
    return found


class _Pattern:
    """A workbook with stand-ins, cut up where they are."""

    def __init__(self, form: Form, unit: _Unit, written: _Written):
        self.form = form
        self.packer = Packer()
        self.lines = written.lines
        self.judged = list(_judged(form, unit, written.lines))
        self.begun = {line.place.name: line.begun.replace("$", "") for line in written.lines}
        table = written.book.file.str_table
        own = {text: number for number, text in enumerate(unit.texts)}
        self.cells_with_texts: int = table.count
        # the shared strings in the order of their first use: texts of all units, numbers of own ones
        self.strings: list[str | int] = [own.get(text, text) for text in table.string_array]
        pages = written.book.file.worksheets()[_BEFORE : _BEFORE + len(unit.pages)]
        self.drawn = [(number, page) for number, page in enumerate(pages) if page.has_comments]
        for _, page in self.drawn:
            page.table.clear()  # large, and not needed any more
        shown = [SUMMARY, *(a1(FIRST + line, 0) for line in self.judged), *dict(self._head())]
        wanted = {f"number {_NUMBER + number}" for number in range(len(unit.in_numbers))}
        wanted |= {f"text {number}" for number in range(len(self.strings))}
        wanted |= {f"shown {_CHECKS} {address}" for address in (*shown, *self.begun.values())}
        wanted |= unit.computed.keys()
        wanted |= {
            f"height {n} {r + 1}" for n, rows in enumerate(unit.heights, _BEFORE + 1) for r in rows
        }
        with zipfile.ZipFile(BytesIO(written.content)) as archive:
            self.parts = {
                name: _cut(name, archive.read(name).decode(), wanted) for name in archive.namelist()
            }

    def filled(self, unit: _Unit) -> bytes:
        """Return the workbook of a unit with the same key."""
        values, whole = self._values(unit), self._whole_parts(unit)
        return self.packer.packed(
            (name, whole.get(name) or "".join(_alternately(pieces, [values[p] for p in places])))
            for name, (pieces, places) in self.parts.items()
        )

    def _values(self, unit: _Unit) -> dict[str, str]:
        """What stands in the places of a unit's workbook, but in `_whole_parts`."""
        numbers = {text: number for number, text in enumerate(self._strings(unit))}
        values = unit.computed | {
            f"text {n}": str(numbers[text]) for n, text in enumerate(self._with_repeats(unit))
        }
        for number, slot in enumerate(unit.in_numbers):
            values[f"number {_NUMBER + number}"] = f"{slot.value:.16G}"
        for n, rows in enumerate(unit.heights, _BEFORE + 1):
            for row, height in rows.items():
                values[f"height {n} {row + 1}"] = height_attributes(height)
        verdicts: list[str] = [line.verdict for line in self.lines]
        places = {page.content.name: place_of(self.form, page) for page in unit.pages}
        raws = {name: place.raw for name, place in places.items()}
        for name, begun in self.begun.items():
            values[f"shown {_CHECKS} {begun}"] = str(int(is_used(self.form, places[name])))
        for line in self.judged:
            place = self.lines[line].place.name
            verdicts[line] = self.lines[line].check.judge(raws[place], raws)
            values[f"shown {_CHECKS} {a1(FIRST + line, 0)}"] = verdicts[line]
        values[f"shown {_CHECKS} {SUMMARY}"] = summary(verdicts)
        values |= {f"shown {_CHECKS} {at}": escape(text) for at, text in self._head(verdicts)}
        return values

    def _head(self, verdicts: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        """What the head of 填报检查 shows with these verdicts, by address."""
        now = [line.verdict for line in self.lines] if verdicts is None else verdicts
        said = [line.said(verdict) for line, verdict in zip(self.lines, now, strict=True)]
        return head_of(self.lines).shown(said)

    def _whole_parts(self, unit: _Unit) -> dict[str, str]:
        """The parts that are made anew for each unit."""
        parts = {
            "xl/sharedStrings.xml": shared_strings(self._strings(unit), self.cells_with_texts),
            "docProps/custom.xml": properties(seal.properties(unit.seal_text)),
        }
        for number, (page, sheet) in enumerate(self.drawn, 1):
            parts[f"xl/drawings/vmlDrawing{number}.vml"] = drawing(sheet, unit.heights[page])
        return parts

    def _with_repeats(self, unit: _Unit) -> list[str]:
        """The shared strings of the pattern with the texts of a unit, of which some may be equal."""
        texts = unit.texts
        return [texts[string] if isinstance(string, int) else string for string in self.strings]

    def _strings(self, unit: _Unit) -> list[str]:
        """The shared strings of a unit."""
        return list(dict.fromkeys(self._with_repeats(unit)))


def _judged(form: Form, unit: _Unit, lines: Sequence[Line]) -> Iterator[int]:
    """The lines of 填报检查 that look at what is a unit's own.

    All others look only at what is the same for all units of a pattern, so that they show the same.
    """
    names = [page.content.name for page in unit.pages]
    own = {(names[slot.page], slot.place) for slot in (*unit.in_texts, *unit.in_numbers)}
    own |= {(page.content.name, place) for page in unit.pages for place in page.content.computed}
    seen: set[tuple[str, Position]] = set()

    def looking(page: Page) -> RawAt:
        """What notes where it looks."""
        name, raw = page.content.name, place_of(form, page).raw

        def look(at: Position) -> Raw:
            seen.add((name, at))
            return raw(at)

        return look

    raws = {page.content.name: looking(page) for page in unit.pages}
    for index, line in enumerate(lines):
        seen.clear()
        line.check.judge(raws[line.place.name], raws)
        if seen & own and not line.silent:
            yield index


def _cut(name: str, text: str, wanted: Container[str]) -> tuple[list[str], list[str]]:
    """Cut a part: what stands between the wanted places, and the places."""
    pieces, places, end = [], [], 0
    sheet = name.removeprefix("xl/worksheets/sheet").removesuffix(".xml")
    for found in _PLACE.finditer(text) if sheet.isdecimal() else ():
        kind = found.lastgroup or ""
        where = {"height": f"{sheet} {found['row']}", "shown": f"{sheet} {found['cell']}"}
        place = f"{kind} {where.get(kind, found[kind])}"
        if place in wanted:
            pieces.append(text[end : found.start(kind)])
            places.append(place)
            end = found.end(kind)
    return [*pieces, text[end:]], places


def _alternately(pieces: Sequence[str], values: Sequence[str]) -> Iterator[str]:
    """The pieces with the values between them."""
    return chain.from_iterable(zip_longest(pieces, values, fillvalue=""))
