"""Open an untrusted file: values through calamine, details through one small pass over the sheet XML.

How a sheet looks (formats, validations, merges) is worked out when somebody asks (`appearance`).
Nothing here trusts the file, nor that all that is wrong with it was seen in time: what still crashes
or hangs does so in the worker process that `read` runs this in.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import python_calamine
from lxml import etree

from xltool.errors import os_words
from xltool.fields.reading import Raw, shown
from xltool.form.layout import Position, a1
from xltool.prose.text import unify_breaks
from xltool.workbook import xls
from xltool.workbook.agreement import disagreement, unread
from xltool.workbook.appearance import Appearance
from xltool.workbook.foreign import HEAD, refusal_of, refuse_streams
from xltool.workbook.limits import MB, Limits
from xltool.workbook.packages import (
    Mark,
    Package,
    PassedOver,
    SheetDetails,
    inspect,
    nothing,
    refuse_many,
    too_large,
)
from xltool.workbook.refusals import (
    FEWER_ROWS,
    HAS_PASSWORD,
    LESS,
    NEEDS_PASSWORD,
    REPAIR,
    SEND_AGAIN,
    UnreadableError,
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VISIBLE = python_calamine.SheetVisibleEnum.Visible
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PLAIN = {type(None), str, int, float, bool, date, datetime}
_LONGEST_NAME = 255  # characters of a sheet's name; Excel has 31, others more


@dataclass(frozen=True)
class SheetData:
    """One sheet: its cells from A1 on, and what calamine does not tell about them."""

    name: str
    grid: list[list[Raw]]
    details: SheetDetails = field(default_factory=SheetDetails)
    is_hidden: bool = False

    @property
    def errors(self) -> Mapping[Position, str]:
        """Cells with an error value."""
        return self.details.odd.errors

    @property
    def formulas(self) -> Mapping[Position, str]:
        """Cells with a formula."""
        return self.details.odd.formulas

    @property
    def pictures(self) -> Collection[Position]:
        """Cells with a picture in them."""
        return self.details.odd.pictures

    @property
    def comments(self) -> Mapping[Position, str]:
        """The comments on cells."""
        return self.details.comments

    @property
    def appearance(self) -> Appearance | None:
        """How it looks; None for kinds of file that are not looked into."""
        return self.details.appearance

    def raw(self, row: int, column: int) -> Raw:
        """The content of a cell; None beyond the used area."""
        if 0 <= row < len(self.grid) and 0 <= column < len(self.grid[row]):
            return self.grid[row][column]
        return None

    def text(self, row: int, column: int) -> str:
        """The content of a cell as text, for comparison with labels.

        A number keeps its decimal point (10.0), so that no figure of the unit looks like a label.
        """
        raw = self.raw(row, column)
        return (
            unify_breaks(raw).strip() if isinstance(raw, str) else "" if raw is None else str(raw)
        )

    def says(self, row: int, column: int, text: str) -> bool:
        """True if this text stands in its place; programs may store the text 10 as the number."""
        return self.text(row, column) == text or shown(self.raw(row, column)) == text

    def with_columns(self, columns: Mapping[int, int]) -> SheetData:
        """The sheet with columns put elsewhere: new column → column here."""
        width = max(columns) + 1
        back = {old: new for new, old in columns.items()}
        grid = [
            [self.raw(row, columns[c]) if c in columns else None for c in range(width)]
            for row in range(len(self.grid))
        ]
        odd = self.details.odd.in_columns(back)
        return replace(self, grid=grid, details=replace(self.details, known=odd))


@dataclass(frozen=True)
class WorkbookData:
    """A workbook as read: sheets in their order (hidden ones too), custom properties, marks."""

    sheets: list[SheetData]
    properties: Mapping[str, str]
    marks: tuple[Mark, ...] = ()

    def sheet(self, name: str) -> SheetData | None:
        """A sheet by name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_workbook(path: Path, limits: Limits, is_passed_over: PassedOver = nothing) -> WorkbookData:
    """Read a workbook of any kind that calamine opens: the same as `parsed` of what the file holds."""
    return parsed(content_of(path, limits), limits, is_passed_over)


def content_of(path: Path, limits: Limits) -> bytes:
    """What a file holds, read once: its digest, what is looked into and its values are of the same bytes.

    Raises UnreadableError for a file that is too large, empty, or that the system does not let us read.
    """
    refuse_size(path, limits)
    try:
        with path.open("rb") as file:
            content = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise _unopened(error) from error
    _refuse_size(len(content), limits)  # it may be written at this moment
    return content


def parsed(content: bytes, limits: Limits, is_passed_over: PassedOver = nothing) -> WorkbookData:
    """Read a workbook of any kind that calamine opens, given what its file holds.

    Of a worksheet of an .xlsx that is passed over, given its name and its XML, nothing but its comments is
    read: it seems blank.

    Raises UnreadableError for everything that is no readable workbook or beyond the limits.
    """
    head = content[:HEAD]
    if head.startswith(b"PK"):
        package = inspect(content, limits, is_passed_over)
    elif head.startswith(_OLE):
        package = _inspect_ole(content)
    else:
        raise UnreadableError(*refusal_of(head))
    sheets = _values(package.content or content, package, limits)
    return WorkbookData(sheets, package.properties, package.marks)


def refuse_size(path: Path, limits: Limits) -> None:
    """Raise UnreadableError for a file that is too large, or holds nothing: before it is read."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _unopened(error) from error
    _refuse_size(size, limits)


def _refuse_size(size: int, limits: Limits) -> None:
    if size == 0:
        raise UnreadableError("文件是空的（0 字节）", SEND_AGAIN)
    if size > limits.file_bytes:
        raise UnreadableError(
            f"文件有 {size // MB} MB，超过 {limits.file_bytes // MB} MB 的限制", LESS
        )


def digest(path: Path) -> str:
    """The sha256 of a file. Raises UnreadableError where the system does not let us read it."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unopened(error) from error


def _unopened(error: OSError) -> UnreadableError:
    return UnreadableError(
        f"文件打不开：{os_words(error)}", "请确认这个文件可以打开，再检查一次；打不开的，请单位重交"
    )


def _inspect_ole(content: bytes) -> Package:
    found = xls.compound(content)
    refuse_streams(found.root_names if found else ())
    if _ENCRYPTED in content[:MB]:  # damaged, too
        raise UnreadableError(*NEEDS_PASSWORD)
    book = found.book if found else b""
    if xls.needs_password(book):
        raise UnreadableError(*HAS_PASSWORD)
    try:
        cells = xls.cells(book)
    except xls.OldError as error:
        raise UnreadableError("是 Excel 95 或更早的格式") from error
    except ValueError as error:
        raise UnreadableError("文件已损坏，或不是工作簿", REPAIR) from error
    details = {n: SheetDetails(known=odd, stated=stated) for n, (odd, stated) in cells.items()}
    return Package(details, {}, ("macros",) if xls.has_macros(content) else ())


def _values(content: bytes, package: Package, limits: Limits) -> list[SheetData]:
    sheets = []
    for name, is_hidden, grid in _grids(content, package.passed_over, limits):
        _refuse_long(name, grid, limits)
        details = package.details.get(name, SheetDetails())
        try:
            _refuse_disagreement(name, grid, details)
        except (
            etree.XMLSyntaxError,
            ValueError,
        ) as error:  # of the table of strings, which calamine read
            raise UnreadableError("文件已损坏", REPAIR) from error
        sheets.append(SheetData(name, grid, details, is_hidden))
    return sheets


def _grids(
    content: bytes, passed_over: Container[str], limits: Limits
) -> list[tuple[str, bool, list[list[Raw]]]]:
    """The name of each sheet, whether it is hidden, and its values: all that calamine is asked.

    Whatever it raises means that the file is damaged, its panics too.
    """
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            refuse_many(len(book.sheet_names), limits)
            grids: list[tuple[str, bool, list[list[Raw]]]] = []
            hidden = {s.name for s in book.sheets_metadata if s.visible != _VISIBLE}
            for name in book.sheet_names:
                if name in passed_over:
                    grids.append((name, name in hidden, []))
                    continue
                sheet = book.get_sheet_by_name(name)
                if sheet.total_height >= limits.rows or sheet.total_width >= limits.columns:
                    raise UnreadableError(too_large(name, limits), FEWER_ROWS)
                grid = _plain(sheet.to_python(skip_empty_area=False))
                grids.append((name, name in hidden, grid))
            return grids
    except python_calamine.PasswordError as error:
        raise UnreadableError(*NEEDS_PASSWORD) from error
    except (UnreadableError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine panics are no Exception
        raise UnreadableError("文件已损坏，或不是工作簿", REPAIR) from error


def _refuse_disagreement(name: str, grid: list[list[Raw]], details: SheetDetails) -> None:
    """Raise UnreadableError where values and details speak of different cells."""
    cell = None
    if details.appearance is not None:
        cell = disagreement(details.appearance, details.filled, grid, details.strings)
    elif details.stated is not None:
        cell = unread(details.stated, grid)
    if cell is not None:
        raise UnreadableError(f"工作表“{name}”的 {cell} 有两种读法，结果不一致")


def _refuse_long(name: str, grid: list[list[Raw]], limits: Limits) -> None:
    """Raise UnreadableError for a text that no cell of ours can hold, nor one of Excel."""
    if len(name) > _LONGEST_NAME:
        raise UnreadableError(
            f"工作表“{name[:10]}……”的名称有 {len(name)} 个字符，超过 {_LONGEST_NAME} 个的限制"
        )
    lengths = [len(raw) for cells in grid for raw in cells if type(raw) is str]
    if max(lengths, default=0) <= limits.characters:
        return
    for row, cells in enumerate(grid):
        texts = [raw for raw in cells if type(raw) is str]
        if not texts or max(map(len, texts)) <= limits.characters:
            continue
        long = max(texts, key=len)
        raise UnreadableError(
            f"工作表“{name}”的 {a1(row, cells.index(long))} 有 {len(long)} 个字符，"
            f"超过 {limits.characters} 个的限制"
        )


def _plain(rows: list[list[Any]]) -> list[list[Raw]]:
    """Calamine's values as ours: '' is None, durations and times are text."""
    cells = [[None if value == "" else value for value in row] for row in rows]
    if _PLAIN.issuperset(map(type, chain.from_iterable(cells))):
        return cells
    return [[cell if type(cell) in _PLAIN else str(cell) for cell in row] for row in cells]
