"""Campaigns with a form of their own, of which a test gives the two files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from small import ROSTER, small_campaign, small_folder

from xltool.office.campaign import Campaign

FORM = "own"
_COLUMNS = "列名,栏目\n单位编码,单位代码\n"


def write_form(
    folder: Path, layout: str, validator: str, columns: str = _COLUMNS, form: str = FORM
) -> None:
    """Put the files of the form into a campaign's folder; `columns` are those of import.csv."""
    (folder / "validators").mkdir(parents=True, exist_ok=True)
    (folder / "templates" / form).mkdir(parents=True, exist_ok=True)
    (folder / "validators" / f"{form}.py").write_text(validator, encoding="utf-8")
    (folder / "templates" / form / "layout.xml.j2").write_text(layout, encoding="utf-8")
    (folder / "templates" / form / "import.csv").write_text(columns, encoding="utf-8")


def own_folder(folder: Path, layout: str, validator: str, form: str = FORM) -> Path:
    """Write a campaign with this form, which need not load; returns its folder."""
    write_form(folder, layout, validator, form=form)
    small_folder(form, folder, projects=[["单位代码"]])
    return folder


def own_campaign(
    folder: Path,
    layout: str,
    validator: str,
    *,
    form: str = FORM,
    columns: str = _COLUMNS,
    settings: str = "",
    spare: int = 1,
    roster: Sequence[Sequence[str]] = ROSTER,
    projects: Sequence[Sequence[str]] = (["单位代码"],),
) -> Campaign:
    """Write, load and issue a campaign with this form."""
    write_form(folder, layout, validator, columns, form)
    return small_campaign(form, folder, settings, spare, roster, projects)
