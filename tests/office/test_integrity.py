"""What no office can switch off, what is not verified without a key, what was issued last."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Xltool, in_this_process, totals
from helpers import answers, check_files, edit, fill_unit, make_campaign, places, template
from merges import table

from xltool.errors import OfficeError
from xltool.form.loading import form_ids, load_form
from xltool.form.rules_in_force import codes_of_integrity
from xltool.merging.merge import merge
from xltool.office import seal
from xltool.office.campaign import PUBLIC_KEY, Campaign, load_campaign
from xltool.write.issuing import issue
from xltool.write.live.page import FIRST

UNIT = "226002"
FIXED = {"TPL-001", "TPL-007", "TPL-008", "TPL-013", "TPL-015"}
WITHOUT_KEY = "未核对签发：填报文件夹里没有 keys/office.pub"
NO_CAMPAIGN = "未核对签发：没有指明填报文件夹（--campaign）"
ASK = "请用 --campaign 指明下发时的填报文件夹；公钥遗失的，请从备份恢复"
UNLISTED = (
    "下发记录里没有这份表（2027 年度 longhua_2021_target，单位 226002 云岭区图书馆），"
    "无法判断后来有没有重新下发过"
)
TAKES = "本次填报接受没有签发信息的表（campaign.toml 的 [accept] unsealed = true）"


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign of its own, issued to one unit."""
    return make_campaign("target", tmp_path / "office", units=[UNIT])


@pytest.fixture
def back(office: Campaign, tmp_path: Path) -> Path:
    """A return without a mistake."""
    return fill_unit(office, UNIT, answers("target", UNIT), tmp_path / "226002.xlsx")


def with_settings(office: Campaign, text: str) -> Campaign:
    """The campaign with lines added to campaign.toml."""
    path = office.folder / "campaign.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return load_campaign(office.folder)


def unsealed(path: Path, out: Path) -> Path:
    """A return that lost both carriers of its seal."""

    def strip(book: Any) -> None:
        del book[seal.SHEET]
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]

    return edit(path, strip, out)


# -- integrity ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_id", form_ids())
def test_the_codes_of_integrity(form_id: str) -> None:
    found = codes_of_integrity(load_form(form_id))
    assert found >= FIXED
    assert found <= FIXED | {"AMT-011", "COD-001", "DAT-001"}


@pytest.mark.parametrize("severity", ["off", "info", "warning", "error"])
@pytest.mark.parametrize("code", sorted({*FIXED, "AMT-011"}))
def test_a_severity_of_one_is_the_offices_mistake(
    office: Campaign, code: str, severity: str
) -> None:
    with pytest.raises(OfficeError) as caught:
        with_settings(office, f'\n[severity]\n"{code}" = "{severity}"\n')
    hint = "；接受没有签发信息的表，请写 [accept] unsealed = true" if code == "TPL-001" else ""
    assert str(caught.value).endswith(
        f"campaign.toml 第 12 行：[severity] {code} 查的是交回的表是否原样读到，不能调整或关闭，请删去这一行{hint}"
    )


def test_it_is_one_line_and_exit_2(office: Campaign, back: Path, xltool: Xltool) -> None:
    path = office.folder / "campaign.toml"
    path.write_text(path.read_text("utf-8") + '\n[severity]\n"TPL-007" = "off"\n', "utf-8")
    run = xltool("check", back, "--campaign", office.folder)
    assert (run.code, run.out, len(run.err.splitlines())) == (2, "", 1)


def test_what_shares_a_code_with_others_stays_an_error(
    office: Campaign, back: Path, tmp_path: Path
) -> None:
    """TPL-003 and DAT-001 may be switched off, but not for a missing sheet or an unreadable date."""

    def change(book: openpyxl.Workbook) -> None:
        book["项目1"].title = "改名"
        del book["项目3"]
        book["项目2"]["B4"] = "明年春天"

    path = edit(back, change, tmp_path / "a.xlsx")
    codes = ("TPL-003", "DAT-001")
    found = [p for p in places(check_files(office, path)) if p[0] in codes]
    assert sorted(found) == [
        ("DAT-001", "项目2", "B4"),
        ("TPL-003", "", ""),
        ("TPL-003", "改名", ""),
    ]
    lenient = with_settings(office, '\n[severity]\n"TPL-003" = "off"\n"DAT-001" = "off"\n')
    found = [p for p in places(check_files(lenient, path), least="error") if p[0] in codes]
    assert sorted(found) == [("DAT-001", "项目2", "B4"), ("TPL-003", "", "")]


def test_the_live_check_of_an_unreadable_date_stays_too(tmp_path: Path) -> None:
    campaign = make_campaign(
        "target", tmp_path / "office", '\n[severity]\n"DAT-001" = "off"\n', units=[UNIT]
    )
    book = openpyxl.load_workbook(template(campaign, UNIT))
    codes = [row[4] for row in book["填报检查"].iter_rows(min_row=FIRST + 1, values_only=True)]
    assert "DAT-001" in codes


# -- [accept] unsealed ----------------------------------------------------------------------------


def test_unsealed_forms_are_taken_visibly(
    office: Campaign, back: Path, tmp_path: Path, xltool: Xltool
) -> None:
    path = unsealed(back, tmp_path / "a.xlsx")
    (found,) = check_files(office, path)
    assert (found.code, found.severity) == ("TPL-001", "error")
    campaign = with_settings(office, "\n[accept]\nunsealed = true\n")
    (found,) = check_files(campaign, path)
    assert (found.code, found.severity, found.message) == (
        "TPL-001",
        "warning",
        "没有签发信息，本次填报接受这样的表；内容是否原样、是哪个单位的，无法核对",
    )
    words = ("check", path, "--campaign", office.folder)
    run = xltool(*words)
    assert (run.code, f"注意：{TAKES}" in run.out) == (0, True)
    document = json.loads(xltool(*words, "--format", "json").out)
    assert document["summary"]["accepts_unsealed"] is True
    assert TAKES in document["summary"]["skipped"]
    xltool(*words, "--format", "html", "-o", tmp_path / "a.html")
    assert TAKES in (tmp_path / "a.html").read_text(encoding="utf-8")
    xltool(*words, "--format", "xlsx", "-o", tmp_path / "list.xlsx")
    assert (TAKES,) in table(tmp_path / "list.xlsx", "说明")
    run = xltool("merge", path, back, *words[2:], "--out", tmp_path / "out", "--accept-warnings")
    assert (run.code, f"注意：{TAKES}" in run.out) == (1, True)
    assert (
        "a.xlsx：有错误，未合并（没有签发信息，不知道是哪个单位的；请用下发给该单位的原表重新填报）"
        in run.out
    )


def test_a_forged_seal_is_never_taken(office: Campaign, back: Path, tmp_path: Path) -> None:
    other = tmp_path / "forger"
    shutil.copytree(office.folder, other)
    seal.save_key(seal.new_key(), other / "keys" / "office.key")
    shutil.rmtree(other / "issued")
    forger = load_campaign(other)
    issue(forger, [UNIT])
    path = fill_unit(forger, UNIT, answers("target", UNIT), tmp_path / "forged.xlsx")
    campaign = with_settings(office, "\n[accept]\nunsealed = true\n")
    (found,) = check_files(campaign, path)
    assert (found.code, found.severity) == ("TPL-001", "error")


@pytest.mark.parametrize("line", ['unsealed = "yes"', "unsealed = 1", "forged = true"])
def test_a_wrong_accept_is_the_offices_mistake(office: Campaign, line: str) -> None:
    with pytest.raises(OfficeError, match=r"\[accept\] 中只能写 unsealed = true 或"):
        with_settings(office, f"\n[accept]\n{line}\n")


# -- the public key -------------------------------------------------------------------------------


def test_without_the_key_nothing_is_verified(
    office: Campaign, back: Path, tmp_path: Path, xltool: Xltool
) -> None:
    (office.folder / PUBLIC_KEY).unlink()
    campaign = load_campaign(office.folder)
    (found,) = check_files(campaign, back)
    assert (found.code, found.severity, found.message, found.hint) == (
        *("TPL-001", "info", WITHOUT_KEY, ASK),
    )
    words = ("check", back, "--campaign", office.folder)
    run = xltool(*words)
    assert run.code == 0
    assert run.out.splitlines()[0].startswith("通过（未核对签发）  ")
    assert "通过（未核对签发） 1 份。" in totals(run.out)
    document = json.loads(xltool(*words, "--format", "json").out)
    assert document["workbooks"][0]["status"] == "passed"
    assert document["summary"]["verified"] is False
    assert [f["message"] for f in document["findings"]] == [WITHOUT_KEY]
    xltool(*words, "--format", "html", "-o", tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert '["passed","通过（未核对签发）"' in page
    assert WITHOUT_KEY in page
    xltool(*words, "--format", "xlsx", "-o", tmp_path / "a.xlsx")
    assert table(tmp_path / "a.xlsx", "收到的文件")[1][4] == "通过（未核对签发）"
    assert "通过（未核对签发） 1 个" in xltool("status", office.folder).out


def test_one_without_a_seal_is_told_too(office: Campaign, back: Path, tmp_path: Path) -> None:
    (office.folder / PUBLIC_KEY).unlink()
    found = check_files(load_campaign(office.folder), unsealed(back, tmp_path / "a.xlsx"))
    assert [(f.code, f.severity) for f in found] == [("TPL-001", "error"), ("TPL-001", "info")]


def test_without_a_campaign_nothing_is_verified(
    back: Path, tmp_path: Path, xltool: Xltool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (found,) = check_files(None, back)
    assert (found.code, found.severity, found.message) == ("TPL-001", "info", NO_CAMPAIGN)
    run = xltool("check", back)
    assert run.code == 0
    assert run.out.splitlines()[0].startswith("通过（未核对签发）  ")
    run = xltool("merge", back, "--out", tmp_path / "out")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "错误：没有签发公钥（填报文件夹的 keys/office.pub），不能核对签发，没有合并；"
        "请用 --campaign 指明下发时的填报文件夹，公钥遗失的请从备份恢复\n"
    )
    assert not (tmp_path / "out").exists()


def test_without_the_key_nothing_is_merged(
    office: Campaign, back: Path, tmp_path: Path, xltool: Xltool
) -> None:
    (office.folder / PUBLIC_KEY).unlink()
    run = xltool("merge", back, "--campaign", office.folder, "--out", tmp_path / "out")
    assert (run.code, run.out, len(run.err.splitlines())) == (2, "", 1)
    assert "没有签发公钥（填报文件夹的 keys/office.pub），不能核对签发，没有合并" in run.err


def test_results_are_not_merged_without_a_campaign_either(
    office: Campaign, back: Path, tmp_path: Path, xltool: Xltool, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge([back], tmp_path / "a", office, accept_warnings=True)
    monkeypatch.chdir(tmp_path)
    run = xltool("merge", "a", "--out", "out")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "错误：没有签发公钥（填报文件夹的 keys/office.pub），不能核对签发，没有合并；"
        "请用 --campaign 指明下发时的填报文件夹，公钥遗失的请从备份恢复\n"
    )
    assert not (tmp_path / "out").exists()
    result = merge([tmp_path / "a"], tmp_path / "out", office)
    assert [entry.outcome for entry in result.entries] == ["merged"]


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n ", b""])
def test_a_key_with_a_bom_is_read(office: Campaign, back: Path, before: bytes) -> None:
    path = office.folder / PUBLIC_KEY
    path.write_bytes(before + path.read_bytes() + b"\r\n")
    assert check_files(load_campaign(office.folder), back) == []


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff\xfe\x00", b"QUJD", "钥匙".encode()])
def test_a_key_that_is_none_is_one_line(
    office: Campaign, back: Path, xltool: Xltool, content: bytes
) -> None:
    (office.folder / PUBLIC_KEY).write_bytes(content)
    run = xltool("check", back, "--campaign", office.folder)
    assert (run.code, run.out) == (2, "")
    path = office.folder / PUBLIC_KEY
    assert run.err == f"错误：{path}：签发公钥无法读取；请从备份恢复下发时的这个文件\n"


# -- what was issued last ---------------------------------------------------------------------------


def reissued(office: Campaign) -> Campaign:
    """The campaign with one more project of the unit."""
    path = office.folder / "projects.csv"
    path.write_text(path.read_text("utf-8") + f"{UNIT},古籍数字化\n", "utf-8")
    return load_campaign(office.folder)


def test_superseded_by_an_issue_elsewhere(
    office: Campaign, back: Path, tmp_path: Path, xltool: Xltool
) -> None:
    before = office.issue_ids[UNIT]
    again = reissued(office)
    run = xltool("issue", office.folder, "--unit", UNIT, "--out", tmp_path / "second")
    assert run.code == 0, run.err
    now = again.issue_for(again.units[UNIT]).issue_id
    (found,) = check_files(load_campaign(office.folder), back)
    assert (found.code, found.severity, found.message) == (
        "TPL-001",
        "error",
        f"这份表后来重新下发过：签发编号 {before}，最新为 {now}",
    )
    with (office.folder / "下发记录.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    name = again.units[UNIT].file_name
    assert [(r["单位代码"], r["签发编号"], r["文件"]) for r in rows] == [
        (UNIT, before, f"issued/{name}"),
        (UNIT, now, str(tmp_path / "second" / name)),
    ]
    # the same again adds nothing
    assert xltool("issue", office.folder, "--unit", UNIT, "--out", tmp_path / "second").code == 0
    with (office.folder / "下发记录.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.DictReader(file)) == rows


def test_without_the_register_the_manifest_counts(office: Campaign, back: Path) -> None:
    (office.folder / "下发记录.csv").unlink()
    assert check_files(load_campaign(office.folder), back) == []


def test_a_record_that_is_gone_is_said(office: Campaign, back: Path) -> None:
    (office.folder / "下发记录.csv").unlink()
    (office.folder / "issued" / "manifest.csv").unlink()
    (found,) = check_files(load_campaign(office.folder), back)
    assert (found.code, found.severity, found.message) == ("TPL-001", "warning", UNLISTED)


def test_a_record_that_lacks_the_unit_is_said(office: Campaign, back: Path) -> None:
    (office.folder / "下发记录.csv").unlink()
    path = office.folder / "issued" / "manifest.csv"
    path.write_bytes(path.read_bytes().replace(UNIT.encode(), b"226001"))
    (found,) = check_files(load_campaign(office.folder), back)
    assert (found.code, found.severity, found.message) == ("TPL-001", "warning", UNLISTED)
