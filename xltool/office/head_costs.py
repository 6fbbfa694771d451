"""What a project may cost for each of its people: the section `[yuan_per_head]` of campaign.toml (AMT-026).

    [yuan_per_head]
    "劳务派遣" = 150000

Of projects with that word in their names, in 元 for a person and year.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.fields.tables import Amount, Table, amount, text
from xltool.form.model import Form
from xltool.rules.declaring import Reference

SETTING = "yuan_per_head"
SOURCE = f"campaign.toml 的 [{SETTING}]"
RULE = "AMT-026"


class HeadCost(Table):
    """每人每年最多多少元。"""

    word: str = text("项目名称中的词")
    most: Amount = amount("每人每年最多", unit="元")


HEAD_COSTS = Reference(SOURCE, HeadCost, "每人每年的上限")


def head_costs_of(settings: Mapping[str, Any], form: Form, path: Path) -> Mapping[str, Decimal]:
    """The most that a person may cost in a year, in 元, by a word of the project's name.

    Raises OfficeError for what is no amount, and for a form that does not count people.
    """
    if settings and all(rule.code != RULE for rule in form.rules):
        words = f"这张表没有按人数核对的规则（{RULE}），请删去 [{SETTING}]"
        raise OfficeError(words, path)
    for word, most in settings.items():
        if not word.strip():
            raise OfficeError(f"[{SETTING}] 的项目名称用词不能是空的", path)
        is_number = isinstance(most, int | float) and not isinstance(most, bool)
        if not is_number or not isfinite(most) or not 0 < most < 10**9:
            told = f"[{SETTING}] {word} 应为大于 0 的数，单位元（每人每年），如 150000，现为 {most}"
            raise OfficeError(told, path)
    return {word.strip(): Decimal(str(most)) for word, most in settings.items()}


def frame_of(costs: Mapping[str, Decimal]) -> pl.DataFrame | None:
    """The settings as a list that rules look up; None where there are none."""
    if not costs:
        return None
    schema = {name: column.kind.dtype(column) for name, column in HeadCost.fields().items()}
    return pl.DataFrame({"word": [*costs], "most": [*costs.values()]}, schema=schema)
