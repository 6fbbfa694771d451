"""longhua_2021_selfeval, changes of the workbook and of what was approved: each single mistake is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Data, answers, approve, check_files, edit, fill_unit, make_campaign
from mutations import Mutation, answer, cell, described, each, nothing
from openpyxl.workbook import Workbook
from selfevals import FIELDS, NONE, UNIT, funds, result
from small import write_csv

from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue

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


def test_rate_of_nothing_is_the_office_s_choice(
    campaign: Campaign, good: Path, tmp_path: Path
) -> None:
    path = edit(good, Mutation("rate", cell("H6", 1)).apply, tmp_path / "return.xlsx")
    assert [f.severity for f in check_files(campaign, path)] == ["warning"]
    off = make_campaign("selfeval", tmp_path / "off", '\n[severity]\n"SE-003" = "off"\n')
    assert check_files(off, path) == []
