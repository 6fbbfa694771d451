"""`xltool form diff`: the workbook that a form issues beside the official one, cell by cell."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltool.adopting.computing import Placed, names_for
from xltool.adopting.formulas import computed_text
from xltool.adopting.number_format import Shown, shown_by
from xltool.adopting.official import USUAL_HEIGHT, Limit, OfficialCell, OfficialSheet
from xltool.adopting.openpyxl_sheets import sheets_of
from xltool.adopting.reading import read_official
from xltool.adopting.roles import Role, roles_of
from xltool.form.layout import Layout, Sheet, a1
from xltool.form.layout_xml import render
from xltool.form.model import Form
from xltool.form.own_sheets import CHECKS, FRONT, GUIDE
from xltool.office import seal
from xltool.office.seal import Issue
from xltool.workbook.limits import Limits
from xltool.write.submission import write_submission

_OURS = frozenset({GUIDE, CHECKS, FRONT, seal.SHEET})  # sheets that no official form has
_NEAR = 0.05  # widths and heights may differ by so much
_TYPES = {"any": "常规", "text": "文本", "number": "数字", "date": "日期"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: the sheet and the cell, column or row, what it is, and both sides."""

    sheet: str
    where: str
    what: str
    official: str
    ours: str

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.where}" if self.where else self.sheet
        return f"{place} {self.what}：官方为“{self.official}”，这张表为“{self.ours}”"


def diff(path: Path, form: Form, fy: int) -> list[Difference]:
    """Return how the blank workbook that a form issues for a budget year differs from an official one.

    Texts, spans, order, types, lists, limits and comments count exactly, widths and heights within 5 %. Our own
    sheets, the seal and names do not count. Raises OfficeError where the official one cannot be read, and as
    `render` does.
    """
    official = [
        s
        for s in read_official(path).sheets
        if s.name not in _OURS and any(c.text for c in s.cells)
    ]
    layout = render(form, fy)
    issued = _issued(form, layout, fy)
    found = list(_page(official, layout))
    used: set[str] = set()
    order: list[int] = []
    for sheet in official:
        number = _counterpart(sheet.name, layout)
        if number is None:
            found.append(Difference(sheet.name, "", "工作表", "有", "没有"))
            continue
        order.append(number)
        ours = layout.sheets[number]
        used.add(ours.name)
        found += _Pair(sheet, issued[number], _placed(ours)).differences()
    missing = [sheet for sheet in layout.sheets if sheet.name not in used]
    found += [Difference(sheet.name, "", "工作表", "没有", "有") for sheet in missing]
    if order != sorted(order):
        names = "、".join(sheet.name for sheet in official)
        ours_names = "、".join(sheet.name for sheet in layout.sheets)
        found.append(Difference("工作簿", "", "工作表的顺序", names, ours_names))
    return found


def _issued(form: Form, layout: Layout, fy: int) -> Sequence[OfficialSheet]:
    """The form sheets of a blank workbook of the form, in the order of the layout."""
    records: list[dict[str, str]] = [{}, {}] if form.once else [{}]  # the unit's own, a project's
    issue = Issue(form.id, form.version, layout.digest, fy, "", "", "", "", records)
    with tempfile.TemporaryDirectory(prefix="xltool-diff-") as folder:
        path = Path(folder) / "issued.xlsx"
        write_submission(path, form, layout, issue, "")
        sheets = {sheet.name: sheet for sheet in sheets_of(path, Limits()).sheets}
    found = {page.part: sheets[page.name] for page in layout.pages(len(records))}
    return [_of_the_form(found[part], sheet) for part, sheet in enumerate(layout.sheets)]


def _of_the_form(written: OfficialSheet, sheet: Sheet) -> OfficialSheet:
    """A sheet without what we write beside the form (`write.growing`)."""
    columns = len(sheet.widths)
    cells = tuple(cell for cell in written.cells if cell.column < columns)
    return replace(written, widths=written.widths[:columns], cells=cells)


def _counterpart(name: str, layout: Layout) -> int | None:
    """The number of the sheet of the layout that an official sheet is: 项目3 is 项目{n}."""
    for number, sheet in enumerate(layout.sheets):
        stem, mark, end = sheet.name.partition("{n}")
        middle = name.removeprefix(stem).removesuffix(end)
        if name == sheet.name or (mark and name == f"{stem}{middle}{end}" and middle.isdigit()):
            return number
    return None


def _placed(sheet: Sheet) -> Placed:
    """The fields of a sheet of the layout by their cells."""
    found = {(c.row, c.column): (sheet.record, name, False) for name, c in sheet.fields.items()}
    rows = {place: (block.table, name, True) for place, (block, name) in sheet.block_cells.items()}
    return found | rows


def _page(official: Sequence[OfficialSheet], layout: Layout) -> Iterator[Difference]:
    """Differences in paper and orientation, which a layout has once for all its sheets."""
    for sheet in official:
        if sheet.paper != layout.paper:
            yield Difference(sheet.name, "", "纸张", sheet.paper, layout.paper)
        if sheet.orientation != layout.orientation:
            yield Difference(sheet.name, "", "方向", sheet.orientation, layout.orientation)


class _Pair:
    """An official sheet and ours."""

    def __init__(self, official: OfficialSheet, ours: OfficialSheet, placed: Placed):
        self.official = official
        self.ours = ours
        self.placed = placed
        self.roles = roles_of(official)

    def differences(self) -> Iterator[Difference]:
        """All that differs, from top to bottom."""
        yield from self.sizes()
        for cell in sorted(self.official.cells, key=lambda cell: cell.place):
            other = self.ours.owners.get(cell.place)
            if other is None:
                if cell.text:
                    yield self.told(cell, "文字", cell.text, "超出版面")
                continue
            yield from self.cell(cell, other)
        for other in self.ours.cells:
            if other.place not in self.official.owners and other.text:
                yield self.told(other, "文字", "", other.text)

    def told(self, cell: OfficialCell, what: str, official: str, ours: str) -> Difference:
        """A difference of a cell."""
        return Difference(self.official.name, cell.address, what, official, ours)

    def sizes(self) -> Iterator[Difference]:
        """Differences in rows, columns and what is printed on every page."""
        name = self.official.name
        shape = [f"{s.height} 行 {len(s.widths)} 列" for s in (self.official, self.ours)]
        if shape[0] != shape[1]:
            yield Difference(name, "", "大小", shape[0], shape[1])
        widths = zip(self.official.widths, self.ours.widths, strict=False)
        for column, (one, other) in enumerate(widths):
            if not _near(one, other):
                yield Difference(
                    name, f"{a1(0, column).rstrip('1')} 列", "列宽", f"{one:g}", f"{other:g}"
                )
        for row, height in sorted(self.official.heights.items()):
            other_height = self.ours.heights.get(row, USUAL_HEIGHT)
            if row < self.ours.height and not _near(height, other_height):
                both = f"{height:g}", f"{other_height:g}"
                yield Difference(name, f"第 {row + 1} 行", "行高", *both)
        if self.official.repeat != self.ours.repeat:
            both = (_rows(self.official.repeat), _rows(self.ours.repeat))
            yield Difference(name, "", "每页重复的行", *both)

    def cell(self, one: OfficialCell, other: OfficialCell) -> Iterator[Difference]:
        """Differences of a cell."""
        if (one.place, one.rows, one.columns) != (other.place, other.rows, other.columns):
            yield self.told(one, "合并", _span(one), _span(other))
            return
        role = self.roles[one.place]
        if role is Role.PRINTED:
            if one.text != other.text:
                yield self.told(one, "文字", one.text, other.text)
            return
        if role is Role.FORMULA or other.stated == "formula":
            yield from self.formula(one, other)
        elif other.text:
            yield self.told(one, "文字", one.text, other.text)
        if role.is_field:
            yield from self.field(one, other)

    def formula(self, one: OfficialCell, other: OfficialCell) -> Iterator[Difference]:
        """Whether two formulas say the same, in the language of equations."""
        table, _, is_rows = self.placed.get(one.place, ("", "", False))
        names = names_for(self.official, self.placed, table, one.row if is_rows else None)
        said = [
            computed_text(c.text, names) if c.stated == "formula" else None for c in (one, other)
        ]
        if said[0] is None or said[0] != said[1]:
            yield self.told(one, "公式", one.text or "没有", other.text or "没有")

    def field(self, one: OfficialCell, other: OfficialCell) -> Iterator[Difference]:
        """Differences in what may be filled into a cell."""
        if one.place not in self.placed:
            yield self.told(one, "栏目", "有", "没有")
            return
        wanted, given = shown_by(one.number_format), shown_by(other.number_format)
        if wanted.type != "any" and not _same_type(wanted, given):
            both = one.number_format, other.number_format
            yield self.told(one, "格式", *(f"{_TYPES[shown_by(f).type]} {f}" for f in both))
        if self.official.protected and one.locked != other.locked:
            words = {True: "锁定", False: "由单位填写"}
            yield self.told(one, "填写", words[one.locked], words[other.locked])
        if one.comment != other.comment:
            yield self.told(one, "批注", one.comment, other.comment)
        yield from self.limit(one, one.limit or Limit("any"), other.limit or Limit("any"))

    def limit(self, cell: OfficialCell, one: Limit, other: Limit) -> Iterator[Difference]:
        """Differences in lists and limits; what the kind of the field limits beside them is ours."""
        if one.choices or other.choices:
            if one.choices != other.choices:
                both = ("、".join(one.choices), "、".join(other.choices))
                yield self.told(cell, "下拉列表", *both)
            elif one.soft != other.soft:
                words = {True: "可以填别的", False: "只能选列表中的"}
                yield self.told(cell, "下拉列表", words[one.soft], words[other.soft])
        elif one.type not in ("any", "list", "custom") and _bounds(one) != _bounds(other):
            yield self.told(cell, "限制", _limit_words(one), _limit_words(other))


def _same_type(wanted: Shown, given: Shown) -> bool:
    """True if two formats show the same type, with as many places, or a day in the same way."""
    same = (wanted.type, wanted.places) == (given.type, given.places)
    return same and (not wanted.pattern or wanted.pattern == given.pattern)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _NEAR * max(one, other)


def _rows(rows: tuple[int, int] | None) -> str:
    return f"{rows[0] + 1}–{rows[1] + 1}" if rows else "没有"


def _span(cell: OfficialCell) -> str:
    last = a1(cell.row + cell.rows - 1, cell.column + cell.columns - 1)
    return cell.address if cell.rows == cell.columns == 1 else f"{cell.address}:{last}"


def _bounds(limit: Limit) -> tuple[object, ...]:
    """A limit for comparison: programs write the same number in several ways."""
    ends = [limit.first] if limit.operator not in ("between", "notBetween") else []
    ends = ends or [limit.first, limit.second]
    return (limit.type, limit.operator, *map(_number, ends))


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _limit_words(limit: Limit) -> str:
    words = (limit.type, limit.operator if limit.type != "any" else "", limit.first, limit.second)
    return " ".join(filter(None, words))


def counts(differences: Sequence[Difference]) -> Mapping[str, int]:
    """How many differences there are of each kind, most frequent first."""
    found: dict[str, int] = {}
    for difference in differences:
        found[difference.what] = found.get(difference.what, 0) + 1
    return dict(sorted(found.items(), key=lambda entry: -entry[1]))
