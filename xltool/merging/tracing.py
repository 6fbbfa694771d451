"""From a value of a result back to the cell that it came from, as the unit typed it, and who let it pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.form.loading import load_form
from xltool.form.model import Form, TableView
from xltool.merging.data_set import RECORD, DataSet
from xltool.merging.fates import OUTCOME_WORDS, Seen
from xltool.merging.parquet import DATA, load
from xltool.merging.result import Proof, read_proof
from xltool.merging.sealing import read_seal, refuse_altered
from xltool.merging.summary import LEAD, Columns, columns_of, total_of
from xltool.office.standing import read_standings
from xltool.office.values import field_by_label
from xltool.prose.text import name_key
from xltool.returns.leaving_aside import is_result
from xltool.returns.origins import cells_of, plain, typed_of
from xltool.workbook.columns import column_number
from xltool.workbook.opening import digest
from xltool.workbook.refusals import UnreadableError
from xltool.write.tables import ROWS

_ADDRESS = re.compile(r"(?P<sheet>.+?)[!！ ](?P<column>[A-Z]{1,3})(?P<row>[1-9]\d{0,6})")
SEALED = "签发信息"  # in place of a sheet: what the seal of a workbook says
_NUMBERED = re.compile(r"(?P<name>.+) \((?P<number>\d+)\)")


@dataclass(frozen=True, slots=True)
class Traced:
    """One value: whose it is, what it says, where it stood and what stood there."""

    district: str
    unit: str
    unit_name: str
    record: str
    table: str
    label: str
    value: str
    typed: str
    file: str
    sha256: str
    sheet: str
    cell: str
    let_pass: tuple[Seen, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """The value in lines of text."""
        where = f"工作表“{self.sheet}” {self.cell}" if self.cell else f"工作表“{self.sheet}”"
        lines = [
            f"{self.district} {self.unit} {self.unit_name} {self.record}：{self.label} = {self.value}",
            f"  来源：{self.file} {where}（sha256 {self.sha256}）",
            f"  表中原样：{self.typed or '（空白）'}",
        ]
        for seen in self.let_pass:
            lines.append(f"  审核：{seen.code} {seen.message}")
            who = f"豁免，{seen.waiver}" if seen.waiver else f"接受，{'；'.join(self.accepted)}"
            lines.append(f"        {who}")
            if seen.explanation:
                lines.append(f"        单位说明：{seen.explanation}")
        return lines


@dataclass(frozen=True)
class Tracer:
    """A result that values are traced in; `own` is the folder of a campaign that brings its own form.

    Raises OfficeError for a folder that is no result, or one that was altered.
    """

    folder: Path
    own: Path | None = None

    def __post_init__(self) -> None:
        if not is_result(self.folder):
            raise OfficeError(
                "这里不是合并结果；请指明 xltool merge --out 写出的文件夹", self.folder
            )
        refuse_altered(self.folder, read_seal(self.folder).manifest)

    @cached_property
    def _form(self) -> Form:
        return load_form(read_seal(self.folder).manifest.form, self.own)

    @cached_property
    def _data(self) -> DataSet:
        return load(self.folder / DATA, self._form)

    @cached_property
    def _proof(self) -> Proof:
        return read_proof(self.folder)

    def value(self, unit: str, project: str, label: str) -> list[Traced]:
        """The values of a unit's project in a column, by its label or its field; a project by code or name.

        A column of rows has one for each row. Raises OfficeError where there is none.
        """
        table, field = self._field(label)
        district, _, code = unit.rpartition(":")
        rows = self._data.tables[table.name].filter(pl.col("unit_code") == code)
        if district:
            rows = rows.filter(pl.col("district") == district)
        if rows.is_empty():
            raise OfficeError(
                f"合并结果里没有单位 {unit} 的“{label}”{self._why(unit)}", self.folder
            )
        found = [
            row
            for row in self._named(rows).iter_rows(named=True)
            if _is_meant(row, project, self._codes)
        ]
        if not found:
            raise OfficeError(f"单位 {unit} 没有项目“{project}”{self._why(unit)}", self.folder)
        return [self._traced(row, table, field) for row in found]

    def _why(self, unit: str) -> str:
        """Why nothing, or not all, of a unit is in the result: what became of its files, or where it stands."""
        district, _, code = unit.rpartition(":")
        fates = [
            fate
            for fate in self._proof.fates
            if fate.unit_code == code and (not district or fate.district == district)
        ]
        told = [
            f"{fate.file} {OUTCOME_WORDS[fate.outcome]}"
            + (f"（{fate.detail}）" if fate.detail else "")
            for fate in fates
            if fate.outcome not in ("merged", "copy")
        ]
        if told:
            return f"：{'；'.join(told)}"
        if fates:
            return ""
        known = read_standings(self.own) if self.own else {}
        standing = known.get(unit) or known.get(code)
        stands = f"；检查记录里的状态是“{standing.word}”" if standing else ""
        return f"：这次合并没有收到这个单位的表{stands}"

    def cell(self, address: str) -> list[Traced]:
        """The value in a cell of 汇总表, such as `项目!F5`; of a total all that were added up.

        Raises OfficeError for an address that is none, or of a cell without a traced value.
        """
        match = _ADDRESS.fullmatch(address.strip())
        if match is None:
            raise OfficeError(f"“{address}”应为汇总表的工作表和单元格，如 项目!F5")
        column, row = column_number(match["column"].encode()), int(match["row"])
        sheet, offset = match["sheet"], 0
        columns = {each.table.title: each for each in columns_of(self._data)}
        numbered = _NUMBERED.fullmatch(sheet)
        if sheet not in columns and numbered and numbered["name"] in columns:
            sheet, offset = numbered["name"], (int(numbered["number"]) - 1) * ROWS
        if sheet in columns:
            return [self._at(columns[sheet], column, offset + row - 2, address)]
        return self._of_total(sheet, column, row - 2, address)

    def _at(self, columns: Columns, column: int, place: int, address: str) -> Traced:
        """The value in a row of a table, by its place."""
        table, name = columns.table, columns.name_at(column)
        rows = self._data.tables[table.name]
        if not 0 <= place < len(rows):
            raise OfficeError(f"{address} 不是从各单位的表里汇总来的值")
        found = self._named(rows.slice(place, 1))
        if name in LEAD and name not in table.fields:
            return self._of_seal(next(found.iter_rows(named=True)), table, LEAD[name])
        if name == "project_name" and name not in table.fields:
            table = self._form.record_table
            found = self._data.tables[table.name].join(found.select(RECORD), on=RECORD, how="semi")
            found = self._named(found)
        if name is None or name not in table.fields:
            raise OfficeError(f"{address} 不是从各单位的表里汇总来的值")
        return self._traced(next(found.iter_rows(named=True)), table, name)

    def _of_seal(self, row: dict[str, Any], table: TableView, label: str) -> Traced:
        """What names the unit of a row: its seal says it."""
        values = {"行政区划": row["district"], "单位代码": row["unit_code"]}
        value = values.get(label, row["@unit_name"]) or ""
        lead = (row["district"], row["unit_code"], row["@unit_name"] or "", "", table.title, label)
        return Traced(*lead, value, value, row["file"], row["sha256"], SEALED, "")

    def _of_total(self, sheet: str, column: int, place: int, address: str) -> list[Traced]:
        """All that was added up in a total."""
        main = self._form.record_table
        found = total_of(self._data, sheet, column, place)
        if found is None:
            raise OfficeError(f"{address} 不是从各单位的表里汇总来的值")
        rows, field = found
        return [self._traced(row, main, field) for row in self._named(rows).iter_rows(named=True)]

    def _field(self, label: str) -> tuple[TableView, str]:
        """The table and the field that a label means. Raises OfficeError where there is none."""
        for table in self._form.tables.values():
            field = field_by_label(table.fields, label)
            if field is not None:
                return table, field
        raise OfficeError(f"“{label}”不是「{self._form.title}」的栏目")

    @cached_property
    def _codes(self) -> dict[tuple[Any, ...], tuple[str, str]]:
        """The code and the name of each record's project."""
        main = self._data.tables[self._form.record_table.name]
        names = [n if n in main.columns else None for n in ("project_code", "project_name")]
        picked = main.select(
            *RECORD,
            *(pl.col(n) if n else pl.lit("").alias(k) for n, k in zip(names, "ab", strict=True)),
        )
        return {row[:4]: (row[4] or "", row[5] or "") for row in picked.iter_rows()}

    def _named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with the names of their units."""
        key = ["district", "unit_code", "sha256"]
        names = self._data.submissions.select(*key, pl.col("unit_name").alias("@unit_name"))
        return rows.join(names, on=key, how="left", maintain_order="left")

    def _traced(self, row: dict[str, Any], table: TableView, field: str) -> Traced:
        cell = cells_of(list(table.fields), row["cells"]).get(field, "")
        let_pass = tuple(self._let_pass(row, cell))
        code, name = self._codes.get(tuple(row[n] for n in RECORD), ("", ""))
        return Traced(
            row["district"],
            row["unit_code"],
            row["@unit_name"] or "",
            " ".join(filter(None, (code, name))),
            table.title,
            table.fields[field].short_label,
            plain(row[field]),
            typed_of(row["typed"], field, row[field]),
            row["file"],
            row["sha256"],
            row["sheet"],
            cell,
            let_pass,
            tuple(self._acceptances(row["sha256"], let_pass)),
        )

    def _let_pass(self, row: dict[str, Any], cell: str) -> Iterator[Seen]:
        """What a reviewer let pass at a cell."""
        for seen in self._proof.seen:
            if (seen.sha256, seen.sheet, seen.cell) == (row["sha256"], row["sheet"], cell) and cell:
                yield seen

    def _acceptances(self, sha256: str, seen: Sequence[Seen]) -> Iterator[str]:
        """Who accepted what was seen, when and why."""
        marks = {each.fingerprint for each in seen if not each.waiver}
        for each in self._proof.acceptances.get(sha256, ()):
            if each.seen & marks:
                given = each.acceptance
                yield "，".join(filter(None, (given.reviewer, given.time, given.reason)))


def where_now(folder: Path, traced: Sequence[Traced]) -> dict[str, list[str]]:
    """Where files of values lie in a folder now, in lines of text by their SHA-256; none where their names still hold.

    A result names a file as it was first seen, whatever it is called since.
    """
    named = {each.sha256: each.file for each in traced}
    there: dict[str, list[Path]] = {sha256: [] for sha256 in named}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with suppress(
            UnreadableError
        ):  # what the system does not let us read is none that was merged
            there.get(digest(path), []).append(path)
    return {
        sha256: [f"  现在的文件：{path}（内容相同）" for path in paths]
        or [f"  现在的文件：{folder} 里没有内容相同的"]
        for sha256, paths in there.items()
        if named[sha256] not in [path.name for path in paths]
    }


def _is_meant(
    row: dict[str, Any], project: str, codes: dict[tuple[Any, ...], tuple[str, str]]
) -> bool:
    """Whether a row is of a project that is given by its code, its name or its sheet."""
    code, name = codes.get(tuple(row[n] for n in RECORD), ("", ""))
    return project in (code, row["sheet"]) or name_key(project) == name_key(name)
