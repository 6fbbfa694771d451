"""An edition of a form: the form as an office adapts it for a year, and its layout.

Whatever is issued, read, checked, returned or merged belongs to one edition (docs/decisions, 9).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from xltool.form.computed_cells import formulas_of, in_order
from xltool.form.layout import Layout, Position
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.form.model import Form


@dataclass(frozen=True)
class Recipe:
    """What an edition is made of, as plain data: the same recipe gives the same edition.

    `form` is the id of the form; `own` is the folder of a campaign that brings its own forms;
    `changes` and `rows` are the sections [fields] and [rows] of campaign.toml as canonical JSON
    (see `canonical`); `fy` is the budget year; `zero_budget` the policy for budgets of 0 (`Form.adapted`).
    """

    form: str
    own: Path | None = None
    changes: str = "{}"
    rows: str = "{}"
    fy: int = 2000
    zero_budget: str = ""


@dataclass(frozen=True, eq=False)
class Edition:
    """A form and its layout. Between processes it travels as its recipe; made once in each."""

    recipe: Recipe
    form: Form

    @cached_property
    def layout(self) -> Layout:
        """The form's layout, rendered where somebody asks for it. Raises OfficeError (`render`)."""
        return render(self.form, self.recipe.fy)

    @cached_property
    def formulas(self) -> list[dict[Position, str]]:
        """The formulas of computed cells as issued, for each sheet of the layout by position."""
        return [formulas_of(self.form, self.layout, sheet) for sheet in self.layout.sheets]

    @cached_property
    def former_formulas(self) -> list[dict[Position, str]]:
        """The same as earlier versions of xltool issued them."""
        sheets = self.layout.sheets
        return [formulas_of(self.form, self.layout, sheet, former=True) for sheet in sheets]

    @cached_property
    def in_order(self) -> list[int]:
        """The sheets that are worked out together, by number and in their order (`computed_cells.in_order`)."""
        return in_order(self.form, self.layout)

    def __reduce__(self) -> tuple[Callable[[Recipe], Edition], tuple[Recipe]]:
        return edition_of, (self.recipe,)


@lru_cache(maxsize=64)
def edition_of(recipe: Recipe) -> Edition:
    """Return the edition of a recipe; it is made once in each process.

    Raises OfficeError where there is no such form, or where it cannot be adapted so.
    """
    form = load_form(recipe.form, recipe.own)
    form = form.adapted(json.loads(recipe.changes), json.loads(recipe.rows), recipe.zero_budget)
    return Edition(recipe, form)


def canonical(settings: Mapping[str, Any]) -> str:
    """Return settings as canonical JSON text: equal settings give equal text."""
    return json.dumps(settings, ensure_ascii=False, sort_keys=True)
