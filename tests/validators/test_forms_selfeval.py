"""longhua_2021_selfeval: its print, what is prefilled, and a collection from issue to import file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import answers, check_files, edit, fill_unit, make_campaign, template
from mutations import nothing
from office import Office
from openpyxl.worksheet.worksheet import Worksheet
from round_trips import fill_all, found_in, imported, printed

from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.extracting import Row
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.issuing import issue
from xltool.write.returned import write_returned

EXAMPLE = "selfeval"
UNIT, FAULTY = "226002", "238001"
LIBRARY = "云岭区图书馆"  # UNIT


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign(EXAMPLE, tmp_path_factory.mktemp(EXAMPLE))


@pytest.fixture(scope="module")
def returns(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The returns of both units."""
    return fill_all(campaign, EXAMPLE, tmp_path_factory.mktemp("returns"))


def test_print(campaign: Campaign) -> None:
    assert printed(campaign) == [
        *[("A1", "项目名称"), ("F1", "项目金额"), ("A2", "主管部门"), ("F2", "实施单位")],
        *[("A3", "项目资金（元）"), ("D3", "年初预算数"), ("E3", "全年预算数")],
        *[("F3", "全年执行数"), ("G3", "分值"), ("H3", "执行率"), ("I3", "得分")],
        *[("B4", "年度资金总额"), ("G4", "10")],
        *[("B5", "其中：当年财政拨款"), ("G5", "—"), ("I5", "—")],
        *[("B6", "上年结转资金"), ("G6", "—"), ("I6", "—")],
        *[("B7", "其他资金"), ("G7", "—"), ("I7", "—")],
        *[("A8", "年度总体目标"), ("B8", "预期目标"), ("F8", "*实际完成情况")],
        *[("A10", "年度绩效指标"), ("B10", "一级指标"), ("C10", "二级指标")],
        *[("D10", "三级指标"), ("E10", "年度指标值"), ("F10", "*实际完成值")],
        *[("G10", "*分值"), ("H10", "*得分"), ("I10", "偏差原因分析及改进措施")],
        *[("B11", "产出指标（50分）"), ("C11", "数量指标"), ("C21", "质量指标")],
        *[("C31", "时效指标"), ("C41", "成本指标")],
        *[("B46", "效益指标（40分）"), ("C46", "经济效益指标"), ("C49", "社会效益指标")],
        *[("C59", "生态效益指标"), ("C62", "满意度指标")],
        *[("A67", "总分"), ("G67", "100"), ("I67", "—")],
    ]


def test_labels_are_merged_down_their_rows(campaign: Campaign) -> None:
    cells = {cell.text: cell for cell in campaign.layout.record_sheet.cells}
    assert cells["项目资金（元）"].rows == 5
    assert cells["年度总体目标"].rows == 2
    assert cells["年度绩效指标"].rows == 1 + 56
    assert cells["产出指标（50分）"].rows == 35


def page(path: Path, sheet: str = "项目1") -> Worksheet:
    """A form sheet with the values that the file holds for its formulas."""
    found = openpyxl.load_workbook(path, data_only=True)[sheet]
    assert isinstance(found, Worksheet)
    return found


def row(sheet: Worksheet, number: int) -> list[Any]:
    """The cells of a row from column D on."""
    return [cell.value for cell in sheet[number][3:9]]


def test_what_was_approved_is_prefilled_and_locked(campaign: Campaign) -> None:
    issued = page(template(campaign, UNIT))
    assert [issued[cell].value for cell in ("B1", "G1", "B2", "G2")] == [
        *("图书文献采购", 2600000, "云岭区文化体育局", "云岭区图书馆"),
    ]
    goal = answers("target", UNIT)["projects"][0]["年度绩效目标"]
    assert issued["B9"].value == goal
    assert row(issued, 4) == [2600000, 2548000, None, "10", None, None]
    assert row(issued, 5) == [None, None, None, "—", None, "—"]
    assert row(issued, 11)[:3] == ["采购中文图书册数", "≥5.2万册", None]
    assert row(issued, 14)[:3] == [None, None, None]
    assert row(issued, 41)[:3] == ["不适用", "不适用", None]  # the target form has no 成本
    assert row(issued, 62)[:3] == ["到馆读者对馆藏满意度", "≥90%", None]
    locked = {
        cell: issued[cell].protection.locked for cell in ("B1", "G1", "B9", "D4", "D11", "D14")
    }
    assert set(locked.values()) == {True}
    given = {
        cell: issued[cell].protection.locked for cell in ("F4", "D5", "F9", "F11", "G11", "I11")
    }
    assert set(given.values()) == {False}
    other = page(template(campaign, FAULTY))
    assert row(other, 4) == [None, None, None, "10", None, None]
    assert not other["G1"].protection.locked


def test_formulas(campaign: Campaign, returns: dict[str, Path]) -> None:
    sheet = openpyxl.load_workbook(returns[UNIT])["项目1"]
    assert sheet["H4"].value == '=IFERROR(IF(OR(F4="",E4=""),"",ROUND((F4/E4),2)),"")'
    assert sheet["I4"].value == '=IFERROR(IF(OR(H4=""),"",ROUND((H4*10),2)),"")'
    assert sheet["H67"].value == (
        "=IFERROR(IF(IF(COUNT(E4:E7),IF((SUM(E4:E7)=0),IF(COUNT(H11:H66),IF(90=0,0,1),0),"
        "COUNT(I4:I4,H11:H66)),0),IF((SUM(E4:E7)=0),ROUND(((SUM(H11:H66)*100)/90),2),"
        'SUM(I4:I4,H11:H66)),""),"")'
    )
    assert all(sheet[cell].protection.locked for cell in ("H4", "H7", "I4", "H67"))
    values = page(returns[UNIT], "项目2")
    assert [values[cell].value for cell in ("H4", "H5", "H6", "I4", "H67")] == [
        *(0.86, 0.95, None, 8.6, 98.44),
    ]


def test_findings(campaign: Campaign, returns: dict[str, Path]) -> None:
    """238001 spends more than its budget and gives full points for 900 of 1200 samples (项目2), shares out
    49 points instead of 50 and loses some without a reason, being late (项目3), and gives points to what
    does not apply, and leaves out the outcome and one result (项目4)."""
    assert found_in(campaign, returns) == {
        FAULTY: [
            "SE-004 error 项目2!F4",
            "SE-004 error 项目2!F5",
            "SE-006 error 项目3!G11",
            "SE-009 error 项目3!I31",
            "SE-013 error 项目4!F9",
            "SE-010 error 项目4!G46",
            "SE-013 error 项目4!F59",
            "SE-011 warning 项目2!H12",
            "SE-019 warning 项目3!F31",
        ]
    }


def test_import_file(
    campaign: Campaign, returns: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = imported(campaign, list(returns.values()), tmp_path / "out", monkeypatch)
    assert list(sheets) == ["项目", "项目资金", "绩效指标"]
    head, *projects = sheets["项目"]
    assert head == (
        *("项目名称", "项目金额（元）", "主管部门", "实施单位", "预期目标", "实际完成情况", "总分"),
    )
    assert [(line[0], line[1], line[-1]) for line in projects] == [
        ("图书文献采购", 2600000, 99.9),
        ("社区分馆一体化服务", 4860000, 98.44),
        ("全民阅读推广活动", 785000, 99.8),
    ]
    assert sheets["项目资金"][5:9] == [
        ("社区分馆一体化服务", "年度资金总额", 2400000, 2400000, 2064000, "10", 0.86, 8.6, LIBRARY),
        (
            "社区分馆一体化服务",
            "其中：当年财政拨款",
            1160000,
            1160000,
            1100000,
            "—",
            0.95,
            None,
            LIBRARY,
        ),
        ("社区分馆一体化服务", "上年结转资金", 0, 0, 0, "—", None, None, LIBRARY),
        ("社区分馆一体化服务", "其他资金", 1240000, 1240000, 964000, "—", 0.78, None, LIBRARY),
    ]
    assert sheets["绩效指标"][1] == (
        *("图书文献采购", "产出指标（50分）", "数量指标", "采购中文图书册数", "≥5.2万册"),
        *("5.31万册", 8, 8, "无", LIBRARY),
    )


def computed(path: Path, campaign: Campaign) -> list[tuple[Any, ...]]:
    """What we work out: per fund row its rate and score, per project its total."""
    submission = read_file(path, settings_for(campaign, None))

    def figures(line: Row) -> tuple[Any, ...]:
        return tuple(line.values.get(name) for name in ("rate", "score", "total_score"))

    return [figures(line) for line in submission.rows if line.table in ("fund", "project")]


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls"])
def test_libreoffice_works_out_the_same(
    office: Office, campaign: Campaign, returns: dict[str, Path], tmp_path: Path, suffix: str
) -> None:
    saved = tmp_path / f"saved{suffix}"
    written = [page(returns[UNIT], f"项目{n}") for n in (1, 2, 3)]
    with office.open(returns[UNIT]) as document:
        document.recalculate()
        for sheet in written:
            for cell in ("H4", "H5", "H6", "H7", "I4", "H67"):
                expected = sheet[cell].value
                assert document.value(sheet.title, cell) == (expected or ""), (sheet.title, cell)
        document.save_as(saved)
    unseen = [] if suffix == ".xlsx" else ["TPL-009"]  # the look of other kinds is not checked
    assert [finding.code for finding in check_files(campaign, saved)] == unseen
    assert computed(saved, campaign) == computed(returns[UNIT], campaign)


def test_typed_in_libreoffice(office: Office, campaign: Campaign, tmp_path: Path) -> None:
    """A clerk types figures: the formulas follow, a locked one cannot be overwritten."""
    saved = tmp_path / "typed.xlsx"
    with office.open(template(campaign, FAULTY)) as document:
        for cell, text in {
            "D4": "500000",
            "E4": "500000",
            "F4": "456562.87",
            "H11": "6.25",
        }.items():
            assert document.type_in("项目1", cell, text)
        assert [document.value("项目1", cell) for cell in ("H4", "I4", "H67")] == [0.91, 9.1, 15.35]
        assert not document.type_in("项目1", "H4", "0.92")
        assert document.type_in("项目1", "E4", "0")
        assert [document.value("项目1", cell) for cell in ("H4", "I4", "H67")] == ["", "", 6.94]
        document.save_as(saved)
    project = next(line for line in read_file(saved, settings_for(campaign, None)).rows)
    assert project.values["total_score"] == Decimal("6.94")


def test_formulas_that_lost_their_values(
    campaign: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    """openpyxl keeps the formulas and drops their values: everything is worked out again."""
    saved = edit(returns[UNIT], nothing, tmp_path / "saved.xlsx")
    assert check_files(campaign, saved) == []
    assert computed(saved, campaign) == computed(returns[UNIT], campaign)


def test_returned_for_correction(
    campaign: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    """The copy that goes back has all values, whole formulas, and the same findings."""

    def overwrite(book: Any) -> None:
        book["项目1"]["H67"] = 100

    broken = edit(returns[FAULTY], overwrite, tmp_path / "238001.xlsx")
    batch = Batch([read_file(broken, settings_for(campaign, None))], campaign)
    copies, notes = write_returned(batch, check(batch), tmp_path / "back")
    written = list(copies.values())
    assert notes == []
    assert str(openpyxl.load_workbook(written[0])["项目1"]["H67"].value).startswith("=IFERROR")
    assert written[0].name == "238001_退回1.xlsx"
    (told,) = found_in(campaign, {FAULTY: written[0]}).values()
    assert told == found_in(campaign, {FAULTY: returns[FAULTY]})[FAULTY]


def test_without_approved_targets(tmp_path: Path) -> None:
    """The unit fills goals and indicators itself; what cannot be compared is said."""
    settings = 'fields = { goal_expected.filled_by = "unit", lv3.filled_by = "unit", target.filled_by = "unit" }\n'
    folder = tmp_path / "campaign"
    campaign = make_campaign(EXAMPLE, folder)
    text = (folder / "campaign.toml").read_text(encoding="utf-8")
    (folder / "campaign.toml").write_text(
        text.replace('targets = "批准的目标"\n', settings), encoding="utf-8"
    )
    (folder / "执行台账.csv").unlink()
    campaign = make_again(folder)
    data = answers(EXAMPLE, UNIT)
    for project, source in zip(data["projects"], answers("target", UNIT)["projects"], strict=True):
        project["预期目标"] = source["年度绩效目标"]
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    verdict = check(Batch([read_file(path, settings_for(campaign, None))], campaign))
    assert verdict.findings == []
    assert verdict.skipped == [
        "SE-021、XW-009 未执行：缺少批准的绩效目标（campaign.toml 的 targets）",
        "XW-010 未执行：缺少执行台账（执行台账.csv）",
    ]


def make_again(folder: Path) -> Campaign:
    """A campaign whose settings were changed, issued anew."""
    campaign = load_campaign(folder)
    issue(campaign)
    return campaign
