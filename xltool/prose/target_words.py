"""The words of the 指标值 grammar: operators and patterns (docs/domain.md §1.4). Its units: units.py."""

from __future__ import annotations

import re
from typing import Literal

from xltool.prose.numerals import ARABIC, CHINESE, CHINESE_DIGITS, FORMAL, MULTIPLIER
from xltool.prose.units import KNOWN, PERIODS, first_of, one_of

Operator = Literal["ge", "le", "gt", "lt", "eq"]

SYMBOLS: dict[Operator, str] = {"ge": "≥", "le": "≤", "gt": ">", "lt": "<", "eq": "="}

_SIGNS: dict[Operator, str] = {
    "ge": "≥ ≧ ⩾ ≮ >= => ＞= ＞＝ ≥=",
    "le": "≤ ≦ ⩽ ≯ <= =< ＜= ＜＝ ≤=",
    "gt": "> ＞ ﹥ 〉",
    "lt": "< ＜ ﹤ 〈",
    "eq": "= ＝ ﹦",
}
# These bind a number that other words stand before: 至少培训50人, 不超过合同额的5%.
_BOUNDS: dict[Operator, str] = {
    "ge": "大于等于 大于或等于 不低于 不少于 不小于 不得低于 不得少于 不能低于 不能少于 不应低于 不应少于 至少 最少 未低于 未少于",
    "le": "小于等于 小于或等于 不超过 不高于 不多于 不大于 不超 不超出 不得超过 不得超出 不得高于 不得多于 不能超过 不能高于 不应超过"
    " 不应高于 不突破 未超过 未超出 未突破 没有超过 控制在 至多 最多",
}
# These bind what stands right behind them, or a share of something: 低于3%, 高于上年的5%.
_WORDS: dict[Operator, str] = {
    "ge": "最低 达到 达 力争达到 至少达到 至少达 至少为 至少有 提升至 提升到 提高至 提高到 增长至 增至 下限 下限为",
    "le": "最高 降至 降到 降低至 降低到 下降至 下降到 压减至 上限 上限为 最多不超过 最高不超过 严格控制在",
    "gt": "大于 高于 超过 多于 超 优于",
    "lt": "小于 低于 少于 不足 不满 不到 未达到 未达 没有达到",
    "eq": "等于",
}
_SIGN, _BOUND, _WORD = (
    {word: op for op, words in some.items() for word in words.split()}
    for some in (_SIGNS, _BOUNDS, _WORDS)
)
ABOUT = ("约", "大约", "约为", "近", "接近")
PREFIXES: dict[str, Operator | None] = {**_SIGN, **_BOUND, **_WORD, **dict.fromkeys(ABOUT)}
# 达 and 控制在 say little: 控制在5%以内, 达到5%以下 mean what the suffix says.
WEAK = ("达", "达到", "控制在", "严格控制在", "力争达到")
SUFFIXES: dict[str, Operator | None] = {
    "以上": "ge",
    "及以上": "ge",
    "或以上": "ge",
    "以下": "le",
    "及以下": "le",
    "或以下": "le",
    "以内": "le",
    "及以内": "le",
    "之内": "le",
    "内": "le",
    "封顶": "le",
    "为限": "le",
    "为上限": "le",
    "左右": None,
    "上下": None,
    "之间": None,
}
# What there should be none of: 零投诉, 无重大安全事故.
_EVILS = "投诉 事故 故障 差错 失误 违规 违纪 违法 泄密 泄露 上访 信访 举报 通报 伤亡 死亡 遗漏 缺陷 中断 纠纷 火灾 舆情 违约 返工 退货 拖欠 超支"
EVILS = _EVILS.split()

PREFIX = one_of(PREFIXES)
_BINDINGS = (*(sign for sign in _SIGN if _SIGN[sign] != "eq"), *_BOUND)
_BINDING = one_of(_BINDINGS)
SUFFIX = rf"(?:\(含\))?{one_of(SUFFIXES)}(?:\(含\))?"
# A unit that we do not know: one or two Chinese characters that mean nothing else here.
ODD_UNIT = rf"(?!{KNOWN}|{SUFFIX}|{PREFIX}|[或至到和及与前余多])(?:(?![十百千万亿])[\u4e00-\u9fff]){{1,2}}?"
_TIME = one_of(PERIODS)
_NUMBER = rf"(?:{ARABIC}|{CHINESE})"
_PERIOD = rf"(?P<times>{_NUMBER})?(?P<period>{_TIME})"
# Words between an operator and its number, perhaps with a year; what they end in 的 is a basis. None
# of them is another bound. The first branch is but for speed: most characters begin no bound.
_STOPS = r"0-9%，。；、,;:：！!?？≥≤<>=或\-"
_BEGIN = first_of(_BOUND) + "每"
_WORDS_BETWEEN = (
    rf"(?:[^{_STOPS}{_BEGIN}]|(?!{one_of(_BOUND)}|每{_TIME})[{_BEGIN}]|(?:19|20)[0-9]{{2}}年度?)"
)
_RANGE = rf"(?:(?P<unit1>{KNOWN})?[-~—–至到]{{1,2}}(?P<number2>{ARABIC}|{CHINESE})(?P<multiplier2>{MULTIPLIER}))?"

ATOM = re.compile(
    rf"(?P<prefix>{PREFIX})?(?P<hundredth>百分之)?(?P<number>-?{ARABIC}|{CHINESE}|{FORMAL})"
    rf"(?P<multiplier>{MULTIPLIER})(?P<odd>余|多)?{_RANGE}(?P<unit>{KNOWN}|{ODD_UNIT})?"
    rf"(?:(?:/|(?P<each>每)){_PERIOD}|/(?P<per>{KNOWN}|[\u4e00-\u9fff]{{1,4}}?)(?:/(?P<per2>{_TIME}|{KNOWN}))?)?"
    rf"整?(?P<suffix>{SUFFIX})?(?:完成|办结)?"
)
# ≥3/4, 1:3, 三分之二
RATIO = re.compile(
    rf"(?P<prefix>{PREFIX})?(?:(?P<part>[1-9][0-9]{{0,5}})(?P<sign>[/:：])(?P<whole>[1-9][0-9]{{0,5}})"
    rf"|(?!百分之)(?P<below>{_NUMBER})分之(?P<above>{_NUMBER}))(?P<suffix>{SUFFIX})?"
)
TIME_OF_DAY = re.compile(r"(?:[6-9]|1[0-9]|2[0-3])[:：][0-5][05]|[0-9]{1,2}[:：]0[0-9]")
# 至少培训50人, 不低于年初预算的90%, 合同额的5%以内, 至少每季度1次
WORDED = re.compile(
    rf"(?:(?P<bound>{_BINDING})(?P<words>{_WORDS_BETWEEN}{{0,16}}?)|(?P<op>{PREFIX})?(?P<basis>{_WORDS_BETWEEN}{{2,16}}?)的)"
    rf"(?P<rest>(?:每|百分之|(?!(?:19|20)[0-9]{{2}}年)[0-9]|{CHINESE}).*)"
)
# 每月一次, 每周不少于2次, 每人每月5000元; 一月一次, 两周1次, 半年一次; 1个月/次
EACH = re.compile(
    rf"每(?:{_PERIOD}|(?P<thing>{KNOWN})(?:每(?P<thing_period>{_TIME}))?)(?P<words>[^0-9%，。；、,;:：或不至]{{0,8}}?)(?P<rest>(?:{PREFIX}|[0-9]|{CHINESE}).*)"
)
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
    r"(?:全年|年内|本年度?|期间|目前|至今|均)?(?:零|无|没有|不|未)(?:再|曾)?(?:发生|出现|收到|接到|产生|存在)?(?:过|任何|一[起例次件宗单]){0,2}"
    r"(?:重大|较大|一般|安全|责任|有效|质量|生产|人员|群体性|群众|服务对象|市民|居民|相关|信息|数据|系统|网络|运行|负面){0,3}"
    rf"(?P<evil>{one_of(EVILS)})(?:事件|事故|现象|情况|情形|问题|案件|记录)?(?:发生|出现)?"
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
# What a Chinese numeral without a unit must look like to be a number: 三千五, not 一一.
SPELLED = re.compile(rf"[一二两三四五六七八九十][{CHINESE_DIGITS}]*[百千万亿][{CHINESE_DIGITS}]*")
# Without one of these characters a text holds no value.
NUMBERED = re.compile("[0-9零〇一二两三四五六七八九十百千半壹贰叁肆伍陆柒捌玖拾佰仟无不未每年月季]")
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


def _unnamed(pattern: str) -> str:
    """A pattern without the names of its groups."""
    return re.sub("[(][?]P<[a-z_0-9]+>", "(?:", pattern)


_DATE_BEGINS = "不最截预在于≤<年第上下"
_FEW = "(?:次|场次?|期|个|名|人次?|家|份|篇|台|套|辆|项|件|批次?|天|周|年|个?小时|个?工作日|个月|个季度)"
_SHOWN = rf"(?:{ARABIC}{MULTIPLIER}[余多]?{KNOWN}(?:/(?:{_TIME}|{KNOWN}))?|百分之{_NUMBER}|{CHINESE}{_FEW})"
EMBEDDED = re.compile(
    rf"(?=[{first_of(PREFIXES)}{_DATE_BEGINS}每百半{CHINESE_DIGITS}0-9])(?:"
    rf"(?P<bound>(?=[{first_of(_BINDINGS)}]){_BINDING}(?:{_WORDS_BETWEEN}{{1,16}}?|{_WORDS_BETWEEN}{{0,8}}?每{_TIME}{_WORDS_BETWEEN}{{0,8}}?)"
    rf"(?!(?:19|20)[0-9]{{2}}年){_SHOWN}(?:{SUFFIX})?"
    rf"|(?=[{first_of(PREFIXES)}]){PREFIX}{_WORDS_BETWEEN}{{2,16}}?的(?:{ARABIC}(?:%|倍)|百分之{_NUMBER})(?:{SUFFIX})?)"
    rf"|(?P<recurring>{_unnamed(RECURRING.pattern)})"
    rf"|(?P<date>{_unnamed(DATE)})"
    rf"|(?P<atom>(?:每(?:{KNOWN}每)?{_TIME}(?:{_WORDS_BETWEEN}{{0,4}}?)?(?:{PREFIX}(?:{_WORDS_BETWEEN}{{1,8}}?)?)?{ARABIC}{MULTIPLIER}{KNOWN}(?:{SUFFIX})?)"
    rf"|(?:{PREFIX}百分之|百分之){_NUMBER}(?:{SUFFIX})?"
    rf"|(?:{PREFIX}(?={ARABIC}{MULTIPLIER}))?{_PLAIN_START}{ARABIC}"
    rf"(?:{MULTIPLIER}{KNOWN}(?:/(?:{_TIME}|{KNOWN}))?|[十百千]?(?:万|亿)(?![\u4e00-\u9fff]))(?:{SUFFIX})?"
    rf"|(?<=[比例为])(?:{PREFIX})?[1-9][0-9]{{0,3}}[:：][1-9][0-9]{{0,3}}(?![0-9:：])"
    rf"|{PREFIX}{ARABIC}{MULTIPLIER}"
    rf"|(?:{PREFIX}|(?<![第进统单逐唯万同某任])){CHINESE}{_STRONG}(?:{SUFFIX})?))"
)
# 7×24小时, in whatever order.
ROUND_THE_CLOCK = re.compile(
    "(?:[57]天?[*xX]24(?:个?小时)?|24(?:个?小时)?[*xX][57](?:天|日)?)(?![\u4e00-\u9fff])"
)
# Titles, document numbers and dates of documents are no quantities.
CITED = re.compile(
    r"《[^》]{0,200}》|[\[〔【(][0-9]{4}[\]〕】)]第?[0-9]*号?|(?<![0-9])[0-9]++号(?=文|通知|令|公告)"
)

_ANCHOR = (
    r"(?:概算|预算|匡算|估算|结算|决算|批复|规定|标准|合同|协议|中标|限额|定额|限价|控制价|控制数|核定|审定|评审|下达|文件|政策|办法|法定|金额"
    r"|编制数|指标数|计划数)"
)
_EARLIER = r"(?:上年|去年|上一年|同期|往年|往期)"
REFERENCE: dict[Operator, re.Pattern[str]] = {
    "le": re.compile(
        rf"(?:不超|不高于|不多于|不大于|不突破|(?<!不)(?:低于|小于)|控制在).{{0,60}}(?:{_ANCHOR}|{_EARLIER})"
        r"|[在于].{0,20}(?:法定|规定|约定|合同|承诺).{0,12}内|(?:本|当)年度?内|(?<![0-9一二两三四五六七八九十近])年内(?:全部)?(?:完成|建成|实施|支付|办结)"
    ),
    "ge": re.compile(rf"(?:不低于|不少于|不小于|高于|优于).{{0,60}}(?:{_ANCHOR}|{_EARLIER})"),
    "eq": re.compile(
        rf"(?:符合|按照?|依据|依照|根据|遵照|^执行).{{0,80}}{_ANCHOR}"
        r"|(?:批复|中标|合同|概算|预算|核定)(?:价格?|金额|数额?)$"
    ),
}
