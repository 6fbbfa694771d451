"""From a form's `layout.xml.j2` to its `Layout`: Jinja makes XML (`layout_template`), a parser places the cells.

The vocabulary is in `templates/README.md`; anything else in a template is an error with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from xltool.errors import OfficeError, all_of
from xltool.form.layout import Block, Cell, CellKind, Layout, Sheet
from xltool.form.model import Form
from xltool.form.printed_words import Words

ELEMENTS: Mapping[str, set[str]] = {
    "form": {"paper", "orientation"},
    "sheet": {"record", "name", "columns"},
    "row": {"lines", "height", "repeat", "break"},
    "block": {"table", "rows", "always", "break"},  # and the keys of the table
    "beside": set(),
    "part": {"columns"},
    "title": {"colspan", "rowspan"},
    "label": {"colspan", "rowspan", "align"},
    "head": {"colspan", "rowspan"},
    "text": {"colspan", "rowspan", "align"},
    "field": {"name", "colspan", "rowspan"},
    "key": {"name", "merge", "colspan"},
    "empty": {"colspan", "rowspan"},
}

_BREAK = re.compile(r"[ \t]*\n\s*")  # how a template is set, none of the text
_OF_PAPER = {"paper": ("A4",), "orientation": ("portrait", "landscape")}


def render(form: Form, fy: int = 2000) -> Layout:
    """Return the layout of a form for a budget year (`fy`, 2000 to 2099).

    Raises OfficeError with file and line for anything wrong in the template: all that is wrong at once.
    """
    drawing = drawn(form, fy)
    if drawing.mistakes:
        heading = f"表「{form.id}」的版面有 {len(drawing.mistakes)} 处错误："
        raise all_of(heading, drawing.mistakes, form.folder.parent.parent)
    return drawing.layout


@dataclass(frozen=True)
class Drawing:
    """A layout as far as its template could be read, and what is wrong in it.

    `sheets` are, for each sheet, an element of the template by row, for error messages; None is the
    `<sheet>` itself.
    """

    layout: Layout
    mistakes: Sequence[OfficeError]
    sheets: Sequence[Mapping[int | None, Place]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a template."""

    path: Path
    line: int | None

    def mistake(self, message: str) -> OfficeError:
        """Return a mistake at this place."""
        return OfficeError(message, self.path, self.line)


def drawn(form: Form, fy: int = 2000) -> Drawing:
    """Return the layout of a form for a budget year with all that is wrong in its template.

    Raises OfficeError where the template cannot be read at all.
    """
    from xltool.form.layout_template import expand  # noqa: PLC0415  # Jinja, for who renders at all

    path = form.folder / "layout.xml.j2"
    parser = _Parser(form, path)
    layout = parser.layout(expand(form, fy, path))
    return Drawing(layout, parser.mistakes, parser.places)


class _Parser:
    """Parses the XML. Cells are placed as in an HTML table: what merged cells cover is skipped."""

    def __init__(self, form: Form, path: Path):
        self.form = form
        self.path = path
        self.mistakes: list[OfficeError] = []
        self.places: list[Mapping[int | None, Place]] = []

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note a mistake, once, and go on behind what it is about."""
        try:
            yield
        except OfficeError as error:
            self.note(error)

    def note(self, error: OfficeError) -> None:
        """Note a mistake; rows of a block are placed several times, and say the same each time."""
        if str(error) not in map(str, self.mistakes):
            self.mistakes.append(error)

    def layout(self, text: str) -> Layout:
        """The layout that the whole text describes."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        try:
            root = etree.fromstring(text.encode(), parser)
        except etree.XMLSyntaxError as error:
            words, line = _of_xml(error)
            before = "\n".join(text.splitlines()[:line])
            stamps = re.findall(r'_at="(\d+)"', before)
            raise OfficeError(
                f"展开后不是完整的 XML：{words}", self.path, int(stamps[-1]) if stamps else None
            ) from error
        if root.tag != "form":
            raise self.wrong(root, "最外层应为 <form>")
        self.attributes(root)
        for name, known in _OF_PAPER.items():
            if root.get(name, known[0]) not in known:
                words = f"{name} 应为 {' 或 '.join(known)}，现为“{root.get(name)}”"
                self.note(self.wrong(root, words))
        sheets: list[Sheet] = []
        for element in self.children(root, {"sheet"}):
            with self.noting():
                sheets.append(self.sheet(element))
        if not sheets and not self.mistakes:
            raise self.wrong(root, "没有任何 <sheet>")
        if not self.mistakes:
            with self.noting():
                self.check_levels(root, sheets)
        return Layout(tuple(sheets), root.get("paper", "A4"), root.get("orientation", "portrait"))

    def check_levels(self, root: etree._Element, sheets: Sequence[Sheet]) -> None:
        """Refuse sheets for projects beside sheets that stand once, but as the form says it."""
        once = self.form.once
        repeated = sum(sheet.is_repeated for sheet in sheets)
        if not once and repeated and len(sheets) > 1:
            words = (
                "还有表名里没有 {n} 的 <sheet>"
                if repeated < len(sheets)
                else "有几张这样的 <sheet>"
            )
            raise self.wrong(
                root,
                f"表名里有 {{n}} 的 <sheet> 只能有一张；{words}，请在校验文件的 ONCE 里列出每份"
                "工作簿只有一张的数据表",
            )
        if once and repeated != 1:
            raise self.wrong(root, "校验文件里有 ONCE 时，应有且只有一张表名里有 {n} 的 <sheet>")
        for element, sheet in zip(root, sheets, strict=True) if once else ():
            for table in (sheet.record, *(block.table for block in sheet.blocks)):
                if (table in once) is sheet.is_repeated:
                    words = "在 ONCE 里，不能" if sheet.is_repeated else "不在 ONCE 里，只能"
                    raise self.wrong(
                        element, f"数据表 {table} {words}放在表名里有 {{n}} 的 <sheet> 上"
                    )

    def wrong(self, element: etree._Element, message: str) -> OfficeError:
        """The error to raise for an element, with the file and line that it comes from."""
        return self.place(element).mistake(message)

    def place(self, element: etree._Element) -> Place:
        """The file and line that an element comes from."""
        path = self.path.parent.parent / (element.get("_in") or "")
        return Place(path, int(element.get("_at") or 0) or None)

    def children(self, element: etree._Element, allowed: set[str]) -> Iterator[etree._Element]:
        """The elements inside one, but those that are not allowed there: these are noted."""
        for child in element:
            if child.tag in allowed:
                yield child
                continue
            options = "、".join(f"<{name}>" for name in sorted(allowed))
            self.note(self.wrong(child, f"这里不能用 <{child.tag}>，可用：{options}"))

    def attributes(self, element: etree._Element, extra: Set[str] = frozenset()) -> None:
        """Note an attribute that its element does not have; a block has those of `extra` too."""
        allowed = ELEMENTS[str(element.tag)] | extra
        for name in map(str, element.attrib):
            if name not in allowed and name not in ("_at", "_in"):
                options = "、".join(sorted(allowed))
                words = f"<{element.tag}> 没有属性 {name}，可用：{options}"
                self.note(self.wrong(element, words))

    def number(self, element: etree._Element, name: str) -> int:
        """The positive number in an attribute, 1 where there is none."""
        value = element.get(name, "1")
        if not str(value).isdigit() or int(value) < 1:
            raise self.wrong(element, f"{name} 应为大于 0 的整数，现为“{value}”")
        return int(value)

    def points(self, row: etree._Element) -> float:
        """The height of a `<row>` in points; Excel takes at most 409."""
        value = str(row.get("height"))
        if not re.fullmatch(r"\d+(\.\d+)?", value) or not 1 <= float(value) <= 409:
            raise self.wrong(row, f"height 应为 1 至 409 的磅数，现为“{value}”")
        return float(value)

    def sheet(self, element: etree._Element) -> Sheet:
        """One `<sheet>`."""
        self.attributes(element)
        record = element.get("record", "")
        known = [table.name for table in self.form.record_tables]
        if record not in known:
            raise self.wrong(element, f"record 应为数据表名（{'、'.join(known)}），现为“{record}”")
        try:
            widths = tuple(float(width) for width in str(element.get("columns", "")).split())
        except ValueError:
            widths = ()
        if not widths:
            raise self.wrong(element, 'columns 应为各列宽度，如 columns="12 20"')
        grid = _Grid(self, len(widths))
        self.content(element, grid, record, {"row", "block", "beside"})
        if not grid.cells and not self.mistakes:
            self.note(self.wrong(element, "这张 <sheet> 里没有任何 <row>"))
        self.places.append({None: self.place(element), **grid.places})
        cells = tuple(grid.merged())
        return Sheet(
            record=record,
            name=element.get("name", ""),
            widths=widths,
            cells=cells,
            blocks=tuple(grid.blocks),
            lines=grid.lines,
            heights=grid.heights,
            repeat=_whole_heading(grid.repeat, cells),
            breaks=tuple(sorted(grid.breaks)),
        )

    def content(self, element: etree._Element, grid: _Grid, record: str, allowed: set[str]) -> None:
        """Place the rows and blocks inside an element, and tables side by side."""
        for child in self.children(element, allowed):
            try:
                self.attributes(child, self.keys(child) if child.tag == "block" else set())
                if child.get("break"):
                    grid.begin_page(child)
                if child.tag == "row":
                    grid.row(child, record, None)
                elif child.tag == "block":
                    self.block(child, grid)
                else:
                    self.beside(child, grid, record)
            except OfficeError as error:
                self.note(error)
                grid.has_gap = True

    def beside(self, element: etree._Element, grid: _Grid, record: str) -> None:
        """Place parts next to each other, each `columns` wide; shorter ones end in empty rows."""
        top, left, deepest = grid.next_row, 0, grid.next_row
        parts = []
        for part in self.children(element, {"part"}):
            self.attributes(part)
            width = self.number(part, "columns")
            grid.next_row, grid.columns = top, range(left, left + width)
            self.content(part, grid, record, {"row", "block"})
            parts.append((grid.next_row, grid.columns))
            left += width
            deepest = max(deepest, grid.next_row)
        for end, columns in parts:
            grid.pad(range(end, deepest), columns)
        grid.next_row, grid.columns = deepest, range(grid.width)

    def keys(self, block: etree._Element) -> set[str]:
        """The fields of the table of a block: those that may be its keys."""
        table = block.get("table", "")
        known = [name for name, found in self.form.tables.items() if found.is_rows]
        if table not in known:
            raise self.wrong(block, f"table 应为数据表名（{'、'.join(known)}），现为“{table}”")
        return set(self.form.tables[table].fields)

    def block(self, element: etree._Element, grid: _Grid) -> None:
        """Place the one row of a block as often as it says."""
        table = str(element.get("table"))
        keys = {
            name: str(element.get(name)) for name in element.attrib if name in self.keys(element)
        }
        first, count = grid.next_row, self.number(element, "rows")
        rows = list(self.children(element, {"row"}))
        if len(rows) != 1:
            raise self.wrong(element, "<block> 里应有且只有一个 <row>")
        if rows[0].get("break"):
            raise self.wrong(rows[0], "<block> 里的 <row> 不能用 break，请写在 <block> 上")
        columns: dict[str, int] = {}
        for _ in range(count):
            columns = grid.row(rows[0], table, keys)
        printed = {name: columns.pop(name) for name in keys if name in columns}
        always = element.get("always") == "yes"
        grid.blocks.append(Block(table, keys, first, count, columns, printed, always))


def _of_xml(error: etree.XMLSyntaxError) -> tuple[str, int]:
    """What a parser complains about in Chinese, and the line of the text to look at."""
    message, line = str(error.msg), error.lineno or 1
    if "EntityRef" in message or "Entity" in message:
        return "& 要写成 &amp;，< 要写成 &lt;", line
    if found := re.search(r"tag mismatch: (\w+) line (\d+)", message):
        return f"<{found[1]}> 没有合上，请补 </{found[1]}>", int(found[2])
    return message, line


def _whole_heading(repeat: tuple[int, int] | None, cells: Sequence[Cell]) -> tuple[int, int] | None:
    """The rows that every page repeats, from where the cells begin that end in them."""
    if repeat is None:
        return None
    first, last = repeat
    begun = (c.row for c in cells if c.row < first < c.row + c.rows <= last + 1)
    return min([first, *begun]), last


class _Grid:
    """The rows of one sheet while they are placed."""

    def __init__(self, parser: _Parser, width: int):
        self.parser = parser
        self.width = width
        self.columns = range(width)  # those of the part that is being placed
        self.next_row = 0
        self.has_gap = False  # rows could not be placed: those below lie too high
        self.taken: set[tuple[int, int]] = set()
        self.cells: list[tuple[Cell, bool]] = []  # and whether it merges downward
        self.blocks: list[Block] = []
        self.lines: dict[int, float] = {}
        self.heights: dict[int, float] = {}
        self.repeat: tuple[int, int] | None = None
        self.breaks: set[int] = set()
        self.places: dict[int | None, Place] = {}  # of the elements that make a row

    def begin_page(self, element: etree._Element) -> None:
        """Begin a new page before the row that comes next."""
        if element.get("break") != "before":
            raise self.parser.wrong(element, f"break 应为 before，现为“{element.get('break')}”")
        if self.next_row == 0:
            raise self.parser.wrong(element, "工作表的第一行之前不能分页")
        self.breaks.add(self.next_row)

    def row(
        self, element: etree._Element, table: str, keys: Mapping[str, str] | None
    ) -> dict[str, int]:
        """Place one row of a record, or of a block with `keys`; return its fields' columns."""
        self.parser.attributes(element)
        row, column = self.next_row, self.columns.start
        self.places.setdefault(row, self.parser.place(element))
        columns: dict[str, int] = {}
        allowed = set(ELEMENTS) - {"form", "sheet", "row", "block", "beside", "part"}
        for child in self.parser.children(
            element, allowed if keys is not None else allowed - {"key"}
        ):
            with self.parser.noting():
                column = self.put(child, (row, column), columns, table, keys)
        if element.get("lines"):
            lines = self.parser.number(element, "lines")
            self.lines[row] = max(lines, self.lines.get(row, 0))
        if element.get("height"):
            self.heights.setdefault(row, self.parser.points(element))
        if element.get("repeat"):
            self.repeat = (self.repeat[0] if self.repeat else row, row)
        self.next_row += 1
        return columns

    def put(
        self,
        child: etree._Element,
        place: tuple[int, int],
        columns: dict[str, int],
        table: str,
        keys: Mapping[str, str] | None,
    ) -> int:
        """Place the cell of an element at the next free column; return the column behind it."""
        row, column = place
        self.parser.attributes(child)
        while (row, column) in self.taken:
            column += 1
        height = self.parser.number(child, "rowspan")
        width = self.parser.number(child, "colspan")
        if column + width > self.columns.stop and self.has_gap:
            return column
        if column + width > self.columns.stop:
            raise self.parser.wrong(child, f"超出了 columns 给出的 {len(self.columns)} 列")
        cell = self.cell(child, (row, column), (height, width), table, keys)
        for name in cell.fields or ([cell.name] if cell.kind == "key" else []):
            if name in columns or (keys is None and name in self.names()):
                raise self.parser.wrong(child, f"字段 {name} 放了两次")
            columns[name] = column
        # a block's fields are addressed through the block, not one by one
        self.cells.append((_without_name(cell, keys), child.get("merge") == "down"))
        self.taken |= {(row + r, column + c) for r in range(height) for c in range(width)}
        return column + width

    def pad(self, rows: range, columns: range) -> None:
        """Put empty cells below a part that is shorter than the one beside it."""
        for row in rows:
            for column in columns:
                if (row, column) not in self.taken:
                    self.taken.add((row, column))
                    self.cells.append((Cell("empty", row, column), False))

    def names(self) -> set[str]:
        """The fields placed so far, without those of blocks."""
        return {name for cell, _ in self.cells for name in cell.fields}

    def cell(
        self,
        element: etree._Element,
        place: tuple[int, int],
        size: tuple[int, int],
        table: str,
        keys: Mapping[str, str] | None,
    ) -> Cell:
        """The cell that an element describes, checked against the form."""
        kind: CellKind = element.tag  # type: ignore[assignment]
        text = (element.text or "").strip()
        name = element.get("name", "") or ""
        if kind == "field":
            self.known(element, table)
        if kind == "key":
            if keys is None or name not in keys:
                raise self.parser.wrong(element, f"<block> 没有给出 {name} 的值")
            text = keys[name]
        align = element.get("align", "center" if kind == "label" else "left")
        if align not in ("left", "center", "right"):
            raise self.parser.wrong(element, f"align 应为 left、center 或 right，现为“{align}”")
        if kind == "text" and len(element):
            if keys is not None:
                raise self.parser.wrong(element, "<block> 的文字里不能放栏目")
            words = self.words(element, table)
            return Cell("field", *place, *size, text=words.pattern, align=align, words=words)
        return Cell(kind, *place, *size, text=text, name=name, align=align)

    def words(self, element: etree._Element, table: str) -> Words:
        """The fields in a printed text, and the words around them."""
        texts, names = [element.text or ""], list[str]()
        for child in element:
            if child.tag != "field":
                raise self.parser.wrong(child, f"这里不能用 <{child.tag}>，可用：<field>")
        for child in self.parser.children(element, {"field"}):
            self.parser.attributes(child)
            if child.get("colspan") or child.get("rowspan"):
                raise self.parser.wrong(child, "文字里的 <field> 只有 name；几列几行写在 <text> 上")
            name = self.known(child, table)
            if names and not texts[-1].strip():
                raise self.parser.wrong(child, "文字里的两个栏目之间要有文字，以便分开读取")
            if name in names:
                raise self.parser.wrong(child, f"字段 {name} 放了两次")
            if self.parser.form.field(table, name).computed:
                raise self.parser.wrong(child, f"文字里不能放自动计算的栏目 {name}")
            names.append(name)
            texts.append(child.tail or "")
        inner = [_BREAK.sub("", text) for text in texts]
        return Words((inner[0].lstrip(), *inner[1:-1], inner[-1].rstrip()), tuple(names))

    def known(self, element: etree._Element, table: str) -> str:
        """The name of a field; an error for one that the table does not have."""
        name = element.get("name", "") or ""
        if name not in self.parser.form.tables[table].fields:
            raise self.parser.wrong(element, f"数据表 {table} 没有字段 {name}")
        return name

    def merged(self) -> list[Cell]:
        """The cells; those with merge="down" are joined with equal ones directly below."""
        result: list[Cell] = []
        open_cells: dict[int, int] = {}  # column → index in result
        for cell, downward in self.cells:
            index = open_cells.get(cell.column) if downward else None
            if index is not None:
                above = result[index]
                if above.text == cell.text and above.row + above.rows == cell.row:
                    result[index] = replace(above, rows=above.rows + 1)
                    continue
            if downward:
                open_cells[cell.column] = len(result)
            result.append(cell)
        return result


def _without_name(cell: Cell, keys: Mapping[str, str] | None) -> Cell:
    """The cell, without its name if it is a field of a block."""
    if keys is None or cell.kind == "key":
        return cell
    return replace(cell, name="")
