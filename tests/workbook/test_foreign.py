"""Files that are no workbook: each is told by its content, in a true sentence with its next step."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from foreign import compound, encrypted_ods, encrypted_xls, encrypted_zip, of_method, packed
from hostile import parts
from mutations import described

from xltool.checking.running import check
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook
from xltool.workbook.refusals import UnreadableError

ORIGINAL = "请交填写好的工作簿本身（.xlsx）"
SAVE = "请用 Excel 或 WPS 打开后另存为 .xlsx（不加密）再交"
REPAIR = "请用 Excel 或 WPS 打开后另存为 .xlsx 再交；打不开的，请重新传输，或用原表重填"
UNPACK = "请解压后交其中的工作簿，或改用 zip 压缩后再交"
PICTURE = "是图片，不是工作簿"
WORD = "是文字文档（Word 或 WPS 文字），不是工作簿"
WEB = "内容是网页（HTML），不是工作簿"
TEXT = "是文本文件（如 CSV），不是工作簿"
IWORK = "是苹果 Numbers（或 Pages、Keynote）的文件"
METHOD = "请用系统自带的压缩功能或标准 zip 重新压缩后再交；单个工作簿请用 Excel 另存为 .xlsx"
TYPES = b"<Types/>"
XML_2003 = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)
EXCEL = packed(parts())
FILES: dict[str, tuple[bytes, str, str]] = {
    "pdf": (b"%PDF-1.7\n", "是 PDF 文件，不是工作簿", f"{ORIGINAL}，不要交打印或扫描的 PDF"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "是 RAR 压缩包，不能直接读取", UNPACK),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", "是 7z 压缩包，不能直接读取", UNPACK),
    "gz": (b"\x1f\x8b\x08\x00", "是 gz 压缩包，不能直接读取", UNPACK),
    "tar": (b"a.xlsx".ljust(257, b"\0") + b"ustar\0", "是 tar 压缩包，不能直接读取", UNPACK),
    "png": (b"\x89PNG\r\n\x1a\n", PICTURE, f"{ORIGINAL}，截图、照片不能读取"),
    "jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF", PICTURE, f"{ORIGINAL}，截图、照片不能读取"),
    "heic": (b"\0\0\0\x18ftypheic", PICTURE, f"{ORIGINAL}，截图、照片不能读取"),
    "docx": (
        packed({"[Content_Types].xml": TYPES, "word/document.xml": b"<a/>"}),
        *(WORD, ORIGINAL),
    ),
    "odt": (packed({"mimetype": b"application/vnd.oasis.opendocument.text"}), WORD, ORIGINAL),
    "doc": (compound({"WordDocument": b"a", "1Table": b"b"}), WORD, ORIGINAL),
    "pptx": (
        packed({"[Content_Types].xml": TYPES, "ppt/presentation.xml": b"<a/>"}),
        *("是演示文稿（PPT），不是工作簿", ORIGINAL),
    ),
    "ppt": (
        compound({"PowerPoint Document": b"a"}),
        *("是演示文稿（PPT），不是工作簿", ORIGINAL),
    ),
    "msg": (
        compound({"__properties_version1.0": b"a"}),
        *("是一封邮件，不是工作簿", "请把邮件里的附件另存出来再交"),
    ),
    "eml": (
        b"Received: from a\r\nFrom: b\r\n",
        *("是一封邮件，不是工作簿", "请把邮件里的附件另存出来再交"),
    ),
    "numbers": (
        packed({"Index/Document.iwa": b"\0", "Index/Tables/DataList.iwa": b"\0"}),
        *(IWORK, "请在 Numbers 里导出为 Excel（.xlsx）再交"),
    ),
    "ofd": (
        packed({"OFD.xml": b"<a/>", "Doc_0/Document.xml": b"<a/>"}),
        *("是 OFD 版式文件，不是工作簿", f"{ORIGINAL}，不要交打印的版式文件"),
    ),
    "lnk": (b"\x4c\0\0\0\x01\x14\x02\0\0\0", "是快捷方式，不是文件本身", ORIGINAL),
    "exe": (b"MZ\x90\0\x03", "是程序，不是工作簿", "请不要运行它；请让单位重新交工作簿"),
    "html": (
        "\ufeff<html><body><table><tr><td>项目</td></tr></table>".encode(),
        *(WEB, "请用 Excel 打开，核对后另存为 .xlsx 再交；系统导出的，请选导出为 .xlsx"),
    ),
    "html_gbk": (
        "\n<!DOCTYPE HTML><title>项目</title>".encode("gbk"),
        *(WEB, "请用 Excel 打开，核对后另存为 .xlsx 再交；系统导出的，请选导出为 .xlsx"),
    ),
    "xml_2003": (
        XML_2003.encode(),
        *("是“XML 表格 2003”，不是工作簿", "请用 Excel 打开后另存为 .xlsx 再交"),
    ),
    "xml_2003_utf16": (
        XML_2003.encode("utf-16"),
        *("是“XML 表格 2003”，不是工作簿", "请用 Excel 打开后另存为 .xlsx 再交"),
    ),
    "csv": ("项目,金额\n图书,1\n".encode("gb18030"), TEXT, SAVE),
    "csv_utf16": ("项目\t金额\n".encode("utf-16"), TEXT, SAVE),
    "csv_cut": (("项目," * 40_000).encode()[:65_537], TEXT, SAVE),
    "excel_4": (b"\x09\x04\x06\x00\x00\x00\x10\x00", "是 Excel 97 以前的旧格式", SAVE),
    "zeros": (
        bytes(2000),
        "内容全是空字节，没有传输完整",
        "请重新传输或复制这个文件再交；自己的电脑上也打不开的，请用原表重填",
    ),
    "empty": (
        b"",
        "文件是空的（0 字节）",
        "请重新传输或复制这个文件再交；自己的电脑上也打不开的，请用原表重填",
    ),
    "unknown": (b"\x01\x02\x03\xff\xfe\0", "不是 Excel、WPS 或 LibreOffice 的工作簿", SAVE),
    "zip": (packed({"甲.xlsx": b"1"}), "是压缩文件，不是工作簿", "请解压后交其中的工作簿"),
    "incomplete": (
        packed({"xl/worksheets/sheet1.xml": b"<a/>"}),
        *("文件不完整，缺少内部的目录", REPAIR),
    ),
    "deflate64": (of_method(EXCEL, 9), "压缩方法（Deflate64）少见，解不开", METHOD),
    "bzip2": (
        packed(parts(), zipfile.ZIP_BZIP2),
        *("压缩方法（BZip2）少见，解不开", METHOD),
    ),
    "zstandard": (of_method(EXCEL, 93), "压缩方法（Zstandard）少见，解不开", METHOD),
    "encrypted_zip": (
        encrypted_zip(EXCEL),
        *("文件已加密，需要密码才能打开", "请打开后去掉打开密码，保存后再交"),
    ),
    "encrypted_xlsx": (
        compound({"EncryptedPackage": b"a", "EncryptionInfo": b"b"}),
        *("文件已加密，需要密码才能打开", "请打开后去掉打开密码，保存后再交"),
    ),
    "encrypted_ods": (
        encrypted_ods(),
        *("文件已加密，需要密码才能打开", "请打开后去掉打开密码，保存后再交"),
    ),
    "encrypted_xls": (
        encrypted_xls(),
        *("文件已加密，设有打开密码或修改密码", "请打开后去掉密码，另存为 .xlsx 再交"),
    ),
}
ENGLISH = re.compile("[A-Za-z]+")
NAMES = {
    *("Excel", "WPS", "LibreOffice", "xlsx", "PDF", "RAR", "zip", "z", "gz", "tar", "OFD", "HTML"),
    *("CSV", "XML", "PPT", "Word", "Numbers", "Pages", "Keynote", "Deflate", "BZip", "Zstandard"),
}


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
@pytest.mark.parametrize("kind", FILES)
def test_what_it_is_and_what_to_do(tmp_path: Path, kind: str, suffix: str) -> None:
    content, reason, remedy = FILES[kind]
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        open_workbook(path, Limits())
    assert (caught.value.reason, caught.value.remedy) == (reason, remedy)
    assert set(ENGLISH.findall(reason + remedy)) - NAMES == set()


def test_the_finding_says_both(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"%PDF-1.7")
    (found,) = check(Batch([read_file(path, settings_for(None, None))])).findings
    assert described([found]) == ["TPL-008 error | 无法读取：是 PDF 文件，不是工作簿"]
    assert found.hint == f"{ORIGINAL}，不要交打印或扫描的 PDF"


def test_a_workbook_with_a_document_in_it_is_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed({**parts(), "word/embedded.xml": b"<a/>"}))
    assert [sheet.name for sheet in open_workbook(path, Limits()).sheets] == ["甲"]
    path.write_bytes(packed(parts(), zipfile.ZIP_STORED))
    assert [sheet.name for sheet in open_workbook(path, Limits()).sheets] == ["甲"]


def test_a_large_file_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.truncate(3 * 1024 * 1024)
    monkeypatch.setattr(Path, "open", None)
    settings = settings_for(None, None)
    small = type(settings)(limits=Limits(file_bytes=2 * 1024 * 1024))
    assert read_file(path, small).problem == "文件有 3 MB，超过 2 MB 的限制"
