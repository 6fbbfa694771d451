"""The data validations of a sheet as openpyxl reads them; the entries of lists, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xltool.adopting.official import Limit
from xltool.form.layout import Position

_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
_ATTRIBUTES = ("type", "operator", "errorStyle", "promptTitle", "prompt", "error")
_AREA = re.compile(r"\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?")
_REFERENCE = re.compile(rf"(?:'((?:[^']|'')+)'|([^'!]+))!({_AREA.pattern})")


def limits_of(book: Workbook, sheet: Worksheet, xml: bytes) -> dict[Position, Limit]:
    """Return the data validation of each cell that has one; `xml` is that of the sheet."""
    found: dict[Position, Limit] = {}
    for rule in [*sheet.data_validations.dataValidation, *_extended(xml)]:
        limit = _limit(book, sheet, rule)
        for area in rule.sqref.ranges:
            rows = range(area.min_row, min(area.max_row, sheet.max_row) + 1)
            for row in rows:
                for column in range(area.min_col, min(area.max_col, sheet.max_column) + 1):
                    found[row - 1, column - 1] = limit
    return found


def _extended(xml: bytes) -> Iterator[DataValidation]:
    """The validations that Excel writes as an extension, for openpyxl leaves them out.

    So it does where a list stands on another sheet.
    """
    if b"x14:dataValidation " not in xml:
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for element in etree.fromstring(xml, parser).iter(f"{_X14}dataValidation"):
        words = {child.tag: "".join(map(str, child.itertext())) for child in element}
        attributes: dict[str, Any] = {
            str(k): str(v) for k, v in element.attrib.items() if k in _ATTRIBUTES
        }
        yield DataValidation(
            sqref=words.get(f"{_XM}sqref", ""),
            formula1=words.get(f"{_X14}formula1"),
            formula2=words.get(f"{_X14}formula2"),
            **attributes,
        )


def _limit(book: Workbook, sheet: Worksheet, rule: DataValidation) -> Limit:
    kind: str = rule.type or "any"
    first, second = str(rule.formula1 or ""), str(rule.formula2 or "")
    return Limit(
        type=kind,
        operator=rule.operator or "between",
        first=first,
        second=second,
        choices=tuple(_choices(book, sheet, first)) if kind == "list" else (),
        soft=(rule.errorStyle or "stop") != "stop",
        prompt="\n".join(filter(None, (rule.promptTitle, rule.prompt, rule.error))),
    )


def _choices(book: Workbook, sheet: Worksheet, source: str) -> Iterator[str]:
    """The entries of a list: written out, in a range, or in a range with a name."""
    source = source.strip().removeprefix("=")
    if source.startswith('"'):
        yield from filter(None, (word.strip() for word in source.strip('"').split(",")))
        return
    names = {**dict(book.defined_names), **dict(sheet.defined_names)}
    if source in names:
        source = str(names[source].attr_text or "").removeprefix("=")
    where = _REFERENCE.fullmatch(source)
    title = (where[1] or where[2]).replace("''", "'") if where else sheet.title
    area = where[3] if where else source
    origin = next((other for other in book.worksheets if other.title == title), None)
    if origin is None or not _AREA.fullmatch(area):
        return
    cells = CellRange(area.replace("$", ""))
    bounds = (cells.min_row, min(cells.max_row, origin.max_row), cells.min_col)
    for line in origin.iter_rows(*bounds, min(cells.max_col, origin.max_column)):
        for cell in line:
            text = str(cell.value).strip() if cell.value is not None else ""
            if text:
                yield text
