"""futian_2024_declaration: each single mistake in the answers is found, and nothing else."""

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

UNIT = "106003"
NEW = {"项目编码": "440399271063100100008", "项目名称": "数据标准贯标", "是否新增项目": "是"}
NO = ("不适用", "不适用", "不适用")


ANSWERS: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation("a new project on a spare sheet", added(NEW)),
    # TXT
    Mutation(
        "calc_basis blank",
        answer(1, {"测算依据": ""}),
        ["TXT-001 error 项目1!B8 | 测算依据没有填"],
    ),
    Mutation(
        "is_new blank",
        answer(1, {"是否新增项目": ""}),
        ["TXT-001 error 项目1!B5 | 是否新增项目没有填"],
    ),
    Mutation(
        "a spare sheet only begun",
        lambda data: data["projects"].append({"项目名称": "数据标准贯标"}),
        [
            "TXT-001 error 项目4!B2 | 项目编码没有填",
            "TXT-001 error 项目4!B5",
            "TXT-001 error 项目4!B8",
            "IND-001 error 项目4!C12 | 必填的二级指标“*数量指标”没有一行适用的指标",
            "IND-001 error 项目4!C22",
            "IND-001 error 项目4!C32",
            "IND-001 error 项目4!C42",
            "IND-001 error 项目4!C50",
            "IND-001 error 项目4!C66",
        ],
    ),
    Mutation(
        "no name on a spare sheet", added({**NEW, "项目名称": ""}), ["TXT-001 error 项目4!E2"]
    ),
    Mutation(
        "name of 41 characters",
        added({**NEW, "项目名称": "数" * 41}),
        ["TXT-002 error 项目4!E2 | 项目名称有 41 字，限 40 字"],
    ),
    Mutation("name of 40 characters", added({**NEW, "项目名称": "数" * 40})),
    Mutation(
        "goal_year of 2001 characters",
        answer(1, {"年度目标": "数" * 2001}),
        ["TXT-002 error 项目1!B9 | 年度目标有 2001 字，限 2000 字"],
    ),
    Mutation(
        "goal_long of 2001 characters",
        answer(1, {"长期目标": "数" * 2001}),
        ["TXT-002 error 项目1!B10 | 长期目标（跨度多年的项目需填）有 2001 字，限 2000 字"],
    ),
    Mutation("goals of 2000 and line breaks", answer(1, {"年度目标": "数\n" * 2000})),
    Mutation(
        "lv3 of 41 characters",
        indicator(1, "*数量指标", 1, "目录编制单位" + "数" * 35),
        ["TXT-002 warning 项目1!C12 | 三级指标有 41 字，限 40 字"],
    ),
    Mutation(
        "target of 41 characters",
        indicator(1, "*数量指标", 1, None, f"不超过{'数' * 34}批复标准"),
        ["TXT-002 warning 项目1!D12 | 指标值有 41 字，限 40 字"],
    ),
    Mutation(
        "note of 41 characters",
        indicator(1, "*数量指标", 1, None, None, "反映目录编制单位" + "数" * 33),
        ["TXT-002 warning 项目1!E12 | 指标解释有 41 字，限 40 字"],
    ),
    Mutation(
        "new project without goal_year",
        answer(3, {"年度目标": ""}),
        ["TXT-004 error 项目3!B9 | 新增项目没有填年度目标"],
    ),
    Mutation("old project without goal_year", answer(1, {"年度目标": ""})),
    Mutation(
        "several years without goal_long",
        answer(1, {"长期目标": ""}),
        ["TXT-005 error 项目1!B10 | 实施期限 4 年，没有填长期目标"],
    ),
    Mutation(
        "is_new not in the list",
        answer(1, {"是否新增项目": "也许"}),
        ["TXT-020 error 项目1!B5 | 是否新增项目“也许”不在可选项中（是／否）"],
    ),
    # IND
    Mutation(
        "starred level blank",
        indicators(1, "*成本指标"),
        ["IND-001 error 项目1!C42 | 必填的二级指标“*成本指标”没有一行适用的指标"],
    ),
    Mutation("starred level 不适用", indicators(1, "*成本指标", NO), ["IND-001 error 项目1!C42"]),
    Mutation(
        "satisfaction 不适用",
        indicators(1, "*服务对象满意度指标", NO),
        ["IND-001 warning 项目1!C66 | “*服务对象满意度指标”填的是“不适用”"],
    ),
    Mutation(
        "satisfaction blank",
        indicators(1, "*服务对象满意度指标"),
        ["IND-001 error 项目1!C66 | 必填的二级指标“*服务对象满意度指标”没有一行适用的指标"],
    ),
    Mutation("level without star blank", indicators(1, "生态效益指标")),
    Mutation(
        "one cell 不适用",
        indicator(1, "*数量指标", 1, None, "不适用"),
        ["IND-002 error 项目1!D12 | 同一行里有的填“不适用”，有的填了内容"],
    ),
    Mutation(
        "one cell not 不适用",
        indicator(1, "生态效益指标", 1, None, None, "反映生态效益"),
        ["IND-002 error 项目1!E60"],
    ),
    Mutation(
        "不适用 written otherwise",
        indicators(1, "生态效益指标", ("不适用", "不适合", "/")),
        ["IND-003 warning 项目1!D60 | “不适合”应写作“不适用”"],
    ),
    Mutation(
        "starred level 不适用 in other words",
        indicators(1, "*成本指标", ("无", "无", "无")),
        ["IND-001 error 项目1!C42", "IND-003 warning 项目1!C42"],
    ),
    Mutation(
        "target blank",
        indicator(1, "*数量指标", 2, None, ""),
        ["IND-004 error 项目1!D13 | 这一行指标没有填完整：缺指标值"],
    ),
    Mutation(
        "name and note blank",
        indicator(1, "*数量指标", 2, "", None, ""),
        ["IND-004 error 项目1!C13 | 这一行指标没有填完整：缺三级指标、指标解释"],
    ),
    Mutation(
        "不适用 in one cell of three",
        indicator(1, "生态效益指标", 1, None, "", ""),
        ["IND-004 error 项目1!D60 | 这一行指标没有填完整：缺指标值、指标解释"],
    ),
    Mutation(
        "lv3 twice",
        indicator(1, "*数量指标", 2, "完成目录 编制的单位数量"),
        [
            "IND-007 error 项目1!C12 | 三级指标“完成目录编制的单位数量”在“*数量指标”中重复",
            "IND-007 error 项目1!C13 | 三级指标“完成目录 编制的单位数量”在“*数量指标”中重复",
        ],
    ),
    Mutation("lv3 twice in different levels", indicator(1, "*质量指标", 1, "建成主题库数量")),
    # COD and DUP
    Mutation(
        "code of 20 digits",
        added({**NEW, "项目编码": "44039927106310010000"}),
        ["COD-001 error 项目4!B2 | 项目编码“44039927106310010000”不是 21 位数字"],
    ),
    Mutation(
        "code with a letter",
        added({**NEW, "项目编码": "44039927106310010000O"}),
        ["COD-001 error 项目4!B2 | 项目编码“44039927106310010000O”不是 21 位数字"],
    ),
    Mutation(
        "another district",
        added({**NEW, "项目编码": "440398271063100100008"}),
        ["COD-002 error 项目4!B2 | 项目编码前 6 位 440398 不是本地区的行政区划代码 440399"],
    ),
    Mutation(
        "year to come",
        added({**NEW, "项目编码": "440399281063100100008", "是否新增项目": "否"}),
        ["COD-003 error 项目4!B2 | 项目编码中的入库年份 2028 不在 2017–2027 之间"],
    ),
    Mutation(
        "eleven years ago",
        added({**NEW, "项目编码": "440399161063100100008", "是否新增项目": "否"}),
        ["COD-003 error 项目4!B2 | 项目编码中的入库年份 2016 不在 2017–2027 之间"],
    ),
    Mutation(
        "ten years ago",
        added({**NEW, "项目编码": "440399171063100100008", "是否新增项目": "否"}),
    ),
    Mutation(
        "another department",
        added({**NEW, "项目编码": "440399271073100100008"}),
        ["COD-004 error 项目4!B2 | 项目编码第 9–11 位 107 不是一级预算单位的部门代码 106"],
    ),
    Mutation(
        "new project of an earlier year",
        answer(1, {"是否新增项目": "是"}),
        ["COD-006 error 项目1!B5 | 填报为新增项目，但项目编码显示 2026 年已入库"],
    ),
    Mutation(
        "code twice",
        added({**NEW, "项目编码": "440399261063100205004", "是否新增项目": "否"}),
        [
            "COD-009 error 项目1!B2 | 项目编码 440399261063100205004 重复出现",
            "COD-009 error 项目4!B2 | 项目编码 440399261063100205004 重复出现",
        ],
    ),
    Mutation(
        "name twice",
        added({**NEW, "项目名称": "公共数据 资源治理"}),
        [
            "DUP-001 error 项目1!E2 | 项目“公共数据资源治理”在本单位的表中重复出现",
            "DUP-001 error 项目4!E2 | 项目“公共数据 资源治理”在本单位的表中重复出现",
            "TXT-013 warning 项目4!E2 | 项目名称含有“空格”",
        ],
    ),
]


@each(ANSWERS)
def test_answers(declaration: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("declaration", UNIT)
    mutation.change(data)
    path = fill_unit(declaration, UNIT, data, tmp_path / "return.xlsx")
    found = check_files(declaration, path)
    assert described(found, mutation.expected) == list(mutation.expected)
