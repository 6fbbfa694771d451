"""The live checks say what `check` says: random forms, LibreOffice beside the checker.

For each form, one issued workbook is opened in LibreOffice and filled at random (fixed seeds) 40
times, 100 times by `make soak`, 1,000 times by `make fuzz`, through UNO; each time everything is calculated anew and the
column of verdicts is read. The checker judges the same fillings: every tenth one is saved by LibreOffice and read from that file
as any return is; of the others the cells are put into the grid of the workbook as it was read once,
and go through the same recognition, alignment, reading and rules. (That a saved file reads as what
was typed is tested with each saved one.)

A line fails (✘, ！ for a warning) exactly when the checker has a finding of its code and severity at
its cells; ≈ is the info `ROUND`. Two things are said otherwise, and only they are let through:

* AMT-011 and DAT-001 fail live for a number or date that is text. The checker reads it with a
  TPL-006 or DAT-003, so these count as findings of the line.
* A rule that uses such a cell is silent live, as long as its line says ✘; the checker goes on.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest
from counts import count
from office import Document, Office
from openpyxl.utils.cell import range_boundaries
from procuring import procuring
from random_forms import Filler, Trial, areas_of, place_of
from small import UNIT, small_campaign

from xltool.checking.running import check
from xltool.fields.reading import Raw
from xltool.form.layout import a1
from xltool.form.loading import form_ids
from xltool.form.own_sheets import CHECKS
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file, take
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding
from xltool.workbook.limits import Limits
from xltool.workbook.opening import SheetData, open_workbook
from xltool.write.live.begun import is_used
from xltool.write.live.checks import live_checks
from xltool.write.live.lines import LiveCheck, Place
from xltool.write.live.page import FIRST
from xltool.write.live.row_tests import LiveRules
from xltool.write.submission import Contents, places_of

TRIALS = int(os.environ.get("XLTOOL_TRIALS", count(20, 100)))  # of each form; make fuzz takes more
SAVED = 10  # one in so many
AS_TEXT = {"AMT-011": ("TPL-006",), "DAT-001": ("TPL-006", "DAT-003")}

pytestmark = [pytest.mark.office, pytest.mark.fuzz]

Key = tuple[str, str]  # sheet, address


@dataclass(frozen=True)
class Subject:
    """One form: its issued workbook, and how to fill it."""

    campaign: Campaign
    path: Path

    def places(self, trial: Trial) -> list[Place]:
        """The form sheets, filled."""
        campaign = self.campaign
        issue = campaign.issue_for(campaign.units[UNIT])
        names = campaign.layout.names(len(issue.records))
        cells = {(s, a): raw for (s, a), raw in trial.items() if raw is not None}
        values = [
            {place_of(address): raw for (sheet, address), raw in cells.items() if sheet == name}
            for name in names
        ]
        return places_of(campaign.form, campaign.layout, issue, Contents(values))

    def filler(self) -> Filler:
        campaign = self.campaign
        places = self.places({})
        given = {
            place.name: {at: 1 for at in place.sheet.block_cells if place.raw(at) is not None}
            for place in places
        }
        return Filler(campaign.form, campaign.layout, places, given)

    def lines(self) -> list[tuple[Place, LiveCheck]]:
        """The lines of 填报检查 with the sheets that they are about."""
        rules, context = LiveRules(self.campaign.form), {"fy": self.campaign.fy}
        return [(p, line) for p in self.places({}) for line in live_checks(rules, p, context)]

    def written(self, lines: Sequence[tuple[Place, LiveCheck]], trial: Trial) -> list[str]:
        """The verdicts that a filled workbook is written with."""
        form = self.campaign.form
        places = {place.name: place for place in self.places(trial)}
        raws = {name: place.raw for name, place in places.items()}
        silent = {n for n, p in places.items() if p.optional and not is_used(form, p)}
        return [
            "" if place.name in silent else line.judge(places[place.name].raw, raws)
            for place, line in lines
        ]


def cells_of(areas: Sequence[str]) -> set[str]:
    """All addresses of some areas."""
    found = set()
    for area in areas:
        left, top, right, bottom = (int(n or 0) for n in range_boundaries(area))
        found |= {a1(r - 1, c - 1) for r in range(top, bottom + 1) for c in range(left, right + 1)}
    return found


def played(
    document: Document, trials: Sequence[Trial], lines: int, folder: Path
) -> Iterator[tuple[list[str], Path | None]]:
    """Fill in LibreOffice, one trial after the other: the verdicts, and the file if it was saved."""
    before: Mapping[Key, object] = {}
    for number, trial in enumerate(trials):
        now = areas_of(trial)
        document.put([(*key, rows) for key, rows in now.items() if rows != before.get(key)])
        before = now
        verdicts = [str(row[0]) for row in document.area(CHECKS, f"A{FIRST + 1}:A{FIRST + lines}")]
        saved = None
        if number % SAVED == 0:
            saved = folder / f"{number}.xlsx"
            document.save_as(saved)
        yield verdicts, saved


def submissions(
    subject: Subject, trials: Sequence[Trial], saved: Mapping[int, Path]
) -> list[Submission]:
    """What the checker reads of each trial, from its file or in the grid of the issued workbook."""
    settings = settings_for(subject.campaign, None)
    blank = open_workbook(subject.path, Limits())
    found = []
    for number, trial in enumerate(trials):
        if number in saved:
            submission = read_file(saved[number], settings)
            submission.file = f"{number}.xlsx"
            _reads_as_typed(submission, trial)
        else:
            submission = Submission(f"{number}.xlsx", str(number))
            sheets = [replace(sheet, grid=_filled(sheet, trial)) for sheet in blank.sheets]
            take(submission, replace(blank, sheets=sheets), settings)
        found.append(submission)
    return found


def _filled(sheet: SheetData, trial: Trial) -> list[list[Raw]]:
    """The grid of a sheet with the trial's contents in it."""
    grid = [list(row) for row in sheet.grid]
    for (name, address), raw in trial.items():
        if name == sheet.name and raw not in (None, ""):
            row, column = place_of(address)
            grid += [[] for _ in range(row + 1 - len(grid))]
            grid[row] += [None] * (column + 1 - len(grid[row]))
            grid[row][column] = raw
    return grid


def _reads_as_typed(submission: Submission, trial: Trial) -> None:
    for row in submission.rows:
        for name, cell in row.cells.items():
            if (row.sheet, cell) in trial and name in row.raw:
                typed = trial[row.sheet, cell]
                if isinstance(typed, datetime) and type(row.raw[name]) is date:
                    typed = typed.date()
                if isinstance(typed, float):
                    typed = float(f"{typed:.15g}")  # what LibreOffice saves
                assert row.raw[name] == typed, (row.sheet, cell)


def disagreements(
    lines: Sequence[tuple[Place, LiveCheck]], shown: Sequence[str], findings: Sequence[Finding]
) -> Iterator[str]:
    """Where LibreOffice and the checker differ on one filled workbook."""
    cells: dict[tuple[str, str, str], Counter[str]] = {}
    rounded: dict[tuple[str, str], list[tuple[str, str]]] = {}  # cells and messages
    severity: str
    for finding in findings:
        codes = [finding.code, *(c for c, said in AS_TEXT.items() if finding.code in said)]
        for code in codes:
            severity = finding.severity if code == finding.code else "error"
            cells.setdefault((finding.sheet, code, severity), Counter())[finding.cell] += 1
        if finding.code == "ROUND":
            code = finding.message.rpartition("（")[2].rstrip("）")
            words = re.sub(r" -?[\d,]+(?:\.\d+)?", "", finding.message)  # without the figures
            rounded.setdefault((finding.sheet, code), []).append((finding.cell, words))
    wrong = {"error": "！", "warning": "✘"}
    assert not [
        line for (_, line), sign in zip(lines, shown, strict=True) if sign == wrong[line.severity]
    ]
    shown = [sign.replace("！", "✘") for sign in shown]
    texts = {
        place.name
        for (place, line), sign in zip(lines, shown, strict=True)
        if line.code in AS_TEXT and sign == "✘"
    }
    # a line may add up rows of another sheet
    texts |= {p.name for p, _ in lines if not texts.isdisjoint(other.name for other in p.beside)}
    groups: dict[tuple[str, str, str, str], list[tuple[LiveCheck, str]]] = {}
    for (place, line), sign in zip(lines, shown, strict=True):
        groups.setdefault((place.name, line.code, line.severity, line.cell), []).append(
            (line, sign)
        )
    for (sheet, code, severity, cell), group in groups.items():
        area = cells_of([a for line, _ in group for a in line.area])
        found = [c for c in cells.get((sheet, code, severity), ()) if c in area]
        # a code may have an error and a warning at one cell: which of them is rounded says the message
        others = [
            line.words
            for (*place, grade, at), more in groups.items()
            if (place, at) == ([sheet, code], cell) and grade != severity
            for line, _ in more
        ]
        rounds = [
            at
            for at, message in rounded.get((sheet, code), ())
            if at in area
            and not any(
                words in message and all(line.words not in message for line, _ in group)
                for words in others
            )
        ]
        signs = [sign for _, sign in group]
        said = "✘" if found else "≈" if rounds else "✔"
        worst = max(signs, key=["", "✔", "≈", "✘"].index)
        if worst == said or (worst == "" and (said == "✔" or sheet in texts)):
            continue
        if sheet in texts and "" in signs and worst in "✔≈":
            continue
        if worst in ("✔", "≈") and sheet in texts and len(area) > 1:
            continue  # other rows of the table are silent
        yield f"{sheet} {code} {severity} {cell}: {group[0][0].words}: {signs}, {found} {rounds}"


@pytest.mark.parametrize("form", [*form_ids(), "procuring"])
def test_libreoffice_and_the_checker_agree(form: str, office: Office, tmp_path: Path) -> None:
    own = procuring if form == "procuring" else partial(small_campaign, form)
    campaign = own(tmp_path / "campaign")
    path = campaign.folder / "issued" / campaign.units[UNIT].file_name
    subject = Subject(campaign, path)
    filler = subject.filler()
    trials = [filler.trial(Random(f"{form} {n}")) for n in range(TRIALS)]
    lines = subject.lines()
    with office.open(path) as document:
        results = list(played(document, trials, len(lines), tmp_path))
    read = submissions(subject, trials, {n: p for n, (_, p) in enumerate(results) if p})
    assert all(s.seal == "ok" for s in read)
    by_file: dict[str, list[Finding]] = {}
    for finding in check(Batch(read, campaign)).findings:
        by_file.setdefault(finding.file, []).append(finding)
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    for number, (shown, _) in enumerate(results):
        seen.update(shown)
        written = subject.written(lines, trials[number])
        wrong += [
            f"{number} {place.name}!{line.cell} {line.code}: shown {sign!r}, written {verdict!r}"
            f" { {k[1]: v for k, v in trials[number].items() if v is not None and k[0] == place.name and k[1] in cells_of(line.area)} }"
            for (place, line), sign, verdict in zip(lines, shown, written, strict=True)
            if sign != verdict
        ]
        found = by_file.get(f"{number}.xlsx", [])
        wrong += [f"{number} {words}" for words in disagreements(lines, shown, found)]
    assert not wrong, f"{len(wrong)} of {TRIALS * len(lines)}\n" + "\n".join(wrong[:40])
    assert seen["✔"] > TRIALS, seen
    assert seen["✘"] > TRIALS, seen
