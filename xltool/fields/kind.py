"""`Kind`: what is to be known of a kind of value. One file beside this one for each kind there is.

A new kind is a subclass, in the validator file of a form if nobody else needs it: what it overrides
is all that the toolkit knows of it, from the format of its cells to the rules on its findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import polars as pl

from xltool.fields.cell_formulas import is_one_of, stripped
from xltool.fields.live import LiveTest
from xltool.fields.reading import Raw, Reading, Value
from xltool.fields.remarks import Remark

if TYPE_CHECKING:
    from xltool.fields.field import Field

_LONGEST = 3000  # characters that a list of choices may take in a formula
Side = Literal["left", "right"]
# attributes of a field that mean something whatever its kind
OPTIONS_OF_ALL = (
    *(
        "required",
        "required_when",
        "own_blank_rule",
        "filled_by",
        "new_only",
        "prefill",
        "approved",
        "comment",
        "computed",
    ),
    "examples",
)


class Kind:
    """A kind of value. It has no state: everything that varies is in the `Field`.

    `numeric`: its cells hold numbers, as amounts, whole numbers and days do. `money`: they are sums of
    money in the field's unit. `amounts`: they are decimal numbers, money or not. `listed`: its cells
    have a dropdown of the field's choices. `free`: it is free text. `align` is the side of the cell at
    which its values stand. `blanks` are the texts that its reader takes for nothing. `title` is what
    people call it; `options` are the attributes of a field that it makes use of, beside those of every
    kind; None says nothing of that: a kind of a form may use any.
    """

    numeric: ClassVar[bool] = False
    money: ClassVar[bool] = False
    amounts: ClassVar[bool] = False
    listed: ClassVar[bool] = False
    free: ClassVar[bool] = False
    align: ClassVar[Side] = "left"
    blanks: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""
    options: ClassVar[tuple[str, ...] | None] = None

    def takes(self, option: str) -> bool:
        """Return whether an attribute of a field means anything to this kind."""
        return self.options is None or option in (*self.options, *OPTIONS_OF_ALL)

    # -- reading and showing ------------------------------------------------------------------------

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return what stands in a cell, as a value of this kind. Never raises, whatever it holds."""
        raise NotImplementedError

    def remarks(self, field: Field) -> Sequence[Remark]:  # noqa: ARG002
        """Return the remarks that reading a cell of this field can give, each with its rule."""
        return ()

    def wanted(self, field: Field) -> str:
        """Return what should stand in the cell, as the hint of a remark shows it: {wanted}."""
        return self.advice(field)

    def parse(self, text: str, field: Field) -> Value:
        """Return the value that the office supplies as text (projects.csv, the seal, answers).

        Raises ValueError when the text is no such value.
        """
        reading = self.read(text, field)
        if reading.unreadable:
            raise ValueError(text)
        return reading.value

    def show(self, value: Value, field: Field) -> str:  # noqa: ARG002
        """Return the value as the form shows it, for messages."""
        return "" if value is None else str(value)

    def plain(self, value: Value) -> str:
        """Return the value as unformatted text (CSV, JSON, seal), which `parse` reads back."""
        return "" if value is None else str(value)

    # -- column and cell ----------------------------------------------------------------------------

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Return the polars type of the column."""
        return pl.String()

    def number_format(self, field: Field) -> str:  # noqa: ARG002
        """Return Excel's format of the cell."""
        return "@"

    def validation(self, field: Field) -> dict[str, Any] | None:  # noqa: ARG002
        """Return XlsxWriter's options of the data validation, without texts; None for any value.

        {"validate": "list"} stands for the dropdown of the field's choices, which the writer places.
        """
        return None

    def advice(self, field: Field) -> str:  # noqa: ARG002
        """Return what may stand in the cell, one short Chinese phrase for prompt and guide."""
        return ""

    # -- what a formula sees in a cell, or in each cell of a range -----------------------------------

    def filled(self, cell: str, field: Field) -> str:  # noqa: ARG002
        """Return a formula that is true where the reader finds something, readable or not."""
        if not self.blanks:
            return f"(LEN({stripped(cell)})>0)"
        return f"NOT({is_one_of(stripped(cell), ('', *self.blanks))})"

    def usable(self, cell: str, field: Field) -> str:
        """Return a formula that is true where formulas can use the value.

        They cannot use a number or a date that stands there as text, which the reader can.
        """
        return self.filled(cell, field)

    def acceptable(self, cell: str, field: Field) -> str:
        """Return a formula that is true where the value can be used and is within its bounds."""
        return self.usable(cell, field)

    def value(self, cell: str, field: Field) -> str:  # noqa: ARG002
        """Return a formula for the value as the reader has it: a text without outer spaces."""
        return stripped(cell)

    def is_filled(self, raw: Raw, field: Field) -> bool:
        """Return what the formula of `filled` gives where a cell holds this."""
        reading = self.read(raw, field)
        return reading.value is not None or reading.unreadable

    def used(self, raw: Raw, field: Field) -> Value:
        """Return the value that a formula uses where a cell holds this; None where it cannot."""
        return self.read(raw, field).value

    def is_acceptable(self, raw: Raw, field: Field) -> bool:
        """Return what the formula of `acceptable` gives where a cell holds this."""
        return self.used(raw, field) is not None

    # -- live tests ----------------------------------------------------------------------------------

    def live_tests(self, field: Field) -> Sequence[LiveTest]:
        """Return what the workbook tells of one cell of this field while the unit types.

        The limits that any field may have: its length in 字, and the list of its choices.
        """
        tests, name = [], field.name
        if field.max_chars:
            limit = field.max_chars
            statement, words = f"fits({name}, {limit})", f"不超过 {limit} 字"
            severity = field.severity_of_length
            tests.append(LiveTest("TXT-002", statement, words, severity, f"filled({name})"))
        if field.choices and sum(len(word) + 12 for word in field.choices) < _LONGEST:
            statement = f"listed({name}, {', '.join(map(repr, field.choices))})"
            words, severity = "是下拉列表中的值", field.severity_of_choice
            tests.append(LiveTest("TXT-020", statement, words, severity, f"filled({name})"))
        return tests

    def readable(self, field: Field, code: str) -> LiveTest:
        """Return the live test that a cell, if filled, holds a value of this kind within its bounds."""
        words = f"是{self.advice(field)}"
        return LiveTest(code, f"acceptable({field.name})", words, when=f"filled({field.name})")
