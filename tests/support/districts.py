"""Three districts with the same unit codes, and a city that merges what they hand up."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from helpers import EXAMPLES, answers, fill_unit
from merges import parts_here

from xltool.checking import running
from xltool.merging.merge import merge
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.csv_files import write_csv
from xltool.office.lower import COLUMNS, LOWER, Office, line_for
from xltool.write.issuing import issue

OURS = "440399"  # the district of the examples
DISTRICTS = {"440399": "云岭区", "440398": "松江区", "440397": "石湾区"}


# one unit of the declaration example becomes one of a third department, which its codes name
_THIRD = {
    "云岭区大数据运营服务中心,云岭区政务服务和数据管理局,106": (
        "云岭区大数据运营服务中心,云岭区大数据管理局,107"
    ),
    "440399261063100205004": "440399261073100205004",
    "440399241061500705005": "440399241071500705005",
    "440399271063100400031": "440399271073100400031",
}


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


def make_district(example: str, code: str, base: Path, settings: str = "") -> District:
    """A district like that of an example, with its own key, and good returns of all its units.

    `settings` is appended to its campaign.toml.
    """
    name = DISTRICTS[code]
    folder = base / f"{example}-{code}"
    folder.mkdir(parents=True)
    for path in (EXAMPLES / example).iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            text = _of(text, code)
            text += settings if path.name == "campaign.toml" else ""
            (folder / path.name).write_text(text, encoding="utf-8")
    (folder / KEY_FILE).parent.mkdir()
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    campaign = load_campaign(folder)
    issue(campaign)
    returns = base / f"{example}-{code}-returns"
    returns.mkdir()
    for unit in campaign.units:
        text = json.dumps(answers(example, unit), ensure_ascii=False)
        data = json.loads(_of(text, code))
        fill_unit(campaign, unit, data, returns / f"{unit}.xlsx").with_suffix(".json").unlink()
    return District(code, name, campaign, returns)


def _of(text: str, code: str) -> str:
    """A text of the examples as this district has it."""
    for old, new in {**_THIRD, OURS: code, DISTRICTS[OURS]: DISTRICTS[code]}.items():
        text = text.replace(old, new)
    return text


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


@dataclass(frozen=True)
class Region:
    """Three districts of one form, and the result that each of them handed up, by their codes."""

    example: str
    base: Path
    districts: Mapping[str, District]
    results: Mapping[str, Path]

    def city(self, folder: Path) -> Campaign:
        """A city above them that has merged nothing yet."""
        return make_city(self.example, self.districts, folder)


@cache
def region(example: str) -> Region:
    """The districts of an example, made once; whoever changes a result changes a copy."""
    base = Path(tempfile.mkdtemp(prefix="xltool-region-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    districts = {code: make_district(example, code, base) for code in DISTRICTS}
    results = {code: base / f"{code}-result" for code in districts}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        for code, district in districts.items():
            merge([district.returns], results[code], district.campaign, accept_warnings=True)
    return Region(example, base, districts, results)
