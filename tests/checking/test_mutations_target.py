"""longhua_2021_target: each single mistake in the answers is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

from helpers import Data, answers, check_files, fill_unit
from mutations import (
    Mutation,
    added,
    answer,
    described,
    each,
    indicator,
    indicators,
    nothing,
)

from xltool.office.campaign import Campaign

UNIT = "226002"
NO = ("不适用", "不适用", "不适用")

ANSWERS: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation("a new project on a spare sheet", added({"项目名称": "古籍数字化"})),
    # TXT
    Mutation(
        "fund_use blank",
        answer(1, {"资金用途": ""}),
        ["TXT-001 error 项目1!E3 | 资金用途没有填"],
    ),
    Mutation("start_date blank", answer(1, {"计划开始日期": ""}), ["TXT-001 error 项目1!B4"]),
    Mutation(
        "amount_year blank",
        answer(1, {"本年度项目金额": ""}),
        ["TXT-001 error 项目1!E5 | 本年度项目金额（万元）没有填"],
    ),
    Mutation("amount_other a dash", answer(1, {"其他资金": "—"}), ["TXT-001 error 项目1!E6"]),
    Mutation("overview blank", answer(1, {"项目概况": ""}), ["TXT-001 error 项目1!B8"]),
    Mutation("goal_year blank", answer(1, {"年度绩效目标": ""}), ["TXT-001 error 项目1!B12"]),
    Mutation(
        "goal_midterm blank",
        answer(1, {"项目总(中期)目标": ""}),
        ["TXT-001 error 项目1!B11 | 项目总(中期)目标没有填"],
    ),
    Mutation(
        "several years without goal_midterm",
        answer(2, {"项目总(中期)目标": ""}),
        ["TXT-005 error 项目2!B11 | 项目跨年度（至 2028-06-30），没有填项目总(中期)目标"],
    ),
    Mutation(
        "name of 41 characters",
        added({"项目名称": "书" * 41}),
        ["TXT-002 warning 项目4!B2 | 项目名称有 41 字，限 40 字"],
    ),
    Mutation(
        "overview of 2001 characters",
        answer(1, {"项目概况": "书" * 2001}),
        ["TXT-002 warning 项目1!B8 | 项目概况有 2001 字，限 2000 字"],
    ),
    Mutation(
        "lv3 of 41 characters",
        indicator(1, "数量", 1, "书" * 41),
        ["TXT-002 warning 项目1!C14 | 指标内容有 41 字，限 40 字"],
    ),
    Mutation("note of 200 characters", indicator(1, "数量", 1, None, None, "书" * 200)),
    Mutation(
        "note of 201 characters",
        indicator(1, "数量", 1, None, None, "书" * 201),
        ["TXT-002 warning 项目1!E14 | 目标值来源有 201 字，限 200 字"],
    ),
    Mutation(
        "project_type not in the list",
        answer(1, {"项目类型": "专项"}),
        ["TXT-020 warning 项目1!B3 | 项目类型“专项”不在可选项中（一般性项目／政府投资项目）"],
    ),
    # AMT
    Mutation(
        "total is not fiscal + other",
        answer(1, {"财政拨款资金": "250.00"}),
        [
            "AMT-001 error 项目1!B5 | 项目总金额（万元）为 260.00，财政拨款资金（万元）为 250.00，"
            "其他资金（万元）为 0.00；应满足 项目总金额（万元） ＝ "
            "财政拨款资金（万元） ＋ 其他资金（万元），相差 10.00"
        ],
    ),
    Mutation(
        "parts rounded",
        answer(
            3,
            {
                "项目总金额": "10.00",
                "本年度项目金额": "10.00",
                "财政拨款资金": "3.33",
                "其他资金": "6.66",
                "政府购买服务资金": "0",
            },
        ),
        [
            "ROUND info 项目3!B5 | 项目总金额（万元）为 10.00，财政拨款资金（万元）为 3.33，"
            "其他资金（万元）为 6.66；按 项目总金额（万元） ＝ 财政拨款资金（万元） ＋ "
            "其他资金（万元） 相差 0.01，在四舍五入尾差之内（AMT-001）"
        ],
    ),
    Mutation(
        "year over total",
        answer(2, {"本年度项目金额": "486.02"}),
        [
            "AMT-002 error 项目2!E5 | 本年度项目金额（万元）为 486.02，项目总金额（万元）为 486.00；"
            "应满足 本年度项目金额（万元） ≤ 项目总金额（万元），相差 0.02"
        ],
    ),
    Mutation("year over total by rounding", answer(2, {"本年度项目金额": "486.01"})),
    Mutation(
        "one year, year is not total",
        answer(3, {"本年度项目金额": "70.00"}),
        [
            "AMT-003 error 项目3!E5 | 本年度项目金额（万元）为 70.00，项目总金额（万元）为 78.50；"
            "应满足 本年度项目金额（万元） ＝ 项目总金额（万元），相差 8.50"
        ],
    ),
    Mutation(
        "fiscal over year",
        answer(2, {"财政拨款资金": "241.00", "其他资金": "245.00"}),
        [
            "AMT-004 warning 项目2!B6 | 财政拨款资金（万元）为 241.00，本年度项目金额（万元）为 240.00；"
            "应满足 财政拨款资金（万元） ≤ 本年度项目金额（万元），相差 1.00"
        ],
    ),
    Mutation(
        "purchase over total and year",
        answer(3, {"政府购买服务资金": "80.00"}),
        [
            "AMT-005 error 项目3!E7 | 政府购买服务资金（万元）为 80.00，项目总金额（万元）为 78.50；"
            "应满足 政府购买服务资金（万元） ≤ 项目总金额（万元），相差 1.50",
            "AMT-006 warning 项目3!E7 | 政府购买服务资金（万元）为 80.00，本年度项目金额（万元）为 "
            "78.50；应满足 政府购买服务资金（万元） ≤ 本年度项目金额（万元），相差 1.50",
        ],
    ),
    Mutation(
        "purchase over year",
        answer(2, {"政府购买服务资金": "250.00"}),
        ["AMT-006 warning 项目2!E7"],
    ),
    Mutation(
        "transfer over fiscal",
        answer(3, {"中央转移支付资金": "61"}),
        [
            "AMT-007 error 项目3!B7 | 中央转移支付资金（万元）为 61.00，财政拨款资金（万元）为 60.00；"
            "应满足 中央转移支付资金（万元） ≤ 财政拨款资金（万元），相差 1.00"
        ],
    ),
    Mutation(
        "procurement without items",
        answer(1, {"采购品目": ""}),
        ["AMT-008 error 项目1!E10 | 固定资产采购金额为 238.00 万元，采购品目却是空的"],
    ),
    Mutation(
        "items 无 with procurement", answer(1, {"采购品目": "无"}), ["AMT-008 error 项目1!E10"]
    ),
    Mutation(
        "items without procurement",
        answer(2, {"采购品目": "书架"}),
        ["AMT-008 error 项目2!B10 | 填了采购品目“书架”，固定资产采购金额却为 0"],
    ),
    Mutation("items 无 without procurement", answer(2, {"采购品目": "无"})),
    Mutation(
        "procurement over total and year",
        answer(3, {"固定资产采购金额": "80.00", "采购品目": "书架"}),
        [
            "AMT-009 error 项目3!B10 | 固定资产采购金额为 80.00，项目总金额（万元）为 78.50；"
            "应满足 固定资产采购金额 ≤ 项目总金额（万元），相差 1.50",
            "AMT-009 warning 项目3!B10 | 固定资产采购金额为 80.00，本年度项目金额（万元）为 78.50；"
            "应满足 固定资产采购金额 ≤ 本年度项目金额（万元），相差 1.50",
        ],
    ),
    Mutation(
        "procurement over year",
        answer(2, {"固定资产采购金额": "250.00", "采购品目": "书架"}),
        ["AMT-009 warning 项目2!B10"],
    ),
    Mutation(
        "no number",
        answer(1, {"其他资金": "约十二"}),
        ["AMT-011 error 项目1!E6 | 其他资金（万元）“约十二”不是数字"],
    ),
    Mutation(
        "negative",
        answer(1, {"中央转移支付资金": "-1"}),
        ["AMT-011 error 项目1!B7 | 中央转移支付资金（万元）为负数：-1"],
    ),
    Mutation(
        "three decimals",
        answer(1, {"中央转移支付资金": "0.125"}),
        ["AMT-011 error 项目1!B7 | 中央转移支付资金（万元）“0.125”的小数位过多"],
    ),
    Mutation(
        "procurement no number",
        answer(1, {"固定资产采购金额": "若干"}),
        ["AMT-011 error 项目1!B10 | 固定资产采购金额“若干”不是数字"],
    ),
    Mutation(
        "nothing this year",
        answer(
            2,
            {
                "本年度项目金额": "0",
                "财政拨款资金": "0",
                "其他资金": "486.00",
                "政府购买服务资金": "0",
            },
        ),
        ["AMT-012 warning 项目2!E5 | 本年度项目金额（万元）为 0 或空白"],
    ),
    # DAT
    Mutation(
        "no such day",
        answer(1, {"计划开始日期": "2027-02-30"}),
        ["DAT-001 error 项目1!B4 | 计划开始日期“2027-02-30”不是日期，或不在 2000 至 2099 年"],
    ),
    Mutation(
        "end before start",
        answer(1, {"计划开始日期": "2027-12-31", "计划完成日期": "2027-01-01"}),
        ["DAT-001 error 项目1!B4 | 计划开始日期 2027-12-31 晚于计划完成日期 2027-01-01"],
    ),
    Mutation(
        "over before the year",
        answer(2, {"计划开始日期": "2025-01-01", "计划完成日期": "2026-12-31"}),
        ["DAT-002 error 项目2!B4 | 计划期间 2025-01-01 至 2026-12-31 不含 2027 年度"],
    ),
    Mutation(
        "begins after the year",
        answer(2, {"计划开始日期": "2028-01-01", "计划完成日期": "2028-12-31"}),
        ["DAT-002 error 项目2!B4"],
    ),
    # IND
    Mutation(
        "one cell 不适用",
        indicator(1, "数量", 1, None, "不适用"),
        ["IND-002 error 项目1!D14 | 同一行里有的填“不适用”，有的填了内容"],
    ),
    Mutation(
        "不适用 written otherwise",
        indicators(1, "经济效益", ("无", "无", "无")),
        ["IND-003 warning 项目1!C44 | “无”应写作“不适用”"],
    ),
    Mutation(
        "source blank",
        indicator(1, "质量", 2, None, None, ""),
        ["IND-004 error 项目1!E25 | 这一行指标没有填完整：缺目标值来源"],
    ),
    Mutation(
        "timeliness blank",
        indicators(1, "时效"),
        ["IND-006 error 项目1!C34 | “时效”没有一行适用的指标"],
    ),
    Mutation("quantity 不适用", indicators(1, "数量", NO), ["IND-006 error 项目1!C14"]),
    Mutation("quality 不适用", indicators(1, "质量", NO), ["IND-006 error 项目1!C24"]),
    Mutation("satisfaction 不适用", indicators(1, "满意度", NO), ["IND-006 error 项目1!C60"]),
    Mutation(
        "no benefit",
        indicators(1, "社会效益", NO),
        ["IND-006 error 项目1!C44 | 经济效益、社会效益、生态效益都没有适用的指标"],
    ),
    Mutation(
        "lv3 twice",
        indicator(1, "质量", 2, "图书编目差错率", "≤0.5%"),
        [
            "IND-007 error 项目1!C24 | 指标内容“图书编目差错率”在“质量”中重复",
            "IND-007 error 项目1!C25",
        ],
    ),
    # DUP
    Mutation(
        "name twice",
        added({"项目名称": "图书 文献采购"}),
        [
            "DUP-001 error 项目1!B2 | 项目“图书文献采购”在本单位的表中重复出现",
            "DUP-001 error 项目4!B2 | 项目“图书 文献采购”在本单位的表中重复出现",
            "TXT-013 warning 项目4!B2 | 项目名称含有“空格”",
        ],
    ),
]


@each(ANSWERS)
def test_answers(target: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("target", UNIT)
    mutation.change(data)
    path = fill_unit(target, UNIT, data, tmp_path / "return.xlsx")
    found = check_files(target, path)
    assert described(found, mutation.expected) == list(mutation.expected)
