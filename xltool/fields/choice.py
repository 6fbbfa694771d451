"""Choice: one of a list, which a campaign may replace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from xltool.fields.field import Field
from xltool.fields.kind import Kind
from xltool.fields.reading import Raw, Reading
from xltool.fields.remarks import AS_NUMBER, INVISIBLE, TIDIED, Remark
from xltool.fields.text import Text
from xltool.prose.unseen import TYPED_SPACES

_FEW = 4  # choices that the advice names


class Choice(Kind):
    """One of a list. Which values the list has may be changed by a campaign."""

    title = "选项"
    options: ClassVar[tuple[str, ...]] = ("choices", "choices_open", "lists", "column", "of")
    listed = True

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return the text without surrounding spaces; whether it is on the list a rule asks (TXT-020)."""
        reading = Text().read(raw, field)
        if not isinstance(reading.value, str):
            return reading
        stripped = reading.value.strip(TYPED_SPACES)
        tidied = stripped != reading.value and reading.remark is None
        return Reading(stripped, "tidied" if tidied else reading.remark)

    def remarks(self, field: Field) -> Sequence[Remark]:  # noqa: ARG002
        """Return what may be odd about a choice."""
        return (TIDIED, INVISIBLE, AS_NUMBER)

    def validation(self, field: Field) -> dict[str, Any] | None:  # noqa: ARG002
        """Allow what is on the list."""
        return {"validate": "list"}

    def advice(self, field: Field) -> str:
        """Return the choices, if they are few."""
        few = f"：{'／'.join(field.choices)}" if len(field.choices) <= _FEW else ""
        return f"从下拉列表中选择{few}"
