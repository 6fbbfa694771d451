"""A form that the office changed after it had issued it: said once in a run, of no unit.

Such returns are judged by the form that they were issued with, or by what campaign.toml says of it now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xltool.form.differences import told_differences
from xltool.form.edition import Recipe, edition_of
from xltool.office.campaign import Campaign
from xltool.returns.submissions import Batch

_STANDING = ("ok", "unlisted", "other_columns")  # of seals: what was not issued anew since


def changed_forms(batch: Batch) -> list[str]:
    """A line for each earlier state of the campaign's form of which returns came, and what is different now."""
    return [] if batch.campaign is None else list(_lines(batch, batch.campaign))


def _lines(batch: Batch, campaign: Campaign) -> Iterator[str]:
    now = campaign.edition
    counts: Counter[Recipe] = Counter(
        found.issued_as
        for _, found in batch.counted()
        if found.seal in _STANDING
        and found.issued_as is not None
        and found.issued_as.form == now.recipe.form
        and found.issued_as.fy == now.recipe.fy
    )
    for recipe, count in counts.items():
        if recipe == now.recipe:
            continue
        then = edition_of(recipe)
        judged = "下发时的规则" if recipe.own != now.recipe.own else "现在的设置"
        yield (
            f"下发之后，本级改过这张表（{told_differences(then, now)}）：{count} 份按下发时的版面、{judged}检查，"
            "不算单位的问题；要用新表的，请重新下发"
        )
