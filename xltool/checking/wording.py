"""From a failing row to its finding: the words, the numbers and the cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from string import Formatter
from typing import Any

import polars as pl

from xltool.checking.checks import Check, with_columns
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.model import TableView
from xltool.prose.quoting import MOST, first_difference, quoted
from xltool.returns.extracting import Row, Subject
from xltool.returns.origins import line_of
from xltool.rules.findings import Finding, Whose

_COMPARED = ("expected", "found")  # words of facts
_QUOTED, _BEGINNING = 500, 300  # characters of a text that a finding holds; of a longer one


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
    whose: Whose,
    behind: Sequence[str] = (),
) -> Finding:
    """Make the finding of a check at a row of a table.

    `words` are the values that its message and hint may name (`worded`); `at` is the field whose
    cell it belongs to, None for the first of the check; `record` is what the project is called.
    `whose` it is, and the fields `behind` it, whose cells it concerns too, `checking.whose` says.
    """
    names = [name for name in check.cells if name in row.cells]
    if at is not None:
        names = [at, *(name for name in names if name != at)]
    first = names[0] if names else ""
    column = table.fields.get(first)
    place = row.subject or Subject(
        row.cells.get(first, ""), first, column.short_label if column else ""
    )
    there = dict.fromkeys([*names, *behind])
    cells = tuple(row.cells[name] for name in there if name in row.cells) or (place.cell,)
    held = {name: _held(word) for name, word in words.items()}
    if table.name == "cell":
        brief = _around_the_difference(held)
    elif table.name in FACT_TABLES:
        brief = held
    else:
        brief = {name: _brief(words[name]) for name in _named_in(check) if name in words}
    said = (check.message, check.hint, check.rule.mended, check.rule.refill)
    message, hint, mended, refill = (_told(text, brief, place.cell) for text in said)
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
        value=str(held.get(first or "found", "")),
        expected=str(held.get("expected", held.get("right", ""))),
        message=message,
        hint=hint,
        integrity=check.rule.integrity,
        shared=check.rule.shared,
        whose=whose,
        mended=mended,
        refill=refill,
    )


def _told(text: str, words: Mapping[str, Any], cell: str) -> str:
    """A message or hint with its words; a row whose name is blank is named by its line, a blank figure as such."""
    for name, word in words.items():
        if isinstance(word, Shown) and not word and f"{{{name}}}" in text:
            if line := line_of(cell):
                text = text.replace(f"“{{{name}}}”", f"第 {line} 行")
            text = text.replace(f" {{{name}}}", "（空）")
    return text.format_map(words)


def _brief(word: Any) -> Any:
    """A word as a message has it: of what a unit wrote, no more than a sentence has room for."""
    return _like(word, quoted(word)) if isinstance(word, Shown) else _held(word)


def _around_the_difference(words: Mapping[str, Any]) -> Mapping[str, Any]:
    """What should stand in a cell and what was found there, both around the first place where they differ."""
    texts = [words[name] for name in _COMPARED if isinstance(words.get(name), str)]
    start = first_difference(*texts) if len(texts) == len(_COMPARED) else 0
    return {
        name: _like(word, quoted(word, start))
        if name in _COMPARED and isinstance(word, str) and len(word) > MOST
        else word
        for name, word in words.items()
    }


def _held(word: Any) -> Any:
    """A word as a finding holds it: a long text is cut, since no cell has room for a page."""
    if not isinstance(word, str) or len(word) <= _QUOTED:
        return word
    return _like(word, f"{word[:_BEGINNING]}……（共 {len(word)} 字）")


def _like(word: str, text: str) -> str:
    """A text in the place of another one, under the same label."""
    shown = Shown(text)
    shown.label = word.label if isinstance(word, Shown) else ""
    return shown


def worded(
    table: TableView, frame: pl.DataFrame, check: Check, rows: Sequence[int]
) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Give for each failing row (its number, what its finding may name, the field it belongs to)."""
    details = dict(check.details)
    if check.at is not None:
        details["_at"] = check.at
    details |= {name: pl.col(name) for name in check.looked_up}
    whole = with_columns(frame, check.looked_up, check.given, unused=check.rule.unused)
    seen = whole.with_columns(**details).select("row", *details)  # never none
    extra = seen.filter(pl.col("row").is_in(list(rows))).to_dicts()
    wanted = {
        *_named_in(check),
        *_COMPARED,
        "right",
        *check.cells,
        *(row.get("_at") for row in extra),
    }
    fields = {name: column for name, column in table.fields.items() if name in wanted}
    columns = [name for name in fields if name in frame.columns]  # a narrow frame has not all
    labels = {name: fields[name].short_label for name in columns}
    told = frame.select(list(dict.fromkeys(["unit_code", "fy", *columns])))[list(rows)]
    for row, more, values in zip(rows, extra, told.to_dicts(), strict=True):
        words: dict[str, Any] = {
            "unit_code": values["unit_code"],
            "fy": values["fy"],
            **check.words,
        }
        for name in columns:
            shown = Shown(fields[name].show(values[name]))
            shown.label = labels[name]
            words[name] = shown
        at = more.pop("_at", None)
        more.pop("row")
        words.update({name: _plain(value) for name, value in more.items()})
        yield row, words, at


def _named_in(check: Check) -> Collection[str]:
    """What the texts of a check may name: {name} or {name.label}."""
    return _names(check.message, check.hint, check.rule.mended, check.rule.refill)


@lru_cache(maxsize=4096)
def _names(*texts: str) -> Collection[str]:
    """The names in some texts, each once."""
    parts = (part for text in texts for part in Formatter().parse(text))
    return dict.fromkeys(name.split(".")[0] for _, name, _, _ in parts if name)


def _plain(value: object) -> str:
    """A value as a message shows it: two decimals, and further ones only up to the last that is not 0."""
    if isinstance(value, Decimal):
        whole, point, places = f"{value:,}".partition(".")
        return whole + point + places[:2] + places[2:].rstrip("0")
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{value:,}" if not isinstance(value, (str, int)) and value is not None else str(value)
