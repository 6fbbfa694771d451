"""One unit's workbook: blank, filled, or returned with findings; always the same sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xltool.fields import Raw, Value
from xltool.findings import Finding
from xltool.forms import Form
from xltool.layout import Layout
from xltool.seal import Issue
from xltool.write.book import open_book
from xltool.write.checks import Place, live_checks
from xltool.write.form_sheet import Record, write_form_sheet
from xltool.write.pages import write_checks, write_front, write_guide, write_seal

Values = Mapping[tuple[int, int], Value | Raw]


@dataclass(frozen=True)
class Contents:
    """What stands on the form sheets beside what was issued, one entry per sheet, in order.

    `values` and `findings` are by 0-based (row, column) of the layout.
    """

    values: Sequence[Values] = ()
    findings: Sequence[Mapping[tuple[int, int], list[Finding]]] = ()
    front: Sequence[Finding] = field(default=())


def sheet_names(layout: Layout, count: int) -> list[str]:
    """The names of the record sheets: 项目1, 项目2, …"""
    return [layout.record_sheet.name.format(n=n) for n in range(1, count + 1)]


def write_submission(
    path: Path,
    form: Form,
    layout: Layout,
    issue: Issue,
    seal_text: str,
    password: str = "",
    contents: Contents | None = None,
) -> None:
    """Write a unit's workbook. The same arguments give the same bytes; `path` is replaced whole."""
    contents = contents or Contents()
    sheet = layout.record_sheet
    names = sheet_names(layout, len(issue.records))
    table = form.tables[sheet.record]
    records = []
    for index, name in enumerate(names):
        prefilled = {
            key: table.fields[key].kind.parse(text, table.fields[key])
            for key, text in issue.records[index].items()
        }
        values = contents.values[index] if index < len(contents.values) else {}
        findings = contents.findings[index] if index < len(contents.findings) else {}
        records.append(Record(name, prefilled, values, findings))
    spare = [not _known(form, record) for record in records]
    with open_book(path, password) as book:
        if contents.front:
            write_front(book, contents.front)
        write_guide(book, form, issue, names, sum(spare))
        for record in records:
            write_form_sheet(book, form, layout, sheet, record)
        write_checks(
            book,
            (
                (place, check)
                for record, optional in zip(records, spare, strict=True)
                for place in [Place(record.name, sheet, optional, _inputs(form, record))]
                for check in live_checks(
                    form, place, _typed(form, layout, record), {"fy": issue.fy}
                )
            ),
        )
        write_seal(book, form, layout, seal_text)


def _known(form: Form, record: Record) -> bool:
    """A sheet of a project that the office knows; a spare sheet has only the roster's prefills."""
    fields = form.record_table.fields
    return any(not fields[name].prefill for name in record.prefilled)


def _inputs(form: Form, record: Record) -> tuple[str, ...]:
    return tuple(name for name in form.record_table.inputs if name not in record.prefilled)


def _typed(form: Form, layout: Layout, record: Record) -> dict[str, Value]:
    """The record's values as the live formulas see them."""
    values = dict(record.prefilled)
    for name, cell in layout.record_sheet.fields.items():
        if name not in values:
            raw = record.values.get((cell.row, cell.column))
            values[name] = form.record_table.fields[name].read(raw).value
    return values
