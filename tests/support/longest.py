"""The longest contents that a form has room for: in each open cell a text of the limit, or a large amount."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

from helpers import template

from xltool.fields.kinds import Field
from xltool.form.edition import Recipe, canonical, edition_of
from xltool.form.layout import Position
from xltool.form.model import Form
from xltool.office.campaign import Campaign
from xltool.office.lists import with_lists
from xltool.returns.identifying import find_seal
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook
from xltool.write.submission import Contents, Page, pages_of

_COMMON = [  # the common characters of GB 2312: every font has them
    bytes([high, low]).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)
]
_LINE, _LINES = 60, 400  # characters of a text without limit: of one of few words, of one of many
_AMOUNT = 99_999_999


def longest_contents(
    campaign: Campaign, unit: str, most: int
) -> dict[str, dict[Position, str | float]]:
    """What a unit may type at most on each form sheet, by position; `most` characters in one cell."""
    found = find_seal(open_workbook(template(campaign, unit), Limits()))
    assert found is not None
    issue = found.issue
    changes, rows = canonical(issue.changes), canonical(issue.rows)
    recipe = Recipe(issue.form, campaign.folder, changes, rows, issue.fy, issue.zero_budget)
    edition = edition_of(recipe)
    form = with_lists(edition.form, campaign.folder)
    characters = cycle(_COMMON)
    filled: dict[str, dict[Position, str | float]] = {}
    for page in pages_of(form, edition.layout, issue, Contents()):
        here = filled.setdefault(page.content.name, {})
        for place, field, is_row in _open_cells(form, page):
            if field.kind.free:
                unlimited = _LINES if field.multiline and not is_row else _LINE
                limit = min(field.max_chars or unlimited, most)
                here[place] = "".join(islice(characters, limit))
            elif field.kind.amounts:
                here[place] = _AMOUNT
    return filled


def _open_cells(form: Form, page: Page) -> Iterator[tuple[Position, Field, bool]]:
    """The cells that the unit may fill, and whether each stands in a row of a table."""
    sheet, content = page.sheet, page.content
    own = [
        ((cell.row, cell.column), form.field(sheet.record, name), False)
        for name, cell in sheet.fields.items()
        if cell.words is None and name not in content.prefilled
    ]
    rows = [
        (place, form.field(block.table, name), True)
        for place, (block, name) in sheet.block_cells.items()
        if place not in content.prefilled_rows
    ]
    for place, field, is_row in [*own, *rows]:
        if field.filled_by == "unit" and not (field.computed or field.looked_up):
            yield place, field, is_row
