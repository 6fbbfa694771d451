"""Quantities, calculations and sums in prose; flaws of writing. All of it on any text, in little time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.prose.estimates import estimate, has_basis
from xltool.prose.phases import phases
from xltool.prose.quantities import Calculation, Quantity, calculations, money_words, read
from xltool.prose.writing_flaws import (
    doubled,
    escaped,
    nothing_said,
    other_year,
    placeholder,
    unpaired,
)

QUANTITIES = [
    ("1216.65元", "1216.65", "元", (), 2),
    ("1.89万元/年", "18900", "元", ("年",), 2),
    ("3亿元", "300000000", "元", (), 0),
    ("1,008.14 万元", "10081400", "元", (), 2),
    ("１２．５万元", "125000", "元", (), 1),
    ("¥500", "500", "元", (), 0),
    ("2百万元", "2000000", "元", (), 0),
    ("5505套", "5505", "套", (), 0),
    ("12个月", "12", "月", (), 0),
    ("10节课", "10", "节", (), 0),
    ("23万个", "230000", "个", (), 0),
    ("7000元/节", "7000", "元", ("节",), 0),
    ("1216.65元/年/套", "1216.65", "元", ("年", "套"), 2),
    ("500元每人", "500", "元", ("人",), 0),
    ("3.1%", "0.031", "%", (), 1),
    ("900 TB", "900", "TB", (), 0),
    ("水费2万", "20000", "", (), 0),
]


@pytest.mark.parametrize(("text", "value", "unit", "per", "places"), QUANTITIES)
def test_quantity(text: str, value: str, unit: str, per: tuple[str, ...], places: int) -> None:
    (found,) = read(text)
    assert isinstance(found, Quantity)
    assert (found.value, found.unit, found.per, found.places) == (Decimal(value), unit, per, places)
    assert text.endswith(text[found.start : found.end])


def test_positions() -> None:
    text = "终端3台（含税）共1.5万元，编号T293-2008"
    assert [text[found.start : found.end] for found in read(text)] == ["3台", "1.5万元"]


def test_half_unit_and_about() -> None:
    (exact,) = read("1.5万元")
    assert isinstance(exact, Quantity)
    assert exact.half_unit == 500
    for text in ("约5万元", "5万余元", "5万元左右"):
        (found,) = read(text)
        assert isinstance(found, Quantity)
        assert found.about, text


PRODUCTS = [
    # as units write them
    ("5505套*1216.65元/年/套=669.765825万元", True),
    ("6000*3=18000元", True),
    ("国产电脑3台6000*3=18000元", True),
    ("10节课（60分左右/节）*7000元/节=70000元", True),
    ("21人*75元*12月=1.89万元/年", True),
    ("50元/本×1000本=50000元", True),
    ("8套*10000元/套=80000、", True),
    ("20元/本200本=4000元", True),
    ("1800元/台*2=3600元", True),
    ("6,800 平方米×14 元/平方米/月×12 个月＝114.24 万元", True),
    ("3台x6000元=1.8万元", True),
    ("3台X6000元=1.8万元", True),
    ("1239万*3.1%=38.4万元", True),
    ("3*100+2*50=400元", True),
    ("4.5*2=9万元", True),
    ("1.5万元*2=3", True),
    ("5000元/月*2辆*1年=12万元", True),
    ("5000元/月*2辆*1年=1万元", True),
    ("133.33元*3=400元", True),
    ("500元=0.05万元", True),
    ("2次*4期=8次", True),
    # wrong
    ("6000*3=19000元", False),
    ("21人*75元*12月=18.9万元", False),
    ("10节课（60分左右/节）*7000元/节=7000元", False),
    ("5505套*1216.65元/年/套=669.775825万元", False),
    ("3.2万元*3=9.7万元", False),
    ("3*100+2*50=350元", False),
    ("20元/本200本=400元", False),
    ("500元=0.5万元", False),
    ("1.60×20=32.01", False),
    # nothing to judge
    ("7*24小时", None),
    ("6人*1000元", None),
    ("6人*1000元=6000元左右", None),
    ("3台*2次=18000元", None),
    ("5000元/周*3个月=60000元", None),
    ("2元*3元=6元", None),
]


@pytest.mark.parametrize(("text", "holds"), PRODUCTS)
def test_product(text: str, holds: bool | None) -> None:
    (found,) = calculations(text)
    assert found.holds is holds


def test_a_chain_of_results() -> None:
    first, second = calculations("5人*100元=500元=0.5万元")
    assert (first.holds, second.holds) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "（3+2）*500元=2500元",
        "600/3*2元=400元",
        "1000元-50*2=900元",
        "6人*1000元=约5000元",
        "2023年5月-2024年5月",
        "网格+、4G/3G",
    ],
)
def test_not_understood(text: str) -> None:
    """What cannot be understood is never wrong."""
    assert not [found for found in calculations(text) if found.holds is False]


@pytest.mark.parametrize(
    ("value", "words"), [("3600", "3600元"), ("18900", "1.89万元"), ("0.50", "0.5元")]
)
def test_money_words(value: str, words: str) -> None:
    assert money_words(Decimal(value)) == words


# (text, total, parts, adds up), all in 元
ESTIMATES: list[tuple[str, int | None, list[int], bool | None]] = [
    ("4名退休干部老年节、春节日慰问共1.2万元。", 12000, [], None),
    ("宣传项目总费用2万元，优化项目150万元", None, [20000, 1500000], None),
    (
        "显示屏1800元/台*2=3600元，电脑3台6000*3=18000元，办公桌等非政府采购 0.5万元",
        None,
        [3600, 18000, 5000],
        None,
    ),
    (
        "预算金额预计为272.21万元\n（1）第一阶段180.7万元，用于支付尾款128.46万元（30%）和新款52.24万元；\n"
        "（2）第二阶段39.49万元；\n（3）试点7.02万元。",
        2722100,
        [1807000, 394900, 70200],
        False,
    ),
    (
        "培训费11.9万元\n1、网格：10节课（60分左右/节）*7000元/节=70000元。\n2、骨干：5节课*7000元/节=35000元。\n"
        "3、技能：2节课*7000元/节=14000元。",
        119000,
        [70000, 35000, 14000],
        True,
    ),
    (
        "1.甲 3 项×46.00 万元＝138.00 万元；\n2.乙 9.60 万元。\n以上合计 147.60 万元。",
        1476000,
        [1380000, 96000],
        True,
    ),
    ("甲 57.00 万元；乙 2.40 万元。四项合计 59.40 万元。", 594000, [570000, 24000], True),
    ("甲 57.00 万元；乙 2.40 万元。合计 60.40 万元。", 604000, [570000, 24000], False),
    ("甲3万元，乙2万元，共5万元", 50000, [30000, 20000], True),
    ("总费用10万元，其中：甲4万元，乙5万元", 100000, [40000, 50000], False),
    ("总费用10万元，其中甲4万元，乙5万元", 100000, [40000, 50000], None),
    ("总费用10万元，其中甲4万元，乙7万元", 100000, [40000, 70000], False),
    (
        "合计71万元：1.等保32万元；2.维保38.4万元；3.网络1万元",
        710000,
        [320000, 384000, 10000],
        True,
    ),
    ("现有公务车辆1台，每台费用4万元，合计4万元。", 40000, [], None),
    (
        "1.租车。每车5000元/月，约1.3万元/月。合计15.6万/年。2.视频15万元。",
        None,
        [156000, 150000],
        None,
    ),
    ("1.租赁费153.6万元，合同总价460.8万元；2.水费2万元。", None, [], None),
    ("1.等保 20 万元；2.上年已付 3 万元的尾款", None, [], None),
    ("甲10万元（其中材料3万元）；乙5万元", None, [100000, 50000], None),
    ("购买学习资料等", None, [], None),
    ("", None, [], None),
]


@pytest.mark.parametrize(("text", "total", "parts", "adds_up"), ESTIMATES)
def test_estimate(text: str, total: int | None, parts: list[int], adds_up: bool | None) -> None:
    found = estimate(text)
    assert (found.total.value if found.total else None) == total
    assert [part.value for part in found.parts] == parts
    assert found.adds_up is adds_up


def test_years_of_an_estimate() -> None:
    assert estimate("三年共需207万元").years == 3
    assert estimate("3年共需207万元").years == 3
    assert estimate("2024年需开展运维，共207万元").years == 1
    this_year = estimate("三年共需207万元，其中本年度安排69万元").this_year
    assert [amount.value for amount in this_year] == [690000]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("水费2万/年", True),
        ("慰问 6 人×1000", True),
        ("三万元", True),
        ("按工资总额的2%计提", True),
        ("为1990名网格员配备通信服务，参与率达90%", False),
        ("购买学习资料等", False),
    ],
)
def test_has_basis(text: str, expected: bool) -> None:
    assert has_basis(text) is expected


# Flaws of writing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("略", "略"),
        ("（不便填写）", "不便填写"),
        ("……", "……"),
        ("XX", "XX"),
        ("见附件1", "见附件1"),
        ("省略", None),
        ("无", None),
        ("策略", None),
    ],
)
def test_placeholder(text: str, expected: str | None) -> None:
    assert placeholder(text) == expected


def test_nothing_said() -> None:
    assert nothing_said("无。") == "无"
    assert nothing_said("服务××个社区") == "××"
    assert nothing_said("服务____个社区") == "____"
    assert nothing_said("MAXXAM系统 3×4") is None
    assert nothing_said(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "《关于印发<办法>的通知》（云岭〔2027〕3号）",
        "“人机结合、分时段保洁”",
        "1）巡查；2）核查。（1）其他",
        "a)巡查",
        "〈3万",
        "〉90%",
        "《甲》《乙》",
    ],
)
def test_paired(text: str) -> None:
    assert unpaired(text) is None


@pytest.mark.parametrize(
    "text", ["（甲", "甲）", "（甲)", "〔2013﹞", "《甲〉", "“甲“", "”甲“", "[甲】"]
)
def test_unpaired(text: str) -> None:
    assert unpaired(text) is not None


def test_escaped() -> None:
    assert escaped('"1、甲。\n2、乙。"\n3、丙') == '1、甲。\n2、乙。"\n3、丙'
    assert escaped('达100%"') == "达100%"
    assert escaped('"甲""乙"') == '甲"乙'
    assert escaped('"一网统管"平台和"一件事"') is None
    assert escaped('建设"一网统管"平台') is None


def test_doubled() -> None:
    assert doubled("用于用于支付") == "用于"
    assert doubled("根据《云岭区社区根据《云岭区社区网格办法》") == "根据《云岭区社区"
    assert doubled("提升巡查质量和效率，提升巡查质量和效率。") == "提升巡查质量和效率"
    for text in (
        "一步一步",
        "云服务服务商",
        "方方面面",
        "20元/本*200本=4000元、20元/本*200本=4000元",
        "《甲办法》《甲办法》",
    ):
        assert doubled(text) is None, text


@pytest.mark.parametrize(
    ("text", "goal", "long", "expected"),
    [
        ("2027年完成巡查", True, False, None),
        ("2026年完成巡查", False, False, "2026年"),
        ("2026年度计划完成巡查", False, False, "2026年"),
        ("反映2026年慰问金发放情况", True, False, "2026年"),
        ("反映2026年慰问金发放情况", False, False, None),
        ("2026年已完成巡查，2027年继续", True, False, None),
        ("2028年完成巡查", True, False, "2028年"),
        ("2028年完成巡查", False, True, None),
        ("2027年完成设计，2028年完成施工", True, False, None),
        ("支付2026年合同尾款", True, False, None),
        ("根据2026年1月印发的通知完成巡查", True, False, None),
        ("2026—2028年完成巡查", True, False, None),
        ("2026年起开展巡查", True, False, None),
    ],
)
def test_other_year(text: str, goal: bool, long: bool, expected: str | None) -> None:
    assert other_year(text, 2027, goal=goal, long=long) == expected


# Any text


def everything(text: str) -> None:
    for found in read(text):
        assert 0 <= found.start < found.end <= len(text)
        if isinstance(found, Calculation):
            assert found.holds in (True, False, None)
    found_sum = estimate(text)
    assert found_sum.adds_up in (True, False, None)
    has_basis(text)
    phases(text, 2027)
    for look in (placeholder, nothing_said, unpaired, escaped, doubled):
        look(text)
    other_year(text, 2027, goal=True, long=False)


PIECES = [
    *'0123456789.,，*×xX=＝+-/（）()[]元万亿套每年月个人 %约。；、：\n《》“”"﹞￥¥',
    *(
        "合计",
        "其中",
        "共",
        "以上",
        "1、",
        "（1）",
        "三年",
        "每年",
        "本年",
        "合同金额",
        "①",
        "20",
        "27年",
        "用于",
        "节课",
        "A1",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=80))
def test_any_text(text: str) -> None:
    everything(text)


HOSTILE: dict[str, Callable[[int], str]] = {
    "digits": lambda n: "1" * n,
    "dots": lambda n: "." * n,
    "digits and dots": lambda n: "1." * (n // 2),
    "thousands": lambda n: "1," * (n // 2),
    "factors": lambda n: "999999999999*" * (n // 13),
    "signs": lambda n: "x" * n,
    "products": lambda n: "1元/本1本=1元" * (n // 9),
    "equalities": lambda n: "1=" * (n // 2),
    "brackets": lambda n: "1（" * (n // 2),
    "remarks": lambda n: "1(2*3)" * (n // 6) + "*2",
    "closed": lambda n: "(" * (n // 2) + ")" * (n // 2),
    "units": lambda n: "万" * n,
    "items": lambda n: "1、1元。" * (n // 5),
    "totals": lambda n: "各项合计" * (n // 4) + "1元",
    "spaces": lambda n: "1" + " " * n + "元",
    "lines": lambda n: "\n" * n,
    "quotes": lambda n: '"' * n,
    "titles": lambda n: "《" * n,
    "one word": lambda n: "管" * n,
    "no separator": lambda n: "甲乙丙丁戊己庚辛" * (n // 8) + "1",
    "years": lambda n: "2026年" * (n // 5),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", [make(100_000) for make in HOSTILE.values()], ids=list(HOSTILE))
def test_hostile_text(text: str) -> None:
    """100 kB take about a second; anything that grew with the square of the length would not end."""
    everything(text)
