"""What a unit says of a warning goes with what it is said of: into the result, and into that of the city."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from districts import District, make_city, make_district
from helpers import answers, fill_unit
from openpyxl.worksheet.worksheet import Worksheet

from xltool.checking.running import check_files
from xltool.merging.merge import merge
from xltool.merging.result import read_proof
from xltool.write.returned import write_returned

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("parts_made_here")]
OURS, UNIT = "440399", "226002"
SAID = "名称较长，无法删减"


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A district where one unit has two warnings, of which it has explained one on its returned copy."""
    base = tmp_path_factory.mktemp("explaining")
    found = make_district("target", OURS, base)
    data = answers("target", UNIT)
    data["projects"][0]["indicators"][0]["指标内容"] = "长" * 41
    data["projects"][0]["项目概况"] = data["projects"][0]["项目概况"].rstrip("。") + "（"
    path = found.returns / f"{UNIT}.xlsx"
    fill_unit(found.campaign, UNIT, data, path).with_suffix(".json").unlink()
    with check_files([path], found.campaign) as checked:
        copies, _ = write_returned(
            checked.batch, checked.verdict, base / "back", with_warnings=True
        )
    (back,) = copies.values()
    book = openpyxl.load_workbook(back)
    explain(book["退回修改"], "TXT-002")
    book.save(path)
    return found


def explain(page: Worksheet, code: str) -> None:
    """Write an explanation beside the warning of a rule."""
    rows = [{cell.value: cell for cell in row} for row in page.iter_rows()]
    head: Any = next(row["说明"] for row in rows if "说明" in row)
    (line,) = (row for row in page.iter_rows() if any(code in str(cell.value) for cell in row))
    page.cell(line[0].row or 0, head.column).value = SAID


def said_in(folder: Path) -> dict[str, str]:
    """Rule → what the unit says of what it found, as the proof of a result has it."""
    return {
        seen.code: seen.explanation for seen in read_proof(folder).seen if seen.unit_code == UNIT
    }


def remarks(folder: Path) -> list[str]:
    """All cells of 汇总表 that hold the explanation."""
    book = openpyxl.load_workbook(folder / "汇总表.xlsx")
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
    return [str(value) for value in cells if SAID in str(value)]


def test_an_explanation_travels_up(district: District, tmp_path: Path) -> None:
    below, above = tmp_path / "below", tmp_path / "above"
    merge([district.returns], below, district.campaign, accept_warnings=True)
    city = make_city("target", {OURS: district}, tmp_path / "city")
    merge([below], above, city, accept_warnings=True)
    for folder in (below, above):
        assert said_in(folder)["TXT-002"] == SAID
        assert [said for code, said in said_in(folder).items() if code != "TXT-002"] == [""]
        assert remarks(folder), folder
        assert all(f"单位说明：{SAID}" in text for text in remarks(folder))
