"""LibreOffice as the real client: a person opens, types, saves; the office checks what comes back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import openpyxl
import pytest
from helpers import answers, check_files, edit, fill_unit, places, template
from office import Document, Office, to_pdf

from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.write.live.page import FIRST

CHECKS = "填报检查"


def check_row(path: Path, code: str, sheet: str) -> int:
    """The row of 填报检查 with a rule's verdict on a sheet."""
    page = openpyxl.load_workbook(path)[CHECKS]
    return next(
        row[0].row
        for row in page.iter_rows(min_row=FIRST + 1)
        if row[1].value == sheet and row[4].value == code and row[0].row
    )


@pytest.fixture(scope="module")
def wrong_sum(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A return whose parts do not add up, with one more wrong thing of each kind of field."""
    data = answers("target", "226002")
    data["projects"][0]["财政拨款资金"] = "1.00"
    data["projects"][1]["计划完成日期"] = "2025-01-01"
    data["projects"][2]["indicators"][0]["目标值"] = ""
    return fill_unit(target, "226002", data, tmp_path_factory.mktemp("wrong") / "wrong.xlsx")


def test_locked_cells_refuse_and_inputs_take(office: Office, declaration: Campaign) -> None:
    with office.open(template(declaration, "106001")) as document:
        for locked in ("A1", "A5", "B2", "E2", "B3", "E6", "A21", "B12", "A11"):
            before = document.text("项目1", locked)
            assert not document.type_in("项目1", locked, "改动"), locked
            assert document.text("项目1", locked) == before
        for open_cell in ("B5", "B8", "B9", "B10", "C12", "D12", "E73"):
            assert document.type_in("项目1", open_cell, "否"), open_cell
        assert not document.type_in(CHECKS, "A5", "✔")
        assert not document.type_in("填报说明", "A1", "改动")


def test_validations_refuse_what_a_person_types(office: Office, target: Campaign) -> None:
    with office.open(template(target, "226002")) as document:
        assert not document.key_in("项目1", "B5", "-5")
        assert not document.key_in("项目1", "B5", "abc")
        assert document.key_in("项目1", "B5", "12.5")
        assert not document.key_in("项目1", "B4", "abc")
        assert document.key_in("项目1", "B4", "2027-01-01")


def test_dropdown_offers_yes_and_no(office: Office, declaration: Campaign) -> None:
    with office.open(template(declaration, "106001")) as document:
        assert document.choices("项目1", "B5") == ["是", "否"]
        assert document.comment("项目1", "B3") == "导入模板无需填写"
        assert document.comment("项目1", "E6") == "由系统自动汇总二级项目，无需手工录入"
        assert "_xltool" not in document.visible_sheets()


def test_live_check_turns_when_the_value_is_mended(office: Office, wrong_sum: Path) -> None:
    row = check_row(wrong_sum, "AMT-001", "项目1")
    with office.open(wrong_sum) as document:
        document.recalculate()
        assert document.value(CHECKS, f"A{row}") == "✘"
        assert document.value(CHECKS, "A2") != "没有发现问题，可以上报。"
        total = document.text("项目1", "B5").replace(",", "")
        other = document.text("项目1", "E6").replace(",", "")
        assert document.type_in("项目1", "B6", f"{float(total) - float(other):.2f}")
        assert document.value(CHECKS, f"A{row}") == "✔"


def test_cached_verdicts_are_what_libreoffice_calculates(
    office: Office, wrong_sum: Path, good_declaration: Path, declaration: Campaign
) -> None:
    for path in (wrong_sum, good_declaration, template(declaration, "131002")):
        cached = openpyxl.load_workbook(path, data_only=True)[CHECKS]
        verdicts = [cached.cell(row, 1).value or "" for row in range(5, cached.max_row + 1)]
        with office.open(path) as document:
            document.recalculate()
            found = [document.value(CHECKS, f"A{row}") for row in range(5, cached.max_row + 1)]
            assert found == verdicts
            assert document.value(CHECKS, "A2") == cached["A2"].value


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls"])
def test_saved_by_libreoffice_the_findings_are_the_same(
    office: Office, target: Campaign, wrong_sum: Path, tmp_path: Path, suffix: str
) -> None:
    saved = tmp_path / f"saved{suffix}"
    with office.open(wrong_sum) as document:
        document.save_as(saved)
    submission = read_file(saved, settings_for(target, None))
    assert (submission.seal, submission.unit) == ("ok", "226002")
    expected = places(check_files(target, wrong_sum))
    assert expected == [
        ("AMT-001", "项目1", "B5"),
        ("DAT-001", "项目2", "B4"),
        ("IND-004", "项目3", "D14"),
    ]
    assert places(check_files(target, saved)) == [*expected, *unseen(suffix)]


def unseen(suffix: str) -> list[tuple[str, str, str]]:
    """What is said of a kind of file whose look is not checked."""
    return [] if suffix == ".xlsx" else [("TPL-009", "", "")]


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls"])
def test_a_correct_return_saved_by_libreoffice_has_no_finding(
    office: Office, declaration: Campaign, good_declaration: Path, tmp_path: Path, suffix: str
) -> None:
    saved = tmp_path / f"saved{suffix}"
    with office.open(good_declaration) as document:
        document.save_as(saved)
    assert places(check_files(declaration, saved)) == unseen(suffix)


def test_typed_by_hand_is_read_as_typed(
    office: Office, declaration: Campaign, tmp_path: Path
) -> None:
    saved = tmp_path / "typed.xlsx"
    typed = {"B5": "否", "B8": "2 项×3 万元＝6 万元", "D12": "≥95%", "D13": "100%", "C12": "=1+1"}
    with office.open(template(declaration, "131002")) as document:
        for cell in ("B5", "B8", "D12", "D13"):
            assert document.type_in("项目1", cell, typed[cell])
        document.save_as(saved)
    submission = read_file(saved, settings_for(declaration, None))
    found = {
        cell: row.values[name]
        for row in submission.rows
        if row.sheet == "项目1"
        for name, cell in row.cells.items()
    }
    assert {cell: found[cell] for cell in ("B5", "B8", "D12", "D13")} == {
        cell: typed[cell] for cell in ("B5", "B8", "D12", "D13")
    }


def test_the_printed_form_shows_all_its_text(
    office: Office, good_declaration: Path, good_target: Path, tmp_path: Path
) -> None:
    for name, source in (("e", good_declaration), ("a", good_target)):
        pdf = tmp_path / f"{name}.pdf"
        to_pdf(office, source, pdf)
        text, sizes = pdf_text(pdf), pdf_sizes(pdf)
        assert "###" not in text
        assert sizes == {"A4"}
        book = openpyxl.load_workbook(source)
        shown = [
            (sheet.title, cell.coordinate, cell.value)
            for sheet in book.worksheets
            if sheet.title.startswith("项目")
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, str)
        ]
        assert len(shown) > 250
        # a formula is none of the form's texts: it makes a row grow, beside what is printed
        shown = [each for each in shown if not each[2].startswith("=")]
        missing = [place for *place, value in shown if squeezed(value) not in text]
        assert missing == []


def pdf_text(pdf: Path) -> str:
    """The text of a PDF without any white space."""
    command = ["pdftotext", "-raw", str(pdf), "-"]
    return squeezed(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def pdf_sizes(pdf: Path) -> set[str]:
    """The paper sizes of a PDF's pages."""
    command = ["pdfinfo", "-l", "-1", str(pdf)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {
        "A4" if "(A4)" in line else line
        for line in output.splitlines()
        if line.startswith("Page") and "size" in line
    }


def squeezed(text: str) -> str:
    """Text without white space."""
    return "".join(text.split())


def test_deleting_a_row_in_libreoffice_is_named(
    office: Office, declaration: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    broken = edit(
        good_declaration, lambda book: book["项目1"].delete_rows(15), tmp_path / "broken.xlsx"
    )
    saved = tmp_path / "saved.ods"
    with office.open(broken) as document:
        assert isinstance(document, Document)
        document.save_as(saved)
    findings = [f for f in check_files(declaration, saved) if f.code == "TPL-004"]
    # one of ten equal rows is gone: which one, nobody can tell
    assert [(f.sheet, f.cell, f.message) for f in findings] == [
        (
            "项目1",
            "A21",
            "表格位置被移动：少了 1 行（下发时的第 21 行，“产出指标 *数量指标”）",
        )
    ]
