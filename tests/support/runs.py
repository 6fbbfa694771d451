"""Runs of any size and with any texts, for the page: one real return, many times over."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

from xltool.checking.running import Verdict
from xltool.office.campaign import Campaign
from xltool.report.reports import Report, make_report
from xltool.returns.extracting import Row
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch, Submission
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import WORDS, Finding, in_order

CODES = ("TXT-001", "TXT-002", "IND-004", "VAL-001", "AMT-001", "DAT-001", "TPL-006", "ROUND")


def big_run(
    campaign: Campaign, source: Path, files: int, each: int, longest: int = 30
) -> tuple[Batch, Report]:
    """So many copies of a return, each with so many findings on the cells of its rows.

    No two texts are alike, so the page cannot save by keeping them once. `longest`: the length that
    the texts of the cells are made up to.
    """
    original = read_file(source, settings_for(campaign, None))
    submissions = [_copy(original, n, longest) for n in range(files)]
    findings = [f for n, found in enumerate(submissions) for f in _findings(n, found, each)]
    batch = Batch(submissions, campaign)
    return batch, make_report(batch, Verdict(in_order(findings), []))


def _copy(original: Submission, number: int, longest: int) -> Submission:
    rows = []
    for place, row in enumerate(original.rows):
        words = f"第{number}份第{place}行" + "网格巡查处置办结率与满意度" * (longest // 13 + 1)
        raw = {
            name: words[:longest] if isinstance(value, str) else value
            for name, value in row.raw.items()
        }
        rows.append(replace(row, raw=raw))
    return replace(original, file=f"交回/{number:04}.xlsx", sha256=f"{number:064x}", rows=rows)


def _findings(number: int, found: Submission, each: int) -> list[Finding]:
    places = [(row, name) for row in found.rows for name in row.cells if name not in ("lv1", "lv2")]
    kinds = zip(range(each), cycle(places), cycle(CODES), cycle(SEVERITIES), strict=False)
    return [
        finding_at(
            number,
            found.file,
            row,
            name,
            code,
            severity,
            f"{found.file} 的第 {n} 处写了“{row.raw[name]}”",
        )
        for n, (row, name), code, severity in kinds
    ]


def told(code: str, cell: str, message: str, **changes: Any) -> Finding:
    """An info on a cell of the first workbook, or what `changes` make of it."""
    values: dict[str, Any] = {
        "code": code,
        "severity": "info",
        "file": "a.xlsx",
        "sheet": "项目1",
        "cell": cell,
        "cells": (cell,),
        "record": "巡查",
        "field": "",
        "label": "",
        "value": "",
        "expected": "",
        "message": message,
        "hint": "请看",
        "workbook": 0,
    }
    return Finding(**{**values, **changes})


def finding_at(
    number: int, file: str, row: Row, name: str, code: str, severity: str, message: str
) -> Finding:
    """A finding on one cell of a row of the workbook with this number."""
    cell = row.cells[name]
    return Finding(
        code=code,
        severity=next(word for word in WORDS if word == severity),
        file=file,
        sheet=row.sheet,
        cell=cell,
        cells=(cell,),
        record=f"{file} 的 {row.sheet}",
        field=name,
        label=f"栏目 {name}",
        value=str(row.raw[name]),
        expected="",
        message=message,
        hint="请核对后改正",
        workbook=number,
    )
