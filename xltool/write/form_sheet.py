"""The official form on a sheet: labels locked, the unit's cells open, the system's greyed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xltool.errors import OfficeError
from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, Value
from xltool.form.adjoining import runs_of
from xltool.form.computed_cells import cell_address, formula_of
from xltool.form.formula_places import FormulaPlaces
from xltool.form.layout import Block, Cell, Layout, Position, Sheet, a1
from xltool.form.lists import key_address, list_names
from xltool.form.model import Form
from xltool.language.formulas import beyond_excel
from xltool.rules.findings import Finding
from xltool.write.book import HEI, SONG, TITLE, Book, done
from xltool.write.growing import WIDTH as GROWING_WIDTH
from xltool.write.growing import growing_rows
from xltool.write.page_breaks import breaks_of
from xltool.write.printing import print_form
from xltool.write.sheet_content import MAX_HEIGHT, SIZE, Room, SheetContent

INPUT = "#FFFBE6"
LOCKED = "#F2F2F2"
TAB = "#FFD966"  # of the sheets to fill
FAULTY = {"error": "#F8CBAD", "warning": "#FFE699", "info": "#DDEBF7"}

_FEW_ROWS = 4  # a table with so few needs no filter
_FROZEN_ROWS = 8  # a heading further down does not stay in sight
_SIZES = (SIZE, 10.0, 9.0, 8.0, 7.5)  # a text too long for the row limit is set smaller
_COMMENT = {"author": "xltool", "font_name": SONG, "font_size": 9}
_PROMPT, _PROMPT_TITLE, _ERROR = 255, 32, 224  # what Excel takes; more is refused


def list_name(table: str, field: str) -> str:
    """Return the defined name of a field's dropdown list."""
    return f"xl_{table}_{field}"


def write_form_sheet(
    book: Book, form: Form, layout: Layout, sheet: Sheet, content: SheetContent
) -> None:
    """Write one sheet of a record, locked and ready to print on A4.

    Raises ValueError where XlsxWriter refuses something.
    """
    page = book.sheet(content.name)
    for column, width in enumerate(sheet.widths):
        done(page.set_column(column, column, width))
    writer = _Writer(book, form, layout, sheet, content, page)
    writer.heights()
    writer.cells()
    writer.grow()
    _freeze(page, sheet)
    if writer.open:
        first = writer.room.cells[min(writer.open)]  # there the clerk begins
        last = (first.row + first.rows - 1, first.column + first.columns - 1)
        page.set_selection(first.row, first.column, *last)
    page.set_tab_color(TAB)
    _filter(page, form, sheet)
    book.protect(page, filters=True)
    print_form(page, layout, sheet, form.title, breaks_of(form, layout, writer.room))


class _Writer:
    """Writes the cells of one form sheet."""

    def __init__(
        self,
        book: Book,
        form: Form,
        layout: Layout,
        sheet: Sheet,
        content: SheetContent,
        page: Worksheet,
    ):
        self.book = book
        self.form = form
        self.layout = layout
        self.sheet = sheet
        self.content = content
        self.page = page
        self.room = Room(sheet, content)
        self.open: list[Position] = []  # the cells that the unit may fill
        self.rows = growing_rows(form, self.room)
        self.growing = {text.place: text for row in self.rows.values() for text in row.texts}

    def heights(self) -> None:
        """Give rows of labels and long texts the height that they need."""
        for row in range(self.sheet.height):
            height, is_own = self.room.height(row)
            if is_own and row in self.rows:
                self.book.let_grow(self.page, row, height)
            elif is_own:
                done(self.page.set_row(row, height))

    def grow(self) -> None:
        """Write beside the rows that grow what makes them grow."""
        column = len(self.sheet.widths)
        helped = {row: found for row, found in self.rows.items() if found.has_helper}
        if helped:
            done(self.page.set_column(column, column, GROWING_WIDTH))
        for row, found in sorted(helped.items()):
            look = self.book.format(text_wrap=True, font_size=found.size, font_color="#FFFFFF")
            now = found.breaks(self.room)
            done(self.page.write_formula(row, column, found.formula, look, now))

    def cells(self) -> None:
        """Write all cells: printed texts, the record's own fields, the rows of tables."""
        for cell in self.sheet.cells:
            if cell.words is not None:
                self.worded(cell)
            elif cell.kind != "field":
                self.label(cell)
        for name, cell in self.sheet.fields.items():
            if cell.words is None:
                self.field(cell, self.form.field(self.sheet.record, name), self.sheet.record)
        for (row, column), (block, name) in self.sheet.block_cells.items():
            cell = replace(self.room.cells[row, column], name=name)
            self.field(cell, self.form.field(block.table, name), block.table, block)

    def label(self, cell: Cell) -> None:
        """Write printed text."""
        look = {"border": 1, "text_wrap": True, "bg_color": LOCKED, "align": "center"}
        if cell.kind == "title":
            look = {"font_name": HEI, "font_size": TITLE, "align": "center"}
        elif cell.kind == "label" and cell.align != "center":
            look |= {"align": cell.align, "indent": 1}
        elif cell.kind == "head":
            look |= {"bold": True}
        elif cell.kind == "text":
            look = {"text_wrap": True, "align": cell.align}
        self.area(cell, cell.text, self.book.format(**look))

    def field(self, cell: Cell, field: Field, table: str, block: Block | None = None) -> None:
        """Write an input cell: open, unless the system, the office or the workbook fills it."""
        place = (cell.row, cell.column)
        prefilled = block is None and cell.name in self.content.prefilled
        prefilled = prefilled or place in self.content.prefilled_rows
        is_open = field.filled_by == "unit" and not prefilled
        findings = self.content.findings.get(place, [])
        value = self.room.value(cell)
        look = self.look(cell, field, value, is_open)
        text = None if prefilled else self.formula_text(cell, field, table, block)
        if text is not None:
            self.formula(cell, field, text, look)
        else:
            self.area(cell, value, look)
        self.comment(place, findings, None if is_open and field.new_only else field.comment)
        if is_open:
            self.open.append(place)
            self.validation(cell, field, table, block)
        elif block is None and value is None and text is None:
            said = "由系统带出，单位不用填写" + (
                "。" if field.new_only else "（新增项目的由财政部门补上）。"
            )
            self.prompt(place, field, {"validate": "any"}, said)

    def worded(self, cell: Cell) -> None:
        """Write a printed text with fields in it: open, unless others than the unit fill all of them."""
        place = (cell.row, cell.column)
        fields = [self.form.field(self.sheet.record, name) for name in cell.fields]
        unit = [f for f in fields if f.filled_by == "unit" and f.name not in self.content.prefilled]
        findings = self.content.findings.get(place, [])
        look: dict[str, object] = {"text_wrap": True, "align": cell.align}
        if unit:
            look |= {"bg_color": INPUT, "locked": False, "num_format": "@"}
        self.area(cell, self.room.value(cell), self.book.format(**look))
        self.comment(place, findings, next((f.comment for f in fields if f.comment), None))
        if unit:
            self.open.append(place)
            advice = "；".join(f"{f.short_label}：{_advice(f)}" for f in unit)
            self.prompt(place, unit[0], {"validate": "any"}, f"请在文字后面填写。{advice}。")

    def comment(self, place: Position, findings: list[Finding], official: str | None) -> None:
        """Comment a cell: the findings there, else what the form says of it."""
        comment = "\n".join(finding.comment for finding in findings) or official
        if comment:
            size = {"x_scale": 2.0, "y_scale": 1.0 + len(comment) / 60} if findings else {}
            done(self.page.write_comment(*place, comment, {**_COMMENT, **size}))

    def formula_text(self, cell: Cell, field: Field, table: str, block: Block | None) -> str | None:
        """The formula of a cell that the workbook works out, None of any other."""
        if not (field.computed or field.looked_up):
            return None
        row, columns = (cell.row, block.columns) if block else (None, {})
        places = FormulaPlaces(self.form, self.layout, self.sheet, row, columns)
        return formula_of(places, table, field)

    def formula(self, cell: Cell, field: Field, text: str, look: Format) -> None:
        """Write the formula of a cell, with the value that it has now."""
        value = self.content.computed.get((cell.row, cell.column))
        self.area(cell, None, look)
        if beyond := beyond_excel(text):
            raise OfficeError(
                f"工作表「{self.content.name}」{cell.address}（{field.short_label}）的公式{beyond}；"
                f"请用几个 computed 栏目分步计算"
            )
        shown = "" if value is None else value
        done(self.page.write_formula(cell.row, cell.column, text, look, shown))

    def look(self, cell: Cell, field: Field, value: Value | Raw, is_open: bool) -> Format:
        """The format of an input cell: its colour says who fills it."""
        color = INPUT if is_open else LOCKED
        is_right = field.kind.align == "right"  # LibreOffice indents some of those only
        is_high = field.multiline and (cell.row, cell.column) not in self.sheet.block_cells
        growing = self.growing.get((cell.row, cell.column))
        size = growing.size if growing else _SIZES[0]
        if isinstance(value, str):
            sizes = [s for s in _SIZES if s <= size]
            fits = (s for s in sizes if self.room.needs(cell, value, s) <= MAX_HEIGHT)
            size = next(fits, _SIZES[-1])
        return self.book.format(
            border=1,
            bg_color=color,
            locked=not is_open,
            **({"shrink": True} if is_right else {"text_wrap": True, "indent": 1}),
            num_format=field.number_format,
            align=field.kind.align,
            valign="top" if is_high else "vcenter",
            font_size=size,
        )

    def source(self, cell: Cell, field: Field, table: str, block: Block | None) -> str:
        """The formula of the entries of a dropdown."""
        if not field.of:
            return f"={list_name(table, field.name)}"
        row, columns = (cell.row, block.columns) if block else (None, {})
        key = key_address(field, partial(cell_address, self.sheet, row, columns))
        return list_names(self.form, table, field.name).dropdown(key)

    def validation(self, cell: Cell, field: Field, table: str, block: Block | None) -> None:
        """Limit what may be typed into an open cell, with a prompt and an error text."""
        place = (cell.row, cell.column)
        options = field.kind.validation(field) or {"validate": "any"}
        if field.kind.listed:
            options |= {"source": self.source(cell, field, table, block)}
        if options["validate"] == "custom":
            options["value"] = str(options["value"]).replace("{cell}", a1(*place))
        must = (
            "新增项目请填写。"
            if field.new_only
            else "必填。"
            if field.required
            else "有的情况必填，见填报说明。"
            if field.required_when
            else ""
        )
        self.prompt(place, field, options, f"{must}{field.advice}。")

    def prompt(self, place: Position, field: Field, options: dict[str, Any], advice: str) -> None:
        """Add the texts to a validation: what may be typed, and what is wrong where another thing is."""
        options |= {
            "ignore_blank": True,
            "input_title": field.short_label[:_PROMPT_TITLE],
            "input_message": advice[:_PROMPT],
            "error_title": "请检查输入",
            "error_message": f"{field.short_label}：{field.kind.advice(field)}。"[:_ERROR],
            "error_type": "warning" if field.choices_open else "stop",
        }
        done(self.page.data_validation(*place, *place, options))

    def area(self, cell: Cell, value: Value | Raw, style: Format) -> None:
        """Write a value into a cell with its merged area."""
        self.book.area(self.page, (cell.row, cell.column, cell.rows, cell.columns), value, style)


def _advice(field: Field) -> str:
    """What may be filled, with whether it must."""
    return f"必填，{field.advice}" if field.required else field.advice


def filter_of(form: Form, sheet: Sheet) -> tuple[int, int, int] | None:
    """The column by which the blank rows of a sheet's longest table can be filtered away, None without one.

    Returns the row of its heading, its last row and the column, from 0.
    """
    runs = runs_of(block for block in sheet.blocks if not block.always)
    run = max(runs, key=lambda run: run.last - run.first, default=None)
    if run is None or run.first == 0 or run.last - run.first < _FEW_ROWS:
        return None
    fields = form.tables[run.block.table].fields
    unit = (column for name, column in run.columns.items() if fields[name].filled_by == "unit")
    column = min(unit, default=None)
    return None if column is None else (run.first - 1, run.last, column)


def _filter(page: Worksheet, form: Form, sheet: Sheet) -> None:
    """Let the unit hide the blank rows of the longest table, so that they are not printed."""
    found = filter_of(form, sheet)
    if found is not None:
        head, last, column = found
        page.autofilter(head, column, last, column)


def _freeze(page: Worksheet, sheet: Sheet) -> None:
    """Keep the headings of a table in sight; of a form its title and the name below it."""
    heading = sheet.repeat[1] + 1 if sheet.repeat and sheet.repeat[1] < _FROZEN_ROWS else 2
    page.freeze_panes(heading, 0)
