"""汇总表.xlsx: the data set for people, each row with its source and with what a reviewer let pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

from xltool.form.model import TableView
from xltool.merging import reconciling
from xltool.merging.data_set import KEY, RECORD, DataSet
from xltool.merging.fates import IN_DATA, Seen
from xltool.merging.publication import Publication
from xltool.prose.targets import elements
from xltool.returns.origins import cells_of
from xltool.write.tables import Lines, Link, Sheet, write_tables

SUMMARY_FILE = "汇总表.xlsx"
SOURCES = "来源"
ELEMENTS = ("计算符号", "数值", "计量单位")
_AT_ONCE = 10_000  # rows that are worked out together
LEAD = {"district": "行政区划", "unit_code": "单位代码", "unit_name": "单位名称"}
_SOURCE = {"file": "来源文件", "sheet": "来源工作表", "line": "行"}
_REVIEWED = "审核"


def save(publication: Publication, folder: Path) -> None:
    """Write what was merged: projects, indicators, totals by unit, department and district, provenance, 对账."""
    data = publication.data
    reviewed = _Reviewed(publication.proof.seen)
    sheets = [_rows(data, columns, reviewed) for columns in columns_of(data)]
    totals = _totals(publication)
    check = Sheet("对账", reconciling.HEADER, publication.reconciliation, wrap=True)
    every = [*sheets, *totals, check, _sources(publication)]
    write_tables(folder / SUMMARY_FILE, every)


@dataclass(frozen=True)
class Columns:
    """The columns of one sheet of the summary: what each shows, and where the target's elements stand.

    `shown` are names of columns of the data set with their headings; the elements are not among them.
    """

    table: TableView
    shown: Sequence[tuple[str, str]]
    named: bool
    place: int

    @property
    def header(self) -> list[str]:
        """The headings."""
        titles = [title for _, title in self.shown]
        titles[self.place : self.place] = ELEMENTS if self.place else ()
        return [*titles, _REVIEWED]

    def name_at(self, column: int) -> str | None:
        """What a column shows, counted from 0: the target for its elements, None for what was reviewed."""
        names: list[str] = [name for name, _ in self.shown]
        names[self.place : self.place] = ["target"] * len(ELEMENTS) if self.place else []
        return names[column] if column < len(names) else None


def columns_of(data: DataSet) -> list[Columns]:
    """The sheets of the data set's tables, in their order.

    A target value written as one text is followed by its sign, number and unit (docs/domain.md §8.2).
    """
    return [_columns(data, table) for table in data.form.tables.values()]


def _columns(data: DataSet, table: TableView) -> Columns:
    main = data.form.record_table
    of_project = table is not main and table.name not in data.form.once
    named = "project_name" in main.fields and of_project
    lead = LEAD | ({"project_name": "项目名称"} if named else {})
    own = {n: field.short_label for n, field in table.fields.items() if n not in lead}
    shown = [*lead.items(), *own.items(), *_SOURCE.items()]
    has_elements = {"lv2", "target"} <= set(table.fields) and "target_unit" not in table.fields
    place = [name for name, _ in shown].index("target") + 1 if has_elements else 0
    return Columns(table, shown, named, place)


class _Reviewed:
    """What a reviewer let pass, by the file, the sheet and the cell."""

    def __init__(self, seen: Iterable[Seen]) -> None:
        self._found: dict[tuple[str, str], dict[str, list[Seen]]] = {}
        for each in seen:
            where = self._found.setdefault((each.sha256, each.sheet), {})
            where.setdefault(each.cell, []).append(each)

    def words(self, sha256: str, sheet: str, table: TableView, cells: str | None) -> str | None:
        """What was let pass of a row, in words."""
        where = self._found.get((sha256, sheet))
        if not where:
            return None
        there = cells_of(list(table.fields), cells).values()
        words = [each.words for cell in there for each in where.get(cell, ())]
        return "；".join(dict.fromkeys(words)) or None


def _rows(data: DataSet, columns: Columns, reviewed: _Reviewed) -> Sheet:
    """The rows of a table with what names them, by district, unit and record."""
    table = columns.table
    made = partial(_made, data, columns, reviewed)
    return Sheet(
        table.title,
        columns.header,
        Lines(data.select(table.name, "record").height, made),
        wrap=True,
    )


def _made(data: DataSet, columns: Columns, reviewed: _Reviewed) -> Iterator[Sequence[Any]]:
    """The rows of a table in these columns."""
    units = data.submissions.select(*KEY, "unit_name", "fy").with_row_index("@source", 2)
    main = data.form.record_table.name
    named = data.select(main, *RECORD, "project_name") if columns.named else pl.DataFrame()
    link = [name for name, _ in columns.shown].index("file")
    table = columns.table
    pieces = (some for piece in data.pieces(table.name) for some in piece.iter_slices(_AT_ONCE))
    for piece in pieces:
        rows = piece.join(units, on=KEY, how="left", maintain_order="left")
        if columns.named:
            rows = rows.join(named, on=RECORD, how="left", maintain_order="left")
        wanted = [name for name, _ in columns.shown]
        wanted += ["target", "lv2", "fy"] if columns.place else []
        more = rows.select("@source", "sha256", "sheet", "cells").iter_rows()
        shown = rows.select(pl.col(n).alias(str(k)) for k, n in enumerate(wanted)).iter_rows()
        for line, (source, sha256, sheet, cells) in zip(shown, more, strict=True):
            values = list(line)
            values[link] = Link(str(values[link] or ""), SOURCES, source)
            if columns.place:
                values = _with_elements(values, columns.place)
            yield (*values, reviewed.words(sha256, sheet, table, cells))


def _with_elements(values: list[Any], place: int) -> list[Any]:
    """A line that ends with the target value, the second level and the year, with the elements instead."""
    *line, target, lv2, fy = values
    line[place:place] = map(_tidy, elements(target or "", lv2, fy))
    return line


def _tidy(value: Decimal | date | str) -> Any:
    """An element as a cell: a number with the places that it has, nothing where there is none."""
    if not isinstance(value, Decimal):
        return value or None
    places = -int(value.as_tuple().exponent)
    return int(value) if places <= 0 else value if places <= 2 else float(value)


@dataclass(frozen=True)
class _Total:
    """One sheet of totals: its name, what it adds up by, and the headings of that."""

    title: str
    keys: Sequence[str]
    heads: Sequence[str]


_TOTALS = (
    _Total(
        "单位合计", ["district", "unit_code", "unit_name"], ["行政区划", "单位代码", "单位名称"]
    ),
    _Total(
        "部门合计",
        ["district", "department_code", "department"],
        ["行政区划", "部门代码", "主管部门"],
    ),
    _Total("地区合计", ["district", "district_name"], ["行政区划", "名称"]),
)


def total_of(data: DataSet, sheet: str, column: int, place: int) -> tuple[pl.DataFrame, str] | None:
    """The records that a total of a sheet adds up, and its field; None where no total stands there.

    `column` and `place` count from 0, the place without the heading.
    """
    total = next((each for each in _TOTALS if each.title == sheet), None)
    amounts = [name for name, field in data.form.record_table.fields.items() if field.unit]
    number = column - len(total.keys) - 1 if total else -1
    if total is None or not 0 <= number < len(amounts) or place < 0:
        return None
    keys = [key for key in total.keys if key != "district_name"]
    units = data.submissions.select(
        *KEY, pl.col("department_code", "department", "unit_name").name.prefix("@")
    )
    main = data.tables[data.form.record_table.name]
    rows = main.join(units, on=KEY, how="left", maintain_order="left")
    names = [key if key in KEY else f"@{key}" for key in keys]
    groups = rows.select(names).unique().sort(names)
    if place > len(groups):
        return None
    if place < len(groups):
        rows = rows.join(groups.slice(place, 1), on=names, how="semi", nulls_equal=True)
    return rows.drop("@department_code", "@department", "@unit_name"), amounts[number]


def _totals(publication: Publication) -> list[Sheet]:
    """Amounts by unit, department and district, exact decimals; each adds up to the next."""
    data = publication.data
    main = data.form.record_table
    amounts = [name for name, field in main.fields.items() if field.unit]
    labels = [main.fields[name].short_label for name in amounts]
    names = pl.DataFrame(
        list(publication.names.items()),
        schema={"district": pl.String, "district_name": pl.String},
        orient="row",
    )
    units = data.submissions.select(*KEY, "unit_name", "department", "department_code")
    frame = data.select(main.name, *KEY, *amounts).join(units, on=KEY, how="left")
    frame = frame.join(names, on="district", how="left")
    sheets = []
    for total in _TOTALS:
        sums = (
            frame.group_by(total.keys)
            .agg(pl.len().alias("count"), *(pl.col(name).sum() for name in amounts))
            .sort(total.keys)
        )
        lead = len(total.keys)
        rows = [list(row) for row in sums.rows()]
        whole: list[Any] = ["合计", *[""] * (lead - 1), sum(row[lead] for row in rows)]
        whole += [sum((row[lead + 1 + n] for row in rows), Decimal(0)) for n in range(len(amounts))]
        header = [*total.heads, "项目数", *labels]
        sheets.append(Sheet(total.title, header, [*rows, whole], wrap=True))
    return sheets


def _sources(publication: Publication) -> Sheet:
    """Where everything comes from, and who let pass what."""
    header = [
        "行政区划",
        "单位代码",
        "单位名称",
        "表",
        "年度",
        "签发编号",
        "文件",
        "sha256",
        "结果",
    ]
    header += ["提醒数", "接受提醒的审核人", "理由", "时间", "豁免"]
    made = _SourceLines(publication)
    return Sheet(SOURCES, header, Lines(len(made.rows), made.lines), wrap=True)


@dataclass
class _SourceLines:
    """The lines of the sheet of sources: one for each submission of the data set, in its order."""

    publication: Publication

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The submissions."""
        return self.publication.data.submissions

    @cached_property
    def _fates(self) -> Mapping[tuple[str, str], Any]:
        proof = self.publication.proof
        return {(f.unit_code, f.sha256): f for f in proof.fates if f.outcome in IN_DATA}

    @cached_property
    def _waived(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in self.publication.proof.seen:
            if each.waiver:
                found.setdefault(each.sha256, []).append(
                    f"{each.code} {each.sheet} {each.cell}（{each.waiver}）"
                )
        return found

    def lines(self) -> Iterator[Sequence[Any]]:
        """The lines."""
        names = ["district", "unit_code", "unit_name", "form", "fy", "issue_id", "file", "sha256"]
        accepted = self.publication.proof.acceptances
        for row in self.rows.select(names).iter_rows():
            sha256 = row[-1]
            fate = self._fates.get((row[1], sha256))
            given = [each.acceptance for each in accepted.get(sha256, ())]
            who = "、".join(dict.fromkeys(each.reviewer for each in given)) or None
            why = "；".join(dict.fromkeys(filter(None, (each.reason for each in given)))) or None
            when = "；".join(dict.fromkeys(filter(None, (each.time for each in given)))) or None
            result = fate.detail if fate and fate.outcome == "partly" else None
            waived = "；".join(self._waived.get(sha256, ())) or None
            yield (*row, result, fate.warnings if fate else 0, who, why, when, waived)
