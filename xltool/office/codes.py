"""Codes that a spreadsheet has altered in an office's list: it keeps 15 digits of a number, and shows few."""

from __future__ import annotations

import re

_KEPT = 15  # digits of a number
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?[Ee]\+?\d+")
_DECIMAL = re.compile(r"\d+\.0+")
_AGAIN = "请先把这一列设为文本，再重新输入"


def altered(label: str, code: str) -> str:
    """Return in Chinese what a spreadsheet did to a code, and what to do; nothing where it seems whole."""
    if _SCIENTIFIC.fullmatch(code):
        return f"{label}“{code}”变成了科学计数，末尾的数字已经丢失；{_AGAIN}"
    if _DECIMAL.fullmatch(code):
        return f"{label}“{code}”变成了小数；{_AGAIN}"
    lost = len(code) - _KEPT
    if code.isdecimal() and lost > 0 and not code[_KEPT:].strip("0"):
        return (
            f"{label}“{code}”的末尾 {lost} 位都是 0，多半已被 Excel 改掉（只保留 15 位）；{_AGAIN}"
        )
    return ""


def wrong_digits(label: str, code: str, digits: int) -> str:
    """Return in Chinese that a code has not its number of digits, and what to do; nothing where it has."""
    if re.fullmatch(rf"[0-9]{{{digits}}}", code):
        return ""
    now = f"现为 {len(code)} 位" if code.isdecimal() else "不能有别的字符"
    return f"{label}“{code}”应为 {digits} 位数字，{now}；请核对后重新输入"
