"""Number: a decimal number that is no money, such as a rate or points."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from xltool.fields.amount import Amount, decimals
from xltool.fields.field import Field
from xltool.fields.reading import BLANK, Raw, Reading
from xltool.prose.nothing import NOT_APPLICABLE


class Number(Amount):
    """A decimal number that is no money: a rate, points. No unit of money is read into it."""

    title = "数字"
    options: ClassVar[tuple[str, ...]] = ("unit", "places", "signed")
    money = False
    blanks: ClassVar[tuple[str, ...]] = (*Amount.blanks, NOT_APPLICABLE)

    def number_format(self, field: Field) -> str:
        """Show all places."""
        return "0" + decimals(field)

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return the number as an amount is read; the field's own unit may be typed, 万 may not.

        不适用 says that there is no number (docs/domain.md §10.7, SE-010).
        """
        if not isinstance(raw, str):
            return super().read(raw, field)
        raw = raw.strip().removesuffix(field.unit or "")
        if raw == NOT_APPLICABLE:
            return BLANK
        return super().read(raw, replace(field, unit=None))

    def advice(self, field: Field) -> str:
        """Return number and places."""
        return f"数字，最多 {field.places} 位小数" if field.places else "整数"
