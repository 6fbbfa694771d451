"""Where a unit stands after runs over files, waivers, decisions and merges: a table of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from helpers import make_campaign

from xltool.merging.fates import Fate
from xltool.merging.noting import log_merge
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.check_log import LOG, Status, read_log
from xltool.office.decisions import Decision, add_decisions
from xltool.office.lower import district_of
from xltool.report.noting import log_check
from xltool.report.reports import Report, WorkbookResult
from xltool.report.status import UnitStatus, status_of, totals
from xltool.returns.submissions import Sender, Submission

UNIT, OTHER = "226002", "226001"
NOW = datetime(2026, 11, 21, 9, 30)
STATUSES: dict[str, Status] = {
    "ok": "passed", "warn": "warned", "bad": "failed", "ours": "pending", "dead": "unreadable",
}  # fmt: skip


@dataclass
class Office:
    """A campaign, and what happens there in words; `districts` as in `of`."""

    campaign: Campaign

    def does(self, *steps: str) -> None:
        """Run steps such as `check a:bad>`, `check a:ok b:bad`, `check -`, `choose a`, `merge a`, `merge`.

        A file is a letter with what was found in it; `>` says that it was sent back, a number how many
        errors it has. `x=a:ok` is a copy of a.
        """
        for step in steps:
            verb, *words = step.split()
            if verb == "check":
                books = [self._book(word) for word in words if word != "-"]
                sent = {n: 0 for n, word in enumerate(words) if word.endswith(">")}
                numbered = [replace(book, number=n) for n, book in enumerate(books)]
                log_check(self.campaign, Report(numbered, []), sent, NOW)
            elif verb == "choose":
                district = district_of(self._sender.district, self.campaign.public_key or "")
                add_decisions(
                    self.campaign.folder, [Decision(district, UNIT, "", digest(words[0]))]
                )
            else:
                log_merge(self.campaign, [self._fate(word) for word in words], NOW)

    @property
    def status(self) -> UnitStatus:
        """Where the unit stands."""
        return next(s for s in status_of(self.campaign) if s.unit.unit_code == UNIT)

    @property
    def _sender(self) -> Sender:
        return Sender.of(self.campaign.issue_for(self.campaign.units[UNIT]))

    def _book(self, word: str) -> WorkbookResult:
        name, found = word.rstrip(">").split(":")
        name, _, original = name.partition("=")
        kind, errors = found.rstrip("0123456789"), found.lstrip("abcdefghijklmnopqrstuvwxyz")
        submission = Submission(f"{name}.xlsx", digest(original or name), sender=self._sender)
        submission.same_as = f"{original}.xlsx" if original else None
        if kind == "dead":
            submission = Submission(f"{UNIT}_{name}.xlsx", "", problem="加密的文件")
        counts = {"bad": {"error": int(errors or 1)}, "warn": {"warning": int(errors or 1)}}
        return WorkbookResult(submission, STATUSES[kind], counts=counts.get(kind, {}))  # type: ignore[arg-type]

    def _fate(self, word: str) -> Fate:
        name, _, partly = word.partition("/")
        fate = Fate(unit_code=UNIT, file=f"{name}.xlsx", sha256=digest(name))
        return fate.became("partly" if partly else "merged")


def digest(name: str) -> str:
    return name[0] * 64


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return make_campaign("target", tmp_path_factory.mktemp("office"), units=[UNIT])


@pytest.fixture
def office(issued: Campaign) -> Office:
    for name in (LOG, "取舍.csv"):
        (issued.folder / name).unlink(missing_ok=True)
    return Office(issued)


@pytest.mark.parametrize(
    ("steps", "state", "is_open"),
    [
        ([], "未交", True),
        (["check -"], "未交", True),
        (["check a:bad"], "未通过", True),
        (["check a:warn"], "有提醒", False),
        (["check a:ok"], "通过", False),
        (["check a:ours"], "待本级处理", False),
        # the last run says where a unit stands, also where it stood there before
        (["check a:bad", "check b:ok"], "通过", False),
        (["check a:ok", "check b:bad"], "未通过", True),
        (["check a:bad", "check a:ok"], "通过", False),  # a waiver
        (["check a:bad", "check a:ok", "check a:bad"], "未通过", True),  # that expired
        (["check a:bad", "check a:ok", "check a:bad", "check a:ok"], "通过", False),
        (["check a:ok", "check b:bad", "check a:ok"], "通过", False),  # the new one was withdrawn
        (["check a:warn", "check a:ok", "check a:warn"], "有提醒", False),  # a rule switched
        (["check a:ok", "check -"], "通过", False),  # a run over other files says nothing of it
        # copies, and the same file under another name
        (["check a:bad x=a:bad"], "未通过", True),
        (["check a:bad x=a:bad", "check a:ok x=a:ok"], "通过", False),
        # sent back
        (["check a:bad>"], "已退回（第 1 次）", True),
        (["check a:bad", "check a:bad>"], "已退回（第 1 次）", True),
        (["check a:bad>", "check a:bad"], "已退回（第 1 次）", True),
        (["check a:bad>", "check a:bad>"], "已退回（第 1 次）", True),  # the same round
        (["check a:bad>", "check b:bad"], "未通过", True),
        (["check a:bad>", "check b:bad>"], "已退回（第 2 次）", True),
        (["check a:bad>", "check b:bad>", "check a:bad"], "已退回（第 1 次）", True),
        (["check a:bad>", "check b:ok"], "通过", False),
        (["check a:bad>", "check a:ok"], "通过", False),  # waived after it was sent
        (["check a:bad1>", "check a:bad3"], "未通过", True),  # the unit was not told of two of them
        (["check a:bad1>", "check a:bad3>"], "已退回（第 1 次）", True),
        (["check a:warn>"], "已退回（第 1 次）", True),
        (["check a:ours>"], "待本级处理", False),
        # two versions
        (["check a:bad b:bad"], "交了 2 份", True),
        (["check a:ok", "check a:bad b:bad"], "交了 2 份", True),
        (["check a:bad b:bad", "check a:bad b:bad c:bad"], "交了 3 份", True),
        (["check a:bad b:bad c:bad", "check a:bad c:bad"], "交了 2 份", True),
        (["check a:bad b:bad", "check a:ok"], "通过", False),  # the other one was taken out
        (["check a:ok", "check a:bad b:bad", "check a:ok"], "通过", False),
        (["check a:bad x=a:bad b:bad"], "交了 2 份", True),
        (["check a:bad> b:bad>"], "交了 2 份", True),
        (["check a:bad b:bad", "choose a", "check a:ok b:bad"], "通过", False),
        (["check a:bad b:bad", "choose b", "check a:ok b:bad"], "未通过", True),
        (["choose a", "check b:bad"], "未采用", False),  # as a merge would have it
        (["choose a", "check a:ok b:ok", "check a:ok b:ok c:bad"], "通过", False),
        (["choose a", "choose b", "check a:bad b:bad"], "交了 2 份", True),  # contradictory
        # what cannot be read is the unit's by its name, where nothing else is there
        (["check a:dead"], "无法读取", True),
        (["check a:dead", "check b:ok"], "通过", False),
        (["check b:ok a:dead"], "通过", False),
        (["check b:ok", "check a:dead"], "无法读取", True),
        # merged
        (["check a:ok", "merge a"], "已合并", False),
        (["check a:warn", "merge a"], "已合并", False),
        (["check a:ok", "merge a", "check a:ok"], "已合并", False),
        (["check a:ok", "merge a", "merge a"], "已合并", False),
        (["check a:ok", "merge a/partly"], "部分项目已合并", False),
        (["check a:ok", "merge a/partly", "merge a"], "已合并", False),
        (["check a:ok", "merge a", "check b:ok"], "通过", False),  # a new version after it
        (["check a:ok", "merge a", "check b:bad"], "未通过", True),
        (["check a:ok", "merge a", "check a:bad b:bad"], "交了 2 份", True),
        (["check a:ok", "merge a", "check b:ok", "check a:ok"], "已合并", False),
        (["check a:ok", "merge a", "check a:bad"], "未通过", True),  # a rule switched on
        (["check a:ok", "merge a", "check a:bad", "check a:ok"], "已合并", False),
        (["check a:ok", "merge a", "merge"], "通过", False),  # the last merge went without it
        (["check a:ok", "merge a", "merge", "merge a"], "已合并", False),
        (["check a:ok", "merge a", "check b:ok", "merge b"], "已合并", False),
        (["check a:bad b:bad", "merge b"], "已合并", False),  # --prefer newest
        (["check a:bad b:bad", "merge b", "choose b", "check a:bad b:ok"], "已合并", False),
        (["merge a"], "已合并", False),  # it came with the result of an office below
        (["merge a", "merge"], "不在最近一次合并中", False),
        (["check a:bad>", "check b:ok", "merge b"], "已合并", False),
    ],
    ids=lambda value: " / ".join(value) if isinstance(value, list) else None,
)
def test_where_a_unit_stands(
    office: Office, steps: Sequence[str], state: str, is_open: bool
) -> None:
    office.does(*steps)
    status = office.status
    assert (status.state, status.is_open) == (state, is_open)
    if steps and not steps[-1].startswith("choose"):  # the same run again tells nothing new
        before = (office.campaign.folder / LOG).read_bytes() if status.standing else b""
        office.does(steps[-1])
        assert not status.standing or (office.campaign.folder / LOG).read_bytes() == before
        assert office.status.state == state


@pytest.mark.parametrize(
    ("steps", "files"),
    [
        (["check a:bad b:bad"], ["a.xlsx", "b.xlsx"]),
        (["check a:bad b:bad c:bad", "check c:bad b:bad"], ["b.xlsx", "c.xlsx"]),
        (["check a:bad b:bad", "check a:bad"], ["a.xlsx"]),
    ],
)
def test_the_versions_of_a_unit(office: Office, steps: Sequence[str], files: list[str]) -> None:
    office.does(*steps)
    standing = office.status.standing
    assert standing is not None
    assert [version.file for version in standing.versions] == files


def test_a_former_log_is_read(office: Office) -> None:
    """It had a line for each state that was seen at all, and another when the file was sent back."""
    (office.campaign.folder / LOG).write_text(
        "时间,单位代码,文件,sha256,结果,错误,提醒,退回件\n"
        f"2026-11-01 09:00,{UNIT},a.xlsx,{digest('a')},未通过,3,1,是\n"
        f"2026-11-01 09:05,{UNIT},a.xlsx,{digest('a')},未通过,3,1,\n"
        f"2026-11-02 09:00,{OTHER},b.xlsx,{digest('b')},通过（未核对签发）,0,0,\n",
        encoding="utf-8",
    )
    states = {s.unit.unit_code: s.state for s in status_of(office.campaign)}
    assert states == {
        "215001": "未交",
        OTHER: "通过（未核对签发）",
        UNIT: "已退回（第 1 次）",
        "238001": "未交",
    }
    office.does("check b:ok")
    assert (office.status.state, office.status.times_returned) == ("通过", 1)


def test_totals_count_kinds(office: Office) -> None:
    office.does("check a:bad>", "check b:bad>")
    words = "共 4 个单位：已退回 1 个，未交 3 个。截止日期 2026-12-15，还有 24 天。"
    assert totals(office.campaign, status_of(office.campaign), NOW.date()) == words
    office.does("check a:bad b:bad c:bad")
    words = "共 4 个单位：交了多份 1 个，未交 3 个。截止日期 2026-12-15，还有 24 天。"
    assert totals(office.campaign, status_of(office.campaign), NOW.date()) == words


def test_units_of_several_districts_are_told_apart(issued: Campaign, tmp_path: Path) -> None:
    for name in ("campaign.toml", "keys/office.pub"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((issued.folder / name).read_bytes())
    (tmp_path / "units.csv").write_text(
        "单位代码,单位名称,区划\n001,甲区中心,440301\n001,乙区中心,440302\n", encoding="utf-8"
    )
    campaign = load_campaign(tmp_path)
    sender = Sender("001", "乙区中心", 2027, "440302", "", "")
    book = WorkbookResult(Submission("a.xlsx", digest("a"), sender=sender), "passed")
    log_check(campaign, Report([book], []), {}, NOW)
    assert [line.unit for line in read_log(tmp_path)] == ["440302:001"]
    assert [(s.unit.unit_name, s.state) for s in status_of(campaign)] == [
        ("甲区中心", "未交"),
        ("乙区中心", "通过"),
    ]
