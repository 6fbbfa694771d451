"""Texts put straight into the XML of a workbook: openpyxl and XlsxWriter refuse some of them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from html import escape
from pathlib import Path

from hostile import FORM, write


def with_texts(path: Path, out: Path, texts: Mapping[str, str], part: str = FORM) -> Path:
    """A workbook with other texts in some cells of a sheet; control characters as Excel writes them."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    xml = members[part].decode()
    for address, text in texts.items():
        xml, style, after = _cut(xml, address)
        content = f'<is><t xml:space="preserve">{_stored(text)}</t></is>'
        xml += f'<c r="{address}"{style} t="inlineStr">{content}</c>{after}'
    members[part] = xml.encode()
    return write(out, members)


def _cut(xml: str, address: str) -> tuple[str, str, str]:
    """What stands before a cell, its style, and what stands after it."""
    cell = re.search(rf'<c r="{address}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', xml)
    assert cell is not None, address
    return xml[: cell.start()], cell[1] or "", xml[cell.end() :]


def _stored(text: str) -> str:
    """`\\x07` is `_x0007_` in a workbook."""
    return re.sub(
        r"[\x00-\x08\x0b-\x1f]", lambda m: f"_x{ord(m[0]):04X}_", escape(text, quote=False)
    )
