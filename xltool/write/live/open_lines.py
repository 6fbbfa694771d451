"""The head of 填报检查: the first lines that are still open, ✘ before ！, each with a link to its cell.

A line that need not be mended leads also to where the unit explains it, further down.

Its formulas look for the signs in the lines below, so that it changes while the unit types. What it shows
is in no cell ever blank: a program takes a blank for a formula that was not worked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from xltool.form.layout import a1
from xltool.form.own_sheets import CHECKS
from xltool.write.book import Book, done

SHOWN = 8  # lines
TO_EXPLAIN = "不改的"  # the heading of the links to where the unit explains
_EXPLAIN, _EXPLAINED = "写说明", "已说明"
_LATER = 100_000  # is added to the row of a line that need not be mended
_NOTHING = " "
_HEIGHT = 30.0  # points: room for two lines of text


@dataclass(frozen=True)
class OpenLine:
    """What a line says: its sign, the sheet, the words, the cell, the rule."""

    sign: str
    sheet: str
    words: str
    cell: str
    code: str


@dataclass(frozen=True)
class Head:
    """Where the head stands: `first` is its first row, `lines` those of the list below, `row` a hidden column.

    In the column `said` the unit explains. Rows and columns count from 0. `lines` must not be empty.
    """

    first: int
    lines: range
    said: int
    row: int

    def write(self, book: Book, page: Worksheet, said: Sequence[OpenLine]) -> None:
        """Write the formulas with what they show for these lines."""
        plain = {"border": 1, "text_wrap": True}
        center = book.format(**plain, align="center")
        link = book.format(**plain, align="center", font_color="#0563C1", underline=1)
        looks = (center, center, book.format(**plain, indent=1), link, center, link)
        shown = dict(self.shown(said))
        for number in range(SHOWN):
            row = self.first + number
            place = a1(row, self.row)
            array = f"{{{self._row(number + 1)}}}"
            value = int(shown[place])
            done(
                page.write_array_formula(row, self.row, row, self.row, array, book.format(), value)
            )
            for column, look in enumerate(looks):
                formula = self._formula(row, column)
                done(page.write_formula(row, column, formula, look, shown[a1(row, column)]))
            done(page.set_row(row, _HEIGHT))

    def shown(self, said: Sequence[OpenLine]) -> Iterator[tuple[str, str]]:
        """What its cells show for these lines, by their addresses."""
        rows = [(_rank(line), row, line) for row, line in zip(self.lines, said, strict=True)]
        found = sorted((one for one in rows if one[0] is not None), key=lambda one: one[:2])
        for number in range(SHOWN):
            row = self.first + number
            rank, at, line = found[number] if number < len(found) else (0, -1, None)
            texts = [_NOTHING] * (self.said + 1)
            if line is not None:
                texts[: self.said] = line.sign, line.sheet, line.words, line.cell, line.code
                texts[self.said] = _EXPLAIN if rank else _NOTHING
            yield a1(row, self.row), str((rank or 0) + at + 1)
            yield from ((a1(row, column), text) for column, text in enumerate(texts))

    def _row(self, number: int) -> str:
        """The formula of the row of the n-th open line, 0 if there is none."""
        signs, rows = self._column(0), f"ROW({self._column(0)})"
        order = f'IF({signs}="✘",{rows},IF({signs}="！",{rows}+{_LATER},""))'
        return f"=IFERROR(SMALL({order},{number}),0)"

    def _formula(self, row: int, column: int) -> str:
        """The formula of a cell: what stands in the same column of that line."""
        at = "$" + a1(row, self.row)
        line = f"MOD({at},{_LATER})"
        found = f"INDEX({self._column(column)},{line}-{self.lines.start})"
        if column == self.said:  # what must be mended is not explained
            cell = f"\"#'{CHECKS}'!{a1(0, column).rstrip('1')}\"&{line}"
            words = f'IF({found}="","{_EXPLAIN}","{_EXPLAINED}")'
            return f'=IF({at}<{_LATER},"{_NOTHING}",HYPERLINK({cell},{words}))'
        if column == 3:  # in the three programs a link leads into the workbook by this spelling
            sheet = f'SUBSTITUTE(B{row + 1},"\'","\'\'")'
            found = f'HYPERLINK("#\'"&{sheet}&"\'!"&{found},{found})'
        return f'=IF({at}=0,"{_NOTHING}",{found})'

    def _column(self, column: int) -> str:
        """A column of the list below."""
        letters = a1(0, column).rstrip("1")
        return f"${letters}${self.lines.start + 1}:${letters}${self.lines.stop}"


def _rank(line: OpenLine) -> int | None:
    """What comes first: what must be mended; None for what is not open."""
    return {"✘": 0, "！": _LATER}.get(line.sign)
