"""意见.csv: what the office may write there, and all that is wrong with it at once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from helpers import make_campaign
from small import write_csv

from xltool.errors import OfficeError
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.opinion_places import Place
from xltool.office.opinions import Opinion, Shown, note_shown, read_shown

HEAD = [
    "单位代码",
    "位置",
    "项目",
    "栏目",
    "意见",
    "级别",
    "提出人",
    "日期",
    "有效期至",
    "文件",
    "状态",
]
GOOD = {"单位代码": "106001", "位置": "项目1!B9", "意见": "请写明依据", "级别": "错误"}


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example of the declaration."""
    return make_campaign("declaration", tmp_path_factory.mktemp("opinions") / "office")


def opinions(campaign: Campaign, *rows: dict[str, str], head: list[str] = HEAD) -> list[Opinion]:
    """What is read of these lines."""
    lines = [[row.get(name, "") for name in head] for row in rows]
    write_csv(campaign.folder / "意见.csv", [head, *lines])
    try:
        return load_campaign(campaign.folder).opinions
    finally:
        (campaign.folder / "意见.csv").unlink()


def test_a_line_in_full(campaign: Campaign) -> None:
    sha256 = "0" * 64
    row = {
        **GOOD,
        "提出人": "王审核",
        "日期": "2026/12/03",
        "有效期至": "2027-01-31",
        "文件": sha256,
    }
    place = Place("项目1!B9", "项目1", (8, 1))
    whole = Opinion(
        2, "106001", place, "请写明依据", "错误", "王审核，2026-12-03", date(2027, 1, 31), sha256
    )
    assert opinions(campaign, row) == [whole]
    assert opinions(campaign, {**row, "状态": "已解决"})[0].settled
    assert not opinions(campaign, {**row, "状态": "未解决"})[0].settled


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("项目1!B9", "项目1!B9"),
        ("项目2！b9", "项目2!B9"),
        ("'项目1'!$B$9", "项目1!B9"),
        ("项目1!D9", "项目1!B9"),  # the cell is merged
        ("项目17!B9", "项目17!B9"),  # a workbook may have more sheets than it was issued with
    ],
)
def test_addresses(campaign: Campaign, address: str, words: str) -> None:
    assert [o.place.words for o in opinions(campaign, {**GOOD, "位置": address})] == [words]


@pytest.mark.parametrize("label", ["年度目标", "年度目标：", "goal_year"])
def test_a_project_and_a_label(campaign: Campaign, label: str) -> None:
    row = {**GOOD, "位置": "", "项目": "公共数据资源治理", "栏目": label}
    expected = Place("公共数据资源治理 年度目标", project="公共数据资源治理", field="goal_year")
    assert [o.place for o in opinions(campaign, row)] == [expected]


MISTAKES = {
    "unit": ({"单位代码": "1o6001"}, "单位代码“1o6001”不在 units.csv 中，是不是 106001？"),
    "no unit": ({"单位代码": ""}, "没有填写单位代码"),
    "no text": ({"意见": " ", "级别": ""}, "没有填写意见、级别"),
    "grade": ({"级别": "严重"}, "级别“严重”应为 错误 或 提醒"),
    "state": ({"状态": "好了"}, "状态“好了”应为 已解决，未解决的留空"),
    "day": ({"日期": "12月3日"}, "日期“12月3日”应为日期，如 2027-06-30"),
    "until": ({"有效期至": "2027-02-30"}, "有效期至“2027-02-30”应为日期，如 2027-06-30"),
    "file": (
        {"文件": "甲.xlsx"},
        "“文件”应为文件的 sha256（检查记录.csv 里有）；不限于一份的留空",
    ),
    "too long": ({"意见": "长" * 201}, "意见有 201 字，最多 200 字"),
    "control": ({"意见": "请\x1b[2J核对"}, "意见里有看不见的控制字符；请删去后重新输入"),
    "direction": ({"意见": "请\u202e核对"}, "意见里有看不见的控制字符；请删去后重新输入"),
    "no place": (
        {"位置": ""},
        "请填写“位置”（如 项目1!C5），或者“项目”和“栏目”，不要都填",
    ),
    "two places": (
        {"栏目": "年度目标"},
        "请填写“位置”（如 项目1!C5），或者“项目”和“栏目”，不要都填",
    ),
    "project too": ({"项目": "甲"}, "写了“位置”，“项目”请留空"),
    "no address": ({"位置": "B9"}, "位置“B9”应为工作表和单元格，如 项目1!B2"),
    "sheet": ({"位置": "项日1!B9"}, "没有工作表“项日1”，是不是 项目1？"),
    "a heading": ({"位置": "项目1!a9"}, "项目1!A9 不是填写内容的单元格，是不是 项目1!B9？"),
    "outside": ({"位置": "项目1!B900"}, "项目1!B900 不是填写内容的单元格"),
    "label": (
        {"位置": "", "项目": "甲", "栏目": "年度目示"},
        "「二级项目支出绩效目标申报表」没有栏目“年度目示”，是不是 年度目标？",
    ),
    "label of rows": (
        {"位置": "", "项目": "甲", "栏目": "指标值"},
        "“指标值”有多行，请用“位置”写明单元格",
    ),
    "no project": (
        {"位置": "", "栏目": "年度目标"},
        "请填写“项目”（项目编码或项目名称）",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_of_a_line(campaign: Campaign, name: str) -> None:
    change, message = MISTAKES[name]
    with pytest.raises(OfficeError) as error:
        opinions(campaign, {**GOOD, "意见": "另一条"}, {**GOOD, **change})
    assert (error.value.message, error.value.line) == (message, 3)
    assert Path(str(error.value.path)).name == "意见.csv"


def test_all_mistakes_at_once(campaign: Campaign) -> None:
    with pytest.raises(OfficeError) as error:
        opinions(campaign, GOOD, {**GOOD, "级别": "严重"}, GOOD, {**GOOD, "位置": "B9"})
    assert str(error.value).splitlines() == [
        "意见.csv 有 3 处不对：",
        "意见.csv:3: 级别“严重”应为 错误 或 提醒",
        "意见.csv:4: 与第 2 行相同；请删去重复的一行",
        "意见.csv:5: 位置“B9”应为工作表和单元格，如 项目1!B2",
    ]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (["单位代码", "位置", "意见"], "缺少列“级别”"),
        (["单位代码", "意见", "级别"], "缺少列“位置”"),
        (["位置"], "缺少列“单位代码”“意见”“级别”"),
        (["单位代码", "位置", "意见", "级别", "有效期"], "没有“有效期”这一列，是不是 有效期至？"),
    ],
)
def test_columns(campaign: Campaign, head: list[str], message: str) -> None:
    with pytest.raises(OfficeError) as error:
        opinions(campaign, {**GOOD, "有效期": "2027-01-01"}, head=head)
    assert (error.value.message, error.value.line) == (message, 1)


def test_what_was_shown_first_is_noted_once(tmp_path: Path) -> None:
    key = ("106001", "项目1!B9", "=请核对")
    now = datetime(2026, 12, 3, 8, 30)
    note_shown(tmp_path, [Shown(key, "-甲\n乙", "0a"), Shown(key, "丙", "0b")], now)
    note_shown(tmp_path, [Shown(key, "丁", "0c")], now)  # another run was first
    assert read_shown(tmp_path) == {key: {"-甲\n乙", "丙"}}
    note_shown(tmp_path / "nowhere", [], now)
    assert read_shown(tmp_path / "nowhere") == {}
