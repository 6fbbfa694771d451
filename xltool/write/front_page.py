"""退回修改, the first page of a copy that goes back: what is to do, what was put back empty, what is done already.

A finding stands in one of three sections. What the copy has mended by itself, being written anew, asks
for a look only; what the unit deleted is there again, but blank; all else is the unit's to mend, with a
link to the cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from xlsxwriter.worksheet import Worksheet

from xltool.form.layout import Position, a1
from xltool.form.own_sheets import FRONT
from xltool.office.seal import Issue
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import WORDS, Finding
from xltool.write.book import HEI, TITLE, Book, done, text_height
from xltool.write.form_sheet import FAULTY, LOCKED
from xltool.write.pages import sheet_width
from xltool.write.printing import print_setup

Section = Literal["mend", "refill", "mended"]
SECTIONS: dict[Section, str] = {
    "mend": "请修改：错误必须改正；提醒请核对，属实的可以不改",
    "refill": "已补回空表，请重填",
    "mended": "已为您恢复，请核对，不必再改",
}
_STATES: dict[Section, str] = {"mend": "待改", "refill": "待填", "mended": "已恢复"}
_LOOK = "请核对"  # the state of a warning
_HEADINGS = ("状态", "程度", "工作表", "位置", "问题", "怎么改")
_STATE, _DEGREE, _SHEET, _PLACE, _PROBLEM, _REMEDY = range(len(_HEADINGS))
_TAB = "#F4B084"


@dataclass(frozen=True, slots=True)
class FrontLine:
    """A finding on the page. `finding` is at its place in the copy.

    `cells` are the cells that the unit can change there, by sheet, the one to mend first.
    """

    finding: Finding
    cells: Sequence[tuple[str, Position]] = ()

    @property
    def section(self) -> Section:
        """Where it stands."""
        if self.finding.mended:
            return "mended"
        return "refill" if self.finding.refill else "mend"

    @property
    def state(self) -> str:
        """What it says of itself in the copy as it goes back."""
        is_to_look_at = self.section == "mend" and self.finding.severity != "error"
        return _LOOK if is_to_look_at else _STATES[self.section]

    @property
    def remedy(self) -> str:
        """What was done, or is to be done about it."""
        return self.finding.mended or self.finding.refill or self.finding.hint


def write_front(
    book: Book, page: Worksheet, issue: Issue, sheets: Sequence[str], lines: Sequence[FrontLine]
) -> None:
    """Write the page; `sheets` are the names of the form sheets, in their order.

    Of each section the gravest findings come first.
    """
    widths = (10.0, 6.0, sheet_width(sheets), 8.0, 38.0, 32.0)
    for column, width in enumerate(widths):
        done(page.set_column(column, column, width))
    order = {name: number for number, name in enumerate(sheets)}
    ordered = sorted(lines, key=lambda line: _rank(line, order))
    row = _head(book, page, issue, ordered, sum(widths))
    look = book.format(bold=True, border=1, bg_color=LOCKED, align="center")
    for column, text in enumerate(_HEADINGS):
        book.put(page, row, column, text, look)
    done(page.set_row(row, 21))
    page.freeze_panes(row + 1, 0)
    page.repeat_rows(row)
    row += 1
    for section, some in groupby(ordered, key=lambda line: line.section):
        found = list(some)
        _section(book, page, row, f"{SECTIONS[section]}（{len(found)} 处）")
        for number, line in enumerate(found, row + 1):
            _line(book, page, number, line, widths)
        row += len(found) + 1
    page.set_tab_color(_TAB)
    book.protect(page)
    print_setup(page)


def _rank(line: FrontLine, order: dict[str, int]) -> tuple[int, int, int]:
    """Where it stands: by section, severity, sheet."""
    finding = line.finding
    section, severity = list(SECTIONS).index(line.section), SEVERITIES.index(finding.severity)
    return section, severity, order.get(finding.sheet, len(order))


def open_words(lines: Sequence[FrontLine]) -> str:
    """How much there is to do as the copy goes back, in one sentence: the page does not change later."""
    states = [line.state for line in lines]
    looks = states.count(_LOOK)
    must = states.count(_STATES["mend"]) + states.count(_STATES["refill"])
    if must:
        return f"退回时有 {must} 处要改" + (f"，{looks} 处提醒请核对" if looks else "") + "。"
    if looks:
        return f"没有必须改的。{looks} 处提醒请核对，属实的可以不改，核对后请交回。"
    return "没有要您改的：下面各项已为您恢复，请核对后直接交回。"


def _head(
    book: Book, page: Worksheet, issue: Issue, lines: Sequence[FrontLine], width: float
) -> int:
    """Write the title, what is left to do, for whom it is and until when; return the row of the headings."""
    notice = issue.notice
    until = f"请于 {notice['deadline']}前" if notice.get("deadline") else "请"
    asks = f"有疑问请联系：{notice['contact']}。" if notice.get("contact") else ""
    columns = len(_HEADINGS)
    title = book.format(font_name=HEI, font_size=TITLE, align="center")
    book.area(page, (0, 0, 1, columns), FRONT, title)
    done(page.set_row(0, 36))
    book.area(page, (1, 0, 1, columns), open_words(lines), book.format(bold=True, font_size=12))
    done(page.set_row(1, 22))
    texts = [
        f"单位：{issue.unit} {issue.unit_name}。改完后{until}把本文件交回。{asks}",
        "点“位置”可跳到单元格；有问题的单元格已着色并加批注，批注不必删除。"
        "本页说的是退回时的情况，改了也不会变；改得对不对，请看“填报检查”页。",
    ]
    plain = book.format(text_wrap=True)
    for row, text in enumerate(texts, 2):
        book.area(page, (row, 0, 1, columns), text, plain)
        done(page.set_row(row, max(19.5, text_height(text, width, 10.5))))
    return len(texts) + 2


def _section(book: Book, page: Worksheet, row: int, words: str) -> None:
    """Write the heading of a section."""
    look = book.format(bold=True, border=1, indent=1)
    book.area(page, (row, 0, 1, len(_HEADINGS)), words, look)
    done(page.set_row(row, 21))


def _line(book: Book, page: Worksheet, row: int, line: FrontLine, widths: Sequence[float]) -> None:
    """Write one finding on its row."""
    finding = line.finding
    look = book.format(border=1, text_wrap=True, indent=1)
    center = book.format(border=1, text_wrap=True, align="center")
    color = FAULTY["info" if line.section == "mended" else finding.severity]
    state = book.format(border=1, text_wrap=True, align="center", bg_color=color)
    book.put(page, row, _STATE, line.state, state)
    book.put(page, row, _DEGREE, WORDS[finding.severity], center)
    book.put(page, row, _SHEET, finding.sheet, center)
    if line.cells:
        link = book.format(border=1, align="center", font_color="#0563C1", underline=1)
        sheet, place = line.cells[0]
        quoted, cell = sheet.replace("'", "''"), a1(*place)
        done(page.write_url(row, _PLACE, f"internal:'{quoted}'!{cell}", link, cell))
    else:
        book.put(page, row, _PLACE, finding.cell, center)
    words = f"{finding.message}（{finding.code}）"
    book.put(page, row, _PROBLEM, words, look)
    book.put(page, row, _REMEDY, line.remedy, look)
    texts = ((finding.sheet, _SHEET, 0), (words, _PROBLEM, 2), (line.remedy, _REMEDY, 2))
    heights = (text_height(text, widths[column] - less, 10.5) for text, column, less in texts)
    done(page.set_row(row, max(19.5, *heights)))
