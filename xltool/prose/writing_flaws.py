"""Flaws of writing that can be seen without understanding: brackets, quotes, doublings, years.

Each function names the first flaw of a text in words for the reader, or returns None
(docs/domain.md §10.2).
All are careful rather than complete, never raise, and take time that grows with the text only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

from xltool.prose.nothing import EMPTY_BEGINS, is_nothing, is_placeholder

_WORDLESS = re.compile(r"[\W_]+|0+(?:\.0+)?")
_GAP = re.compile(r"(?<![A-Za-z0-9×*])(?:[xX]{2,}|×{2,})(?![A-Za-z0-9×*])|[_＿]{3,}")
# cheap to look for: what a text without a gap lacks, and what one with words does not begin with
_GAP_SIGN = re.compile("[xX×_＿]{2}")
NOTHING_BEGINS = rf"^[\W_0{EMPTY_BEGINS}]"  # a pattern for Python and for polars
_NOTHING_BEGINS = re.compile(NOTHING_BEGINS)


def placeholder(text: str | None) -> str | None:
    """The word that stands for a text still to be written: 略, 待定, 见附件, XX, ……."""
    return _whole(is_placeholder, text) if text and _NOTHING_BEGINS.match(text) else None


def nothing_said(text: str | None) -> str | None:
    """The same, or 无, 同上, /, a lone 0 or mere punctuation; or the first gap in a text: 服务XX个社区."""
    if not text:
        return None
    if _NOTHING_BEGINS.match(text) and (found := _whole(is_nothing, text) or _wordless(text)):
        return found
    gap = _GAP.search(text) if _GAP_SIGN.search(text) else None
    return gap[0] if gap else None


def _wordless(text: str) -> str | None:
    """A text in which no word is said: mere punctuation, or a zero."""
    bare = re.sub(r"\s", "", text[:200])
    return bare if _WORDLESS.fullmatch(bare) else None


def _whole(test: Callable[[str], bool], text: str | None) -> str | None:
    if text is None or len(text) > 200:
        return None
    bare = re.sub(r"\s", "", text).strip("。，,；;（）()【】[]")
    return bare if test(bare) else None


_PAIRS: Mapping[str, tuple[str, str]] = {
    "）": ("（", "("), ")": ("(", "（"), "》": ("《", "〈"), "〉": ("〈", "《"), "”": ("“", "“"),
    "】": ("【", "["), "]": ("[", "【［〔﹝"), "］": ("［", "[【"), "〕": ("〔", "﹝[【［"), "﹞": ("﹝", "〔[【［"),
    "」": ("「", "『"), "』": ("『", "「"),
}  # fmt: skip
_OPENING = {pair[0] for pair in _PAIRS.values()}
_BRACKET = re.compile(f"[{re.escape(''.join([*_OPENING, *_PAIRS]))}]")
# 1) and a） number an item, 〈3万 compares: they open and close nothing
_NO_BRACKET = re.compile(
    r"(?:\A|(?<=[\s。；;，,、：:]))[0-9a-zA-Z一二三四五六七八九十]{1,2}[)）]|[〈〉]\s?(?=\d)"
)


def unpaired(text: str | None) -> str | None:
    """The first bracket or quote that has no partner, or one of another width: `（2027)`."""
    if not text or not _BRACKET.search(text):
        return None
    bare = _NO_BRACKET.sub(lambda match: " " * len(match[0]), text)
    stack: list[int] = []
    for match in _BRACKET.finditer(bare):
        at, sign = match.start(), match[0]
        if sign in _OPENING:
            stack.append(at)
        else:
            same, similar = _PAIRS[sign]
            top = bare[stack[-1]] if stack else ""
            if top and top != same and top in similar:
                return f"“{_around(bare, stack[-1], at)}”的括号前后不一致（{top}与{sign}）"
            if top != same:
                return f"“{_around(bare, at, at)}”里的{_kind(sign)}没有配对"
            stack.pop()
    if not stack:
        return None
    return f"“{_around(bare, stack[-1], stack[-1])}”里的{_kind(bare[stack[-1]])}没有配对"


def _kind(sign: str) -> str:
    """What the sign is called, with the sign where it can be seen among the quotes of a message."""
    return (
        "引号"
        if sign in "“”「」『』"
        else f"书名号 {sign} "
        if sign in "《》〈〉"
        else f"括号 {sign} "
    )


def _around(text: str, start: int, end: int) -> str:
    """A few characters of a text around a place, on one line."""
    if end - start > 24:
        start = end - 8
    return text[max(0, start - 6) : end + 7].replace("\n", " ").strip()


def escaped(text: str | None) -> str | None:
    """How a text begins without the quotes that copying from a spreadsheet left; None if it has none.

    Short spans in pairs are quotations (`"一网统管"平台`), unless one pair holds the whole text.
    """
    bare = (text or "").strip()
    if '""' in bare:
        return bare.replace('""', '"').strip('"')[:20]
    if not (bare.startswith('"') or bare.endswith('"')):
        return None
    spans = bare.split('"')
    quoted = spans[1::2]
    wrapped = len(spans) == 3 and not spans[0] and not spans[2]
    pairs = len(spans) % 2 == 1 and not any(re.search(r"[\n。；]", span) for span in quoted)
    return None if pairs and not wrapped else bare.strip('"')[:20]


_DOUBLED = re.compile(r"([\u3400-\u9fff]{2,20}?)\1")
# words that end one compound and begin the next: 社会管理管理人员, 云服务服务商
_COMPOUND = re.compile("服务|管理|数据|信息|系统|设备|安全|网络|平台|社会|工作|项目|人员")
# what makes a name of a word before it (安置安置房, 监督监督员), but not of such a word (用于用于人员)
_NAMING = frozenset("员者师家院室站所处部局科会费房商车工机队组点证率量金款品团长岗区")
_LEADING = re.compile(
    "用于|开展|进行|通过|根据|关于|为了|以及|按照|依据|包括|其中|需要|完成|实施|组织|落实"
)
_LEAST = 8  # characters of a clause that is told when it follows itself
_CLAUSE = re.compile(rf"[^，。；;、\n]{{{_LEAST},}}")

_STOPS = frozenset("，。；;\n")


def doubled(text: str | None) -> str | None:
    """A word, a clause or the beginning of a title that is written twice running."""
    text = text or ""
    for match in _DOUBLED.finditer(text):
        word = match[1]
        told_apart = _COMPOUND.fullmatch(word) or _begins_a_name(word, text[match.end() :][:1])
        if not told_apart and word[0] != "一" and word[0] != word[1]:
            return word
    return _spliced_title(text) or _repeated_clause(text)


def _begins_a_name(word: str, following: str) -> bool:
    """True where a doubled word may be a verb and the beginning of a name: 研究研究室."""
    return len(word) == 2 and following in _NAMING and not _LEADING.fullmatch(word)


def _spliced_title(text: str) -> str | None:
    """A title begun twice: 根据《云岭区社区根据《云岭区社区网格管理办法》."""
    if text.count("《") < 2:
        return None
    marks = [match.start() for match in re.finditer("《", text)]
    for first, second in pairwise(marks):
        period = second - first
        if period > 120:
            continue
        left, right = 0, 0
        while left < first and left < period and text[first - left - 1] == text[second - left - 1]:
            left += 1
        while right < period and text[first + right] == text[second + right : second + right + 1]:
            right += 1
        if left + right >= period >= 8:
            return text[first - left : second - left]
    return None


def _repeated_clause(text: str) -> str | None:
    """A clause of eight characters or more that follows itself; figures may well be the same twice."""
    if len(text) <= 2 * _LEAST:
        return None
    for one, other in pairwise(_CLAUSE.finditer(text)):
        follows = one[0] == other[0] and text[one.end() : other.start()] in _STOPS
        if follows and not re.search(r"\d", one[0]):
            return one[0]
    return None


_YEAR = re.compile(
    r"(?<![\d\-—~～至到/〔﹝\[【（(])(20\d\d)年度?(?!\s*\d{1,2}\s*月|[\-—~～至到起末底])"
)
_ANY_YEAR = re.compile(r"20\d\d")  # cheap to look for: what a text without another year lacks
_PLANS = re.compile(
    r"(?:全年|内|上半年|下半年|，)?(?:计划|拟|将|预计|继续|需|开展|完成|举办|组织|实施|推进|安排|实现|建成|保障|采购|新增|力争|确保)"
)
_NOT_NOW = re.compile(
    r"\d号|〔|﹝|印发|通知|《|》|方案|规划|纲要|标准|合同|协议|尾款|首款|款项|结算|结转|剩余|已|截至|截止|自|以来|上年|去年|往年|同比|较|相比"
    "|基础上|原|曾|历年|延续|到期|第三方评估|评定|考核结果|数据显示|统计|竣工|建于|成立|获得|启动以"
)
_SENTENCE = re.compile(r"[^，。；;\n]+")
# what is done this year about the year before: its awards are paid, its accounts audited, its yearbook printed
_SETTLES = re.compile(
    "(?:支付|付清|结清|发放|兑现|兑付|拨付|拨款|补发|补缴|缴纳|归还|偿还|清偿|报销|奖励|表彰|补贴|补助|评选|评定|清理|编印|编制|编纂|编写|出版"
    "|审计|验收|通报|公布|总结|回顾|核算|清算)[^，。；;\n]{0,6}$"
)
_OF_THE_PAST = re.compile(
    "[^，。；;\n]{0,14}?(?:奖|先进|优秀|十佳|考核|考评|评优|决算|审计|年鉴|年报|统计|报表|质保金|保证金|欠|遗留|存量|毕业|退役|退伍|卷"
    "|获评|评为|(?:完成|执行|开展|实施|落实|运行)情况|结果|成果|成效)"
)
_DONE_THEN = re.compile(
    rf"{_PLANS.pattern}(?:的|[^，。；;\n]{{0,4}}情况)|[^，。；;\n]{{0,4}}[建购签设]\w?的"
    r"|[^，。；;\n]{0,4}(?:启动|入职|立项|开工|动工|成立|竣工|引进|招聘|招录|录用|上线|开通|投用|中标|获批|批准|下达|出台|发布|认定|承接|移交)的"
)


def other_year(text: str | None, fy: int | None, *, goal: bool, long: bool) -> str | None:
    """A year of a plan that is not `fy`. `goal`: the text is about the year; `long`: about several."""
    if text is None or fy is None or {str(fy)}.issuperset(_ANY_YEAR.findall(text)):
        return None
    about_now = re.search(rf"{fy}\s*年|本年度?|当年|今年", text) is not None
    for clause in _SENTENCE.finditer(text):
        if _NOT_NOW.search(clause[0]):
            continue
        for match in _YEAR.finditer(clause[0]):
            year, plans = int(match[1]), _plans(clause[0], match)
            stale = year < fy and (plans or (goal and not about_now))
            early = year > fy and plans and not long and not about_now
            if (stale and not _is_settled(clause[0], match, plans=plans)) or early:
                return f"{year}年"
    return None


def _plans(clause: str, year: re.Match[str]) -> bool:
    """True where something is to be done in this year: 2027年开展巡查."""
    return _PLANS.match(clause, year.end()) is not None


def _is_settled(clause: str, year: re.Match[str], *, plans: bool) -> bool:
    """True where the clause may be about what was done in this year, and is paid or closed only now."""
    if _SETTLES.search(clause, 0, year.start()) or _DONE_THEN.match(clause, year.end()):
        return True
    return not plans and _OF_THE_PAST.match(clause, year.end()) is not None
