"""Tables on an official sheet: a row of headings, and below it rows whose cells stand under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.adopting.official import OfficialCell, OfficialSheet
from xltool.adopting.roles import Role, is_dash
from xltool.adopting.words import is_total
from xltool.form.layout import Position

Roles = Mapping[Position, Role]


@dataclass(frozen=True)
class Segment:
    """Rows of a part of a table that are alike: which of its columns are printed, which are filled.

    `keys` and `fields` are numbers of columns of the part.
    """

    first: int
    last: int
    keys: tuple[int, ...]
    fields: tuple[int, ...]
    sums: tuple[int, ...]  # of the fields those with a formula in these rows only

    @property
    def rows(self) -> range:
        """Its rows."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True)
class Part:
    """One of the tables that stand side by side under a row of headings."""

    heads: tuple[OfficialCell, ...]
    segments: tuple[Segment, ...]

    @property
    def columns(self) -> range:
        """The columns of the sheet that it takes."""
        return range(self.heads[0].column, self.heads[-1].column + self.heads[-1].columns)


@dataclass(frozen=True)
class OfficialTable:
    """A row of headings (`head`) and the rows below it, from `first` to `last`.

    Between them there may be a row of totals across several columns.
    """

    head: int
    first: int
    last: int
    parts: tuple[Part, ...]

    @property
    def body(self) -> range:
        """The rows below the headings."""
        return range(self.first, self.last + 1)


def tables_of(sheet: OfficialSheet, roles: Roles) -> list[OfficialTable]:
    """Return the tables of a sheet, from top to bottom."""
    found: list[OfficialTable] = []
    row = 0
    while row < sheet.height - 1:
        table = _table_at(sheet, roles, row)
        if table:
            found.append(table)
        row = table.last + 1 if table else row + 1
    return found


def _table_at(sheet: OfficialSheet, roles: Roles, row: int) -> OfficialTable | None:
    heads = _heads(sheet, roles, row)
    if not heads:
        return None
    first = row + 2 if _is_wide_total(sheet, heads, row + 1) else row + 1
    last = first - 1
    while last + 1 < sheet.height and _stands_under(sheet, roles, heads, last + 1):
        last += 1
    body = range(first, last + 1)
    owners = [[sheet.owners[r, head.column] for r in body] for head in heads]
    filled = [any(roles[c.place].is_field for c in column) for column in owners]
    if not any(filled):
        return None
    parts = tuple(_part(sheet, roles, group, body) for group in _side_by_side(heads))
    return OfficialTable(row, first, last, parts)


def _heads(sheet: OfficialSheet, roles: Roles, row: int) -> tuple[OfficialCell, ...]:
    """The headings that end in a row, if it is one of headings: two or more, one beside the other."""
    ending = _ending(sheet, row)
    printed = [cell for cell in ending if _is_heading(sheet, roles, cell)]
    if len(printed) < 2 or _names(printed) == {""}:
        return ()
    others = [cell for cell in ending if cell not in printed]
    corner = all(cell.column < printed[0].column and not cell.text for cell in others)
    first = row + 2 if _is_wide_total(sheet, ending, row + 1) else row + 1
    below = [(cell.column, cell.columns) for cell in sheet.starting.get(first, [])]
    aligned = below == [(cell.column, cell.columns) for cell in ending]
    return tuple(ending) if corner and aligned else ()


def _is_wide_total(sheet: OfficialSheet, heads: Sequence[OfficialCell], row: int) -> bool:
    """True for a row of totals whose name (合计) stands across several of the headings above it."""
    cells = sheet.starting.get(row, [])
    if not cells or not is_total(cells[0].text) or cells[0].columns <= heads[0].columns:
        return False
    spans = [(head.column, head.columns) for head in heads]
    rest = [(cell.column, cell.columns) for cell in cells[1:]]
    return bool(rest) and rest == spans[-len(rest) :]


def _names(cells: Sequence[OfficialCell]) -> set[str]:
    return {"" if is_dash(cell.text) else cell.text for cell in cells}


def _ending(sheet: OfficialSheet, row: int) -> list[OfficialCell]:
    """The cells whose last row this is."""
    owners = {sheet.owners[row, column].place: None for column in range(len(sheet.widths))}
    cells = [sheet.owners[place] for place in owners]
    return sorted((c for c in cells if c.bottom == row), key=lambda cell: cell.column)


def _is_heading(sheet: OfficialSheet, roles: Roles, cell: OfficialCell) -> bool:
    if roles[cell.place] is not Role.PRINTED or cell.text.endswith(("：", ":")):
        return False
    return cell.bordered or not sheet.has_borders


def _stands_under(
    sheet: OfficialSheet, roles: Roles, heads: Sequence[OfficialCell], row: int
) -> bool:
    """True if each cell that begins in a row stands under one heading, and not all are printed."""
    spans = {(head.column, head.columns) for head in heads}
    cells = sheet.starting[row]
    if not cells or any((cell.column, cell.columns) not in spans for cell in cells):
        return False
    owners = [sheet.owners[row, head.column] for head in heads]
    return any(roles[cell.place] is not Role.PRINTED for cell in owners)


def _side_by_side(heads: tuple[OfficialCell, ...]) -> list[tuple[OfficialCell, ...]]:
    """The headings of each table, where those of a table come again beside it, from its end on."""
    names = [head.text for head in heads]
    for width in range(len(heads) // 2, 1, -1):
        rest, repeated = heads[:-width], heads[-width:]
        if names[-width:] == names[-2 * width : -width]:
            return [*_side_by_side(rest), repeated]
    return [heads]


def _part(sheet: OfficialSheet, roles: Roles, heads: tuple[OfficialCell, ...], body: range) -> Part:
    columns = [[sheet.owners[row, head.column] for row in body] for head in heads]
    has_fields = [any(roles[cell.place].is_field for cell in column) for column in columns]
    has_formulas = [
        all(roles[c.place] is Role.FORMULA or is_dash(c.text) for c in column) for column in columns
    ]

    def mark(column: int, cell: OfficialCell) -> str:
        role = roles[cell.place]
        if role is Role.PRINTED:
            return "field" if has_fields[column] and is_dash(cell.text) else "key"
        if role is Role.FORMULA:
            return "field" if has_formulas[column] else "formula"
        return "field" if role.is_field else "nothing"

    masks = [
        tuple(mark(number, column[n]) for number, column in enumerate(columns))
        for n in range(len(body))
    ]
    return Part(heads, tuple(_segments(masks, body)))


def _segments(masks: Sequence[tuple[str, ...]], body: range) -> Iterator[Segment]:
    first = 0
    for number in range(1, len(masks) + 1):
        if number < len(masks) and masks[number] == masks[first]:
            continue
        mask = masks[first]
        fields = tuple(n for n, word in enumerate(mask) if word in ("field", "formula"))
        yield Segment(
            body[first],
            body[number - 1],
            tuple(n for n, word in enumerate(mask) if word == "key"),
            fields,
            tuple(n for n in fields if mask[n] == "formula"),
        )
        first = number
