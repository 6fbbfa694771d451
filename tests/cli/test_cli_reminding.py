"""What status writes to the units agrees with the copies that went back, and with what came of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import answers, edit, fill_unit, make_campaign

from xltool.office import seal
from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue

UNIT, OTHER = "238001", "226002"
FRONT = "退回修改"


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    (tmp_path / "back").mkdir()
    return make_campaign("target", tmp_path / "office")


def hand_in(office: Campaign, unit: str, out: Path, change: Any = None) -> Path:
    """A right return of a unit, changed by `change`, which is given the workbook."""
    fill_unit(office, unit, answers("target", unit), out).with_suffix(".json").unlink()
    return edit(out, change, out) if change else out


def stripped(book: Any) -> None:
    """The workbook as it is without its seal, as after copying its sheets into another one."""
    book.remove(book[seal.SHEET])
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]


def relabelled(book: Any) -> None:
    """Two of the office's own texts are overwritten."""
    for sheet in book.worksheets:
        if sheet.title in ("项目1", "项目2"):
            sheet["A1"].value = "目标表"


def written_to(xltool: Xltool, office: Campaign, unit: str) -> str:
    """What is written to a unit, in one line and without its name, contact and deadline."""
    text = xltool("status", office.folder, "--format", "remind").out.strip()
    found = [each for each in text.split("\n\n") if each.startswith(f"【{unit} ")]
    return " ".join(found[0].splitlines()[1:]) if found else ""


def state_of(xltool: Xltool, office: Campaign, unit: str) -> str:
    out = xltool("status", office.folder, "--format", "csv").out
    rows = csv.DictReader(out.lstrip("\ufeff").splitlines())
    return next(row["状态"] for row in rows if row["单位代码"] == unit)


def first_line(path: Path) -> str:
    """What the copy says is left to do."""
    return str(openpyxl.load_workbook(path, data_only=True)[FRONT]["A2"].value)


def test_what_the_copy_restored_is_no_error_of_the_reminder(
    office: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    back, copies = tmp_path / "back", tmp_path / "copies"
    hand_in(office, UNIT, back / "a.xlsx", relabelled)
    words = ("check", back, "--campaign", office.folder)
    xltool(*words, "--return", copies)
    (copy,) = copies.glob("*.xlsx")
    assert first_line(copy) == "没有要您改的：下面各项已为您恢复，请核对后直接交回。"
    expected = (
        "（a.xlsx）已第 1 次退回（见所附退回件），没有必须改的；已为您恢复 2 处，请核对退回件后交回"
    )
    assert expected in written_to(xltool, office, UNIT)
    assert "1. " not in written_to(xltool, office, UNIT)
    xltool(*words)  # and a check without copies forgets nothing of it
    assert expected in written_to(xltool, office, UNIT)


def test_what_was_carried_over_is_no_error_of_the_unit(
    office: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    back, copies = tmp_path / "back", tmp_path / "copies"
    hand_in(office, UNIT, back / "a.xlsx")
    settings = office.folder / "campaign.toml"
    text = settings.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("contact")]
    settings.write_text('contact = "绩效科 0000-88880001"\n' + "\n".join(lines), encoding="utf-8")
    changed = load_campaign(office.folder)
    issue(changed)
    xltool("check", back, "--campaign", changed.folder, "--return", copies)
    assert len(list(copies.glob("*.xlsx"))) == 1
    text = written_to(xltool, changed, UNIT)
    assert (
        "（a.xlsx）已第 1 次退回（见所附退回件），没有必须改的；已填内容已带入重新下发的表，"
        "请核对退回件后交回"
    ) in text
    assert "签发编号" not in text


@pytest.mark.parametrize("name", [f"{UNIT}.xlsx", "报送 {name}（终稿）.xlsx", f"{UNIT}_改2.xlsx"])
def test_a_file_without_seal_is_the_units_whose_name_it_bears(
    office: Campaign, tmp_path: Path, xltool: Xltool, name: str
) -> None:
    file = name.format(name=office.units[UNIT].unit_name)
    hand_in(office, UNIT, tmp_path / "back" / file, stripped)
    run = xltool("check", tmp_path / "back", "--campaign", office.folder)
    assert run.code == 1
    assert state_of(xltool, office, UNIT) == "未通过"
    assert f"收到的 {file} 不是下发的原表，请用原表重填" in written_to(xltool, office, UNIT)
    hand_in(office, OTHER, tmp_path / "back" / "b.xlsx")
    out = tmp_path / "合并"
    xltool("merge", tmp_path / "back", "--campaign", office.folder, "--out", out)
    with (out / "合并清单.csv").open(encoding="utf-8-sig", newline="") as rows:
        ledger = {row["单位代码"]: row["结果"] for row in csv.DictReader(rows)}
    assert ledger[UNIT] == "有错误，未合并"


def test_what_came_before_is_no_state_any_more(
    office: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    back = tmp_path / "back"
    hand_in(office, UNIT, back / "a.xlsx")
    xltool("check", back, "--campaign", office.folder)
    (back / "a.xlsx").unlink()
    hand_in(office, UNIT, back / f"{UNIT}.xlsx", stripped)
    xltool("check", back, "--campaign", office.folder)
    assert state_of(xltool, office, UNIT) == "未通过"


def test_one_without_seal_beside_the_right_one_and_one_of_nobody(
    office: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    back = tmp_path / "back"
    hand_in(office, UNIT, back / "a.xlsx")
    hand_in(office, UNIT, back / f"{UNIT}.xlsx", stripped)
    hand_in(office, OTHER, back / "绩效目标表.xlsx", stripped)
    xltool("check", back, "--campaign", office.folder)
    assert state_of(xltool, office, UNIT) in ("通过", "有提醒")
    assert state_of(xltool, office, OTHER) == "未交"
    assert "尚未收到" in written_to(xltool, office, OTHER)
