"""No finding of a copy that goes back points at a cell that the unit cannot change: all forms, random fillings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from helpers import FORMS, answers, make_campaign
from in_memory import filled_workbook, taken, typed_into

from xltool.checking.running import check
from xltool.fields.reading import Raw
from xltool.form.layout import a1
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding
from xltool.workbook.opening import WorkbookData
from xltool.write.returned import write_returned

# what is prefilled, and breaks a rule that only warns
_ODD = {
    "declaration": {"projects.csv": ("《云岭区离退休干部服务管理若干规定》", "《甲》《乙》《甲》")},
    "declaration_2022": {"projects.csv": ("排水管网检测,4", "《排水》管网(检测,9")},
    "national": {"projects.csv": ("实训设备更新", "《实训》设备（更新")},
    "selfeval": {"projects.csv": ("图书文献采购", "《图书》文献（采购")},
    "target": {"projects.csv": ("网格信息采集服务", "《网格》信息（采集服务")},
}
_UNITS = {
    "budget": "301001",
    "declaration": "106001",
    "declaration_2022": "142001",
    "national": "517001",
    "selfeval": "226002",
    "target": "215001",
    "unit": "319001",
}
_TYPED: Sequence[Raw] = (
    *(None, "", "无", "不适用", "同上", "（", "《甲", " 甲 ", "甲乙" * 1500, "12万元", "-", "约5"),
    *(-1.0, 0.0, 1e9, 12.345, "≥90%", "1000%", "2026-02-30", "5次/年", "优"),
)
_FILLINGS = 3  # of each form
_LINK = re.compile(r"'?(.+?)'?!([A-Z]+[0-9]+)")


@pytest.mark.parametrize("example", FORMS)
def test_copies_point_at_open_cells_only(example: str, tmp_path: Path) -> None:
    unit = _UNITS[example]
    campaign = make_campaign(example, tmp_path / "office", lists=_ODD.get(example), units=(unit,))
    workbook = filled_workbook(campaign, unit, answers(example, unit))
    base = taken(campaign, workbook, "base.xlsx")
    random = Random(f"copies {example}")
    for number in range(_FILLINGS):
        name = f"{number}.xlsx"
        changed = typed_into(workbook, _typed(random, base, workbook))
        batch = Batch([taken(campaign, changed, name)], campaign)
        verdict = check(batch)
        copies, notes = write_returned(batch, verdict, tmp_path / "back", with_warnings=True)
        assert (len(copies), notes) == (1, [])
        _insist(copies[0], verdict.findings)


def _typed(random: Random, found: Submission, workbook: WorkbookData) -> Mapping[str, Raw]:
    """Some cells with something else in them: mostly open ones, some that the unit had to unlock."""
    cells = sorted({f"{row.sheet}!{cell}" for row in found.rows for cell in row.cells.values()})
    chosen = random.sample(cells, min(len(cells), 12))
    labels = [
        f"{sheet.name}!{a1(1, 0)}" for sheet in workbook.sheets if sheet.name == found.rows[0].sheet
    ]
    return {cell: random.choice(_TYPED) for cell in chosen} | {labels[0]: "别的标签"}


def _insist(path: Path, findings: Sequence[Finding]) -> None:
    """Whatever the copy colours, comments on or links to can be changed, and is the unit's."""
    book: Any = openpyxl.load_workbook(path)
    pointed = {*_linked(book), *_commented(book)}
    assert pointed
    assert [where for where in pointed if book[where[0]][where[1]].protection.locked] == []
    said = {row[4].value for row in book["退回修改"].iter_rows(min_row=5) if row[4].value}
    offices = {f"{f.message}（{f.code}）" for f in findings if not f.is_the_units}
    assert said.isdisjoint(offices)
    assert said >= {
        f"{f.message}（{f.code}）" for f in findings if f.is_the_units and f.severity != "info"
    }


def _linked(book: Any) -> Iterator[tuple[str, str]]:
    """The cells that the first page leads to."""
    for row in book["退回修改"].iter_rows(min_row=5):
        link = row[3].hyperlink
        if link is not None:
            found = _LINK.fullmatch(link.location)
            assert found
            yield found[1], found[2]


def _commented(book: Any) -> Iterator[tuple[str, str]]:
    """The cells that are marked with a finding."""
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.comment and "【" in cell.comment.text:
                yield sheet.title, cell.coordinate
