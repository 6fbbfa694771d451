"""The office's lists that fields of a form are declared with, read for writing workbooks.

`with_lists` is where an office hears of its mistakes: a list that is not there or empty, that lacks a
column, says the same twice, or two things of one code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from xltool.errors import OfficeError
from xltool.fields.field import Field
from xltool.form.model import Form, TableView
from xltool.office.csv_files import read_csv
from xltool.office.list_files import list_file
from xltool.office.values import read_list
from xltool.rules.declaring import Reference
from xltool.rules.lists import reference_of
from xltool.workbook.limits import Limits

_MOST = Limits().rows - 1000  # lines of a list: it comes back on a sheet that has no more rows
Pairs = Sequence[tuple[str, str]]  # of a list: the key, or an empty text, and the entry


def with_lists(form: Form, folder: Path | None) -> Form:
    """Return the form with the entries of all lists that its fields are declared with.

    `folder` is that of the campaign. Raises OfficeError with the file, and the line, of a wrong list.
    """
    tables = {name: _with_lists(table, folder) for name, table in form.tables.items()}
    if all(table is form.tables[name] for name, table in tables.items()):
        return form
    return replace(form, tables=tables)


def _with_lists(table: TableView, folder: Path | None) -> TableView:
    listed = {
        name: column
        for name, column in table.fields.items()
        if column.lists and (column.kind.listed or column.looked_up)
    }
    if not listed:
        return table
    if folder is None:
        raise OfficeError(
            f"「{table.title}」的可选项取自办公室的清单；请用 --campaign 指明填报文件夹"
        )
    fields = dict(table.fields)
    for name, column in listed.items():
        wanted = reference_of(table.name, table.fields, name)
        found = fields[name] = _with_entries(column, _read(folder, wanted))
        twice = next((k for k, some in found.entries.items() if len(some) > 1), None)
        if column.looked_up is not None and twice is not None:
            several = "”和“".join(found.entries[twice][:2])
            raise OfficeError(
                f"“{twice}”有不同的{column.heading}：“{several}”；请只留一个", folder / wanted.file
            )
    return replace(table, fields=fields)


def _with_entries(column: Field, pairs: Pairs) -> Field:
    """A field with the entries of its list: in the order of the list, each once."""
    entries: dict[str, dict[str, None]] = {}
    for key, entry in pairs:
        entries.setdefault(key, {})[entry] = None
    choices = tuple(dict.fromkeys(entry for _, entry in pairs))
    by_key = {key: tuple(some) for key, some in entries.items()} if column.key else {}
    return replace(column, choices=() if column.looked_up else choices, entries=by_key)


def _read(folder: Path, wanted: Reference) -> Pairs:
    """A list as it is in the folder now."""
    path = list_file(folder, wanted.file)
    try:
        found = path.stat()
    except OSError:
        raise OfficeError("找不到这个文件；栏目的可选项取自它，请放进填报文件夹", path) from None
    return _pairs(path, wanted, (found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=64)
def _pairs(path: Path, wanted: Reference, state: tuple[int, int]) -> Pairs:  # noqa: ARG001
    """The keys and entries of a list; `state` is what tells a file from an earlier one of its name."""
    _refuse(path)
    fields = wanted.model.fields()
    *keys, name = fields
    pairs = []
    for row in read_list(path, fields):
        key, entry = str(row[keys[0]] or "") if keys else "", row[name]
        if entry is not None and (key or not keys):
            pairs.append((key, str(entry)))
    if not pairs:
        raise OfficeError(f"“{fields[name].label}”一列是空的；请每行填写一项", path)
    return pairs


def _refuse(path: Path) -> None:
    """Raise OfficeError for a list without lines, with too many, or that says the same twice."""
    rows = read_csv(path)
    if not rows:
        raise OfficeError("清单是空的；请每行填写一项", path)
    if len(rows) > _MOST:
        raise OfficeError(f"有 {len(rows)} 行，清单最多 {_MOST} 行", path)
    lines: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        first = lines.setdefault(tuple(cell.strip() for cell in row.values()), line)
        if first != line:
            raise OfficeError(f"与第 {first} 行相同；请删去重复的一行", path, line)
