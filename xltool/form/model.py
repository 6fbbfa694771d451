"""The model of a form: its tables with their fields, its rules, and where its layout lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from xltool.errors import OfficeError
from xltool.fields.kinds import Field
from xltool.fields.remarks import Severity
from xltool.fields.tables import Rows, Table
from xltool.form.changes import misfits, tidied
from xltool.rules.declaring import SEVERITIES, Reference, Rule


@dataclass(frozen=True)
class TableView:
    """A table of a form with the changes of a campaign; rule functions are given one.

    `model` is the class in the validator; `catalogue` the levels of a table of indicators, as (一级,
    二级, rows offered); `related` the labels of other tables' fields, by `task.amount`; `apart` are the
    tables of which a workbook has records of their own (see `Form.once`). `zero_budget`: see `Form`.
    """

    name: str
    model: type[Table]
    fields: Mapping[str, Field]
    catalogue: Sequence[tuple[str, str, int]] = ()
    related: Mapping[str, str] = field(default_factory=dict)  # `task.amount` → its label
    apart: frozenset[str] = frozenset()
    zero_budget: str = ""

    @property
    def is_rows(self) -> bool:
        """True if its rows belong to a record."""
        return issubclass(self.model, Rows)

    @property
    def title(self) -> str:
        """What people call one of its rows, such as 项目."""
        return self.model.title()

    def label(self, name: str) -> str:
        """Return the printed label of a field, or of another table's by `task.amount`.

        Raises KeyError for an unknown name.
        """
        return self.fields[name].short_label if name in self.fields else self.related[name]

    @cached_property
    def looked_up(self) -> list[str]:
        """The names of the fields whose values are looked up in a list of the office."""
        return [name for name, field in self.fields.items() if field.looked_up is not None]

    @cached_property
    def inputs(self) -> list[str]:
        """The names of the fields that the unit fills."""
        return [name for name, field in self.fields.items() if field.filled_by == "unit"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule that a form does without, and why, in Chinese."""

    rule: Rule
    reason: str


@dataclass(frozen=True, slots=True)
class ZeroBudget:
    """How projects are scored whose budget is 0: in words, and the formulas that it changes.

    The formulas, by `task.amount`, stand in the place of those declared.
    """

    said: str
    formulas: Mapping[str, str]

    @property
    def advice(self) -> str:
        """The whole sentence, for the unit."""
        return f"全年预算数为 0 的，{self.said}"


@dataclass(frozen=True)
class Form:
    """A form: its title, version, tables and rules, and the `folder` of its layout.

    `tables`, by name, has the main record table first; the rows of `Rows` tables belong to a
    record. `capacity` gives the rows offered, by table; `roster_rows` the rows that the roster
    prefills, by table, each from field to column of the roster; `severities` what the office says
    of codes; `left_out` the rules that every form has or that it imports, and that it does
    without. `once` are the tables that stand once in a workbook, where all others stand on the sheets of
    its projects: then record 0 is the unit's, and those of the projects follow. `zero_budgets` are the
    policies among which a campaign chooses for projects whose budget is 0, by name. None is chosen yet,
    nor was one by earlier versions of xltool.
    """

    id: str
    title: str
    version: str
    folder: Path
    module: ModuleType
    tables: Mapping[str, TableView]
    rules: Sequence[Rule]
    capacity: Mapping[str, int] = field(default_factory=dict)  # rows offered, by table
    roster_rows: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    whole: bool = False  # its tables must stay together: no record is merged without the others
    severities: Mapping[str, str] = field(default_factory=dict)  # by code
    once: frozenset[str] = frozenset()
    left_out: Sequence[LeftOut] = ()
    zero_budgets: Mapping[str, ZeroBudget] = field(default_factory=dict)

    @cached_property
    def codes_left_out(self) -> frozenset[str]:
        """The codes that the form does without; rules of integrity among them stay."""
        kept = {rule.code for rule in self.rules if not rule.integrity}
        return frozenset(found.rule.code for found in self.left_out) - kept

    @property
    def record_table(self) -> TableView:
        """The main table: it has one row for each record."""
        return next(iter(self.tables.values()))

    @property
    def record_tables(self) -> list[TableView]:
        """The tables with one row for each record; a form of several sheets may have several."""
        return [table for table in self.tables.values() if not table.is_rows]

    @property
    def all_fields(self) -> list[Field]:
        """The fields of all tables."""
        return [column for table in self.tables.values() for column in table.fields.values()]

    @cached_property
    def record_fields(self) -> dict[str, Field]:
        """The fields of all record tables by name: what the office may prefill."""
        return {**self.prefillable(once=True), **self.prefillable(once=False)}

    def prefillable(self, *, once: bool) -> dict[str, Field]:
        """The fields by name of the unit's own record (`once`), or of the others."""
        tables = [table for table in self.record_tables if (table.name in self.once) is once]
        return {n: column for table in tables for n, column in table.fields.items()}

    def has_columns_of(self, other: Form) -> bool:
        """Return True if its tables have the columns of another state of the form: their rows go together."""

        def columns(form: Form) -> object:
            return [
                (name, [(n, f.kind.dtype(f)) for n, f in table.fields.items()])
                for name, table in form.tables.items()
            ]

        return columns(self) == columns(other)

    @property
    def references(self) -> list[Reference]:
        """The lists of the office that its rules compare with, each once."""
        tables = [lookup.table for rule in self.rules for lookup in rule.using.values()]
        return list(dict.fromkeys(table for table in tables if isinstance(table, Reference)))

    @property
    def first_project(self) -> int:
        """The number of the first record but the unit's own."""
        return 1 if self.once else 0

    def is_known(self, prefilled: Mapping[str, str]) -> bool:
        """Return True if the office prefilled more than the roster says: the sheet is no spare one.

        `prefilled` are texts by field. A spare sheet may stay blank, another one must be filled.
        """
        fields = self.record_fields
        return any(not fields[name].prefill for name in prefilled if name in fields)

    def kept_from_units(self, prefilled: Mapping[str, str]) -> dict[str, str]:
        """What is prefilled of a project, with blanks where units fill only what the office does not know."""
        if not self.is_known(prefilled):
            return dict(prefilled)
        fields = self.prefillable(once=False)
        kept = {n: "" for n, one in fields.items() if one.new_only and one.filled_by == "unit"}
        return {**prefilled, **{n: "" for n in kept if n not in prefilled}}

    def field(self, table: str, name: str) -> Field:
        """Return one field. Raises KeyError for a name that the validator does not declare."""
        return self.tables[table].fields[name]

    def adapted(
        self,
        changes: Mapping[str, Mapping[str, Any]],
        rows: Mapping[str, int],
        zero_budget: str = "",
    ) -> Form:
        """Return the form as a campaign changes it.

        `changes` are attributes of fields, by field ([fields] in campaign.toml); `rows` the rows
        offered, by 二级指标 or table ([rows]); `zero_budget` the policy that it chose among
        `zero_budgets`. Raises OfficeError for the first of the `misfits`, and for a policy that the form
        does not have.
        """
        for _, _, message in misfits(self, changes, rows):
            raise OfficeError(message)
        tidy = {name: tidied(change) for name, change in changes.items()}
        tables = {
            name: replace(
                table,
                fields={
                    key: replace(column, **tidy.get(key, {}))
                    for key, column in table.fields.items()
                },
                catalogue=tuple((a, b, rows.get(b, n)) for a, b, n in table.catalogue),
            )
            for name, table in self.tables.items()
        }
        capacity = {name: rows.get(name, count) for name, count in self.capacity.items()}
        adapted = replace(self, tables=tables, capacity=capacity)
        return adapted._with_zero_budget(zero_budget) if zero_budget else adapted

    @property
    def zero_budget(self) -> str:
        """The policy that was chosen among `zero_budgets`; empty where none was."""
        return self.record_table.zero_budget

    @property
    def wrong_zero_budget(self) -> str:
        """What is to be said of a section [zero_budget] that is not possible, in Chinese."""
        if not self.zero_budgets:
            return f"[zero_budget] 表「{self.id}」不计执行率得分，请删去这一节"
        options = "、".join(f'"{name}"' for name in self.zero_budgets)
        return f"[zero_budget] 中只能写 policy，可用：{options}"

    def said_at_zero_budget(self, table: str, name: str) -> str:
        """What the policy that was chosen says of a field whose formula it changes; of any other nothing."""
        policy = self.zero_budgets.get(self.zero_budget)
        return policy.advice if policy and f"{table}.{name}" in policy.formulas else ""

    def _with_zero_budget(self, policy: str) -> Form:
        """The form with the formulas of a policy in those cells that it works out."""
        if policy not in self.zero_budgets:
            raise OfficeError(self.wrong_zero_budget)
        formulas = self.zero_budgets[policy].formulas
        tables = {
            name: replace(
                table,
                zero_budget=policy,
                fields={
                    key: replace(column, computed=formulas.get(f"{name}.{key}", column.computed))
                    if column.computed
                    else column
                    for key, column in table.fields.items()
                },
            )
            for name, table in self.tables.items()
        }
        return replace(self, tables=tables)

    def severity(self, code: str, usual: Severity) -> Severity | None:
        """Return the severity that the office gives a code, else `usual`; None for off."""
        wanted = self.severities.get(code, usual)
        return next((known for known in SEVERITIES if known == wanted), None)

    def with_severities(self, severities: Mapping[str, str]) -> Form:
        """The form with the office's severities (by code), for what its workbooks show the unit."""
        rules = [rule.with_severity(severities.get(rule.code)) for rule in self.rules]
        return replace(self, rules=rules, severities=severities)
