"""CSV files, as Excel reads and saves them: the office's own, and those that xltool writes for it.

Read: UTF-8 with or without BOM, GB18030, which is what Excel in China writes, or its Unicode text; with commas,
semicolons or tabs. Written: UTF-8 with
BOM, since Excel would otherwise take it for GBK, and no cell that a spreadsheet takes for a formula:
names of files and texts of units come from outside.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import zip_longest
from pathlib import Path

from xltool.errors import OfficeError
from xltool.files import appearing, replace_file, saying_of
from xltool.office.list_files import is_book, lines_of_book
from xltool.office.mistakes import Mistakes
from xltool.prose.text import printable

_BOM = "\ufeff"
# the encoding of a file → how lines are added to it: without BOM
_ADDING = {"utf-8-sig": "utf-8", "gb18030": "gb18030", "utf-16": "utf-16-le"}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_TITLES = 2  # lines above the headings
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Number(str):
    """A number as text: it is written as it is, since a spreadsheet takes `-1` for what it is."""

    __slots__ = ()


def read_csv(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of an office's CSV file with their line numbers; blank lines are skipped.

    Raises OfficeError when it is missing, in no known encoding, or a line has too many cells.
    """
    mistakes = Mistakes(path.parent)
    rows = list(each_row(path, mistakes))
    mistakes.insist()
    return rows


def each_row(path: Path, mistakes: Mistakes | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file as `read_csv` gives them, one at a time: those of a province are many.

    Raises OfficeError as it does, but when it comes to the wrong line; lines with too many cells are noted in
    `mistakes`, where they are given, and passed over.
    """
    rows = _below_titles(_lines_of(path))
    first, header = next(rows, (1, []))
    if not header:
        raise OfficeError("文件是空的，第一行应为列名；请补上", path)
    header = [word.strip() for word in header]
    for word in header:
        if header.count(word) > 1:
            what = f"列名“{word}”重复" if word else "有几列没有列名"
            raise OfficeError(f"{what}；请改名，或删去多余的列", path, first)
    for line, cells in rows:
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            words = f"有 {len(cells)} 格，列名只有 {len(header)} 个；文字里有逗号的，请给这一格加英文双引号"
            error = OfficeError(words, path, line)
            if mistakes is None:
                raise error
            mistakes.take([error])
        elif any(cell.strip() for cell in cells):
            yield line, dict(zip_longest(header, cells[: len(header)], fillvalue=""))


def _below_titles(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The lines from the headings on: above these may stand a title or two, each in a cell by itself.

    A list of one column has no titles that anybody could tell.
    """
    held: list[tuple[int, list[str]]] = []
    for row in rows:
        held.append(row)
        if _filled(row[1]) > 1:
            held = held[-1:]
            break
        if sum(_filled(cells) == 1 for _, cells in held) > _TITLES:
            break
    yield from held
    yield from rows


def _filled(cells: Sequence[str]) -> int:
    """How many of the cells hold something."""
    return sum(bool(cell.strip()) for cell in cells)


def _lines_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file with their numbers; a row whose cells have line breaks is told by its first line."""
    if is_book(path):
        yield from lines_of_book(path)
        return
    content, encoding = _content(path)
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    reader = csv.reader(text, strict=True, delimiter=_delimiter(content, encoding, path))
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        words = (
            "从这一行起双引号不成对，或后面有多余的文字；请改正，或用 Excel 打开后另存为 CSV UTF-8"
        )
        raise OfficeError(words, path, line) from error


def _delimiter(content: bytes, encoding: str, path: Path) -> str:
    """What stands between the cells: commas, or what other programs and countries write."""
    first = io.TextIOWrapper(io.BytesIO(content), encoding).readline()
    if "," not in first:
        if any(sign in first for sign in "，；"):
            words = "列名之间用了中文的标点；请改成英文逗号，或用 Excel 打开后另存为 CSV UTF-8"
            raise OfficeError(words, path, 1)
        return next((sign for sign in "\t;" if sign in first), ",")
    return ","


def _content(path: Path) -> tuple[bytes, str]:
    """The bytes of a file, and the encoding that they are in."""
    try:
        content = path.read_bytes()
    except OSError:
        raise OfficeError("找不到这个文件；请放进填报文件夹", path) from None
    is_unicode_text = content.startswith(b"\xff\xfe")  # as Excel calls it
    encodings = ["utf-16"] if is_unicode_text else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            content.decode(encoding)
        except UnicodeDecodeError as error:
            if content.startswith(codecs.BOM_UTF8):  # it says itself what it is
                line = content.count(b"\n", 0, error.start) + 1
                words = "这一行有半个字，像是没有写完；请从备份恢复，或删去这一行"
                raise OfficeError(words, path, line) from None
        else:
            return content, encoding
    raise OfficeError("编码无法识别；请另存为 CSV UTF-8", path)


def read_written(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file that `write_csv` or `append_csv` wrote, with the texts as they were given.

    They come one at a time. Raises OfficeError as `read_csv` does.
    """
    for line, row in each_row(path):
        yield line, {word: _as_given(cell) for word, cell in row.items()}


def lacks_end(path: Path, cells: int) -> bool:
    """True for a file whose last line was cut off: it has no end, and fewer cells than these."""
    content, encoding = _content(path)
    text = content.decode(encoding)
    if text.endswith(("\n", "\r")):
        return False
    rows = list(csv.reader(text.splitlines()[-1:], delimiter=_delimiter(content, encoding, path)))
    return bool(rows) and len(rows[-1]) < cells


def write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of texts one by one, the first one the headings; the file appears whole or not at all."""
    with appearing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(_BOM)
        csv.writer(file).writerows([_plain(cell) for cell in row] for row in rows)


def write_gb18030(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of texts one by one, as systems of this country read them: GB18030, without BOM.

    Numbers stay as they are, minus and all; other texts are written as `write_csv` does, but with every
    character, since no terminal shows them. The file appears whole or not at all.
    """
    with (
        appearing(path) as temporary,
        temporary.open("w", encoding="gb18030", newline="") as file,
    ):
        csv.writer(file).writerows([_harmless(cell) for cell in row] for row in rows)


def append_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Add rows of texts to a file; see `adding_csv`."""
    with adding_csv(path, header, rows):
        pass


@contextmanager
def adding_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[None]:
    """Add rows of texts to a file, which begins with `header`. Without rows nothing happens.

    Nothing that stands there is changed; its encoding is kept, and a last line that has no end gets
    one. The rows are taken away again if they do not all find room on the disk, or if the block raises.
    The caller holds the lock of the folder (`xltool.locks`), since other runs may add lines too.
    """
    if not rows:
        yield
        return
    content, encoding = _content(path) if path.exists() else (b"", "utf-8-sig")
    if text := content.decode(encoding):
        gap = "" if text.endswith("\n") else "\r\n"
        added = (gap + _lines(rows, _delimiter(content, encoding, path))).encode(_ADDING[encoding])
    else:
        added = csv_text([header, *rows]).encode()
    before = path.stat().st_size if path.exists() else None
    try:
        _add(path, added)
        yield
    except BaseException:
        with suppress(OSError):
            if before is None:
                path.unlink()
            else:
                os.truncate(path, before)
        raise


def _add(path: Path, content: bytes) -> None:
    """Add bytes to a file, in one piece as far as the system does so, whatever interrupts us.

    A new file appears with them: whoever reads without the lock never sees an empty one.
    """
    if not path.exists():
        replace_file(path, content)
        return
    with saying_of(path), path.open("ab", buffering=0) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) :]


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """The text of such a file, BOM and all."""
    return _BOM + _lines(rows)


def _lines(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, nor a terminal for a command."""
    if isinstance(text, Number):
        return text
    return _guarded("\n".join(map(printable, text.split("\n"))))


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; a number is none."""
    return text if _NUMBER.fullmatch(text) else _guarded(text)


def _guarded(text: str) -> str:
    return f"'{text}" if text[:1] in _FORMULA_SIGNS else text


def _as_given(cell: str) -> str:
    """The text that `_plain` made this cell of."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA_SIGNS else cell
