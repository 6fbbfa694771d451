"""The sheet 填报说明: who fills what, by when, and how. It follows from the fields and rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from xltool.fields.kinds import ANYTHING, Field
from xltool.form.layout import Layout, Sheet
from xltool.form.model import Form, TableView
from xltool.form.own_sheets import GUIDE
from xltool.language.equations import equation_of
from xltool.office.seal import Issue
from xltool.rules.declaring import Reference, Rule, offences
from xltool.write.book import HEI, SMALL_TITLE, TITLE, Book, done, text_height
from xltool.write.form_sheet import INPUT, LOCKED, filter_of
from xltool.write.page_breaks import room_of
from xltool.write.printing import print_setup

_WIDTHS = (41, 13, 42)
_LINE = 18.0  # points of a row with one line
_SENTENCE = re.compile(r".*?。(?!”)")
_LIMIT = re.compile(r"[（(]?限\d+字以内[)）]?[\n；，。]?")


@dataclass(frozen=True)
class _Line:
    """One line of the table of fields: `who` fills the field, and what may stand there."""

    label: str
    who: str
    advice: str


def write_guide(
    book: Book, form: Form, layout: Layout, issue: Issue, sheets: Sequence[str], spare: int
) -> None:
    """Write the sheet: only what this form and its rules say, in as few words as possible.

    `sheets` are the names of the form sheets, `spare` the number of those that may stay blank.
    """
    guide = _Guide(book)
    guide.title(issue.notice.get("title") or form.title)
    has_filter = any(filter_of(form, sheet) for sheet in layout.sheets)
    steps = _steps(layout, issue, sheets, spare, has_filter=has_filter)
    guide.paragraphs([*_head(issue), *steps])
    guide.heading("填写内容")
    guide.fields(_tables(form, layout, issue))
    rules = _numbered(_words_of(r) for r in form.rules if _is_for_units(r, form, issue))
    guide.section("必须满足的规则（不满足的会退回修改）", rules)
    advice = _numbered(_words_of(r) for r in form.rules if _is_about_examples(r, form))
    guide.section("指标值怎样写（不影响上报，审核人员会核对）", advice)
    guide.finish()


class _Guide:
    """The sheet while it is written, row by row from the top."""

    def __init__(self, book: Book):
        self.book = book
        self.page = book.sheet(GUIDE)
        self.heights: list[float] = []  # of the rows written so far
        self.sections: list[int] = []  # the rows where a page may end early
        for column, width in enumerate(_WIDTHS):
            done(self.page.set_column(column, column, width))

    def line(self, text: str, height: float, **look: Any) -> None:
        """Write a text over the whole width; `height` in points."""
        place = (len(self.heights), 0, 1, len(_WIDTHS))
        self.book.area(self.page, place, text, self.book.format(**look))
        self.end_row(height)

    def end_row(self, height: float) -> None:
        """Set the height of the row that was written, in points."""
        done(self.page.set_row(len(self.heights), height))
        self.heights.append(height)

    def title(self, text: str) -> None:
        """Write the title."""
        self.line(text, 36, font_name=HEI, font_size=TITLE, align="center")

    def heading(self, text: str) -> None:
        """Write the heading of a section."""
        self.line(text, 27, font_name=HEI, font_size=SMALL_TITLE)

    def paragraphs(self, texts: Iterable[str]) -> None:
        """Write paragraphs, each as high as it needs."""
        for text in texts:
            self.line(text, paragraph_height(text), text_wrap=True)

    def section(self, title: str, texts: Sequence[str]) -> None:
        """Write a heading and its paragraphs; nothing where there are none."""
        if texts:
            self.sections.append(len(self.heights))
            self.heading(title)
            self.paragraphs(texts)

    def fields(self, tables: Iterable[tuple[str, Sequence[_Line]]]) -> None:
        """Write the table of what to fill, one table of the form after the other."""
        head = {"bold": True, "border": 1, "bg_color": LOCKED, "align": "center"}
        self.cells(("栏目", "谁填", "要求"), (head, head, head))
        for title, lines in tables:
            self.line(title, _LINE, bold=True, border=1, indent=1)
            for line in lines:
                color = INPUT if line.who.startswith("单位") else LOCKED
                look = {"border": 1, "text_wrap": True, "bg_color": color}
                left, center = look | {"indent": 1}, look | {"align": "center"}
                self.cells((line.label, line.who, line.advice), (left, center, left))

    def cells(self, texts: Sequence[str], looks: Sequence[Mapping[str, Any]]) -> None:
        """Write one row with a text in each column, as high as the longest needs."""
        for column, (text, look) in enumerate(zip(texts, looks, strict=True)):
            self.book.put(self.page, len(self.heights), column, text, self.book.format(**look))
        widths = (w - 2 * look.get("indent", 0) for w, look in zip(_WIDTHS, looks, strict=True))
        heights = (text_height(t, w, 10.5) for t, w in zip(texts, widths, strict=True))
        self.end_row(max(_LINE, *heights))

    def finish(self) -> None:
        """Protect the sheet; a section that a page would cut begins a new one, if that holds it."""
        room, breaks, top = room_of(_WIDTHS), [], 0.0
        for first, end in pairwise([*self.sections, len(self.heights)]):
            before, after = sum(self.heights[:first]) - top, sum(self.heights[:end]) - top
            if before % room + after - before > room > after - before:
                breaks.append(first)
                top = sum(self.heights[:first])
        self.page.set_h_pagebreaks(breaks)
        self.book.protect(self.page)
        print_setup(self.page)


def paragraph_height(text: str) -> float:
    """Return the points that a paragraph over the whole width needs."""
    return max(_LINE, text_height(text, sum(_WIDTHS), 10.5))


def for_whom(issue: Issue) -> str:
    """Return the line that says for whom the workbook is: the only one that differs from unit to unit."""
    return f"填报单位：{issue.unit} {issue.unit_name}"


def _head(issue: Issue) -> Iterator[str]:
    """For whom the workbook is, by when, and whom to ask."""
    yield for_whom(issue)
    if issue.notice.get("deadline"):
        yield f"截止日期：{issue.notice['deadline']}"
    if issue.notice.get("contact"):
        yield f"联系方式：{issue.notice['contact']}"


def _steps(
    layout: Layout, issue: Issue, sheets: Sequence[str], spare: int, *, has_filter: bool
) -> Iterator[str]:
    """What to do, in five steps; `has_filter`: blank rows can be filtered away."""
    whom = "上面的联系人" if issue.notice.get("contact") else "财政部门"
    yield f"一、{_which_sheets(layout, sheets, spare)}"
    yield f"二、只填浅黄色单元格（点到时显示要求）；灰色的已锁定，不用填，内容有误请与{whom}联系。"
    yield "三、从别处复制内容时，请用“选择性粘贴 → 数值”（WPS：“粘贴为数值”），以免改掉格式。"
    unused = "用不到的行留空" + ("（打印前点表头的箭头，去掉“空白”，就不印）" if has_filter else "")
    yield f"四、请不要插入或删除行、列和工作表。{unused}；行数不够，请与{whom}联系。"
    yield "五、随时看前面的“填报检查”页，没有 ✘ 再交。Excel、WPS、LibreOffice 均可使用，不需要宏。"


def _which_sheets(layout: Layout, sheets: Sequence[str], spare: int) -> str:
    """Which sheets to fill, in one or two sentences."""
    once = {sheet.name for sheet in layout.sheets if not sheet.is_repeated}
    if not layout.single and once:
        names = "”“".join(name for name in sheets if name in once)
        rest = _which_sheets(
            replace(layout, sheets=(layout.record_sheet,)),
            [name for name in sheets if name not in once],
            spare,
        )
        return f"工作表“{names}”填一次。{rest}"
    span = f"{sheets[0]} 至 {sheets[-1]}" if len(sheets) > 1 else sheets[0]
    if layout.single:
        return f"请填写工作表“{'”“'.join(sheets)}”。"
    rest = f"最后 {spare} 张是备用表，供新增项目使用，用不到的留空。" if spare else ""
    return f"每个项目填一张工作表（{span}）。{rest}"


def _tables(form: Form, layout: Layout, issue: Issue) -> Iterator[tuple[str, list[_Line]]]:
    """The tables in the order of the sheets, each once: its title and its lines."""
    listed: set[str] = set()
    for sheet in layout.sheets:
        for name in dict.fromkeys([sheet.record, *(block.table for block in sheet.blocks)]):
            if name in listed:
                continue
            listed.add(name)
            table = form.tables[name]
            first = form.first_project
            records = issue.records[:1] if name in form.once else issue.records[first:]
            lines = [
                _line(field, records, form.said_at_zero_budget(name, field.name))
                for field in _fields(table, sheet)
            ]
            if len(layout.sheets) > 1:  # so many that only what is to be filled is listed
                lines = [line for line in lines if line.who.startswith("单位")]
            named = "{n}" in sheet.name or table.title.startswith(sheet.name)
            where = "" if named else f"工作表“{sheet.name}”："
            if lines:
                yield where + table.title, _joined(lines)


def _fields(table: TableView, sheet: Sheet) -> list[Field]:
    """The fields of a table that stand in cells of the sheet, without those printed as keys."""
    here = set(sheet.fields) if table.name == sheet.record else set()
    here |= {n for block in sheet.blocks if block.table == table.name for n in block.columns}
    return [field for name, field in table.fields.items() if name in here]


def _line(field: Field, records: Sequence[Mapping[str, str]], further: str) -> _Line:
    """The line of one field, as it is in a workbook with these prefilled records.

    `further`: what to know of it, as the workbook works it out.
    """
    comment = _LIMIT.sub("", field.comment or "").strip("\n；").replace("\n", "；")
    if field.computed:
        adds = equation_of(field.name, field.computed).adds
        parts = ["不用填写", *(["相加的各项空着的按 0 计"] if adds else []), further]
        return _Line(field.short_label, "自动计算", comment or "；".join(filter(None, parts)))
    if field.filled_by != "unit":
        return _Line(field.short_label, "已带出", comment or "不用填写")
    given = sum(field.name in record for record in records)
    if given and given == len(records):
        return _Line(field.short_label, "已带出", "不用填写")
    who = "单位，灰色的除外" if given else "单位"
    if field.new_only:  # what its comment says is true of the other projects
        who, comment = ("单位，只填新增项目" if given else "单位"), ""
    need = ["必填"] if field.required else []
    advice = "，".join([*need, field.advice] if field.advice != ANYTHING or not need else need)
    return _Line(field.short_label, who, "；".join(filter(None, (advice, comment))))


def _joined(lines: Iterable[_Line]) -> list[_Line]:
    """The lines, with neighbours of which the same is said joined into one."""
    groups = groupby(lines, lambda line: (line.who, line.advice))
    return [_Line("、".join(line.label for line in some), *key) for key, some in groups]


def _numbered(texts: Iterable[str]) -> list[str]:
    """Each text once, with its number."""
    return [f"{n}. {text}" for n, text in enumerate(dict.fromkeys(texts), 1)]


def _words_of(rule: Rule) -> str:
    """The first sentence of a rule; what follows it is for the office."""
    sentence = _SENTENCE.match(rule.title)
    return sentence[0] if sentence else rule.title


def _is_for_units(rule: Rule, form: Form, issue: Issue) -> bool:
    """True of an error in cells that the unit fills, if no list of the office is needed for it.

    Rules for each field (required, length, choice) stand in the table of fields instead.
    """
    if rule.each or rule.across or not rule.enabled or rule.severity != "error":
        return False
    if any(isinstance(lookup.table, Reference) for lookup in rule.using.values()):
        return False
    if not all(getattr(issue, name, "") for name in rule.needs):
        return False
    return any(_unit_fills(rule, t) for n, t in form.tables.items() if rule.is_on(n))


def _unit_fills(rule: Rule, table: TableView) -> bool:
    """True if the cells that a rule is about are the unit's, as far as it says which."""
    statements = [offence.statement for offence in offences(rule, table)]
    named = [statement.all_names[0] for statement in statements if statement]
    names = [n for n in (*rule.cells, *named) if n in table.fields]
    return bool(table.inputs) and (not names or names[0] in table.inputs)


def _is_about_examples(rule: Rule, form: Form) -> bool:
    """True of a warning about a cell for which the form gives examples."""
    if rule.each or rule.severity != "warning" or not rule.enabled or rule.across or rule.using:
        return False
    return any(
        rule.is_on(table.name)
        and len(rule.cells) > 0
        and rule.cells[0] in table.inputs
        and bool(table.fields[rule.cells[0]].examples)
        for table in form.tables.values()
    )
