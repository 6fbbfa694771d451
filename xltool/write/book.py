"""A workbook under construction: whole or not there, and nothing is dropped silently."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellStringTuple, Worksheet
from xlsxwriter.xmlwriter import XMLwriter

from xltool.fields.reading import Raw, Value
from xltool.files import appearing, scratch_beside

# Families that Windows, WPS and 麒麟 have; LibreOffice and others substitute.
SONG = "宋体"
HEI = "黑体"
TITLE, SMALL_TITLE = 18, 12  # sizes of headings; everything else is 10.5, 五号
ROW_PIXELS = 19  # of a row that has no height of its own
CREATED = datetime(2000, 1, 1)  # fixed: the same input gives the same bytes

_HEIGHT_PER_POINT = 1.45  # line height over font size, generous enough for CJK substitutes
_STAMP = f"{CREATED:%Y-%m-%dT%H:%M:%SZ}".encode()
_ENOUGH = 1 << 20  # bytes of a part that is looked at


def is_as_written(path: Path, sheet: str) -> bool:
    """True for a workbook of ours with such a sheet that no program has saved since.

    Whatever saves a workbook notes the time. False for any other file, and for what is no file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            with archive.open("docProps/core.xml") as part:
                stamps = part.read(_ENOUGH).count(_STAMP)
            with archive.open("xl/workbook.xml") as part:
                return stamps == len(("created", "modified")) and (
                    f'<sheet name="{sheet}"'.encode() in part.read(_ENOUGH)
                )
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError, EOFError):
        return False


class _Worksheet(Worksheet):
    """A worksheet that writes formulas as they are: ours have no function newer than Excel 2010.

    XlsxWriter looks through each formula for thirty newer ones; with the live checks, that would
    take longer than all else in writing a workbook. A row with a height may be `growing`: it is as high
    as that until somebody types in it, which XlsxWriter cannot say.
    """

    def __init__(self) -> None:
        super().__init__()
        self.growing: set[int] = set()

    def _xml_start_tag_unencoded(self, tag: str, attributes: Any = None) -> None:
        if tag == "row" and attributes[0][1] - 1 in self.growing:
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        return formula.removeprefix("{").removesuffix("}").removeprefix("=")


class Strings(SharedStrings):
    """The shared strings of a workbook: all of them texts. XlsxWriter takes `<r>…</r>` for XML."""

    def _xml_rich_si_element(self, string: str) -> None:
        self._xml_si_element(string)


class _Packager(Packager):
    """Puts the parts together, with `Strings` for the shared strings."""

    def _write_shared_strings_file(self) -> None:
        part = Strings()
        part.string_table = self.workbook.str_table
        if part.string_table.count:
            part._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            part._assemble_xml_file()


class _OpenWorkbook(xlsxwriter.Workbook):
    """A workbook whose structure may be changed."""

    def _get_packager(self) -> Packager:
        return _Packager()


class _Workbook(_OpenWorkbook):
    """A workbook whose structure is protected: XlsxWriter has no option for that."""

    structure_password = ""
    worksheet_class = _Worksheet

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        attributes: list[tuple[str, Any]] = []
        if self.structure_password:
            hashed = Worksheet()._encode_password(self.structure_password)
            attributes.append(("workbookPassword", hashed))
        attributes.append(("lockStructure", 1))
        self._xml_empty_tag("workbookProtection", attributes)


@lru_cache(maxsize=256)
def _inline(text: str) -> str:
    """A text as the content of a cell. Lists say the same again in the next row."""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    escaped = XMLwriter._escape_control_characters(XMLwriter()._escape_data(text))
    return f"<is><t{space}>{escaped}</t></is>"


class _LargeWorksheet(Worksheet):
    """A worksheet of a list that is written row by row, whose texts stand in its cells: all of them texts.

    XlsxWriter takes `<r>…</r>` for XML, and works out each text anew.
    """

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if not isinstance(cell, CellStringTuple) or cell.format is None:
            super()._write_cell(row, col, cell)
            return
        place, style = xl_rowcol_to_cell_fast(row, col), cell.format._get_xf_index()
        text = _inline(cell.string)
        self.fh.write(f'<c r="{place}" s="{style}" t="inlineStr">{text}</c>')


class _LargeWorkbook(_OpenWorkbook):
    """A workbook of lists that is not held in memory."""

    worksheet_class = _LargeWorksheet


class _Output(io.BufferedIOBase):
    """A file on a disk that may be full: what it refused once is not tried again.

    Python tries to end a zip file that was given up, and would complain beside our own line.
    """

    def __init__(self, file: IO[bytes]):
        self._file = file
        self._refused = False
        self._place = self._end = 0

    def write(self, content: Any) -> int:
        """Write, unless an earlier write failed."""
        if not self._is_over:
            try:
                self._file.write(content)
            except OSError:
                self._refused = True
                raise
        self._place += len(content)
        self._end = max(self._end, self._place)
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file."""
        self._place = offset + (0, self._place, self._end)[whence]
        if not self._is_over:
            try:
                self._file.seek(self._place)
            except OSError:  # what was written before goes out now
                self._refused = True
                raise
        return self._place

    def tell(self) -> int:
        """As of any file."""
        return self._place

    def flush(self) -> None:
        """Nothing: what was written goes out in the end."""

    @property
    def _is_over(self) -> bool:
        return self._refused or self._file.closed


class Book:
    """A workbook under construction. Formats are shared; every refusal of XlsxWriter is an error.

    Rows and columns count from 0. `password` protects sheets and structure; with `protect` False
    the structure stays open, as in lists. With a `scratch` folder, rows go there as soon as the next one
    is begun: row after row, each with its height before the next.
    """

    def __init__(
        self,
        target: io.BufferedIOBase,
        password: str = "",
        protect: bool = True,
        scratch: Path | None = None,
    ):
        options = {
            "in_memory": scratch is None,
            "constant_memory": scratch is not None,
            "tmpdir": None if scratch is None else str(scratch),
            "strings_to_numbers": False,
            "strings_to_formulas": False,  # a unit's "=1+1" stays text
            "strings_to_urls": False,
            # 宋体 11 is what Chinese Excel starts with; columns are measured by its digits, and every
            # machine of a unit has it, so that columns are as wide everywhere
            "default_format_properties": {"font_name": SONG, "font_size": 11},
            "default_row_height": ROW_PIXELS,
            "default_column_width": 72,
        }
        unlocked = _OpenWorkbook if scratch is None else _LargeWorkbook
        self.file = (_Workbook if protect else unlocked)(target, options)
        if scratch is not None:
            self.file.use_zip64()  # a sheet may have more than 2 GiB
        self.file.set_properties({"created": CREATED, "author": "xltool"})
        self.password = password
        if isinstance(self.file, _Workbook):
            self.file.structure_password = password
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return a cell format, made once for each combination of XlsxWriter's properties."""
        base = {"font_name": SONG, "font_size": 10.5, "valign": "vcenter", **properties}
        key = tuple(sorted(base.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(base)
        return self._formats[key]

    def conditional(self, **properties: Any) -> Format:
        """Return a format for conditional formatting: colours, but no font and no size."""
        key = (("conditional", True), *sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(properties)
        return self._formats[key]

    def sheet(self, name: str) -> Worksheet:
        """Add a worksheet and return it. XlsxWriter raises for a name that Excel refuses."""
        return self.file.add_worksheet(name)

    def protect(self, sheet: Worksheet, *, filters: bool = False) -> None:
        """Lock a sheet; the widths of columns and the heights of rows stay adjustable, perhaps its filter."""
        options = {"format_columns": True, "format_rows": True, "autofilter": filters}
        sheet.protect(self.password, options)

    def let_grow(self, sheet: Worksheet, row: int, height: float) -> None:
        """Give a row a height in points that it keeps only until somebody types in it."""
        done(sheet.set_row(row, height))
        if isinstance(sheet, _Worksheet):
            sheet.growing.add(row)

    def put(
        self, sheet: Worksheet, row: int, column: int, value: Value | Raw, style: Format
    ) -> None:
        """Write one value by its Python type, None as a blank; text is never a formula or link.

        What is no number although a file says so (1e999) is written as text: no cell could hold it.
        """
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        if value is None or value == "":
            done(sheet.write_blank(row, column, None, style))
        elif isinstance(value, str):
            done(sheet.write_string(row, column, value, style))
        elif isinstance(value, bool):
            done(sheet.write_boolean(row, column, value, style))
        elif isinstance(value, (int, float, Decimal)):
            done(sheet.write_number(row, column, value, style))
        else:
            done(sheet.write_datetime(row, column, value, style))

    def area(
        self, sheet: Worksheet, place: tuple[int, int, int, int], value: Value | Raw, style: Format
    ) -> None:
        """Write a value into a cell or a merged area: (first row, first column, rows, columns)."""
        row, column, rows, columns = place
        if rows > 1 or columns > 1:
            done(sheet.merge_range(row, column, row + rows - 1, column + columns - 1, "", style))
        self.put(sheet, row, column, value, style)

    def name(self, name: str, formula: str) -> None:
        """Define a name for the whole workbook."""
        done(self.file.define_name(name, formula))

    def property(self, name: str, value: str) -> None:
        """Set a custom document property, a text."""
        done(self.file.set_custom_property(name, value, "text"))


@contextmanager
def open_large_book(path: Path) -> Iterator[Book]:
    """Yield a `Book` that is not held in memory, for lists; see `open_book`."""
    with (
        appearing(path) as temporary,
        temporary.open("wb") as file,
        scratch_beside(path) as scratch,
        _strictly(),
    ):
        book = Book(_Output(file), protect=False, scratch=scratch)
        try:
            yield book
            book.file.close()
        finally:
            for sheet in book.file.worksheets():
                sheet._opt_close()


@contextmanager
def open_book(path: Path, password: str = "", protect: bool = True) -> Iterator[Book]:
    """Yield a `Book`; at the end of the block it is written whole, or not at all after an error.

    It is written into a temporary file, which then replaces `path`. Folders are made. Raises
    UserWarning where XlsxWriter says that it dropped something.
    """
    with (
        appearing(path) as temporary,
        temporary.open("wb") as file,
        book_into(_Output(file), password, protect) as book,
    ):
        yield book


@contextmanager
def book_into(
    target: io.BufferedIOBase, password: str = "", protect: bool = True
) -> Iterator[Book]:
    """Yield a `Book` that is written to a file or into memory; see `open_book`."""
    with _strictly():
        book = Book(target, password, protect)
        yield book
        book.file.close()


@contextmanager
def _strictly() -> Iterator[None]:
    """Raise UserWarning where XlsxWriter says that it dropped something."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        yield


def done(result: object) -> None:
    """Take the result of a call of XlsxWriter. Raises ValueError where it is negative: refused."""
    if isinstance(result, int) and result < 0:
        raise ValueError(f"XlsxWriter refused a cell, name or validation ({result})")


def _pixels(width: float) -> float:
    """Return how many pixels of a column so many characters wide a text may use, at least.

    A character is a digit of the default font: 8 pixels in Excel, 7 and a third in LibreOffice, which
    leaves more room free at the sides.
    """
    return width * 7 - 4


def characters_in(width: float, size: float) -> int:
    """Return how many Chinese characters a line of a wrapped text holds, at least; see `text_height`."""
    em = size * 96 / 72
    return max(1, int((_pixels(width) - em) / em))


@lru_cache(maxsize=2048)  # printed texts come again in every workbook
def text_height(text: str, width: float, size: float) -> float:
    """Return the height in points that a wrapped text needs.

    `width` is that of the column in characters of the default font, `size` that of the font in
    points. The height is an estimate, on the generous side: fonts differ from machine to machine.
    """
    usable = _pixels(width)
    em = size * 96 / 72
    lines = 0
    for paragraph in text.split("\n"):
        pixels = sum(em * (0.58 if character.isascii() else 1.0) for character in paragraph)
        # a line breaks before its last character fits, so of several none is quite full
        full = usable if pixels <= usable else max(1, usable - em)
        lines += max(1, -(-int(pixels) // max(1, int(full))))
    return lines * size * _HEIGHT_PER_POINT + 3
