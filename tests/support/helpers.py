"""What the tests share: a campaign from the examples, units that fill in, edits, checks."""

from __future__ import annotations

import atexit
import copy
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook

from xltool.checking.running import check
from xltool.merging.merge import merge
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding
from xltool.write.filling import fill
from xltool.write.issuing import issue

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FORMS = {
    "budget": "longgang_2023_budget",
    "declaration": "futian_2024_declaration",
    "declaration_2022": "futian_2022_declaration",
    "national": "national_2015_declaration",
    "selfeval": "longhua_2021_selfeval",
    "target": "longhua_2021_target",
    "unit": "longgang_2023_unit",
}

# A fixed key: the same templates in every run. It protects nothing.
TEST_KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""

Data = dict[str, Any]
Found = tuple[str, str, str]  # code, sheet, cell


def make_campaign(
    example: str,
    folder: Path,
    settings: str = "",
    *,
    lists: Mapping[str, Sequence[str]] | None = None,
    units: Sequence[str] = (),
) -> Campaign:
    """Copy an example campaign into `folder`, issue it; `settings` is appended to campaign.toml.

    `lists`: list of the office → a text of it and what stands there instead; `units`: only to these.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in EXAMPLES.joinpath(example).iterdir():
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    for name, (old, new) in (lists or {}).items():
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text, old
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    key = folder / KEY_FILE
    key.parent.mkdir(exist_ok=True)
    key.write_bytes(TEST_KEY)
    public = seal.public_text(seal.load_key(key).public_key())
    key.with_suffix(".pub").write_text(public + "\n", encoding="ascii")
    campaign = load_campaign(folder)
    if campaign.targets:
        approve(campaign.targets)
    issue(campaign, units)
    return campaign


_NOTED = ("合并记录.csv", "检查记录.csv", "审核记录.csv", "取舍.csv", "下级记录.csv")


def own_copy(campaign: Campaign, folder: Path) -> Campaign:
    """The same campaign in a folder of its own, where nothing was noted yet: for tests that decide."""
    shutil.copytree(campaign.folder, folder, ignore=shutil.ignore_patterns(*_NOTED))
    return load_campaign(folder)


def approve(folder: Path) -> None:
    """Put the approved targets of two units of the example `target` into a folder: a real merge."""
    shutil.copytree(_merged_targets(), folder, dirs_exist_ok=True)


@cache
def _merged_targets() -> Path:
    base = Path(tempfile.mkdtemp(prefix="xltool-targets-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    units = ("226002", "238001")
    campaign = make_campaign("target", base / "campaign", units=units)
    files = [fill_unit(campaign, u, answers("target", u), base / f"{u}.xlsx") for u in units]
    result = merge(files, base / "merged", campaign, accept_warnings=True, jobs=1)
    assert [entry.outcome for entry in result.entries] == ["merged", "merged"]
    return base / "merged"


def answers(example: str, unit: str) -> Data:
    """A unit's answers, to be changed freely."""
    text = (EXAMPLES / example / "answers" / f"{unit}.json").read_text(encoding="utf-8")
    data: Data = json.loads(text)
    return data


def template(campaign: Campaign, unit: str) -> Path:
    """The workbook issued to a unit."""
    return campaign.folder / "issued" / campaign.units[unit].file_name


def fill_unit(campaign: Campaign, unit: str, data: Mapping[str, Any], out: Path) -> Path:
    """Fill a unit's template with data; returns the file."""
    source = out.with_suffix(".json")
    named = (
        {"unit": unit} if isinstance(data.get("unit"), str) else {}
    )  # a form may have such a table
    own = {**copy.deepcopy(data), **named}
    source.write_text(json.dumps(own, ensure_ascii=False), encoding="utf-8")
    fill(template(campaign, unit), source, out, campaign)
    return out


def edit(path: Path, change: Callable[[Workbook], object], out: Path) -> Path:
    """Change a workbook as a unit might after unlocking it, with openpyxl."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(out)
    return out


def check_files(campaign: Campaign | None, *paths: Path, form: str | None = None) -> list[Finding]:
    """Findings of some files, read in this process (no worker), as one run."""
    settings = settings_for(campaign, form)
    batch = Batch([read_file(path, settings) for path in paths], campaign)
    return check(batch).findings


def places(findings: list[Finding], *, least: str = "info") -> list[Found]:
    """(code, sheet, cell) of findings at least as grave as `least`."""
    wanted = {"error": ["error"], "warning": ["error", "warning"]}.get(least)
    return [(f.code, f.sheet, f.cell) for f in findings if wanted is None or f.severity in wanted]
