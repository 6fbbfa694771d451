"""Why a file is not read: in words for the unit, each with its own next step (TPL-008).

What the readers of others raise for damaged bytes is listed here, and nowhere else.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

from lxml import etree

SAVE_AGAIN = "请用 Excel 或 WPS 打开后另存为 .xlsx（不加密）再交"
SEND_AGAIN = "请重新传输或复制这个文件再交；自己的电脑上也打不开的，请用原表重填"
REPAIR = "请用 Excel 或 WPS 打开后另存为 .xlsx 再交；打不开的，请重新传输，或用原表重填"
NEEDS_PASSWORD = ("文件已加密，需要密码才能打开", "请打开后去掉打开密码，保存后再交")
HAS_PASSWORD = ("文件已加密，设有打开密码或修改密码", "请打开后去掉密码，另存为 .xlsx 再交")
LESS = "请删去多余的工作表、图片和表格以外的内容，另存后再交"
FEWER_ROWS = "请删去表格以外的空行、空列和内容，另存后再交"

# an archive that is not as it should be, or not whole
BROKEN_ARCHIVE = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError)
# what is packed in it
BROKEN_CONTENT = (
    *(zlib.error, lzma.LZMAError, struct.error, etree.XMLSyntaxError),
    *(ValueError, KeyError, OverflowError),
)
DAMAGE = (*BROKEN_ARCHIVE, *BROKEN_CONTENT)


class UnreadableError(Exception):
    """The file cannot be read: why, and what the unit is to do, both in Chinese."""

    def __init__(self, reason: str, remedy: str = SAVE_AGAIN):
        self.reason = reason
        self.remedy = remedy
        super().__init__(reason)
