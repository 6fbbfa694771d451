"""A returned workbook against the layout: which sheet is which, and where each row stands now.

If every label stands where the layout says, that is the fast path. If not, rows are matched by
their labels; what moved is said exactly, and everything that can be read is still read, so that
one round trip shows the unit all its problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from xltool.layout import Layout, Sheet, a1
from xltool.seal import Issue
from xltool.text import label_key, name_key
from xltool.workbook import SheetData, WorkbookData

_SAME_FORM = 0.6  # share of the labels that must be found for a sheet to be this form

_STANDS_STILL = 0.9  # share of them that must stand in place for nothing to have moved

Signature = tuple[tuple[int, str], ...]  # (column, label) of the labels of one row


@dataclass(frozen=True, slots=True)
class SheetFact:
    """Something odd about one sheet (see `facts.Sheet`); `cell` is where it begins."""

    sheet: str
    cell: str
    expected: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class RowMap:
    """Layout row → physical row (0-based); rows that are gone are absent, `extra` rows are new.

    Where columns moved, `data` of the match has them back in place; only addresses need `columns`.
    """

    rows: Mapping[int, int]
    extra: tuple[int, ...] = ()
    shifts: tuple[tuple[int, int, str], ...] = ()  # physical row and column, what happened there
    columns: Mapping[int, int] | None = None  # layout column → physical, None if all stand still


@dataclass(frozen=True)
class Match:
    """A form sheet of the workbook: the issued sheet that it is (None: a copied one) and its rows.

    `number` is the issued record, `part` the sheet of the layout.
    """

    data: SheetData
    number: int | None
    rows: RowMap
    part: int = 0

    def address(self, row: int, column: int) -> str:
        """The physical A1 address of a cell of `data`."""
        columns = self.rows.columns
        return a1(row, column if columns is None else columns.get(column, column))


def match_workbook(
    workbook: WorkbookData, layout: Layout, issue: Issue | None, ours: frozenset[str]
) -> tuple[list[Match], list[SheetFact]]:
    """The form sheets of a workbook, and what is missing, renamed, copied, extra or shifted.

    `ours` are the names of our own sheets around the form. Without an issue (no seal) every sheet
    that looks like the form is one.
    """
    if not layout.single:
        return _match_repeated(workbook, layout.record_sheet, issue, ours)
    return _match_single(workbook, layout, issue, ours)


def _match_single(
    workbook: WorkbookData, layout: Layout, issue: Issue | None, ours: frozenset[str]
) -> tuple[list[Match], list[SheetFact]]:
    """The sheets of a form that has each of them once."""
    parts = {sheet.name: part for part, sheet in enumerate(layout.sheets)}
    found: dict[int, Found] = {}
    others: list[SheetData] = []
    facts: list[SheetFact] = []
    for data in workbook.sheets:
        part = parts.get(data.name)
        match = match_sheet(data, layout.sheets[part]) if part is not None else None
        if part is not None and match is not None:
            found[part] = match
        elif data.name not in ours:
            others.append(data)
    for part, sheet in enumerate(layout.sheets):
        if part in found:
            continue
        renamed = _likest(others, sheet, alone=len(layout.sheets) == 1)
        if renamed is None:
            facts.append(SheetFact("", "", sheet.name, "missing"))
            continue
        found[part] = renamed
        others = [data for data in others if data.name != renamed[0].name]
        if renamed[0].name != sheet.name:
            facts.append(SheetFact(renamed[0].name, "", sheet.name, "renamed"))
    for data in others:
        like = any(match_sheet(data, sheet) is not None for sheet in layout.sheets)
        facts.append(SheetFact(data.name, "", "", "surplus" if like else "extra"))
    number = 0 if issue else None
    matches = [Match(data, number, rows, part) for part, (data, rows) in sorted(found.items())]
    return matches, facts + _shifts(matches)


def _likest(others: list[SheetData], sheet: Sheet, alone: bool) -> Found | None:
    """A sheet under another name: one of the same title, as tables of a budget differ in little else."""
    titles = {label_key(cell.text) for cell in sheet.cells if cell.kind == "title"}
    for data in others:
        texts = {label_key(str(raw)) for row in data.grid[:5] for raw in row if raw is not None}
        match = match_sheet(data, sheet)
        if match is not None and (alone or titles <= texts):
            return match
    return None


def _shifts(matches: Iterable[Match]) -> list[SheetFact]:
    return [
        SheetFact(match.data.name, a1(row, column), "", "shifted", what)
        for match in matches
        for row, column, what in match.rows.shifts
    ]


def _match_repeated(
    workbook: WorkbookData, layout: Sheet, issue: Issue | None, ours: frozenset[str]
) -> tuple[list[Match], list[SheetFact]]:
    """The sheets of a form that has one sheet for each record."""
    count = len(issue.records) if issue else 0
    names = [layout.name.format(n=n) for n in range(1, count + 1)]
    found, others, facts = _form_sheets(workbook, layout, names, ours)
    renamed = _renamed([n for n in names if n not in found], names, others, layout, issue)
    matches = []
    for number, name in enumerate(names):
        pair = found.get(name) or renamed.get(name)
        if pair is None:
            facts.append(SheetFact("", "", name, "missing"))
            continue
        if name in renamed:
            facts.append(SheetFact(pair[0].name, "", name, "renamed"))
        matches.append(Match(pair[0], number, pair[1]))
    taken = {id(data) for data, _ in renamed.values()}
    copied = [Match(data, None, rows) for data, rows in others if id(data) not in taken]
    facts += [SheetFact(match.data.name, "", "", "copied") for match in copied if issue]
    return [*matches, *copied], facts + _shifts((*matches, *copied))


Found = tuple[SheetData, RowMap]


def _form_sheets(
    workbook: WorkbookData, layout: Sheet, names: list[str], ours: frozenset[str]
) -> tuple[dict[str, Found], list[Found], list[SheetFact]]:
    """The form sheets under their issued names, those under other names, and sheets of no use."""
    found: dict[str, Found] = {}
    others: list[Found] = []
    facts: list[SheetFact] = []
    for data in workbook.sheets:
        if data.name in ours:
            continue
        match = match_sheet(data, layout)
        if match is not None and data.name in names:
            found[data.name] = match
        elif match is not None:
            others.append(match)
        elif data.name not in names:
            facts.append(SheetFact(data.name, "", "", "extra"))
    return found, others, facts


def match_sheet(data: SheetData, sheet: Sheet) -> Found | None:
    """How a sheet corresponds to the layout, None if it is another kind of sheet.

    Columns that moved are put back in the data that is returned; the row map remembers where they
    stand.
    """
    if _stands_still(data, sheet):
        return data, RowMap({row: row for row in range(sheet.height)})
    columns = _match_columns(data, sheet)
    if columns is None:
        rows = _match_rows(data, sheet)
        return (data, rows) if rows else None
    straight = data.with_columns(columns)
    rows = _match_rows(straight, sheet)
    if rows is None:
        return None
    shifts = (*_column_shifts(columns, len(sheet.widths)), *rows.shifts)
    return straight, replace(rows, shifts=shifts, columns=columns)


def _stands_still(data: SheetData, sheet: Sheet) -> bool:
    """True if the labels stand where the layout says, save a few that were overwritten.

    After an insertion or deletion most labels below it are elsewhere, the last one in any case.
    """
    if _used_height(data, len(sheet.widths)) > sheet.height:
        return False
    wrong = [cell for cell in sheet.locked if data.text(cell.row, cell.column) != cell.text]
    last = max(sheet.locked_rows)
    few = len(wrong) <= len(sheet.locked) * (1 - _STANDS_STILL)
    return not wrong or (few and not any(cell.row == last for cell in wrong))


def _match_columns(data: SheetData, sheet: Sheet) -> dict[int, int] | None:
    """Layout column → physical column by the row with most headings; None if nothing moved."""
    heads = max(sheet.locked_rows.values(), key=len)
    labels = [label_key(cell.text) for cell in heads]
    best: list[tuple[int, int]] = []
    for row in range(len(data.grid)):
        keys = [label_key(data.text(row, column)) for column in range(len(data.grid[row]))]
        blocks = SequenceMatcher(None, labels, keys, autojunk=False).get_matching_blocks()
        pairs = [
            (heads[block.a + n].column, block.b + n) for block in blocks for n in range(block.size)
        ]
        best = max(best, pairs, key=len)
    found = dict(best)
    if len(found) < 2 or len(found) / len(heads) < _SAME_FORM or all(a == b for a, b in best):
        return None
    return found


def _column_shifts(columns: Mapping[int, int], width: int) -> list[tuple[int, int, str]]:
    """What happened to the columns, in words."""
    shifts = []
    expected = 0
    for column in range(width):
        if column not in columns:
            shifts.append((0, expected, f"少了 1 列（下发时的 {a1(0, column)[:-1]} 列）"))
            continue
        surplus = columns[column] - expected
        if surplus > 0:
            name = a1(0, expected)[:-1]
            shifts.append((0, expected, f"{name} 列处插入了 {surplus} 列"))
        expected = columns[column] + 1
    return shifts


def _renamed(
    missing: list[str],
    names: list[str],
    others: list[Found],
    layout: Sheet,
    issue: Issue | None,
) -> dict[str, Found]:
    """Which sheet of another name is which issued one: by its prefilled values, then by order."""
    renamed: dict[str, Found] = {}
    if issue is None:
        return renamed
    rest = list(others)
    for by_value in (True, False):
        for name in [name for name in missing if name not in renamed]:
            prefilled = issue.records[names.index(name)]
            for candidate in rest:
                if not by_value or _carries(candidate, layout, prefilled):
                    renamed[name] = candidate
                    rest.remove(candidate)
                    break
    return renamed


def _carries(
    candidate: tuple[SheetData, RowMap], layout: Sheet, prefilled: Mapping[str, str]
) -> bool:
    """True if the sheet shows the issued project's code and name."""
    data, mapping = candidate
    keys = [name for name in ("project_code", "project_name") if name in prefilled]
    for name in keys:
        cell = layout.fields[name]
        row = mapping.rows.get(cell.row)
        if row is None or name_key(data.text(row, cell.column)) != name_key(prefilled[name]):
            return False
    return bool(keys)


def _match_rows(data: SheetData, sheet: Sheet) -> RowMap | None:
    """Match rows by their labels, then fill the gaps between matched rows."""
    anchors: dict[int, Signature] = {
        row: tuple((cell.column, label_key(cell.text)) for cell in cells)
        for row, cells in sheet.locked_rows.items()
    }
    expected = [anchors.get(row, ((-1, str(row)),)) for row in range(sheet.height)]
    known = set(anchors.values())
    physical = [_signature(data, row, known) for row in range(len(data.grid))]
    pairs: list[tuple[int, int]] = []
    for block in SequenceMatcher(None, expected, physical, autojunk=False).get_matching_blocks():
        pairs += [(block.a + n, block.b + n) for n in range(block.size)]
    if not anchors or len(pairs) / len(anchors) < _SAME_FORM:
        return None
    slid = _slid(pairs, expected, physical)
    return _fill_gaps(slid, sheet, _used_height(data, len(sheet.widths)))


def _slid(
    pairs: list[tuple[int, int]], expected: list[Signature], physical: list[Signature]
) -> list[tuple[int, int]]:
    """Of rows with the same labels the first ones correspond: what is missing or new is at the end.

    Units fill such rows from the top, so a row that was deleted was most likely a blank one.
    """
    result: list[tuple[int, int]] = []
    before = (-1, -1)
    for row, place in pairs:
        if row > before[0] + 1 and expected[before[0] + 1] == expected[row]:
            row = before[0] + 1  # noqa: PLW2901
        if place > before[1] + 1 and physical[before[1] + 1] == physical[place]:
            place = before[1] + 1  # noqa: PLW2901
        before = (row, place)
        result.append(before)
    return result


def _signature(data: SheetData, row: int, known: set[Signature]) -> Signature:
    """The labels of a physical row as one of the layout's rows has them, or a mark of its own."""
    keys = [label_key(data.text(row, column)) for column in range(len(data.grid[row]))]
    here = tuple((column, key) for column, key in enumerate(keys) if key)
    if here in known:
        return here
    fitting = [
        signature
        for signature in known
        if all(column < len(keys) and keys[column] == key for column, key in signature)
    ]
    return max(fitting, key=len, default=((row, "?"),))


def _used_height(data: SheetData, width: int) -> int:
    """Rows up to the last one with content in the columns of the form: formats reach further."""
    height = len(data.grid)
    while height and not any(data.raw(height - 1, column) for column in range(width)):
        height -= 1
    return height


def _row_words(sheet: Sheet, rows: range) -> str:
    """Rows of the issued form in words: `下发时的第 12–13 行，“产出指标 *数量指标”`."""
    span = f"{rows[0] + 1}" if len(rows) == 1 else f"{rows[0] + 1}–{rows[-1] + 1}"
    labels = {" ".join(cell.text for cell in sheet.locked_rows.get(row, ())): None for row in rows}
    words = "、".join(f"“{label}”" for label in labels if label)
    return f"下发时的第 {span} 行" + (f"，{words}" if words else "")


def _fill_gaps(pairs: list[tuple[int, int]], sheet: Sheet, height: int) -> RowMap:
    """Rows between matched ones correspond in order; what does not fit was inserted or deleted."""
    rows = dict(pairs)
    extra: list[int] = []
    shifts: list[tuple[int, int, str]] = []
    before = (-1, -1)
    for after in [*pairs, (sheet.height, max(height, pairs[-1][1] + 1))]:
        in_layout = range(before[0] + 1, after[0])
        in_sheet = range(before[1] + 1, after[1])
        last = max((row for row in in_layout if row in sheet.locked_rows), default=before[0])
        if after[0] == sheet.height and last - before[0] <= len(in_sheet):
            # below the last label, blank rows are not stored: they stand where they would stand
            in_sheet = range(in_sheet.start, max(in_sheet.stop, in_sheet.start + len(in_layout)))
        rows.update(zip(in_layout, in_sheet, strict=False))
        difference = len(in_sheet) - len(in_layout)
        if difference > 0:
            first = in_sheet[len(in_layout)]
            where = f"第 {first} 行之后" if first else "表格最前面"
            extra += in_sheet[len(in_layout) :]
            shifts.append((first, 0, f"{where}插入了 {difference} 行"))
        elif difference < 0:
            gone = in_layout[len(in_sheet) :]
            shifts.append((in_sheet.stop, 0, f"少了 {-difference} 行（{_row_words(sheet, gone)}）"))
        before = after
    return RowMap(rows, tuple(extra), tuple(shifts))
