"""Text: free text, kept to the letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from xltool.fields.field import ANYTHING, Field
from xltool.fields.kind import Kind
from xltool.fields.reading import BLANK, Raw, Reading, from_text, shown
from xltool.fields.remarks import AS_NUMBER, INVISIBLE, Remark


class Text(Kind):
    """Free text, kept to the letter: only line breaks are unified and control characters taken out."""

    title = "文字"
    options: ClassVar[tuple[str, ...]] = (
        "max_chars",
        "max_bytes",
        "max_chars_severity",
        "multiline",
        "lists",
        "column",
        "looked_up",
    )
    free = True

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """Return the text as typed.

        White space only is blank; numbers and dates are read as a person sees them, with a remark.
        """
        if isinstance(raw, str):
            return from_text(raw)
        if raw is None:
            return BLANK
        return Reading(shown(raw), "as_number")

    def remarks(self, field: Field) -> Sequence[Remark]:  # noqa: ARG002
        """Return what may be odd about a text."""
        return (INVISIBLE, AS_NUMBER)

    def validation(self, field: Field) -> dict[str, Any] | None:
        """Allow at most `max_chars` where the limit is an error; a softer limit must not stop typing."""
        if field.max_chars is None or field.max_chars_severity != "error":
            return None
        return {"validate": "length", "criteria": "<=", "value": field.max_chars}

    def advice(self, field: Field) -> str:
        """Return the limit, if any."""
        return f"不超过 {field.max_chars} 字" if field.max_chars else ANYTHING
