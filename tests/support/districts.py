"""Three districts with the same unit codes, and a city that merges what they hand up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers import EXAMPLES, answers, fill_unit

from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.csv_files import write_csv
from xltool.office.lower import COLUMNS, LOWER, Office, line_for
from xltool.write.issuing import issue

OURS = "440399"  # the district of the examples
DISTRICTS = {"440399": "云岭区", "440398": "松江区", "440397": "石湾区"}


@dataclass(frozen=True)
class District:
    """One district: its campaign, and the folder with what its units handed in."""

    code: str
    name: str
    campaign: Campaign
    returns: Path

    @property
    def key(self) -> str:
        """Its public key."""
        key = self.campaign.public_key
        assert key is not None
        return key


def make_district(example: str, code: str, base: Path) -> District:
    """A district like that of an example, with its own key, and good returns of all its units."""
    name = DISTRICTS[code]
    folder = base / f"{example}-{code}"
    folder.mkdir(parents=True)
    for path in (EXAMPLES / example).iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            text = text.replace(OURS, code).replace(DISTRICTS[OURS], name)
            (folder / path.name).write_text(text, encoding="utf-8")
    (folder / KEY_FILE).parent.mkdir()
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    campaign = load_campaign(folder)
    issue(campaign)
    returns = base / f"{example}-{code}-returns"
    returns.mkdir()
    for unit in campaign.units:
        text = json.dumps(answers(example, unit), ensure_ascii=False)
        data = json.loads(text.replace(OURS, code).replace(DISTRICTS[OURS], name))
        fill_unit(campaign, unit, data, returns / f"{unit}.xlsx").with_suffix(".json").unlink()
    return District(code, name, campaign, returns)


def make_city(example: str, districts: Mapping[str, District], folder: Path) -> Campaign:
    """The campaign of a city, which knows the districts' keys and has no roster of its own."""
    folder.mkdir(parents=True)
    shutil.copyfile(EXAMPLES / example / "campaign.toml", folder / "campaign.toml")
    text = (folder / "campaign.toml").read_text(encoding="utf-8")
    text = text.replace(f'district = "{OURS}"', 'district = ""').replace("云岭区 ", "云海市 ")
    (folder / "campaign.toml").write_text(text, encoding="utf-8")
    (folder / KEY_FILE).parent.mkdir()
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    lines = [line_for(Office(d.code, d.name, d.key)) for d in districts.values()]
    write_csv(folder / LOWER, [COLUMNS, *lines])
    return load_campaign(folder)
