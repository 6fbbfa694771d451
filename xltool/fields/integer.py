"""Integer: a whole number in a range, such as years or a number of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import polars as pl

from xltool.fields.cell_formulas import APOSTROPHES
from xltool.fields.field import Field
from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.reading import Raw, Reading, Value, from_whole, is_number
from xltool.fields.remarks import AS_TEXT, NOT_A_NUMBER, Remark
from xltool.prose.nothing import STROKES

OUT_OF_RANGE = Remark(
    "out_of_range",
    "AMT-011",
    "number_is_out_of_range",
    message="{label}为 {found}，超出可填的范围",
    hint="请核对后重新输入；范围见填报说明",
    documentation="""年限、个数等整数要在该栏目可填的范围内。

    | remark       | found |     |
    |              | 3     | ok  |
    | out_of_range | -3    | bad |
    """,
    integrity=True,
)


class Integer(Kind):
    """A whole number between `minimum` and `maximum`."""

    title = "整数"
    options: ClassVar[tuple[str, ...]] = ("minimum", "maximum")
    numeric = True
    align = "right"
    blanks = (*STROKES, *APOSTROPHES)

    def number_format(self, field: Field) -> str:  # noqa: ARG002
        """Show no places."""
        return "0"

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Return Int64."""
        return pl.Int64()

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return the whole number; digits typed as text get a remark, and so does one out of range."""
        reading = from_whole(raw)
        number = reading.value
        if isinstance(number, int) and not _within(number, field):
            return Reading(None, "out_of_range")
        return reading

    def remarks(self, field: Field) -> Sequence[Remark]:  # noqa: ARG002
        """Return what may be odd about a whole number."""
        return (NOT_A_NUMBER, OUT_OF_RANGE, AS_TEXT)

    def validation(self, field: Field) -> dict[str, Any] | None:
        """Allow the range."""
        return {
            "validate": "integer",
            "criteria": "between",
            "minimum": field.minimum,
            "maximum": field.maximum,
        }

    def advice(self, field: Field) -> str:
        """Return the range."""
        return f"{field.minimum}–{field.maximum} 的整数"

    def usable(self, cell: str, field: Field) -> str:
        """True for a whole number within the range."""
        ends = ((">=", field.minimum), ("<=", field.maximum))
        within = "".join(f"*({cell}{sign}{end})" for sign, end in ends if end is not None)
        return f"IF(ISNUMBER({cell}),(INT({cell})={cell})*(ABS({cell})<1E+15){within},0)"

    def value(self, cell: str, field: Field) -> str:  # noqa: ARG002
        """The number itself."""
        return cell

    def used(self, raw: Raw, field: Field) -> Value:
        """Return the number; None for one that stands there as text."""
        return super().used(raw, field) if is_number(raw) else None

    def live_tests(self, field: Field) -> Sequence[LiveTest]:
        """Return the test that a whole number stands there, and the limits of any field."""
        return [self.readable(field, "AMT-011"), *super().live_tests(field)]


def _within(number: int, field: Field) -> bool:
    low, high = field.minimum, field.maximum
    return (low is None or low <= number) and (high is None or number <= high)
