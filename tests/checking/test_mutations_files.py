"""What is wrong with a file as a whole, with the seal in it, or with several files together."""

from __future__ import annotations

import dataclasses
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers import answers, check_files, edit, fill_unit, make_campaign, own_copy, template
from mutations import added, by_file, described
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook import Workbook

from xltool.checking.running import check
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.report.reports import make_report
from xltool.report.text import as_text
from xltool.returns.identifying import find_seal, settings_for
from xltool.returns.reading import read, read_file
from xltool.returns.submissions import Batch
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook
from xltool.write.issuing import issue

UNVERIFIED = "TPL-001 info | 未核对签发：没有指明填报文件夹（--campaign）"
LOST = "找不到签发信息：这不是下发的原表，或隐藏的签发页被删除"


def words(path: Path) -> str:
    """The seal of a workbook."""
    found = find_seal(open_workbook(path, Limits()))
    assert found is not None
    return found.text


def custom_properties(book: Any) -> Any:
    """The custom document properties, which the type stubs do not know."""
    return book.custom_doc_props


def drop_properties(book: Workbook) -> None:
    """Take away the second carrier of the seal."""
    for name in list(custom_properties(book).names):
        del custom_properties(book)[name]


def carry(text: str) -> Callable[[Workbook], None]:
    """Put another seal into both of its carriers; an empty one removes them."""

    def change(book: Workbook) -> None:
        drop_properties(book)
        for name, chunk in seal.properties(text).items():
            custom_properties(book).append(StringProperty(name=name, value=chunk))
        if text:
            book[seal.SHEET]["A1"] = text
        else:
            book.remove(book[seal.SHEET])

    return change


def resealed(path: Path, out: Path, key: Path, **changes: Any) -> Path:
    """The workbook as if it had been issued otherwise, with a valid signature."""
    found = seal.unseal(words(path))
    assert found is not None
    text = seal.sign(dataclasses.replace(found.issue, **changes), seal.load_key(key))
    return edit(path, carry(text), out)


# TPL-008: files that are no workbook


def csv_file(path: Path, good: Path) -> None:
    path.write_text("项目名称,项目总金额\n图书采购,260.00\n", encoding="gb18030")


def empty_file(path: Path, good: Path) -> None:
    path.touch()


def cut_file(path: Path, good: Path) -> None:
    path.write_bytes(good.read_bytes()[:-2000])


def encrypted_file(path: Path, good: Path) -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(1024, b"\0")
    path.write_bytes(head + "EncryptedPackage".encode("utf-16-le").ljust(1024, b"\0"))


def foreign_ole_file(path: Path, good: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(4096, b"\0"))


def packed_file(path: Path, good: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(good, "return.xlsx")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (csv_file, "是文本文件（如 CSV），不是工作簿"),
        (empty_file, "文件是空的（0 字节）"),
        (cut_file, "文件已损坏，或没有传输完整"),
        (encrypted_file, "文件已加密，需要密码才能打开"),
        (foreign_ole_file, "文件已损坏，或不是工作簿"),
        (packed_file, "是压缩文件，不是工作簿"),
    ],
)
def test_unreadable(
    target: Campaign,
    good_target: Path,
    tmp_path: Path,
    make: Callable[[Path, Path], None],
    problem: str,
) -> None:
    path = tmp_path / "return.xlsx"
    make(path, good_target)
    found = check_files(target, path, good_target)  # the other file is still checked
    assert described(found) == [f"TPL-008 error | 无法读取：{problem}"]
    assert found[0].file == str(path)


# TPL-001: the seal


def test_seal_missing(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    path = edit(good_target, carry(""), tmp_path / "return.xlsx")
    assert described(check_files(target, path)) == [f"TPL-001 error | {LOST}"]


def test_seal_missing_without_campaign(good_declaration: Path, tmp_path: Path) -> None:
    path = edit(good_declaration, carry(""), tmp_path / "return.xlsx")
    assert described(check_files(None, path)) == [f"TPL-001 error | {LOST}", UNVERIFIED]


def test_one_carrier_is_enough(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    path = edit(good_target, lambda book: book.remove(book[seal.SHEET]), tmp_path / "a.xlsx")
    assert check_files(target, path) == []
    path = edit(good_target, drop_properties, tmp_path / "b.xlsx")
    assert check_files(target, path) == []


def test_seal_altered(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    head, key, signature, _ = words(good_target).split(".")
    other = words(template(target, "215001")).split(".")[3]
    change = carry(".".join([head, key, signature, other]))
    path = edit(good_target, change, tmp_path / "return.xlsx")
    assert described(check_files(target, path)) == [
        "TPL-001 error | 签发信息被改动，数字签名不符（内容无法确认）"
    ]


def test_seal_of_another_office(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    seal.save_key(seal.new_key(), tmp_path / "other.key")
    path = resealed(good_target, tmp_path / "return.xlsx", tmp_path / "other.key")
    assert described(check_files(target, path)) == [
        "TPL-001 error | 签名完好，但不是本次填报的签发密钥"
        "（2027 年度 longhua_2021_target，单位 226002 云岭区图书馆）"
    ]
    # without a campaign any office's key will do: that nothing was verified is said
    assert described(check_files(None, path)) == [UNVERIFIED]


def test_another_form(target: Campaign, good_declaration: Path) -> None:
    assert described(check_files(target, good_declaration)) == [
        "TPL-001 error | 交来的是另一张表：2027 年度 futian_2024_declaration，"
        "单位 106001 云岭区政务服务和数据管理局（本级），本次应为 longhua_2021_target",
        "XW-002 error | 单位 106001 不在本次填报的名册中",
    ]


def test_another_version(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    key = target.folder / KEY_FILE
    path = resealed(good_target, tmp_path / "return.xlsx", key, version="2020.1")
    assert described(check_files(target, path)) == [
        "TPL-001 error | 版面与现在的表不同（版本 2020.1 改为 2021.1），下发时的没有留存："
        "2027 年度 longhua_2021_target，单位 226002 云岭区图书馆"
    ]


def test_reissued_since(target: Campaign, tmp_path: Path) -> None:
    first = make_campaign("target", tmp_path / "campaign")
    old = fill_unit(first, "226002", answers("target", "226002"), tmp_path / "old.xlsx")
    before = first.issue_ids["226002"]
    projects = first.folder / "projects.csv"
    projects.write_text(projects.read_text("utf-8") + "226002,古籍数字化\n", "utf-8")
    again = load_campaign(first.folder)
    issue(again, ["226002"])
    assert described(check_files(again, old)) == [
        f"TPL-001 error | 这份表后来重新下发过：签发编号 {before}，"
        f"最新为 {again.issue_ids['226002']}"
    ]


# XW: several files


def test_two_different_returns(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    data = answers("target", "226002")
    data["projects"][0]["项目用途"] = "用于购置图书"
    other = fill_unit(target, "226002", data, tmp_path / "b.xlsx")
    found = check_files(target, good_target, other)
    assert {Path(f.file).name for f in found} == {"226002.xlsx", "b.xlsx"}
    line = "XW-001 error | 单位 226002 交了 2 份不同的表：226002.xlsx、b.xlsx"
    assert described(found) == [line, line]


def test_same_file_twice(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copyfile(good_target, tmp_path / "z.xlsx"))
    found = list(check(read([good_target, copy], target, jobs=1)).findings)
    assert described(found) == ["XW-001 info | 与 226002.xlsx 内容完全相同，只计一次"]
    assert found[0].file == str(copy)


def test_unit_not_in_roster(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    key = target.folder / KEY_FILE
    path = resealed(good_target, tmp_path / "return.xlsx", key, unit="999001")
    assert described(check_files(target, path)) == [
        "XW-002 error | 单位 999001 不在本次填报的名册中"
    ]


def test_another_year(target: Campaign, tmp_path: Path) -> None:
    text = json.dumps(answers("target", "226002"), ensure_ascii=False)
    data = json.loads(text.replace("2027", "2026"))
    path = fill_unit(target, "226002", data, tmp_path / "2027.xlsx")
    path = resealed(path, tmp_path / "return.xlsx", target.folder / KEY_FILE, fy=2026)
    assert described(check_files(target, path)) == [
        "XW-002 error | 这是 2026 年度的表，本次填报为 2027 年度"
    ]


def test_code_in_two_units(declaration: Campaign, tmp_path: Path) -> None:
    files = []
    for unit, year, total in (("106002", "628.80", "1886.40"), ("106003", "536.76", "1610.28")):
        data = answers("declaration", unit)
        new = {"项目编码": "440399271063100100098", "项目名称": f"{unit}贯标", "是否新增项目": "是"}
        added(new | {"项目总金额": total, "本年度项目金额": year})(data)
        files.append(fill_unit(declaration, unit, data, tmp_path / f"{unit}.xlsx"))
    assert by_file(check_files(declaration, *files)) == {
        "106002.xlsx": ["XW-004 error 项目5!B2"],
        "106003.xlsx": ["XW-004 error 项目4!B2"],
    }


def test_units_without_submission_after_the_deadline(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    target = own_copy(target, tmp_path / "office")
    batch = Batch([read_file(good_target, settings_for(target, None))], target)
    assert target.deadline is not None
    late = replace(batch, day=target.deadline + timedelta(days=1))
    others = [unit for unit in target.roster if unit.unit_code != "226002"]
    (found,) = check(late).findings
    assert (found.code, found.severity, found.file, found.cell) == (
        *("XW-003", "warning", "units.csv", ""),
    )
    assert found.message == (f"截止日期 {target.deadline} 已过，还有 {len(others)} 个单位没有交表")
    assert check(replace(batch, day=target.deadline)).findings == []
    report = make_report(late, check(late))
    assert [f.code for f in report.findings] == ["XW-003"]
    text = as_text(report, width=200)
    assert found.message in text
    for unit in others:
        assert text.count(f"{unit.unit_code} {unit.unit_name}") == 1


def test_name_in_two_units(declaration: Campaign, tmp_path: Path) -> None:
    files = []
    for unit, number in (("106002", 6), ("106003", 9)):
        data = answers("declaration", unit)
        code = f"44039927106310010000{number}"
        added({"项目编码": code, "项目名称": "数据标准贯标", "是否新增项目": "是"})(data)
        files.append(fill_unit(declaration, unit, data, tmp_path / f"{unit}.xlsx"))
    assert {f.code for f in check_files(declaration, *files)} == {"AMT-012"}


def test_two_forms_at_once(good_target: Path, good_declaration: Path) -> None:
    found = check_files(None, good_target, good_declaration)
    assert described(found) == [UNVERIFIED, UNVERIFIED]
