"""Which record and which row of the newest workbook takes a record or a row of an earlier one.

Records are known by what the office prefilled in them (a project by its code, else its name), rows by the keys of
their block and by what the office prefilled there. Spare sheets and open rows keep their order, and their places
where all of them have room there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xltool.form.edition import Edition
from xltool.form.layout import Block
from xltool.form.model import Form
from xltool.office.seal import Issue
from xltool.prose.text import name_key
from xltool.returns.extracting import Row
from xltool.returns.submissions import Submission

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seat:
    """A row of a block in a workbook: the number of its sheet, the row, and what the office prefilled in it."""

    number: int
    row: int
    block: Block
    given: Texts

    def fits(self, row: Row) -> bool:
        """True for a row that has the keys of the block."""
        return all(row.values.get(name) == text for name, text in self.block.keys.items())


def seated(
    rows: Sequence[Row],
    seats: Sequence[Seat],
    given: Callable[[Row], Texts],
    place: Callable[[Row], int | None],
) -> list[Seat | None]:
    """Return a seat for each row of a table and a record; None where there is none.

    `given` says what the office had prefilled in a row, `place` which of the rows with its keys it was.
    """
    found: list[Seat | None] = [None] * len(rows)
    free = list(seats)
    for number, row in enumerate(rows):
        if texts := given(row):
            found[number] = seat = _of_given(row, texts, free)
            if seat is not None:
                free.remove(seat)
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, row in enumerate(rows):
        if found[number] is None and not given(row):
            fitting = tuple(n for n, seat in enumerate(seats) if seat.fits(row))
            groups.setdefault(fitting, []).append(number)
    for fitting, numbers in groups.items():
        some = [seats[n] for n in fitting]
        for number, seat in zip(
            numbers, _in_order([place(rows[n]) for n in numbers], some), strict=True
        ):
            found[number] = seat
    return found


def _of_given(row: Row, texts: Texts, seats: Sequence[Seat]) -> Seat | None:
    """The seat where the office prefilled the same, else the only one where the first of it is the same."""
    fitting = [seat for seat in seats if seat.given and seat.fits(row)]
    same = [seat for seat in fitting if seat.given == texts]
    name, text = next(iter(texts.items()))
    alike = [seat for seat in fitting if seat.given.get(name) == text]
    return same[0] if same else alike[0] if len(alike) == 1 else None


def _in_order(places: Sequence[int | None], seats: Sequence[Seat]) -> list[Seat | None]:
    """Seats for rows that stood at these places: the same places where all can have them, else the next ones."""
    open_seats = [seat for seat in seats if not seat.given]
    same = [seats[p] for p in places if p is not None and p < len(seats) and not seats[p].given]
    chosen = same if len(same) == len(places) else open_seats[: len(places)]
    return [*chosen, *[None] * (len(places) - len(chosen))]


def new_records(
    old: Submission, issued: Issue, then: Form, now: Edition, issue: Issue
) -> list[int | None]:
    """Return for each record that was read its number in the newest issue; None where it has none.

    `issued` is what it was issued with, by the form `then`; `now` and `issue` are the newest.
    """
    if now.layout.single:
        return [0 for _ in old.records]
    form = now.form
    rows = {row.record: row for row in old.rows if row.table == then.record_table.name}
    known = [n for n, record in enumerate(issue.records) if form.is_known(record)]
    spare = [n for n in range(form.first_project, len(issue.records)) if n not in known]
    found: list[int | None] = [None] * len(old.records)
    for place, number in enumerate(old.records):
        if then.once and place == 0:
            found[0] = 0 if form.once else None
        elif place in rows:
            texts = _named(then, rows[place])
            match = next((n for n in known if _is_same(form, issue.records[n], texts)), None)
            if match is not None:
                known.remove(match)
                found[place] = match
            elif number is None or not then.is_known(issued.records[number]):
                found[place] = spare.pop(0) if spare else None
    return found


def _named(form: Form, row: Row) -> Texts:
    """The texts of a record by which it may be known."""
    fields = form.tables[row.table].fields
    return {
        name: fields[name].show(value) for name, value in row.values.items() if value is not None
    }


def _is_same(form: Form, known: Texts, texts: Texts) -> bool:
    """Whether a record of the office is the one of these texts: by its code, else by its name."""
    fields = form.record_fields
    names = [name for name in known if not fields[name].prefill]
    codes = [name for name in names if fields[name].digits]
    plain = [name for name in names if type(fields[name].kind).__name__ == "Text"]
    name = next((name for name in (*codes, *plain) if name in texts), None)
    return name is not None and name_key(texts[name]) == name_key(known[name])
