"""What fails while a file is read for a reason of ours: that file's finding, and a log (TPL-015)."""

from __future__ import annotations

import json
import re
import secrets
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from commands import Run, in_this_process
from failing import fails_to_read
from mutations import described
from small import ROSTER, UNIT, put_key, write_csv

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.waivers import Waiver
from xltool.report.reports import make_report
from xltool.returns import failures, reading
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read, read_file
from xltool.returns.submissions import Batch, Submission
from xltool.write.issuing import issue

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="duty" name="值班表" columns="16 30">
  <row lines="2"><title colspan="2">{{ fy }} 年度值班表</title></row>
  <row><label>{{ label("duty", "unit_name") }}</label><field name="unit_name"/></row>
  <row><label>{{ label("duty", "phone") }}</label><field name="phone"/></row>
</sheet>
</form>
"""
VALIDATOR = '''\
"""值班表：栏目类型有毛病的表。"""

from __future__ import annotations

from xltool.fields.kinds import Field, Kind, Raw, Reading, shown
from xltool.fields.tables import Table, of_kind, text
from xltool.validators.shared import submissions, template, texts

TITLE = "值班表"
VERSION = "2027.1"


class Phone(Kind):
    """电话。"""

    def read(self, raw: Raw, field: Field) -> Reading:
        """Fail where a kind must never fail."""
        if shown(raw) == "办公室":
            raise LookupError("a fault of the kind")
        return Reading(shown(raw) or None)


class Duty(Table):
    """值班：一个单位一张。"""

    unit_name: str = text("单位名称", filled_by="system", prefill="unit_name")
    phone: str = of_kind(Phone(), "值班电话")
'''
LOG = re.compile(r"程序错误-\d{8}-\d{6}-[0-9a-f]{8}\.log")


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign with a form of its own whose kind of field fails."""
    folder = tmp_path / "office"
    (folder / "templates" / "duty").mkdir(parents=True)
    (folder / "validators").mkdir()
    (folder / "templates" / "duty" / "layout.xml.j2").write_text(LAYOUT, encoding="utf-8")
    (folder / "templates" / "duty" / "import.csv").write_text(
        "列名,栏目\n电话,phone\n", encoding="utf-8"
    )
    (folder / "validators" / "duty.py").write_text(VALIDATOR, encoding="utf-8")
    (folder / "campaign.toml").write_text('form = "duty"\nyear = 2027\n', encoding="utf-8")
    write_csv(folder / "units.csv", [*ROSTER, ["106002", "云岭区图书馆", "", "106"]])
    put_key(folder)
    campaign = load_campaign(folder)
    issue(campaign)
    return campaign


@pytest.fixture
def back(office: Campaign, tmp_path: Path) -> Path:
    """A folder of two returns: reading the first one fails."""
    folder = tmp_path / "back"
    folder.mkdir()
    for unit, phone in ((UNIT, "办公室"), ("106002", "13800138000")):
        (source,) = (office.folder / "issued").glob(f"{unit}*")
        book = openpyxl.load_workbook(source)
        book["值班表"]["B3"] = phone
        book.save(folder / f"{unit}.xlsx")
    return folder


def logs(folder: Path) -> list[Path]:
    """The logs in a folder."""
    return sorted(path for path in folder.iterdir() if LOG.fullmatch(path.name))


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> Run:
    """A command of the office, which is not in strict mode."""
    monkeypatch.delenv("XLTOOL_STRICT")
    return in_this_process(monkeypatch, capsys)(*words)


def test_the_run_goes_on_and_the_last_line_names_the_log(
    office: Campaign,
    back: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run(monkeypatch, capsys, "check", back, "--campaign", office.folder)
    (log,) = logs(office.folder)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == f"无法读取  {back}/{UNIT}.xlsx（1 处错误）"
    assert lines[-1] == f"有文件读取时程序出错，详情记在 {log}，请交给维护 xltool 的人"
    assert f"通过  {back}/106002.xlsx" in lines
    assert "收到 2 份：读取 1 份，无法读取 1 份。" in lines
    written = log.read_text(encoding="utf-8")
    assert f"{back}/{UNIT}.xlsx" in written
    assert "LookupError: a fault of the kind" in written
    assert "duty.py" in written
    assert log.stat().st_mode & 0o777 == 0o600


def test_the_finding_names_the_log(
    office: Campaign, back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XLTOOL_STRICT")
    batch = read([back], office)
    (log,) = logs(office.folder)
    assert batch.log == log
    (found,) = check(batch).findings
    assert described([found]) == [
        f"TPL-015 error | 读取这个文件时程序出错，没有检查；详情记在 {log}"
    ]
    assert found.hint == "请把这个文件和上述记录交给维护 xltool 的人；其他文件的检查结果不受影响"
    assert [w.status for w in make_report(batch, check(batch)).workbooks] == [
        *("unreadable", "passed")
    ]


def test_the_other_outputs(
    office: Campaign,
    back: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run(monkeypatch, capsys, "check", back, "--campaign", office.folder, "--format", "json")
    (log,) = logs(office.folder)
    last = f"有文件读取时程序出错，详情记在 {log}，请交给维护 xltool 的人\n"
    document = json.loads(done.out)
    assert (done.code, done.err) == (1, last)
    assert document["summary"]["log"] == str(log)
    assert [(f["code"], f["workbook"]) for f in document["findings"]] == [("TPL-015", 0)]
    log.unlink()
    out = tmp_path / "list.xlsx"
    xltool = in_this_process(monkeypatch, capsys)
    words = ("--campaign", office.folder, "--format", "xlsx", "-o", out)
    done = xltool("check", back, *words)
    named = last.replace(log.name, logs(office.folder)[0].name)
    assert done == Run(1, "", f"已写出 {out}\n{named}")
    rows = list(openpyxl.load_workbook(out)["收到的文件"].iter_rows(values_only=True))
    assert rows[1:] == [
        (
            f"{UNIT}.xlsx",
            UNIT,
            "云岭区政务服务中心",
            "云岭区政务服务局",
            "无法读取",
            "读取时程序出错",
        ),
        ("106002.xlsx", "106002", "云岭区图书馆", None, "通过", None),
    ]


def test_it_is_not_merged(office: Campaign, back: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLTOOL_STRICT")
    result = merge([back], office.folder.parent / "out", office)
    assert [(e.file, e.outcome, e.detail) for e in result.entries] == [
        (f"{UNIT}.xlsx", "unreadable", "读取时程序出错"),
        ("106002.xlsx", "merged", ""),
    ]
    assert result.batch is not None
    assert [result.batch.log] == logs(office.folder)


def test_strict_mode_raises(office: Campaign, back: Path) -> None:
    with pytest.raises(LookupError, match="a fault of the kind"):
        read([back], office)
    with pytest.raises(LookupError, match="a fault of the kind"):
        read_file(back / f"{UNIT}.xlsx", settings_for(office, None))
    assert logs(office.folder) == []


def test_it_can_be_neither_waived_nor_switched_off(
    target: Campaign, good_target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_to_read(monkeypatch)
    lenient = replace(target, severities={"TPL-015": "off", "TPL-008": "off"})
    batch = Batch([read_file(good_target, settings_for(lenient, None))], lenient)
    seen = frozenset([batch.submissions[0].sha256])
    waiver = Waiver(2, "TPL-015", "226002", "", "领导同意", date(2099, 1, 1), seen)
    monkeypatch.setattr(Campaign, "waivers", [waiver])
    assert described(check(batch).findings) == [
        "TPL-015 error | 读取这个文件时程序出错，没有检查；详情记在（没有写下）"
    ]


def test_without_a_campaign_the_log_is_a_temporary_file(
    good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    found = Submission("a\ud800.xlsx", failure="Traceback …")
    log = failures.write_log([found], None)
    assert log is not None
    assert log.parent == tmp_path
    assert re.fullmatch(f"xltool-{LOG.pattern}", log.name)
    closed = failures.write_log([found], tmp_path / "nowhere")
    assert closed is not None
    assert closed.parent == tmp_path
    assert failures.write_log([], tmp_path) is None


def test_a_log_is_never_written_over_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", "{:08}".format)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    first = failures.write_log([Submission("a", failure="one")], tmp_path)
    second = failures.write_log([Submission("a", failure="two")], tmp_path)
    assert first is not None
    assert second is not None
    assert (first.parent, second.parent) == (tmp_path, tmp_path / "temporary")
    assert first.read_text(encoding="utf-8").endswith("one\n")


def test_a_mistake_of_the_office_is_none_of_these(
    office: Campaign, back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong in the office's own folder ends the run with one line, as ever."""

    def fail(*_: object) -> None:
        raise OfficeError("版面有误")

    monkeypatch.delenv("XLTOOL_STRICT")
    monkeypatch.setattr(reading, "take", fail)
    with pytest.raises(OfficeError, match="版面有误"):
        read_file(back / "106002.xlsx", settings_for(office, None))
