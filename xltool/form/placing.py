"""What is wrong with where things stand on a form: holes, overlaps, names of sheets, fields without a place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from xltool.errors import OfficeError
from xltool.form import own_sheets
from xltool.form.layout import Sheet, a1
from xltool.form.layout_xml import Drawing
from xltool.form.model import Form
from xltool.form.source import Source

_LONGEST = 31  # characters of the name of a sheet
_MOST_RECORDS = 999  # the name of a sheet with {n} must have room for
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")
_OURS = {name for key, name in vars(own_sheets).items() if key.isupper()}


def placing_mistakes(form: Form, source: Source, drawing: Drawing) -> Iterator[OfficeError]:
    """Yield what is wrong with a layout that could be drawn."""
    sheets = drawing.layout.sheets
    names: Counter[str] = Counter()
    for sheet, places in zip(sheets, drawing.sheets, strict=True):
        place = places[None]
        names[sheet.name.casefold()] += 1
        for words in _wrong_name(sheet.name, names):
            yield place.mistake(words)
        for row, words in _gaps(sheet):
            yield places.get(row, place).mistake(words)
    yield from _without_place(form, source, drawing)


def _wrong_name(name: str, names: Counter[str]) -> Iterator[str]:
    """What is wrong with the name of a sheet."""
    shown = name.replace("{n}", str(_MOST_RECORDS))
    if not name.strip():
        yield '<sheet> 没有名字；请写 name="……"'
    elif len(shown) > _LONGEST or _NOT_IN_NAMES.search(shown):
        yield (
            f"工作表名“{name}”不能用：最多 {_LONGEST} 字（含编号），"
            "不能有 [ ] : * ? / \\，开头和结尾不能是单引号；请改名"
        )
    elif re.search(r"[{}]", name.replace("{n}", "")):
        yield f"工作表名“{name}”里的花括号只能写 {{n}}；请改名"
    if name in _OURS:
        yield f"工作表名“{name}”是系统自己用的；请改名"
    if names[name.casefold()] > 1:
        yield f"有两张工作表叫“{name}”；请改名"


def _gaps(sheet: Sheet) -> Iterator[tuple[int, str]]:
    """Rows of a sheet where a position belongs to no cell, or to several."""
    taken = Counter(
        (cell.row + row, cell.column + column)
        for cell in sheet.cells
        for row in range(cell.rows)
        for column in range(cell.columns)
    )
    every = [(row, column) for row in range(sheet.height) for column in range(len(sheet.widths))]
    for row, places in groupby((place for place in every if taken[place] == 0), lambda at: at[0]):
        cells = "、".join(a1(*place) for place in places)
        yield row, f"{cells} 空着没有格子；请补足 colspan 或 rowspan，有意空着的写 <empty/>"
    for row, places in groupby((place for place in every if taken[place] > 1), lambda at: at[0]):
        cells = "、".join(a1(*place) for place in places)
        yield row, f"{cells} 被两个格子占着；请核对这里和上面各行的 colspan、rowspan"


def _without_place(form: Form, source: Source, drawing: Drawing) -> Iterator[OfficeError]:
    """Fields that the unit or the workbook fills, and tables, that stand nowhere on the form.

    What the system fills may do without a cell, and an optional field of rows, which an adopted form may
    have only because its rows print something in its place.
    """
    sheets = drawing.layout.sheets
    placed = {(sheet.record, name) for sheet in sheets for name in sheet.fields}
    blocks = [block for sheet in sheets for block in sheet.blocks]
    placed |= {(block.table, name) for block in blocks for name in (*block.columns, *block.keys)}
    tables = {name for name, _ in placed}
    for table in form.tables.values():
        model = table.model.__name__
        if table.name not in tables:
            element = "<block table=" if table.is_rows else "<sheet record="
            words = f'数据表 {table.name} 在版面上没有位置；请加 {element}"{table.name}" …>，或删去这个类'
            yield source.mistake(words, source.field_line(model, ""))
            continue
        for name, column in table.fields.items():
            may_lack = column.filled_by == "system" or (table.is_rows and not column.required)
            is_meant = may_lack and not column.computed
            if (table.name, name) not in placed and not is_meant:
                must = "必填" if column.required else ""
                words = (
                    f"{must}字段 {name} 在版面上没有位置；"
                    f'请在 layout.xml.j2 里加 <field name="{name}"/>，或删去它'
                )
                yield source.mistake(words, source.field_line(model, name))
