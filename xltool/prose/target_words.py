"""The words of the 指标值 grammar: operators, units, periods, patterns (docs/domain.md §1.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from xltool.prose.numerals import ARABIC, CHINESE, MULTIPLIER

Operator = Literal["ge", "le", "gt", "lt", "eq"]

SYMBOLS: dict[Operator, str] = {"ge": "≥", "le": "≤", "gt": ">", "lt": "<", "eq": "="}

_PREFIXES: dict[Operator, str] = {
    "ge": "≥ ≧ >= => ＞= ＞＝ 大于等于 大于或等于 不低于 不少于 不小于 不得低于 不得少于 至少 最少 最低"
    " 达到 达",
    "le": "≤ ≦ <= =< ＜= ＜＝ 小于等于 小于或等于 不超过 不高于 不多于 不大于 不超 不得超过 不得高于"
    " 不突破 控制在 至多 最多 最高",
    "gt": "> ＞ 〉 大于 高于 超过 多于",
    "lt": "< ＜ 〈 小于 低于 少于 不足 不满",
    "eq": "= ＝ 等于",
}
PREFIXES: dict[str, Operator | None] = {
    word: op for op, words in _PREFIXES.items() for word in words.split()
} | {"约": None, "大约": None}
# 达 and 控制在 say little: 控制在5%以内, 达到5%以下 mean what the suffix says.
WEAK = ("达", "达到", "控制在")
SUFFIXES: dict[str, Operator | None] = {
    "以上": "ge",
    "及以上": "ge",
    "或以上": "ge",
    "以下": "le",
    "及以下": "le",
    "或以下": "le",
    "以内": "le",
    "之内": "le",
    "内": "le",
    "左右": None,
    "上下": None,
}

# What a unit is called when two are compared; how it is written beside a number.
PERCENT = {"%": "%", "百分比": "%", "‰": "‰", "个百分点": "百分点", "百分点": "百分点"}
MONEY = ("元",)
DURATION = {
    "年": "年",
    "个月": "月",
    "月": "月",
    "周": "周",
    "个星期": "周",
    "星期": "周",
    "天": "天",
    "日": "天",
    "个自然日": "天",
    "自然日": "天",
    "日历天": "天",
    "个工作日": "工作日",
    "工作日": "工作日",
    "个小时": "小时",
    "小时": "小时",
    "h": "小时",
    "H": "小时",
    "分钟": "分钟",
    "min": "分钟",
    "秒": "秒",
    "个季度": "季度",
    "季度": "季度",
}
WRITTEN = {"月": "个月", "工作日": "个工作日", "季度": "个季度"}
_COUNTED = (
    "人 人次 人天 名 家 个 项 件 次 场 场次 期 期次 套 台 台套 台次 部 本 份 篇 通 起 单 宗 条 批 批次"
    " 节 节课 课时 学时 只 支 张 册 册次 卷 栋 间 户 户次 辆 车次 架 艘 座 处 所 株 棵 头 吨 公斤 千克"
    " 克 升 米 公里 千米 平方米 平方公里 平米 亩 公顷 立方米 立方 度 千瓦时 点 分 字 块 幅 组 队 班 种 类"
    " 门 页 枚 盏 盒 箱 瓶 双 面 片 段 轮 届 级 号 例 位 口 对 卡 樘 万人次 GB TB MB KM km"
)
COUNTED = tuple(_COUNTED.split())
# What there should be none of: 零投诉, 无重大安全事故.
EVILS = [
    "投诉",
    "事故",
    "故障",
    "差错",
    "失误",
    "违规",
    "违纪",
    "违法",
    "泄密",
    "泄露",
    "上访",
    "信访",
    "伤亡",
    "遗漏",
    "缺陷",
    "中断",
    "纠纷",
    "火灾",
]

_PERIODS = {"个月": "月", "季": "季度", "年度": "年", "星期": "周", "个季度": "季度"}
PERIODS = (
    "年度",
    "年",
    "半年",
    "季度",
    "个季度",
    "季",
    "个月",
    "月",
    "周",
    "星期",
    "日",
    "天",
    "小时",
)

UNITS = {*PERCENT, *MONEY, *DURATION, *COUNTED, *EVILS}


def one_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "(?:" + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) + ")"


def period(text: str) -> str:
    """The one name of a period: 个月 and 月 are 月."""
    return _PERIODS.get(text, text)


_LATIN = r"(?![A-Za-z])"
PREFIX = one_of(PREFIXES)
SUFFIX = rf"(?:\(含\))?{one_of(SUFFIXES)}(?:\(含\))?"
KNOWN = rf"(?:{one_of(UNITS)}{_LATIN})"
# A unit that we do not know: one or two Chinese characters that mean nothing else here.
ODD_UNIT = (
    rf"(?!{KNOWN}|{SUFFIX}|{PREFIX}|[或至到和及与前])(?:(?![十百千万亿])[\u4e00-\u9fff]){{1,2}}?"
)
_TIME = one_of(PERIODS)
_NUMBER = rf"(?:{ARABIC}|{CHINESE})"
_PERIOD = rf"(?P<times>{_NUMBER})?(?P<period>{_TIME})"
_RANGE = (
    rf"(?:(?P<unit1>{KNOWN})?[-~—–至到]{{1,2}}(?P<number2>{ARABIC})(?P<multiplier2>{MULTIPLIER}))?"
)

ATOM = re.compile(
    rf"(?P<prefix>{PREFIX})?(?P<hundredth>百分之)?(?P<number>-?{ARABIC}|{CHINESE})"
    rf"(?P<multiplier>{MULTIPLIER}){_RANGE}(?P<unit>{KNOWN}|{ODD_UNIT})?"
    rf"(?:(?:/|(?P<each>每)){_PERIOD}|/(?P<per>{KNOWN}|[\u4e00-\u9fff]{{1,4}}?))?"
    rf"(?P<suffix>{SUFFIX})?(?:完成|办结)?"
)
# 每月一次, 每周不少于2次, 每月5000元; 一月一次, 两周1次, 半年一次; 1个月/次
EACH = re.compile(rf"每{_PERIOD}(?P<rest>.+)")
ONCE = re.compile(rf"(?:每|按)(?P<period>{_TIME})")
TURNS = re.compile(rf"(?P<times>{_NUMBER})(?P<period>{_TIME})(?:/次|(?P<number>{_NUMBER})次)")
RECURRING = re.compile(
    r"每(?:(?P<of_month>月|个月|季度|季)(?P<which>次月|首月|末月)?(?P<day>[0-9]{1,2})[日号]|(?P<of_year>年)(?P<month>[0-9]{1,2})月"
    r"(?P<month_day>[0-9]{1,2})[日号]|(?P<end_of>月|季度|季|年)(?:底|末))(?P<tail>之前|以前|前|内)?(?:完成)?"
)
SINCE = re.compile(
    r"(?:自|从|于)?(?P<event>[^0-9]{2,20}?)(?:之日起|之日|之后|以后|后|起)(?P<rest>.+)"
)
NOTHING = re.compile(
    rf"(?:零|无|不发生|未发生)(?:重大|较大|安全|责任|有效|质量|生产|人员|群体性|信息|数据){{0,3}}"
    rf"(?P<evil>{one_of(EVILS)})(?:事件|现象|情况)?"
)

_YEAR = "(?:19|20)[0-9]{2}"
DATE = (
    r"(?P<lead>不晚于|不迟于|最迟于?|最晚于?|截至|截止到?|预计在?|在|于|≤|<=)?(?<![0-9])(?:"
    rf"(?P<iso_year>{_YEAR})[-/.](?P<iso_month>[0-9]{{1,2}})[-/.](?P<iso_day>[0-9]{{1,2}})(?![0-9])"
    rf"|(?P<end_year>{_YEAR})?(?P<year_end>年(?:底|末))"
    rf"|(?:(?P<year>{_YEAR})年度?)?(?:"
    r"(?P<month>1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})月份?(?:(?P<day>[0-9]{1,2})[日号]|(?P<month_end>底|末))?"
    r"|第?(?P<quarter>[1-4一二三四])季度(?P<quarter_end>结束|末|底)?"
    r"|(?P<half>[上下])半年)"
    rf"|(?P<bare_year>{_YEAR})年度?"
    r")(?P<tail>之前|以前|前|之内|以内|内)?(?:全部)?(?:完成|建成|办结)?"
)
WHOLE_DATE = re.compile(DATE)
LATEST = (
    "不晚于",
    "不迟于",
    "最迟",
    "最迟于",
    "最晚",
    "最晚于",
    "截至",
    "截止",
    "截止到",
    "≤",
    "<=",
)

# What stands in running text: a known unit, a sign or 万 must show that a number is a quantity.
_PLAIN_START = r"(?<![0-9A-Za-z.\-—#_第/])"
_STRONG = r"(?:次(?!性)|个月|个?工作日|天|个?小时|周|个季度)"
EMBEDDED = re.compile(
    rf"(?P<date>{re.sub('[(][?]P<[a-z_]+>', '(?:', DATE)})"
    rf"|(?P<atom>(?:每{_TIME}{PREFIX}?{ARABIC}{MULTIPLIER}{KNOWN})"
    rf"|(?:{PREFIX}百分之|百分之){_NUMBER}(?:{SUFFIX})?"
    rf"|(?:{PREFIX}(?={ARABIC}{MULTIPLIER}))?{_PLAIN_START}{ARABIC}"
    rf"(?:{MULTIPLIER}{KNOWN}(?:/(?:{_TIME}|{KNOWN}))?|[十百千]?(?:万|亿)(?![\u4e00-\u9fff]))(?:{SUFFIX})?"
    rf"|{PREFIX}{ARABIC}{MULTIPLIER}"
    rf"|(?:{PREFIX}|(?<![第进统单逐唯万同某任])){CHINESE}{_STRONG}(?:{SUFFIX})?)"
)
# Titles, document numbers and dates of documents are no quantities.
CITED = re.compile(
    r"《[^》]{0,200}》|[\[〔【(][0-9]{4}[\]〕】)]第?[0-9]*号?|(?<![0-9])[0-9]++号(?=文|通知|令|公告)"
)

_ANCHOR = (
    r"(?:概算|预算|批复|规定|标准|合同|协议|中标|限额|定额|限价|核定|文件|政策|办法|法定|金额)"
)
REFERENCE: dict[Operator, re.Pattern[str]] = {
    "le": re.compile(
        rf"(?:不超|不高于|不多于|不大于|不突破|低于|小于|控制在).{{0,60}}{_ANCHOR}"
        r"|[在于].{0,20}(?:法定|规定|约定|合同|承诺).{0,12}内"
    ),
    "eq": re.compile(
        rf"(?:符合|按照?|依据|依照|根据|遵照|^执行).{{0,80}}{_ANCHOR}"
        r"|(?:批复|中标|合同|概算|预算|核定)(?:价格?|金额|数额?)$"
    ),
}
