"""A file that is saved again meanwhile: what is found, and the digest that says of what, are of the same bytes."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers import answers, fill_unit, make_campaign

from xltool.checking.running import check_files
from xltool.errors import OfficeError
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.workbook import opening, packages
from xltool.write.returned import returned_copies

UNIT = "226002"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """A campaign with one unit."""
    return make_campaign("target", tmp_path_factory.mktemp("office") / "c", units=[UNIT])


def filled(campaign: Campaign, path: Path, purpose: str) -> Path:
    """A return in which the purpose of the first project says this."""
    data = answers("target", UNIT)
    data["projects"][0]["项目用途"] = purpose
    return fill_unit(campaign, UNIT, data, path)


def test_saved_again_while_it_is_read(
    campaign: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = filled(campaign, tmp_path / "a.xlsx", "用于购置第一批图书。")
    second = filled(campaign, tmp_path / "b.xlsx", "用于购置第二批图书。")
    inspect, meant = packages.inspect, hashlib.sha256(first.read_bytes()).hexdigest()

    def saved_again(*given: Any) -> Any:
        shutil.copyfile(second, first)
        return inspect(*given)

    monkeypatch.setattr(opening, "inspect", saved_again)
    found = read_file(first, settings_for(campaign, None))
    assert found.sha256 == meant
    purposes = [row.values["purpose"] for row in found.rows if "purpose" in row.values]
    assert purposes[0] == "用于购置第一批图书。"


@pytest.mark.parametrize("change", ["saved", "gone", "damaged"])
def test_changed_between_check_and_copy(campaign: Campaign, tmp_path: Path, change: str) -> None:
    """No copy is written whose marks are about other values than it holds."""
    path = filled(campaign, tmp_path / "a.xlsx", "")
    other = filled(campaign, tmp_path / "b.xlsx", "用于购置图书。")
    with check_files([path], campaign, jobs=1, fresh=True) as run:
        (finding,) = run.verdict.of(0)
        assert (finding.code, finding.severity) == ("TXT-001", "error")
        if change == "saved":
            shutil.copyfile(other, path)
        elif change == "gone":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:5000])
        with pytest.raises(OfficeError) as refused:
            returned_copies(run.batch, run.verdict, tmp_path / "back")
    assert str(refused.value) == f"{path}：检查期间这个文件改动过，或者打不开了；请再检查一次"
    assert not (tmp_path / "back").exists()
