"""Target values: each single mistake in the answers is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

from helpers import Data, answers, check_files, fill_unit
from mutations import Mutation, both, described, each, indicator

from xltool.office.campaign import Campaign

DECLARING, TARGETING = "106003", "226002"

DECLARATION: list[Mutation[Data]] = [
    Mutation(
        "words for a quality",
        indicator(1, "*质量指标", 1, None, "良好"),
        [
            "VAL-001 warning 项目1!D22 | “问题数据整改率”的指标值“良好”不能衡量：没有数值，也没有日期"
        ],
    ),
    Mutation(
        "words for a benefit",
        indicator(1, "*社会效益指标", 1, "基层填报负担", "明显减轻"),
        ["VAL-001 info 项目1!D50 | “基层填报负担”的指标值“明显减轻”不能衡量：没有数值，也没有日期"],
    ),
    Mutation("a bound set elsewhere", indicator(1, "*成本指标", 1, None, "不超过概算批复金额")),
    Mutation(
        "a rate in days",
        indicator(1, "*质量指标", 1, None, "≤3天"),
        ["VAL-002 warning 项目1!D22 | “问题数据整改率”应当是百分比，指标值“≤3天”不是"],
    ),
    Mutation(
        "no unit",
        indicator(1, "*数量指标", 1, None, "≥42"),
        ["VAL-003 warning 项目1!D12 | “完成目录编制的单位数量”的指标值“≥42”没有单位"],
    ),
    Mutation(
        "beyond the whole",
        indicator(1, "*质量指标", 1, None, "≥195%"),
        ["VAL-004 warning 项目1!D22 | “问题数据整改率”的指标值“≥195%”不在 0 到 100% 之间"],
    ),
    Mutation(
        "an empty bound",
        indicator(1, "*质量指标", 1, None, "≥0%"),
        ["VAL-005 warning 项目1!D22 | “问题数据整改率”的指标值“≥0%”没有约束作用：怎样的结果都达标"],
    ),
    Mutation(
        "the more errors the better",
        indicator(1, "*质量指标", 2, "重点字段差错率", "≥3%"),
        [
            "VAL-006 warning 项目1!D23 | “重点字段差错率”越低越好，应当是上限，指标值却是“≥3%”",
        ],
    ),
    Mutation(
        "the less the better",
        indicator(1, "*质量指标", 2, "重点字段合格率", "≤97%"),
        [
            "VAL-006 warning 项目1!D23 | “重点字段合格率”越高越好，应当是下限，指标值却是“≤97%”",
        ],
    ),
    Mutation(
        "no sign",
        indicator(1, "*数量指标", 1, None, "42家"),
        [
            "VAL-007 info 项目1!D12 | “完成目录编制的单位数量”的指标值“42家”没有比较符号，"
            "看不出多了好还是少了好"
        ],
    ),
    Mutation(
        "last year",
        indicator(3, "*时效指标", 2, None, "2026年10月31日前"),
        [
            "VAL-008 warning 项目3!D33 | “风险评估报告提交时间”的指标值“2026年10月31日前”不在 2027 年度"
        ],
    ),
    Mutation(
        "frequency in words",
        indicator(1, "*时效指标", 2, None, "每月一次"),
        ["VAL-009 info 项目1!D33 | 频率“每月一次”可写作“1次/月”"],
    ),
    Mutation(
        "two values",
        indicator(1, "*数量指标", 2, None, "≥180张、≥900个"),
        ["VAL-010 warning 项目1!D13 | “清洗比对库表数量”的指标值里有 2 个值：≥180张、≥900个"],
    ),
    Mutation(
        "either or",
        indicator(1, "*数量指标", 2, None, "≥180张或900个"),
        ["VAL-010 warning 项目1!D13 | “清洗比对库表数量”的指标值里有 2 个值：≥180张、900个"],
    ),
    Mutation(
        "sign in words",
        indicator(1, "*数量指标", 1, None, "42家以上"),
        ["VAL-011 info 项目1!D12 | 指标值“42家以上”可写作“≥42家”"],
    ),
    Mutation(
        "value inside text",
        indicator(1, "*数量指标", 1, None, "编目单位不少于≥42家"),
        ["VAL-011 info 项目1!D12 | 指标值“编目单位不少于≥42家”夹有说明文字，已读作“≥42家”"],
    ),
    Mutation(
        "before a month",
        indicator(3, "*时效指标", 2, None, "10月前"),
        ["VAL-011 info 项目3!D33 | 指标值“10月前”看不出是期初还是期末，已读作“2027年10月底前”"],
    ),
    Mutation(
        "ten thousand of what",
        indicator(1, "*成本指标", 1, None, "≤536.76万"),
        ["VAL-011 info 项目1!D42 | 指标值“≤536.76万”已读作“≤536.76万元”"],
    ),
    Mutation(
        "punctuation",
        indicator(1, "*数量指标", 1, None, "≥42家；"),
        ["VAL-012 info 项目1!D12 | 指标值“≥42家；”末尾有多余的标点"],
    ),
    Mutation(
        "swapped",
        both(
            indicator(3, "*质量指标", 1, None, "≤2小时"),
            indicator(3, "*时效指标", 1, None, "≥95%"),
        ),
        [
            "VAL-013 warning 项目3!D22 | “高危漏洞修复率”填的是“≤2小时”，“高危告警处置时间”填的却是"
            "百分比，两处的值像是填反了"
        ],
    ),
]

TARGET: list[Mutation[Data]] = [
    Mutation(
        "words for a quality",
        indicator(1, "质量", 2, None, "良好"),
        [
            "VAL-001 warning 项目1!D25 | “当年采购文献流通率”的目标值“良好”不能衡量：没有数值，也没有日期"
        ],
    ),
    Mutation(
        "words for a benefit",
        indicator(1, "社会效益", 1, "读者荐购氛围", "提升"),
        ["VAL-001 info 项目1!D47 | “读者荐购氛围”的目标值“提升”不能衡量：没有数值，也没有日期"],
    ),
    Mutation(
        "a rate in days",
        indicator(1, "质量", 2, None, "≤3天"),
        ["VAL-002 warning 项目1!D25 | “当年采购文献流通率”应当是百分比，目标值“≤3天”不是"],
    ),
    Mutation("no unit", indicator(1, "数量", 3, None, "≥60"), ["VAL-003 warning 项目1!D16"]),
    Mutation(
        "beyond the whole", indicator(1, "质量", 2, None, "≥160%"), ["VAL-004 warning 项目1!D25"]
    ),
    Mutation("an empty bound", indicator(1, "质量", 2, None, "≥0%"), ["VAL-005 warning 项目1!D25"]),
    Mutation("wrong way", indicator(1, "质量", 1, None, "≥1%"), ["VAL-006 warning 项目1!D24"]),
    Mutation("no sign", indicator(1, "数量", 3, None, "60台"), ["VAL-007 info 项目1!D16"]),
    Mutation(
        "after the end",
        indicator(1, "时效", 2, None, "2028年1月15日前"),
        [
            "VAL-008 warning 项目1!D35 | “全年采购完成时间”的目标值“2028年1月15日前”不在项目期间 "
            "2027-01-01 至 2027-12-31"
        ],
    ),
    Mutation(
        "before the beginning",
        indicator(1, "时效", 2, None, "2026年11月15日前"),
        ["VAL-008 warning 项目1!D35"],
    ),
    Mutation("a later year of the project", indicator(2, "时效", 1, None, "2028年5月31日前")),
    Mutation(
        "frequency in words", indicator(2, "时效", 2, None, "1月/次"), ["VAL-009 info 项目2!D35"]
    ),
    Mutation(
        "two values", indicator(1, "数量", 3, None, "≥60台、≥2套"), ["VAL-010 warning 项目1!D16"]
    ),
    Mutation(
        "sign in words", indicator(1, "数量", 3, None, "至少60台"), ["VAL-011 info 项目1!D16"]
    ),
    Mutation(
        "value inside text",
        indicator(1, "质量", 2, None, "流通率达60%以上"),
        ["VAL-011 info 项目1!D25 | 目标值“流通率达60%以上”夹有说明文字，已读作“≥60%”"],
    ),
    Mutation("before a month", indicator(1, "时效", 2, None, "11月前"), ["VAL-011 info 项目1!D35"]),
    Mutation("punctuation", indicator(1, "数量", 3, None, "≥60台。"), ["VAL-012 info 项目1!D16"]),
    Mutation(
        "swapped",
        both(
            indicator(1, "质量", 2, None, "2027年11月15日前"),
            indicator(1, "时效", 2, None, "≥60%"),
        ),
        [
            "VAL-013 warning 项目1!D25 | “当年采购文献流通率”填的是“2027年11月15日前”，"
            "“全年采购完成时间”填的却是百分比，两处的值像是填反了"
        ],
    ),
]


@each(DECLARATION)
def test_declaration(declaration: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("declaration", DECLARING)
    mutation.change(data)
    path = fill_unit(declaration, DECLARING, data, tmp_path / "return.xlsx")
    found = check_files(declaration, path)
    assert described(found, mutation.expected) == list(mutation.expected)


@each(TARGET)
def test_target(target: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("target", TARGETING)
    mutation.change(data)
    path = fill_unit(target, TARGETING, data, tmp_path / "return.xlsx")
    found = check_files(target, path)
    assert described(found, mutation.expected) == list(mutation.expected)
