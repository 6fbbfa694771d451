"""A claim such as `start_date <= end_date`, or that a cell is filled when another one says so.

Like an equation it becomes a polars expression (the check), an Excel formula (the live check) and a
verdict on plain values. It has no tolerance, and says nothing while a cell that it compares is blank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import polars as pl

from xltool.fields import cell_formulas
from xltool.fields.kinds import Field
from xltool.fields.tables import CONTEXT
from xltool.language.equations import as_seen, as_written
from xltool.language.syntax import evaluate, excel_of, names_in, parse, words_of
from xltool.language.verdicts import FAILS, HOLDS, SILENT, Verdict, sign_formula

_ABOUT_BLANKS = ("filled", "given", "says")  # functions that know what to say of a blank cell


class Claim:
    """A statement over the fields of one record that must hold, perhaps only `when` another does.

    `said`: in words, where those made of the labels would be clumsy.

    Raises ValueError when a text is no such statement.
    """

    def __init__(self, text: str, when: str | None = None, said: str = ""):
        self.text = text
        self._said = said
        self._holds = parse(text)
        self._when = parse(when) if when else None
        for part in (self._holds, self._when):
            if part is not None:
                excel_of(part, as_written(str))  # refuses what is not allowed

    @cached_property
    def all_names(self) -> list[str]:
        """The fields, those of the statement first, without context such as `fy`."""
        names = names_in(self._holds) + (names_in(self._when) if self._when else [])
        return [name for name in dict.fromkeys(names) if name not in CONTEXT]

    @property
    def wants_filled(self) -> bool:
        """True if it fails where a cell is still to be filled."""
        return self.is_about_blanks and not evaluate(self._holds, lambda _name: None)

    @property
    def is_about_blanks(self) -> bool:
        """True if it says something of blank cells too: it compares none with another."""
        return not names_in(self._holds, _ABOUT_BLANKS)

    @cached_property
    def conditions(self) -> list[str]:
        """The fields on which it depends whether the statement is to hold."""
        return names_in(self._when) if self._when else []

    @cached_property
    def demanded(self) -> list[str]:
        """The fields of the statement itself: where it fails, one of them is to be mended."""
        return [name for name in dict.fromkeys(names_in(self._holds)) if name not in CONTEXT]

    @cached_property
    def compared(self) -> list[str]:
        """The fields that must not be blank for the claim to say anything."""
        parts = [part for part in (self._holds, self._when) if part is not None]
        names = [name for part in parts for name in names_in(part, _ABOUT_BLANKS)]
        return [name for name in dict.fromkeys(names) if name not in CONTEXT]

    def offends(self) -> pl.Expr:
        """True where it does not hold; null or False else."""
        known = pl.all_horizontal(pl.lit(True), *(pl.col(n).is_not_null() for n in self.compared))
        wrong: pl.Expr = ~evaluate(self._holds, pl.col)
        if self._when is not None:
            wrong = evaluate(self._when, pl.col) & wrong
        return known & wrong

    def judge(self, values: Mapping[str, Any]) -> Verdict:
        """The verdict on one record's values."""
        if any(values.get(name) is None for name in self.compared):
            return ""
        if self._when is not None and not evaluate(self._when, values.get):
            return ""
        return "✔" if evaluate(self._holds, values.get) else "✘"

    def grade(
        self, address: Callable[[str], str], fields: Mapping[str, Field], context: Mapping[str, Any]
    ) -> str:
        """The part of a formula that grades it (`cell_formulas.VERDICTS`); `address` gives a field's cell."""
        cells = as_seen(address, fields, context)
        grade = f"IF({excel_of(self._holds, cells)},{HOLDS},{FAILS})"
        if self._when is not None:
            grade = f"IF({excel_of(self._when, cells)},{grade},{SILENT})"
        usable = "*".join(
            cell_formulas.usable(address(word), fields[word]) for word in self.compared
        )
        return f"IF({usable},{grade},{SILENT})" if usable else grade

    def excel(
        self, address: Callable[[str], str], fields: Mapping[str, Field], context: Mapping[str, Any]
    ) -> str:
        """The formula that shows the verdict; `address` gives a field's cell, `context` e.g. fy."""
        return sign_formula(self.grade(address, fields, context))

    def words(self, label: Callable[[str], str]) -> str:
        """The claim in the words of the form."""
        if self._said:
            return self._said

        def word(name: str) -> str:
            return "填报年度" if name == "fy" else label(name)

        holds = words_of(self._holds, word)
        return f"{words_of(self._when, word)}时，{holds}" if self._when else holds
