"""A claim such as `start_date <= end_date`, or that a cell is filled when another one says so.

It has no tolerance, and says nothing while a cell that it compares is blank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from xltool.fields.field import Field
from xltool.fields.tables import CONTEXT
from xltool.language.computing import is_clouded, usable
from xltool.language.excel import Address, cells_of, excel_of
from xltool.language.functions import ABOUT_BLANKS, Content
from xltool.language.nodes import Column, columns_in, names_in, singles_in
from xltool.language.parser import parse
from xltool.language.polars import polars_of
from xltool.language.statements import Label, RowStatement
from xltool.language.values import BLANK, RowContents, value_of
from xltool.language.verdicts import FAILS, HOLDS, SILENT, Verdict
from xltool.language.words import words_of


class Claim(RowStatement):
    """A statement over the fields of one record that must hold, perhaps only `when` another does.

    `said`: in words, where those made of the labels would be clumsy. Raises ValueError when a text is
    no such statement.
    """

    def __init__(self, text: str, when: str | None = None, said: str = "") -> None:
        self.text = text
        self._said = said
        self._holds = parse(text)
        self._when = parse(when) if when else None

    @cached_property
    def all_names(self) -> list[str]:
        """The fields, those of the statement first, without context such as `fy`."""
        return _fields([*names_in(self._holds), *names_in(self._when)])

    @cached_property
    def columns(self) -> Sequence[Column]:
        """The columns of other tables that it compares."""
        return [*columns_in(self._holds), *columns_in(self._when)]

    @property
    def singles(self) -> Sequence[Column]:
        """Those among them that it does not add up."""
        return [*singles_in(self._holds), *singles_in(self._when)]

    @cached_property
    def demanded(self) -> list[str]:
        """The fields of the statement itself: where it fails, one of them is to be fixed."""
        return _fields(names_in(self._holds))

    @cached_property
    def conditions(self) -> list[str]:
        """The fields on which it depends whether the statement is to hold."""
        return names_in(self._when)

    @cached_property
    def compared(self) -> list[str]:
        """The fields that must not be blank for the claim to say anything."""
        return _fields([*names_in(self._holds, ABOUT_BLANKS), *names_in(self._when, ABOUT_BLANKS)])

    @property
    def is_about_blanks(self) -> bool:
        """True if it says something of blank cells too: it compares none with another."""
        return not names_in(self._holds, ABOUT_BLANKS)

    @property
    def wants_filled(self) -> bool:
        """True if it fails where a cell is still to be filled."""
        if not self.is_about_blanks or set(self.demanded) & set(self.conditions):
            return False
        return not value_of(self._holds, lambda _name: BLANK)

    @property
    def to_fill(self) -> Sequence[str]:
        """The fields that it demands, if it fails while they are blank."""
        return self.demanded if self.wants_filled else ()

    def offends(self, fields: Mapping[str, Field] | None = None) -> pl.Expr:  # noqa: ARG002
        """Return an expression that is True where it does not hold; null or False else."""
        known = pl.all_horizontal(pl.lit(True), *(pl.col(n).is_not_null() for n in self.compared))
        wrong: pl.Expr = ~polars_of(self._holds)
        if self._when is not None:
            wrong = polars_of(self._when) & wrong
        return known & wrong

    def judge(
        self,
        values: Mapping[str, Any],
        fields: Mapping[str, Field] | None = None,
        row: Sequence[str] = (),  # noqa: ARG002
    ) -> Verdict:
        """Return the verdict on one record's values."""
        contents = RowContents(values)
        if contents.lacks(self.compared) or is_clouded(self.compared, contents, fields or {}):
            return ""
        if self._when is not None and not value_of(self._when, contents.__getitem__):
            return ""
        return "✔" if value_of(self._holds, contents.__getitem__) else "✘"

    def grade(
        self,
        address: Address,
        fields: Mapping[str, Field],
        context: Mapping[str, Any],
        row: Sequence[str] = (),  # noqa: ARG002
    ) -> str:
        """Return the piece of a formula that grades it."""
        cell = cells_of(address, fields, context)
        grade = f"IF({excel_of(self._holds, cell)},{HOLDS},{FAILS})"
        if self._when is not None:
            grade = f"IF({excel_of(self._when, cell)},{grade},{SILENT})"
        known = usable(self.compared, cell, fields)
        return f"IF({known},{grade},{SILENT})" if known else grade

    def may_be_about(self, printed: Mapping[str, Content]) -> bool:
        """Return whether its condition can hold where this is printed."""
        if self._when is None or not printed.keys() >= set(self.conditions):
            return True
        return bool(value_of(self._when, RowContents(printed).__getitem__))

    def coloured(self, fields: Mapping[str, Field], is_rows: bool, row: Sequence[str]) -> list[str]:  # noqa: ARG002
        """Return what is to be fixed; where something is to be filled, only once the unit has begun."""
        if not self.is_about_blanks:
            return self.all_names[:1]
        # in a row once the unit has typed something; of a record at first nothing is typed
        typed = [name for name in self.conditions if fields[name].filled_by == "unit"]
        return [] if self.wants_filled and not (is_rows and typed) else self.demanded

    def message(self, fields: Mapping[str, Field]) -> str:
        """Return a message that shows the figures that it compares, and the claim."""
        compared = [name for name in self.compared if name in fields]
        figures = "，".join(f"{{{name}.label}}为 {{{name}}}" for name in compared)
        return f"{figures}；应满足：{{equation}}" if figures else "应满足：{equation}"

    def words(self, label: Label) -> str:
        """Return the claim in the words of the form."""
        if self._said:
            return self._said
        word = _with_year(label)
        holds = words_of(self._holds, word)
        return f"{words_of(self._when, word)}时，{holds}" if self._when else holds


def _fields(names: Sequence[str]) -> list[str]:
    """Each once, without the context."""
    return [name for name in dict.fromkeys(names) if name not in CONTEXT]


def _with_year(label: Label) -> Callable[[str], str]:
    return lambda name: "填报年度" if name == "fy" else label(name)
