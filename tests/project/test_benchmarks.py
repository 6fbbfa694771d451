"""What the READMEs quote of the measurements, and that what is compared does the same work.

`make bench` itself runs small in test_make.py. Nothing here looks at how long anything takes.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import bench_check
import by_address
import openpyxl
import pytest
from helpers import ROOT, answers, check_files, fill_unit, make_campaign
from measuring import Cost, in_turns, ratios, whole
from oddities import what_is_odd
from quoting import QUOTED, SOURCE, WORDS, with_quotation
from run import QUESTIONS

from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file

MIB = 2**20


def measured() -> dict[str, Any]:
    """The measurements that are committed."""
    found: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", WORDS)
def test_the_readmes_quote_what_was_measured(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert with_quotation(text, measured(), WORDS[name]) == text, "run: make docs"


def test_the_committed_measurements_are_whole() -> None:
    found = measured()
    assert what_is_odd(found) == []
    pairs = {
        (name, ratio["of"], ratio["to"])
        for name, answer in found["questions"].items()
        for ratio in answer["ratios"]
    }
    assert pairs >= set(QUOTED)
    assert all(Path(bench_check.__file__).with_name(f"bench_{n}.py").is_file() for n in QUESTIONS)


def test_what_is_odd_is_seen() -> None:
    found = measured()
    del found["date"]
    found["questions"]["issue"]["rows"][0]["wall"] = 0.0
    del found["questions"]["merge"]["ratios"][0]["peak"]
    found["questions"]["start"]["ratios"][0]["to"] = "nobody"
    del found["questions"]["workers"]
    odd = [line.split(": {")[0] for line in what_is_odd(found)]
    assert odd == ["no date", "no workers", "issue", "merge", "start"]


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Campaign, Path]:
    """A return with mistakes, named by its unit."""
    folder = tmp_path_factory.mktemp("benchmarks")
    lists = {"campaign.toml": ("spare = 2", "spare = 0")}
    campaign = make_campaign("declaration", folder / "campaign", lists=lists, units=["106001"])
    answer = answers("declaration", "106001")
    answer["projects"][0]["测算依据"] = "按往年水平测算"
    answer["projects"][1]["年度目标"] = ""
    return campaign, fill_unit(campaign, "106001", answer, folder / "106001.xlsx")


def test_the_script_reads_what_xltool_reads(returned: tuple[Campaign, Path]) -> None:
    """By address, with either library: the same rows with the same values."""
    campaign, path = returned
    submission = read_file(path, settings_for(campaign, None))
    ours = [(row.table, row.record, row.values) for row in submission.rows if row.used]
    for read in (by_address.openpyxl_lines, by_address.calamine_lines):
        found = read(campaign, path)
        assert [line[:2] for line in found] == [line[:2] for line in ours]
        for (*_, values), (*_, wanted) in zip(found, ours, strict=True):
            assert {name: wanted[name] for name in values} == values


def test_the_script_finds_what_xltool_finds(returned: tuple[Campaign, Path]) -> None:
    """As many failures of the form's rules as there are findings of these."""
    campaign, path = returned
    codes = {rule.code for rule in campaign.form.rules if not rule.together}
    found = [finding for finding in check_files(campaign, path) if finding.code in codes]
    assert len(found) == bench_check.failures(campaign, path) > 0


def test_every_cell_is_counted_alike(returned: tuple[Campaign, Path]) -> None:
    campaign, path = returned
    ways = (bench_check.calamine, bench_check.openpyxl_full, bench_check.openpyxl_read_only)
    counts = {way(str(campaign.folder), str(path.parent))() for way in ways}
    book = openpyxl.load_workbook(path)
    assert counts == {sum(sheet.max_row * sheet.max_column for sheet in book.worksheets)}


def test_memory_and_time_of_a_whole_tree() -> None:
    """A program whose child holds memory and works while it waits itself."""
    child = f"x = bytearray(b'x' * {64 * MIB}); import time; time.sleep(0.5); sum(range(3_000_000))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    cost = whole([sys.executable, "-c", parent])
    assert 64 < cost.peak < 256
    assert cost.user + cost.system > 0
    assert cost.wall >= 0.5


def test_a_program_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="no such thing"):
        whole([sys.executable, "-c", "raise SystemExit(print('no such thing') or 2)"])


def test_turns_medians_and_ratios() -> None:
    turns: list[str] = []

    def run(name: str, user: float) -> Cost:
        turns.append(name)
        return Cost(user, 0.0, 1.0, peak=len(turns))

    runs = {("slow", "the slow one"): partial(run, "slow", 4.0)}
    runs["quick", "the quick one"] = partial(run, "quick", 1.0)
    rows = in_turns(runs, count=2, rounds=3)
    assert turns == ["slow", "quick"] * 3
    slow, quick = rows
    assert (slow.user, slow.count, slow.rounds, slow.peak) == (4.0, 2, 3, 3)
    assert quick.cpu == 1.0
    (ratio,) = ratios(rows, ("slow", "quick"))
    assert (ratio.of, ratio.to, ratio.user, ratio.peak) == ("slow", "quick", 4.0, 3 / 4)
