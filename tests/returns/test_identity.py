"""Two files that look alike are two: neither gets the other's findings, copy or status."""

from __future__ import annotations

import csv
import io
import json
import shutil
import unicodedata
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from commands import Xltool, in_this_process, totals
from helpers import answers, fill_unit, own_copy
from mutations import answer

from xltool.checking.running import check
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign
from xltool.office.check_log import LOG, read_log
from xltool.office.waivers import Waiver
from xltool.report.reports import make_report
from xltool.returns.reading import read
from xltool.rules.findings import Finding
from xltool.write.returned import write_returned

GARBAGE = b"%PDF-1.7"


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


@pytest.fixture(scope="module")
def faulty(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Returns of two units, each with an error of its own."""
    folder = tmp_path_factory.mktemp("faulty")
    found = {}
    for unit, label in (("226001", "项目概况"), ("215001", "项目用途")):
        data = answers("target", unit)
        answer(1, {label: ""})(data)
        found[unit] = fill_unit(target, unit, data, folder / f"{unit}.xlsx").read_bytes()
    return found


def twice(path: Path, *contents: bytes) -> Path:
    """An archive whose members all have one name."""
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of them
        for content in contents:
            archive.writestr("甲.xlsx", content)
    return path


def errors(findings: Sequence[Finding]) -> list[Finding]:
    """Those that are errors: one of the units has a warning from the start."""
    return [finding for finding in findings if finding.severity == "error"]


@pytest.mark.parametrize("good_first", [True, False])
def test_two_members_of_one_name(
    xltool: Xltool, target: Campaign, good_target: Path, tmp_path: Path, good_first: bool
) -> None:
    contents = [good_target.read_bytes(), GARBAGE]
    path = twice(tmp_path / "dup.zip", *(contents if good_first else contents[::-1]))
    names = [f"{path}/甲.xlsx", f"{path}/甲（同名第 2 个）.xlsx"]
    good, bad = names if good_first else names[::-1]
    words = ("check", path, "--campaign", target.folder)
    run = xltool(*words)
    assert run.code == 1
    lines = run.out.splitlines()
    assert f"通过  {good}" in lines
    assert f"无法读取  {bad}（1 处错误）" in lines
    assert totals(run.out) == "共 2 份：通过 1 份，无法读取 1 份。错误 1 处。"
    document = json.loads(xltool(*words, "--format", "json").out)
    assert {b["file"]: b["status"] for b in document["workbooks"]} == {
        good: "passed",
        bad: "unreadable",
    }
    assert [(f["code"], f["workbook"], f["file"]) for f in document["findings"]] == [
        ("TPL-008", names.index(bad), bad)
    ]
    assert xltool(*words, "--format", "xlsx", "-o", tmp_path / "list.xlsx").code == 1
    (row,) = openpyxl.load_workbook(tmp_path / "list.xlsx")["问题清单"].iter_rows(
        min_row=2, max_col=7, values_only=True
    )
    assert row == (Path(bad).name, None, None, None, "错误", "单位", "TPL-008")
    assert xltool(*words, "--format", "html", "-o", tmp_path / "r.html").code == 1
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    data = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    statuses = [status[0] for status in data["statuses"]]
    assert {data["texts"][b[1]]: (statuses[b[0]], len(b[-2])) for b in data["books"]} == {
        good: ("passed", 0),
        bad: ("unreadable", 1),
    }
    run = xltool(*words, "--return", tmp_path / "back")
    assert run.err.splitlines() == [
        f"{Path(bad).name}：没有可用的签发信息，未生成退回件，请让单位用原表重填",
        f"没有写退回件到 {tmp_path / 'back'}",
    ]
    result = merge([path], tmp_path / "out", own_copy(target, tmp_path / "office"))
    assert [(e.file, e.outcome, e.detail) for e in result.entries] == [
        (Path(bad).name, "unreadable", "是 PDF 文件，不是工作簿"),
        (Path(good).name, "merged", ""),
    ]


def test_two_faulty_members_of_one_name(
    target: Campaign, faulty: dict[str, bytes], tmp_path: Path
) -> None:
    path = twice(tmp_path / "dup.zip", *faulty.values())
    batch = read([path], own_copy(target, tmp_path / "office"))
    assert [s.unit for s in batch.submissions] == ["226001", "215001"]
    verdict = check(batch)
    assert [(f.workbook, f.code, f.label) for f in errors(verdict.findings)] == [
        (0, "TXT-001", "项目概况"),
        (1, "TXT-001", "项目用途"),
    ]
    copies, notes = write_returned(batch, verdict, tmp_path / "back")
    assert notes == []
    assert {n: copy.name for n, copy in copies.items()} == {
        0: "甲_退回1.xlsx",
        1: "甲（同名第 2 个）_退回1.xlsx",
    }
    for number, copy in copies.items():
        (again,) = read([copy], target).submissions
        assert again.unit == batch.submissions[number].unit


LOOK_ALIKE = {
    "invisible characters": ("甲.xlsx", "甲\u200e.xlsx"),
    "how accents are stored": ("é.xlsx", unicodedata.normalize("NFD", "é") + ".xlsx"),
    "capitals": ("a.xlsx", "A.xlsx"),
    "folders": ("一/甲.xlsx", "二/甲.xlsx"),
    "control characters": ("甲\x01.xlsx", "甲\x02.xlsx"),
    "the ending": ("甲.xlsx", "甲.XLSX"),
}


@pytest.mark.parametrize("kind", LOOK_ALIKE)
def test_names_that_look_alike(
    target: Campaign, faulty: dict[str, bytes], tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "in"
    for name, content in zip(LOOK_ALIKE[kind], faulty.values(), strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    batch = read([folder], target)
    verdict = check(batch)
    report = make_report(batch, verdict)
    labels = {"226001": ["项目概况"], "215001": ["项目用途"]}
    for workbook in report.workbooks:
        assert [f.label for f in errors(workbook.findings)] == labels[str(workbook.submission.unit)]
    copies, _ = write_returned(batch, verdict, tmp_path / "back")
    assert len({unicodedata.normalize("NFC", p.name).casefold() for p in copies.values()}) == 2
    assert len(list((tmp_path / "back").iterdir())) == 2
    for number, copy in copies.items():
        (again,) = read([copy], target).submissions
        assert again.unit == batch.submissions[number].unit


def test_a_copy_takes_no_name_that_another_file_has(
    target: Campaign, faulty: dict[str, bytes], tmp_path: Path
) -> None:
    """The name that a second copy would get is the name of a third file."""
    folder = tmp_path / "in"
    for inside in "一二三":
        (folder / inside).mkdir(parents=True)
    (folder / "一" / "甲.xlsx").write_bytes(faulty["226001"])
    (folder / "二" / "甲.xlsx").write_bytes(faulty["215001"])
    sha256 = read([folder / "二"], target).submissions[0].sha256
    data = answers("target", "238001")
    answer(1, {"项目概况": ""})(data)
    third = fill_unit(target, "238001", data, tmp_path / "third.xlsx")
    shutil.copyfile(third, folder / "三" / f"甲_{sha256[:8]}.xlsx")
    batch = read([folder], target)
    copies, _ = write_returned(batch, check(batch), tmp_path / "back")
    assert len(set(copies.values())) == 3
    for number, copy in copies.items():
        (again,) = read([copy], target).submissions
        assert again.unit == batch.submissions[number].unit


def test_the_log_knows_which_of_two_was_sent_back(
    xltool: Xltool, faulty: dict[str, bytes], good_target: Path, target: Campaign, tmp_path: Path
) -> None:
    office = tmp_path / "office"
    shutil.copytree(target.folder, office)
    (office / LOG).unlink(missing_ok=True)
    path = twice(tmp_path / "dup.zip", good_target.read_bytes(), faulty["226001"])
    assert xltool("check", path, "--campaign", office, "--return", tmp_path / "back").code == 1
    lines = read_log(office)
    assert [(line.unit, line.state, line.returned) for line in lines] == [
        ("226002", "passed", False),
        ("226001", "failed", True),
    ]
    run = xltool("status", office, "--format", "csv")
    rows = {row["单位代码"]: row for row in csv.DictReader(io.StringIO(run.out.lstrip("\ufeff")))}
    assert [rows[unit]["状态"] for unit in ("226001", "226002")] == ["已退回（第 1 次）", "通过"]
    assert [rows[unit]["退回次数"] for unit in ("226001", "226002")] == ["1", "0"]


def test_a_waiver_covers_the_unit_and_not_the_name(
    target: Campaign, faulty: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = twice(tmp_path / "dup.zip", *faulty.values())
    both = frozenset(f.fingerprint for f in check(read([path], replace(target))).findings)
    waiver = Waiver(2, "TXT-001", "226001", "", "已电话核实", None, both)
    monkeypatch.setattr(Campaign, "waivers", [waiver])
    found = check(read([path], replace(target))).findings
    assert [(f.workbook, f.severity, f.waiver) for f in found if f.code == "TXT-001"] == [
        (0, "info", "已电话核实"),
        (1, "error", ""),
    ]
