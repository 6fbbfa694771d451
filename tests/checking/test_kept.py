"""Results that are kept: the same as new ones, and new where anything changed that decides them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import answers, fill_unit, make_campaign
from merges import parts_here
from small import write_csv

from xltool.checking import kept, running
from xltool.checking.drawers import as_bytes
from xltool.checking.parts import Order, Part
from xltool.checking.running import check_files
from xltool.office import campaign as campaign_module
from xltool.office.campaign import PRIVATE, load_campaign
from xltool.returns.accounting import Returned
from xltool.rules.findings import Finding

UNITS = ("106001", "131001")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with a key of its own, and two returns with findings, one of them handed in twice."""
    folder = tmp_path_factory.mktemp("kept")
    campaign = make_campaign("declaration", folder / "campaign")
    (folder / "returns").mkdir()
    for unit in UNITS:
        answer = answers("declaration", unit)
        answer["projects"][0]["测算依据"] = "按往年水平测算"
        fill_unit(campaign, unit, answer, folder / "returns" / f"{unit}.xlsx")
        (folder / "returns" / f"{unit}.json").unlink()
    shutil.copy(folder / "returns" / "106001.xlsx", folder / "returns" / "另一份.xlsx")
    (folder / "returns" / "坏.xlsx").write_bytes(b"PK\x03\x04")
    return folder


@pytest.fixture
def office(origin: Path, tmp_path: Path) -> Path:
    """A copy of it, in which everything was checked once."""
    shutil.copytree(origin, tmp_path / "office")
    Run(tmp_path / "office")
    return tmp_path / "office"


class Run:
    """One check of a campaign's returns: which files were read, and what was found."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.read: list[str] = []
        campaign = load_campaign(folder / "campaign")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(running, "made_here", self._made)
            with check_files([folder / "returns"], campaign, **options) as checked:
                count = range(len(checked.batch.submissions))
                verdict = checked.verdict
                self.findings: list[Finding] = [f for n in count for f in verdict.of(n)]
                self.skipped = verdict.skipped

    def _made(
        self, order: Order, files: Sequence[Returned], *rest: Any
    ) -> Iterator[tuple[int, Part]]:
        self.read += [file.path.name for file in files]
        yield from parts_here(order, files, *rest)


ALL = ["106001.xlsx", "131001.xlsx", "另一份.xlsx", "坏.xlsx"]


def test_what_is_known_is_not_read_again(office: Path) -> None:
    fresh, known = Run(office, fresh=True), Run(office)
    assert sorted(fresh.read) == sorted(ALL)
    assert known.read == ["坏.xlsx"]  # what could not be read is tried again
    assert (known.findings, known.skipped) == (fresh.findings, fresh.skipped)
    assert {f.code for f in known.findings} >= {"TPL-008", "AMT-022", "XW-001"}


def test_a_file_that_changed_is_read(office: Path) -> None:
    path = office / "returns" / "131001.xlsx"
    path.write_bytes(path.read_bytes()[:-2] + b"\x01\x00x")  # a comment of the archive
    assert Run(office).read == ["131001.xlsx", "坏.xlsx"]


def test_a_new_file_is_read_and_a_name_does_not_matter(office: Path) -> None:
    returns = office / "returns"
    (returns / "106001.xlsx").rename(returns / "改名.xlsx")
    (returns / "131001.xlsx").unlink()
    known = Run(office)
    assert known.read == ["坏.xlsx"]
    assert {Path(f.file).name for f in known.findings} == {"改名.xlsx", "另一份.xlsx", "坏.xlsx"}


def set_line(name: str, old: str, new: str) -> Callable[[Path], None]:
    """A change of a file of the campaign's folder."""

    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8-sig")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8-sig")

    return change


def add_line(name: str, line: str) -> Callable[[Path], None]:
    """A further line of a file."""

    def change(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(line)

    return change


def own_rules(folder: Path) -> None:
    """Rules of the campaign's own."""
    (folder / "validators").mkdir()
    (folder / "validators" / "own.py").write_text("# rules\n", encoding="utf-8")


HEAD = ["单位代码", "位置", "意见", "级别"]
OPINION = ["106001", "项目1!B9", "请写明依据", "提醒"]
CHANGES: dict[str, Callable[[Path], object]] = {
    "settings": add_line("campaign.toml", '\n[severity]\n"TXT-010" = "error"\n'),
    "limits": add_line("campaign.toml", "\n[limits]\nrows = 1000\n"),
    "roster": set_line("units.csv", "云岭区", "云岭县"),
    "projects": set_line("projects.csv", "履职", "专项"),
    "reference list": add_line("项目类型.csv", "99 其他\n"),
    "opinions": lambda folder: write_csv(folder / "意见.csv", [HEAD, OPINION]),
    "what was issued": add_line("下发记录.csv", "2026-11-01 08:00,106001,000000000000,a.xlsx\n"),
    "rules": own_rules,
    "key": lambda folder: (folder / "keys" / "office.pub").unlink(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_everything_that_decides_makes_it_new(office: Path, name: str) -> None:
    CHANGES[name](office / "campaign")
    changed = Run(office)
    assert sorted(changed.read) == sorted(ALL)
    assert changed.findings == Run(office, fresh=True).findings
    assert Run(office).read == ["坏.xlsx"]


@pytest.mark.parametrize("name", ["version", "program", "day", "form"])
def test_another_program_day_or_form_makes_it_new(
    office: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    options = {}
    if name == "version":
        monkeypatch.setattr(kept, "program", kept.program.__wrapped__)
        monkeypatch.setattr(kept, "__version__", "9.9.9")
    elif name == "program":
        monkeypatch.setattr(kept, "program", lambda: [b"another text"])
    elif name == "form":
        options = {"form": "futian_2022_declaration"}
    else:  # only rules of one's own may look at it
        own_rules(office / "campaign")
        assert Run(office).read != ["坏.xlsx"]
        monkeypatch.setenv("XLTOOL_TODAY", "2030-01-01")
    assert sorted(Run(office, **options).read) == sorted(ALL)


def waivers_of(run: Run, found: Finding) -> list[str]:
    """Why a finding was waived in another run, for each time that it was found."""
    wanted = (found.file, found.fingerprint)
    return [f.waiver for f in run.findings if (f.file, f.fingerprint) == wanted]


def test_decisions_and_days_need_no_new_reading(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waivers and deadlines are worked out in each run: they take effect on what is kept."""
    before = Run(office)
    waived = next(f for f in before.findings if f.code == "AMT-022")
    unit = Path(waived.file).stem
    (office / "campaign" / "waivers.csv").write_text(
        "规则,单位代码,项目,理由,有效期至,摘要\n"
        f"AMT-022,{unit},,已核对,2027-06-30,{waived.fingerprint}\n",
        encoding="utf-8",
    )
    after = Run(office)
    assert after.read == ["坏.xlsx"]
    assert waivers_of(after, waived) == ["已核对"]
    monkeypatch.setenv("XLTOOL_TODAY", "2027-07-01")
    late = Run(office)
    assert late.read == ["坏.xlsx"]
    assert waivers_of(late, waived) == [""]


def test_what_became_of_an_opinion_needs_no_new_reading(office: Path) -> None:
    """Its words and its state are looked at in each run; only another cell is read anew."""
    opinions = office / "campaign" / "意见.csv"
    write_csv(opinions, [HEAD, OPINION])
    first = [f.message for f in Run(office).findings if f.code == "OPI-002"]
    assert first == ["本级意见：请写明依据"]  # of the one that was handed in twice, once
    write_csv(opinions, [HEAD, [*OPINION[:2], "请写明单价", "错误"]])
    changed = Run(office)
    assert changed.read == ["坏.xlsx"]
    told = [f"{f.code} {f.message}" for f in changed.findings if f.code.startswith("OPI")]
    assert told == ["OPI-001 本级意见：请写明单价"]
    write_csv(opinions, [HEAD, [OPINION[0], "项目1!B7", *OPINION[2:]]])
    assert sorted(Run(office).read) == sorted(ALL)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"files": [{}], "frames": []}', b"[]", b"\xff"])
def test_what_is_damaged_is_made_anew(office: Path, damage: bytes) -> None:
    expected = Run(office, fresh=True).findings
    for path in (office / "campaign" / PRIVATE).rglob("*.jsonl"):
        path.write_bytes(damage)
    assert Run(office).findings == expected


@pytest.mark.parametrize("damage", [b"", b"{", b'{"files": [], "frames": []}'])
def test_a_part_of_which_only_the_first_line_is_whole(office: Path, damage: bytes) -> None:
    expected = Run(office, fresh=True).findings
    for path in (office / "campaign" / PRIVATE).rglob("*.jsonl"):
        path.write_bytes(path.read_bytes().partition(b"\n")[0] + b"\n" + damage)
    again = Run(office)
    assert sorted(again.read) == sorted(ALL)
    assert again.findings == expected


def no_lists(*_: Any) -> Any:
    """In the place of what reads projects.csv."""
    raise AssertionError("projects.csv was read")


def without_news(office: Path) -> None:
    """Nothing is new: what could not be read is taken away."""
    (office / "returns" / "坏.xlsx").unlink()


def test_where_nothing_is_new_the_projects_are_not_read(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_news(office)
    first = Run(office)
    monkeypatch.setattr(campaign_module, "read_projects", no_lists)
    known = Run(office)
    assert (known.read, known.findings, known.skipped) == ([], first.findings, first.skipped)


@pytest.mark.parametrize("damage", [b"", b"x", as_bytes(pl.DataFrame({"other": [1]}))])
@pytest.mark.parametrize("name", ["projects.arrow", "prefilled.arrow"])
def test_what_was_kept_of_the_lists_is_made_anew(office: Path, name: str, damage: bytes) -> None:
    without_news(office)
    first = Run(office)
    (path,) = (office / "campaign" / PRIVATE).rglob(name)
    whole = path.read_bytes()
    path.write_bytes(damage)
    (office / "returns" / "坏.xlsx").write_bytes(
        b"PK"
    )  # whose projects are whose is asked for new files
    again = Run(office)
    assert again.skipped == first.skipped
    assert [f for f in again.findings if Path(f.file).name != "坏.xlsx"] == first.findings
    assert path.read_bytes() == whole


def test_a_project_that_changed_is_told_of_known_files(office: Path) -> None:
    told = "下发之后，units.csv 或 projects.csv 改过：106001 表中预填的内容与现在的名单不同"
    assert not any(told in note for note in Run(office).skipped)
    set_line("projects.csv", "政务信息系统运行维护", "新的系统")(office / "campaign")
    for _ in range(2):  # read anew; known
        assert any(told in note for note in Run(office).skipped)


def test_a_frame_that_is_gone_is_made_anew(office: Path) -> None:
    expected = Run(office, fresh=True).findings
    for path in (office / "campaign" / PRIVATE).rglob("*.arrow"):
        path.unlink()
    again = Run(office)
    assert sorted(again.read) == sorted(ALL)
    assert again.findings == expected


def test_it_may_be_deleted_and_is_json_and_arrow(office: Path) -> None:
    found = [path for path in (office / "campaign" / PRIVATE).rglob("*") if path.is_file()]
    assert {path.suffix for path in found} == {".jsonl", ".arrow"}
    for path in found:
        if path.suffix == ".jsonl":
            digests, document = map(json.loads, path.read_text(encoding="ascii").splitlines())
            assert digests == [file["sha256"] for file in document["files"]]
    shutil.rmtree(office / "campaign" / PRIVATE)
    assert sorted(Run(office).read) == sorted(ALL)


def test_only_the_last_states_are_kept(office: Path) -> None:
    settings = office / "campaign" / "campaign.toml"
    text = settings.read_text(encoding="utf-8")
    for rows in range(500, 505):
        settings.write_text(f"{text}\n[limits]\nrows = {rows}\n", encoding="utf-8")
        Run(office)
    assert len(list((office / "campaign" / PRIVATE / "checked").iterdir())) == 3


def test_nobody_handed_it_in(office: Path) -> None:
    """A campaign's folder may be given as it is: what we keep in it is no return, nor left aside."""
    campaign = load_campaign(office / "campaign")
    with check_files([office / "campaign"], campaign, fresh=True, jobs=1) as checked:
        names = [found.file for found in checked.batch.submissions]
        aside = [each.name for each in checked.batch.left_aside]
    assert not any(PRIVATE.name + os.sep in name for name in [*names, *aside])


def test_a_folder_that_may_only_be_read(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(office / "campaign" / PRIVATE)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(kept, "appearing", refuse)
    assert sorted(Run(office).read) == sorted(ALL)
    assert not (office / "campaign" / PRIVATE).exists()
