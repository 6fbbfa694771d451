"""A workbook as .xlsb, which neither openpyxl nor LibreOffice writes: values and odd cells only."""

from __future__ import annotations

import struct
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

CODES = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#N/A": 0x2A}
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def as_xlsb(path: Path, out: Path) -> Path:
    """The cells of an .xlsx as it stands, with its custom properties."""
    values = openpyxl.load_workbook(path, data_only=True)
    formulas = openpyxl.load_workbook(path)
    sheets, relations = b"", ""
    with zipfile.ZipFile(out, "w") as archive, zipfile.ZipFile(path) as old:
        for number, name in enumerate(values.sheetnames, 1):
            rows = b""
            for at, row in enumerate(formulas[name].iter_rows()):
                cells = b"".join(
                    _cell(cell.column - 1, _shown(cell, values[name]), cell.data_type)
                    for cell in row
                    if cell.value is not None
                )
                rows += _record(0, struct.pack("<I13x", at)) + cells if cells else b""
            bounds = struct.pack("<4I", 0, values[name].max_row, 0, values[name].max_column)
            sheet = _record(148, bounds) + _record(145) + rows + _record(146)
            archive.writestr(
                f"xl/worksheets/sheet{number}.bin", _record(129) + sheet + _record(130)
            )
            sheets += _record(
                156, struct.pack("<II", 0, number) + _text(f"rId{number}") + _text(name)
            )
            relations += (
                f'<Relationship Id="rId{number}" Type="{RELATION}/worksheet" '
                f'Target="worksheets/sheet{number}.bin"/>'
            )
        book = _record(131) + _record(143) + sheets + _record(144) + _record(132)
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        )
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("docProps/custom.xml", old.read("docProps/custom.xml"))
    return out


def _shown(cell: Cell | MergedCell, values: Worksheet) -> object:
    """What a cell shows; of a formula that nobody has calculated, what it would if all were blank."""
    value = values[cell.coordinate].value
    if value is None:
        return "" if "REPT(" in str(cell.value) else 0
    return value


def _cell(column: int, value: object, kind: str) -> bytes:
    place = struct.pack("<II", column, 0)
    if value in CODES:
        return _record(11 if kind == "f" else 3, place + bytes([CODES[str(value)]]))
    if isinstance(value, datetime):
        value = (value - datetime(1899, 12, 30)).days
    if isinstance(value, (int, float)):
        return _record(9 if kind == "f" else 5, place + struct.pack("<d", value))
    return _record(8 if kind == "f" else 6, place + _text(str(value)))


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, parts = len(data), b""
    while length > 127:
        parts += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + parts + bytes([length]) + data
