"""Code: digits that are no number, such as 项目编码 and 科目编码."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from xltool.fields.cell_formulas import APOSTROPHES
from xltool.fields.field import Field
from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.reading import BLANK, FULL_WIDTH, Raw, Reading, Value, shown
from xltool.fields.remarks import AS_NUMBER, TIDIED, Remark

_KEPT = 10**15  # from here on Excel does not keep all digits of a whole number

LOST_DIGITS = Remark(
    "lost_digits",
    "COD-001",
    "code_lost_its_digits",
    message="{label}存成了数字，末尾几位已经丢失（现为 {found}）",
    hint="请按项目库中的编码重新输入 {wanted}，不要从别处粘贴",
    documentation="""项目编码必须按文本保存：Excel 的数字只有 15 位有效，多出的位数无法恢复。

    | remark      | found                 |     |
    |             | 440399271063100100008 | ok  |
    | lost_digits | 4.40399271063E+20     | bad |
    """,
    integrity=True,
)
LOST_CODE = Remark(
    "lost_code",
    "COD-001",
    "code_is_no_longer_a_code",
    message="{label}存成了数字或日期，原来的编码已经看不出来（现为 {found}）",
    hint="请重新输入编码，不要从别处粘贴",
    documentation="""没有固定位数的编码也要按文本保存：超过 15 位的数字末尾已经丢失，小数和日期不是编码。

    15 位以内的整数照读，由 TPL-006 说明。

    | remark    | found             |     |
    |           | 2013601           | ok  |
    | lost_code | 4.40399271063E+20 | bad |
    | lost_code | 2027-01-01        | bad |
    """,
    integrity=True,
)


class Code(Kind):
    """Digits that are no number: kept as text, as Excel keeps only 15 digits (docs/domain.md §9.3)."""

    title = "编码"
    options: ClassVar[tuple[str, ...]] = ("digits",)
    blanks = APOSTROPHES

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return the digits; full-width digits, spaces and a stray apostrophe are fixed with a remark.

        A number has lost the digits that Excel does not keep. Only one that is short enough to have
        lost none is read, and only where the code has no fixed number of digits.
        """
        if raw is None:
            return BLANK
        if not isinstance(raw, str):
            return self._from_number(raw, field)
        text = re.sub(r"\s", "", raw.translate(FULL_WIDTH)).lstrip("'’‘")
        if not text:
            return BLANK
        return Reading(text, None if text == raw else "tidied")

    def _from_number(self, raw: Raw, field: Field) -> Reading:
        if field.digits:
            return Reading(None, "lost_digits")
        if not isinstance(raw, (int, float)) or not float(raw).is_integer() or abs(raw) >= _KEPT:
            return Reading(None, "lost_code")
        return Reading(str(int(raw)), "as_number")

    def remarks(self, field: Field) -> Sequence[Remark]:
        """Return what may be odd about a code."""
        return (TIDIED, LOST_DIGITS) if field.digits else (TIDIED, AS_NUMBER, LOST_CODE)

    def wanted(self, field: Field) -> str:
        """Return the number of digits."""
        return f"{field.digits} 位数字" if field.digits else "编码"

    def validation(self, field: Field) -> dict[str, Any] | None:
        """Allow exactly the number of digits, if it is fixed."""
        if not field.digits:
            return None
        return {"validate": "length", "criteria": "==", "value": field.digits}

    def advice(self, field: Field) -> str:
        """Return the number of digits, if it is fixed."""
        return f"{field.digits} 位数字，按文本填写" if field.digits else "编码，按文本填写"

    def used(self, raw: Raw, field: Field) -> Value:
        """Return the value that a formula uses: of a number its digits as it shows them."""
        if not isinstance(raw, str):
            return shown(raw) or None
        return super().used(raw, field)

    def live_tests(self, field: Field) -> Sequence[LiveTest]:
        """Return the test of the number of digits, if it is fixed, and the limits of any field."""
        tests = super().live_tests(field)
        if not field.digits:
            return tests
        statement, words = f"digits({field.name}, {field.digits})", f"是 {field.digits} 位数字"
        return [LiveTest("COD-001", statement, words), *tests]
