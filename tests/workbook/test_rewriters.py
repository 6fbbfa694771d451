"""Returns that another program wrote anew: the values and findings of the original, or the true reason.

What was really lost is told too: SheetJS drops limits and protection. The programs are real ones: three
libraries of npm, openpyxl, LibreOffice.
"""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from helpers import EXAMPLES, FORMS, answers, edit, fill_unit, make_campaign
from hostile import write
from office import Office

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding

SCRIPT = Path(__file__).parent.parent / "support" / "rewrite.js"
ROOT = Path(__file__).parent.parent.parent
LOST = {"TPL-005", "TPL-009"}  # findings on limits, formats, locks


class Twin(NamedTuple):
    """A return with a formula and an error value, and what is found in it."""

    campaign: Campaign
    path: Path
    read: Submission
    findings: list[Finding]


def with_oddities(path: Path, out: Path, name: str) -> Path:
    """The return with a formula and an error value, each with its result, in two of the unit's texts."""
    book = openpyxl.load_workbook(path)
    number = book.sheetnames.index(name) + 1
    texts = [
        cell.coordinate
        for row in book[name].iter_rows()
        for cell in row
        if cell.data_type == "s" and cell.value and not cell.protection.locked
    ]
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    part = f"xl/worksheets/sheet{number}.xml"
    xml = members[part].decode()
    for address, kind, content in (
        (texts[0], "str", "<f>1+1</f><v>2</v>"),
        (texts[1], "e", "<v>#REF!</v>"),
    ):
        pattern = rf'<c r="{address}"((?: s="\d+")?)[^>]*?>.*?</c>'
        xml, changed = re.subn(pattern, rf'<c r="{address}"\1 t="{kind}">{content}</c>', xml)
        assert changed == 1
    return write(out, {**members, part: xml.encode()})


@pytest.fixture(scope="module")
def twin_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Twin]:
    """The return of each form."""

    @cache
    def twin(example: str) -> Twin:
        folder = tmp_path_factory.mktemp(example)
        campaign = make_campaign(example, folder / "office")
        unit = min(EXAMPLES.joinpath(example, "answers").iterdir()).stem
        good = fill_unit(campaign, unit, answers(example, unit), folder / "good.xlsx")
        name = campaign.layout.names(1)[0]
        path = with_oddities(good, folder / "twin.xlsx", name)
        read, findings = judged(campaign, path)
        assert [f.code for f in findings].count("TPL-007") == 2
        return Twin(campaign, path, read, findings)

    return twin


def judged(campaign: Campaign, path: Path) -> tuple[Submission, list[Finding]]:
    """What was read, and what is found in it."""
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    return batch.submissions[0], [replace(finding, file="") for finding in check(batch).findings]


def by_node(library: str, source: Path, target: Path) -> Path:
    """The workbook as a program with this library writes it."""
    words = ["node", str(SCRIPT), library, str(source), str(target)]
    environment = {"NODE_PATH": str(ROOT / "node_modules"), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    subprocess.run(words, check=True, capture_output=True, env=environment)
    return target


def assert_same(twin: Twin, path: Path, lost: Collection[str] = (), error: bool = True) -> None:
    """The values and the findings are those of the original, but for what was lost.

    Some programs lose the `error` value: its cell is blank then, for every reader.
    """
    read, findings = judged(twin.campaign, path)
    gone = next(f.cell for f in twin.findings if "错误值" in f.message) if not error else ""
    assert read.problem is None
    assert [row.values for row in read.rows] == [row.values for row in twin.read.rows]
    assert [f for f in findings if f.code not in lost and f.cell != gone] == [
        f for f in twin.findings if f.code not in lost and f.cell != gone
    ]


@pytest.mark.parametrize("example", FORMS)
def test_exceljs(twin_of: Callable[[str], Twin], tmp_path: Path, example: str) -> None:
    """It keeps everything."""
    twin = twin_of(example)
    assert_same(twin, by_node("exceljs", twin.path, tmp_path / "a.xlsx"))


@pytest.mark.parametrize("example", FORMS)
def test_xlsx_populate(twin_of: Callable[[str], Twin], tmp_path: Path, example: str) -> None:
    """Texts that are digits become numbers (TPL-006)."""
    twin = twin_of(example)
    path = by_node("xlsx-populate", twin.path, tmp_path / "a.xlsx")
    assert_same(twin, path, lost=["TPL-006"], error=False)


@pytest.mark.parametrize("example", FORMS)
def test_sheetjs(twin_of: Callable[[str], Twin], tmp_path: Path, example: str) -> None:
    """Limits and protection are gone, and nothing else."""
    twin = twin_of(example)
    path = by_node("xlsx", twin.path, tmp_path / "a.xlsx")
    assert_same(twin, path, lost=LOST)
    _, findings = judged(twin.campaign, path)
    assert {"TPL-009"} <= {f.code for f in findings}


@pytest.mark.parametrize("example", FORMS)
def test_an_ods_of_sheetjs(twin_of: Callable[[str], Twin], tmp_path: Path, example: str) -> None:
    """It has line breaks between its cells. Dates come back as mere numbers, which is told (TPL-006)."""
    twin = twin_of(example)
    path = by_node("xlsx", twin.path, tmp_path / "a.ods")
    assert_same(twin, path, lost=["TPL-006", "TPL-009"], error=False)


@pytest.mark.parametrize("example", FORMS)
def test_an_xlsb_of_sheetjs(twin_of: Callable[[str], Twin], tmp_path: Path, example: str) -> None:
    """Calamine loses its short cells: it is refused, never read as blank."""
    twin = twin_of(example)
    path = by_node("xlsx", twin.path, tmp_path / "a.xlsb")
    read, _ = judged(twin.campaign, path)
    assert read.problem == "工作表“填报说明”的 B11 有两种读法，结果不一致"
    assert read.rows == []


@pytest.mark.parametrize("example", FORMS)
def test_openpyxl(twin_of: Callable[[str], Twin], tmp_path: Path, example: str) -> None:
    twin = twin_of(example)
    assert_same(twin, edit(twin.path, lambda _: None, tmp_path / "a.xlsx"))


@pytest.mark.parametrize("example", FORMS)
def test_libreoffice(
    office: Office, twin_of: Callable[[str], Twin], tmp_path: Path, example: str
) -> None:
    twin = twin_of(example)
    with office.open(twin.path) as document:
        document.save_as(tmp_path / "a.xlsx")
    assert_same(twin, tmp_path / "a.xlsx")
