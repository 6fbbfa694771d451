"""Returns that contradict each other: two of one unit, or projects that several units claim.

A decision (取舍.csv) says which one counts; without one, none does, and all are listed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from xltool.checking.checks import checks_for
from xltool.checking.judging import Source, runnable
from xltool.checking.schemas import failing_rows
from xltool.form.model import TableView
from xltool.merging.data_set import KEY, DataSet
from xltool.merging.fates import Fate
from xltool.office.campaign import Campaign
from xltool.office.decisions import Decision, chosen_by_project, chosen_by_unit
from xltool.rules.declaring import Reference, Rule

_NAMED = 5  # files that a detail names
_BY_FILE = "按 --prefer newest：{why}较晚"
_CRITERIA = (("issued", "下发"), ("seen", "收到"), ("saved", "保存"))


@dataclass(frozen=True)
class Decisions:
    """What was decided: by this office, which comes first, and by those below."""

    own: Sequence[Decision]
    handed: Sequence[Decision] = ()

    def of_unit(self, fate: Fate) -> str | None:
        """The file that counts of a unit; None where nobody or more than one way decided."""
        return self._one(
            chosen_by_unit(some).get(fate.identity, set()) for some in (self.own, self.handed)
        )

    def of_project(self, code: str) -> str | None:
        """The file that counts for a project code; None where nobody or more than one way decided."""
        return self._one(
            chosen_by_project(some).get(code, set()) for some in (self.own, self.handed)
        )

    @staticmethod
    def _one(levels: Iterator[set[str]]) -> str | None:
        found = next((level for level in levels if level), set())
        return next(iter(found)) if len(found) == 1 else None


@dataclass
class Settled:
    """The outcome of each submission by number, and what was decided on the way."""

    fates: dict[int, Fate]
    decided: list[Decision] = field(default_factory=list)


def settle_units(
    fates: Mapping[int, Fate],
    decisions: Decisions,
    prefer: Literal["newest"] | None,
    who: str,
    time: str,
    later: Container[int] = (),
) -> Settled:
    """Decide which of several returns of a unit counts; `later` came mended of the one that was chosen.

    The fates are of those that may be merged, and of those that may not, but may be what the unit means.
    """
    settled = Settled(dict(fates))
    by_unit: dict[tuple[str, str], list[int]] = {}
    for number, fate in fates.items():
        by_unit.setdefault(fate.identity, []).append(number)
    for every in by_unit.values():
        first = fates[every[0]]
        chosen = decisions.of_unit(first)
        mended = [number for number in every if number in later] if chosen is not None else []
        if mended:  # the decision was about the others
            for number in set(every).difference(mended):
                settled.fates[number] = _settled(fates[number], {}, chosen)
            chosen = None
        numbers = mended or every
        some = {fates[number].sha256: fates[number] for number in numbers}
        if chosen is None and len(some) > 1 and prefer is not None:
            chosen, why = _newest(list(some.values()))
            if chosen is not None:
                reason = _BY_FILE.format(why=why)
                settled.decided.append(Decision(*first.identity, "", chosen, who, time, reason))
        for number in numbers:
            settled.fates[number] = _settled(fates[number], some, chosen)
    return settled


def _settled(fate: Fate, some: Mapping[str, Fate], chosen: str | None) -> Fate:
    """What becomes of one of several returns of a unit."""
    if chosen is None:
        if len(some) == 1 or fate.outcome != "merged":
            return fate
        return fate.became("conflict", f"同一单位交了 {len(some)} 份：{_names(some.values())}")
    if fate.sha256 == chosen:
        return fate
    other = f"：{some[chosen].file}" if chosen in some else ""
    return fate.became("superseded", f"按取舍选用另一份{other}")


def _names(fates: Iterable[Fate]) -> str:
    """The names of files, each once."""
    names = sorted({fate.file for fate in fates})
    return "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")


def _newest(fates: Sequence[Fate]) -> tuple[str | None, str]:
    """The file that is newer than all others, and by what: the first criterion that tells them apart."""
    for name, word in _CRITERIA:
        values = [getattr(fate, name) for fate in fates]
        if any(value in ("", -1) for value in values):
            continue
        latest = [fate for fate, value in zip(fates, values, strict=True) if value == max(values)]
        if len(latest) == 1:
            return latest[0].sha256, f"{word}时间"
        if len(set(values)) > 1:
            fates = latest
    return None, ""


@dataclass(frozen=True)
class Clash:
    """A record that shares with others what only one may have: its submission, its number, and why."""

    number: int
    record: int
    code: str
    value: str
    label: str


def clashes(
    data: DataSet, numbers: Mapping[tuple[str, str, str], int], campaign: Campaign
) -> list[Clash]:
    """The records that fail an error rule across workbooks, with all those that share what was compared.

    `numbers` are the submissions that stand, by their keys.
    """
    rules = [
        rule
        for rule in data.form.rules
        if rule.across and campaign.severities.get(rule.code, rule.severity_of(None)) == "error"
    ]
    wanted = {c.code for table in data.form.tables.values() for c in checks_for(rules, table)}
    if not wanted:
        return []
    several = len({district for district, _, _ in numbers}) > 1
    context = _context(data, numbers, several=several)

    def source(wanted: str | Reference) -> pl.DataFrame | None:
        if isinstance(wanted, Reference):
            return campaign.reference(wanted)
        frame = data.tables[wanted].join(context, on=KEY, how="inner", maintain_order="left")
        return frame.with_columns(
            pl.col("@unit").alias("unit_code"),
            pl.lit(value=True).alias("used"),
            pl.lit([], dtype=pl.List(pl.String())).alias("unreadable"),
        ).with_row_index("row")

    return [
        clash for table in data.form.tables.values() for clash in _failing(rules, table, source)
    ]


def _context(
    data: DataSet, numbers: Mapping[tuple[str, str, str], int], *, several: bool
) -> pl.DataFrame:
    """What rules know of a submission beside its rows, its codes with the district where there are several."""
    schema = {**dict.fromkeys(KEY, pl.String()), "workbook": pl.UInt32()}
    standing = pl.DataFrame(
        [(*key, number) for key, number in numbers.items()], schema=schema, orient="row"
    )
    lead = pl.format("{}:", "district") if several else pl.lit("")
    return data.submissions.join(standing, on=KEY, how="inner").select(
        *KEY,
        "workbook",
        "fy",
        (lead + pl.col("unit_code")).alias("@unit"),
        (lead + pl.col("department_code")).alias("department_code"),
    )


def _failing(rules: Sequence[Rule], table: TableView, source: Source) -> Iterator[Clash]:
    """What fails on a table, with all that share what was compared."""
    if not any(True for _ in checks_for(rules, table)):
        return
    frame = source(table.name)
    if frame is None or frame.is_empty():
        return
    checks = list(runnable(rules, table, frame, source))
    failures: dict[tuple[str, str], list[int]] = {}
    for failure, row in failing_rows(frame, table, checks) if checks else []:
        failures.setdefault((failure.code, str(failure.rule.across)), []).append(row)
    for (code, column), rows in failures.items():
        shared = frame.filter(pl.col(column).is_in(frame[column][rows].unique().implode()))
        field = table.fields.get(column)
        label = field.short_label if field else "部门代码" if column == "department_code" else ""
        for number, record, value in shared.select("workbook", "record", column).unique().rows():
            yield Clash(number, record, code, str(value), label)


def settle_records(
    fates: Mapping[int, Fate],
    found: Sequence[Clash],
    decisions: Decisions,
    records: Mapping[int, Sequence[int]],
    *,
    whole: bool,
) -> dict[int, Fate]:
    """Hold back the records that clash, and merge the rest of their workbooks.

    `records` are those of each submission that clashes. Where the form is `whole`, or nothing is left of a
    workbook, all of it is held back.
    """
    sharing: dict[tuple[str, str], set[int]] = {}
    for clash in found:
        sharing.setdefault((clash.code, clash.value), set()).add(clash.number)
    held: dict[int, dict[int, None]] = {}
    why: dict[int, dict[str, None]] = {}
    for clash in sorted(found, key=lambda c: (c.number, c.code, c.value, c.record)):
        fate, others = fates[clash.number], sharing[clash.code, clash.value]
        if decisions.of_project(clash.value) == fate.sha256:
            continue
        held.setdefault(clash.number, {})[clash.record] = None
        named = _names([fates[number] for number in others])
        words = f"{clash.code} {clash.label} {clash.value}（{named}）"
        why.setdefault(clash.number, {})[words] = None
    settled = dict(fates)
    for number, some in held.items():
        detail = "与其他单位的表冲突：" + "、".join(why[number])
        if whole or len(some) == len(records[number]):
            settled[number] = fates[number].became("conflict", detail)
        else:
            settled[number] = fates[number].became("partly", detail, sorted(some))
    return settled
