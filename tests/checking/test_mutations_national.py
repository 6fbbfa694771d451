"""national_2015_declaration: each single mistake is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import Data, answers, check_files, edit, fill_unit, make_campaign
from mutations import Mutation, added, answer, cell, described, each, nothing
from openpyxl.workbook import Workbook

from xltool.office.campaign import Campaign

UNIT = "517001"
Row = dict[str, str]


def row(period: str, level: str, values: Row, number: int = 1) -> Callable[[Data], None]:
    """Change cells of the n-th row of a 二级指标 of one period, in the first project."""

    def change(data: Data) -> None:
        rows = data["projects"][0]["indicators"]
        mine = [r for r in rows if (r["期间"], r["二级指标"]) == (period, level)]
        mine[number - 1].update(values)

    return change


NO = {"三级指标": "不适用", "计算符号": "", "指标值": "不适用", "计量单位": ""}
BLANK = dict.fromkeys(NO, "")

ANSWERS: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation("a new project on a spare sheet", added({"项目名称": "智慧教室改造"})),
    Mutation("span blank", answer(1, {"项目期": ""}), ["TXT-001 error 项目1!I5 | 项目期没有填"]),
    Mutation(
        "midterm goal blank",
        answer(1, {"中期目标": ""}),
        ["TXT-001 error 项目1!C10 | 中期目标没有填"],
    ),
    Mutation(
        "year goal blank",
        answer(1, {"年度目标": ""}),
        ["TXT-001 error 项目1!H10 | 年度目标没有填"],
    ),
    Mutation(
        "funds blank",
        answer(1, {"中期其他资金": ""}),
        ["TXT-001 error 项目1!E8 | 中期其他资金（万元）没有填"],
    ),
    Mutation(
        "year over midterm",
        answer(1, {"年度财政拨款": "900"}),
        [
            "AMT-002 error 项目1!J6 | 年度资金总额（万元）为 920.00，中期资金总额（万元）为 900.00；"
            "应满足 年度资金总额（万元） ≤ 中期资金总额（万元），相差 20.00"
        ],
    ),
    Mutation(
        "nothing this year",
        answer(1, {"年度财政拨款": "0", "年度其他资金": "0"}),
        ["AMT-012 warning 项目1!J6 | 年度资金总额（万元）为 0 或空白"],
    ),
    Mutation(
        "no number",
        answer(1, {"年度其他资金": "若干"}),
        ["AMT-011 error 项目1!J8 | 年度其他资金（万元）“若干”不是数字"],
    ),
    Mutation(
        "sign not in the list",
        row("年度", "数量指标", {"计算符号": "约"}),
        ["TXT-020 error 项目1!J13 | 计算符号“约”不在可选项中（＝／＞／＜／≥／≤）"],
    ),
    Mutation(
        "the same name in both periods", row("年度", "质量指标", {"三级指标": "设备验收合格率"})
    ),
    Mutation(
        "the same name twice in a period",
        row("年度", "数量指标", {"三级指标": "更新设备数量"}, 2),
        [
            "IND-007 error 项目1!I13 | 三级指标“更新设备数量”在“数量指标”中重复",
            "IND-007 error 项目1!I14 | 三级指标“更新设备数量”在“数量指标”中重复",
        ],
    ),
    Mutation(
        "partly filled",
        row("中期", "成本指标", {"指标值": ""}),
        ["IND-004 error 项目1!F43 | 这一行指标没有填完整：缺指标值"],
    ),
    Mutation(
        "partly 不适用",
        row("年度", "生态效益指标", {"三级指标": "旧设备回收率"}),
        ["IND-002 error 项目1!K61 | 同一行里有的填“不适用”，有的填了内容"],
    ),
    Mutation(
        "不适用 in other words",
        row("年度", "生态效益指标", {"三级指标": "无", "指标值": "无"}),
        ["IND-003 warning 项目1!I61 | “无”应写作“不适用”"],
    ),
    Mutation(
        "nobody asked in the year",
        row("年度", "服务对象满意度指标", NO),
        ["IND-006 warning 项目1!I67 | 年度的“满意度指标”没有一行适用的指标"],
    ),
    Mutation(
        "nobody asked in the midterm",
        row("中期", "服务对象满意度指标", BLANK),
        ["IND-006 warning 项目1!D67 | 中期的“满意度指标”没有一行适用的指标"],
    ),
    Mutation(
        "sign and unit in the value",
        row("年度", "质量指标", {"计算符号": "", "指标值": "＝100%", "计量单位": ""}),
        ["VAL-011 info 项目1!K23 | 指标值“＝100%”里带有计算符号“＝”、计量单位“%”"],
    ),
    Mutation(
        "the wrong way",
        row("年度", "成本指标", {"计算符号": "≥"}),
        ["VAL-006 warning 项目1!K43"],
    ),
    Mutation(
        "percent beyond the whole",
        row("年度", "服务对象满意度指标", {"指标值": "120"}),
        ["VAL-004 warning 项目1!K67"],
    ),
    Mutation(
        "no value to measure",
        row("年度", "质量指标", {"计算符号": "", "指标值": "良好", "计量单位": ""}),
        ["VAL-001 warning 项目1!K23"],
    ),
]

BOOKS: list[Mutation[Workbook]] = [
    Mutation("saved by openpyxl", nothing),
    Mutation(
        "midterm total overwritten",
        cell("E6", 950),
        [
            "AMT-001 error 项目1!E6 | 中期资金总额（万元）为 950.00，中期财政拨款（万元）为 860.00，"
            "中期其他资金（万元）为 40.00；应满足 中期资金总额（万元） ＝ 中期财政拨款（万元） ＋ "
            "中期其他资金（万元），相差 50.00"
        ],
    ),
    Mutation(
        "year total overwritten",
        cell("J6", 341),
        [
            "AMT-001 error 项目1!J6 | 年度资金总额（万元）为 341.00，年度财政拨款（万元）为 320.00，"
            "年度其他资金（万元）为 20.00；应满足 年度资金总额（万元） ＝ 年度财政拨款（万元） ＋ "
            "年度其他资金（万元），相差 1.00"
        ],
    ),
    Mutation("formula gone", cell("J6", 340), ["TPL-002 error 项目1!J6"]),
    Mutation(
        "level of the year unknown",
        cell("H13", "产量指标"),
        ["TPL-011 error 项目1!H13 | “产量指标”不在本表的指标框架内"],
    ),
    Mutation(
        "level of the year of another lv1",
        cell("H13", "经济效益指标"),
        ["IND-005 error 项目1!H13 | 二级指标“经济效益指标”不属于一级指标“产出指标”"],
    ),
    Mutation(
        "prefilled department changed",
        cell("C4", "云岭区教育局"),
        [
            "TPL-002 error 项目1!C4 | 锁定的内容被改动：主管部门及代码应为“云岭区教育局（517）”，"
            "现为“云岭区教育局”"
        ],
    ),
]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("national", tmp_path_factory.mktemp("campaign"))


@pytest.fixture(scope="module")
def good(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A correct return."""
    out = tmp_path_factory.mktemp("good") / "good.xlsx"
    return fill_unit(campaign, UNIT, answers("national", UNIT), out)


@each(ANSWERS)
def test_answers(campaign: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("national", UNIT)
    mutation.apply(data)
    found = check_files(campaign, fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx"))
    assert described(found, mutation.expected) == list(mutation.expected)


@each(BOOKS)
def test_workbook(
    campaign: Campaign, good: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    found = check_files(campaign, edit(good, mutation.apply, tmp_path / "return.xlsx"))
    assert described(found, mutation.expected) == list(mutation.expected)
