"""填报检查: each live rule with ✔ or ✘ and a link to its cell; what fails is coloured on the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from xlsxwriter.worksheet import Worksheet

from xltool.errors import OfficeError
from xltool.form.layout import a1
from xltool.form.model import Form
from xltool.form.own_sheets import AREA, CHECKS, EXPLAINED_IN, EXPLANATION
from xltool.language.formulas import beyond_excel
from xltool.language.verdicts import FAILS, sign_of
from xltool.write.book import HEI, SMALL_TITLE, TITLE, Book, done, text_height
from xltool.write.explanation_cells import WIDTH, write_explanation
from xltool.write.form_sheet import FAULTY, LOCKED
from xltool.write.live.aloud import aloud
from xltool.write.live.begun import is_used, used_formula
from xltool.write.live.checks import live_checks
from xltool.write.live.helper_cells import HelperCells
from xltool.write.live.lines import LiveCheck, Mark, Place, RawAt
from xltool.write.live.open_lines import SHOWN, TO_EXPLAIN, Head, OpenLine
from xltool.write.live.row_tests import LiveRules
from xltool.write.pages import sheet_width
from xltool.write.printing import print_setup

_RED = "#FFC7CE"
_TAB = "#A9D08E"
SUMMARY = "A2"  # where what all lines show is counted
_HEAD = 21.0  # points of the row of the headings
_TOP = 5  # 0-based row of the first open line
FIRST = _TOP + SHOWN + 2  # 0-based row of the first check
_HEADINGS = ("结果", "工作表", "检查内容", "位置", "规则", EXPLANATION)
_COLUMNS = len(_HEADINGS)
# 0-based hidden columns: which sheets the unit has begun, helper cells, what a line is about
_BEGUN, _HELPERS, _AREA = range(_COLUMNS, _COLUMNS + 3)
_SIGNS = {"✔": "#C6EFCE", "✘": _RED, "！": FAULTY["warning"], "≈": FAULTY["info"]}


@dataclass(frozen=True)
class Line:
    """One line: the sheet that it is about, and where stands whether the unit has begun with that.

    `others` gives what stands on all form sheets, by their names.
    """

    place: Place
    check: LiveCheck
    begun: str = ""
    silent: bool = False
    others: Mapping[str, RawAt] = field(default_factory=dict)

    @property
    def formula(self) -> str:
        """Its formula, silent while nothing is typed on a spare sheet."""
        if not self.place.optional:
            return self.check.formula
        return f'=IF({self.begun}=0,"",{self.check.formula.removeprefix("=")})'

    def said(self, verdict: str) -> OpenLine:
        """What it says with a verdict."""
        return OpenLine(verdict, self.place.name, self.words, self.check.cell, self.check.code)

    @property
    def words(self) -> str:
        """What it says."""
        return aloud(self.check.words)

    @cached_property
    def verdict(self) -> str:
        """What it shows now."""
        return "" if self.silent else self.check.judge(self.place.raw, self.others)


@dataclass(frozen=True)
class _Count:
    """A sentence on how many lines show a sign, and the one where none does."""

    sign: str
    before: str
    after: str
    none: str

    def now(self, verdicts: Sequence[str]) -> str:
        """The sentence as it is now."""
        count = verdicts.count(self.sign)
        return f"{self.before}{count}{self.after}" if count else self.none

    def formula(self, area: str) -> str:
        """The sentence as part of a formula."""
        count = f'COUNTIF({area},"{self.sign}")'
        return f'IF({count}=0,"{self.none}","{self.before}"&{count}&"{self.after}")'


_COUNTS = (
    _Count("✘", "还有 ", " 处需要修改（标 ✘ 的）。", "没有发现必须修改的问题，可以上报。"),
    _Count("！", "请核对标 ！ 的 ", " 处。", ""),
)


def write_checks(
    book: Book, page: Worksheet, form: Form, places: Iterable[Place], context: Mapping[str, int]
) -> list[Line]:
    """Write each live rule with ✔ or ✘ and a link to its cell; above them is counted and listed what is open.

    Returns the lines of the rules, in their order.
    """
    pages = list(places)
    names = sheet_width(place.name for place in pages)
    for column, width in enumerate((7, names, 54, 8, 10, WIDTH)):
        done(page.set_column(column, column, width))
    lines: list[Line] = []
    rules = LiveRules(form)
    helpers = HelperCells(a1(0, _HELPERS).rstrip("1"), FIRST + 1)
    raws = {place.name: place.raw for place in pages}
    for place in pages:
        checks = [Line(place, c, others=raws) for c in live_checks(rules, place, context)]
        lines += _begun(book, page, form, checks, FIRST + len(lines), helpers)
    _heading(book, page, lines)
    head_of(lines).write(book, page, [line.said(line.verdict) for line in lines])
    _write_lines(book, page, lines, names, helpers)
    _write_helpers(book, page, helpers)
    last = FIRST + max(len(lines), 1) - 1
    for sign, color in _SIGNS.items():
        look = book.conditional(bg_color=color)
        rule = {"type": "cell", "criteria": "==", "value": f'"{sign}"', "format": look}
        done(page.conditional_format(_TOP, 0, last, 0, rule))
    page.freeze_panes(2, 0)
    page.autofilter(FIRST - 1, 0, last, _COLUMNS - 1)
    page.set_tab_color(_TAB)
    book.protect(page, filters=True)
    print_setup(page)
    page.print_area(last + 1, 0, last + 1, 0)  # a blank cell: who prints the form need not print it
    return lines


def head_of(lines: Sequence[Line]) -> Head:
    """Return the head of the sheet, which lists the first open ones of these lines."""
    return Head(_TOP, range(FIRST, FIRST + max(len(lines), 1)), EXPLAINED_IN, _BEGUN)


def summary(verdicts: Sequence[str]) -> str:
    """Return the sentences that count what lines show now."""
    return "".join(part.now(verdicts) for part in _COUNTS)


def _begun(
    book: Book, page: Worksheet, form: Form, lines: Sequence[Line], row: int, helpers: HelperCells
) -> list[Line]:
    """The lines of a form sheet, from `row` on, and beside them whether the unit has begun with it.

    Those of a spare sheet are silent before; on others what is to be filled is not coloured yet.
    """
    place = lines[0].place
    used = is_used(form, place)
    array = f"{{{helpers.fitted(used_formula(form, place))}}}"
    done(page.write_array_formula(row, _BEGUN, row, _BEGUN, array, book.format(), int(used)))
    silent = place.optional and not used
    begun = f"${a1(0, _BEGUN).rstrip('1')}${row + 1}"
    return [replace(line, begun=begun, silent=silent) for line in lines]


def _heading(book: Book, page: Worksheet, lines: Sequence[Line]) -> None:
    area = f"A{FIRST + 1}:A{FIRST + max(len(lines), 1)}"
    done(page.set_column(_BEGUN, _BEGUN, 4, None, {"hidden": True}))
    look = book.format(font_name=HEI, font_size=TITLE, align="center")
    book.area(page, (0, 0, 1, _COLUMNS), CHECKS, look)
    done(page.set_row(0, 36))
    look = book.format(bold=True, font_size=12, text_wrap=True)
    done(page.merge_range(1, 0, 1, _COLUMNS - 1, "", look))
    words = summary([line.verdict for line in lines])
    formula = "=" + "&".join(part.formula(area) for part in _COUNTS)
    done(page.write_formula(1, 0, formula, look, words))
    done(page.set_row(1, 22))
    note = (
        f"✔ 通过　✘ 要改（表上已着色）　！ 请核对，属实的可以不改，请在“{EXPLANATION}”里写明理由　≈ 四舍五入的尾差，不用改　"
        "空白：还没填。这里只查一部分，交回后还要逐项核对。"
    )
    for row in (_TOP - 1, FIRST - 1):
        done(page.set_row(row, _HEAD))
    book.area(page, (2, 0, 1, _COLUMNS), note, book.format(text_wrap=True, font_size=9))
    done(page.set_row(2, 28))
    head = book.format(bold=True, border=1, bg_color=LOCKED, align="center")
    title = book.format(font_name=HEI, font_size=SMALL_TITLE)
    book.area(
        page, (_TOP - 2, 0, 1, _COLUMNS), f"先看这些（最多列 {SHOWN} 处，改好一处少一处）", title
    )
    done(page.set_row(_TOP - 2, 24))
    done(page.set_row(FIRST - 2, 24))
    book.area(page, (FIRST - 2, 0, 1, _COLUMNS), "全部检查（点“结果”旁的箭头可以只看 ✘）", title)
    book.put(page, FIRST - 1, _AREA, AREA, book.format())
    done(page.set_column(_AREA, _AREA, 4, None, {"hidden": True}))
    for row, last in ((_TOP - 1, TO_EXPLAIN), (FIRST - 1, EXPLANATION)):
        for column, text in enumerate((*_HEADINGS[:EXPLAINED_IN], last)):
            book.put(page, row, column, text, head)


def _write_lines(
    book: Book, page: Worksheet, lines: Sequence[Line], names: float, helpers: HelperCells
) -> None:
    verdict = book.format(border=1, align="center", font_size=12)
    cell = book.format(border=1, text_wrap=True, indent=1)
    center = book.format(border=1, text_wrap=True, align="center")
    link = book.format(border=1, align="center", font_color="#0563C1", underline=1)
    for row, line in enumerate(lines, FIRST):
        check, name = line.check, line.place.name
        quoted = name.replace("'", "''")
        # an array formula: most look at whole columns
        formula = helpers.fitted(line.formula)
        if beyond := beyond_excel(formula):
            raise OfficeError(
                f"工作表「{name}」的检查“{check.words}”（{check.code}）的公式{beyond}；请把这条规则拆成几条"
            )
        array = f"{{{formula}}}"
        done(page.write_array_formula(row, 0, row, 0, array, verdict, line.verdict))
        book.put(page, row, 1, name, center)
        book.put(page, row, 2, line.words, cell)
        if check.whereabouts:
            at = helpers.whole(check.whereabouts)
            formula = f"=HYPERLINK(\"#'{quoted}'!\"&{at},{at})"
            done(page.write_formula(row, 3, formula, link, check.cell))
        else:
            done(page.write_url(row, 3, f"internal:'{quoted}'!{check.cell}", link, check.cell))
        book.put(page, row, 4, check.code, center)
        heights = text_height(line.words, 52, 10.5), text_height(name, names, 10.5)
        height = max(18.0, *heights)
        if check.severity == "warning":
            write_explanation(book, page, row, EXPLAINED_IN)
            book.put(page, row, _AREA, " ".join(check.area), book.format())
            book.let_grow(page, row, height)
        else:
            book.put(page, row, EXPLAINED_IN, None, center)
            done(page.set_row(row, height))
        for mark in check.marks:
            _colour(book, line, mark, row, helpers)


def _write_helpers(book: Book, page: Worksheet, helpers: HelperCells) -> None:
    """Write the helper cells. Without a value, so that every program works them out on opening."""
    if helpers.formulas:
        done(page.set_column(_HELPERS, _HELPERS, 4, None, {"hidden": True}))
    for row, formula in enumerate(helpers.formulas, FIRST):
        done(
            page.write_array_formula(
                row, _HELPERS, row, _HELPERS, f"{{={formula}}}", book.format(), ""
            )
        )


def _colour(book: Book, line: Line, mark: Mark, row: int, helpers: HelperCells) -> None:
    """Colour cells of the form: those that a mark's formula finds, or all while the line fails."""
    severity = line.check.severity
    fails = f"'{CHECKS}'!$A${row + 1}=\"{sign_of(FAILS, severity)}\""
    found = mark.formula.removeprefix("=")
    if mark.column:  # relative: each cell of the form looks at the row that is its own
        first = helpers.rows(mark.column).rpartition("$")
        found = f"'{CHECKS}'!{first[0]}{first[2]}"
    tests = [fails, *([found] if found else [])]
    if mark.to_fill:
        tests.append(f"'{CHECKS}'!{line.begun}")
    formula = "=" + ("*".join(f"({test})" for test in tests) if len(tests) > 1 else fails)
    look = book.conditional(bg_color=_SIGNS[sign_of(FAILS, severity)])
    page = book.file.get_worksheet_by_name(line.place.name)
    rule = {"type": "formula", "criteria": formula, "format": look}
    done(page.conditional_format(mark.cells, rule))
