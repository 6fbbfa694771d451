"""What a file is that is no workbook: told by its content, never by its name.

Each kind has its own sentence and its own next step, for the unit. What is not known here is “not a
workbook”, and no more is said of it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection

from xltool.workbook.refusals import NEEDS_PASSWORD, SAVE_AGAIN, SEND_AGAIN, UnreadableError

Refusal = tuple[str, str]  # why it is not read, and the next step

HEAD = 64 * 1024  # bytes that are looked at
_ORIGINAL = "请交填写好的工作簿本身（.xlsx）"
_UNPACK = "请解压后交其中的工作簿，或改用 zip 压缩后再交"
_TEXT_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")

_PICTURE: Refusal = ("是图片，不是工作簿", f"{_ORIGINAL}，截图、照片不能读取")
_WORD: Refusal = ("是文字文档（Word 或 WPS 文字），不是工作簿", _ORIGINAL)
_SLIDES: Refusal = ("是演示文稿（PPT），不是工作簿", _ORIGINAL)
_EXCEL_4: Refusal = ("是 Excel 97 以前的旧格式", SAVE_AGAIN)
_MAIL: Refusal = ("是一封邮件，不是工作簿", "请把邮件里的附件另存出来再交")
_WEB: Refusal = (
    "内容是网页（HTML），不是工作簿",
    "请用 Excel 打开，核对后另存为 .xlsx 再交；系统导出的，请选导出为 .xlsx",
)
_IWORK: Refusal = (
    "是苹果 Numbers（或 Pages、Keynote）的文件",
    "请在 Numbers 里导出为 Excel（.xlsx）再交",
)
_UNKNOWN: Refusal = ("不是 Excel、WPS 或 LibreOffice 的工作簿", SAVE_AGAIN)

# how files of other kinds begin
_SIGNATURES: tuple[tuple[bytes, Refusal], ...] = (
    (b"%PDF", ("是 PDF 文件，不是工作簿", f"{_ORIGINAL}，不要交打印或扫描的 PDF")),
    (b"Rar!\x1a\x07", ("是 RAR 压缩包，不能直接读取", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", ("是 7z 压缩包，不能直接读取", _UNPACK)),
    (b"\x1f\x8b", ("是 gz 压缩包，不能直接读取", _UNPACK)),
    (b"BZh", ("是 bz2 压缩包，不能直接读取", _UNPACK)),
    (b"\xfd7zXZ\x00", ("是 xz 压缩包，不能直接读取", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", ("是 zst 压缩包，不能直接读取", _UNPACK)),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"{\\rtf", ("是文字文档（RTF），不是工作簿", _ORIGINAL)),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", ("是快捷方式，不是文件本身", _ORIGINAL)),
    (b"MZ", ("是程序，不是工作簿", "请不要运行它；请让单位重新交工作簿")),
    (b"SQLite format 3\x00", ("是数据库文件，不是工作簿", _ORIGINAL)),
    (b"\x00\x01\x00\x00Standard ", ("是 Access 数据库，不是工作簿", _ORIGINAL)),
    (b"\x09\x00\x04\x00", _EXCEL_4),
    (b"\x09\x02\x06\x00", _EXCEL_4),
    (b"\x09\x04\x06\x00", _EXCEL_4),
)
# an XML document or a page, by what stands near its beginning, in small letters
_MARKUP: tuple[tuple[bytes, Refusal], ...] = (
    (
        b"urn:schemas-microsoft-com:office:spreadsheet",
        ("是“XML 表格 2003”，不是工作簿", "请用 Excel 打开后另存为 .xlsx 再交"),
    ),
    (
        b"opendocument:xmlns:office",
        ("是单个 XML 的 OpenDocument 文件（.fods）", "请用 LibreOffice 打开后另存为 .xlsx 再交"),
    ),
    (b"schemas.microsoft.com/office/word", _WORD),
    (b"uof:uof", ("是标文通（UOF）文件", SAVE_AGAIN)),
    (b"<html", _WEB),
    (b"<!doctype html", _WEB),
    (b"<table", _WEB),
    (b"<svg", _PICTURE),
    (b"<?xml", ("是 XML 文件，不是工作簿", SAVE_AGAIN)),
)
_MAIL_HEADERS = re.compile(
    rb"(?:mime-version|received|return-path|from|date|message-id|x-[\w-]+): ", re.I
)

# parts by which a zipped document of another program is known: exact names, or how names begin
_PARTS: tuple[tuple[str, Refusal], ...] = (
    ("word/", _WORD),
    ("ppt/", _SLIDES),
    ("visio/", ("是 Visio 图，不是工作簿", _ORIGINAL)),
    ("FixedDoc", ("是 XPS 文件，不是工作簿", _ORIGINAL)),
    ("OFD.xml", ("是 OFD 版式文件，不是工作簿", f"{_ORIGINAL}，不要交打印的版式文件")),
    ("Index/Document.iwa", _IWORK),
    ("Index.zip", _IWORK),
    ("index.apxl", _IWORK),
)
_MIME_TYPES: tuple[tuple[bytes, Refusal], ...] = (
    (b"application/vnd.oasis.opendocument.text", _WORD),
    (b"application/vnd.oasis.opendocument.presentation", _SLIDES),
    (b"application/vnd.oasis.opendocument.graphics", _PICTURE),
    (b"application/epub", ("是电子书，不是工作簿", _ORIGINAL)),
)
_METHODS = {9: "Deflate64", 12: "BZip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_IN_WORKBOOKS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # all that Excel and calamine know

# streams of compound files (OLE), in small letters
_STREAMS: tuple[tuple[str, Refusal], ...] = (
    ("worddocument", _WORD),
    ("powerpoint document", _SLIDES),
    ("__properties_version1.0", _MAIL),
    ("visiodocument", ("是 Visio 图，不是工作簿", _ORIGINAL)),
)


def refusal_of(head: bytes) -> Refusal:
    """What a file is that is neither a zip archive nor a compound file, by its first bytes."""
    for signature, refusal in _SIGNATURES:
        if head.startswith(signature):
            return refusal
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return _PICTURE
    if (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or head[4:12] in (b"ftypheic", b"ftypmif1"):
        return _PICTURE
    if head[257:262] == b"ustar":
        return ("是 tar 压缩包，不能直接读取", _UNPACK)
    if not head.strip(b"\0"):
        return ("内容全是空字节，没有传输完整", SEND_AGAIN)
    text = _text(head)
    return _UNKNOWN if text is None else _of_text(text.strip().encode("utf-8", "replace"))


def _text(head: bytes) -> str | None:
    """The bytes as text, without its byte order mark; None if they are none."""
    for encoding in (
        "utf-8-sig",
        "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030",
    ):
        for cut in range(4):  # the last character may be cut off
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeError:
                continue
            return None if _TEXT_CONTROLS.search(text) else text
    return None


def _of_text(text: bytes) -> Refusal:
    small = text[:4000].lower()
    if _MAIL_HEADERS.match(small):
        return _MAIL
    if small.startswith(b"<"):
        for mark, refusal in _MARKUP:
            if mark in small:
                return refusal
    return ("是文本文件（如 CSV），不是工作簿", SAVE_AGAIN)


def refuse_members(members: Collection[zipfile.ZipInfo]) -> None:
    """Raise UnreadableError for an archive that needs a password, or another program to unpack it."""
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableError(*NEEDS_PASSWORD)
    for member in members:
        if member.compress_type not in _IN_WORKBOOKS:
            raise UnreadableError(*unusual_method(member.compress_type))


def unusual_method(number: int) -> Refusal:
    """Why a member cannot be unpacked that is compressed in a way that few programs know."""
    method = _METHODS.get(number, f"{number} 号")
    return (
        f"压缩方法（{method}）少见，解不开",
        "请用系统自带的压缩功能或标准 zip 重新压缩后再交；单个工作簿请用 Excel 另存为 .xlsx",
    )


def refuse_package(names: Collection[str], read: Callable[[str], bytes]) -> None:
    """Raise UnreadableError for a zip archive that is no workbook. `read` gives a member's bytes."""
    if "mimetype" in names:
        mime = read("mimetype").strip()
        for kind, refusal in _MIME_TYPES:
            if mime.startswith(kind):
                raise UnreadableError(*refusal)
    if "META-INF/manifest.xml" in names and b"encryption-data" in read("META-INF/manifest.xml"):
        raise UnreadableError(*NEEDS_PASSWORD)
    if any(name.lower().startswith("xl/") for name in names):
        return  # other programs' documents may lie in it
    for begin, refusal in _PARTS:
        if any(name.startswith(begin) for name in names):
            raise UnreadableError(*refusal)


def refuse_streams(names: Collection[str]) -> None:
    """Raise UnreadableError for a compound file with these streams that is no workbook."""
    if "encryptedpackage" in names:
        raise UnreadableError(*NEEDS_PASSWORD)
    if "workbook" in names or "book" in names:
        return
    for name, refusal in _STREAMS:
        if name in names:
            raise UnreadableError(*refusal)
