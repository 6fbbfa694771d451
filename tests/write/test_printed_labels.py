"""What is printed on a form reads well on paper: headings whole on every page, no mark alone on a line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xltool.form.layout import Cell, Sheet
from xltool.form.layout_xml import render
from xltool.form.loading import form_ids, load_form

SIZE = 10.5 * 96 / 72  # pixels of a Chinese character
DIGITS = (
    7.0,
    7.33,
    7.7,
    8.0,
)  # pixels of a digit: how wide columns are differs from program to program
SIDES, INDENT = 5.0, 9.0  # pixels that stay free
CLOSING, OPENING = "）)：:，、。；%", "（("


def lines_of(text: str, pixels: float) -> Iterator[str]:
    """The lines of a wrapped text, in a font whose other characters are half as wide as Chinese ones."""
    line, used = "", 0.0
    for character in text:
        width = SIZE / 2 if character.isascii() else SIZE
        if line and used + width > pixels:
            yield line
            line, used = "", 0.0
        line, used = line + character, used + width
    yield line


def lone_marks(sheet: Sheet) -> Iterator[str]:
    """The printed texts of which a line begins with a closing mark or ends with an opening one."""
    for cell in sheet.locked:
        for digit in DIGITS:
            lines = list(lines_of(cell.text, room_of(sheet, cell, digit)))
            if any(line[0] in CLOSING for line in lines[1:]) or any(
                line[-1] in OPENING for line in lines[:-1]
            ):
                yield f"{sheet.name}!{cell.address} {'|'.join(lines)}"
                break


def room_of(sheet: Sheet, cell: Cell, digit: float) -> float:
    """Pixels for a line of a printed text."""
    width = sum(sheet.widths[cell.column : cell.column + cell.columns])
    indent = INDENT if cell.kind == "label" and cell.align != "center" else 0
    return width * digit - SIDES - indent


@pytest.mark.parametrize("form", form_ids())
def test_no_mark_stands_alone_on_a_line(form: str) -> None:
    layout = render(load_form(form))
    assert [text for sheet in layout.sheets for text in lone_marks(sheet)] == []


@pytest.mark.parametrize("form", form_ids())
def test_a_heading_is_repeated_whole(form: str) -> None:
    """No cell of it begins above the rows that every page repeats."""
    for sheet in render(load_form(form)).sheets:
        if sheet.repeat:
            first, last = sheet.repeat
            heads = {cell.row for cell in sheet.cells if cell.kind == "head"}
            cut = [c.text for c in sheet.cells if c.row < first < c.row + c.rows <= last + 1]
            assert cut == []
            assert first - 1 not in heads, sheet.name
