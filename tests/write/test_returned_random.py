"""A broken return goes back, is fixed where it is marked, and is clean: at random, over all forms.

A correct return is broken in its values and in its structure (fixed seeds). The returned copy must
hold every value that the unit typed, at the place that the form has for it. Then LibreOffice opens
the copy and a clerk retypes the broken cells of each sheet that 退回修改 names; what LibreOffice saves
must be without any finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from counts import count
from helpers import FORMS, answers, check_files, fill_unit, make_campaign
from office import Document, Office
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from test_returned import give_back

from xltool.fields.kinds import Amount, Choice, Date, Field, Integer
from xltool.fields.reading import Raw
from xltool.form.layout import a1
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file

UNITS = {
    "budget": "301001",
    "declaration": "131002",
    "declaration_2022": "142001",
    "national": "517001",
    "selfeval": "226002",
    "target": "226002",
    "unit": "319001",
}
ROUNDS = count(2, 6)  # the first ones

pytestmark = [pytest.mark.office, pytest.mark.fuzz]


@dataclass
class Typed:
    """One cell that the unit filled: where, as what, and what stands there now."""

    sheet: str
    cell: str
    field: Field
    good: Raw
    now: Raw
    told: bool = False  # a finding must be at this very cell


@dataclass
class Case:
    """A correct return of one form."""

    campaign: Campaign
    path: Path
    cells: list[Typed] = field(default_factory=list)

    def fresh(self) -> list[Typed]:
        """The cells of the unit, those that are not locked, as they are in the correct return."""
        if not self.cells:
            submission = read_file(self.path, settings_for(self.campaign, None))
            form, book = self.campaign.form, openpyxl.load_workbook(self.path)
            for row in submission.rows:
                for name, place in row.places.items():
                    column, raw = form.field(row.table, name), row.raw.get(name)
                    is_open = not book[row.sheet][a1(*place)].protection.locked
                    if column.filled_by == "unit" and is_open and raw is not None:
                        self.cells.append(Typed(row.sheet, a1(*place), column, raw, raw))
        return [Typed(c.sheet, c.cell, c.field, c.good, c.good) for c in self.cells]


def break_value(typed: Typed, random: Random) -> None:
    """Type something wrong into a cell."""
    kind, limit = typed.field.kind, typed.field.max_chars
    if isinstance(kind, (Amount, Integer)):
        typed.now, typed.told = random.choice((("约十二", True), (12.345, True), (None, False)))
    elif isinstance(kind, Date):
        typed.now, typed.told = random.choice((("年底", True), (datetime(1905, 7, 19), True)))
    elif isinstance(kind, Choice):
        typed.now, typed.told = "别的", True
    elif limit:
        typed.now, typed.told = random.choice((("长" * (limit + 1), True), (None, False)))
    else:
        typed.now = None
    if typed.now is None and typed.field.required and not typed.field.own_blank_rule:
        typed.told = True


def unprotected(book: Workbook, random: Random) -> None:
    for page in book.worksheets:
        page.protection.sheet = False


def without_validations(book: Workbook, random: Random) -> None:
    for page in book.worksheets:
        page.data_validations.dataValidation = []


def without_our_pages(book: Workbook, random: Random) -> None:
    book.remove(book[random.choice(("填报检查", "填报说明"))])


def with_a_sheet(book: Workbook, random: Random) -> None:
    book.create_sheet("草稿")["A1"] = "合计 12"


def with_other_labels(book: Workbook, random: Random) -> None:
    page = form_page(book, random)
    labels = [
        cell
        for row in page.iter_rows(max_row=20)
        for cell in row
        if isinstance(cell.value, str) and cell.protection.locked and len(cell.value) > 3
    ]
    random.choice(labels[1:]).value = "改过的标签"


def with_hidden_rows(book: Workbook, random: Random) -> None:
    form_page(book, random).row_dimensions[random.randint(3, 9)].hidden = True


def with_a_blank_row(book: Workbook, random: Random) -> None:
    page = form_page(book, random)
    page.insert_rows(page.max_row - 1)


def form_page(book: Workbook, random: Random) -> Worksheet:
    ours = ("填报说明", "填报检查", "_xltool", "草稿")
    return book[random.choice([name for name in book.sheetnames if name not in ours])]


STRUCTURE: tuple[Callable[[Workbook, Random], None], ...] = (
    unprotected,
    without_validations,
    without_our_pages,
    with_a_sheet,
    with_other_labels,
    with_hidden_rows,
    with_a_blank_row,
)


def broken(case: Case, random: Random, out: Path) -> list[Typed]:
    """Break a copy of the return; the cells of the unit as they are then."""
    cells = case.fresh()
    book = openpyxl.load_workbook(case.path)
    for typed in random.sample(cells, random.randint(1, 5)):
        break_value(typed, random)
        page: Any = book[typed.sheet]
        page[typed.cell].value = typed.now
    for change in random.sample(STRUCTURE, random.randint(0, 3)):
        change(book, random)
    book.save(out)
    return cells


def lost(cells: list[Typed], copy: Path) -> Iterator[str]:
    """Values of the unit that the copy does not have at their places."""
    book: Any = openpyxl.load_workbook(copy)
    for typed in cells:
        found = book[typed.sheet][typed.cell].value
        if typed.field.read(found) != typed.field.read(typed.now):
            yield f"{typed.sheet}!{typed.cell}: {typed.now!r} became {found!r}"


def fix(document: Document, typed: Typed) -> None:
    """Type the right value as a clerk does."""
    raw = typed.good
    words = raw.strftime("%Y-%m-%d") if isinstance(raw, date) else str(raw)
    if isinstance(raw, float):
        words = f"{raw:.15g}"
    if isinstance(raw, str) and "\n" in raw:
        document.put([(typed.sheet, f"{typed.cell}:{typed.cell}", [[raw]])])
        return
    assert document.type_in(typed.sheet, typed.cell, words), (typed.sheet, typed.cell)


@pytest.fixture(scope="module", params=FORMS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A correct return of a form, without any finding."""
    example = request.param
    folder, unit = tmp_path_factory.mktemp(example), UNITS[example]
    campaign = make_campaign(example, folder / "campaign")
    path = fill_unit(campaign, unit, answers(example, unit), folder / f"{unit}.xlsx")
    assert check_files(campaign, path) == []
    return Case(campaign, path)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_broken_return_is_mended(case: Case, office: Office, tmp_path: Path, number: int) -> None:
    random = Random(f"{case.campaign.form.id} {number}")
    source = tmp_path / "broken.xlsx"
    cells = broken(case, random, source)
    (copy,), notes, findings = give_back(
        case.campaign, tmp_path / "back", source, with_warnings=True
    )
    assert notes == []
    assert list(lost(cells, copy)) == []
    book: Any = openpyxl.load_workbook(copy)
    wrong = [typed for typed in cells if typed.now != typed.good]
    for typed in wrong:
        comment = book[typed.sheet][typed.cell].comment
        assert not typed.told or (comment and comment.text.startswith("【")), typed
    named = {finding.sheet for finding in findings if finding.severity != "info"}
    saved = tmp_path / "fixed.xlsx"
    with office.open(copy) as document:
        for typed in wrong:
            if typed.sheet in named:
                fix(document, typed)
        document.save_as(saved)
    left = check_files(case.campaign, saved)
    assert [(f.code, f.sheet, f.cell, f.message) for f in left if f.severity != "info"] == []
