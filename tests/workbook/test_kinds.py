"""Kinds of file that come back, and what is in them beside the form: macros, links, formulas."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from binary import as_xlsb
from helpers import check_files, edit
from mutations import Mutation, cell, described, each
from office import Office
from openpyxl.workbook import Workbook

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.returns.reading import read
from xltool.workbook import xlsb

Change = Callable[[Workbook], object]

VBA = {"xl/vbaProject.bin": b"macros"}
LINK = {
    "xl/externalLinks/externalLink1.xml": b"<externalLink><externalBook/></externalLink>",
    "xl/externalLinks/_rels/externalLink1.xml.rels": b"<Relationships/>",
}
DDE = {
    "xl/externalLinks/externalLink1.xml": b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'
}
LINKS_FOUND = "TPL-007 warning | 工作簿里有指向其他文件的链接或数据连接，未读取"
UNSEEN = (
    "TPL-009 info | 这种文件只核对了内容、公式和隐藏的工作表；数字格式、删除线、批注、隐藏的行列、合并和输入限制"
    "没有检查"
)
MACROS_FOUND = "TPL-003 warning | 工作簿里有宏或控件，已忽略，未运行"


def with_parts(good: Path, out: Path, parts: dict[str, bytes]) -> Path:
    """The workbook with further parts in it."""
    shutil.copyfile(good, out)
    with zipfile.ZipFile(out, "a") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (VBA, [MACROS_FOUND]),
        ({"xl/macrosheets/sheet1.xml": b"<a/>"}, [MACROS_FOUND]),
        ({"xl/activeX/activeX1.xml": b"<a/>"}, [MACROS_FOUND]),
        ({"xl/media/image1.png": b"png", "xl/embeddings/a.bin": b"x"}, []),
        (LINK, [LINKS_FOUND]),
        ({"xl/connections.xml": b"<connections/>"}, [LINKS_FOUND]),
        (
            DDE,
            [LINKS_FOUND, "TPL-007 warning | 工作簿里有 DDE 链接（可用来启动其他程序），已忽略"],
        ),
    ],
)
def test_what_is_in_a_workbook_beside_the_form(
    target: Campaign,
    good_target: Path,
    tmp_path: Path,
    parts: dict[str, bytes],
    expected: list[str],
) -> None:
    path = with_parts(good_target, tmp_path / "a.xlsm", parts)
    found = check_files(target, path)
    assert sorted(described(found)) == sorted(expected)
    assert all(finding.record == "" for finding in found)


FORMULAS: list[Mutation[Workbook]] = [
    Mutation(
        "of another workbook",
        cell("B5", "=[1]Sheet1!$B$5"),
        ["TPL-007 error 项目1!B5 | 项目总金额（万元）里是公式“=[1]Sheet1!$B$5”"],
    ),
    Mutation(
        "DDE",
        cell("B11", "=cmd|'/c calc'!A1"),
        ["TPL-007 error 项目1!B11 | 项目总(中期)目标里是公式“=cmd|'/c calc'!A1”"],
    ),
    Mutation(
        "picture",
        cell("B11", '=_xlfn.DISPIMG("ID_1234",1)'),
        ["TPL-007 error 项目1!B11 | 项目总(中期)目标里是图片，不是文字或数字"],
    ),
    Mutation(
        "error",
        cell("B5", "=#REF!"),
        ["TPL-007 error 项目1!B5 | 项目总金额（万元）里是公式“=#REF!”"],
    ),
]


@each(FORMULAS)
def test_formulas(
    target: Campaign, good_target: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    found = check_files(target, edit(good_target, mutation.change, tmp_path / "a.xlsx"))
    assert described(found) == mutation.expected


@pytest.mark.parametrize(
    ("suffix", "sum_found", "unseen"),
    [(".xlsx", "=1+1", []), (".ods", "=1+1", [UNSEEN]), (".xls", "=…", [UNSEEN])],
)
def test_formulas_and_error_values_in_every_kind(
    office: Office,
    target: Campaign,
    good_target: Path,
    tmp_path: Path,
    suffix: str,
    sum_found: str,
    unseen: list[str],
) -> None:
    def change(book: Workbook) -> None:
        book["项目1"]["B5"].value = "=1+1"
        book["项目2"]["B11"].value = "=NA()"

    saved = tmp_path / f"saved{suffix}"
    with office.open(edit(good_target, change, tmp_path / "a.xlsx")) as document:
        document.save_as(saved)
    assert described(check_files(target, saved)) == [
        f"TPL-007 error 项目1!B5 | 项目总金额（万元）里是公式“{sum_found}”",
        "TPL-007 error 项目2!B11 | 项目总(中期)目标里是错误值 #N/A",
        *unseen,
    ]


def test_a_binary_workbook(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """The same of an .xlsb; as it comes without formats, its dates are bare numbers."""

    def change(book: Workbook) -> None:
        book["项目1"]["B5"].value = "=1+1"
        book["项目2"]["B11"].value = "#N/A"

    changed = edit(good_target, change, tmp_path / "a.xlsx")
    found = described(check_files(target, as_xlsb(changed, tmp_path / "a.xlsb")))
    assert [line for line in found if not line.startswith("TPL-006")] == [
        "TPL-007 error 项目1!B5 | 项目总金额（万元）里是公式“=…”",
        "TPL-007 error 项目2!B11 | 项目总(中期)目标里是错误值 #N/A",
        UNSEEN,
    ]
    dates = [line for line in found if line.startswith("TPL-006")]
    assert dates[0] == (
        "TPL-006 warning 项目1!B4 | 计划开始日期存成了数字 46388，已读作 2027-01-01"
    )
    assert len(dates) == 2 * 3


@pytest.mark.parametrize("cut", [1, 2, 5, 9, 40])
def test_a_binary_workbook_that_breaks_off(good_target: Path, tmp_path: Path, cut: int) -> None:
    """What stands before the end is found; no part drives the reader astray."""
    with zipfile.ZipFile(as_xlsb(good_target, tmp_path / "a.xlsb")) as archive:
        book = archive.read("xl/workbook.bin")
        sheet = archive.read("xl/worksheets/sheet1.bin")
    assert xlsb.sheets(book)["项目1"] == "rId3"
    assert set(xlsb.sheets(book[:-cut]).items()) <= set(xlsb.sheets(book).items())
    (odd, _), (whole, _) = xlsb.cells(sheet[:-cut]), xlsb.cells(sheet)
    assert odd.formulas.items() <= whole.formulas.items()


def test_a_wrong_suffix_is_no_matter(
    office: Office, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    with office.open(good_target) as document:
        document.save_as(tmp_path / "a.xls")
    for name in ("a.et", "a.xlsx", "a.txt"):
        shutil.copyfile(tmp_path / "a.xls", tmp_path / name)
    shutil.copyfile(good_target, tmp_path / "b.xls")
    batch = read([tmp_path / name for name in ("a.et", "a.xlsx", "a.txt", "b.xls")], target)
    assert [(s.unit, s.seal, s.problem) for s in batch.submissions] == [("226002", "ok", None)] * 4


NAMES = [
    "图书馆 交表（终稿） 2.xlsx",
    " 前后有空格 .xlsx",
    "图" * 83 + "a.xlsx",  # 255 bytes
    "-rf.xlsx",
    "a\nb.xlsx",
    "x.xlsx.xlsx",
    "无后缀",
]


def test_names(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    for name in NAMES:
        shutil.copyfile(good_target, tmp_path / name)
    (tmp_path / "目录.xlsx").mkdir()
    shutil.copyfile(good_target, tmp_path / "目录.xlsx" / "里面.xlsx")
    batch = read([tmp_path], target)
    assert {Path(s.file).name for s in batch.submissions} == {*NAMES, "里面.xlsx"}
    assert {(s.unit, s.problem) for s in batch.submissions} == {("226002", None)}
    assert {finding.code for finding in check(batch).findings} == {"XW-001"}  # all the same


def test_an_empty_folder_called_like_a_workbook(target: Campaign, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    (tmp_path / "b.xlsx").write_bytes(b"")
    batch = read([tmp_path], target)
    assert [Path(s.file).name for s in batch.submissions] == ["b.xlsx"]
