"""What reviewers decide (waivers, accepted warnings), and the campaign's log of what came back."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process
from helpers import answers, check_files, fill_unit, make_campaign
from merges import frames

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.waivers import read_accepted
from xltool.report import history
from xltool.report.reports import make_report
from xltool.report.text import as_text
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch

UNIT = "238001"
HEAD = "规则,单位代码,项目,理由,有效期至\n"


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign of its own, to be written into."""
    return make_campaign("target", tmp_path / "office")


def return_of(campaign: Campaign, folder: Path, fault: bool = False, long: bool = False) -> Path:
    """A return of UNIT: correct, with an error (blank 项目概况), with a warning (a long name)."""
    data = answers("target", UNIT)
    if fault:
        data["projects"][0]["项目概况"] = ""
    if long:
        data["projects"][0]["indicators"][0]["指标内容"] = "长" * 41
    folder.mkdir(exist_ok=True)
    return fill_unit(campaign, UNIT, data, folder / f"{UNIT}.xlsx")


def waived(office: Campaign, path: Path, line: str) -> Campaign:
    """The campaign with one waiver."""
    (office.folder / "waivers.csv").write_text(HEAD + line + "\n", encoding="utf-8")
    return load_campaign(office.folder)


def test_a_waiver_silences_visibly(office: Campaign, tmp_path: Path) -> None:
    path = return_of(office, tmp_path / "back", fault=True)
    (before,) = check_files(office, path)
    assert (before.code, before.severity, before.waiver) == ("TXT-001", "error", "")
    campaign = waived(office, path, f"TXT-001,{UNIT},{before.record},涉密项目不写概况,2026-12-31")
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    verdict = check(batch)
    (found,) = verdict.findings
    assert (found.code, found.severity, found.cell, found.waiver) == (
        *("TXT-001", "info", before.cell, "涉密项目不写概况"),
    )
    text = as_text(make_report(batch, verdict), width=100)
    assert "已豁免：涉密项目不写概况。" in text
    assert text.splitlines()[0].startswith("通过")


@pytest.mark.parametrize(
    "line",
    [
        "TXT-002,238001,,别的规则,",
        "TXT-001,226001,,别的单位,",
        "TXT-001,238001,没有这个项目,别的项目,",
        "TXT-001,238001,,过期,2026-11-20",
    ],
)
def test_a_waiver_covers_only_what_it_names(office: Campaign, tmp_path: Path, line: str) -> None:
    path = return_of(office, tmp_path / "back", fault=True)
    campaign = waived(office, path, line)
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign, day=date(2026, 11, 21))
    verdict = check(batch)
    assert [(f.code, f.severity) for f in verdict.findings] == [("TXT-001", "error")]
    expired = "waivers.csv 第 2 行（238001 的 TXT-001）已过有效期 2026-11-20"
    assert (expired in verdict.skipped) == ("过期" in line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("规则,单位代码,项目\nTXT-001,238001,\n", "waivers.csv 第 1 行：缺少列“理由”"),
        (HEAD + "TXT1,238001,,甲,\n", "第 2 行：规则“TXT1”应为规则编号，如 IND-001"),
        (HEAD + "TXT-001,,,甲,\n", "第 2 行：单位代码和理由必须填写"),
        (HEAD + "TXT-001,238001,,甲,明年\n", "第 2 行：有效期至“明年”应为日期，如 2027-06-30"),
    ],
)
def test_a_wrong_waiver_is_the_offices_mistake(office: Campaign, text: str, message: str) -> None:
    (office.folder / "waivers.csv").write_text(text, encoding="utf-8")
    with pytest.raises(OfficeError) as caught:
        _ = load_campaign(office.folder).waivers
    assert message in str(caught.value)


def test_accepted_warnings_are_recorded_once(
    office: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    path = return_of(office, tmp_path / "back", long=True)
    words = ("merge", path, "--campaign", office.folder, "--out", tmp_path / "out")
    refused = xltool(*words)
    assert refused.code == 2
    assert "有提醒，未经审核接受，未合并" in refused.out
    run = xltool(*words, "--accept-warnings", "--reviewer", "审核员甲", "--reason", "=已核对")
    assert run.code == 0, run.err
    ((sha256, accepted),) = read_accepted(office.folder).items()
    assert (accepted.reviewer, accepted.reason) == ("审核员甲", "=已核对")
    record = (office.folder / "审核记录.csv").read_bytes()
    with (office.folder / "审核记录.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["单位代码"], r["文件"], r["提醒"], r["规则"]) for r in rows] == [
        (UNIT, f"{UNIT}.xlsx", "1", "TXT-002")
    ]
    (line,) = frames(tmp_path / "out")["submission"].to_dicts()
    assert (line["sha256"], line["warnings"], line["accepted_by"]) == (sha256, 1, "审核员甲")
    # accepted once, it need not be accepted again, and nothing changes
    again = xltool(*words)
    assert (again.code, "没有改动" in again.out) == (0, True)
    assert (office.folder / "审核记录.csv").read_bytes() == record


def test_a_reason_without_acceptance_is_refused(xltool: Xltool, tmp_path: Path) -> None:
    run = xltool("merge", tmp_path, "--out", tmp_path / "out", "--reason", "甲")
    assert run == Run(2, "", "错误：--reviewer 和 --reason 与 --accept-warnings 一起使用\n")


def test_acceptance_without_campaign(office: Campaign, tmp_path: Path, xltool: Xltool) -> None:
    path = return_of(office, tmp_path / "back", long=True)
    out = tmp_path / "out"
    run = xltool("merge", path, "--out", out, "--accept-warnings", "--reviewer", "审核员乙")
    assert run.code == 0, run.err
    (line,) = frames(out)["submission"].to_dicts()
    assert (line["accepted_by"], line["accepted_at"]) == ("审核员乙", "")
    assert (
        xltool("merge", path, "--out", out, "--accept-warnings", "--reviewer", "审核员乙").code == 0
    )


def test_status_follows_the_checks(office: Campaign, tmp_path: Path, xltool: Xltool) -> None:
    run = xltool("status", office.folder)
    assert run.out.splitlines()[-1] == "共 4 个单位：未交 4 个。截止日期 2026-12-15，还有 24 天。"
    bad = return_of(office, tmp_path / "first", fault=True)
    words = ("--campaign", office.folder)
    assert xltool("check", bad, *words, "--return", tmp_path / "out").code == 1
    log = (office.folder / "检查记录.csv").read_bytes()
    assert xltool("check", bad, *words).code == 1
    assert len(history.read_log(office.folder)) == 2  # found again without being sent back
    assert xltool("check", bad, *words).code == 1
    assert len(history.read_log(office.folder)) == 2  # nothing new
    assert (office.folder / "检查记录.csv").read_bytes().startswith(log)
    statuses = history.status_of(load_campaign(office.folder))
    assert [(s.unit.unit_code, s.state, s.times_returned, s.is_open) for s in statuses] == [
        ("215001", "未交", 0, True),
        ("226001", "未交", 0, True),
        ("226002", "未交", 0, True),
        (UNIT, "未通过", 1, True),
    ]
    good = return_of(office, tmp_path / "second")
    assert xltool("check", good, *words).code == 0
    run = xltool("status", office.folder)
    assert run.out.splitlines()[-1] == (
        "共 4 个单位：通过 1 个，未交 3 个。截止日期 2026-12-15，还有 24 天。"
    )
    assert all(len(line) <= 80 for line in run.out.splitlines())
    table = xltool("status", office.folder, "--format", "csv").out.splitlines()
    assert table[0].lstrip("\ufeff") == (
        "单位代码,单位名称,主管部门,状态,错误,提醒,退回次数,最近一次,文件"
    )
    assert table[4].startswith(f"{UNIT},云岭区生态环境监测站,云岭区生态环境局,通过,0,0,1,")


def test_reminders(office: Campaign, tmp_path: Path, xltool: Xltool) -> None:
    batch = Batch(
        [read_file(return_of(office, tmp_path / "b", fault=True), settings_for(office, None))],
        office,
    )
    history.log_check(office, make_report(batch, check(batch)), [], datetime(2026, 11, 21, 9, 30))
    text = xltool("status", office.folder, "--format", "remind").out
    first, *_, last = text.strip().split("\n\n")
    assert first == (
        "【215001 云岭区社区网格管理中心】\n"
        "贵单位的“云岭区 2027 年项目支出绩效目标填报”尚未收到，请填写下发的工作簿后交回，"
        "截止日期 2026 年 12 月 15 日。如有疑问，请联系 云岭区财政局绩效科 0000-88880000。"
        "谢谢配合。"
    )
    assert last.startswith(f"【{UNIT} 云岭区生态环境监测站】\n贵单位交来的")
    assert f"（{UNIT}.xlsx）有 1 处错误，请按退回件“退回修改”页逐处修改后交回" in last
