"""The 指标值 grammar: every literal of docs/domain.md §1.4, and what must hold for any text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from xltool.prose.numerals import number
from xltool.prose.targets import Kind, Note, parse

FY = 2021


@dataclass(frozen=True)
class Literal:
    """One literal with the columns of the table: kind, op, value, unit / per, quantified."""

    text: str
    kind: Kind
    op: str | None = None
    value: str | None = None
    unit: str | None = None
    per: str | None = None
    date: str | None = None
    precision: str | None = None
    notes: Sequence[Note] = ()
    lv2: str = "数量"
    value2: str | None = None
    canonical: str = field(default="")
    quantified: bool = True
    checkable: bool = True


def words(kind: Kind, *texts: str, checkable: bool = False, op: str | None = None) -> list[Literal]:
    """Literals that are no quantity."""
    return [Literal(t, kind, op, quantified=False, checkable=checkable) for t in texts]


TABLE = [
    Literal("153", "number", None, "153"),
    Literal("150000", "number", None, "150000"),
    Literal("300000", "number", None, "300000"),
    Literal("100%", "percent", None, "100", "%"),
    Literal("≥95%", "percent", "ge", "95", "%"),
    Literal("97%以上", "percent", "ge", "97", "%", notes=["wording"]),
    Literal("97%以上；", "percent", "ge", "97", "%", notes=["wording", "punctuation"]),
    Literal("低于3%", "percent", "lt", "3", "%", notes=["wording"]),
    Literal("5%以下", "percent", "le", "5", "%", notes=["wording"]),
    Literal("大于等于90%", "percent", "ge", "90", "%", notes=["wording"]),
    Literal("小于等于5%", "percent", "le", "5", "%", notes=["wording"]),
    Literal("＞90%", "percent", "gt", "90", "%", notes=["wording"]),
    Literal(">90%", "percent", "gt", "90", "%"),
    Literal("≥0%", "percent", "ge", "0", "%"),
    Literal("≥0", "number", "ge", "0"),
    Literal("17人", "number", None, "17", "人"),
    Literal("≥8人", "number", "ge", "8", "人"),
    Literal("1家", "number", None, "1", "家"),
    Literal("1份", "number", None, "1", "份"),
    Literal("20次", "number", None, "20", "次"),
    Literal("2台", "number", None, "2", "台"),
    Literal("≥6个", "number", "ge", "6", "个"),
    Literal("≥1场", "number", "ge", "1", "场"),
    Literal("≥200份", "number", "ge", "200", "份"),
    Literal("≥17本", "number", "ge", "17", "本"),
    Literal("2010台", "number", None, "2010", "台"),
    Literal("≥185万人", "number", "ge", "1850000", "人", canonical="≥1850000人"),
    Literal("23 万个", "number", None, "230000", "个"),
    Literal("5万", "number", None, "50000"),
    Literal("≥30万", "number", "ge", "300000"),
    Literal("0起", "number", None, "0", "起"),
    Literal("0 单", "number", None, "0", "单"),
    Literal("0", "number", None, "0"),
    Literal("零投诉", "number", "eq", "0", "投诉", canonical="=0投诉"),
    Literal("无投诉", "number", "eq", "0", "投诉"),
    Literal("少于5单", "number", "lt", "5", "单", notes=["wording"]),
    Literal("不超过5单", "number", "le", "5", "单", notes=["wording"]),
    Literal("≤10单", "number", "le", "10", "单"),
    Literal("<2次", "number", "lt", "2", "次"),
    Literal("至少2次/周", "frequency", "ge", "2", "次", "周", notes=["wording"]),
    Literal("2次/周", "frequency", None, "2", "次", "周"),
    Literal(
        "1个月/次", "frequency", None, "1", "次", "月", notes=["frequency"], canonical="1次/月"
    ),
    Literal("1月/次", "frequency", None, "1", "次", "月", notes=["frequency"], canonical="1次/月"),
    Literal(
        "每月一次", "frequency", None, "1", "次", "月", notes=["frequency"], canonical="1次/月"
    ),
    Literal("至少1次", "number", "ge", "1", "次", notes=["wording"]),
    Literal("至少一次", "number", "ge", "1", "次", notes=["wording"]),
    Literal("1年", "duration", None, "1", "年"),
    Literal("24小时内", "duration", "le", "24", "小时", notes=["wording"]),
    Literal("20个工作日内", "duration", "le", "20", "工作日", notes=["wording"]),
    Literal("≤3天", "duration", "le", "3", "天"),
    Literal("3 个月内", "duration", "le", "3", "月", notes=["wording"], canonical="≤3个月"),
    Literal("2h 内完成并送到", "duration", "le", "2", "小时", notes=["wording", "embedded"]),
    Literal("≥80小时", "duration", "ge", "80", "小时"),
    Literal("≥2天或16小时", "disjunction", "ge", "2", value2="16", notes=["split"]),
    Literal("2022年12月31日前", "date", "le", date="2022-12-31", precision="day"),
    Literal("2024年12月31日", "date", None, date="2024-12-31", precision="day"),
    Literal("2021年12月", "date", None, date="2021-12-31", precision="month"),
    Literal("2021年12月底", "date", "le", date="2021-12-31", precision="month"),
    Literal(
        "2021年12月前", "date", "le", date="2021-12-31", precision="month", notes=["ambiguous"]
    ),
    Literal("2021年9月前", "date", "le", date="2021-09-30", precision="month", notes=["ambiguous"]),
    Literal("12月前", "date", "le", date="2021-12-31", precision="month", notes=["ambiguous"]),
    Literal("2022年第二季度结束前", "date", "le", date="2022-06-30", precision="quarter"),
    Literal("每月20日前", "recurring date", "le", "20", "日", "月"),
    Literal("自合同签订后6个月内", "duration", "le", "6", "月", notes=["since"]),
    Literal("不超过33.98万元", "money", "le", "33.98", "万元", notes=["wording"]),
    Literal("≤837万元", "money", "le", "837", "万元"),
    Literal("≤32万元", "money", "le", "32", "万元"),
    Literal("≦5 万元", "money", "le", "5", "万元", notes=["wording"], canonical="≤5万元"),
    Literal("45.5万元", "money", None, "45.5", "万元"),
    Literal("68 万", "money", None, "68", "万元", lv2="成本指标", notes=["ten thousand"]),
    Literal("553.6万元", "money", None, "553.6", "万元"),
    Literal("≤200", "number", "le", "200", lv2="*成本"),
    Literal("≤430", "number", "le", "430"),
    Literal("8 套、200 本、200 本、1200 本", "compound", notes=["split"]),
    Literal("1部普通空调、2部精密空调、1台中央空调", "compound", notes=["split"]),
    Literal(
        "采集率达97%以上，信息准确率达97%以上，未注销率低于3%；",
        "compound",
        unit="%",
        notes=["split", "punctuation"],
    ),
    Literal("17 节课", "number", None, "17", "节"),
    Literal("1000 本", "number", None, "1000", "本"),
    Literal("21660 元", "money", None, "21660", "元"),
    Literal("50 元/本", "money rate", None, "50", "元", "本"),
    Literal(
        "对培训业务满意度达 90%以上", "percent", "ge", "90", "%", notes=["wording", "embedded"]
    ),
    Literal("全区居民对管理工作满意度 >90%", "percent", "gt", "90", "%", notes=["embedded"]),
    *words("na", "不适用"),
    Literal("不适合", "na", notes=["misspelt"], quantified=False, checkable=False),
    *words("placeholder", "略", "不便填写"),
    *words(
        "reference",
        "不超发改批复概算金额",
        "不超过规定比例",
        "项目实施阶段最终成本支出不超出发改批复金额",
        checkable=True,
        op="le",
    ),
    Literal("符合相关文件标准", "reference", "eq", lv2="质量", quantified=False, checkable=True),
    *words("qualitative", "符合相关文件标准", "按照标准要求发放"),
    *words(
        "qualitative",
        *[
            "提升",
            "提高",
            "得到提升",
            "显著",
            "有效促进",
            "有效保障",
            "重点解决",
            "达到良好程度",
            "及时",
            "及时有效",
            "实时",
        ],
        *[
            "合格",
            "验收合格",
            "质量合格",
            "内容准确",
            "良好",
            "优秀",
            "满意",
            "基本满意",
            "全部满意",
        ],
        *["按时发放", "足额发放", "通过验收", "通过审核"],
    ),
]


@pytest.mark.parametrize("literal", TABLE, ids=[literal.text for literal in TABLE])
def test_literal(literal: Literal) -> None:
    found = parse(literal.text, lv2=literal.lv2, fy=FY)
    assert Literal(
        literal.text,
        found.kind,
        found.op,
        None if found.value is None else str(found.value),
        found.unit,
        found.per,
        None if found.date is None else found.date.isoformat(),
        found.precision,
        list(found.notes),
        literal.lv2,
        None if found.value2 is None else str(found.value2),
        found.canonical if literal.canonical else "",
        found.quantified,
        found.checkable,
    ) == replaced(literal)


def replaced(literal: Literal) -> Literal:
    """The literal with its notes as a list, for comparison."""
    return Literal(**{**vars(literal), "notes": list(literal.notes)})


def test_parts() -> None:
    either = parse("≥2天或16小时")
    assert [(a.op, str(a.value), a.unit) for a in either.atoms] == [
        ("ge", "2", "天"),
        (None, "16", "小时"),
    ]
    several = parse("8 套、200 本、200 本、1200 本")
    assert [a.canonical for a in several.atoms] == ["8套", "200本", "200本", "1200本"]
    named = parse("采集率达97%以上，信息准确率达97%以上，未注销率低于3%；")
    assert [a.canonical for a in named.atoms] == ["≥97%", "≥97%", "<3%"]
    mixed = parse("1部普通空调、2部精密空调、1台中央空调")
    assert [(str(a.value), a.unit) for a in mixed.atoms] == [("1", "部"), ("2", "部"), ("1", "台")]


MORE = {
    "＞＝９５％": "≥95%",
    "1,200.50元": "1200.5元",
    "1，200本": "1200本",
    "百分之九十五以上": "≥95%",
    "二十三家": "23家",
    "3千人": "3000人",
    "1.5亿元": "15000万元",
    "控制在5%以内": "≤5%",
    "不低于90%以上": "≥90%",
    "≤0.85万元/人": "≤0.85万元/人",
    "每周不少于2次": "≥2次/周",
    "每两周一次": "1次/2周",
    "半年一次": "1次/半年",
    "3个月/次": "1次/3个月",
    "每季度": "1次/季度",
    "每月5000元": "5000元/月",
    "≥48小时/周": "≥48小时/周",
    "3-5天": "3-5天",
    "80%～90%": "80-90%",
    "46樘": "46樘",
    "72个政务大厅": "72个",
    "无重大安全事故": "=0事故",
    "2027-12-31": "2027年12月31日",
    "不晚于2027年3月1日": "2027年3月1日前",
    "2027年底前": "2027年12月底前",
    "十月底前": "2021年10月底前",
    "预计在10月底前完成工程": "2021年10月底前",
    "2027年内": "2027年内",
    "每年6月30日前": "每年6月30日前",
    "每季度末前": "每季度末前",
    "每季次月15日前": "每季度次月15日前",
    "≤3月": "≤3个月",
    "1次或以上": "≥1次",
    "费用≤87万元；服务费≤35万元": "≤87万元、≤35万元",
    "5次或1个月": "5次或1个月",
}


@pytest.mark.parametrize("text", MORE)
def test_canonical(text: str) -> None:
    assert parse(text, fy=FY).canonical == MORE[text]


@pytest.mark.parametrize(
    "text",
    [
        "2027年2月30日前",  # no such day
        "2027年13月",
        "依据《办法》（云岭〔2027〕74号）执行",  # a document's number is no quantity
        "第三方机构统一办理",  # numerals inside words
        "5G基站",
        "一体化",
        "1234567890123456789",
    ],
)
def test_no_quantity(text: str) -> None:
    assert not parse(text, fy=FY).quantified


def test_a_year_alone_is_not_exact_enough() -> None:
    found = parse("2027年内")
    assert (found.kind, found.op, found.date) == ("date", "le", date(2027, 12, 31))
    assert not found.quantified


def test_a_month_without_a_year() -> None:
    found = parse("12月前")
    assert (found.kind, found.op, found.date, found.precision) == ("date", "le", None, "month")
    assert found.canonical == "12月底前"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("二十三", 23),
        ("一百零五", 105),
        ("三万二千", 32000),
        ("二〇二七", 2027),
        ("半", Decimal("0.5")),
        ("九十七点五", Decimal("97.5")),
        ("百十", None),
        ("万", None),
        ("一万万", None),
    ],
)
def test_chinese_numerals(text: str, value: Decimal | int | None) -> None:
    assert number(text) == value
