"""longhua_2021_selfeval: each single mistake is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import Data, answers, approve, check_files, edit, fill_unit, make_campaign
from mutations import Mutation, answer, cell, described, each, nothing
from openpyxl.workbook import Workbook
from small import write_csv

from xltool.campaign import Campaign, load_campaign
from xltool.issuing import issue

UNIT = "226002"
FIELDS = """
[fields]
goal_expected.filled_by = "unit"
lv3.filled_by = "unit"
target.filled_by = "unit"
"""


def result(number: int, level: str, row: int, **cells: str) -> Callable[[Data], None]:
    """Change the results of one indicator: actual, weight, score, deviation, lv3, target."""
    labels = {
        "lv3": "三级指标",
        "target": "年度指标值",
        "actual": "实际完成值",
        "weight": "分值",
        "score": "得分",
        "deviation": "偏差原因分析及改进措施",
    }

    def change(data: Data) -> None:
        rows = [r for r in data["projects"][number - 1]["indicators"] if r["二级指标"] == level]
        rows[row - 1].update({labels[name]: text for name, text in cells.items()})

    return change


def not_applicable(level: str, **cells: str) -> Callable[[Data], None]:
    """What 项目1 says beside 不适用."""
    labels = {"actual": "实际完成值", "weight": "分值", "score": "得分"}

    def change(data: Data) -> None:
        row = {"一级指标": "效益指标（40分）", "二级指标": level}
        row |= {"三级指标": "不适用", "年度指标值": "不适用"}
        row |= {labels[name]: text for name, text in cells.items()}
        data["projects"][0]["indicators"].append(row)

    return change


def funds(number: int, *rows: tuple[str, str, str]) -> Callable[[Data], None]:
    """All figures of a project: the total, this year's grant, what was left over, other."""
    names = ("年初预算数", "全年预算数", "全年执行数")

    def change(data: Data) -> None:
        for fund, row in zip(data["projects"][number - 1]["funds"], rows, strict=True):
            fund.update(dict(zip(names, row, strict=True)))

    return change


def paid(number: int, executed: str) -> Callable[[Data], None]:
    """Another 全年执行数 of a project financed by this year's grant only."""

    def change(data: Data) -> None:
        for fund in data["projects"][number - 1]["funds"][:2]:
            fund["全年执行数"] = executed

    return change


def all_of(*changes: Callable[[Data], object]) -> Callable[[Data], None]:
    """Several changes at once."""

    def change(data: Data) -> None:
        for part in changes:
            part(data)

    return change


NONE = ("0.00", "0.00", "0.00")
ANSWERS: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation("不适用 in every cell", not_applicable("经济效益指标", weight="不适用", score="/")),
    # TXT, AMT
    Mutation(
        "figure blank",
        lambda data: data["projects"][1]["funds"][2].update({"全年预算数": ""}),
        ["TXT-001 error 项目2!E6 | 全年预算数没有填"],
    ),
    Mutation(
        "negative score",
        result(1, "数量指标", 1, score="-8", deviation="册数不足"),
        ["AMT-011 error 项目1!H11 | 得分为负数：-8"],
    ),
    Mutation(
        "outcome is a placeholder",
        answer(3, {"实际完成情况": "详见附件"}),
        ["TXT-007 warning 项目3!F9 | 实际完成情况写的是“详见附件”，还没有实际内容"],
    ),
    Mutation(
        "result is a placeholder",
        result(1, "质量指标", 1, actual="略"),
        ["TXT-007 warning 项目1!F21 | 实际完成值写的是“略”，还没有实际内容"],
    ),
    # SE: figures
    Mutation(
        "more executed than budgeted",
        paid(1, "2550000.00"),
        [
            "SE-004 error 项目1!F4 | 全年执行数为 2,550,000.00，全年预算数为 2,548,000.00；"
            "应满足 全年执行数 ≤ 全年预算数，相差 2,000.00",
            "XW-010 error 项目1!F4 | 全年执行数为 2,550,000.00 元，执行台账为 2,521,300.40 元",
            "SE-004 error 项目1!F5",
        ],
    ),
    Mutation(
        "sources do not add up",
        lambda data: data["projects"][2]["funds"][3].update({"全年执行数": "171260.50"}),
        [
            "SE-005 error 项目3!F4 | 全年执行数：年度资金总额为 771,260.00，三项来源之和为 771,260.50，"
            "相差 0.50"
        ],
    ),
    Mutation(
        "sources add up but for rounding",
        lambda data: data["projects"][2]["funds"][3].update({"全年执行数": "171260.01"}),
        [
            "ROUND info 项目3!F4 | 全年执行数：年度资金总额为 771,260.00，三项来源之和为 771,260.01，"
            "相差 0.01，在四舍五入尾差之内（SE-005）"
        ],
    ),
    Mutation(
        "executed differs from the ledger",
        paid(1, "2521300.00"),
        ["XW-010 error 项目1!F4 | 全年执行数为 2,521,300.00 元，执行台账为 2,521,300.40 元"],
    ),
    Mutation(
        "low rate without a word",
        answer(2, {"实际完成情况": "2027年26个社区分馆平均每周开放50小时，举办分馆活动305场。"}),
    ),  # the row that lost points says why
    Mutation(
        "low rate, nothing explained",
        all_of(
            answer(
                2, {"实际完成情况": "2027年26个社区分馆平均每周开放50小时，举办分馆活动312场。"}
            ),
            result(2, "数量指标", 3, actual="312场", score="7", deviation="无"),
        ),
        ["SE-016 warning 项目2!H4 | 执行率为 0.86，表里没有说明原因"],
    ),
    # SE: points
    Mutation(
        "points of 产出 add up to 49",
        result(1, "时效指标", 2, weight="6", score="6"),
        ["SE-006 error 项目1!G11 | 产出指标（50分）各行分值之和为 49.00，应为 50.00"],
    ),
    Mutation(
        "points of 效益 add up to 50",
        result(1, "社会效益指标", 1, weight="40", score="40"),
        ["SE-006 error 项目1!G49 | 效益指标（40分）各行分值之和为 50.00，应为 40.00"],
    ),
    Mutation(
        "points by thirds",
        all_of(
            *[result(1, "数量指标", n, weight="6.67", score="6.67") for n in (1, 2, 3)],
        ),
        [
            "ROUND info 项目1!G11 | 产出指标（50分）各行分值之和为 50.01，应为 50.00，"
            "在四舍五入尾差之内（SE-006）"
        ],
    ),
    Mutation(
        "score over points",
        result(1, "质量指标", 1, score="9"),
        ["SE-007 error 项目1!H21 | 得分为 9.00，分值为 8.00；应满足 得分 ≤ 分值，相差 1.00"],
    ),
    Mutation(
        "points lost, reason 无",
        result(1, "质量指标", 1, score="7"),
        ["SE-009 error 项目1!I21 | “图书编目差错率”得分 7.00，低于分值 8.00，没有写偏差原因"],
    ),
    Mutation(
        "points lost, no reason",
        result(1, "质量指标", 1, score="7", deviation=""),
        ["SE-009 error 项目1!I21"],
    ),
    Mutation(
        "points lost with reason", result(1, "质量指标", 1, score="7", deviation="编目返工较多")
    ),
    Mutation(
        "points of 不适用",
        all_of(
            not_applicable("经济效益指标", weight="5", score="5"),
            result(1, "社会效益指标", 1, weight="25", score="25"),
        ),
        ["SE-010 error 项目1!G46 | 这一行不适用，却填了分值 5.00、得分 5.00"],
    ),
    Mutation(
        "score of 不适用",
        not_applicable("生态效益指标", score="5"),
        ["SE-010 error 项目1!H59 | 这一行不适用，却填了得分 5.00"],
    ),
    Mutation(
        "result blank",
        result(1, "质量指标", 1, actual=""),
        ["SE-013 error 项目1!F21 | “图书编目差错率”没有填实际完成值"],
    ),
    Mutation(
        "points and score blank",
        result(1, "质量指标", 1, weight="", score="不适用"),
        ["SE-013 error 项目1!G21 | “图书编目差错率”没有填分值、得分"],
    ),
    Mutation(
        "outcome blank",
        answer(1, {"实际完成情况": ""}),
        ["SE-013 error 项目1!F9 | 实际完成情况没有填"],
    ),
    Mutation(
        "satisfaction of 20 points",
        all_of(
            result(1, "社会效益指标", 1, weight="20", score="20"),
            result(1, "满意度指标", 1, weight="20", score="20"),
        ),
        ["SE-018 warning 项目1!G62 | 满意度指标的分值为 20.00，一般为 10 分"],
    ),
    # SE: results
    Mutation(
        "full points for half",
        result(1, "数量指标", 2, actual="4000册"),
        [
            "SE-011 warning 项目1!H12 | “采购少儿绘本册数”指标值 ≥8000册，完成 4000册，按比例应得 3.00 分，"
            "得分填了 6.00"
        ],
    ),
    Mutation("within five per cent", result(1, "数量指标", 2, actual="7700册")),
    Mutation(
        "full points for a rate too high",
        result(1, "质量指标", 1, actual="2%"),
        ["SE-011 warning 项目1!H21"],
    ),
    Mutation(
        "half again as much",
        result(1, "数量指标", 3, actual="90台"),
        [
            "SE-012 warning 项目1!F13 | “更新数字阅读设备数量”完成 90台，是指标值 ≥60台 的 1.5 倍，没有说明原因"
        ],
    ),
    Mutation(
        "half again as much, with reason",
        result(1, "数量指标", 3, actual="90台", deviation="捐赠设备30台"),
    ),
    Mutation(
        "another unit",
        result(1, "数量指标", 3, actual="60套"),
        [
            "SE-014 warning 项目1!F13 | “更新数字阅读设备数量”指标值 ≥60台，完成 60套："
            "指标值的单位是“台”，完成值的单位是“套”，不能比较"
        ],
    ),
    Mutation(
        "words for a number",
        result(1, "质量指标", 2, actual="达到要求"),
        [
            "SE-014 warning 项目1!F22 | “当年采购文献流通率”指标值 ≥60%，完成 达到要求："
            "指标值是百分比，完成值是文字，不能比较"
        ],
    ),
    Mutation(
        "not done, full points",
        result(1, "数量指标", 3, actual="采购合同已中止"),
        [
            "SE-023 warning 项目1!F9 | 有 1 个指标写明没有完成却得了满分，请对照预期目标核对实际完成情况",
            "SE-015 warning 项目1!H13 | “更新数字阅读设备数量”写的是没有完成，却得了满分 6.00",
        ],
    ),
    Mutation(
        "not done, no points",
        result(1, "数量指标", 3, actual="尚未采购", score="0", deviation="采购推迟到下年"),
    ),
    Mutation(
        "later than planned",
        result(1, "时效指标", 2, actual="2027年12月3日"),
        [
            "SE-019 warning 项目1!F32 | “全年采购完成时间”应在 2027年11月15日前 完成，实际 2027年12月3日，"
            "晚于计划"
        ],
    ),
]

BOOKS: list[Mutation[Workbook]] = [
    Mutation(
        "rate overwritten",
        cell("H4", 1),
        [
            "SE-001 error 项目1!H4 | 执行率为 1.00，全年执行数为 2,521,300.40，全年预算数为 2,548,000.00；"
            "应满足 执行率 ＝ 四舍五入（全年执行数 ÷ 全年预算数），相差 0.01",
        ],
    ),
    Mutation(
        "rate overwritten with the right number", cell("H4", 0.99), ["TPL-002 error 项目1!H4"]
    ),
    Mutation("rate of a source overwritten", cell("H5", 0.5), ["SE-001 error 项目1!H5"]),
    Mutation(
        "score of the rate overwritten",
        cell("I4", 10),
        [
            "SE-002 error 项目1!I4 | 得分为 10.00，执行率为 0.99；应满足 得分 ＝ 四舍五入（执行率 × 10），相差 0.10"
        ],
    ),
    Mutation(
        "score overwritten with the right number", cell("I4", 9.9), ["TPL-002 error 项目1!I4"]
    ),
    Mutation(
        "total overwritten",
        cell("H67", 100),
        [
            "SE-008 error 项目1!H67 | 总分为 100.00，执行率得分与各指标得分之和为 99.90，相差 0.10",
        ],
    ),
    Mutation(
        "total overwritten with the right number", cell("H67", 99.9), ["TPL-002 error 项目1!H67"]
    ),
    Mutation(
        "total overwritten with the right number as text",
        cell("H67", "99.9"),
        ["TPL-002 error 项目1!H67 | 锁定的内容被改动：总分应为“公式”，现为“99.9”"],
    ),
    Mutation(
        "rate of nothing",
        cell("H6", 1),
        ["SE-003 warning 项目1!H6 | 上年结转资金的全年预算数为 0，执行率、得分却填了数"],
    ),
    Mutation(
        "approved indicator changed",
        cell("D11", "采购图书册数"),
        [
            "TPL-002 error 项目1!D11 | 锁定的内容被改动：三级指标应为“采购中文图书册数”，现为“采购图书册数”"
        ],
    ),
    Mutation("approved value changed", cell("E11", "≥5万册"), ["TPL-002 error 项目1!E11"]),
    Mutation("approved goal changed", cell("B9", "采购图书"), ["TPL-002 error 项目1!B9"]),
    Mutation("budget of the office changed", cell("E4", 2600000), ["TPL-002 error 项目1!E4"]),
    Mutation("points of the rate changed", cell("G4", "20"), ["TPL-002 error 项目1!G4"]),
    Mutation(
        "one more indicator",
        cell("F14", "20次"),
        ["IND-004 error 项目1!D14 | 这一行指标没有填完整：缺三级指标、年度指标值"],
    ),
]

OPEN: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation(
        "another goal",
        answer(1, {"预期目标": "2027年采购中文图书5万册，流通率达到60%以上。"}),
        ["SE-021 error 项目1!B9 | 预期目标与批准的绩效目标不同"],
    ),
    Mutation(
        "goal blank",
        answer(1, {"预期目标": ""}),
        ["SE-021 error 项目1!B9"],
    ),
    Mutation(
        "another indicator",
        result(1, "数量指标", 1, lv3="采购外文图书册数"),
        ["SE-021 error 项目1!D11 | 三级指标“采购外文图书册数”不在批准的绩效目标中"],
    ),
    Mutation(
        "another value",
        result(1, "数量指标", 1, target="≥5万册"),
        ["SE-021 error 项目1!E11 | 年度指标值为 ≥5万册，批准的是 ≥5.2万册"],
    ),
    Mutation(
        "不适用 beside an indicator",
        result(1, "数量指标", 1, target="不适用"),
        [
            "IND-002 error 项目1!E11 | 同一行里有的填“不适用”，有的填了内容",
            "SE-021 error 项目1!E11",
        ],
    ),
    Mutation(
        "indicator twice",
        result(1, "数量指标", 2, lv3="采购中文图书册数"),
        [
            "IND-007 error 项目1!D11 | 三级指标“采购中文图书册数”在“数量指标”中重复",
            "IND-007 error 项目1!D12",
            "SE-021 error 项目1!E12 | 年度指标值为 ≥8000册，批准的是 ≥5.2万册",
        ],
    ),
    Mutation(
        "indicator left out",
        lambda data: data["projects"][0]["indicators"].pop(2),
        [
            "XW-009 error 项目1!D11 | “数量指标”批准了 3 个指标，表里只有 2 个",
            "SE-006 error 项目1!G11 | 产出指标（50分）各行分值之和为 44.00，应为 50.00",
        ],
    ),
    Mutation(
        "project that was not approved",
        lambda data: data["projects"].append({**data["projects"][0], "项目名称": "古籍数字化"}),
        ["XW-009 error 项目4!B1 | 项目“古籍数字化”不在批准的绩效目标中"],
    ),
    Mutation(
        "budget differs from the ledger",
        funds(
            3,
            ("785000.00", "780000.00", "771260.00"),
            ("600000.00", "600000.00", "600000.00"),
            NONE,
            ("185000.00", "180000.00", "171260.00"),
        ),
        ["XW-010 error 项目3!E4 | 全年预算数为 780,000.00 元，执行台账为 785,000.00 元"],
    ),
    Mutation(
        "budget withdrawn",
        funds(1, ("2600000.00", "0.00", "0.00"), ("2600000.00", "0.00", "0.00"), NONE, NONE),
        [
            "XW-010 error 项目1!E4",
            "XW-010 error 项目1!F4",
            "SE-017 warning 项目1!E4 | 年初预算数为 2,600,000.00 元，全年预算数为 0",
        ],
    ),
    Mutation(
        "large adjustment",
        funds(
            1,
            ("1000000.00", "2548000.00", "2521300.40"),
            ("1000000.00", "2548000.00", "2521300.40"),
            NONE,
            NONE,
        ),
        [
            "SE-022 warning 项目1!E4 | 全年预算数 2,548,000.00 元比年初预算数 1,000,000.00 元调整了 155%",
        ],
    ),
    Mutation(
        "cost over the project's amount",
        lambda data: data["projects"][0]["indicators"].append(
            {
                "一级指标": "产出指标（50分）",
                "二级指标": "成本指标",
                "三级指标": "采购总费用",
                "年度指标值": "≤300万元",
                "实际完成值": "250万元",
                "分值": "0",
                "得分": "0",
            }
        ),
        [
            "SE-021 error 项目1!D41 | 三级指标“采购总费用”不在批准的绩效目标中",
            "AMT-023 warning 项目1!E41 | 成本指标“采购总费用”为 ≤300万元，大于项目总金额 260万元",
        ],
    ),
    Mutation(
        "value without unit",
        result(1, "数量指标", 1, target="52000"),
        [
            "SE-021 error 项目1!E11",
            "VAL-003 warning 项目1!E11",
            "VAL-007 info 项目1!E11",
        ],
    ),
]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("selfeval", tmp_path_factory.mktemp("campaign"))


@pytest.fixture(scope="module")
def good(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A correct return."""
    out = tmp_path_factory.mktemp("good") / "good.xlsx"
    return fill_unit(campaign, UNIT, answers("selfeval", UNIT), out)


@pytest.fixture(scope="module")
def open_campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """Issued without the approved targets, checked with them: units typed goals and indicators."""
    folder = tmp_path_factory.mktemp("open")
    make_campaign("selfeval", folder)
    write_csv(folder / "projects.csv", [["单位代码", "项目名称"], *_names()])
    path = folder / "campaign.toml"
    text = path.read_text(encoding="utf-8").replace("spare = 0", "spare = 1")
    path.write_text(text.replace("targets =", "# targets =") + FIELDS, encoding="utf-8")
    issue(load_campaign(folder))
    path.write_text(text + FIELDS, encoding="utf-8")
    approve(folder / "批准的目标")
    return load_campaign(folder)


def _names() -> list[list[str]]:
    return [[UNIT, project["项目名称"]] for project in answers("selfeval", UNIT)["projects"]]


def with_goals(data: Data) -> Data:
    """The answers with the goals that were approved."""
    for project, source in zip(data["projects"], answers("target", UNIT)["projects"], strict=True):
        project["预期目标"] = source["年度绩效目标"]
    return data


@each(ANSWERS)
def test_answers(campaign: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("selfeval", UNIT)
    mutation.apply(data)
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    found = described(check_files(campaign, path), mutation.expected)
    assert found == list(mutation.expected)


@each(BOOKS)
def test_workbook(
    campaign: Campaign, good: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    path = edit(good, mutation.apply, tmp_path / "return.xlsx")
    found = described(check_files(campaign, path), mutation.expected)
    assert found == list(mutation.expected)


@each(OPEN)
def test_what_units_typed_themselves(
    open_campaign: Campaign, tmp_path: Path, mutation: Mutation[Data]
) -> None:
    data = with_goals(answers("selfeval", UNIT))
    mutation.apply(data)
    path = fill_unit(open_campaign, UNIT, data, tmp_path / "return.xlsx")
    found = described(check_files(open_campaign, path), mutation.expected)
    assert found == list(mutation.expected)


def checked(folder: Path, settings: str, change: Callable[[Data], Any], out: Path) -> list[str]:
    """What is found under other settings."""
    campaign = make_campaign("selfeval", folder, settings)
    data = answers("selfeval", UNIT)
    change(data)
    path = fill_unit(campaign, UNIT, data, out)
    return [f"{f.code} {f.severity} {f.sheet}!{f.cell}" for f in check_files(campaign, path)]


def test_fifty_thirty_ten(tmp_path: Path) -> None:
    """An office that fixes 10 points for satisfaction makes SE-018 an error."""
    change = all_of(
        result(1, "社会效益指标", 1, weight="25", score="25"),
        result(1, "满意度指标", 1, weight="15", score="15"),
    )
    settings = '\n[severity]\n"SE-018" = "error"\n'
    found = checked(tmp_path / "campaign", settings, change, tmp_path / "return.xlsx")
    assert found == ["SE-018 error 项目1!G62"]


def test_amounts_of_three_years(tmp_path: Path) -> None:
    """SE-020 is off unless a campaign wants it."""
    settings = '\n[severity]\n"SE-020" = "info"\n'
    found = checked(tmp_path / "campaign", settings, nothing, tmp_path / "return.xlsx")
    assert found == [f"SE-020 info 项目{n}!G1" for n in (1, 2, 3)]


def test_rate_of_nothing_is_the_office_s_choice(
    campaign: Campaign, good: Path, tmp_path: Path
) -> None:
    path = edit(good, Mutation("rate", cell("H6", 1)).apply, tmp_path / "return.xlsx")
    assert [f.severity for f in check_files(campaign, path)] == ["warning"]
    off = make_campaign("selfeval", tmp_path / "off", '\n[severity]\n"SE-003" = "off"\n')
    assert check_files(off, path) == []
