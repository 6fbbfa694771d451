"""Ratios, measured side by side in one run: `make bench`. Never a timed test.

Writing: a unit's workbook against a plain XlsxWriter loop over the same cells. Reading: a return with
everything that xltool finds out, against raw calamine and against openpyxl on the same file. Checking:
all rules on many forms against reading them.
"""

from __future__ import annotations

import csv
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import openpyxl
import python_calamine
import xlsxwriter
from helpers import Data, answers, fill_unit, make_campaign, template
from openpyxl.worksheet.formula import ArrayFormula
from small import small_campaign

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.issuing import issue

ROUNDS, UNITS = (int(number) for number in (sys.argv[1:] or (15, 200)))
PROJECTS = 5  # of each unit of the batch that is checked
ROOT = Path(__file__).parent.parent.parent


def seconds(action: Callable[[], object]) -> float:
    """The median time of an action."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def plain_write(source: Path, out: Path) -> None:
    """The same values with XlsxWriter, without formats, locks or checks."""
    book = xlsxwriter.Workbook(str(out), {"in_memory": True})
    for sheet in openpyxl_values(source):
        page = book.add_worksheet()
        for row, values in enumerate(sheet):
            for column, value in enumerate(values):
                if isinstance(value, ArrayFormula):
                    page.write_array_formula(value.ref, value.text)
                elif value is not None:
                    page.write(row, column, value)
    book.close()


VALUES: dict[Path, list[list[list[object]]]] = {}


def openpyxl_values(path: Path) -> list[list[list[object]]]:
    """All values, read once."""
    if path not in VALUES:
        book = openpyxl.load_workbook(path)
        VALUES[path] = [[list(row) for row in sheet.values] for sheet in book.worksheets]
    return VALUES[path]


def raw_calamine(path: Path) -> None:
    """Values only."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def place(number: int) -> str:
    """A name for each number below 600: what the units' texts differ in."""
    return (
        "甲乙丙丁戊己庚辛壬癸"[number % 10]
        + "子丑寅卯辰巳午未申酉戌亥"[number // 10 % 12]
        + "东南西北中"[number // 120]
    )


def varied(answer: Any, name: str) -> Any:
    """The same answers as another unit would give them: with its name in every sentence."""
    if isinstance(answer, dict):
        fixed = ("一级指标", "二级指标")
        return {k: v if k in fixed else varied(v, name) for k, v in answer.items()}
    if isinstance(answer, list):
        return [varied(value, name) for value in answer]
    if isinstance(answer, str) and re.match(r"[\u4e00-\u9fff《]{4,}", answer):
        return answer.replace("。", f"（{name}片）。") if "。" in answer else answer[:30] + name
    return answer


def many_returns(folder: Path) -> tuple[Campaign, list[Path]]:
    """The returns of `UNITS` units with `PROJECTS` projects each, no two alike."""
    source = ROOT / "examples" / "declaration"
    given = [
        project
        for file in sorted((source / "answers").glob("*.json"))
        for project in json.loads(file.read_text(encoding="utf-8"))["projects"]
    ]
    with (source / "projects.csv").open(encoding="utf-8-sig", newline="") as file:
        known = {row["项目名称"]: row for row in csv.DictReader(file)}
    given = [project for project in given if project["项目名称"] in known]
    folder.mkdir()
    roster, projects, returns = [], [], []
    for number in range(UNITS):
        department, name = f"{100 + number}", place(number)
        unit = f"{department}001"
        roster.append([unit, f"云岭区{name}中心", f"云岭区{name}局", department])
        answer: Data = {"projects": []}
        for serial in range(PROJECTS):
            project = given[(number * PROJECTS + serial) % len(given)]
            row = {**known[project["项目名称"]], "单位代码": unit}
            row["项目编码"] = (
                f"{row['项目编码'][:8]}{department}{row['项目编码'][11:13]}{serial:08d}"
            )
            row["项目名称"] = f"{name}{row['项目名称']}"
            projects.append(list(row.values()))
            own = {key: row[key] for key in ("项目编码", "项目名称")}
            answer["projects"].append({**varied(project, name), **own})
        returns.append((unit, answer))
    heads = ["单位代码", "单位名称", "主管部门", "部门代码"]
    campaign = small_campaign(
        "futian_2024_declaration",
        folder / "campaign",
        'district = "440399"',
        spare=0,
        roster=[heads, *roster],
        projects=[list(next(iter(known.values()))), *projects],
    )
    return campaign, [
        fill_unit(campaign, unit, answer, folder / f"{unit}.xlsx") for unit, answer in returns
    ]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        campaign = make_campaign("declaration", folder / "campaign")
        filled = fill_unit(
            campaign, "106001", answers("declaration", "106001"), folder / "106001.xlsx"
        )
        settings = settings_for(campaign, None)
        blank = template(campaign, "106001")
        write = seconds(lambda: issue(campaign, ["106001"], out=folder / "out"))
        plain = seconds(lambda: plain_write(blank, folder / "plain.xlsx"))
        print(
            f"issue one unit (9 sheets)    {write * 1000:7.1f} ms, {write / plain:5.1f} × plain XlsxWriter"
        )
        ours = seconds(lambda: read_file(filled, settings))
        calamine = seconds(lambda: raw_calamine(filled))
        slow = seconds(lambda: openpyxl.load_workbook(filled))
        print(
            f"read one return (6 forms)    {ours * 1000:7.1f} ms, {ours / calamine:5.1f} × raw calamine, {ours / slow:5.2f} × openpyxl"
        )
        many, returns = many_returns(folder / "many")
        settings = settings_for(many, None)
        start = time.perf_counter()
        batch = Batch([read_file(path, settings) for path in returns], many)
        reading = time.perf_counter() - start
        findings = check(batch).findings
        checked = time.perf_counter() - start - reading
        forms = len(
            {
                (number, row.record)
                for number, found in enumerate(batch.submissions)
                for row in found.rows
                if row.table == "project"
            }
        )
        print(
            f"check {forms} forms ({len(findings)} findings) {checked * 1000:7.0f} ms, "
            f"{checked / reading:5.2f} × reading them ({reading * 1000:.0f} ms, one worker)"
        )


if __name__ == "__main__":
    main()
