"""The cells of our own sheets in which a unit says why something is as it is: open, while all else is locked."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xltool.form.own_sheets import EXPLANATION, LONGEST_EXPLANATION
from xltool.write.book import Book, done
from xltool.write.form_sheet import INPUT

WIDTH = 26.0  # of the column, in characters


def write_explanation(book: Book, page: Worksheet, row: int, column: int, text: str = "") -> None:
    """Write an open cell with what the unit said, if it has said anything."""
    style = book.format(
        border=1, text_wrap=True, indent=1, locked=False, bg_color=INPUT, num_format="@"
    )
    book.put(page, row, column, text, style)
    most = f"最多 {LONGEST_EXPLANATION} 字"
    options = {
        "validate": "length",
        "criteria": "<=",
        "value": LONGEST_EXPLANATION,
        "input_title": EXPLANATION,
        "input_message": f"核对后不需要改的，请在这里写明理由，{most}。",
        "error_title": EXPLANATION,
        "error_message": f"{EXPLANATION}{most}。",
    }
    done(page.data_validation(row, column, row, column, options))
