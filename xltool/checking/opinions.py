"""The office's opinions on what came back: the cells that they are about, and what became of them.

Where workbooks are read, only what stands in those cells is noted (`watched`); what an opinion says today,
and whether its cell has changed since it was first shown, is decided in each run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xltool.checking.frames import Rows
from xltool.fields.reading import Value, shown
from xltool.form.edition import Edition
from xltool.form.layout import Layout
from xltool.form.model import Form
from xltool.office.opinion_places import Place
from xltool.office.opinions import Key, Opinion, Shown
from xltool.prose.quoting import first_difference, quoted
from xltool.prose.text import name_key, normalise, printable
from xltool.returns.extracting import Row, Subject
from xltool.returns.submissions import Batch, Submission

_QUOTED = 18  # characters of each of the three texts in one message
_NOTHING, _GONE = "（空白）", "（已不在表中）"


@dataclass(frozen=True, slots=True)
class Watched:
    """A cell that an opinion is about: where it stands now, and what it holds."""

    sheet: str
    cell: str
    record: str
    field: str
    label: str
    value: str


_NO_CELL = Watched("", "", "", "", "", _GONE)


def watched(found: Submission, opinions: Iterable[Opinion]) -> dict[str, Watched]:
    """The cells of a submission that opinions on its unit are about, by the words of their places."""
    places = {each.place for each in opinions if each.unit == found.unit}
    if not places or found.edition is None:
        return {}
    return {
        place.words: cell
        for place in places
        if (cell := _cell(found, found.edition, place)) is not None
    }


def _cell(found: Submission, edition: Edition, place: Place) -> Watched | None:
    """The cell of a place in a submission; None where there is no such cell, or project."""
    form, layout = edition.form, edition.layout
    search = _by_position(found, layout, place) if place.position else _by_field(found, form, place)
    for row, name in search:
        table = form.tables[row.table]
        column, is_raw = table.fields[name], name in row.unreadable
        text = shown(row.raw.get(name)) if is_raw else column.show(row.values.get(name))
        record = _name(found, form, row.record) or row.sheet
        return Watched(row.sheet, row.cells[name], record, name, column.short_label, text)
    return None


def _by_position(found: Submission, layout: Layout, place: Place) -> Iterator[tuple[Row, str]]:
    """The row, with its field, that has a cell at a position of a sheet as issued."""
    pages = {(page.record, page.part): page.name for page in layout.pages(len(found.records))}
    for row in found.rows:
        issued = found.records[row.record]
        known = row.sheet if issued is None else pages.get((issued, row.part), row.sheet)
        if known == place.sheet:
            yield from ((row, name) for name, at in row.places.items() if at == place.position)


def _by_field(found: Submission, form: Form, place: Place) -> Iterator[tuple[Row, str]]:
    """The row of a record with a field."""
    key, tables = name_key(place.project), {table.name for table in form.record_tables}
    for row in found.rows:
        names = (row.values.get("project_code"), row.values.get("project_name"))
        is_meant = not key or key in [name_key(str(name)) for name in names if name is not None]
        if row.table in tables and place.field in row.cells and is_meant:
            yield row, place.field


@dataclass(frozen=True)
class Opinions:
    """The office's opinions over the submissions of a run.

    `watched` are the cells of each submission, by its number; `before` what stood there when an
    opinion was first shown.
    """

    batch: Batch
    opinions: Sequence[Opinion]
    watched: Sequence[Mapping[str, Watched]]
    before: Mapping[Key, set[str]]

    @cached_property
    def rows(self) -> Rows:
        """The rows of the fact table `opinion`, each with the number of its submission."""
        found = ((n, self._row(opinion, cell)) for n, opinion, cell in self._concerned)
        return [(number, row) for number, row in found if row is not None]

    @property
    def first_shown(self) -> list[Shown]:
        """What stands in the cells of opinions that no earlier run has shown."""
        return [
            Shown(opinion.key, cell.value, self.batch.submissions[number].sha256)
            for number, opinion, cell in self._concerned
            if cell is not None and opinion.key not in self.before
        ]

    @property
    def notes(self) -> list[str]:
        """A line for each opinion whose cell nobody has found, and one for those to be looked at again."""
        lost = [
            f"{opinion.name}：交回的表里没有这个项目或单元格，意见没有起作用；请核对“位置”或“项目”"
            for _, opinion, cell in self._concerned
            if cell is None and opinion.key not in self.before
        ]
        lost += [note for opinion in self.opinions if (note := self._idle(opinion))]
        changed = sum("before" in row.values for _, row in self.rows)
        again = f"本级意见有 {changed} 处已改，待核（OPI-003）：认可的，请在 意见.csv 的“状态”填“已解决”"
        return [*lost, again] if changed else lost

    def _idle(self, opinion: Opinion) -> str:
        """Why an opinion on a unit that handed in something says nothing; nothing where the office settled it."""
        if opinion.settled or opinion.unit not in self._units:
            return ""
        if opinion.until is not None and self.batch.day > opinion.until:
            return f"{opinion.name}没有起作用：已过有效期 {opinion.until}"
        if opinion.file and opinion.file not in self._digests:
            return f"{opinion.name}没有起作用：只对另一份文件（sha256 {opinion.file[:8]}…）；对这份也有效的，请清空“文件”"
        return ""

    @cached_property
    def _units(self) -> set[str | None]:
        return {found.unit for _, found in self.batch.counted() if not found.lower}

    @cached_property
    def _digests(self) -> set[str]:
        return {found.sha256 for found in self.batch.submissions}

    @cached_property
    def _concerned(self) -> list[tuple[int, Opinion, Watched | None]]:
        """The opinions on each submission that counts, each with its cell."""
        return [
            (number, opinion, self.watched[number].get(opinion.place.words))
            for number, found in self.batch.counted()
            if found.edition is not None and not found.lower
            for opinion in self.opinions
            if opinion.unit == found.unit and opinion.holds_for(found.sha256, self.batch.day)
        ]

    def _row(self, opinion: Opinion, cell: Watched | None) -> Row | None:
        """What is to be said of an opinion; nothing where nobody ever found its cell."""
        before = self.before.get(opinion.key)
        if cell is None and before is None:
            return None
        cell = cell or _NO_CELL
        values: dict[str, Value] = {
            "opinion": opinion.text,
            "grade": opinion.grade,
            "asked": opinion.asked or None,
            "project": cell.record,
            "found": cell.value,
        }
        if before is not None and _key(cell.value) not in map(_key, before):
            old = min(before)
            start = first_difference(old, cell.value)
            values |= {
                "brief": quoted(opinion.text, most=_QUOTED),
                "before": quoted(old, start, most=_QUOTED) or _NOTHING,
                "now": quoted(cell.value, start, most=_QUOTED) or _NOTHING,
            }
        return Row(
            "opinion", cell.sheet, 0, values, subject=Subject(cell.cell, cell.field, cell.label)
        )


def _key(value: str) -> str:
    """What is compared of a value: as the record could hold it, and whatever its spaces."""
    return printable(normalise(value))


def _name(found: Submission, form: Form, record: int) -> str:
    """What a project is called."""
    own = (form.record_table.name, record)
    names = (row.values.get("project_name") for row in found.rows if (row.table, row.record) == own)
    return next((str(name) for name in names if name), "")
