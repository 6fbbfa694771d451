"""What can be checked live of one row of cells: a record's own, a printed line, the rows of a block.

Each rule here is a grade (see `seen`) of one row: as a piece of an Excel formula, over single cells
or over columns of a block, and as the same thing on raw values. It says what the rule of its code
says; a test fills forms at random and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xltool.fields import cell_formulas
from xltool.fields.kinds import Amount, Date, Field, Integer
from xltool.fields.reading import Raw
from xltool.form.model import Form, TableView
from xltool.language.claims import Claim
from xltool.language.equations import Equation
from xltool.language.row_claims import RowsClaim
from xltool.language.verdicts import FAILS, HOLDS, SILENT, VERDICTS
from xltool.prose.text import length
from xltool.rules.declaring import Judgement, Offence, Rule, Severity

Address = Callable[[str], str]  # field → its cell, or its column of a block
_LONGEST = 3000  # characters that a list of choices may take in a formula


@dataclass(frozen=True)
class RowTest:
    """A rule on one row: `subject` and `words` say it (项目名称 ＋ 已填写), `at` is whose cell it is about.

    `marks` are the fields whose cells are coloured on the form; of a row that must be filled once it is
    in use (by this count of its cells) the blank ones. What fails only because a form is not filled yet marks none: inputs are coloured already.
    `fields` are those that a finding of the rule may be about. With a `gate` it is silent while none
    of these columns of the table has anything in it.
    """

    code: str
    severity: Severity
    subject: str
    words: str
    at: str
    grade: Callable[[Address], str]
    judge: Callable[[Mapping[str, Raw]], int]
    marks: tuple[str, ...] = ()
    used: Callable[[Address], str] | None = None
    fields: tuple[str, ...] = ()
    gate: tuple[str, ...] = ()

    @property
    def about(self) -> list[str]:
        """All fields whose cells a finding of the rule may stand at."""
        return list(dict.fromkeys([self.at, *self.marks, *self.fields]))


class Judgements:
    """What the rules of a form say of its tables, worked out once for all sheets."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._known: dict[str, list[tuple[Rule, Judgement]]] = {}

    def of(self, table: TableView) -> list[tuple[Rule, Judgement]]:
        """The judgements on a table, with their rules."""
        if table.name not in self._known:
            rules = (r for r in self.form.rules if r.is_on(table.name) and r.enabled)
            self._known[table.name] = [(r, j) for r in rules for j in _judgements(r, table)]
        return self._known[table.name]


def _judgements(rule: Rule, table: TableView) -> Sequence[Judgement]:
    found: Judgement | Sequence[Judgement] = rule.function(table)
    return found if isinstance(found, Sequence) else [found]


def row_tests(
    judgements: Judgements,
    table: TableView,
    names: Sequence[str],
    context: Mapping[str, int],
    optional: bool,
) -> Iterator[RowTest]:
    """The live rules on a row with cells for the fields `names`. `optional`: it may stay blank."""
    others = names if optional else ()
    for name in names:
        if table.fields[name].filled_by == "unit":
            for test in _field_tests(table, table.fields[name], others):
                severity = judgements.form.severity(test.code, test.severity)
                if severity not in (None, "info"):
                    yield replace(test, severity=severity)
    for rule, judgement in judgements.of(table):
        severity = rule.severity_of(None)
        for claim in _whole_rows(judgement, table) if optional and severity != "info" else ():
            said = ("", claim.words)
            yield _filled((rule.code, severity), said, table, claim.names, others, claim)
        for statement in _of_a_row(judgement):
            if severity != "info" and _can_fail(statement, table, names):
                yield _statement(rule.code, severity, statement, table, context)


def _field_tests(table: TableView, field: Field, others: Sequence[str]) -> Iterator[RowTest]:
    """What is said of one input; `others` are the cells of a row that may stay blank."""
    if field.required and not field.own_blank_rule:
        said = (field.short_label, "已填写")
        yield _filled(("TXT-001", "error"), said, table, [field.name], others)
    if isinstance(field.kind, (Amount, Integer, Date)):
        yield _readable(field)
    if field.max_chars:
        yield _short_enough(field, field.max_chars)
    if field.choices and sum(len(word) + 12 for word in field.choices) < _LONGEST:
        yield _chosen(field)


def _whole_rows(judgement: Judgement, table: TableView) -> list[RowsClaim]:
    """What a rule says of rows that the unit must fill as a whole."""
    claims = judgement.live if isinstance(judgement, Offence) else ()
    return [
        claim
        for claim in claims
        if isinstance(claim, RowsClaim)
        and claim.kind == "whole"
        and all(table.fields[n].filled_by == "unit" for n in claim.names)
    ]


def _of_a_row(judgement: Judgement) -> list[Equation | Claim]:
    """What a judgement says of a single row."""
    if isinstance(judgement, Equation | Claim):
        return [judgement]
    claims = judgement.live if isinstance(judgement, Offence) else ()
    return [claim for claim in claims if isinstance(claim, Claim)]


def _can_fail(statement: Equation | Claim, table: TableView, names: Sequence[str]) -> bool:
    """Not for what the workbook works out by itself, nor for cells of other rows and sheets."""
    used = statement.all_names
    return all(name in names for name in used) and not table.fields[used[0]].computed


def _statement(
    code: str,
    severity: Severity,
    statement: Equation | Claim,
    table: TableView,
    context: Mapping[str, int],
) -> RowTest:
    fields, names = table.fields, statement.all_names

    def judge(raws: Mapping[str, Raw]) -> int:
        known = {**context, **_values(statement, fields, raws)}
        if isinstance(statement, Claim):
            return VERDICTS.index(statement.judge(known))
        return VERDICTS.index(statement.judge(known, fields))

    about = statement.demanded if isinstance(statement, Claim) else names[:1]
    return RowTest(
        code,
        severity,
        "",
        statement.words(table.label),
        names[0],
        lambda address: statement.grade(address, fields, context),
        judge,
        _marks(statement, table),
        fields=tuple(about),
    )


def _marks(statement: Equation | Claim, table: TableView) -> tuple[str, ...]:
    """The fields whose cells are coloured where it fails."""
    if isinstance(statement, Equation) or not statement.is_about_blanks:
        return tuple(statement.all_names[:1])
    # where something is to be filled: in a row once the unit has typed something; of a record at
    # first nothing is typed
    typed = [n for n in statement.conditions if table.fields[n].filled_by == "unit"]
    if statement.wants_filled and not (table.is_rows and typed):
        return ()
    return tuple(statement.demanded)


def _filled(
    rule: tuple[str, Severity],
    said: tuple[str, str],
    table: TableView,
    names: Sequence[str],
    others: Sequence[str] = (),
    claim: RowsClaim | None = None,
) -> RowTest:
    """All `names` are filled; in a row that may stay blank, where one of its cells (`others`) is."""
    cells = [name for name in others if not table.fields[name].computed]
    also = claim.also if claim else None
    gate = claim.gate if claim else ()

    def count(of: Sequence[str], address: Address) -> str:
        return cell_formulas.count_filled([address(n) for n in of], [table.fields[n] for n in of])

    def used(address: Address) -> str:
        return count(cells, address)

    def grade(address: Address) -> str:
        holds = also.grade(address, table.fields, {}) if also else str(HOLDS)
        result = f"IF({count(names, address)}<{len(names)},{FAILS},{holds})"
        return f"IF({used(address)}>0,{result},{SILENT})" if cells else result

    def judge(raws: Mapping[str, Raw]) -> int:
        def is_filled(name: str) -> bool:
            return cell_formulas.is_filled(raws.get(name), table.fields[name])

        if cells and not any(map(is_filled, cells)):
            return SILENT
        if also and VERDICTS.index(also.judge(_values(also, table.fields, raws))) == FAILS:
            return FAILS
        return HOLDS if all(map(is_filled, names)) else FAILS

    marks = tuple(names) if cells else ()
    about = (*names, *(also.demanded if also else ()))
    return RowTest(*rule, *said, names[0], grade, judge, marks, used, about, gate)


def _values(
    statement: Equation | Claim, fields: Mapping[str, Field], raws: Mapping[str, Raw]
) -> dict[str, object]:
    """What a statement sees. An unreadable value is none to compare, but it is something."""
    names = statement.all_names
    compared = statement.compared if isinstance(statement, Claim) else names
    found: dict[str, object] = {n: cell_formulas.used_value(raws.get(n), fields[n]) for n in names}
    for name in names:
        raw = raws.get(name)
        if (
            found[name] is None
            and name not in compared
            and cell_formulas.is_filled(raw, fields[name])
        ):
            found[name] = str(raw)
    return found


def _readable(field: Field) -> RowTest:
    """A number or a date that stands there as one, within its bounds."""
    is_date = isinstance(field.kind, Date)
    positive = isinstance(field.kind, Amount) and not field.signed

    def grade(address: Address) -> str:
        cell = address(field.name)
        good = cell_formulas.usable(cell, field)
        if positive:
            good = f"IF({good},{cell}>=0,0)"
        return f"IF({cell_formulas.filled(cell, field)},IF({good},{HOLDS},{FAILS}),{SILENT})"

    def judge(raws: Mapping[str, Raw]) -> int:
        raw = raws.get(field.name)
        if not cell_formulas.is_filled(raw, field):
            return SILENT
        negative = field.read(raw).remark == "negative"
        return FAILS if negative or cell_formulas.used_value(raw, field) is None else HOLDS

    code = "DAT-001" if is_date else "AMT-011"
    words = f"是{field.kind.advice(field)}"
    return RowTest(code, "error", field.short_label, words, field.name, grade, judge, (field.name,))


def _short_enough(field: Field, limit: int) -> RowTest:
    def grade(address: Address) -> str:
        cell = address(field.name)
        fits = f"IF({cell_formulas.length(cell)}<={limit},{HOLDS},{FAILS})"
        return f"IF({cell_formulas.filled(cell, field)},{fits},{SILENT})"

    def judge(raws: Mapping[str, Raw]) -> int:
        value = field.read(raws.get(field.name)).value
        if not isinstance(value, str):
            return SILENT
        return HOLDS if length(value) <= limit else FAILS

    severity: Severity = "error" if field.max_chars_severity == "error" else "warning"
    said = (field.short_label, f"不超过 {limit} 字")
    return RowTest("TXT-002", severity, *said, field.name, grade, judge, (field.name,))


def _chosen(field: Field) -> RowTest:
    def grade(address: Address) -> str:
        cell = address(field.name)
        listed = cell_formulas.is_one_of(cell_formulas.stripped(cell), field.choices)
        return f"IF({cell_formulas.filled(cell, field)},IF({listed},{HOLDS},{FAILS}),{SILENT})"

    def judge(raws: Mapping[str, Raw]) -> int:
        value = field.read(raws.get(field.name)).value
        if value is None:
            return SILENT
        return HOLDS if value in field.choices else FAILS

    severity: Severity = "warning" if field.choices_open else "error"
    said = (field.short_label, "是下拉列表中的值")
    return RowTest("TXT-020", severity, *said, field.name, grade, judge, (field.name,))
