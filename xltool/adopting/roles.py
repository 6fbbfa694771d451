"""The role of each cell of an official sheet: printed text, input, worked out, or nothing.

Protection tells where the sheet has it. Where it has none, an empty cell within the rules of a table is
an input, and so is one that follows a label with a colon.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

from xltool.adopting.official import OfficialCell, OfficialSheet
from xltool.form.layout import Position

# what an official prints into a cell only to say that the unit writes there
_PLACEHOLDER = re.compile(r"…+|\.{3,}|[×xX]{2,}|指标\s*\d*\s*[：:]?|-?请选择-?")
_DASH = re.compile(r"[—－\-–/\\×]+")


class Role(Enum):
    """What a cell is for."""

    PRINTED = "printed"
    INPUT = "input"  # the unit fills it
    SYSTEM = "system"  # locked and empty: the office or its system fills it
    FORMULA = "formula"  # the workbook works it out
    NOTHING = "nothing"

    @property
    def is_field(self) -> bool:
        """True where a value will stand."""
        return self in (Role.INPUT, Role.SYSTEM, Role.FORMULA)


def is_dash(text: str) -> bool:
    """True for a stroke that says that nothing is to stand there."""
    return bool(_DASH.fullmatch(text))


def is_placeholder(text: str) -> bool:
    """True for a text that the unit is to write over: “……”, “指标1：”."""
    return bool(_PLACEHOLDER.fullmatch(text))


def roles_of(sheet: OfficialSheet) -> Mapping[Position, Role]:
    """Return the role of each cell of a sheet, by its top left corner."""
    roles = {cell.place: _role(sheet, cell) for cell in sheet.cells}
    for cells in sheet.starting.values():
        if sheet.protected:
            roles |= _filled_by_system(sheet, cells, roles)
    return roles


def _role(sheet: OfficialSheet, cell: OfficialCell) -> Role:
    if cell.stated == "formula":
        return Role.FORMULA
    if sheet.protected:
        if not cell.locked:
            return Role.INPUT
        if cell.text:
            return Role.PRINTED
        return Role.NOTHING if cell.number_format == "General" else Role.SYSTEM
    if cell.text:
        return Role.INPUT if is_placeholder(cell.text) and cell.bordered else Role.PRINTED
    return Role.INPUT if cell.bordered or _follows_colon(sheet, cell) else Role.NOTHING


def _follows_colon(sheet: OfficialSheet, cell: OfficialCell) -> bool:
    """True for a blank right of a label such as 填报单位：, where the table has no rules."""
    left = sheet.owners.get((cell.row, cell.column - 1))
    return left is not None and left.row == cell.row and left.text.endswith(("：", ":"))


def _filled_by_system(
    sheet: OfficialSheet, cells: list[OfficialCell], roles: Mapping[Position, Role]
) -> dict[Position, Role]:
    """Locked empty cells of a row that are the only answer to the label left of them."""
    if any(roles[cell.place] is Role.INPUT for cell in cells) or not sheet.has_borders:
        return {}
    found = {}
    for label, cell, after in zip(cells, cells[1:], [*cells[2:], None], strict=False):
        is_answer = roles[label.place] is Role.PRINTED and label.bordered and label.rows == 1
        is_last = after is None or roles[after.place] is Role.PRINTED
        if is_answer and is_last and roles[cell.place] is Role.NOTHING and cell.rows == 1:
            found[cell.place] = Role.SYSTEM
    return found
