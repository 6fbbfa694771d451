"""openpyxl as a second reader: does a return hold what was read from it?"""

from __future__ import annotations

import math
import re
import signal
import warnings
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl

from xltool.prose.text import unify_breaks
from xltool.returns.submissions import Submission

_SECONDS = 10  # that openpyxl may take for a file
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def differences(
    path: Path, found: Submission, told: Collection[tuple[str, str]]
) -> Iterator[str] | None:
    """The cells of fields where openpyxl has another value, less those (sheet, cell) that are told.

    None where openpyxl cannot open the file.
    """
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(_SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, data_only=True)
    except Exception:  # whatever it cannot open it cannot judge
        return None
    finally:
        signal.alarm(0)
    return _differences(book, found, told)


def _too_slow(number: int, frame: object) -> None:
    raise TimeoutError


def _differences(
    book: openpyxl.Workbook, found: Submission, told: Collection[tuple[str, str]]
) -> Iterator[str]:
    for row in found.rows:
        if row.sheet not in book.sheetnames or not hasattr(book[row.sheet], "cell"):
            continue
        page = book[row.sheet]
        for name, cell in row.cells.items():
            if name not in row.raw or (row.sheet, cell) in told:
                continue
            ours, theirs = row.raw[name], page[cell].value
            if not _same(ours, theirs):
                yield f"{row.sheet}!{cell}: {ours!r} is {theirs!r} for openpyxl"


def _same(ours: object, theirs: object) -> bool:
    """Equal but for how each reader gives blanks, breaks, numbers and days."""
    if isinstance(theirs, (datetime, date, time, timedelta)) or isinstance(ours, (datetime, date)):
        return _day(ours) == _day(theirs) or isinstance(theirs, (time, timedelta))
    if isinstance(ours, (int, float, Decimal)) and isinstance(theirs, (int, float)):
        return math.isclose(float(ours), float(theirs), rel_tol=1e-12)
    return _text(ours) == _text(theirs)


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def _text(value: object) -> str:
    words = "" if value is None else str(value)
    return unify_breaks(_ESCAPED.sub(lambda m: chr(int(m[1], 16)), words)).strip()
