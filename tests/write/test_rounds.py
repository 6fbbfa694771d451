"""Rounds: which one a copy is of, its name, and its seal."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from helpers import answers, check_files, fill_unit
from test_returned import UNIT, faulty, give_back, handed_in

from xltool import check, read
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.check_log import LogLine, add_to_log
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.write.returned import write_returned
from xltool.write.rounds import Rounds

SHA = "0123456789abcdef" * 4


def sent(campaign: Campaign, *digests: str) -> None:
    """The log says that these files of the unit were sent back."""
    lines = [
        LogLine("2026-11-02 09:00", UNIT, "a.xlsx", digest, "failed", 1, 0, returned=True)
        for digest in digests
    ]
    add_to_log(campaign.folder, lambda: lines)


def round_in(path: Path) -> int:
    """The round that the seal of a workbook says."""
    found = seal.unseal(str(openpyxl.load_workbook(path)["_xltool"]["A1"].value))
    assert found is not None
    assert found.intact
    return found.issue.round


@pytest.mark.parametrize(
    ("stem", "number", "name"),
    [
        ("106001_云岭区政务服务中心", 1, "106001_云岭区政务服务中心_退回1.xlsx"),
        ("106001_云岭区政务服务中心_退回1", 2, "106001_云岭区政务服务中心_退回2.xlsx"),
        ("106001_退回1_退回2", 3, "106001_退回3.xlsx"),
        ("106001_退回9", 10, "106001_退回10.xlsx"),
        ("106001_退回1_01234567", 2, "106001_退回2.xlsx"),
        ("106001_退回1 (1)", 2, "106001_退回2.xlsx"),
        ("106001_退回1（2）", 2, "106001_退回2.xlsx"),
        ("106001_退回1 - 副本", 2, "106001_退回2.xlsx"),
        ("106001_退回件", 1, "106001_退回件_退回1.xlsx"),
        ("退回1", 2, "退回1_退回2.xlsx"),
        ("a\u202egnp.b\x07\u200b", 1, "agnp.b_退回1.xlsx"),
        ("a/b:c?", 1, "a_b_c__退回1.xlsx"),
        ("\u202e", 1, "退回件_退回1.xlsx"),
        ("单" * 90, 1, "单" * 80 + "_退回1.xlsx"),
        ("单" * 90 + "_退回1", 2, "单" * 80 + "_退回2.xlsx"),
    ],
)
def test_the_name_has_one_round(stem: str, number: int, name: str) -> None:
    found = Rounds(None).name(stem, number, SHA)
    assert found == name
    assert len(found.encode()) <= 255


def test_names_of_a_run_differ() -> None:
    rounds = Rounds(None)
    names = [rounds.name(stem, 1, SHA) for stem in ("单" * 90, "单" * 91, "单" * 92)]
    assert names == [
        "单" * 80 + "_退回1.xlsx",
        "单" * 77 + "_退回1_01234567.xlsx",
        "单" * 77 + "_退回1_01234567_2.xlsx",
    ]
    assert max(len(name.encode()) for name in names) <= 255


def test_the_log_says_the_round(declaration: Campaign, tmp_path: Path) -> None:
    campaign = replace(declaration, folder=_copy_of(declaration, tmp_path / "office"))
    path = handed_in(campaign, tmp_path, faulty)
    (back,), _, _ = give_back(campaign, tmp_path / "a", path)
    assert (back.name, round_in(back)) == ("handed_in_退回1.xlsx", 1)
    sent(campaign, SHA, SHA[::-1], SHA)  # two files, one of them twice
    (back,), _, _ = give_back(campaign, tmp_path / "b", path)
    assert (back.name, round_in(back)) == ("handed_in_退回3.xlsx", 3)
    again = read_file(path, settings_for(campaign, None)).sha256
    sent(campaign, again)
    (same,), _, _ = give_back(campaign, tmp_path / "c", path)
    assert (same.name, same.read_bytes()) == (back.name, back.read_bytes())
    (later,), _, _ = give_back(campaign, tmp_path / "d", same)
    assert (later.name, round_in(later)) == ("handed_in_退回4.xlsx", 4)


def test_a_lost_log_begins_no_rounds_anew(declaration: Campaign, tmp_path: Path) -> None:
    campaign = replace(declaration, folder=_copy_of(declaration, tmp_path / "office"))
    path = handed_in(campaign, tmp_path, faulty)
    for number in (1, 2, 3):
        (path,), _, _ = give_back(campaign, tmp_path / str(number), path)
        assert (path.name, round_in(path)) == (f"handed_in_退回{number}.xlsx", number)


def test_a_copy_is_what_was_issued_last(declaration: Campaign, tmp_path: Path) -> None:
    (back,), _, _ = give_back(declaration, tmp_path / "a", handed_in(declaration, tmp_path, faulty))
    found = read_file(back, settings_for(declaration, None))
    assert found.seal == "ok"
    assert [f.code for f in check_files(declaration, back)] == ["TXT-005", "TXT-002"]


def test_without_the_key_only_the_name_has_the_round(declaration: Campaign, tmp_path: Path) -> None:
    campaign = replace(declaration, folder=_copy_of(declaration, tmp_path / "office"))
    path = handed_in(campaign, tmp_path, faulty)
    (campaign.folder / KEY_FILE).unlink()
    (back,), _, _ = give_back(campaign, tmp_path / "a", path)
    assert (back.name, round_in(back)) == ("handed_in_退回1.xlsx", 0)
    (campaign.folder / KEY_FILE).write_text("no key", encoding="utf-8")
    (back,), _, _ = give_back(campaign, tmp_path / "b", path)
    assert round_in(back) == 0
    seal.save_key(seal.new_key(), campaign.folder / KEY_FILE)  # another one
    (back,), _, _ = give_back(campaign, tmp_path / "c", path)
    assert round_in(back) == 0


def test_a_file_that_came_twice_goes_back_once(declaration: Campaign, tmp_path: Path) -> None:
    path = handed_in(declaration, tmp_path, faulty)
    twin = tmp_path / "twin.xlsx"
    twin.write_bytes(path.read_bytes())
    batch = read([path, twin], declaration, jobs=1)
    copies, notes = write_returned(batch, check(batch), tmp_path / "back")
    assert ([copy.name for copy in copies.values()], notes) == (["handed_in_退回1.xlsx"], [])


def test_the_round_is_signed_and_the_issue_stays_the_same(declaration: Campaign) -> None:
    issue = declaration.issue_for(declaration.units[UNIT])
    key = seal.load_key(declaration.folder / KEY_FILE)
    sealed = [seal.unseal(seal.sign(replace(issue, round=number), key)) for number in (0, 1, 2)]
    assert [(s.intact, s.issue.round, s.issue.issue_id) for s in sealed if s] == [
        (True, number, issue.issue_id) for number in (0, 1, 2)
    ]
    assert b"round" not in issue.canonical
    for odd in (-1, 1001, True, "1"):
        assert seal.unseal(seal.sign(replace(issue, round=odd), key)) is None  # type: ignore[arg-type]


def test_warnings_alone_send_nothing_back_but_where_asked(
    declaration: Campaign, tmp_path: Path
) -> None:
    data = answers("declaration", UNIT)
    data["projects"][1]["indicators"][0]["指标解释"] = "反映视频识别算法".ljust(41, "长")
    path = fill_unit(declaration, UNIT, data, tmp_path / "warned.xlsx")
    written, notes, _ = give_back(declaration, tmp_path / "a", path)
    assert (written, notes) == (
        [],
        ["只有提醒，未生成退回件（要生成的加 --with-warnings）：warned.xlsx"],
    )
    written, notes, _ = give_back(declaration, tmp_path / "b", path, with_warnings=True)
    assert ([copy.name for copy in written], notes) == (["warned_退回1.xlsx"], [])


def _copy_of(campaign: Campaign, folder: Path) -> Path:
    """The folder of a campaign, to be changed."""
    shutil.copytree(campaign.folder, folder)
    assert load_campaign(folder).units.keys() == campaign.units.keys()
    return folder
