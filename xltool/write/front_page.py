"""退回修改, the first page of a copy that goes back: what is to do, what was put back empty, what is done already.

A finding stands in one of four sections. What was carried over from an earlier issue comes first. What the copy has mended by itself, being written anew, asks
for a look only; what the unit deleted is there again, but blank; all else is the unit's to mend, with a
link to the cell. While the unit mends, the states change (`write.front_states`), and the colours of the
cells on the form sheets go with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from xlsxwriter.worksheet import Worksheet

from xltool.form.layout import a1
from xltool.form.model import Form
from xltool.form.own_sheets import EXPLANATION, FRONT
from xltool.office.seal import Issue
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import WORDS
from xltool.write.book import HEI, TITLE, Book, done, text_height
from xltool.write.explanation_cells import WIDTH, write_explanation
from xltool.write.form_sheet import FAULTY, LOCKED
from xltool.write.front_states import (
    CHANGED,
    DONE,
    EXPLAINED,
    LOOK,
    MEND,
    MENDED,
    PUT_RIGHT,
    REFILL,
    FrontLine,
    Section,
    Sheets,
    differs,
    filled_again,
    live_state,
    open_formula,
    open_words,
)
from xltool.write.live.at_cells import At
from xltool.write.live.begun import used_formula
from xltool.write.live.lines import cells_at
from xltool.write.pages import sheet_width
from xltool.write.printing import print_setup
from xltool.write.sheet_content import MAX_HEIGHT

SECTIONS: dict[Section, str] = {
    "carried": "您交的是早先下发的表，已换成最新的表",
    "mend": "请修改：错误必须改正",
    "refill": "已补回空表，请重填",
    "mended": "已为您恢复，请核对，不必再改",
}
_WITH_WARNINGS = (
    "；提醒请核对，属实的可以不改，请写“说明”"  # what is to mend holds some beside errors
)
_WARNINGS_ONLY = "请核对：属实的可以不改，请写“说明”"
_HEADINGS = ("状态", "程度", "工作表", "位置", "问题", "怎么改", EXPLANATION)
_STATE, _DEGREE, _SHEET, _PLACE, _PROBLEM, _REMEDY, _SAID = range(len(_HEADINGS))
_SIGNS, _VALUES, _CHANGES = (
    11,
    12,
    13,
)  # hidden columns: signs of rules, values as returned, changes
_COLOURS = {
    MEND: FAULTY["error"],
    REFILL: FAULTY["error"],
    LOOK: FAULTY["warning"],
    EXPLAINED: FAULTY["info"],
    CHANGED: FAULTY["info"],
    MENDED: FAULTY["info"],
    DONE: "#C6EFCE",
}
_TAB = "#F4B084"


def write_front(
    book: Book,
    page: Worksheet,
    form: Form,
    issue: Issue,
    sheets: Sheets,
    lines: Sequence[FrontLine],
) -> Sequence[str]:
    """Write the page, and the colours that it gives to cells of the form sheets; return the states of its lines.

    Of each section the gravest findings come first.
    """
    widths = (10.0, 6.0, sheet_width(sheets.names), 8.0, 38.0, 32.0, WIDTH)
    for column, width in enumerate(widths):
        done(page.set_column(column, column, width))
    done(page.set_column(_SIGNS, _CHANGES, 4, None, {"hidden": True}))
    order = {name: number for number, name in enumerate(sheets.names)}
    settled = [_settled(line, sheets) for line in lines]
    ordered = sorted(settled, key=lambda line: _rank(line, order))
    row = _head(book, page, issue, sum(widths))
    look = book.format(bold=True, border=1, bg_color=LOCKED, align="center")
    for column, text in enumerate(_HEADINGS):
        book.put(page, row, column, text, look)
    done(page.set_row(row, 21))
    page.freeze_panes(row + 1, 0)
    page.repeat_rows(row)
    row += 1
    writer = _Writer(book, page, form, sheets, widths)
    first = row
    for section, some in groupby(ordered, key=lambda line: line.section):
        found = list(some)
        _section(book, page, row, f"{heading(section, found)}（{len(found)} 处）")
        for number, line in enumerate(found, row + 1):
            writer.line(number, line)
        row += len(found) + 1
    _count(book, page, sheets, ordered, (first, row - 1))
    for state, color in _COLOURS.items():
        look = book.conditional(bg_color=color)
        rule = {"type": "cell", "criteria": "==", "value": f'"{state}"', "format": look}
        done(page.conditional_format(first, _STATE, row - 1, _STATE, rule))
    page.set_tab_color(_TAB)
    book.protect(page)
    print_setup(page)
    page.print_area(0, 0, row - 1, len(_HEADINGS) - 1)
    return [line.state for line in ordered]


def heading(section: Section, lines: Sequence[FrontLine]) -> str:
    """What a section with these lines is called: of what is to mend, what is asked about errors and warnings."""
    wanted = {line.wanted for line in lines}
    if section != "mend" or LOOK not in wanted:
        return SECTIONS[section]
    return SECTIONS[section] + _WITH_WARNINGS if MEND in wanted else _WARNINGS_ONLY


def _settled(line: FrontLine, sheets: Sheets) -> FrontLine:
    """The line as it stands once the copy is written: what holds again is mended."""
    if not sheets.is_put_right(line):
        return line
    return replace(line, finding=replace(line.finding, mended=PUT_RIGHT))


def _rank(line: FrontLine, order: dict[str, int]) -> tuple[int, int, int]:
    """Where it stands: by section, severity, sheet."""
    finding = line.finding
    section, severity = list(SECTIONS).index(line.section), SEVERITIES.index(finding.severity)
    return section, severity, order.get(finding.sheet, len(order))


def _head(book: Book, page: Worksheet, issue: Issue, width: float) -> int:
    """Write the title, for whom it is and until when; return the row of the headings."""
    notice = issue.notice
    until = f"请于 {notice['deadline']}前" if notice.get("deadline") else "请"
    asks = f"有疑问请联系：{notice['contact']}。" if notice.get("contact") else ""
    columns = len(_HEADINGS)
    title = book.format(font_name=HEI, font_size=TITLE, align="center")
    book.area(page, (0, 0, 1, columns), FRONT, title)
    done(page.set_row(0, 36))
    texts = [
        f"单位：{issue.unit} {issue.unit_name}。改完后{until}把本文件交回。{asks}",
        "点“位置”可跳到单元格。有问题的单元格已着色，改好后颜色消失；单元格上的批注不会消失，不必删除。",
    ]
    plain = book.format(text_wrap=True)
    for row, text in enumerate(texts, 2):
        book.area(page, (row, 0, 1, columns), text, plain)
        done(page.set_row(row, max(19.5, text_height(text, width, 10.5))))
    return len(texts) + 2


def _count(
    book: Book,
    page: Worksheet,
    sheets: Sheets,
    lines: Sequence[FrontLine],
    rows: tuple[int, int],
) -> None:
    """Write how much is left to do, below the title; `rows` are the first and the last of the list."""
    states = [line.state for line in lines]
    must = {MEND, REFILL} & set(states)
    failing = sheets.failing()
    known = 0 if must else failing  # what was waived, say
    look = book.format(bold=True, font_size=12)
    done(page.merge_range(1, 0, 1, len(_HEADINGS) - 1, "", look))
    area = f"$A${rows[0] + 1}:$A${rows[1] + 1}"
    formula = open_formula(states, area, len(sheets.lines), known)
    done(page.write_formula(1, 0, formula, look, open_words(states, failing, known)))
    done(page.set_row(1, 22))


def _section(book: Book, page: Worksheet, row: int, words: str) -> None:
    """Write the heading of a section."""
    look = book.format(bold=True, border=1, indent=1)
    book.area(page, (row, 0, 1, len(_HEADINGS)), words, look)
    done(page.set_row(row, 21))


@dataclass
class _Writer:
    """Writes the findings on their rows, and in hidden columns what their states are made of."""

    book: Book
    page: Worksheet
    form: Form
    sheets: Sheets
    widths: Sequence[float]
    compared: dict[At, str] = field(default_factory=dict)  # the cell that tells whether one changed

    def line(self, row: int, line: FrontLine) -> None:
        """Write one finding on its row."""
        finding, book, page = line.finding, self.book, self.page
        look = book.format(border=1, text_wrap=True, indent=1)
        center = book.format(border=1, text_wrap=True, align="center")
        self.state(row, line)
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
        if line.is_explainable:
            write_explanation(book, page, row, _SAID, finding.explanation)
        else:
            book.put(page, row, _SAID, None, center)
        texts = (
            *((finding.sheet, _SHEET, 0), (words, _PROBLEM, 2), (line.remedy, _REMEDY, 2)),
            (finding.explanation, _SAID, 2),
        )
        heights = (text_height(text, self.widths[c] - less, 10.5) for text, c, less in texts)
        height = min(MAX_HEIGHT, max(19.5, *heights))
        if line.is_explainable:
            book.let_grow(page, row, height)
        else:
            done(page.set_row(row, height))

    def state(self, row: int, line: FrontLine) -> None:
        """Write the state of a finding, which changes while the unit mends it, and colour its cell."""
        look = self.book.format(border=1, text_wrap=True, align="center")
        sign = self.sign(row, line)
        changes = [self.changed(at) for at in line.cells] if line.section == "mend" else []
        if not sign and not changes and not line.is_explainable:
            self.book.put(self.page, row, _STATE, line.state, look)
            return
        formula = live_state(line, sign, list(dict.fromkeys(changes)), f"${a1(row, _SAID)}")
        done(self.page.write_formula(row, _STATE, formula, look, line.state))
        if line.section == "mend":
            self.colour(row, line)

    def sign(self, row: int, line: FrontLine) -> str:
        """Write the sign of a finding's rule and return its cell; nothing where no live rule tells it."""
        formula = ""
        if line.section == "refill" and line.cells:
            place = self.sheets.places[line.cells[0][0]]
            name = f"${a1(row, _SHEET)}"
            formula = filled_again(used_formula(self.form, place), name, len(self.sheets.lines))
        elif line.section == "mend" and (found := self.sheets.watch(line)) is not None:
            formula = found.formula
        if not formula:
            return ""
        sign = "！" if line.wanted == LOOK else "✘"
        array = f"{{{formula}}}"  # as on 填报检查
        plain = self.book.format()
        done(self.page.write_array_formula(row, _SIGNS, row, _SIGNS, array, plain, sign))
        return a1(row, _SIGNS)

    def changed(self, at: At) -> str:
        """Note what stands in a cell, and return the cell that tells whether it is still the same."""
        if at not in self.compared:
            row = len(self.compared)
            plain = self.book.format()
            self.book.put(self.page, row, _VALUES, self.sheets.value(at), plain)
            formula = differs(cells_at(at[0], *at[1]), f"${a1(row, _VALUES)}")
            done(self.page.write_formula(row, _CHANGES, formula, plain, 0))
            self.compared[at] = f"${a1(row, _CHANGES)}"
        return self.compared[at]

    def colour(self, row: int, line: FrontLine) -> None:
        """Colour the cell to mend as long as the finding stands."""
        if not line.cells:
            return
        sheet, place = line.cells[0]
        look = self.book.conditional(bg_color=FAULTY[line.finding.severity])
        formula = f"='{FRONT}'!$A${row + 1}=\"{line.wanted}\""
        rule = {"type": "formula", "criteria": formula, "format": look}
        page = self.book.file.get_worksheet_by_name(sheet)
        done(page.conditional_format(*place, *place, rule))
