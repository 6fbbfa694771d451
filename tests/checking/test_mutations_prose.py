"""Rules that read prose and amounts, on futian_2024_declaration and futian_2022_declaration: one
mutation per rule, and exactly what it leads to.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Data, answers, check_files, fill_unit, make_campaign
from mutations import Mutation, added, answer, described, each, indicator

from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue

DECLARATION: list[Mutation[Data]] = [
    Mutation(
        "goals the same",
        answer(2, {"长期目标": "以集约租用替代分散自建", "年度目标": "以集约租用 替代分散自建"}),
        ["TXT-006 warning 项目2!B10 | 年度目标、长期目标（跨度多年的项目需填）的内容完全相同"],
    ),
    Mutation(
        "goal 略",
        answer(1, {"年度目标": "略。"}),
        ["TXT-007 warning 项目1!B9 | 年度目标写的是“略”，还没有实际内容"],
    ),
    Mutation(
        "a gap in the goal",
        answer(1, {"长期目标": "建成覆盖XX个部门的数据资源体系"}),
        ["TXT-007 warning 项目1!B10 | 长期目标（跨度多年的项目需填）写的是“XX”，还没有实际内容"],
    ),
    Mutation(
        "target 见附件",
        indicator(1, "*数量指标", 1, None, "见附件"),
        ["TXT-007 warning 项目1!D12 | 指标行里写的是“见附件”，还没有实际内容"],
    ),
    Mutation(
        "bracket open",
        answer(2, {"年度目标": "统一配置同城灾备（与云安全防护，全年演练2次"}),
        ["TXT-008 warning 项目2!B9 | 年度目标中“配置同城灾备（与云安全防护”里的括号 （ 没有配对"],
    ),
    Mutation(
        "brackets of two widths",
        answer(2, {"年度目标": "统一配置同城灾备（含云安全),全年演练2次"}),
        [
            "TXT-008 warning 项目2!B9 | 年度目标中“配置同城灾备（含云安全),全年演练2”的括号前后不一致（（与)）"
        ],
    ),
    Mutation(
        "quotes of the clipboard",
        answer(2, {"年度目标": '"全年组织灾备切换演练2次。\n统一配置同城灾备"'}),
        ['TXT-009 warning 项目2!B9 | 年度目标带有粘贴时留下的半角引号（"）'],
    ),
    Mutation(
        "a word twice",
        answer(2, {"年度目标": "云资源费用用于用于全区上云系统，全年演练2次"}),
        ["TXT-010 warning 项目2!B9 | 年度目标中“用于”连写了两遍"],
    ),
    Mutation(
        "last year's goal",
        answer(2, {"年度目标": "2026年为全区上云系统提供计算资源，全年演练2次"}),
        ["TXT-012 warning 项目2!B9 | 年度目标写的是 2026年的安排，本表的年度是 2027 年"],
    ),
    Mutation(
        "a special character in a name",
        added({"项目编码": "440399271063100100008", "项目名称": "数据&标准", "是否新增项目": "是"}),
        ["TXT-013 warning 项目4!E2 | 项目名称含有“&”"],
    ),
    Mutation(
        "a break in a name",
        indicator(2, "*数量指标", 4, "灾备切换\n演练次数"),
        ["TXT-014 info 项目2!C15 | 三级指标里有换行或连续空格"],
    ),
    Mutation(
        "long goal of one year",
        answer(2, {"长期目标": "完成本年度云资源租用，保障业务增长"}),
        ["TXT-015 warning 项目2!B10 | 长期目标里写到“本年度”"],
    ),
    Mutation(
        "basis in 元",
        answer(2, {"测算依据": "全年云资源租用 488 元"}),
        [
            "AMT-013 warning 项目2!B8 | 测算依据的结果为 488元，本年度项目金额为 488.00 万元，相差正好一万倍"
        ],
    ),
    Mutation(
        "amount of a goal in 元",
        answer(2, {"年度目标": "按季支付云资源租用费，全年共488.00万元，演练2次"}),
    ),
    Mutation(
        "amount of a goal in 亿元",
        answer(2, {"年度目标": "按季支付云资源租用费，全年共2,860元，演练2次"}),
        ["AMT-013 warning 项目2!B9 | 年度目标里写的 2860元，与填报的金额数字相同，单位差一万倍"],
    ),
    Mutation(
        "total of the basis",
        answer(2, {"测算依据": "计算资源 300 万元；存储资源 188.00 万元。合计 478.00 万元。"}),
        [
            "AMT-020 warning 项目2!B8 | 测算依据写明合计 478万元，各项相加为 488万元（300万元＋188万元），相差 10万元"
        ],
    ),
    Mutation(
        "an item of the basis",
        answer(2, {"测算依据": "计算资源 300 万元；存储资源 178.00 万元。合计 488.00 万元。"}),
        ["AMT-020 warning 项目2!B8"],
    ),
    Mutation(
        "basis not the amount",
        answer(2, {"测算依据": "计算资源 300 万元；存储资源 178.00 万元"}),
        ["AMT-021 warning 项目2!B8 | 测算依据各项相加为 478万元，本年度项目金额为 488.00 万元"],
    ),
    Mutation(
        "only a total, another amount",
        answer(2, {"测算依据": "全年云资源租用共需 478 万元"}),
        ["AMT-021 warning 项目2!B8 | 测算依据写明的合计为 478万元，本年度项目金额为 488.00 万元"],
    ),
    Mutation("three years of it", answer(2, {"测算依据": "三年共需 1464 万元"})),
    Mutation(
        "basis without amount",
        answer(2, {"测算依据": "按照文件要求，为全区上云系统租用 1600 核计算资源"}),
        ["AMT-022 warning 项目2!B8 | 测算依据里没有金额，也没有数量乘单价的算式"],
    ),
    Mutation("basis 略", answer(2, {"测算依据": "略"}), ["TXT-007 warning 项目2!B8"]),
    Mutation(
        "cost over the project",
        indicator(2, "*成本指标", 1, None, "≤4880.00万元"),
        [
            "AMT-023 warning 项目2!D42 | 成本指标“云资源租用总成本”为 ≤4880.00万元，大于项目总金额 2860万元"
        ],
    ),
    Mutation(
        "whole cost under the year",
        indicator(2, "*成本指标", 1, None, "≤408.00万元"),
        ["AMT-023 warning 项目2!D42"],
    ),
    Mutation(
        "a wrong product",
        answer(2, {"测算依据": "政务专线 12 条×40.00 万元＝488.00 万元"}),
        ["AMT-024 warning 项目2!B8 | 测算依据里的算式“12 条×40.00 万元＝488.00 万元”应为 480万元"],
    ),
]

DECLARATION_2022: list[Mutation[Data]] = [
    Mutation(
        "overview and goals the same",
        answer(1, dict.fromkeys(("项目概况", "年度目标", "长期目标"), "检测市政排水管网")),
        [
            "TXT-006 warning 项目1!B8 | 项目概况、年度目标、长期目标（跨度多年的项目需填）的内容完全相同"
        ],
    ),
    Mutation("overview 无", answer(1, {"项目概况": "无"}), ["TXT-007 warning 项目1!B7"]),
    Mutation(
        "target 略",
        indicator(1, "*质量", 1, None, "略"),
        ["TXT-007 warning 项目1!D21 | 指标行里写的是“略”，还没有实际内容"],
    ),
    Mutation(
        "bracket closed only",
        answer(1, {"项目概况": "检测管网（120 公里））"}),
        ["TXT-008 warning 项目1!B7 | 项目概况中“20 公里））”里的括号 ） 没有配对"],
    ),
    Mutation(
        "quote at the end", answer(1, {"项目概况": '检测管网"'}), ["TXT-009 warning 项目1!B7"]
    ),
    Mutation(
        "a word twice", answer(1, {"项目概况": "检测管网检测管网"}), ["TXT-010 warning 项目1!B7"]
    ),
    Mutation(
        "the year before",
        answer(1, {"项目概况": "2026年度计划检测管网"}),
        ["TXT-012 warning 项目1!B7 | 项目概况写的是 2026年的安排，本表的年度是 2027 年"],
    ),
    Mutation(
        "a special character in a name",
        added({"项目编码": "440399271421500000024", "项目名称": "排水户？", "是否新增项目": "是"}),
        ["TXT-013 warning 项目4!E2 | 项目名称含有“？”"],
    ),
    Mutation(
        "two spaces",
        indicator(1, "*数量", 1, "管网内窥  检测长度"),
        ["TXT-014 info 项目1!C11 | 三级指标里有换行或连续空格"],
    ),
    Mutation(
        "long goal of one year",
        answer(1, {"长期目标": "2027年检测管网"}),
        ["TXT-015 warning 项目1!B9 | 长期目标里写到“2027年”"],
    ),
    Mutation(
        "cost over the project",
        indicator(1, "*成本", 1, None, "≤2387.0万元"),
        [
            "AMT-023 warning 项目1!D41 | 成本指标“管网检测总成本”为 ≤2387.0万元，大于项目总金额 954.8万元"
        ],
    ),
    Mutation(
        "a wrong product",
        answer(1, {"项目概况": "检测管网 120 公里×2 万元＝238 万元"}),
        ["AMT-024 warning 项目1!B7 | 项目概况里的算式“120 公里×2 万元＝238 万元”应为 240万元"],
    ),
]


@each(DECLARATION)
def test_declaration(declaration: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    check_mutation(declaration, "declaration", "106003", mutation, tmp_path)


@each(DECLARATION_2022)
def test_declaration_2022(
    declaration_2022: Campaign, tmp_path: Path, mutation: Mutation[Data]
) -> None:
    check_mutation(declaration_2022, "declaration_2022", "142001", mutation, tmp_path)


@pytest.fixture(scope="module")
def declaration_2022(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return make_campaign("declaration_2022", tmp_path_factory.mktemp("declaration_2022"))


def check_mutation(
    campaign: Campaign, example: str, unit: str, mutation: Mutation[Data], folder: Path
) -> None:
    data = answers(example, unit)
    mutation.change(data)
    found = check_files(campaign, fill_unit(campaign, unit, data, folder / "return.xlsx"))
    assert described(found, mutation.expected) == list(mutation.expected)


# The amounts come from projects.csv; texts and indicators no longer agree with them.
OFFICE = [
    (
        "3938.84,536.76",
        "7938.84,536.76",
        [
            "AMT-015 warning 项目1!B6 | 项目总金额 7,938.84 万元，是本年度 536.76 万元的 14.8 倍，而实施期限为 4 年"
        ],
    ),
    (
        "3938.84,536.76",
        "3938.84,546.76",
        [
            "AMT-021 warning 项目1!B8 | 测算依据各项相加为 536.76万元，本年度项目金额为 546.76 万元",
            "AMT-023 warning 项目1!D42 | 成本指标“公共数据治理总成本”为 ≤536.76万元，小于本年度项目金额 546.76万元",
        ],
    ),
]
OFFICE_2022 = [
    (
        "24.80,6.20",
        "248000.00,62000.00",
        ["AMT-013 warning 项目3!B6 | 项目总金额（中期规划，万元）为 248000.00 万元，超过 10 亿元"],
    ),
]


@pytest.mark.parametrize(
    ("example", "unit", "was", "now", "expected"),
    [
        *(("declaration", "106003", *row) for row in OFFICE),
        *(("declaration_2022", "142001", *row) for row in OFFICE_2022),
    ],
)
def test_amounts_of_the_office(
    tmp_path: Path, example: str, unit: str, was: str, now: str, expected: list[str]
) -> None:
    campaign = make_campaign(example, tmp_path / "campaign")
    path = campaign.folder / "projects.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(was, now), encoding="utf-8")
    campaign = load_campaign(campaign.folder)
    issue(campaign)
    filled = fill_unit(campaign, unit, answers(example, unit), tmp_path / "return.xlsx")
    assert described(check_files(campaign, filled), expected) == expected
