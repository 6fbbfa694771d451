"""Each file is judged, sent back and merged by the form and the layout that its own seal names."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from helpers import check_files, template
from kits import KITS

from xltool.checking.running import check
from xltool.form import edition
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding
from xltool.write.returned import write_returned

KIT = KITS["A"]
STRICT = """
[fields]
project_name.max_chars = 3
[rows]
"数量" = 4
"""


def filled(folder: Path, settings: str) -> tuple[Campaign, Path]:
    """An office with its own settings, and a correct return of its unit."""
    campaign = KIT.campaign(folder, settings)
    return campaign, KIT.fill(campaign, KIT.data(), folder / "return.xlsx")


def found_in(findings: list[Finding], path: Path) -> list[tuple[str, str, str]]:
    """The findings in one file, less those that compare files with each other."""
    return [
        (f.code, f.cell, f.message)
        for f in findings
        if f.file == str(path) and not f.code.startswith("XW")
    ]


def test_each_file_by_the_settings_of_its_own_seal(tmp_path: Path) -> None:
    _, strict = filled(tmp_path / "strict", STRICT)
    _, mild = filled(tmp_path / "mild", "")
    alone = {path: found_in(check_files(None, path), path) for path in (strict, mild)}
    assert [code for code, _, _ in alone[strict]] == ["TXT-002", "TPL-001"]
    assert [code for code, _, _ in alone[mild]] == ["TPL-001"]  # not verified
    for paths in ((strict, mild), (mild, strict)):
        together = check_files(None, *paths)
        assert {path: found_in(together, path) for path in paths} == alone


def test_rules_across_workbooks_see_all_editions(tmp_path: Path) -> None:
    """One unit handed in two workbooks, issued with different settings."""
    _, strict = filled(tmp_path / "strict", STRICT)
    _, mild = filled(tmp_path / "mild", "")
    across = [f for f in check_files(None, strict, mild) if f.code.startswith("XW")]
    assert {Path(f.file).parent.name for f in across} == {"strict", "mild"}


def test_many_editions_in_one_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """More than are kept: each is made again, and still the one that its file was read with."""
    _, strict = filled(tmp_path / "strict", STRICT)
    _, mild = filled(tmp_path / "mild", "")
    settings = settings_for(None, None)
    submissions = []
    for path in (mild, strict, mild, strict):
        edition.edition_of.cache_clear()
        submissions.append(read_file(path, settings))
        submissions[-1].file = str(len(submissions))
    found = check(Batch(submissions)).findings
    lengths = [f.file for f in found if f.code == "TXT-002"]
    assert lengths == ["2", "4"]


def labels(path: Path) -> dict[str, object]:
    """The printed texts of the first form sheet by their cells."""
    sheet = openpyxl.load_workbook(path)[KIT.sheet]
    cells = (cell for row in sheet.iter_rows() for cell in row)
    return {c.coordinate: c.value for c in cells if c.value is not None and c.protection.locked}


@pytest.mark.parametrize("later", ["", '[rows]\n"数量" = 12\n'])
def test_a_copy_goes_back_in_the_layout_of_its_seal(tmp_path: Path, later: str) -> None:
    """The office changed [rows] after it had issued."""
    campaign, _ = filled(tmp_path / "office", STRICT)
    data = KIT.data()
    data["projects"][0]["项目用途"] = ""
    path = KIT.fill(campaign, data, tmp_path / "return.xlsx")
    settings = campaign.folder / "campaign.toml"
    changed = settings.read_text("utf-8").replace('[rows]\n"数量" = 4\n', later)
    settings.write_text(changed, encoding="utf-8")
    now = load_campaign(campaign.folder)
    assert now.layout.digest != campaign.layout.digest
    batch = Batch([read_file(path, settings_for(now, None))], now)
    assert batch.submissions[0].seal == "ok"
    copies, notes = write_returned(batch, check(batch), tmp_path / "back")
    (back,) = copies.values()
    assert notes == []
    assert labels(back) == labels(template(campaign, KIT.unit))
    again = read_file(back, settings_for(now, None))
    assert again.seal == "ok"
    assert again.edition is not None
    issue = again.issue
    assert issue is not None
    assert again.edition.layout.digest == issue.layout == campaign.layout.digest
    values = [(row.table, row.values, row.cells) for row in batch.submissions[0].rows]
    assert [(row.table, row.values, row.cells) for row in again.rows] == values
    assert [fact for fact in again.sheets if fact.state == "shifted"] == []
