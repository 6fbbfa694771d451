"""What the words of a target value mean: literals of many kinds, each with its kind and canonical spelling.

The canonical spelling holds operator, number, unit, what it is measured by and how often: ≤合同额的5%.
"""

from __future__ import annotations

import pytest

from xltool.prose.target_words import PREFIXES
from xltool.prose.targets import elements, parse
from xltool.prose.units import UNITS, same

FY = 2027

WORDS_BETWEEN = [
    ("至少培训50人", "number", "≥50人"),
    ("至少开展2次培训", "number", "≥2次"),
    ("至少举办“送戏下乡”活动10场", "number", "≥10场"),
    ("不少于巡查道路120公里", "number", "≥120公里"),
    ("至少新增停车泊位200个", "number", "≥200个"),
    ("至少派出2名专家驻点", "number", "≥2名"),
    ("最多安排5人参训", "number", "≤5人"),
    ("其中至少1台为纯电动车", "number", "≥1台"),
    ("车辆中至少其中1台为纯电动车", "number", "≥1台"),
    ("其中不少于3名具有高级职称", "number", "≥3名"),
    ("至少有2个社区通过验收", "number", "≥2个"),
    ("至少开展一次保密检查", "number", "≥1次"),
    ("至少组织三场宣讲", "number", "≥3场"),
    ("不得少于完成12篇报道", "number", "≥12篇"),
    ("不超过安装30套设备", "number", "≤30套"),
]
BASIS = [
    ("不低于年初预算的90%", "percent", "≥年初预算的90%"),
    ("不超过合同额的5%", "percent", "≤合同额的5%"),
    ("投诉单数不超过总用户量的0.5%", "percent", "≤总用户量的0.5%"),
    ("不超过项目总投资的3%", "percent", "≤项目总投资的3%"),
    ("不高于行业平均值的1.2倍", "number", "≤行业平均值的1.2倍"),
    ("控制在合同价的10%以内", "percent", "≤合同价的10%"),
    ("不低于全体职工的三分之二", "ratio", "≥全体职工的2/3"),
    ("≥设计能力的80%", "percent", "≥设计能力的80%"),
    ("占比不超过总户数的2%", "percent", "≤总户数的2%"),
    ("低于全市平均数的90%", "percent", "<全市平均数的90%"),
    ("女性不少于总人数的30%", "percent", "≥总人数的30%"),
    ("不得超过批复面积的105%", "percent", "≤批复面积的105%"),
    ("不超过2026年预算的90%", "percent", "≤2026年预算的90%"),
    ("合同额的5%以内", "percent", "≤合同额的5%"),
    ("达到年度计划的95%以上", "percent", "≥年度计划的95%"),
]
HOW_OFTEN = [
    ("至少每季度1次", "frequency", "≥1次/季度"),
    ("至少每季度开展1次", "frequency", "≥1次/季度"),
    ("至少每月巡查4次", "frequency", "≥4次/月"),
    ("不少于每周2次", "frequency", "≥2次/周"),
    ("至少每半年组织一次应急演练", "frequency", "≥1次/半年"),
    ("每年至少培训2期", "frequency", "≥2期/年"),
    ("每月不少于开展3次检查", "frequency", "≥3次/月"),
    ("每学期至少家访1次", "frequency", "≥1次/学期"),
    ("每季度至少1次", "frequency", "≥1次/季度"),
    ("每月巡查2次以上", "frequency", "≥2次/月"),
    ("每人每月50元", "money rate", "50元/人/月"),
    ("每人每年不超过600元", "money rate", "≤600元/人/年"),
    ("每台3000元", "money rate", "3000元/台"),
    ("7×24小时", "duration", "24小时/天"),
    ("24小时×7天", "duration", "24小时/天"),
]
MEASURED = [
    ("6部分建设内容", "number", "6部分"),
    ("6部分", "number", "6部分"),
    ("≥500㎡", "number", "≥500平方米"),
    ("500 m²", "number", "500平方米"),
    ("500m2", "number", "500平方米"),
    ("绿化面积≥1.2万㎡", "number", "≥12000平方米"),
    ("≤40㎥", "number", "≤40立方米"),
    ("供水≥30万m³", "number", "≥300000立方米"),
    ("≤26℃", "number", "≤26℃"),
    ("路面温度≤60℃", "number", "≤60℃"),
    ("≥20t", "number", "≥20吨"),
    ("≤50kW", "number", "≤50千瓦"),
    ("≥1000kWh", "number", "≥1000千瓦时"),
    ("节电≥20万kWh", "number", "≥200000千瓦时"),
    ("≤55dB", "number", "≤55分贝"),
    ("夜间噪声≤45dB(A)", "number", "≤45分贝"),
    ("≤55分贝", "number", "≤55分贝"),
    ("铺设电缆≥3km", "number", "≥3公里"),
    ("3千克", "number", "3公斤"),
    ("≥2倍", "number", "≥2倍"),
    ("3000元/㎡", "money rate", "3000元/平方米"),
    ("1200元/m2", "money rate", "1200元/平方米"),
    ("0.8元/kWh", "money rate", "0.8元/千瓦时"),
    ("2.5万元/公里", "money rate", "2.5万元/公里"),
    ("≤25μg/m³", "number", "≤25微克/立方米"),
    ("3支队伍", "number", "3支"),
    ("2个性能测试", "number", "2个"),
    ("两至三次", "number", "2-3次"),
    ("两到三次", "number", "2-3次"),
    ("三到五天", "duration", "3-5天"),
    ("十到二十人", "number", "10-20人"),
    ("至少三到五次", "number", "≥3-5次"),
]
SIGNS = [
    ("95﹪", "percent", "95%"),
    ("９５﹪", "percent", "95%"),
    ("⩾95%", "percent", "≥95%"),
    ("⩽3天", "duration", "≤3天"),
    ("﹤5次", "number", "<5次"),
    ("﹥10场", "number", ">10场"),
    ("≮95%", "percent", "≥95%"),
    ("≯3天", "duration", "≤3天"),
    ("≥3/4", "ratio", "≥3/4"),
    ("不低于4/5", "ratio", "≥4/5"),
    ("四分之三以上", "ratio", "≥3/4"),
    ("三分之二", "ratio", "2/3"),
    ("1∶3", "ratio", "1:3"),
    ("1：20", "ratio", "1:20"),
    ("师生比1∶15", "ratio", "1:15"),
    ("未达到90%", "percent", "<90%"),
    ("近5000人", "number", "5000人"),
    ("50余人", "number", "50人"),
    ("未超过3次", "number", "≤3次"),
]
RECURRING = [
    ("每月20日前", "recurring date", "每月20日前"),
    ("每月10日前发放", "recurring date", "每月10日前"),
    ("每月25号前", "recurring date", "每月25日前"),
    ("每季度首月15日前", "recurring date", "每季度首月15日前"),
    ("每年3月31日前", "recurring date", "每年3月31日前"),
]
NUMERALS = [
    ("三千五百元", "money", "3500元"),
    ("三千五", "number", "3500"),
    ("一百五", "number", "150"),
    ("贰佰陆拾元", "money", "260元"),
    ("一亿零五百万元", "money", "10500万元"),
    ("四千五百人", "number", "4500人"),
    ("一万二千份", "number", "12000份"),
    ("叁佰伍拾元", "money", "350元"),
    ("壹万贰仟元整", "money", "1.2万元"),
    ("二百五十名", "number", "250名"),
    ("≤三百五十万元", "money", "≤350万元"),
    ("三亿二千万元", "money", "32000万元"),
    ("廿五人", "number", "25人"),
]
MONEY = [
    ("21660元", "money", "21660元"),
    ("21660.50元", "money", "21660.5元"),
    ("≤2.166万元", "money", "≤2.166万元"),
    ("1.5亿元", "money", "15000万元"),
    ("3千元", "money", "3000元"),
    ("5千万元", "money", "5000万元"),
    ("260.00元", "money", "260元"),
]
BOUNDED = [
    ("控制在匡算价内", "reference", "控制在匡算价内"),
    ("控制在概算批复内", "reference", "控制在概算批复内"),
    ("控制在估算价以内", "reference", "控制在估算价以内"),
    ("不突破审定结算价", "reference", "不突破审定结算价"),
    ("不高于财评控制价", "reference", "不高于财评控制价"),
    ("于本年度内完成", "reference", "于本年度内完成"),
    ("于当年度内支付完毕", "reference", "于当年度内支付完毕"),
    ("本年内完成", "reference", "本年内完成"),
    ("年内完成", "reference", "年内完成"),
    ("不低于上年水平", "reference", "不低于上年水平"),
    ("优于国家标准", "reference", "优于国家标准"),
]
NOTHING_EXACT = [
    ("按照标准要求发放", "qualitative", "按照标准要求发放"),
    ("符合上级规定要求", "qualitative", "符合上级规定要求"),
    ("按实际人数发放", "qualitative", "按实际人数发放"),
    ("按政策执行", "qualitative", "按政策执行"),
    ("9:30", "qualitative", "9:30"),
    ("5G基站", "qualitative", "5G基站"),
    ("2部委联合", "qualitative", "2部委联合"),
    ("8节点监测", "qualitative", "8节点监测"),
    ("三年内有成效显现", "qualitative", "三年内有成效显现"),
]

ALL = [
    *WORDS_BETWEEN,
    *BASIS,
    *HOW_OFTEN,
    *MEASURED,
    *SIGNS,
    *RECURRING,
    *NUMERALS,
    *MONEY,
    *BOUNDED,
    *NOTHING_EXACT,
]


@pytest.mark.parametrize(("text", "kind", "canonical"), ALL, ids=[text for text, *_ in ALL])
def test_meaning(text: str, kind: str, canonical: str) -> None:
    found = parse(text, lv2="数量指标", fy=FY)
    assert (found.kind, found.canonical) == (kind, canonical)


@pytest.mark.parametrize(("text", "kind", "canonical"), BASIS, ids=[text for text, *_ in BASIS])
def test_what_it_is_measured_by(text: str, kind: str, canonical: str) -> None:
    found = parse(text, fy=FY)
    assert found.basis == canonical.lstrip("≥≤<>").partition("的")[0]


@pytest.mark.parametrize(("text", "kind", "canonical"), BOUNDED)
def test_bounded_by_something_else(text: str, kind: str, canonical: str) -> None:
    found = parse(text, fy=FY)
    assert (found.quantified, found.checkable) == (False, True)
    assert found.op == ("ge" if text.startswith(("不低于", "优于")) else "le")


def test_a_count_is_no_matter_of_a_standard() -> None:
    """按照标准要求发放 bounds an amount, not a number of people."""
    assert not parse("按照标准要求发放", lv2="*数量指标").checkable
    assert parse("按照标准要求发放", lv2="*成本指标").checkable


@pytest.mark.parametrize(
    ("text", "sign", "value", "unit"),
    [
        ("21660元", "", "21660", "元"),
        ("≤2.166万元", "≤", "2.166", "万元"),
        ("至少培训50人", "≥", "50", "人"),
        ("3000元/㎡", "", "3000", "元/平方米"),
        ("每人每月50元", "", "50", "元/人/月"),
        ("不超过合同额的5%", "≤", "5", "%"),
        ("≥1.2万㎡", "≥", "12000", "平方米"),
        ("每月20日前", "", "", ""),
        ("≥3/4", "", "", ""),
        ("3-5天", "", "", ""),
        ("200本、8张", "", "", ""),
    ],
)
def test_elements(text: str, sign: str, value: str, unit: str) -> None:
    """A day of the month is no number of days, 3/4 is not 3, and 3-5天 is neither 3 nor 5."""
    found = elements(text, "数量指标", FY)
    assert (found[0], str(found[1]), found[2]) == (sign, value, unit)


@pytest.mark.parametrize(("one", "other"), [("21660元", "2.166万元"), ("≤1.5亿元", "15000万元")])
def test_money_is_compared_in_one_unit(one: str, other: str) -> None:
    assert parse(one).measure == parse(other).measure


def test_units_are_known_by_one_name() -> None:
    """Each unit is read as itself, not as a shorter one, and its name is a unit with the same name."""
    for unit in UNITS:
        assert same(same(unit)) == same(unit)
        found = parse(f"≥7{unit}")
        assert (found.op, same(found.unit or "")) == ("ge", same(unit)), unit
    assert {"㎡", "m²", "m2", "㎥", "℃", "t", "kW", "kWh", "dB", "分贝"} <= UNITS


def test_no_operator_hides_another() -> None:
    """Every sign and word before a number is read whole."""
    for word, op in PREFIXES.items():
        assert parse(f"{word}7个").op == op, word
