"""Indicators that cannot be evaluated, and what is copied: each single mistake is found, and nothing else."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from helpers import Data, answers, check_files, fill_unit
from mutations import (
    AnswerChange,
    Mutation,
    added,
    answer,
    both,
    by_file,
    described,
    each,
    indicator,
    indicators,
)

from xltool.office.campaign import Campaign

DECLARING, TARGETING = "106003", "226002"
CODE = {"项目编码": "440399271063100100008", "是否新增项目": "是"}


def like_the_first(**values: str) -> AnswerChange:
    """A further project of its own, with these answers taken over from the first one."""

    def change(data: Data) -> None:
        added({**CODE, "项目名称": "数据标准贯标"} if "项目编码" in data["projects"][0] else {})(
            data
        )
        first, new = data["projects"][0], data["projects"][-1]
        new |= {"项目名称": "数据标准贯标"}
        for label in values:
            new[label] = copy.deepcopy(first[label])

    return change


def rows(count: int, unit: str) -> list[tuple[str, str, str]]:
    """Rows of indicators that differ."""
    return [
        (f"第{n}类成果份数", f"≥{n}份", f"{unit}第{n}类成果的份数") for n in range(1, count + 1)
    ]


def fifth(data: Data) -> None:
    """A fifth project, made of the second one."""
    data["projects"][:2] = reversed(data["projects"][:2])
    added({"项目名称": "分馆设备更新"})(data)
    data["projects"][:2] = reversed(data["projects"][:2])


DECLARATION: list[Mutation[Data]] = [
    Mutation(
        "the name again",
        indicator(1, "*数量指标", 3, "主题库建成", "主题库建成"),
        ["IND-008 warning 项目1!D14 | 指标值只是重复了三级指标“主题库建成”"],
    ),
    Mutation(
        "one explanation for two",
        both(
            indicator(1, "*数量指标", 3, None, None, "反映主题库支撑场景的情况"),
            indicator(1, "*数量指标", 4, None, None, "反映主题库支撑场景的情况"),
        ),
        [
            "IND-009 warning 项目1!E14 | 指标解释“反映主题库支撑场景的情况”在本项目中用了不止一次",
            "IND-009 warning 项目1!E15",
        ],
    ),
    Mutation(
        "an explanation of something else",
        indicator(1, "*数量指标", 3, None, None, "按合同执行"),
        ["IND-009 warning 项目1!E14 | 指标解释“按合同执行”与三级指标“建成主题库数量”没有关系"],
    ),
    Mutation(
        "no satisfaction",
        indicator(1, "*服务对象满意度指标", 1, "数据使用部门"),
        [
            "IND-010 warning 项目1!C66 | 满意度指标“数据使用部门”没有说明是谁对什么满意",
        ],
    ),
    Mutation(
        "progress for cost",
        indicator(1, "*成本指标", 2, "支出进度达标率", "≥95%", "考核支出进度是否达标"),
        ["IND-011 warning 项目1!C43 | 成本指标“支出进度达标率”考核的是支出进度，不是成本"],
    ),
    Mutation(
        "indicators of another project",
        like_the_first(indicators=""),
        [
            "IND-013 warning 项目1!C12 | 本项目的指标与本单位项目“数据标准贯标”的几乎全部相同",
            "IND-013 warning 项目4!C12 | 本项目的指标与本单位项目“公共数据资源治理”的几乎全部相同",
        ],
    ),
    Mutation(
        "too many",
        both(
            indicators(1, "*数量指标", *rows(10, "统计")),
            indicators(1, "*质量指标", *rows(6, "抽查")),
        ),
        ["IND-014 warning 项目1!C47 | 本项目有 24 行指标，超过 20 行，难以逐项评价"],
    ),
    Mutation(
        "money as quantity",
        indicator(1, "*数量指标", 1, None, "≤42万元"),
        ["IND-015 warning 项目1!D12 | 数量指标“完成目录编制的单位数量”的指标值“≤42万元”是金额"],
    ),
    Mutation(
        "the goal says another number",
        answer(1, {"年度目标": "2027年建成主题库5个，并在规划期内逐步推广使用。"}),
        [
            "IND-016 warning 项目1!D14 | “建成主题库数量”的指标值是“≥3个”，年度目标里写的是 5个",
        ],
    ),
    Mutation(
        "the estimate says another number",
        indicator(3, "*数量指标", 2, None, "≥3次"),
        ["IND-016 warning 项目3!D13 | “攻防演练次数”的指标值是“≥3次”，测算依据里写的是 2次"],
    ),
    Mutation(
        "goal of another project",
        like_the_first(年度目标=""),
        [
            "DUP-002 warning 项目1!B9 | 几个项目的年度目标完全相同：公共数据资源治理、数据标准贯标",
            "DUP-002 warning 项目4!B9",
        ],
    ),
    Mutation(
        "long goal of another project",
        like_the_first(长期目标=""),
        [
            "DUP-002 warning 项目1!B10 | 几个项目的长期目标完全相同：公共数据资源治理、数据标准贯标",
            "DUP-002 warning 项目4!B10",
        ],
    ),
]

TARGET: list[Mutation[Data]] = [
    Mutation(
        "the name again",
        indicator(1, "质量", 2, "文献流通顺畅", "文献流通顺畅。"),
        ["IND-008 warning 项目1!D25 | 目标值只是重复了指标内容“文献流通顺畅”"],
    ),
    Mutation(
        "no satisfaction", indicator(1, "满意度", 1, "到馆读者"), ["IND-010 warning 项目1!C60"]
    ),
    Mutation(
        "the value as its source",
        indicator(1, "质量", 2, None, None, "≥60%"),
        ["IND-012 warning 项目1!E25 | 目标值来源“≥60%”只是重复了指标内容或目标值"],
    ),
    Mutation(
        "quantities as a source",
        indicator(1, "数量", 3, None, None, "平板40台，阅读器20台"),
        ["IND-012 warning 项目1!E16 | 目标值来源“平板40台，阅读器20台”列的是数量，不是来源"],
    ),
    Mutation(
        "indicators of another project",
        like_the_first(indicators=""),
        [
            "IND-013 warning 项目1!C14 | 本项目的指标与本单位项目“数据标准贯标”的几乎全部相同",
            "IND-013 warning 项目4!C14",
        ],
    ),
    Mutation(
        "too many",
        both(
            indicators(1, "数量", *rows(10, "采购合同：")),
            indicators(1, "质量", *rows(8, "采购合同：")),
        ),
        ["IND-014 warning 项目1!C47 | 本项目有 22 行指标，超过 20 行，难以逐项评价"],
    ),
    Mutation(
        "money as quantity", indicator(1, "数量", 3, None, "≤60万元"), ["IND-015 warning 项目1!D16"]
    ),
    Mutation(
        "the goal says another number",
        indicator(1, "数量", 3, None, "≥80台"),
        [
            "IND-016 warning 项目1!D16 | “更新数字阅读设备数量”的目标值是“≥80台”，年度目标里写的是 60台"
        ],
    ),
    Mutation(
        "the purpose says another number",
        answer(1, {"项目用途": "用于更新数字阅读设备90台，并充实馆藏，替换破损严重的图书。"}),
        [
            "IND-016 warning 项目1!D16 | “更新数字阅读设备数量”的目标值是“≥60台”，项目用途里写的是 90台"
        ],
    ),
    Mutation(
        "goal of another project",
        like_the_first(年度绩效目标=""),
        [
            "DUP-002 warning 项目1!B12 | 几个项目的年度绩效目标完全相同：图书文献采购、数据标准贯标",
            "DUP-002 warning 项目4!B12",
        ],
    ),
    Mutation(
        "midterm goal of another project",
        like_the_first(**{"项目总(中期)目标": ""}),
        [
            "DUP-002 warning 项目1!B11 | 几个项目的项目总（中期）目标完全相同：图书文献采购、数据标准贯标",
            "DUP-002 warning 项目4!B11",
        ],
    ),
    Mutation(
        "five projects for one use",
        both(added({"项目名称": "古籍数字化"}), fifth),
        ["DUP-003 warning 项目1!E3 | 本单位 5 个项目的资金用途都是“业务工作类”"],
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


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("年度目标", ("XW-008 warning 项目1!B9", "XW-008 warning 项目1!B9")),
        ("indicators", ("XW-008 warning 项目1!C12", "XW-008 warning 项目1!C12")),
    ],
)
def test_copied_from_another_unit(
    declaration: Campaign, tmp_path: Path, label: str, cells: tuple[str, str]
) -> None:
    one, other = answers("declaration", "106003"), answers("declaration", "106002")
    other["projects"][0][label] = copy.deepcopy(one["projects"][0][label])
    files = [
        fill_unit(declaration, unit, data, tmp_path / f"{unit}.xlsx")
        for unit, data in (("106002", other), ("106003", one))
    ]
    found = [f for f in check_files(declaration, *files) if f.code == "XW-008"]
    assert by_file(found) == {"106002.xlsx": [cells[0]], "106003.xlsx": [cells[1]]}
    assert found[0].message in (
        "几个单位的项目，年度目标完全相同：106002、106003",
        "本项目的指标与单位 106003 项目“公共数据资源治理”的几乎全部相同",
    )
