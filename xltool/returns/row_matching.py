"""Where each row and column of a layout stands now on a sheet that a unit may have rebuilt.

If every label stands where the layout says, nothing moved: the fast path. If not, columns are
matched by the labels in them and rows by the labels on them, first in their order, then those that
went elsewhere. Rows without labels lie between labelled ones in their order. What does not fit was
inserted or deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import chain, count, islice, pairwise, takewhile

from xltool.fields.reading import shown
from xltool.form.layout import Sheet, a1
from xltool.prose.text import label_key
from xltool.returns.column_matching import Pair, Shift, column_shifts, match_columns
from xltool.workbook.opening import SheetData

_SAME_FORM = 0.6  # share of the labelled rows that must be found for a sheet to be this form
_MOST_COLUMNS = 16_384  # Excel's limit
_STANDS_STILL = 0.9  # share of them that must stand in place for nothing to have moved

Signature = tuple[tuple[int, str], ...]  # (column, label) of the labels of one row

_UNREAD = "，其中的内容没有读取"
_NO_LABELS: Signature = ()


@dataclass(frozen=True)
class RowMap:
    """Layout row → physical row (0-based); rows that are gone are absent.

    `extra` are the rows that the unit inserted: physical row → the layout row above it. Where
    columns moved, the data of the match has them back in place; only addresses need `columns`.
    """

    rows: Mapping[int, int]
    extra: Mapping[int, int] = field(default_factory=dict)
    shifts: tuple[Shift, ...] = ()
    columns: Mapping[int, int] | None = None  # layout column → physical, None if all stand still
    outside: tuple[Outside, ...] = ()  # cells right of the form and below it


@dataclass(frozen=True, slots=True)
class Outside:
    """A cell outside of the form with something in it: its address, and what stands there."""

    cell: str
    text: str


Found = tuple[SheetData, RowMap]


def match_sheet(data: SheetData, sheet: Sheet) -> Found | None:
    """How a sheet corresponds to the layout, None if it is another kind of sheet.

    Columns that moved are put back in the data that is returned; the row map remembers where they
    stand. What stands far below the form is left out of it.
    """
    end = _end_of_form(data, sheet)
    if end < len(data.grid):
        found = _match(replace(data, grid=data.grid[:end]), sheet)
        below = tuple(_filled(data, range(end, len(data.grid)), range(_MOST_COLUMNS)))
    else:
        found, below = _match(data, sheet), ()
    if found is None or not below:
        return found
    return found[0], replace(found[1], outside=(*found[1].outside, *below))


def _match(data: SheetData, sheet: Sheet) -> Found | None:
    width = len(sheet.widths)
    if _stands_still(data, sheet):
        rows = {row: row for row in range(sheet.height)}
        return data, RowMap(rows, outside=_beside(data, width))
    columns = match_columns(data, sheet)
    if columns is None:
        return None
    if all(columns.get(c) == c for c in range(width)):
        found = _Rows(data, sheet, columns).match()
        return (data, replace(found, outside=_beside(data, width))) if found else None
    straight = data.with_columns(columns)
    found = _Rows(straight, sheet, columns).match()
    if found is None:
        return None
    shifts = (*column_shifts(data, columns, width), *found.shifts)
    right = _beside(data, max(columns.values()) + 1)
    return straight, replace(found, shifts=shifts, columns=columns, outside=right)


def _end_of_form(data: SheetData, sheet: Sheet) -> int:
    """The row from which on nothing belongs to the form; the height of the data where all may.

    That is the first blank row below the room that the form takes now, if its last labels are there.
    """
    width = len(sheet.widths)
    if _used_height(data, width) <= sheet.height:
        return len(data.grid)
    rows = _Rows(data, sheet, {column: column for column in range(width)})
    last = max(sheet.locked_rows)
    places = [place for place, labels in enumerate(rows.found) if labels == rows.labels[last]]
    if not places:
        return len(data.grid)
    end = places[-1] + sheet.height - last
    blank = (row for row in range(end, len(data.grid)) if rows.is_blank(row))
    return next(blank, len(data.grid))


def _beside(data: SheetData, width: int) -> tuple[Outside, ...]:
    """The cells with content right of the form."""
    if max(map(len, data.grid), default=0) <= width:
        return ()
    return tuple(_filled(data, range(len(data.grid)), range(width, _MOST_COLUMNS)))


def _filled(data: SheetData, rows: range, columns: range) -> Iterator[Outside]:
    """The cells with content in these rows and columns."""
    for row in rows:
        cells = data.grid[row]
        for column in range(columns.start, min(columns.stop, len(cells))):
            if cells[column] is not None and data.text(row, column):
                yield Outside(a1(row, column), shown(data.raw(row, column)).strip())


def _stands_still(data: SheetData, sheet: Sheet) -> bool:
    """True if the labels stand where the layout says, save a few that were overwritten.

    A label that is not in its place but elsewhere has moved, and so has what stands beside it. Where
    the last row or column was cut off nothing moved, but all its labels are gone.
    """
    if _used_height(data, len(sheet.widths)) > sheet.height:
        return False
    there = sheet.pick_texts(sheet.frame(data.grid))
    if there == sheet.printed_texts:
        return _printed_texts(data, sheet) == len(there)
    wrong = [
        cell
        for cell, raw in zip(sheet.locked, there, strict=True)
        if raw != cell.text and not data.says(cell.row, cell.column, cell.text)
    ]
    if not wrong:
        return not _labels_elsewhere(data, sheet)
    if len(wrong) > len(sheet.locked) * (1 - _STANDS_STILL):
        return False
    last = max(sheet.locked_rows)
    right = max(cell.column for cell in sheet.locked)
    edge = any(cell.row == last for cell in wrong) or not any(
        data.text(row, right) for row in range(sheet.height)
    )
    return not edge and not any(label_key(cell.text) in _astray(data, sheet) for cell in wrong)


def _printed_texts(data: SheetData, sheet: Sheet) -> int:
    """How many cells hold a printed text: more than the locked ones where one stands elsewhere too."""
    return sum(map(sheet.texts.__contains__, chain.from_iterable(data.grid)))


def _labels_elsewhere(data: SheetData, sheet: Sheet) -> bool:
    """True if a label stands in a place that is not one of its own: a row was copied."""
    for row, cells in enumerate(data.grid):
        for column, raw in enumerate(cells):
            if isinstance(raw, str) and (row, column) not in sheet.texts.get(raw, {(row, column)}):
                return True
    return False


def _astray(data: SheetData, sheet: Sheet) -> set[str]:
    """What stands on the sheet as text in other places than the labels and the inputs for text."""
    places = {(cell.row, cell.column): cell.text for cell in sheet.locked}
    return {
        label_key(raw)
        for row, cells in enumerate(data.grid)
        for column, raw in enumerate(cells)
        if isinstance(raw, str) and places.get((row, column)) != data.text(row, column)
    }


class _Rows:
    """The rows of one sheet against the layout; columns stand in place by now."""

    def __init__(self, data: SheetData, sheet: Sheet, columns: Mapping[int, int]) -> None:
        self.data = data
        self.sheet = sheet
        self.labels: dict[int, Signature] = {}
        for row, cells in sheet.locked_rows.items():
            kept = [cell for cell in cells if cell.column in columns]
            if kept:
                self.labels[row] = tuple((cell.column, label_key(cell.text)) for cell in kept)
        self.known = set(self.labels.values())
        self.keys = {cell.column for cell in sheet.locked if cell.kind == "key"} & set(columns)
        self.found = [self.signature(row) for row in range(len(data.grid))]

    def match(self) -> RowMap | None:
        """The row map; None if too few labels are found."""
        pairs = self.in_order()
        taken = {place for _, place in pairs}
        moved = self.elsewhere({row for row, _ in pairs}, taken)
        if len(pairs) + len(moved) < len(self.labels) * _SAME_FORM:
            return None
        if moved and self.is_exchange(pairs, moved):
            return self.exchange(moved)
        return _Gaps(self, pairs, moved).fill()

    def is_exchange(self, pairs: Sequence[Pair], moved: Mapping[int, int]) -> bool:
        """True if rows only changed places: all other labels stand where they were issued."""
        return (
            all(row == place for row, place in pairs)
            and len(pairs) + len(moved) == len(self.labels) == sum(map(bool, self.found))
            and _used_height(self.data, len(self.sheet.widths)) <= self.sheet.height
        )

    def exchange(self, moved: Mapping[int, int]) -> RowMap:
        """All rows stand still but those with labels that moved, and those that lay in their way.

        What stands in the place of such a row may have come from anywhere: it is not read.
        """
        strangers = sorted(moved.keys() - set(moved.values()))
        gone = set(moved.values()) - moved.keys()
        rows = {row: row for row in range(self.sheet.height) if row not in gone} | dict(moved)
        shifts = [(place, 0, _moved_words(self.sheet, row, place)) for row, place in moved.items()]
        for place in strangers:
            rest = "" if self.is_blank(place) else _UNREAD
            shifts.append((place, 0, f"插入了第 {place + 1} 行{rest}"))
        return RowMap(rows, shifts=tuple(sorted(shifts)))

    def signature(self, row: int) -> Signature:
        """The labels of a physical row as one of the layout's rows has them; nothing if it has none."""
        cells = self.data.grid[row]
        here = {
            (column, label_key(self.data.text(row, column)))
            for column, raw in enumerate(cells)
            if raw is not None
        }
        fitting = [labels for labels in self.known if here.issuperset(labels)]
        return max(fitting, key=len, default=_NO_LABELS)

    def in_order(self) -> list[Pair]:
        """Rows with the same labels in the order of the layout.

        Of rows with the same labels the first ones correspond: what is missing or new is at the end.
        Units fill such rows from the top, so a row that was deleted was most likely a blank one.
        """
        expected = [self.labels.get(row, ((-1, str(row)),)) for row in range(self.sheet.height)]
        actual = [labels or ((-2, str(row)),) for row, labels in enumerate(self.found)]
        result: list[Pair] = []
        before = (-1, -1)
        matcher = SequenceMatcher(None, expected, actual, autojunk=False)
        for block in matcher.get_matching_blocks():
            for row, place in ((block.a + n, block.b + n) for n in range(block.size)):
                if row > before[0] + 1 and expected[before[0] + 1] == expected[row]:
                    row = before[0] + 1  # noqa: PLW2901
                follows = row == before[0] + 1
                if follows and place > before[1] + 1 and actual[before[1] + 1] == actual[place]:
                    place = before[1] + 1  # noqa: PLW2901
                before = (row, place)
                result.append(before)
        return result

    def elsewhere(self, placed: set[int], taken: set[int]) -> dict[int, int]:
        """Rows whose labels stand out of order."""
        free: dict[Signature, list[int]] = {}
        for place, labels in enumerate(self.found):
            if labels and place not in taken:
                free.setdefault(labels, []).append(place)
        return {
            row: free[labels].pop(0)
            for row, labels in self.labels.items()
            if row not in placed and free.get(labels)
        }

    def is_labelled(self, row: int, columns: set[int]) -> bool:
        """True if a label that is none of the form's stands in one of these columns."""
        known = row >= len(self.found) or self.found[row]
        return not known and any(self.data.text(row, column) for column in columns)

    def is_blank(self, row: int) -> bool:
        """True if nothing stands in the columns of the form."""
        return all(self.data.raw(row, column) is None for column in range(len(self.sheet.widths)))


class _Gaps:
    """The rows below each matched one, up to the next: in their order, too many or too few."""

    def __init__(self, rows: _Rows, pairs: list[Pair], moved: Mapping[int, int]) -> None:
        self.all = rows
        self.sheet = rows.sheet
        self.moved = moved
        self.rows = dict(pairs) | dict(moved)
        # one that moved alone leaves the rows around it to those above
        self.alone = {p for row, p in moved.items() if not self.following(row)}
        self.extra: dict[int, int] = {}
        self.inserted: list[int] = []
        self.shifts: list[Shift] = []

    def following(self, row: int) -> list[int]:
        """The layout rows below one, up to the next that was matched."""
        return list(takewhile(lambda r: r not in self.rows, range(row + 1, self.sheet.height)))

    def fill(self) -> RowMap:
        """The row map."""
        end = max([_used_height(self.all.data, len(self.sheet.widths)), *self.rows.values()]) + 1
        anchors = sorted((p, row) for row, p in self.rows.items() if p not in self.alone)
        for (place, row), (below, _) in pairwise([(-1, -1), *anchors, (end, -1)]):
            self.gap(row, place, below, is_last=below == end)
        self.shifts += self.insertions()
        for row, place in self.moved.items():
            self.shifts.append((place, 0, _moved_words(self.sheet, row, place)))
        return RowMap(self.rows, self.extra, tuple(sorted(self.shifts)))

    def gap(self, row: int, place: int, below: int, *, is_last: bool) -> None:
        """The rows below a matched one, in the layout and between two places on the sheet."""
        here = self.following(row)
        there = [p for p in range(place + 1, below) if p not in self.alone]
        copies = [p for p in there if p < len(self.all.found) and self.all.found[p]]
        # labels that stand elsewhere too: a copy, unless they stand where others are missing
        expected = dict(zip(there, here, strict=False))
        if not all(expected.get(p) in self.all.labels for p in copies):
            for p in copies:
                there.remove(p)
                self.insert(p, row)
        there = [p for p in there if p < len(self.all.found)]
        last = max((n for n, r in enumerate(here) if r in self.all.labels), default=-1)
        if is_last and last < len(there):
            # below the last label, blank rows are not stored: they stand where they would stand
            taken = {*self.alone, *self.inserted}
            free = (p for p in count(max([place, *there]) + 1) if p not in taken)
            there += islice(free, max(0, len(here) - len(there)))
        cut = self.cut(here, there)
        gone = here[cut : cut + max(0, len(here) - len(there))]
        kept = [r for r in here if r not in gone]
        surplus = self.surplus(kept, there)
        self.rows.update(zip(kept, (p for p in there if p not in surplus), strict=False))
        for p in surplus:
            self.insert(p, self.above(p, [row, *here]))
        if gone:
            at = there[cut] if cut < len(there) else max([place, *there]) + 1
            self.shifts.append((at, 0, f"少了 {len(gone)} 行（{_row_words(self.sheet, gone)}）"))

    def surplus(self, kept: Sequence[int], there: Sequence[int]) -> list[int]:
        """Which rows of too many are new: those with labels of their own, the last blank, the last."""
        inputs = {c.column for c in self.sheet.cells if c.kind == "field" and c.row in kept}
        labels = self.all.keys - inputs
        rows = self.all
        order = sorted(there, key=lambda p: (rows.is_labelled(p, labels), rows.is_blank(p), p))
        return sorted(order[len(kept) :])

    def above(self, place: int, rows: Sequence[int]) -> int:
        """Which of these layout rows, in their order, stands last above a place."""
        return max((r for r in rows if self.rows.get(r, place) < place), default=rows[0])

    def cut(self, here: Sequence[int], there: Sequence[int]) -> int:
        """Where in `here` rows were deleted: those whose labels are gone, and rows beside them.

        Rows are filled from the top, so what follows on a blank row belongs to the next labels.
        """
        missing = len(here) - len(there)
        lost = [n for n, row in enumerate(here) if row in self.all.labels]
        if missing <= 0 or not lost:
            return len(there)
        first, last = max(0, lost[-1] - missing + 1), lost[0]
        if first >= last:
            return last
        near = range(max(0, first - 1), min(last, len(there)))
        blank = [n for n in near if self.all.is_blank(there[n])]
        return blank[-1] + 1 if blank else last

    def insert(self, place: int, above: int) -> None:
        """Note a row that the unit inserted below a row of the layout.

        One with labels of its own holds no values of the rows around it, unless it is itself a row
        of a list.
        """
        self.inserted.append(place)
        labels = self.all.found[place] if place < len(self.all.found) else _NO_LABELS
        if labels in (_NO_LABELS, self.all.labels.get(above)) or self.is_key(labels):
            self.extra[place] = above

    def is_key(self, labels: Signature) -> bool:
        return labels in _key_labels(self.sheet)

    def insertions(self) -> Iterator[Shift]:
        """The inserted rows in words: those in a row together."""
        places = sorted(self.inserted)
        starts = [n for n, place in enumerate(places) if n == 0 or places[n - 1] != place - 1]
        for start, end in pairwise([*starts, len(places)]):
            first = places[start]
            last = f"–{first + end - start}" if end - start > 1 else ""
            unread = any(self.is_unread(place) for place in places[start:end])
            rest = _UNREAD if unread else ""
            yield first, 0, f"插入了第 {first + 1}{last} 行{rest}"

    def is_unread(self, place: int) -> bool:
        """True for an inserted row with content that belongs to no list."""
        lists = {row for block in self.sheet.blocks if not block.always for row in block.span}
        return self.extra.get(place) not in lists and not self.all.is_blank(place)


def _key_labels(sheet: Sheet) -> set[Signature]:
    """The labels of rows that hold nothing but keys of a list."""
    return {
        tuple((cell.column, label_key(cell.text)) for cell in cells)
        for cells in sheet.locked_rows.values()
        if all(cell.kind == "key" for cell in cells)
    }


def _used_height(data: SheetData, width: int) -> int:
    """Rows up to the last one with content in the columns of the form: formats reach further."""
    height = len(data.grid)
    while height and not any(data.raw(height - 1, column) for column in range(width)):
        height -= 1
    return height


def _moved_words(sheet: Sheet, row: int, place: int) -> str:
    return f"{_row_words(sheet, [row])}移到了第 {place + 1} 行"


def _row_words(sheet: Sheet, rows: Sequence[int]) -> str:
    """Rows of the issued form in words: `下发时的第 12–13 行，“产出指标 *数量指标”`."""
    span = f"{rows[0] + 1}" if len(rows) == 1 else f"{rows[0] + 1}–{rows[-1] + 1}"
    labels = {" ".join(cell.text for cell in sheet.locked_rows.get(row, ())): None for row in rows}
    words = "、".join(f"“{label}”" for label in labels if label)
    return f"下发时的第 {span} 行" + (f"，{words}" if words else "")
