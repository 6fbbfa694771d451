"""What reviewers decide (waivers, accepted warnings), and the campaign's log of what came back."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process
from helpers import answers, check_files, fill_unit, make_campaign
from merges import WRITTEN, table

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.merging.result import read_proof
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.check_log import read_log
from xltool.office.waivers import read_accepted
from xltool.report.noting import log_check
from xltool.report.reports import make_report
from xltool.report.status import status_of
from xltool.report.text import as_text
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding

UNIT = "238001"
HEAD = "规则,单位代码,项目,理由,有效期至,摘要\n"
SEEN = "abcdefghijkl"  # a fingerprint of nothing


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign of its own, to be written into."""
    return make_campaign("target", tmp_path / "office")


NO_FINGERPRINT = (
    "waivers.csv 第 2 行（238001 的 TXT-001）没有填写“摘要”，不起作用；"
    "请从问题清单（--format xlsx）的“摘要”列复制"
)
ANOTHER = (
    "waivers.csv 第 2 行（238001 的 TXT-001）豁免的不是现在的问题（位置、内容或数字不同），"
    "仍按原来的程度；请核对后更新“摘要”"
)


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
    campaign = waived(
        office,
        path,
        f"TXT-001,{UNIT},{before.record},涉密项目不写概况,2026-12-31,{before.fingerprint}",
    )
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    verdict = check(batch)
    (found,) = verdict.findings
    assert (found.code, found.severity, found.cell, found.waiver) == (
        *("TXT-001", "info", before.cell, "涉密项目不写概况"),
    )
    text = as_text(make_report(batch, verdict), width=100)
    assert "已豁免：涉密项目不写概况。" in text
    assert text.splitlines()[0].startswith("通过 ")


@pytest.mark.parametrize(
    "line",
    [
        "TXT-002,238001,,别的规则,,{seen}",
        "TXT-001,226001,,别的单位,,{seen}",
        "TXT-001,238001,没有这个项目,别的项目,,{seen}",
        "TXT-001,238001,,过期,2026-11-20,{seen}",
        "TXT-001,238001,,没有摘要,,",
        "TXT-001,238001,,别的内容,,abcdefghijkl",
    ],
)
def test_a_waiver_covers_only_what_it_names(office: Campaign, tmp_path: Path, line: str) -> None:
    path = return_of(office, tmp_path / "back", fault=True)
    (before,) = check_files(office, path)
    campaign = waived(office, path, line.format(seen=before.fingerprint))
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign, day=date(2026, 11, 21))
    verdict = check(batch)
    assert [(f.code, f.severity) for f in verdict.findings] == [("TXT-001", "error")]
    expired = "waivers.csv 第 2 行（238001 的 TXT-001）已过有效期 2026-11-20"
    assert (expired in verdict.skipped) == ("过期" in line)
    assert (NO_FINGERPRINT in verdict.notes) == ("没有摘要" in line)
    assert (ANOTHER in verdict.notes) == ("别的内容" in line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("规则,单位代码,项目\nTXT-001,238001,\n", "waivers.csv 第 1 行：缺少列“理由”"),
        (HEAD + "TXT1,238001,,甲,\n", "第 2 行：规则“TXT1”应为规则编号，如 IND-001"),
        (HEAD + "TXT-001,,,甲,\n", "第 2 行：单位代码和理由必须填写"),
        (HEAD + "TXT-001,238001,,甲,明年\n", "第 2 行：有效期至“明年”应为日期，如 2027-06-30"),
        (
            HEAD + "TXT-001,238001,,甲,,全部\n",
            "第 2 行：摘要“全部”应为问题清单“摘要”列的 12 个字母，或文件的 sha256",
        ),
        (
            HEAD + f"TPL-001,238001,,甲,,{SEEN}\n",
            "第 2 行：TPL-001 查的是交回的表是否原样读到，不能豁免，请删去这一行",
        ),
        (
            HEAD + f"AMT-011,238001,,甲,,{SEEN}\n",
            "第 2 行：AMT-011 查的是交回的表是否原样读到，不能豁免，请删去这一行",
        ),
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
    ((sha256, [recorded]),) = read_accepted(office.folder).items()
    accepted = recorded.acceptance
    assert (accepted.reviewer, accepted.reason) == ("审核员甲", "=已核对")
    record = (office.folder / "审核记录.csv").read_bytes()
    with (office.folder / "审核记录.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["单位代码"], r["文件"], r["提醒"], r["规则"]) for r in rows] == [
        (UNIT, f"{UNIT}.xlsx", "1", "TXT-002")
    ]
    proof = read_proof(tmp_path / "out")
    assert [(fate.sha256, fate.warnings) for fate in proof.fates] == [(sha256, 1)]
    assert proof.acceptances == {sha256: [recorded]}
    assert [(seen.code, seen.accepted_by) for seen in proof.seen] == [("TXT-002", ("审核员甲",))]
    # accepted once, it need not be accepted again, and nothing changes
    again = xltool(*words)
    assert (again.code, "没有改动" in again.out) == (0, True)
    assert (office.folder / "审核记录.csv").read_bytes() == record


def test_a_reason_without_acceptance_is_refused(xltool: Xltool, tmp_path: Path) -> None:
    run = xltool("merge", tmp_path, "--out", tmp_path / "out", "--reason", "甲")
    assert run == Run(2, "", "错误：--reviewer 和 --reason 与 --accept-warnings 一起使用\n")


# -- what a decision holds for ------------------------------------------------------------------


def sums(campaign: Campaign, path: Path, gap: str) -> Path:
    """A return of UNIT whose total is too large by `gap`."""
    data = answers("target", UNIT)
    project = data["projects"][0]
    total = Decimal(project["项目总金额"]) + Decimal(gap)
    project["项目总金额"] = f"{total:.2f}"
    path.parent.mkdir(exist_ok=True)
    return fill_unit(campaign, UNIT, data, path)


def of_code(findings: list[Finding], code: str) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in findings if finding.code == code]


def test_a_waived_difference_covers_no_other(office: Campaign, tmp_path: Path) -> None:
    small, large = (sums(office, tmp_path / f"{gap}.xlsx", gap) for gap in ("0.03", "999739.00"))
    (seen,) = of_code(check_files(office, small), "AMT-001")
    assert (seen.severity, len(seen.fingerprint)) == ("error", 12)
    campaign = waived(office, small, f"AMT-001,{UNIT},,四舍五入,,{seen.fingerprint}")
    (found,) = of_code(check_files(campaign, small), "AMT-001")
    assert (found.severity, found.waiver) == ("info", "四舍五入")
    (found,) = of_code(check_files(campaign, large), "AMT-001")
    assert (found.severity, found.waiver) == ("error", "")


def test_a_waiver_may_name_the_file(office: Campaign, tmp_path: Path) -> None:
    path, other = (sums(office, tmp_path / f"{gap}.xlsx", gap) for gap in ("0.03", "0.04"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    campaign = waived(office, path, f"AMT-001,{UNIT},,四舍五入,,{digest.upper()}")
    assert [f.waiver for f in of_code(check_files(campaign, path), "AMT-001")] == ["四舍五入"]
    assert [f.waiver for f in of_code(check_files(campaign, other), "AMT-001")] == [""]


def test_an_unreadable_date_is_never_waived(office: Campaign, tmp_path: Path) -> None:
    """DAT-001 is waived where the dates are in the wrong order, not where one was not read."""
    data = answers("target", UNIT)
    data["projects"][0]["计划开始日期"] = "明年春天"
    path = fill_unit(office, UNIT, data, tmp_path / "a.xlsx")
    (seen,) = of_code(check_files(office, path), "DAT-001")
    campaign = waived(office, path, f"DAT-001,{UNIT},,甲,,{seen.fingerprint}")
    (found,) = of_code(check_files(campaign, path), "DAT-001")
    assert (found.severity, found.waiver, found.integrity) == ("error", "", True)


def test_what_was_waived_is_in_every_output(
    office: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    path = return_of(office, tmp_path / "back", fault=True)
    (before,) = check_files(office, path)
    waived(office, path, f"TXT-001,{UNIT},,涉密项目,,{before.fingerprint}")
    words = ("--campaign", office.folder)
    run = xltool("check", path, *words)
    assert run.code == 0, run.err
    assert "已豁免：涉密项目。" in run.out
    assert "共 1 份：通过 1 份。提示 1 处。其中已豁免 1 处。" in run.out.splitlines()
    document = json.loads(xltool("check", path, *words, "--format", "json").out)
    (found,) = document["findings"]
    assert (document["summary"]["waived"], found["waiver"]) == (1, "涉密项目")
    assert found["fingerprint"] == before.fingerprint
    assert xltool("check", path, *words, "--format", "html", "-o", tmp_path / "a.html").code == 0
    assert "涉密项目" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert xltool("check", path, *words, "--format", "xlsx", "-o", tmp_path / "a.xlsx").code == 0
    header, line = table(tmp_path / "a.xlsx", "问题清单")
    assert header[-2:] == ("豁免理由", "摘要")
    assert line[-2:] == ("涉密项目", before.fingerprint)
    run = xltool("merge", path, *words, "--out", tmp_path / "out")
    assert run.code == 0, run.err
    assert run.out.splitlines()[-3:] == [
        f"{UNIT}.xlsx：已豁免 TXT-001 项目1 {before.cell} {before.message}（涉密项目）",
        f"第 1 次合并：合并 1 份，未合并 0 份，豁免 1 处，在 {tmp_path / 'out'}",
        WRITTEN,
    ]
    said = f"TXT-001 项目1 {before.cell}（涉密项目）"
    (seen,) = read_proof(tmp_path / "out").seen
    assert (seen.code, seen.cell, seen.waiver) == ("TXT-001", before.cell, "涉密项目")
    header, line = table(tmp_path / "out" / "汇总表.xlsx", "来源")
    assert (header[-1], line[-1]) == ("豁免", said)
    with (tmp_path / "out" / "合并清单.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(row["说明"] for row in csv.DictReader(file)) == f"已豁免：{said}"


def test_a_new_warning_needs_a_new_acceptance(
    office: Campaign, tmp_path: Path, xltool: Xltool
) -> None:
    """The same file: the office made a warning of an error since, which nobody has seen as one."""
    data = answers("target", UNIT)
    data["projects"][0]["项目概况"] = ""
    data["projects"][0]["indicators"][0]["指标内容"] = "长" * 41
    settings = office.folder / "campaign.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + '\n[severity]\n"TXT-001" = "info"\n', encoding="utf-8")
    path = fill_unit(load_campaign(office.folder), UNIT, data, tmp_path / f"{UNIT}.xlsx")
    words = ("merge", path, "--campaign", office.folder, "--out", tmp_path / "out")
    assert xltool(*words, "--accept-warnings", "--reviewer", "甲").code == 0
    assert xltool(*words).code == 0
    settings.write_text(text + '\n[severity]\n"TXT-001" = "warning"\n', encoding="utf-8")
    run = xltool(*words)
    assert run.code == 2
    assert run.out.splitlines()[0] == (
        f"{UNIT}.xlsx：有提醒，未经审核接受，未合并（另有 1 处提醒没有接受过：TXT-001；请审核）"
    )
    assert xltool(*words, "--accept-warnings", "--reviewer", "乙").code == 0
    assert xltool(*words).code == 0
    (records,) = read_accepted(office.folder).values()
    assert [recorded.acceptance.reviewer for recorded in records] == ["甲", "乙"]


def test_an_older_record_covers_nothing(office: Campaign, tmp_path: Path, xltool: Xltool) -> None:
    path = return_of(office, tmp_path / "back", long=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (office.folder / "审核记录.csv").write_text(
        "时间,审核人,理由,单位代码,文件,sha256,提醒,规则\n"
        f"2026-11-01 09:00,甲,已核对,{UNIT},{UNIT}.xlsx,{digest},1,TXT-002\n",
        encoding="utf-8",
    )
    words = ("merge", path, "--campaign", office.folder, "--out", tmp_path / "out")
    run = xltool(*words)
    assert run.code == 2
    assert "（1 处提醒：TXT-002；以前的审核记录没有记下是哪些提醒，请重新审核）" in run.out
    assert xltool(*words, "--accept-warnings", "--reviewer", "乙").code == 0
    assert xltool(*words).code == 0
    (records,) = read_accepted(office.folder).values()
    assert [(r.acceptance.reviewer, len(r.seen)) for r in records] == [("甲", 0), ("乙", 1)]


def test_status_follows_the_checks(office: Campaign, tmp_path: Path, xltool: Xltool) -> None:
    run = xltool("status", office.folder)
    assert run.out.splitlines()[-1] == "共 4 个单位：未交 4 个。截止日期 2026-12-15，还有 24 天。"
    bad = return_of(office, tmp_path / "first", fault=True)
    words = ("--campaign", office.folder)
    assert xltool("check", bad, *words, "--return", tmp_path / "out").code == 1
    log = (office.folder / "检查记录.csv").read_bytes()
    assert xltool("check", bad, *words).code == 1
    assert len(list(read_log(office.folder))) == 1  # found again as before
    assert (office.folder / "检查记录.csv").read_bytes().startswith(log)
    statuses = status_of(load_campaign(office.folder))
    assert [(s.unit.unit_code, s.state, s.times_returned, s.is_open) for s in statuses] == [
        ("215001", "未交", 0, True),
        ("226001", "未交", 0, True),
        ("226002", "未交", 0, True),
        (UNIT, "已退回（第 1 次）", 1, True),
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
    log_check(office, make_report(batch, check(batch)), {}, datetime(2026, 11, 21, 9, 30))
    text = xltool("status", office.folder, "--format", "remind").out
    first, *_, last = text.strip().split("\n\n")
    assert first == (
        "【215001 云岭区社区网格管理中心】\n"
        "贵单位的“云岭区 2027 年项目支出绩效目标填报”尚未收到，请填写下发的工作簿后交回，"
        "截止日期 2026 年 12 月 15 日。如有疑问，请联系 云岭区财政局绩效科 0000-88880000。"
        "谢谢配合。"
    )
    assert last == (
        f"【{UNIT} 云岭区生态环境监测站】\n"
        f"贵单位交来的“云岭区 2027 年项目支出绩效目标填报”（{UNIT}.xlsx）有 1 处错误，请逐处改正后交回，"
        "截止日期 2026 年 12 月 15 日。如有疑问，请联系 云岭区财政局绩效科 0000-88880000。"
        "谢谢配合。"
    )
