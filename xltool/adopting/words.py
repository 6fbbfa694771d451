"""What the words on a form say of a field: limits, units of money, must it be filled."""

from __future__ import annotations

import re

_LIMITS = (
    re.compile(r"(?:限|限制|不超过|不多于|不得超过|控制在|最多)\s*(\d{1,4})\s*(?:个)?(?:汉)?字"),
    re.compile(r"(\d{1,4})\s*(?:个)?(?:汉)?字(?:以内|之内|内)"),
)
_UNIT = re.compile(r"(?:[（(，,、：:]|单位[：:]?|^)\s*(元|千元|万元|百万元|亿元)\s*(?:[）)]|$)")
_MONEY = re.compile(
    r"金额|资金|预算|经费|拨款|收入|支出|总额|投资|财政|补助|结转|结余|决算|费用|费$"
)
_COUNTED = re.compile(r"(?:率|比例|比重|分值|得分|权重|总分|幅度)(?:[（(*].*)?$|％|%")
_EIGHT_DIGITS = re.compile(r"如\s*[：:]?\s*(?:19|20)\d{6}(?!\d)")
_DATE = re.compile(r"日期|起始时间|开始时间|完成时间|结束时间|填报时间")
_CODE = re.compile(r"编码|代码")
_MUST = re.compile(r"(?:[此本该]?[项栏]|为)?(?:必填|必须填写)[项栏]?")
_STARRED = re.compile(r"[*＊★]\s*\w|.*\w\s*[*＊★]$")


def has_words(text: str) -> bool:
    """True if a text is more than figures and strokes."""
    return bool(re.search(r"[^\W\d_]", text))


def limit_in(text: str) -> int | None:
    """The number of 字 that a text allows: 限40字以内, 不超过150字, 40字以内; None without one."""
    for pattern in _LIMITS:
        found = pattern.search(text)
        if found:
            return int(found[1])
    return None


def unit_in(text: str) -> str | None:
    """The unit of money that a label or a line says: （万元）, 单位：元; None without one."""
    found = _UNIT.search(text)
    return found[1] if found else None


def is_required(text: str) -> bool:
    """True if a label, or one sentence of a remark by itself, says that the field must be filled."""
    sentences = [part.strip() for part in re.split(r"[\n。；，,;（）()]", text)]
    return any(_MUST.fullmatch(part) or _STARRED.match(part) for part in sentences)


def is_required_sometimes(text: str) -> bool:
    """True if a remark says of some cases only that the field must be filled."""
    return "必填" in text and not is_required(text)


def means_money(label: str) -> bool:
    """True for the label of a sum of money."""
    return bool(_MONEY.search(label)) and not _COUNTED.search(label)


def means_points(label: str) -> bool:
    """True for the label of points, weights and rates, which are numbers and no money."""
    return bool(_COUNTED.search(label)) and not unit_in(label)


def means_date(label: str) -> bool:
    """True for the label of a day."""
    return bool(_DATE.search(label)) or shows_eight_digits(label)


def shows_eight_digits(label: str) -> bool:
    """True where a label says that a day is written 20190101."""
    return bool(_EIGHT_DIGITS.search(label))


def means_code(label: str) -> bool:
    """True for the label of a code."""
    return bool(_CODE.search(label)) and "及" not in label


def is_total(text: str) -> bool:
    """True for the printed text of a row of totals."""
    return bool(re.search(r"合\s*计|总\s*计|小\s*计|共\s*计|总\s*分", text))
