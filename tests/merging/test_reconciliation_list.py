"""对账.csv: what was expected against what was merged; 变更.csv: what changed since the last merge."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from helpers import answers, edit, fill_unit, make_campaign, own_copy
from merges import frames, lines, parts_here, table
from mutations import added, cell
from openpyxl.workbook import Workbook
from small import write_csv

from xltool.checking import running
from xltool.checking.running import check_files
from xltool.merging.fates import Fate, Outcome
from xltool.merging.merge import merge
from xltool.merging.reconciling import has_passed
from xltool.office.campaign import Campaign, load_campaign
from xltool.write.returned import write_returned

SETTINGS = '\n[severity]\n"XW-006" = "warning"\n"XW-007" = "warning"\n'
CONTROL = [
    ["部门代码", "单位数", "控制数（万元）"],
    ["226", "2", "1500.00"],
    ["238", "1", "797.38"],
]
AMOUNTS = [
    ["单位代码", "项目名称", "本年度金额（万元）"],
    ["226002", "图书文献采购", "260.00"],
    ["226002", "社区分馆一体化服务", "486.00"],
    ["226002", "古籍数字化", "12.00"],
]


pytestmark = pytest.mark.usefixtures("parts_made_here")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """A campaign with lists of what amounts should be."""
    campaign = make_campaign("target", tmp_path_factory.mktemp("office") / "office", SETTINGS)
    write_csv(campaign.folder / "部门控制数.csv", CONTROL)
    write_csv(campaign.folder / "项目金额.csv", AMOUNTS)
    return load_campaign(campaign.folder)


@pytest.fixture(scope="module")
def back(prepared: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What came: one unit sends nothing, one something with an error."""
    folder = tmp_path_factory.mktemp("back")
    for unit in ("215001", "226002", "238001"):
        path = folder / f"{unit}.xlsx"
        fill_unit(prepared, unit, answers("target", unit), path).with_suffix(".json").unlink()
    edit(folder / "215001.xlsx", cell("B8", None), folder / "215001.xlsx")
    return folder


@pytest.fixture(scope="module")
def result(prepared: Campaign, back: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("merged") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        found = merge([back], out, prepared, accept_warnings=True)
    assert {entry.unit: entry.outcome for entry in found.entries} == {
        "215001": "errors",
        "226002": "merged",
        "238001": "merged",
    }
    return out


HEADER = (
    *("层级", "行政区划", "代码", "名称", "情况", "应交单位", "已交单位", "通过单位", "已合并单位"),
    *("未交单位", "应有项目", "已合并项目", "合并金额", "应为金额", "差额"),
)
ODD = """
合计,,,合计,未交 1 个单位,4,3,2,2,1,15,7,1375.88,,
行政区划,440399,440399,云岭区 2027 年项目支出绩效目标填报,未交 1 个单位,4,3,2,2,1,15,7,1375.88,,
部门,440399,226,云岭区文化体育局,未交 1 个单位；与控制数不同,2,1,1,1,1,6,3,578.5,1500,-921.5
单位,440399,215001,云岭区社区网格管理中心,有错误，未合并,1,1,0,0,0,5,0,0,,
单位,440399,226001,云岭区公共文化体育中心,未交,1,0,0,0,1,3,0,0,,
项目,440399,215001,事件分拨调度坐席服务,未合并,,,,,,1,0,0,,
项目,440399,215001,社区网格驿站建设,未合并,,,,,,1,0,0,,
项目,440399,215001,网格信息采集服务,未合并,,,,,,1,0,0,,
项目,440399,215001,网格员能力提升培训,未合并,,,,,,1,0,0,,
项目,440399,215001,网格移动终端更新,未合并,,,,,,1,0,0,,
项目,440399,226001,全民健身场馆公益开放,未合并,,,,,,1,0,0,,
项目,440399,226001,文体中心消防设施改造,未合并,,,,,,1,0,0,,
项目,440399,226001,群众文艺惠民演出季,未合并,,,,,,1,0,0,,
项目,440399,226002,古籍数字化,未合并,,,,,,1,0,0,12,-12
项目,440399,226002,社区分馆一体化服务,与项目金额不同,,,,,,1,1,240,486,-246
"""
EVEN = """
部门,440399,215,云岭区社会治理工作局,,1,1,0,0,0,5,0,0,,
部门,440399,238,云岭区生态环境局,,1,1,1,1,0,4,4,797.38,797.38,0
单位,440399,226002,云岭区图书馆,,1,1,1,1,0,3,3,578.5,,
单位,440399,238001,云岭区生态环境监测站,,1,1,1,1,0,4,4,797.38,,
项目,440399,226002,图书文献采购,,,,,,,1,1,260,260,0
"""


def cells(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.strip().split("\n")]


def test_the_list_is_exactly_this(result: Path) -> None:
    """What is odd comes first, then the rest; each by level, district, code and name."""
    header, *rows = lines(result / "对账.csv")
    assert tuple(header) == HEADER
    assert rows == [*cells(ODD), *cells(EVEN)]


def test_the_sheet_says_the_same(result: Path) -> None:
    head, *rows = table(result / "汇总表.xlsx", "对账")
    assert head == HEADER
    as_texts = [
        [
            "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
            for value in row
        ]
        for row in rows
    ]
    assert as_texts == lines(result / "对账.csv")[1:]


COUNTED = (5, 6, 7, 8, 9, 10, 11, 12)


def test_each_level_adds_up_to_the_next(result: Path) -> None:
    sums: dict[str, list[Decimal]] = {}
    for row in lines(result / "对账.csv")[1:]:
        if row[0] != "项目":
            line = sums.setdefault(row[0], [Decimal(0)] * len(COUNTED))
            sums[row[0]] = [a + Decimal(row[n]) for a, n in zip(line, COUNTED, strict=True)]
    assert list(sums) == ["合计", "行政区划", "部门", "单位"]
    assert sums["合计"] == [4, 3, 2, 2, 1, 15, 7, Decimal("1375.88")]
    assert len({tuple(line) for line in sums.values()}) == 1


def test_a_unit_that_is_not_on_the_roster_is_odd(
    prepared: Campaign, back: Path, tmp_path: Path
) -> None:
    """It was issued to, and taken from the roster since."""
    office = own_copy(prepared, tmp_path / "office")
    for name in ("units.csv", "projects.csv"):
        kept = [line for line in lines(office.folder / name) if line[0] != "238001"]
        write_csv(office.folder / name, kept)
    merge([back], tmp_path / "out", load_campaign(office.folder), accept_warnings=True)
    found = lines(tmp_path / "out" / "对账.csv")[1:]
    unit = ["单位", "440399", "238001", "云岭区生态环境监测站", "不在名册中；有错误，未合并"]
    assert [line for line in found if line[2] == "238001"] == [
        [*unit, "0", "1", "0", "0", "0", "0", "0", "0", "", ""]
    ]
    # it does not make up for the one that is missing
    assert found[0][:10] == ["合计", "", "", "合计", "未交 1 个单位", "3", "3", "1", "1", "1"]


# -- what changed ---------------------------------------------------------------------------------

CHANGES = [
    *("变化", "行政区划", "单位代码", "单位名称", "项目", "表", "序号", "栏目", "原值", "现值"),
    *("来源文件", "工作表", "单元格"),
]
OURS = ["440399", "226002", "云岭区图书馆"]


def test_the_first_merge_has_no_changes(result: Path) -> None:
    assert lines(result / "变更.csv") == [CHANGES]


@pytest.fixture
def office(prepared: Campaign, back: Path, tmp_path: Path) -> Campaign:
    """A campaign that has merged one unit once."""
    campaign = own_copy(prepared, tmp_path / "office")
    merge([back / "226002.xlsx"], tmp_path / "out", campaign, accept_warnings=True)
    return campaign


def test_every_value_that_changed_is_a_line(office: Campaign, back: Path, tmp_path: Path) -> None:
    purpose = (
        "用于图书文献购置、编目加工、标签加装和数字阅读设备更新，重点充实少儿、科技与适老大字读物，"
    )

    def change(book: Workbook) -> None:
        assert book["项目1"]["B9"].value.startswith(purpose)
        book["项目1"]["B9"] = "用于购置图书与期刊。"
        book["项目1"]["D14"] = "≥9万册"

    new = edit(back / "226002.xlsx", change, tmp_path / "226002.xlsx")
    merge([new], tmp_path / "out", office, accept_warnings=True)
    header, first, second = lines(tmp_path / "out" / "变更.csv")
    assert header == CHANGES
    assert first[8].startswith(purpose)
    assert first[:8] == ["修改", *OURS, "图书文献采购", "项目", "1", "项目用途"]
    assert first[9:] == ["用于购置图书与期刊。", "226002.xlsx", "项目1", "B9"]
    assert second == [
        *("修改", *OURS, "图书文献采购", "指标", "1", "目标值", "≥5.2万册", "≥9万册"),
        *("226002.xlsx", "项目1", "D14"),
    ]


def test_new_and_removed_projects(office: Campaign, back: Path, tmp_path: Path) -> None:
    data = answers("target", "226002")
    added({"项目名称": "古籍数字化"})(data)
    new = fill_unit(office, "226002", data, tmp_path / "226002.xlsx")
    merge([new], tmp_path / "out", office, accept_warnings=True)
    _, *found = lines(tmp_path / "out" / "变更.csv")
    assert {(line[0], line[4]) for line in found} == {("新增", "古籍数字化")}
    project, *indicators = found
    assert project[:9] == ["新增", *OURS, "古籍数字化", "项目", "1", "", ""]
    assert project[9].startswith("古籍数字化，")
    assert project[10:] == ["226002.xlsx", "项目4", ""]
    rows = frames(tmp_path / "out")["indicator"].filter(sheet="项目4")
    assert [line[5:8] for line in indicators] == [
        ["指标", str(number + 1), ""] for number in range(len(rows))
    ]
    shown = dict(enumerate(found))
    merge([back / "226002.xlsx"], tmp_path / "out", office, accept_warnings=True)
    _, *removed = lines(tmp_path / "out" / "变更.csv")
    assert removed == [
        ["删除", *shown[n][1:8], shown[n][9], "", "", "", ""] for n in range(len(found))
    ]


def test_a_merge_elsewhere_is_compared_with_the_last_one(
    office: Campaign, back: Path, tmp_path: Path
) -> None:
    new = edit(back / "226002.xlsx", cell("D14", "≥9万册"), tmp_path / "226002.xlsx")
    merge([new], tmp_path / "other", office, accept_warnings=True)
    assert [line[:10] for line in lines(tmp_path / "other" / "变更.csv")[1:]] == [
        ["修改", *OURS, "图书文献采购", "指标", "1", "目标值", "≥5.2万册", "≥9万册"]
    ]


MERGED, FAULTY, OUTDONE = "merged", "errors", "superseded"


@pytest.mark.parametrize(
    ("outcomes", "passed"),
    [
        ([MERGED], True),
        (["partly"], True),
        ([OUTDONE, MERGED], True),
        ([MERGED, OUTDONE], True),
        ([MERGED, "copy"], True),
        (["conflict"], True),  # with another unit: nothing is wrong with it alone
        ([], False),
        ([FAULTY], False),
        (["warnings"], False),
        (["pending"], False),
        (["unreadable"], False),
        ([OUTDONE, FAULTY], False),  # what was followed does not pass for what followed
        ([FAULTY, OUTDONE], False),
        ([OUTDONE, "warnings"], False),
        ([FAULTY, "copy"], False),
        ([OUTDONE], False),  # another one was chosen, which is not here
        (["conflict", "conflict"], False),  # nobody knows which one counts
        (["conflict", FAULTY], False),
        ([FAULTY, FAULTY], False),
    ],
)
def test_a_unit_passes_where_what_counts_of_it_passed(
    outcomes: list[Outcome], passed: bool
) -> None:
    fates = [Fate(sha256=str(n), outcome=outcome) for n, outcome in enumerate(outcomes)]
    assert has_passed(fates) is passed


def test_an_error_that_followed_another_return_counts_as_nothing_passed(
    prepared: Campaign, back: Path, tmp_path: Path
) -> None:
    """The copy that went back came again with an error: its original does not count beside it."""
    mended = tmp_path / "mended"
    mended.mkdir()
    first = back / "215001.xlsx"
    with check_files([first], prepared) as run:
        copies, _ = write_returned(run.batch, run.verdict, tmp_path / "copies")
    (mended / "215001.xlsx").write_bytes(first.read_bytes())
    edit(copies[0], cell("B9", None), mended / "again.xlsx")
    (mended / "226002.xlsx").write_bytes((back / "226002.xlsx").read_bytes())
    merge([mended], tmp_path / "out", prepared, accept_warnings=True)
    found = {row[2]: row[4:10] for row in lines(tmp_path / "out" / "对账.csv") if row[0] == "单位"}
    assert found["215001"] == ["有错误，未合并", "1", "1", "0", "0", "0"]


def test_two_that_contradict_each_other_are_not_passed(
    prepared: Campaign, back: Path, tmp_path: Path
) -> None:
    both = tmp_path / "both"
    both.mkdir()
    (both / "226002.xlsx").write_bytes((back / "226002.xlsx").read_bytes())
    (both / "a.xlsx").write_bytes((back / "238001.xlsx").read_bytes())
    data = answers("target", "238001")
    data["projects"][0]["资金用途"] += "。"
    fill_unit(prepared, "238001", data, both / "b.xlsx").with_suffix(".json").unlink()
    merge([both], tmp_path / "out", prepared, accept_warnings=True)
    found = {row[2]: row[4:10] for row in lines(tmp_path / "out" / "对账.csv") if row[0] == "单位"}
    assert found["238001"] == ["与另一份冲突，未合并", "1", "1", "0", "0", "0"]
