"""longgang_2023_unit: each single mistake is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import Data, answers, check_files, edit, fill_unit, make_campaign
from mutations import Mutation, described, each, nothing
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xltool.office.campaign import Campaign

UNIT = "319001"
SHEET = "单位整体支出绩效目标表"


def task(number: int, values: dict[str, str]) -> Callable[[Data], None]:
    """Change answers of a task."""
    return lambda data: data["tasks"][number - 1].update(values)


def level(name: str, *rows: tuple[str, str]) -> Callable[[Data], None]:
    """Replace all rows of a 二级指标."""

    def change(data: Data) -> None:
        old = next(row for row in data["indicators"] if row["二级指标"] == name)
        kept = [row for row in data["indicators"] if row["二级指标"] != name]
        new = [{**old, "三级指标": lv3, "目标值": target} for lv3, target in rows]
        data["indicators"] = kept + new

    return change


def all_of(*changes: Callable[[Data], object]) -> Callable[[Data], None]:
    """Several changes at once."""

    def change(data: Data) -> None:
        for part in changes:
            part(data)

    return change


def cell(address: str, value: Any) -> Callable[[Workbook], None]:
    """Write into one cell."""

    def change(book: Workbook) -> None:
        book[SHEET][address].value = value

    return change


NO = ("不适用", "不适用")
BOTH = [
    "OA-003 error !E26 | 金额合计的总额为 {0} 万元，部门预算表 1 的支出总计为 742.00 万元，相差 {1} 万元",
    "OA-003 error !F26 | 金额合计的财政拨款为 {0} 万元，部门预算表 6 的支出总计为 742.00 万元，相差 {1} 万元",
]
PROJECTS = (
    "OA-005 warning !E9 | 属于项目支出的任务合计 {0} 万元，部门预算表 3 的项目支出为 384.00 万元，"
    "相差 {1} 万元"
)

ANSWERS: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation(
        "goal blank",
        lambda data: data.update(年度总体目标=""),
        ["TXT-001 error !B27 | 年度总体目标没有填"],
    ),
    Mutation(
        "no task",
        lambda data: data.update(tasks=[]),
        ["TXT-001 error !B6 | 年度主要任务一项也没有填"],
    ),
    Mutation("content blank", task(2, {"主要内容": ""}), ["TXT-001 error !D7 | 主要内容没有填"]),
    Mutation("other blank", task(2, {"其他资金": ""}), ["TXT-001 error !G7 | 其他资金没有填"]),
    Mutation(
        "fiscal no number",
        task(2, {"财政拨款": "若干"}),
        ["AMT-011 error !F7 | 财政拨款“若干”不是数字"],
    ),
    Mutation(
        "fiscal negative",
        task(2, {"财政拨款": "-38"}),
        [
            "AMT-011 error !F7 | 财政拨款为负数：-38",
            *[line.format("666.00", "76.00") for line in BOTH],
            "OA-005 warning !E6 | 属于基本支出的任务合计 282.00 万元，部门预算表 3 的基本支出为 "
            "358.00 万元，相差 76.00 万元",
        ],
    ),
    Mutation(
        "fiscal of three places",
        task(2, {"财政拨款": "38.125"}),
        ["AMT-011 error !F7 | 财政拨款“38.125”的小数位过多"],
    ),
    Mutation(
        "sums are not the budget",
        task(4, {"财政拨款": "86", "主要内容": "组织专业救援队训练和考核。"}),
        [*[line.format("752.00", "10.00") for line in BOTH], PROJECTS.format("394.00", "10.00")],
    ),
    Mutation(
        "within the rounding of the budget",
        task(2, {"财政拨款": "38.40"}),
        [
            "ROUND info !E6",
            "ROUND info !E26 | 金额合计的总额为 742.40 万元，部门预算表 1 的支出总计为 742.00 万元，"
            "相差 0.40 万元，在四舍五入尾差之内（OA-003）",
            "ROUND info !F26",
        ],
    ),
    Mutation(
        "from other funds",
        task(2, {"财政拨款": "30", "其他资金": "8"}),
        [
            "OA-003 error !F26 | 金额合计的财政拨款为 734.00 万元，部门预算表 6 的支出总计为 742.00 万元，"
            "相差 8.00 万元"
        ],
    ),
    Mutation(
        "content says another amount",
        task(3, {"主要内容": "租用办公场所 600 平方米，年租金 26 万元。"}),
        ["OA-004 warning !D8 | 主要内容写的金额为 26万元，总额为 24.00 万元"],
    ),
    Mutation(
        "task of another kind",
        task(2, {"任务名称": "办公用房租赁"}),
    ),
    Mutation(
        "task not mapped",
        task(2, {"任务名称": "水电费"}),
        ["OA-005 warning !B7 | 任务“水电费”不在任务对照里，不能核对基本支出和项目支出"],
    ),
    Mutation(
        "kinds of expenditure confused",
        all_of(
            task(3, {"财政拨款": "34", "主要内容": "租用办公场所 600 平方米。"}),
            task(6, {"财政拨款": "86", "主要内容": "对救援装备进行检测和维修。"}),
        ),
        [
            "OA-005 warning !E6 | 属于基本支出的任务合计 368.00 万元，部门预算表 3 的基本支出为 358.00 万元，"
            "相差 10.00 万元",
            PROJECTS.format("374.00", "10.00"),
        ],
    ),
    Mutation(
        "level without indicator",
        level("成本", NO),
        ["OA-006 error !D59 | “成本”没有一行适用的指标"],
    ),
    Mutation(
        "no benefit",
        all_of(level("社会效益", NO), level("可持续影响", NO)),
        ["OA-006 error !D69 | “效益”没有一行适用的指标"],
    ),
    Mutation(
        "no satisfaction",
        level("服务对象满意度"),
        ["OA-006 error !D88 | “满意度”没有一行适用的指标"],
    ),
    Mutation(
        "partly 不适用",
        level("经济效益", ("不适用", "≥5%")),
        ["IND-002 error !D69 | 同一行里有的填“不适用”，有的填了内容"],
    ),
    Mutation(
        "不适用 in other words",
        level("经济效益", ("无", "不适用")),
        ["IND-003 warning !D69 | “无”应写作“不适用”"],
    ),
    Mutation(
        "partly filled",
        level("成本", ("应急物资储备成本", "")),
        ["IND-004 error !E59 | 这一行指标没有填完整：缺目标值"],
    ),
    Mutation(
        "indicator twice",
        level("成本", ("应急物资储备成本", "≤212万元"), ("应急物资储备成本", "≤210万元")),
        [
            "IND-007 error !D59 | 三级指标“应急物资储备成本”在“成本”中重复",
            "IND-007 error !D60 | 三级指标“应急物资储备成本”在“成本”中重复",
        ],
    ),
]


def put(sheet: Worksheet, row: int, values: dict[str, str | int]) -> None:
    """Write cells of a row, by column."""
    for column, value in values.items():
        sheet[f"{column}{row}"].value = value


def unmerged(book: Workbook) -> Worksheet:
    """The form sheet with no cells merged: its rows can then be moved about."""
    sheet = book[SHEET]
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    return sheet


def insert_task(book: Workbook) -> None:
    """A task on a new row among the others, as a clerk would add it."""
    sheet = unmerged(book)
    sheet.insert_rows(8)
    put(sheet, 8, {"A": "3", "B": "应急演练", "D": "全区演练。", "E": 96, "F": 90, "G": 6})


def add_task(book: Workbook) -> None:
    """All rows of the tasks are taken, and one is added below."""
    sheet = unmerged(book)
    for row in range(12, 26):
        put(sheet, row, {"B": f"任务 {row}", "D": "全年。", "F": 1, "G": 0})
    sheet.insert_rows(26)
    put(sheet, 26, {"B": "应急演练", "D": "全区演练。", "E": 96, "F": 90, "G": 6})


def swap_rows(first: int, second: int) -> Callable[[Workbook], None]:
    """What stands on two rows changes places."""

    def change(book: Workbook) -> None:
        sheet = unmerged(book)
        for column in range(1, sheet.max_column + 1):
            one, other = sheet.cell(first, column), sheet.cell(second, column)
            one.value, other.value = other.value, one.value

    return change


BOOKS: list[Mutation[Workbook]] = [
    Mutation("saved by openpyxl", nothing),
    Mutation(
        "heading in yuan",
        cell("E4", "预算金额（元）"),
        [
            "AMT-025 error !E4 | 表头写的是“预算金额（元）”，应为“预算金额（万元）”：金额单位不一致",
            "TPL-002 error !E4 | 锁定的内容被改动：应为“预算金额（万元）”，现为“预算金额（元）”",
        ],
    ),
    Mutation(
        "unit of the sheet in yuan",
        cell("F2", "单位：元"),
        ["AMT-025 error !F2", "TPL-002 error !F2"],
    ),
    Mutation(
        "another heading",
        cell("E4", "预算金额"),
        ["TPL-002 error !E4 | 锁定的内容被改动：应为“预算金额（万元）”，现为“预算金额”"],
    ),
    Mutation(
        "sum overwritten",
        cell("E26", 752),
        [
            "OA-001 error !E26 | 金额合计的总额为 752.00；应满足 金额合计的总额 ＝ 各行总额之和，相差 10.00",
            BOTH[0].format("752.00", "10.00"),
        ],
    ),
    Mutation("sum overwritten with the right number", cell("E26", 742), ["TPL-002 error !E26"]),
    Mutation(
        "fiscal sum overwritten",
        cell("F26", 740),
        ["OA-001 error !F26", BOTH[1].format("740.00", "2.00")],
    ),
    Mutation("other sum overwritten", cell("G26", 5), ["OA-001 error !G26"]),
    Mutation(
        "amount of a task overwritten",
        cell("E7", 40),
        [
            "OA-002 error !E7 | 总额为 40.00，财政拨款为 38.00，其他资金为 0.00；"
            "应满足 总额 ＝ 财政拨款 ＋ 其他资金，相差 2.00",
            *[BOTH[0].format("744.00", "2.00")],
            "OA-005 warning !E6",
        ],
    ),
    Mutation(
        "row inserted among the tasks",
        lambda book: book[SHEET].insert_rows(20),
        ["TPL-002 error !E20", "TPL-004 error !A26"],  # the new row has no formula
    ),
    Mutation(
        "task inserted, with its number in front",
        insert_task,
        [
            "TPL-002 error !A8 | 锁定的内容被改动：应为“（空白）”，现为“3”",
            "TPL-002 error !E8 | 锁定的内容被改动：总额应为“公式”，现为“96”",
            "TPL-004 error !A26 | 表格位置被移动：第 25 行之后插入了 1 行",
            "OA-003 error !E27",
            "OA-003 error !F27",
            "OA-005 warning !B8",
        ],
    ),
    Mutation(
        "a task more than there are rows",
        add_task,
        [
            "TPL-004 error !A26 | 表格位置被移动：第 25 行之后插入了 1 行",
            "TPL-002 error !E26 | 锁定的内容被改动：总额应为“公式”，现为“96”",
            "OA-003 error !E27 | 金额合计的总额为 852.00 万元，部门预算表 1 的支出总计为 742.00 万元，相差 110.00 万元",
            "OA-003 error !F27 | 金额合计的财政拨款为 846.00 万元，部门预算表 6 的支出总计为 742.00 万元，相差 104.00 万元",
            *[f"OA-005 warning !B{row}" for row in range(12, 27)],
        ],
    ),
    Mutation(
        "heading and first row of a level change places",
        swap_rows(5, 49),
        [
            "TPL-004 error !A5 | 表格位置被移动：下发时的第 49 行，“时效”移到了第 5 行",
            "TPL-004 error !A49 | 表格位置被移动：下发时的第 5 行，“总额 财政拨款 其他资金”移到了第 49 行",
        ],
    ),
]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("unit", tmp_path_factory.mktemp("campaign"))


@pytest.fixture(scope="module")
def good(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A correct return."""
    out = tmp_path_factory.mktemp("good") / "good.xlsx"
    return fill_unit(campaign, UNIT, answers("unit", UNIT), out)


def found_in(campaign: Campaign, path: Path, expected: Any) -> list[str]:
    """The findings as lines, without the name of the only sheet."""
    lines = described(check_files(campaign, path), expected)
    return [line.replace(f"{SHEET}!", "!") for line in lines]


@each(ANSWERS)
def test_answers(campaign: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("unit", UNIT)
    mutation.apply(data)
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    assert found_in(campaign, path, mutation.expected) == list(mutation.expected)


@each(BOOKS)
def test_workbook(
    campaign: Campaign, good: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    path = edit(good, mutation.apply, tmp_path / "return.xlsx")
    assert found_in(campaign, path, mutation.expected) == list(mutation.expected)


LARGE = ["OA-007 warning !B11 | 任务“无人机租用”占总额的 13%，没有指标提到它"]


def test_large_project_without_indicator(tmp_path: Path) -> None:
    """OA-007 is off unless a campaign wants it."""
    wanted = make_campaign("unit", tmp_path / "campaign", '\n[severity]\n"OA-007" = "warning"\n')
    data = answers("unit", UNIT)
    with (wanted.folder / "任务对照.csv").open("a", encoding="utf-8") as file:
        file.write("319001,无人机租用,项目支出\n")
    path = fill_unit(wanted, UNIT, data, tmp_path / "good.xlsx")
    assert check_files(wanted, path) == []
    data["tasks"][5]["任务名称"] = "无人机租用"
    path = fill_unit(wanted, UNIT, data, tmp_path / "return.xlsx")
    assert found_in(wanted, path, LARGE) == LARGE
