"""Two sheets beside the official form: 退回修改 in a copy that goes back, and the hidden one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from xlsxwriter.worksheet import Worksheet

from xltool.form.layout import Layout, a1
from xltool.form.lists import ListNames, list_names
from xltool.form.model import Form
from xltool.form.own_sheets import FRONT
from xltool.office import seal
from xltool.office.seal import Issue
from xltool.prose.text import display_width
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import WORDS, Finding
from xltool.write.book import HEI, TITLE, Book, done, text_height
from xltool.write.form_sheet import FAULTY, LOCKED, list_name
from xltool.write.printing import print_setup

_TAB = "#F4B084"  # of 退回修改


@dataclass(frozen=True, slots=True)
class FrontLine:
    """A finding on the first sheet of a copy, with a link to its cell where the unit can change that."""

    finding: Finding
    is_linked: bool


def write_front(
    book: Book, issue: Issue, sheets: Sequence[str], lines: Sequence[FrontLine]
) -> None:
    """Write the first sheet of a copy that goes back: each finding with a link to the cell to mend.

    `sheets` are the names of the form sheets, in their order. The gravest findings come first.
    """
    page = book.sheet(FRONT)
    widths = (7.0, sheet_width(sheets), 8.0, 40.0, 32.0)
    for column, width in enumerate(widths):
        done(page.set_column(column, column, width))
    row = _front_head(book, page, issue, [line.finding for line in lines], sum(widths))
    head = book.format(bold=True, border=1, bg_color=LOCKED, align="center")
    for column, text in enumerate(("程度", "工作表", "位置", "问题", "怎么改")):
        book.put(page, row, column, text, head)
    done(page.set_row(row, 21))
    page.freeze_panes(row + 1, 0)
    page.repeat_rows(row)
    order = {name: number for number, name in enumerate(sheets)}

    def rank(line: FrontLine) -> tuple[int, int]:
        finding = line.finding
        return SEVERITIES.index(finding.severity), order.get(finding.sheet, len(order))

    for number, line in enumerate(sorted(lines, key=rank), row + 1):
        _front_line(book, page, number, line, widths)
    page.set_tab_color(_TAB)
    book.protect(page)
    print_setup(page)


def _front_head(
    book: Book, page: Worksheet, issue: Issue, findings: Sequence[Finding], width: float
) -> int:
    """Write the title, for whom it is, what to do by when; return the row of the headings."""
    counts = Counter(finding.severity for finding in findings)
    words = "，".join(f"{WORDS[s]} {counts[s]} 处" for s in SEVERITIES if counts[s])
    notice = issue.notice
    until = f"请于 {notice['deadline']}前" if notice.get("deadline") else "请"
    asks = f"有疑问请联系：{notice['contact']}。" if notice.get("contact") else ""
    title = book.format(font_name=HEI, font_size=TITLE, align="center")
    book.area(page, (0, 0, 1, 5), f"{FRONT}：{len(findings)} 处", title)
    done(page.set_row(0, 36))
    texts = [
        f"单位：{issue.unit} {issue.unit_name}。{words}。错误必须改正；提醒请核对，属实的可以不改。",
        f"请按下表逐处修改：点“位置”可跳到单元格，有问题的单元格已着色并加批注。改完后{until}把本文件交回。{asks}",
    ]
    plain = book.format(text_wrap=True)
    for row, text in enumerate(texts, 1):
        book.area(page, (row, 0, 1, 5), text, plain)
        done(page.set_row(row, max(19.5, text_height(text, width, 10.5))))
    return len(texts) + 1


def _front_line(
    book: Book, page: Worksheet, row: int, line: FrontLine, widths: Sequence[float]
) -> None:
    """Write one finding on its row."""
    finding = line.finding
    look = book.format(border=1, text_wrap=True, indent=1)
    center = book.format(border=1, text_wrap=True, align="center")
    color = FAULTY[finding.severity]
    degree = book.format(border=1, bg_color=color, align="center")
    book.put(page, row, 0, WORDS[finding.severity], degree)
    book.put(page, row, 1, finding.sheet, center)
    if line.is_linked:
        link = book.format(border=1, align="center", font_color="#0563C1", underline=1)
        quoted = finding.sheet.replace("'", "''")
        done(page.write_url(row, 2, f"internal:'{quoted}'!{finding.cell}", link, finding.cell))
    else:
        book.put(page, row, 2, finding.cell, center)
    words = f"{finding.message}（{finding.code}）"
    book.put(page, row, 3, words, look)
    book.put(page, row, 4, finding.hint, look)
    texts = ((finding.sheet, widths[1]), (words, widths[3] - 2), (finding.hint, widths[4] - 2))
    done(page.set_row(row, max(19.5, *(text_height(t, w, 10.5) for t, w in texts))))


def sheet_width(sheets: Iterable[str]) -> float:
    """Return the width of a column for the names of sheets, in characters; long names wrap."""
    return min(max(9.0, *(display_width(name) + 1.0 for name in sheets)), 20.0)


def write_seal(book: Book, form: Form, layout: Layout, text: str) -> None:
    """Write the hidden sheet: the seal in column A, the dropdown lists in the columns after it.

    The seal goes into the properties of the document too.
    """
    page = book.sheet(seal.SHEET)
    style = book.format()
    for row, chunk in enumerate(seal.cells(text)):
        book.put(page, row, 0, chunk, style)
    for name, value in seal.properties(text).items():
        book.property(name, value)
    used = {sheet.record for sheet in layout.sheets}
    used |= {block.table for sheet in layout.sheets for block in sheet.blocks}
    lists = _Lists(book, page)
    for table in (form.tables[name] for name in form.tables if name in used):
        for field in table.fields.values():
            if field.key is not None:
                lists.keyed(list_names(form, table.name, field.name), field.entries)
            elif field.kind.listed and field.choices:
                lists.area(list_name(table.name, field.name), [[each] for each in field.choices])
    book.protect(page)
    page.very_hidden()


@dataclass
class _Lists:
    """Writes lists side by side on the hidden sheet, each a range with a name."""

    book: Book
    page: Worksheet
    column: int = 1  # the next free one

    def area(self, name: str, rows: Sequence[Sequence[str | int]]) -> None:
        """Write a range of as many columns as its rows have."""
        style, width = self.book.format(), len(rows[0])
        for row, values in enumerate(rows):
            for column, value in enumerate(values, self.column):
                self.book.put(self.page, row, column, value, style)
        first, last = (a1(0, c).rstrip("1") for c in (self.column, self.column + width - 1))
        self.book.name(name, f"='{seal.SHEET}'!${first}$1:${last}${len(rows)}")
        self.column += width

    def keyed(self, names: ListNames, entries: Mapping[str, Sequence[str]]) -> None:
        """Write a list that is sorted by keys (see `xltool.form.lists`)."""
        counts = [len(some) for some in entries.values()]
        self.area(names.entries, [[each] for some in entries.values() for each in some])
        self.area(names.keys, [[key] for key in entries])
        self.area(
            names.spans, [[end - n, n] for end, n in zip(accumulate(counts), counts, strict=True)]
        )
