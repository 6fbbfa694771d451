"""Every value of 汇总表 leads back to a cell, and what stands there is what is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Xltool, in_this_process
from districts import OURS, District, make_district
from helpers import answers, edit, fill_unit, make_campaign
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from xltool.errors import OfficeError
from xltool.merging.merge import merge
from xltool.merging.summary import ELEMENTS, SUMMARY_FILE
from xltool.merging.tracing import SEALED, Tracer
from xltool.office.campaign import Campaign
from xltool.office.waivers import Acceptance

TRACED = {"declaration": 3805, "target": 2157}  # values of the example
_NOT_TRACED = ("来源文件", "来源工作表", "行", "审核")  # they are where it leads to


xltool = pytest.fixture(in_this_process)
pytestmark = pytest.mark.usefixtures("parts_made_here")


@pytest.fixture(scope="module", params=sorted(TRACED))
def example(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def district(example: str, tmp_path_factory: pytest.TempPathFactory) -> District:
    return make_district(example, OURS, tmp_path_factory.mktemp(example))


@pytest.fixture(scope="module")
def result(district: District, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The merge of a district, with the warning of one return accepted."""
    out = tmp_path_factory.mktemp("merged") / "out"
    merge([district.returns], out, district.campaign, accept_warnings=True, jobs=1)
    return out


def as_text(value: Any) -> str:
    """What a cell holds as text, as openpyxl gives it."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def cells(result: Path) -> Iterator[tuple[str, str, Any]]:
    """(address, heading, value) of all cells of the tables that are traced."""
    book = openpyxl.load_workbook(result / SUMMARY_FILE)
    for name in book.sheetnames:
        if name.endswith("合计") or name in ("对账", "来源"):
            continue
        header = [cell.value for cell in book[name][1]]
        for row, line in enumerate(book[name].iter_rows(min_row=2, values_only=True), 2):
            for column, (heading, value) in enumerate(zip(header, line, strict=True), 1):
                yield f"{name}!{get_column_letter(column)}{row}", str(heading), value


def test_every_value_leads_to_its_cell(district: District, result: Path, example: str) -> None:
    tracer = Tracer(result, district.campaign.folder)
    books = {path.name: openpyxl.load_workbook(path) for path in district.returns.iterdir()}
    traced = 0
    for address, heading, value in cells(result):
        if heading in _NOT_TRACED or value is None:
            continue
        (found,) = tracer.cell(address)
        if found.sheet == SEALED:
            assert heading in ("行政区划", "单位代码", "单位名称")
        else:
            cell = books[found.file][found.sheet][found.cell]
            assert found.typed == as_text(cell.value), (address, heading)
        if heading not in ELEMENTS:
            assert found.value == as_text(value), (address, heading)
        traced += 1
    assert traced == TRACED[example]


def test_a_total_names_what_it_adds_up(district: District, result: Path) -> None:
    tracer = Tracer(result, district.campaign.folder)
    page = openpyxl.load_workbook(result / SUMMARY_FILE)["单位合计"]
    header = [str(cell.value) for cell in page[1]]
    (place,) = [n for n, title in enumerate(header, 1) if title.startswith("本年度项目金额")]
    column = get_column_letter(place)
    for row in range(2, page.max_row + 1):
        found = tracer.cell(f"单位合计!{column}{row}")
        total = sum((Decimal(each.value) for each in found), Decimal(0))
        assert total == Decimal(str(page[f"{column}{row}"].value))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("项目", "“项目”应为汇总表的工作表和单元格，如 项目!F5"),
        ("项目!Z2", "项目!Z2 不是从各单位的表里汇总来的值"),
        ("项目!F99999", "项目!F99999 不是从各单位的表里汇总来的值"),
        ("对账!A2", "对账!A2 不是从各单位的表里汇总来的值"),
        ("单位合计!A2", "单位合计!A2 不是从各单位的表里汇总来的值"),
    ],
)
def test_what_leads_nowhere(result: Path, address: str, message: str) -> None:
    with pytest.raises(OfficeError) as error:
        Tracer(result).cell(address)
    assert error.value.message == message


def test_by_unit_project_and_label(tmp_path: Path) -> None:
    """Who let pass what stands beside the value; a warning of another cell does not."""
    district = make_district("declaration", "440398", tmp_path)

    def too_long(book: Workbook) -> None:
        book["项目1"]["E12"] = f"反映{book['项目1']['C12'].value}".ljust(41, "长")

    path = edit(district.returns / "131002.xlsx", too_long, tmp_path / "a.xlsx")
    given = Acceptance("张审核", "已核实", "2026-11-29 10:00")
    merge(
        [path], tmp_path / "out", district.campaign, accept_warnings=True, acceptance=given, jobs=1
    )
    tracer = Tracer(tmp_path / "out")
    notes = tracer.value("131002", "项目1", "指标解释")
    assert [each.cell for each in notes][:1] == ["E12"]
    words = notes[0].words
    assert words[0].startswith("440398 131002 松江区数字化城管指挥中心 ")
    assert words[0].endswith(f"：{notes[0].label} = {notes[0].value}")
    assert words[1].startswith("  来源：a.xlsx 工作表“项目1” E12（sha256 ")
    assert words[2] == f"  表中原样：{notes[0].value}"
    assert words[3].startswith("  审核：TXT-002 ")
    assert words[4] == "        接受，张审核，2026-11-29 10:00，已核实"
    assert [len(each.words) for each in notes[1:]] == [3] * (len(notes) - 1)


@pytest.mark.parametrize(
    ("unit", "project", "label", "message"),
    [
        ("226001", "没有", "本年度项目金额", "单位 226001 没有项目“没有”"),
        ("226001", "项目1", "没有的栏目", "“没有的栏目”不是「项目支出绩效目标表」的栏目"),
        (
            "999999",
            "项目1",
            "本年度项目金额",
            "合并结果里没有单位 999999 的“本年度项目金额”：这次合并没有收到这个单位的表",
        ),
        (
            "440397:226001",
            "项目1",
            "本年度项目金额",
            "合并结果里没有单位 440397:226001 的“本年度项目金额”：这次合并没有收到这个单位的表",
        ),
    ],
)
@pytest.mark.parametrize("example", ["target"], indirect=True)
def test_what_is_asked_in_vain(
    result: Path, unit: str, project: str, label: str, message: str
) -> None:
    with pytest.raises(OfficeError) as error:
        Tracer(result).value(unit, project, label)
    assert error.value.message == message


@pytest.fixture
def partial(tmp_path: Path) -> tuple[Campaign, Path, Path]:
    """A merge of what two units handed in, one of them with an error; a third was seen before only."""
    units = ("226002", "238001", "226001")
    campaign = make_campaign("target", tmp_path / "office", units=units)
    back = tmp_path / "back"
    back.mkdir()
    for unit in units:
        data = answers("target", unit)
        data["projects"][0]["项目概况"] *= unit != "238001"
        fill_unit(campaign, unit, data, back / f"{unit}.xlsx")
        (back / f"{unit}.json").unlink()
    merge([back], tmp_path / "all", campaign, accept_warnings=True, jobs=1)
    (back / "226001.xlsx").unlink()
    merge([back], tmp_path / "out", campaign, accept_warnings=True, jobs=1)
    return campaign, back, tmp_path / "out"


def test_why_a_unit_was_not_merged(partial: tuple[Campaign, Path, Path]) -> None:
    campaign, _, out = partial
    tracer = Tracer(out, campaign.folder)
    for unit, why in {
        "238001": "238001.xlsx 有错误，未合并（1 处错误：TXT-001）",
        "226001": "这次合并没有收到这个单位的表；检查记录里的状态是“通过”",
        "215001": "这次合并没有收到这个单位的表",
    }.items():
        with pytest.raises(OfficeError) as error:
            tracer.value(unit, "项目1", "本年度项目金额")
        assert error.value.message == f"合并结果里没有单位 {unit} 的“本年度项目金额”：{why}"


def test_a_file_that_was_renamed_is_found_by_what_it_holds(
    partial: tuple[Campaign, Path, Path], xltool: Xltool
) -> None:
    campaign, back, out = partial
    words = ("trace", out, "226002", "项目1", "本年度项目金额", "--campaign", campaign.folder)
    plain = xltool(*words)
    assert plain.code == 0
    assert "  来源：226002.xlsx 工作表“项目1”" in plain.out
    assert xltool(*words, "--in", back).out == plain.out  # it is called as it was
    (back / "区里").mkdir()
    renamed = (back / "226002.xlsx").rename(back / "区里" / "图书馆（定稿）.xlsx")
    assert xltool(*words).out == plain.out
    lines = xltool(*words, "--in", back).out.splitlines()
    assert [line for line in lines if line not in plain.out.splitlines()] == [
        f"  现在的文件：{renamed}（内容相同）"
    ]
    renamed.unlink()
    assert (
        xltool(*words, "--in", back).out.splitlines()[2] == f"  现在的文件：{back} 里没有内容相同的"
    )


def test_a_result_that_was_altered_is_not_traced(result: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(result, tmp_path / "copy")
    (copy / "data" / "project.parquet").write_bytes(b"")
    with pytest.raises(OfficeError) as error:
        Tracer(copy)
    assert error.value.message == (
        "合并结果与写出时不同：改动过的 data/project.parquet；请向报送的单位重新索取"
    )
