"""TXT-011: two numbered lists, and which of their items differ."""

from __future__ import annotations

import pytest

from xltool.prose.item_lists import differing_items, titles


def listed(*names: str) -> str:
    return "\n".join(f"{n}.{name}：用于相关支出。" for n, name in enumerate(names, start=1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("慰问费用", "慰问经费"),
        ("宣传费", "宣传工作经费"),
        ("培训费", "培训费用"),
        ("培训经费（线下）", "培训经费"),
        ("2027年度评选活动费用", "评选活动"),
        ("年度先进评选活动费用", "先进集体评选费"),
        ("购置办公设备", "办公设备采购"),
        ("“十佳”评选", "十佳评选活动"),
        ("高温慰问经费", "慰问费"),
        ("信息化系统运维", "系统运维服务费"),
        ("劳务派遣人员经费", "劳务派遣服务费"),
        ("物业管理费", "物业服务费"),
    ],
)
def test_the_same_item_in_other_words(one: str, other: str) -> None:
    lists = {
        "项目概况": listed("租车费", "印刷费", one),
        "项目用途": listed("租车费", "印刷费", other),
    }
    assert differing_items(lists) is None


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (["慰问费"], [], "“慰问费”只写在项目概况中"),
        ([], ["稿费"], "“稿费”只写在项目用途中"),
        (["慰问费"], ["稿费"], "“慰问费”只写在项目概况中，“稿费”只写在项目用途中"),
        (["审计费", "保险费"], ["稿费"], "“审计费”等 2 项只写在项目概况中，“稿费”只写在项目用途中"),
        (["图书馆古籍修复及数字化加工服务费"], [], "“图书馆古籍修复及数字化加…”只写在项目概况中"),
    ],
)
def test_an_item_that_is_missing(one: list[str], other: list[str], said: str) -> None:
    same = ("租车费", "印刷费")
    lists = {"项目概况": listed(*same, *one), "项目用途": listed(*same, *other)}
    assert differing_items(lists) == f"项目概况与项目用途的编号条目不一致：{said}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["租车费"], ["印刷费"]),
        (["租车费", "印刷费", "稿费"], ["审计费", "保险费", "水电费"]),
        (["租车费"], ["租车费", "印刷费"]),
        ([], ["租车费", "印刷费"]),
    ],
)
def test_lists_that_are_not_the_same(one: list[str], other: list[str]) -> None:
    assert differing_items({"项目概况": listed(*one), "项目用途": listed(*other)}) is None


def test_titles() -> None:
    text = "1、培训费：甲。\n2.宣传费：乙；3．培训费: 丙\n4、全年巡查12次，每次2人"
    assert titles(text) == ["培训费", "宣传费"]
    assert titles(None) == []
