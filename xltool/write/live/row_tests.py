"""What can be checked live of one row of cells: a record's own, a printed line, the rows of a block.

Each test is a statement of the language: its grade is a piece of an Excel formula, over single cells
or over columns of a block, and a verdict on what stands there. The statements come from the kinds of
the fields and from the rules; a test fills forms at random and compares with what `check` finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.fields.cell_formulas import literal
from xltool.fields.field import Field
from xltool.fields.remarks import Severity
from xltool.form.model import Form, TableView
from xltool.language.excel import Address
from xltool.language.functions import Cell, Content
from xltool.language.live import statement_of
from xltool.language.statements import LevelStatement, RowStatement, Statement, of_levels, of_rows
from xltool.language.verdicts import VERDICTS
from xltool.rules.declaring import offences
from xltool.write.live.elsewhere import Elsewhere


@dataclass(frozen=True)
class RowTest:
    """A statement on one row: `subject` and `words` say it (项目名称 ＋ 已填写).

    `row` are the cells of a row that may stay blank, `is_rows` tells that it is one of a table's rows.
    `context` holds the constants of the form (`fy`), and what the statement takes from other tables.
    """

    code: str
    severity: Severity
    subject: str
    words: str
    statement: RowStatement
    fields: Mapping[str, Field]
    context: Mapping[str, int | Cell]
    row: Sequence[str] = ()
    is_rows: bool = False

    @property
    def at(self) -> str:
        """The field whose cell the line of 填报检查 points to."""
        return next(name for name in self.statement.all_names if name in self.fields)

    @property
    def coloured(self) -> list[str]:
        """The fields whose cells are coloured on the form where it fails."""
        found = self.statement.coloured(self.fields, self.is_rows, self.row)
        return [name for name in found if name in self.fields]

    @property
    def about(self) -> list[str]:
        """All fields whose cells a finding of the rule may stand at."""
        demanded = [name for name in self.statement.demanded if name in self.fields]
        return list(dict.fromkeys([self.at, *self.coloured, *demanded]))

    @property
    def to_fill(self) -> list[str]:
        """The unit's fields of which one is still to be filled where it fails."""
        names = (name for name in self.statement.to_fill if name in self.fields)
        return [name for name in names if self.fields[name].filled_by == "unit"]

    def grade(self, address: Address) -> str:
        """Return the piece of a formula that grades the row with these cells."""
        return self.statement.grade(address, self.fields, self.context, self.row)

    def judge(self, contents: Mapping[str, Content]) -> int:
        """Return the grade of a row with these contents, the context among them."""
        return VERDICTS.index(self.statement.judge(contents, self.fields, self.row))

    def in_use(self, address: Address) -> str:
        """Return the formula that counts the filled cells of a row that may stay blank."""
        return self.statement.in_use(address, self.fields, self.row)


class LiveRules:
    """What the rules of a form say live of its tables, worked out once for all sheets.

    A rule that only informs is not checked live, nor one that the office switched off. Each entry is
    the code and the severity of a rule, and its statement.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._known: dict[str, list[tuple[str, Severity, Statement]]] = {}

    def of_rows(self, table: TableView) -> list[tuple[str, Severity, RowStatement]]:
        """Return what is said of each row of a table."""
        return [
            (code, severity, found) for code, severity, found in self._of(table) if of_rows(found)
        ]

    def of_levels(self, table: TableView) -> list[tuple[str, Severity, LevelStatement]]:
        """Return what is said of the levels of a table."""
        return [
            (code, severity, found) for code, severity, found in self._of(table) if of_levels(found)
        ]

    def _of(self, table: TableView) -> list[tuple[str, Severity, Statement]]:
        if table.name not in self._known:
            rules = (r for r in self.form.rules if r.is_on(table.name) and r.enabled)
            self._known[table.name] = [
                (rule.code, rule.severity_of(None), statement)
                for rule in rules
                if rule.severity_of(None) != "info"
                for offence in offences(rule, table)
                for statement in offence.live
            ]
        return self._known[table.name]


def row_tests(
    rules: LiveRules,
    table: TableView,
    names: Sequence[str],
    context: Mapping[str, int],
    optional: bool,
    elsewhere: Elsewhere,
    printed: Mapping[str, str],
) -> Iterator[RowTest]:
    """Yield the live tests of a row with cells for the fields `names`. `optional`: it may stay blank.

    `printed` is what the row itself says, by field; `elsewhere` gives what its statements take from other tables, of which each adds up one at most:
    beside another one a sum without any value would count as 0.
    """
    fields, row = table.fields, names if optional else ()
    for name in names:
        if fields[name].filled_by == "unit":
            yield from _field_tests(rules.form, table, fields[name], row)
    for code, severity, statement in rules.of_rows(table):
        columns = {column.name: column for column in statement.columns}
        if len(columns) > 1 or not all(map(elsewhere.has, columns.values())):
            continue
        if (
            not fields.keys().isdisjoint(statement.all_names)
            and statement.is_live(fields, [*names, *columns, *printed], optional)
            and statement.may_be_about({name: Content(text) for name, text in printed.items()})
            and not _is_closed(statement, fields)
        ):
            words = statement.words(table.label)
            seen: dict[str, int | Cell] = {**context}
            seen |= {name: Cell(literal(text)) for name, text in printed.items()}
            seen |= {name: elsewhere.cell(column) for name, column in columns.items()}
            yield RowTest(code, severity, "", words, statement, fields, seen, row, table.is_rows)


def _is_closed(statement: RowStatement, fields: Mapping[str, Field]) -> bool:
    """Return whether it wants filled what the office alone can fill: no unit is to be asked for it."""
    wanted = [fields[name] for name in statement.to_fill if name in fields]
    return bool(wanted) and all(
        each.filled_by == "system" and not (each.computed or each.looked_up) for each in wanted
    )


def _field_tests(
    form: Form, table: TableView, field: Field, row: Sequence[str]
) -> Iterator[RowTest]:
    """What is said of one input by its kind, with the office's word on its severity."""
    for live in field.live_tests:
        integrity = any(remark.integrity and remark.code == live.code for remark in field.remarks)
        severity = live.severity if integrity else form.severity(live.code, live.severity)
        if severity not in (None, "info"):
            statement = statement_of(live)
            subject = field.short_label
            yield RowTest(
                live.code,
                severity,
                subject,
                live.words,
                statement,
                table.fields,
                {},
                row,
                table.is_rows,
            )
