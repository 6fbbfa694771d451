"""What is wrong with what a form wants of the office: columns of the roster, and its import file."""

from __future__ import annotations

from collections.abc import Iterator

from xltool.errors import OfficeError, each_of
from xltool.form.inspecting import Inspection
from xltool.form.model import Form
from xltool.form.source import Source
from xltool.office.import_plan import ImportPlan
from xltool.office.roster import prefill_names
from xltool.prose.nearest import nearest


def inspect_office(found: Inspection) -> None:
    """Note names that the roster does not have, and what is wrong in the form's import.csv."""
    if found.form is None or found.source is None:
        return
    found.note(list(_prefills(found.form, found.source)))
    if not found.doubtful:
        try:
            ImportPlan.of_office(found.form, None)
        except OfficeError as error:
            found.note(each_of(error))


def _prefills(form: Form, source: Source) -> Iterator[OfficeError]:
    """Columns of the roster that fields, or rows of `ROSTER_ROWS`, name in vain."""
    known = prefill_names()
    for table in form.tables.values():
        for name, column in table.fields.items():
            if column.prefill and ".csv" not in column.prefill and column.prefill not in known:
                line = source.field_line(table.model.__name__, name, "prefill")
                yield source.mistake(_unknown("prefill", column.prefill), line)
    for rows in form.roster_rows.values():
        for word in {word for row in rows for word in row.values()}.difference(known):
            yield source.mistake(_unknown("ROSTER_ROWS", word), source.constants.get("ROSTER_ROWS"))


def _unknown(what: str, word: str) -> str:
    near = nearest(word, prefill_names()) or "；"
    return f"{what} 里的 {word} 不是名册的栏目{near}可用：{'、'.join(prefill_names())}"
