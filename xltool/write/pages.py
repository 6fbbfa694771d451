"""Our own sheets around the official form: 填报说明, 填报检查, and the hidden sheet of the seal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xlsxwriter.worksheet import Worksheet

from xltool import seal
from xltool.fields import Choice
from xltool.findings import WORDS, Finding
from xltool.forms import Form
from xltool.layout import Layout, a1
from xltool.seal import Issue
from xltool.write.book import HEI, Book, done, text_height
from xltool.write.checks import LiveCheck, Place
from xltool.write.form_sheet import FAULTY, INPUT, LOCKED, list_name

GUIDE = "填报说明"
CHECKS = "填报检查"
FRONT = "退回修改"

_GREEN, _RED = "#C6EFCE", "#FFC7CE"
_FIRST_CHECK = 4  # 0-based row of the first check


def write_guide(
    book: Book, form: Form, layout: Layout, issue: Issue, sheets: Sequence[str], spare: int
) -> None:
    """The first sheet: who fills what, by when, and how."""
    page = book.sheet(GUIDE)
    for column, width in enumerate((30, 14, 62)):
        done(page.set_column(column, column, width))
    title = book.format(font_name=HEI, font_size=16, align="center", text_wrap=True)
    plain = book.format(text_wrap=True)
    notice = issue.notice
    book.area(page, (0, 0, 1, 3), notice.get("title") or form.title, title)
    done(page.set_row(0, 30))
    row = 1
    lines = [
        f"填报单位：{issue.unit} {issue.unit_name}",
        *([f"截止日期：{notice['deadline']}"] if notice.get("deadline") else []),
        *([f"联系方式：{notice['contact']}"] if notice.get("contact") else []),
        f"一、{_which_sheets(layout, sheets, spare)}",
        "二、只填浅黄色单元格；灰色单元格已锁定，不用填也不能改。预填内容有误的，请与上面的联系人联系。",
        "三、从别处复制内容时，请用“选择性粘贴 → 数值”（WPS：“粘贴为数值”），以免改掉格式。",
        "四、不要插入或删除行、列和工作表。指标行有空余的，留空即可；行数不够的，请联系财政部门。",
        f"五、填完后看“{CHECKS}”页，没有 ✘ 再交。Excel、WPS、LibreOffice 均可使用，不需要宏。",
    ]
    for text in lines:
        book.area(page, (row, 0, 1, 3), text, plain)
        done(page.set_row(row, max(18.0, text_height(text, 106, 10.5))))
        row += 1
    row = _field_table(book, page, form, row + 1)
    if any(table.catalogue for table in form.tables.values()):
        examples = "指标值请写明方向、数值和单位，如：≥95%、≤3天、20次、≤32万元、2027年12月31日前。"
        book.area(page, (row + 1, 0, 1, 3), examples, plain)
        done(page.set_row(row + 1, 20))
    book.protect(page)
    _print(page)


def _which_sheets(layout: Layout, sheets: Sequence[str], spare: int) -> str:
    span = f"{sheets[0]} 至 {sheets[-1]}" if len(sheets) > 1 else sheets[0]
    if layout.single:
        return f"请填写工作表“{'”“'.join(sheets)}”。"
    rest = f"最后 {spare} 张是备用表，供新增项目使用，用不到的留空。" if spare else ""
    return f"每个项目填一张工作表（{span}）。{rest}"


def _field_table(book: Book, page: Worksheet, form: Form, row: int) -> int:
    head = book.format(bold=True, border=1, bg_color=LOCKED, align="center")
    for column, text in enumerate(("栏目", "谁填", "要求")):
        book.put(page, row, column, text, head)
    for table in form.tables.values():
        for field in table.fields.values():
            row += 1
            unit = field.filled_by == "unit"
            need = "必填。" if unit and field.required else ""
            advice = f"{need}{field.kind.advice(field)}" if unit else (field.comment or "")
            comment = field.comment.replace("\n", "；") if unit and field.comment else ""
            texts = (
                field.short_label,
                "单位" if unit else "系统带出",
                f"{advice} {comment}".strip(),
            )
            look = book.format(border=1, text_wrap=True, bg_color=INPUT if unit else LOCKED)
            for column, text in enumerate(texts):
                book.put(page, row, column, text.replace("\n", "；"), look)
            done(
                page.set_row(
                    row, max(16.5, text_height(texts[2], 62, 10.5), text_height(texts[0], 30, 10.5))
                )
            )
    return row


def write_front(book: Book, findings: Sequence[Finding]) -> None:
    """The first sheet of a returned copy: every problem with a link to its cell."""
    page = book.sheet(FRONT)
    for column, width in enumerate((7, 10, 9, 48, 36)):
        done(page.set_column(column, column, width))
    title = book.format(font_name=HEI, font_size=16, align="center")
    book.area(page, (0, 0, 1, 5), f"{FRONT}：{len(findings)} 处", title)
    done(page.set_row(0, 28))
    note = "请按下表逐处修改（点“位置”可跳到单元格，有问题的单元格已着色并加批注），改完后把本文件交回。"
    book.area(page, (1, 0, 1, 5), note, book.format(text_wrap=True))
    done(page.set_row(1, 20))
    head = book.format(bold=True, border=1, bg_color=LOCKED, align="center")
    for column, text in enumerate(("程度", "工作表", "位置", "问题", "怎么改")):
        book.put(page, 2, column, text, head)
    for row, finding in enumerate(findings, 3):
        look = book.format(border=1, text_wrap=True)
        book.put(
            page,
            row,
            0,
            WORDS[finding.severity],
            book.format(border=1, bg_color=FAULTY[finding.severity], align="center"),
        )
        book.put(page, row, 1, finding.sheet, look)
        link = book.format(border=1, align="center", font_color="#0563C1", underline=1)
        if finding.cell:
            quoted = finding.sheet.replace("'", "''")
            done(page.write_url(row, 2, f"internal:'{quoted}'!{finding.cell}", link, finding.cell))
        else:
            book.put(page, row, 2, "", look)
        book.put(page, row, 3, f"{finding.message}（{finding.code}）", look)
        book.put(page, row, 4, finding.hint, look)
        words = f"{finding.message}（{finding.code}）"
        done(
            page.set_row(
                row, max(16.5, text_height(words, 48, 10.5), text_height(finding.hint, 36, 10.5))
            )
        )
    page.freeze_panes(3, 0)
    book.protect(page)
    _print(page)


def write_checks(book: Book, checks: Iterable[tuple[Place, LiveCheck]]) -> None:
    """Each live rule with ✔ or ✘ and a link to its cell; the first line counts what is open."""
    page = book.sheet(CHECKS)
    for column, width in enumerate((8, 12, 62, 10, 12)):
        done(page.set_column(column, column, width))
    lines = list(checks)
    last = _FIRST_CHECK + max(len(lines), 1) - 1
    area = f"A{_FIRST_CHECK + 1}:A{last + 1}"
    book.area(page, (0, 0, 1, 5), CHECKS, book.format(font_name=HEI, font_size=16, align="center"))
    done(page.set_row(0, 28))
    open_ones = sum(check.verdict == "✘" for _, check in lines)
    summary = book.format(bold=True, font_size=12, text_wrap=True)
    done(page.merge_range(1, 0, 1, 4, "", summary))
    done(
        page.write_formula(
            1,
            0,
            f'=IF(COUNTIF({area},"✘")=0,"没有发现问题，可以上报。",'
            f'"还有 "&COUNTIF({area},"✘")&" 处需要修改，见下面标 ✘ 的行。")',
            summary,
            f"还有 {open_ones} 处需要修改，见下面标 ✘ 的行。"
            if open_ones
            else "没有发现问题，可以上报。",
        )
    )
    done(page.set_row(1, 22))
    note = "✔ 通过　✘ 需要修改　≈ 四舍五入尾差，可以接受　空白：尚未填写。这里只查一部分规则，交回后还会逐项核对。"
    book.area(page, (2, 0, 1, 5), note, book.format(text_wrap=True, font_size=9))
    done(page.set_row(2, 28))
    head = book.format(bold=True, border=1, bg_color=LOCKED, align="center")
    for column, text in enumerate(("结果", "工作表", "检查内容", "位置", "规则")):
        book.put(page, _FIRST_CHECK - 1, column, text, head)
    _check_lines(book, page, lines)
    for sign, color in (("✔", _GREEN), ("✘", _RED), ("≈", FAULTY["info"])):
        look = book.conditional(bg_color=color)
        rule = {"type": "cell", "criteria": "==", "value": f'"{sign}"', "format": look}
        done(page.conditional_format(_FIRST_CHECK, 0, last, 0, rule))
    page.freeze_panes(_FIRST_CHECK, 0)
    book.protect(page)
    _print(page)
    page.repeat_rows(_FIRST_CHECK - 1)


def _check_lines(book: Book, page: Worksheet, lines: Sequence[tuple[Place, LiveCheck]]) -> None:
    verdict = book.format(border=1, align="center", font_size=12)
    cell = book.format(border=1, text_wrap=True)
    link = book.format(border=1, align="center", font_color="#0563C1", underline=1)
    for row, (place, check) in enumerate(lines, _FIRST_CHECK):
        where = check.cell
        quoted = place.name.replace("'", "''")
        done(page.write_formula(row, 0, check.formula, verdict, check.verdict))
        book.put(page, row, 1, place.name, cell)
        book.put(page, row, 2, check.words, cell)
        done(page.write_url(row, 3, f"internal:'{quoted}'!{where}", link, where))
        book.put(page, row, 4, check.code, cell)
        done(page.set_row(row, max(16.5, text_height(check.words, 62, 10.5))))
        if check.on_form:
            _mark(book, place.name, where, row)


def _mark(book: Book, sheet: str, cell: str, row: int) -> None:
    """Colour a cell of the form while the check in `row` of 填报检查 fails."""
    rule = {
        "type": "formula",
        "criteria": f"='{CHECKS}'!$A${row + 1}=\"✘\"",
        "format": book.conditional(bg_color=_RED),
    }
    done(book.file.get_worksheet_by_name(sheet).conditional_format(cell, rule))


def write_seal(book: Book, form: Form, layout: Layout, text: str) -> None:
    """The hidden sheet: the seal in column A, the dropdown lists in the columns after it."""
    page = book.sheet(seal.SHEET)
    style = book.format()
    for row, chunk in enumerate(seal.cells(text)):
        book.put(page, row, 0, chunk, style)
    for name, value in seal.properties(text).items():
        book.property(name, value)
    column = 1
    used = {sheet.record for sheet in layout.sheets}
    used |= {block.table for sheet in layout.sheets for block in sheet.blocks}
    for table in (form.tables[name] for name in form.tables if name in used):
        for field in table.fields.values():
            if not isinstance(field.kind, Choice) or not field.choices:
                continue
            for row, choice in enumerate(field.choices):
                book.put(page, row, column, choice, style)
            first = a1(0, column).rstrip("1")
            area = f"='{seal.SHEET}'!${first}$1:${first}${len(field.choices)}"
            book.name(list_name(table.name, field.name), area)
            column += 1
    book.protect(page)
    page.very_hidden()


def _print(page: Worksheet) -> None:
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.55, right=0.55, top=0.6, bottom=0.7)
    page.center_horizontally()
    page.set_footer("&C第 &P 页 共 &N 页")
    page.hide_gridlines(2)
