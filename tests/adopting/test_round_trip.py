"""The issued workbook of a built-in form, stripped of what is ours, becomes the same form again."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from helpers import EXAMPLES, FORMS, answers, fill_unit, make_campaign
from office import Office
from officials import blank_official
from small import put_key, write_csv

from xltool.adopting.adopting import adopt
from xltool.adopting.diffing import diff
from xltool.fields.reading import Value
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.write.issuing import issue

Values = dict[tuple[str, str], Value]  # by sheet and cell


@pytest.fixture(scope="module", params=list(FORMS))
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """An example campaign with one unit, issued."""
    name: str = request.param
    unit = min((EXAMPLES / name / "answers").glob("*.json")).stem
    return make_campaign(name, tmp_path_factory.mktemp(name) / name, units=[unit])


@pytest.fixture(scope="module")
def official(example: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its form as an official workbook."""
    return blank_official(example, tmp_path_factory.mktemp("official") / "official.xlsx")


@pytest.fixture(scope="module")
def adopted(example: Campaign, official: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign's folder with the form that it became."""
    folder = tmp_path_factory.mktemp("adopted")
    adopt(official, "adopted", folder, example.fy)
    return folder


def told(path: Path, folder: Path, fy: int) -> list[str]:
    """The differences between an official workbook and the adopted form, in words."""
    return [str(difference) for difference in diff(path, load_form("adopted", folder), fy)]


def test_what_openpyxl_saved_becomes_the_same_form(
    example: Campaign, official: Path, adopted: Path
) -> None:
    assert told(official, adopted, example.fy) == []


def test_what_libreoffice_saved_becomes_the_same_form(
    example: Campaign, official: Path, tmp_path: Path, office: Office
) -> None:
    saved = tmp_path / "saved.xlsx"
    with office.open(official) as document:
        document.save_as(saved)
    adopt(saved, "adopted", tmp_path, example.fy)
    assert told(saved, tmp_path, example.fy) == []


def test_it_is_issued_and_reads_the_same_values(
    example: Campaign, adopted: Path, tmp_path: Path
) -> None:
    name = example.folder.name
    unit = min((EXAMPLES / name / "answers").glob("*.json")).stem
    filled = fill_unit(example, unit, answers(name, unit), tmp_path / "filled.xlsx")
    expected = values_of(filled, example)
    assert len(expected) > 20
    sheets = len({sheet for sheet, _ in expected})
    campaign = campaign_of(adopted, example, unit, sheets)
    issued = next((adopted / "issued").glob("*.xlsx"))
    out = tmp_path / "adopted.xlsx"
    copy_values(filled, issued, campaign, out)
    found = values_of(out, campaign)
    assert {place: found.get(place) for place in expected} == expected


def campaign_of(folder: Path, example: Campaign, unit: str, sheets: int) -> Campaign:
    """The campaign of the adopted form, with one unit and so many sheets, issued."""
    spare = f"spare = {sheets}\n" if not example.layout.single else ""
    given = "".join(
        f'[fields.{n}]\nfilled_by = "unit"\n' for n in given_by_office(folder, example.fy)
    )
    (folder / "campaign.toml").write_text(
        f'form = "adopted"\nyear = {example.fy}\n{spare}{given}', encoding="utf-8"
    )
    with (example.folder / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *units = csv.reader(file)
    write_csv(folder / "units.csv", [head, *(line for line in units if unit in line)])
    write_csv(folder / "projects.csv", [["单位代码"]])
    put_key(folder)
    campaign = load_campaign(folder)
    issue(campaign)
    return campaign


def given_by_office(folder: Path, fy: int) -> list[str]:
    """The fields that the office fills in: here the test does, as a unit, to have them read."""
    form = load_form("adopted", folder)
    found: dict[str, None] = {}
    for sheet in render(form, fy).sheets:
        placed = [(sheet.record, name) for name in sheet.fields]
        placed += [(block.table, name) for block, name in sheet.block_cells.values()]
        for table, name in placed:
            column = form.field(table, name)
            if column.filled_by == "system" and not column.computed and not column.prefill:
                found[name] = None
    return list(found)


def copy_values(source: Path, issued: Path, campaign: Campaign, out: Path) -> None:
    """Put what stands in the input cells of one workbook into the same cells of another."""
    given, book = openpyxl.load_workbook(source, data_only=True), openpyxl.load_workbook(issued)
    names = [name for name in book.sheetnames if name in given.sheetnames]
    forms = campaign.layout.sheets
    for number, name in enumerate(n for n in names if not n.startswith("填报")):
        if name.startswith("_"):
            continue
        sheet = forms[number % len(forms)]
        places = {(c.row, c.column) for c in sheet.fields.values()} | set(sheet.block_cells)
        for row, column in places:
            cell = book[name].cell(row + 1, column + 1)
            if not str(cell.value or "").startswith("="):
                cell.value = given[name].cell(row + 1, column + 1).value
    book.save(out)


def values_of(path: Path, campaign: Campaign) -> Values:
    """The values that are read from a workbook, by sheet and cell."""
    submission = read_file(path, settings_for(campaign, None))
    assert submission.problem is None
    return {
        (row.sheet, row.cells[name]): value
        for row in submission.rows
        for name, value in row.values.items()
        if name in row.cells
    }
