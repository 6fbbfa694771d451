"""A rule: one function with its code, severity, words, documentation and examples.

    @rule("AMT-008", on="project", cells=["fixed_asset_amount", "fixed_asset_items"],
          message="固定资产采购金额为 {fixed_asset_amount} 万元，采购品目却没有写",
          hint="请填写采购品目；没有采购的，金额填 0")
    def procurement_without_items(project: FormTable) -> pl.Expr:
        \"\"\"采购金额大于 0 时必须填写采购品目。

        | 固定资产采购金额 | 采购品目 |      |
        | 12.00            | 台式电脑 | ok   |
        | 12.00            |          | bad  |
        \"\"\"
        return (pl.col("fixed_asset_amount") > 0) & pl.col("fixed_asset_items").is_null()

The function returns which rows offend: a polars expression (null never offends), an `Offence` with
further columns for the message, or a `Statement` of the language, which is also checked live in the
template; a rule about several columns returns one of these for each. A form has the rules that its
validator module defines or imports, and those that every form has (`form.rules_in_force`); there is no list
to keep.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from types import ModuleType
from typing import Literal, Protocol, get_args

import polars as pl

from xltool.fields.field import Field
from xltool.fields.remarks import Severity
from xltool.fields.tables import Table
from xltool.language.statements import Statement
from xltool.rules.blame import blamed, is_own, place_of

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
Scope = Literal["cell", "row", "record"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


class FormTable(Protocol):
    """What a rule function is given: the table as the form and the campaign have it."""

    @property
    def name(self) -> str:
        """The table's name, for a rule on several tables."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields by name, with the campaign's changes."""

    @property
    def inputs(self) -> Sequence[str]:
        """Names of the fields that the unit fills."""

    @property
    def catalogue(self) -> Sequence[tuple[str, str, int]]:
        """(一级, 二级, rows offered) in printed order; empty unless a table of indicators."""

    @property
    def zero_budget(self) -> str:
        """The policy for projects without a budget, if the form has one and it was issued under one."""


@dataclass(frozen=True, slots=True)
class Offence:
    """Which rows offend, and what the message shows beside the fields of the row.

    `at` gives the name of the field whose cell the finding belongs to, where it varies. `rounds` is
    true where it holds only because the figures are rounded: the info `ROUND` of docs/domain.md §0.2. `live`
    are statements that say the same, for the live checks of the template. `statement` is the one that
    all of it was made of, where a rule returns nothing else. `given` are columns that are worked out first,
    once for all offences that are given the same: the other expressions may name them, and later ones
    of them earlier ones. Their names begin with a stroke below, so that no field has them.
    """

    bad: pl.Expr
    details: Mapping[str, pl.Expr] = field(default_factory=dict)
    at: pl.Expr | None = None
    rounds: pl.Expr | None = None
    live: Sequence[Statement] = ()
    statement: Statement | None = None
    given: Mapping[str, pl.Expr] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """A list that the office may put into its campaign folder: a CSV file whose columns a model names.

    A rule that looks something up in it is reported as not run when the file is not there. One that is
    `needed` is a mistake of the office then: fields of the form are declared with it.
    """

    file: str
    model: type[Table]
    title: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value of another table of the form, or of a reference list, for every row of a rule's table.

    That table is grouped `by` columns (names, or named expressions that make sense on both sides),
    `value` is taken of each group, and joined to the rule's rows. A later lookup of a rule may be `by`
    what an earlier one found.
    """

    table: str | Reference
    value: pl.Expr
    dtype: pl.DataType
    by: tuple[str | pl.Expr, ...] = ("workbook", "record")


def three_valued(
    left: pl.Expr, right: pl.Expr, half: Decimal, parts: int | pl.Expr = 1, /, **details: pl.Expr
) -> Offence:
    """Return the offence of `left == right`, where right is made of so many rounded `parts` (docs/domain.md §0.2).

    `half` is half a unit in the last shown place, the same for all of them. It holds within `half`,
    is the info `ROUND` within `half` × (1 + `parts`), and offends beyond. The message may show {left}, {right} and {gap}.
    """
    gap = (left - right).abs()
    count = pl.lit(parts) if isinstance(parts, int) else parts
    allowed = pl.lit(half) * (count + 1).cast(pl.Decimal(24, 0))
    return Offence(
        gap > allowed,
        {"left": left, "right": right, "gap": gap, **details},
        rounds=(gap > half) & (gap <= allowed),
    )


def at_most(left: pl.Expr, right: pl.Expr, half: Decimal, parts: int | pl.Expr = 1) -> Offence:
    """Return the offence of `left <= right` of rounded figures (docs/domain.md §0.2).

    It holds where left is no more than right, is the info `ROUND` within half a unit of each figure,
    and offends beyond. The message may show {left}, {right} and {gap}.
    """
    count = pl.lit(parts) if isinstance(parts, int) else parts
    allowed = pl.lit(half) * (count + 1).cast(pl.Decimal(24, 0))
    gap = left - right
    return Offence(
        gap > allowed,
        {"left": left, "right": right, "gap": gap},
        rounds=(gap > 0) & (gap <= allowed),
    )


Judgement = pl.Expr | Offence | Statement
TableFunction = Callable[[FormTable], Judgement | Sequence[Judgement]]
FieldFunction = Callable[[Field], pl.Expr]


@dataclass(frozen=True)
class Rule:
    """One rule. `on` names its table; `each` instead makes it a rule for every field that it admits.

    `also`: further tables with the same fields, where the form has them.

    `severity` of a field rule may depend on the field. `needs` names context columns that a
    campaign may lack: the rule is then reported as not run. It sees the rows that are in use, and blank
    indicator rows only where it is about the `unused` ones too.
    A rule sees the rows of one workbook at a time, in whatever company, unless it is `together`: then it
    compares workbooks with each other and sees the rows of all. `across`: the column on whose values it
    compares them. Such a rule is judged again when results are merged, and where it fails, all
    workbooks with that value are held back.
    `shared`: what it says of several workbooks is said to each of them in the same words, and is one finding
    of the run (`report.reports`).
    `using`: values of other tables, as further columns. A rule that is not `enabled` runs only where
    a campaign gives it a severity. A rule of `integrity` says whether what came back was read, and is
    what was issued: no office can waive it or change its severity. One that `yields` says nothing of a
    field of which another rule states the same equation.
    `mended`: what the copy that goes back to the unit has mended of it, in words for the unit, which may name
    what the message may; such a finding is gone when the copy comes back. `refill` likewise, where the copy
    has put something back that the unit must fill in anew.
    `says_also`: the codes of rules whose findings this one's absorb, each with its scope: those at one
    of its cells, in its row of the sheet, or of its project (`checking.said_once`).
    `of_office`: what it finds is the office's own doing, whatever it touches.
    """

    code: str
    severity: Severity | Callable[[Field], Severity]
    function: Callable[..., Judgement | Sequence[Judgement]]
    message: str
    hint: str
    on: str | None = None
    each: Callable[[Field], object] | None = None
    cells: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unused: bool = False
    across: str | None = None
    together: bool = False
    using: Mapping[str, Lookup] = field(default_factory=dict)
    enabled: bool = True
    also: tuple[str, ...] = ()
    integrity: bool = False
    yields: bool = False
    says_also: Mapping[str, Scope] = field(default_factory=dict)
    shared: bool = False
    mended: str = ""
    refill: str = ""
    of_office: bool = False

    def is_on(self, table: str) -> bool:
        """Return whether it judges the rows of this table."""
        return table == self.on or table in self.also

    def with_severity(self, severity: str | None) -> Rule:
        """Return the rule with the severity that an office gives it, or `off`; None leaves it as it is.

        A rule of integrity always stays as it is.
        """
        if self.integrity:
            return self
        known = next((word for word in SEVERITIES if word == severity), None)
        if known is not None:
            return replace(self, severity=known, enabled=True)
        return replace(self, enabled=False) if severity == "off" else self

    @cached_property
    def documentation(self) -> str:
        """The docstring without its example table."""
        lines = inspect.cleandoc(self.function.__doc__ or "").splitlines()
        return "\n".join(line for line in lines if not line.lstrip().startswith("|")).strip()

    @property
    def title(self) -> str:
        """The first line of the documentation: the rule in one sentence."""
        return self.documentation.split("\n", 1)[0]

    @cached_property
    def examples(self) -> Examples:
        """The table of the docstring."""
        lines = inspect.cleandoc(self.function.__doc__ or "").splitlines()
        rows = [
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in lines
            if line.lstrip().startswith("|")
        ]
        if not rows:
            return Examples([], [])
        return Examples(rows[0][:-1], [(row[:-1], row[-1]) for row in rows[1:]])

    def severity_of(self, column: Field | None) -> Severity:
        """Return the severity; for a rule on each field that of one field.

        Raises TypeError where it depends on the field and none is given.
        """
        if callable(self.severity):
            if column is None:
                raise TypeError(f"{self.code}: severity depends on a field")
            return self.severity(column)
        return self.severity


@dataclass(frozen=True, slots=True)
class Examples:
    """Example rows of a rule: the cells under `header`, and `ok` or `bad`."""

    header: list[str]
    rows: list[tuple[list[str], str]]


def rule(
    code: str,
    *,
    on: str | None = None,
    each: Callable[[Field], object] | None = None,
    severity: Severity | Callable[[Field], Severity] = "error",
    message: str = "",
    hint: str = "",
    cells: Sequence[str] = (),
    needs: Sequence[str] = (),
    unused: bool = False,
    across: str | None = None,
    together: bool = False,
    using: Mapping[str, Lookup] | None = None,
    enabled: bool = True,
    also: Sequence[str] = (),
    integrity: bool = False,
    yields: bool = False,
    says_also: Mapping[str, Scope] | None = None,
    shared: bool = False,
    mended: str = "",
    refill: str = "",
    of_office: bool = False,
) -> Callable[[Callable[..., Judgement | Sequence[Judgement]]], Rule]:
    """Make a function a `Rule`. Exactly one of `on` (a table) and `each` (a test of fields).

    Raises TypeError when the declaration is incomplete.
    """
    if (on is None) == (each is None):
        raise TypeError(f"规则 {code} 应写明 on（一张数据表）或 each（哪些栏目），写其中一个")
    absorbed = _absorbed(code, says_also)

    def declare(function: Callable[..., Judgement | Sequence[Judgement]]) -> Rule:
        if not function.__doc__:
            raise TypeError(
                f"规则 {code} 没有说明；请在函数第一行写一句规则（文档字符串），下面写 ok 和 bad 的例子"
            )
        return Rule(
            code=code,
            severity=severity,
            function=function,
            message=message,
            hint=hint,
            on=on,
            each=each,
            cells=tuple(cells),
            needs=tuple(needs),
            unused=unused,
            across=across,
            together=together or across is not None,
            using=using or {},
            enabled=enabled,
            also=tuple(also),
            integrity=integrity,
            yields=yields,
            says_also=absorbed,
            shared=shared,
            mended=mended,
            refill=refill,
            of_office=of_office,
        )

    return declare


def _absorbed(code: str, says_also: Mapping[str, Scope] | None) -> Mapping[str, Scope]:
    """The codes that a rule absorbs, with their scopes. Raises TypeError for anything else."""
    found = {} if says_also is None else says_also
    if not isinstance(found, Mapping) or not set(found.values()) <= set(SCOPES):
        raise TypeError(
            f"规则 {code} 的 says_also 应写明规则编号和范围（{'、'.join(SCOPES)}），"
            '如 says_also={"VAL-007": "cell"}'
        )
    return found


def offences(rule: Rule, table: FormTable) -> list[Offence]:
    """Return what a rule on tables finds in one: each of its judgements as an `Offence`."""
    found = judged(rule, table)
    several = found if isinstance(found, Sequence) else [found]
    return [offence_of(judgement, table.fields) for judgement in several]


def judged(rule: Rule, subject: FormTable | Field) -> Judgement | Sequence[Judgement]:
    """Return what the function of a rule says of a table, or of a field.

    Raises OfficeError with file and line where an own rule of an office raises anything or says nothing
    that a rule may say; of ours it is a bug and surfaces as it is.
    """
    try:
        found = rule.function(subject)
        several = found if isinstance(found, Sequence) else [found]
        wrong = [one for one in several if not isinstance(one, pl.Expr | Offence | Statement)]
        if wrong or isinstance(found, str):
            raise TypeError(
                f"规则 {rule.code} 没有返回规则；应 return 一个 Equation、Claim、Offence 或 polars 表达式"
            )
    except Exception as error:
        if not is_own(rule.function):
            raise
        raise blamed(error, *place_of(rule.function)) from error
    return found


def offence_of(judgement: Judgement, fields: Mapping[str, Field]) -> Offence:
    """Return a judgement as an `Offence`; what a statement says of itself stands in it."""
    if isinstance(judgement, Offence):
        return judgement
    if isinstance(judgement, pl.Expr):
        return Offence(judgement)
    return Offence(
        judgement.offends(fields),
        judgement.details(fields),
        rounds=judgement.rounds(fields),
        live=[judgement],
        statement=judgement,
    )


def rules_of(module: ModuleType) -> list[Rule]:
    """Return the rules that a validator module defines, imports, or has through an imported module.

    `from xltool.validators.shared import texts` takes all rules of that module, `from … import name` one.
    """
    found: dict[int, Rule] = {}
    for value in vars(module).values():
        if isinstance(value, Rule):
            found[id(value)] = value
        elif isinstance(value, ModuleType) and value.__name__.startswith("xltool.validators."):
            found.update((id(rule), rule) for rule in rules_of(value))
    return in_order(found.values())


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules each once, by code and name."""
    unique = {id(rule): rule for rule in rules}
    return sorted(unique.values(), key=lambda rule: (rule.code, rule.function.__name__))
