"""Campaigns with a form of their own, of which a test gives the two files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from small import ROSTER, small_campaign

from xltool.office.campaign import Campaign

FORM = "own"


def write_form(
    folder: Path, layout: str, validator: str, columns: str = "列名,栏目\n单位编码,单位代码\n"
) -> None:
    """Put the files of the form into a campaign's folder; `columns` are those of import.csv."""
    (folder / "validators").mkdir(parents=True, exist_ok=True)
    (folder / "templates" / FORM).mkdir(parents=True, exist_ok=True)
    (folder / "validators" / f"{FORM}.py").write_text(validator, encoding="utf-8")
    (folder / "templates" / FORM / "layout.xml.j2").write_text(layout, encoding="utf-8")
    (folder / "templates" / FORM / "import.csv").write_text(columns, encoding="utf-8")


def own_campaign(
    folder: Path,
    layout: str,
    validator: str,
    *,
    columns: str = "列名,栏目\n单位编码,单位代码\n",
    settings: str = "",
    spare: int = 1,
    roster: Sequence[Sequence[str]] = ROSTER,
    projects: Sequence[Sequence[str]] = (["单位代码"],),
) -> Campaign:
    """Write, load and issue a campaign with this form."""
    write_form(folder, layout, validator, columns)
    return small_campaign(FORM, folder, settings, spare, roster, projects)
