"""Single parts of a workbook, made by the classes of XlsxWriter that make them in a whole one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any, NamedTuple

from xlsxwriter.custom import Custom
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.vml import Vml
from xlsxwriter.worksheet import Worksheet

from xltool.write.book import ROW_PIXELS, Strings


class Height(NamedTuple):
    """Points of a row, whether it gets them (see `Room.height`), and whether it grows while it is filled."""

    points: float
    is_own: bool
    grows: bool = False


def shared_strings(strings: Iterable[str], count: int) -> str:
    """Return the part of the shared strings; `count` is the number of cells with them."""
    table = SharedStringTable()
    table.string_array = list(strings)
    table.count, table.unique_count = count, len(table.string_array)
    part = Strings()
    part.string_table = table
    return _text(part)


def properties(values: Mapping[str, str]) -> str:
    """Return the part of the custom document properties, all texts."""
    part = Custom()
    part._set_properties([(name, value, "text") for name, value in values.items()])
    return _text(part)


def drawing(page: Worksheet, heights: Mapping[int, Height]) -> str:
    """Return the part with the boxes of comments, where some rows have these heights.

    `page` is that of a written workbook; the heights stay as they are set here.
    """
    for row, height in heights.items():
        if height.is_own:
            page.set_row(row, height.points)
        else:
            page.row_sizes.pop(row, None)
    page.prev_row_offset = (0, 0)
    for comment in page.comments_list:
        comment.vertices = page._comment_vertices(comment)
    return _text(Vml(), page.vml_data_id, page.vml_shape_id, page.comments_list, [])


def height_attributes(height: Height) -> str:
    """Return the attributes of a row of this height."""
    pixels = int(height.points * 4 / 3 + 0.5)  # as XlsxWriter rounds
    if not height.is_own or pixels == ROW_PIXELS:
        return ""
    custom = "" if height.grows else ' customHeight="1"'
    return f' ht="{pixels * 0.75:.16g}"{custom}'


def _text(part: Any, *arguments: object) -> str:
    """What a part writes."""
    target = StringIO()
    part._set_xml_writer(target)
    part._assemble_xml_file(*arguments)
    return target.getvalue()
