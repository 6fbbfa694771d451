"""The clerk explains a warning in LibreOffice; the reviewer sees it, accepts it by unit and rule, and merges."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import Data, own_copy
from merges import table
from office import Document, Office
from test_returned import UNIT, give_back, handed_in, listed

from xltool.form.own_sheets import CHECKS, FRONT
from xltool.merging.result import read_proof
from xltool.office.campaign import Campaign
from xltool.write.live.page import FIRST

SAID = "算法名称由采购合同固定，无法删减"
HOSTILE = '=HYPERLINK("http://a.example","点我")'
WARNINGS = [("项目1", "E12", "TXT-002"), ("项目2", "E12", "TXT-002")]
xltool = pytest.fixture(in_this_process)

pytestmark = pytest.mark.office


def long(data: Data) -> None:
    """Two indicators that are too long: warnings."""
    first, second = (project["indicators"][0] for project in data["projects"][:2])
    first["指标解释"] = first["指标解释"].rstrip("。").ljust(41, "长")
    second["指标解释"] = "反映视频识别算法".ljust(41, "长")


def twice_long(data: Data) -> None:
    """The same, and one more on the first sheet."""
    long(data)
    data["projects"][0]["indicators"][1]["指标解释"] = "反映巡查的里程".ljust(41, "长")


def returned(campaign: Campaign, folder: Path, path: Path) -> Path:
    """The copy of a return that has warnings only."""
    (copy,), _, _ = give_back(campaign, folder, path, with_warnings=True)
    return copy


def rows_to_explain(document: Document) -> dict[str, int]:
    """The lines of the first page by sheet."""
    rows = document.area(FRONT, "A1:G12")
    return {str(row[2]): n for n, row in enumerate(rows, 1) if row[0] == "请核对"}


def states(document: Document) -> tuple[str, list[str]]:
    """What the first page says of the whole, and of each finding."""
    rows = document.area(FRONT, "A6:B12")
    whole = document.text(FRONT, "A2").removeprefix("没有必须改的了。").partition("，属实")[0]
    return whole, [str(row[0]) for row in rows if row[1] == "提醒"]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_on_the_list_of_checks(
    office: Office, declaration: Campaign, tmp_path: Path, xltool: Xltool, kind: str
) -> None:
    """Before anything goes back: a line speaks for all cells that it is about, of its sheet only."""
    campaign = own_copy(declaration, tmp_path / "office")
    sent = tmp_path / f"sent.{kind}"
    with office.open(handed_in(campaign, tmp_path, twice_long)) as document:
        document.recalculate()
        rows = document.area(CHECKS, f"A{FIRST + 1}:E{FIRST + 200}")
        found = {
            str(row[1]): number
            for number, row in enumerate(rows, FIRST + 1)
            if (row[0], row[4]) == ("！", "TXT-002")
        }
        assert set(found) == {"项目1", "项目2"}
        where = f"F{found['项目1']}"
        rule = document.validation(CHECKS, where)
        assert (rule["type"], rule["formula1"]) == ("TEXT_LEN", "200")
        assert rule["input_message"] == "核对后不需要改的，请在这里写明理由，最多 200 字。"
        assert not document.key_in(CHECKS, where, "长" * 201)
        assert document.type_in(CHECKS, where, SAID)
        assert not document.type_in(CHECKS, f"C{found['项目1']}", "没有问题")
        holding = next(n for n, row in enumerate(rows, FIRST + 1) if row[4] == "TXT-001")
        assert not document.type_in(CHECKS, f"F{holding}", "不必填")  # an error is to be mended
        document.save_as(sent)
    run = xltool("check", sent, "--campaign", campaign.folder, "--format", "json")
    told = [
        (f["sheet"], f["cell"], f["explanation"])
        for f in json.loads(run.out)["findings"]
        if f["code"] == "TXT-002"
    ]
    assert told == [("项目1", "E12", SAID), ("项目1", "E13", SAID), ("项目2", "E12", "")]
    if kind != "xlsx":
        return
    back = returned(campaign, tmp_path / "back", sent)
    front: Any = openpyxl.load_workbook(back, data_only=True)[FRONT]
    lines = [[cell.value for cell in row] for row in front.iter_rows(max_col=7)]
    found_again = [row for row in lines if str(row[4]).endswith("（TXT-002）")]
    assert [(row[0], row[2], row[6]) for row in found_again] == [
        ("已说明", "项目1", SAID),
        ("已说明", "项目1", SAID),
        ("请核对", "项目2", None),
    ]


def test_from_the_clerk_to_the_merge(
    office: Office, declaration: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    campaign = own_copy(declaration, tmp_path / "office")
    back = returned(campaign, tmp_path / "back", handed_in(campaign, tmp_path, long))
    assert [row[:4] for row in listed(back) if isinstance(row, tuple)][1:] == [
        ("请核对", "提醒", "项目1", "E12"),
        ("请核对", "提醒", "项目2", "E12"),
    ]
    sent = tmp_path / "sent" / back.name
    sent.parent.mkdir()
    with office.open(back) as document:
        lines = rows_to_explain(document)
        assert document.type_in(FRONT, f"G{lines['项目1']}", SAID)
        assert states(document) == ("1 处提醒请核对", ["已说明", "请核对"])
        assert document.type_in(FRONT, f"G{lines['项目2']}", HOSTILE)
        assert states(document) == ("已全部改完，请交回。", ["已说明", "已说明"])
        assert document.clear(FRONT, f"G{lines['项目2']}")
        assert states(document) == ("1 处提醒请核对", ["已说明", "请核对"])
        assert document.type_in(FRONT, f"G{lines['项目2']}", HOSTILE)
        assert not document.type_in(FRONT, f"E{lines['项目1']}", "没有问题")  # all else is locked
        document.save_as(sent)

    own = ("--campaign", campaign.folder)
    run = xltool("check", sent, *own, "--format", "json")
    assert run.code == 0
    document_of = json.loads(run.out)
    told = [(f["sheet"], f["cell"], f["code"], f["explanation"]) for f in document_of["findings"]]
    assert told == [(*WARNINGS[0], SAID), (*WARNINGS[1], HOSTILE)]
    assert f"单位说明：{SAID}" in xltool("check", sent, *own).out
    listing, page = tmp_path / "a.xlsx", tmp_path / "a.html"
    assert xltool("check", sent, *own, "--format", "xlsx", "-o", listing).code == 0
    header, *lines_of_list = table(listing, "问题清单")
    assert [row[header.index("单位说明")] for row in lines_of_list] == [SAID, HOSTILE]
    assert xltool("check", sent, *own, "--format", "html", "-o", page).code == 0
    assert SAID in page.read_text(encoding="utf-8")

    # a copy that goes back again carries it on
    again = returned(campaign, tmp_path / "again", sent)
    book: Any = openpyxl.load_workbook(again)
    said = {c.value: c for row in book[FRONT]["G6:G12"] for c in row if c.value}
    assert set(said) == {SAID, HOSTILE}
    assert [(c.data_type, c.protection.locked) for c in said.values()] == [("s", False)] * 2
    assert [row[0] for row in listed(again) if isinstance(row, tuple)][1:] == ["已说明"] * 2

    # accepted by unit and rule; what was said goes into the record, the result, and its trace
    merging = ("merge", sent, *own, "--out", tmp_path / "out")
    assert "2 处提醒：TXT-002" in xltool(*merging).out
    accept = ("--accept-warnings", "--unit", UNIT, "--rule", "TXT-002", "--reviewer", "甲")
    assert xltool(*merging, *accept).code == 0
    with (campaign.folder / "审核记录.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["说明"] for row in csv.DictReader(file)] == [
            f"TXT-002 {SAID}；TXT-002 {HOSTILE}"
        ]
    seen = {each.sheet: each for each in read_proof(tmp_path / "out").seen}
    assert (seen["项目1"].explanation, seen["项目2"].explanation) == (SAID, HOSTILE)
    assert seen["项目1"].words == f"TXT-002 E12（接受：甲；单位说明：{SAID}）"


def test_another_explanation_needs_another_acceptance(
    declaration: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    """An acceptance holds for one file: one that says something else is another one."""
    campaign = own_copy(declaration, tmp_path / "office")
    back = returned(campaign, tmp_path / "back", handed_in(campaign, tmp_path, long))
    merging = ("--campaign", campaign.folder, "--out", tmp_path / "out")

    def merge(said: str, *options: str) -> int:
        book: Any = openpyxl.load_workbook(back)
        for row in book[FRONT].iter_rows():
            if row[0].value is not None and row[1].value == "提醒":
                row[6].value = said
        book.save(tmp_path / "sent.xlsx")
        return xltool("merge", tmp_path / "sent.xlsx", *merging, *options).code

    assert merge(SAID, "--accept-warnings", "--reviewer", "甲") == 0
    assert merge("已核对，不改了") == 2
