"""A campaign folder with a form of its own: its two files are given as texts."""

from __future__ import annotations

from pathlib import Path

from small import ROSTER, put_key, write_csv

from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue


def own_folder(folder: Path, form: str, layout: str, validator: str, settings: str = "") -> Path:
    """Write the folder; `settings` is appended to campaign.toml."""
    (folder / "templates" / form).mkdir(parents=True)
    (folder / "validators").mkdir()
    (folder / "templates" / form / "layout.xml.j2").write_text(layout, encoding="utf-8")
    (folder / "validators" / f"{form}.py").write_text(validator, encoding="utf-8")
    toml = f'form = "{form}"\nyear = 2027\n{settings}\n'
    (folder / "campaign.toml").write_text(toml, encoding="utf-8")
    write_csv(folder / "units.csv", ROSTER)
    put_key(folder)
    return folder


def own_campaign(
    folder: Path, form: str, layout: str, validator: str, settings: str = ""
) -> Campaign:
    """Write the folder, load the campaign and issue it."""
    campaign = load_campaign(own_folder(folder, form, layout, validator, settings))
    issue(campaign)
    return campaign
