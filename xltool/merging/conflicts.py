"""What becomes of each submission of a data set, when all of them are compared with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import polars as pl

from xltool.checking.checks import checks_for
from xltool.checking.judging import Source, runnable
from xltool.checking.schemas import failing_rows
from xltool.form.model import TableView
from xltool.merging.data_set import KEY, DataSet
from xltool.office.campaign import Campaign
from xltool.rules.declaring import Reference, Rule

_UNIT = ["district", "unit_code"]


def judged(data: DataSet, prefer: Literal["newest"] | None, campaign: Campaign | None) -> DataSet:
    """Decide the outcome of every submission, comparing all of them with each other."""
    found = _by_unit(data.submissions, prefer)
    standing = found.filter(pl.col("outcome") != "superseded")["number"]
    failed = _across(data, standing, campaign)
    words = {n: "与其他单位的表冲突：" + "、".join(sorted(codes)) for n, codes in failed.items()}
    wrong = pl.DataFrame(
        {"number": list(words), "across": list(words.values())},
        schema={"number": pl.UInt32, "across": pl.String},
    )
    found = found.join(wrong, on="number", how="left").sort("number")
    is_wrong = (pl.col("outcome") == "merged") & pl.col("across").is_not_null()
    submissions = data.submissions.with_columns(
        found.select(
            outcome=pl.when(is_wrong).then(pl.lit("errors")).otherwise("outcome"),
            detail=pl.when(is_wrong).then("across").otherwise("detail"),
        )
    )
    return DataSet(data.form, submissions, data.tables)


def _by_unit(submissions: pl.DataFrame, prefer: Literal["newest"] | None) -> pl.DataFrame:
    """The number of each submission, its outcome and its detail, by what else came of its unit."""
    ordered = submissions.with_row_index("number").sort(["modified", "sha256"], descending=True)
    several = pl.len().over(_UNIT) > 1
    age = pl.int_range(pl.len()).over(_UNIT)
    files = pl.col("file").sort().str.join("、").over(_UNIT)
    waived = "已豁免：" + pl.when(pl.col("waived") != "").then("waived")
    stands = (~several | (age == 0)) if prefer == "newest" else ~several
    return ordered.with_columns(
        outcome=pl.when(stands)
        .then(pl.lit("merged"))
        .otherwise(pl.lit("superseded" if prefer else "conflict")),
        detail=pl.concat_str(
            pl.when(several).then(files),
            pl.when(stands).then(waived),
            separator="；",
            ignore_nulls=True,
        ),
    ).select("number", "outcome", "detail")


def _across(
    data: DataSet, standing: pl.Series, campaign: Campaign | None
) -> Mapping[int, set[str]]:
    """Submission → codes of the `across` rules that it fails among all those standing."""
    severities = campaign.severities if campaign else {}
    rules = [
        rule
        for rule in data.form.rules
        if rule.across and severities.get(rule.code, rule.severity_of(None)) == "error"
    ]
    context = ["fy", "department_code"]  # what rules know of a submission beside its rows
    numbers = data.submissions.select(*KEY, *context).with_row_index("workbook")[standing.sort()]

    def source(wanted: str | Reference) -> pl.DataFrame | None:
        if isinstance(wanted, Reference):
            return campaign.reference(wanted) if campaign else None
        frame = data.tables[wanted].join(numbers, on=KEY, how="inner").with_row_index("row")
        return frame.with_columns(
            pl.lit(True).alias("used"),
            pl.lit([], dtype=pl.List(pl.String)).alias("unreadable"),
        )

    failed: dict[int, set[str]] = {}
    for table in data.form.tables.values():
        for code, number in _failing(rules, table, source):
            failed.setdefault(number, set()).add(code)
    return failed


def _failing(rules: Sequence[Rule], table: TableView, source: Source) -> Iterator[tuple[str, int]]:
    """(code, submission) of what fails on a table, with all that share what was compared."""
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
        together = frame[column].is_in(frame[column][rows].unique().implode())
        for number in frame.filter(together)["workbook"].unique():
            yield code, number
