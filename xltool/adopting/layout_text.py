"""The plan of a form as `layout.xml.j2`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from xltool.adopting.plan import (
    BesidePlan,
    BlockPlan,
    FormPlan,
    FramePlan,
    Item,
    Node,
    RowPlan,
    SheetPlan,
    blocks_in,
)

_PADDING = 0.625  # characters that a program adds to the width of a column: 5 pixels of 8
_JINJA = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")


def layout_text(form: FormPlan) -> str:
    """Return the text of the layout."""
    first = form.sheets[0].sheet
    lines = [f'<form paper="{first.paper}" orientation="{first.orientation}">']
    for plan in form.sheets:
        lines += _Sheet(form, plan).lines()
    lines.append("</form>")
    return "\n".join(lines) + "\n"


class _Sheet:
    """Writes one sheet."""

    def __init__(self, form: FormPlan, plan: SheetPlan):
        self.form = form
        self.plan = plan
        self.sheet = plan.sheet

    def lines(self) -> Iterator[str]:
        """The lines of the sheet."""
        widths = " ".join(
            f"{max(width - _PADDING, 0.5):g}" for width in map(_rounded, self.sheet.widths)
        )
        record = self.plan.record.name
        yield f'<sheet record="{record}" name="{attribute(self.plan.name)}" columns="{widths}">'
        yield from self.nodes(self.plan.nodes, "  ")
        yield "</sheet>"

    def nodes(self, nodes: Iterable[Node], indent: str) -> Iterator[str]:
        """Rows, blocks and tables side by side."""
        for node in nodes:
            if isinstance(node, RowPlan):
                yield from self.doubts(node.doubts, indent)
                yield indent + self.row(node, self.sheet.heights.get(node.number))
            elif isinstance(node, BlockPlan):
                yield from self.block(node, indent)
            elif isinstance(node, FramePlan):
                yield from self.frame(node, indent)
            else:
                yield from self.beside(node, indent)

    def beside(self, node: BesidePlan, indent: str) -> Iterator[str]:
        yield f"{indent}<beside>"
        for columns, nodes in node.parts:
            yield f'{indent}  <part columns="{columns}">'
            yield from self.nodes(nodes, indent + "    ")
            yield f"{indent}  </part>"
        yield f"{indent}</beside>"

    def frame(self, node: FramePlan, indent: str) -> Iterator[str]:
        block = node.block
        yield f"{indent}{{% for lv1, lv2, count in catalogue %}}"
        keys = {
            name: f"{{{{ {name} }}}}" if name in ("lv1", "lv2") else attribute(text)
            for name, text in block.keys.items()
        }
        yield from self.block_lines(block, keys, "{{ count }}", indent, always=False)
        yield f"{indent}{{% endfor %}}"

    def block(self, block: BlockPlan, indent: str) -> Iterator[str]:
        keys = {name: attribute(text) for name, text in block.keys.items()}
        offered = not keys and block.table.capacity == block.rows
        rows = f"{{{{ rows.{block.table.name} }}}}" if offered else str(block.rows)
        yield from self.block_lines(block, keys, rows, indent, always=block.always)

    def block_lines(
        self, block: BlockPlan, keys: dict[str, str], rows: str, indent: str, *, always: bool
    ) -> Iterator[str]:
        words = [f'table="{block.table.name}"', f'rows="{rows}"']
        words += ['always="yes"'] if always else []
        words += [f'{name}="{text}"' for name, text in keys.items()]
        yield f"{indent}<block {' '.join(words)}>"
        height = self.sheet.block_height(block.row.number)
        yield f"{indent}  {self.row(block.row, height)}"
        yield f"{indent}</block>"

    def row(self, row: RowPlan, height: float | None) -> str:
        words = [f' height="{height:g}"'] if height else []
        repeat = self.sheet.repeat
        if repeat and repeat[0] <= row.number <= repeat[1]:
            words.append(' repeat="yes"')
        return f"<row{''.join(words)}>{''.join(self.item(item) for item in row.items)}</row>"

    def item(self, item: Item) -> str:
        """One element."""
        cell = item.cell
        words = [f'name="{item.name}"'] if item.name else []
        words += ['merge="down"'] if item.merge else []
        if item.element in ("label", "text") and cell.align in ("left", "center", "right"):
            usual = "center" if item.element == "label" else "left"
            words += [f'align="{cell.align}"'] if cell.align != usual else []
        elif item.element == "label":
            words.append('align="left"')
        words += [f'colspan="{cell.columns}"'] if cell.columns > 1 else []
        if cell.rows > 1 and item.element != "key":
            words.append(f'rowspan="{self.rowspan(cell.row, cell.rows)}"')
        start = " ".join([item.element, *words])
        if item.element in ("field", "key", "empty"):
            return f"<{start}/>"
        return f"<{start}>{content(cell.text)}</{item.element}>"

    def rowspan(self, first: int, rows: int) -> str:
        """The rows of a merged cell; where it covers whole blocks, it grows and shrinks with them."""
        terms, rest = [], rows
        seen: set[int] = set()
        for node in blocks_in(self.plan.nodes):
            block = node.block if isinstance(node, FramePlan) else node
            start = block.row.number
            if start in seen or not (first < start and start + node.rows <= first + rows):
                continue
            if isinstance(node, FramePlan):
                terms.append("catalogue | sum(attribute=2)")
            elif not block.keys and block.table.capacity == block.rows:
                terms.append(f"rows.{block.table.name}")
            else:
                continue
            seen.add(start)
            rest -= node.rows
        if not terms:
            return str(rows)
        return f"{{{{ {' + '.join([f'({t})' if '|' in t else t for t in terms] + [str(rest)])} }}}}"

    def doubts(self, doubts: Sequence[str], indent: str) -> Iterator[str]:
        """The remarks for whoever looks at the layout."""
        for doubt in dict.fromkeys(doubts):
            yield f"{indent}{{# 请核对：{remark(doubt)} #}}"


def content(text: str) -> str:
    """A printed text as the content of an element: neither XML nor Jinja may see anything in it."""
    return _JINJA.sub(lambda found: f"{{{{ '{found[0]}' }}}}", escape(text))


def attribute(text: str) -> str:
    """A text as the value of an attribute."""
    quoted = escape(text, {'"': "&quot;", "\n": "&#10;"})
    return _JINJA.sub(lambda found: f"{{{{ '{found[0]}' }}}}", quoted)


def remark(text: str) -> str:
    """A text as part of a remark, which it cannot end."""
    return re.sub(r"[#{}%\s]+", " ", text)


def _rounded(width: float) -> float:
    return round(width, 3)
