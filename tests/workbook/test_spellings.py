"""Whatever the spelling of a workbook: the same values, facts and findings as its ordinary twin."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from helpers import EXAMPLES, FORMS, answers, check_files, edit, fill_unit, make_campaign
from hostile import FORM, write
from mutations import described
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from spellings import SPELLINGS, respelt

from xltool.checking.running import check
from xltool.fields.reading import Value
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding


class Twin(NamedTuple):
    """A return in the usual spelling, and what is found in it."""

    campaign: Campaign
    path: Path
    findings: list[Finding]
    values: list[dict[str, Value]]


@pytest.fixture(scope="module")
def twin_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Twin]:
    """Of each form a return with a formula, an error value, a hidden row, and no protection."""

    @cache
    def twin(example: str) -> Twin:
        folder = tmp_path_factory.mktemp(example)
        campaign = make_campaign(example, folder / "office")
        unit = min(EXAMPLES.joinpath(example, "answers").iterdir()).stem
        good = fill_unit(campaign, unit, answers(example, unit), folder / "good.xlsx")
        path = damaged(campaign, good, folder / "twin.xlsx")
        return Twin(campaign, path, *judged(campaign, path))

    return twin


def damaged(campaign: Campaign, good: Path, out: Path) -> Path:
    """The return with what the readers of facts must not miss."""
    book = openpyxl.load_workbook(good)
    names = campaign.layout.names(1)
    page = book[names[0]]
    open_cells = [
        cell
        for row in page.iter_rows()
        for cell in row
        if isinstance(cell, Cell) and not cell.protection.locked
    ]
    open_cells[0].value = "=1+1"
    open_cells[1].value = "#REF!"
    open_cells[1].data_type = "e"
    page.row_dimensions[5].hidden = True
    page.protection.sheet = False
    book.save(out)
    return out


def judged(campaign: Campaign, path: Path) -> tuple[list[Finding], list[dict[str, Value]]]:
    """What is found in a return, and the values of its rows."""
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    assert batch.submissions[0].problem is None
    findings = [replace(finding, file="") for finding in check(batch).findings]
    return findings, [row.values for row in batch.submissions[0].rows]


@pytest.mark.parametrize("example", FORMS)
@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_is_read_as_its_twin(
    name: str, example: str, twin_of: Callable[[str], Twin], tmp_path: Path
) -> None:
    twin = twin_of(example)
    assert {"TPL-007", "TPL-009", "TPL-010"} <= {finding.code for finding in twin.findings}
    other = respelt(twin.path, SPELLINGS[name], tmp_path / "other.xlsx")
    assert other.read_bytes() != twin.path.read_bytes()
    assert judged(twin.campaign, other) == (twin.findings, twin.values)


AMBIGUOUS = {
    "an address twice": (
        rb'(<c r="B7".*?</c>)',
        rb"\1\1",
        "工作表“项目1”的 B7 出现了两次，各程序读出的不同",
    ),
    "a shared string that is not there": (
        rb'(<c r="B2"[^>]*t="s"[^>]*><v>)\d+',
        rb"\g<1>-1",
        "工作表“项目1”的 B2 指向一段不存在的文字",
    ),
    "an address that is none": (
        rb'<c r="B7"',
        b'<c r="7B"',
        "工作表“项目1”里有单元格的地址是“7B”，无法确认是哪一格",
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_programs_read_differently_is_refused(
    name: str, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    pattern, replacement, problem = AMBIGUOUS[name]
    sheet = "xl/worksheets/sheet3.xml"  # of 项目1

    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        changed = re.sub(pattern, replacement, members[sheet], count=1, flags=re.DOTALL)
        assert changed != members[sheet]
        return {**members, sheet: changed}

    path = respelt(good_target, change, tmp_path / "bad.xlsx")
    submission = read_file(path, settings_for(target, None))
    assert submission.problem == problem


def in_sheet(good: Path, pattern: bytes, replacement: bytes, out: Path) -> Path:
    """The return with its first form sheet changed."""
    sheet = "xl/worksheets/sheet3.xml"  # of 项目1

    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        changed = re.sub(pattern, replacement, members[sheet], count=1, flags=re.DOTALL)
        assert changed != members[sheet]
        return {**members, sheet: changed}

    return respelt(good, change, out)


BLANK_AND_FAR = {
    "an empty row at the very end": (rb"</sheetData>", b'<row r="1048576"/></sheetData>'),
    "a million empty rows": (
        rb"</sheetData>",
        b"".join(b'<row r="%d" s="1"/>' % n for n in range(1000, 400_000)) + b"</sheetData>",
    ),
    "a border on a whole column": (
        rb"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>',
    ),
}


@pytest.mark.parametrize("name", BLANK_AND_FAR)
def test_what_holds_nothing_is_no_content(
    name: str, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    path = in_sheet(good_target, *BLANK_AND_FAR[name], tmp_path / "far.xlsx")
    assert judged(target, path) == judged(target, good_target)
    assert judged(target, path)[0] == []


ODD = {
    "a character of 5000 digits": (
        rb"<sheetProtection ",
        b'<sheetProtection algorithmName="&#' + b"9" * 5000 + b';" ',
    ),
    "a place that is no text": (rb'sqref="[^"]*"', b'sqref="\xff"'),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_attribute_costs_no_more_than_its_file(
    name: str, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    path = in_sheet(good_target, *ODD[name], tmp_path / "odd.xlsx")
    submissions = [read_file(p, settings_for(target, None)) for p in (path, good_target)]
    assert submissions[0].problem in (None, "文件已损坏", "文件已损坏，或不是工作簿")
    assert submissions[1].problem is None


def test_a_formula_that_nobody_worked_out_is_no_disagreement(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """openpyxl writes formulas without values, and calamine reads 0 there: also on sheets of ours."""

    def change(book: Workbook) -> None:
        book["填报说明"]["A5"] = "=1+1"
        book["项目1"]["B7"] = "=1+1"

    path = edit(good_target, change, tmp_path / "formulas.xlsx")
    found, _ = judged(target, path)
    assert [(f.code, f.sheet, f.cell) for f in found] == [("TPL-007", "项目1", "B7")]


def test_cells_that_say_too_little_or_too_much_are_read(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """A shared string without a number is blank; a text in the cell counts, not a value beside it."""

    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        name = "xl/worksheets/sheet3.xml"  # of 项目1
        old = members[name]
        blank = b'<c r="E10" t="s"><v></v></c>'
        both = b'<c r="B8" t="inlineStr"><is><t>\xe5\xae\xa3\xe4\xbc\xa0</t></is><v>7</v></c>'
        new = re.sub(rb'<c r="E10"[^>]*?(?:/>|>.*?</c>)', blank, old, count=1, flags=re.DOTALL)
        new = re.sub(rb'<c r="B8"[^>]*?(?:/>|>.*?</c>)', both, new, count=1, flags=re.DOTALL)
        assert new.count(blank) == new.count(both) == 1
        return {**members, name: new}

    _, values = judged(target, respelt(good_target, change, tmp_path / "odd.xlsx"))
    assert (values[0]["overview"], values[0]["fixed_asset_items"]) == ("宣传", None)


@pytest.mark.parametrize("space", ["　", " ", "\u00a0", "\n", ""])
def test_a_cell_with_nothing_but_space_is_no_disagreement(
    space: str, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """openpyxl writes it into the cell, as `&#12288;`; calamine may leave it out."""

    def change(book: Workbook) -> None:
        book["项目1"]["E10"] = space
        book["填报说明"]["A5"] = space

    found, _ = judged(target, edit(good_target, change, tmp_path / "space.xlsx"))
    assert "TPL-008" not in {f.code for f in found}


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_form_sheet_is_reported(
    state: str, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def hide(members: dict[str, bytes]) -> dict[str, bytes]:
        old = members["xl/workbook.xml"]
        new = re.sub(rb'(<sheet name="[^"]*2" )', rb'\1state="%s" ' % state.encode(), old, count=1)
        assert new != old
        return {**members, "xl/workbook.xml": new}

    found, _ = judged(target, respelt(good_target, hide, tmp_path / "hidden.xlsx"))
    assert [(f.code, f.severity, f.sheet, f.cell, f.message) for f in found] == [
        ("TPL-010", "warning", "项目2", "", "工作表“项目2”被隐藏，内容已照常读取")
    ]


UNSOUND = {
    "an endless character reference": b"&#" + b"9" * 5000 + b";",
    "a control character": b"\x01",
    "a reference to a control character": b"&#7;",
    "half a character": b"&#55357;",
    "an entity of its own": b"&a;",
    "a lone ampersand": b"& ",
    "no UTF-8": b"\xff\xfe",
}


@pytest.mark.parametrize("name", UNSOUND)
@pytest.mark.parametrize("where", [b'sqref="', b"<v>"])
def test_what_is_no_xml_is_damaged(
    target: Campaign, good_target: Path, tmp_path: Path, name: str, where: bytes
) -> None:
    """Fast readers read on; Excel does not open it, and nobody knows what it was to say."""
    with zipfile.ZipFile(good_target) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    assert where in members[FORM]
    members[FORM] = members[FORM].replace(where, where + UNSOUND[name], 1)
    path = write(tmp_path / "a.xlsx", members)
    assert described(check_files(target, path)) == ["TPL-008 error | 无法读取：文件已损坏"]


@pytest.mark.parametrize(
    "text", [b"&#10;", b"&#xA;", b"&#12288;", b"&#x1F600;", b"&#x0A;", b"&#128512;"]
)
def test_references_that_every_reader_knows(
    target: Campaign, good_target: Path, tmp_path: Path, text: bytes
) -> None:
    with zipfile.ZipFile(good_target) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    members[FORM] = members[FORM].replace(b'prompt="', b'prompt="' + text, 1)
    path = write(tmp_path / "a.xlsx", members)
    assert described(check_files(target, path)) == []


def test_a_damaged_table_of_strings_that_is_asked_late(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """Calamine reads on; it is looked into only where the readers count different cells."""
    with zipfile.ZipFile(good_target) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    strings = "xl/sharedStrings.xml"
    members[strings] = members[strings].replace(b'standalone="yes"', b'"yes"', 1)
    blank = re.sub(
        rb'<c r="B8"( s="[0-9]+")?[^>]*>.*?</c>',
        rb'<c r="B8"\1 t="inlineStr"><is><t></t></is></c>',
        members[FORM],
    )
    assert blank != members[FORM]
    path = write(tmp_path / "a.xlsx", {**members, FORM: blank})
    assert described(check_files(target, path)) == ["TPL-008 error | 无法读取：文件已损坏"]
