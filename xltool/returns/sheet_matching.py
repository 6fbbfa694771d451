"""A returned workbook against the layout: which sheet is which.

What moved is reported exactly (`row_matching`), and everything that can be read is still read, so that one
round trip shows the unit all its problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xltool.form.layout import Layout, Sheet, a1
from xltool.office.seal import Issue
from xltool.prose.text import label_key, name_key
from xltool.returns.row_matching import Found, RowMap, match_sheet
from xltool.workbook.opening import SheetData, WorkbookData


@dataclass(frozen=True, slots=True)
class SheetFact:
    """Something odd about one sheet (see `fact_tables.Sheet`); `cell` is where it begins."""

    sheet: str
    cell: str
    expected: str
    state: str
    detail: str = ""


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
    sheets = [data for data in workbook.sheets if data.name not in ours]
    matches, others, facts = _match_once(sheets, layout, issue)
    if layout.single:
        for data in others:
            like = any(match_sheet(data, sheet) is not None for sheet in layout.sheets)
            facts.append(SheetFact(data.name, "", "", "surplus" if like else "extra"))
    else:
        repeated, more = _match_repeated(others, layout, issue)
        matches, facts = matches + repeated, facts + more
    return matches, facts + _shifts(matches)


def _match_once(
    sheets: Sequence[SheetData], layout: Layout, issue: Issue | None
) -> tuple[list[Match], list[SheetData], list[SheetFact]]:
    """The sheets that a form has once, and all others."""
    once = {part: sheet for part, sheet in enumerate(layout.sheets) if not sheet.is_repeated}
    parts = {sheet.name: part for part, sheet in once.items()}
    found: dict[int, Found] = {}
    others: list[SheetData] = []
    facts: list[SheetFact] = []
    for data in sheets:
        part = parts.get(data.name)
        match = match_sheet(data, layout.sheets[part]) if part is not None else None
        if part is not None and match is not None:
            found[part] = match
        else:
            others.append(data)
    for part, sheet in once.items():
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
    number = 0 if issue else None
    matches = [Match(data, number, rows, part) for part, (data, rows) in sorted(found.items())]
    return matches, others, facts


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
    """What is hidden, and what moved on the sheets."""
    matches = list(matches)
    hidden = [
        SheetFact(match.data.name, "", "", "concealed") for match in matches if match.data.is_hidden
    ]
    return hidden + [
        SheetFact(match.data.name, a1(row, column), "", "shifted", what)
        for match in matches
        for row, column, what in match.rows.shifts
    ]


def _match_repeated(
    sheets: Sequence[SheetData], whole: Layout, issue: Issue | None
) -> tuple[list[Match], list[SheetFact]]:
    """The sheets of which a form has one for each project."""
    layout, first = whole.record_sheet, whole.first_project
    part, known = whole.sheets.index(layout), issue.records[first:] if issue else []
    names = [layout.name.format(n=n) for n in range(1, len(known) + 1)]
    found, others, facts = _form_sheets(sheets, layout, names)
    prefilled = dict(zip(names, known, strict=True))
    renamed = _renamed([n for n in names if n not in found], prefilled, others, layout)
    matches = []
    for number, name in enumerate(names, first):
        pair = found.get(name) or renamed.get(name)
        if pair is None:
            facts.append(SheetFact("", "", name, "missing"))
            continue
        if name in renamed:
            facts.append(SheetFact(pair[0].name, "", name, "renamed"))
        matches.append(Match(pair[0], number, pair[1], part))
    taken = {id(data) for data, _ in renamed.values()}
    copied = [Match(data, None, rows, part) for data, rows in others if id(data) not in taken]
    facts += [SheetFact(match.data.name, "", "", "copied") for match in copied if issue]
    return [*matches, *copied], facts


def _form_sheets(
    sheets: Sequence[SheetData], layout: Sheet, names: list[str]
) -> tuple[dict[str, Found], list[Found], list[SheetFact]]:
    """The form sheets under their issued names, those under other names, and sheets of no use."""
    found: dict[str, Found] = {}
    others: list[Found] = []
    facts: list[SheetFact] = []
    for data in sheets:
        match = match_sheet(data, layout)
        if match is not None and data.name in names:
            found[data.name] = match
        elif match is not None:
            others.append(match)
        elif data.name not in names:
            facts.append(SheetFact(data.name, "", "", "extra"))
    return found, others, facts


def _renamed(
    missing: list[str],
    known: Mapping[str, Mapping[str, str]],
    others: list[Found],
    layout: Sheet,
) -> dict[str, Found]:
    """Which sheet of another name is which issued one: by its prefilled values, then by order.

    `known` are the values of each by the name that was issued.
    """
    renamed: dict[str, Found] = {}
    rest = list(others)
    for by_value in (True, False):
        for name in [name for name in missing if name not in renamed]:
            prefilled = known[name]
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
