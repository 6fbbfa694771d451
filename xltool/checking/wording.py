"""From a failing row to its finding: the words, the numbers and the cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from xltool.checking.checks import Check, with_columns
from xltool.form.model import TableView
from xltool.returns.extracting import Row, Subject
from xltool.rules.findings import Finding

_QUOTED, _BEGINNING = 500, 300  # characters of a text in a message; of a longer one
_LONG = 32_767  # characters that a cell of Excel has room for: a formula may be longer


class Shown(str):
    """A value as the form shows it; `.label` is its printed label."""

    __slots__ = ("label",)
    label: str


def finding_of(
    table: TableView,
    check: Check,
    row: Row,
    words: Mapping[str, Any],
    at: str | None,
    file: str,
    record: str,
    workbook: int | None,
) -> Finding:
    """Make the finding of a check at a row of a table.

    `words` are the values that its message and hint may name (`worded`); `at` is the field whose
    cell it belongs to, None for the first of the check; `record` is what the project is called,
    `workbook` the number of its submission in the batch.
    """
    names = [name for name in check.cells if name in row.cells]
    if at is not None:
        names = [at, *(name for name in names if name != at)]
    first = names[0] if names else ""
    column = table.fields.get(first)
    place = row.subject or Subject(
        row.cells.get(first, ""), first, column.short_label if column else ""
    )
    cells = tuple(row.cells[name] for name in names if name in row.cells) or (place.cell,)
    brief = {name: _brief(word) for name, word in words.items()}
    return Finding(
        code=check.code,
        severity=check.severity,
        file=file,
        sheet=row.sheet,
        cell=place.cell,
        cells=tuple(cell for cell in cells if cell),
        record=record,
        field=place.field,
        label=place.label,
        value=str(brief.get(first or "found", "")),
        expected=str(brief.get("expected", brief.get("right", ""))),
        message=check.message.format_map(brief),
        hint=check.hint.format_map(brief),
        workbook=workbook,
        integrity=check.rule.integrity,
        shared=check.rule.shared,
    )


def _brief(word: Any) -> Any:
    """A text as a message quotes it: a long one is cut, since no cell has room for a page."""
    if not isinstance(word, str) or len(word) <= _QUOTED:
        return word
    short = Shown(f"{word[:_BEGINNING]}……（共 {len(word)} 字）")
    short.label = word.label if isinstance(word, Shown) else ""
    return short


def _whole(word: Any) -> str:
    """A value as a finding holds it: whole, unless it is longer than any form has room for."""
    text = str(word)
    return text if len(text) <= _LONG else f"{text[:_BEGINNING]}……（共 {len(text)} 字）"


def worded(
    table: TableView, frame: pl.DataFrame, check: Check, rows: Sequence[int]
) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Give for each failing row (its number, what its message may name, the field it belongs to)."""
    details = dict(check.details)
    if check.at is not None:
        details["_at"] = check.at
    details |= {name: pl.col(name) for name in check.looked_up}
    whole = with_columns(frame, check.looked_up, check.given, unused=check.rule.unused)
    seen = whole.with_columns(**details).select("row", *details)  # never none
    extra = seen.filter(pl.col("row").is_in(list(rows))).to_dicts()
    for row, more, values in zip(rows, extra, frame[list(rows)].to_dicts(), strict=True):
        words: dict[str, Any] = {
            "unit_code": values["unit_code"],
            "fy": values["fy"],
            **check.words,
        }
        for name, column in table.fields.items():
            if name not in values:
                continue  # a narrow frame
            shown = Shown(column.show(values[name]))
            shown.label = column.short_label
            words[name] = shown
        at = more.pop("_at", None)
        more.pop("row")
        words.update({name: _plain(value) for name, value in more.items()})
        yield row, words, at


def _plain(value: object) -> str:
    """A value as a message shows it: two decimals, and further ones only up to the last that is not 0."""
    if isinstance(value, Decimal):
        whole, point, places = f"{value:,}".partition(".")
        return whole + point + places[:2] + places[2:].rstrip("0")
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{value:,}" if not isinstance(value, (str, int)) and value is not None else str(value)
