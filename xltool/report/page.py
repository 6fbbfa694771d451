"""The whole run as one page that needs no network: `xltool check --format html`.

`report.html.j2` is its shell, `report.css` how it looks, the scripts in `SCRIPTS` how it works. What the run found is data in the page: every text once, in a list, and numbers that point into
it, so that 10,000 findings stay below 3 MB. Nothing from outside is ever markup: the script puts texts
into the page as texts, and the page's policy admits no script and no style but its own two.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import astuple
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from xltool.checking.senders import numbers_by_unit
from xltool.files import replace_file
from xltool.form.catalogue import Explanation, explanations
from xltool.office.check_log import STATUS_WORDS
from xltool.prose.text import printable, unify_breaks
from xltool.report.letters import Letters
from xltool.report.outputs import Output
from xltool.report.reports import Report, WorkbookResult
from xltool.report.status import until_deadline
from xltool.report.surroundings import Line, Surroundings
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import WHOSE, WORDS, Finding, Group, grouped
from xltool.version import __version__

_LIMIT = 3_000_000  # bytes for up to 10,000 findings
_CLIPS = (1000, 300, 120, 50, 20)  # characters of a text that are shown: the most that fit
_NEIGHBOUR = 60  # characters of a text that only stands beside
_SIGNS = {
    "error": "✕", "warning": "!", "info": "i",
    "passed": "✓", "warned": "!", "failed": "✕", "pending": "…", "unreadable": "?",
    "superseded": "–",
}  # fmt: skip
SCRIPTS = ("report_parts.js", "report_letters.js", "report_look.js", "report.js")
# the columns of the table of files: by what the page sorts them, what they are called, how they look
_COLUMNS = (
    ("status", "结果", ""),
    ("unit", "单位", ""),
    ("department", "主管部门", "department"),
    ("file", "文件", ""),
    ("records", "项目", "number"),
    *((key, word, "number") for key, word in WORDS.items()),
    ("", "sha256", "sha"),
)
_CODE = re.compile(r"\b([A-Z]{2,4}-[0-9]{3})\b")
Placed = tuple[Group, list[Line]]
_OVERRIDES: dict[str, str] = {"off": "关闭"} | {str(key): word for key, word in WORDS.items()}


def write_html(
    report: Report,
    batch: Batch,
    path: Path,
    letters: Letters | None = None,
    changes: Sequence[str] = (),
) -> None:
    """Write the page to `path`, whole or not at all; see `as_html`."""
    replace_file(path, as_html(report, batch, letters, changes))


def as_html(
    report: Report, batch: Batch, letters: Letters | None = None, changes: Sequence[str] = ()
) -> bytes:
    """The page; `letters` are given where it shows part of a run only, `changes` say what is new since the last one.

    Long texts are cut, the more the more findings there are (see `_LIMIT`).
    """
    letters = letters or Letters(report, batch)
    allowed = _LIMIT * max(1.0, report.counts.total() / 10_000)
    own = batch.campaign.folder if batch.campaign else None
    rules = explanations(list(dict.fromkeys(rule.code for rule in report.rules)), own)
    books = _books(report, batch)
    general = _placed(report.general, None)
    page = b""
    for clip in _CLIPS:
        page = _page(report, batch, changes, _Data(report, letters, clip).of(books, general, rules))
        if len(page) <= allowed:
            break
    return page


def _books(report: Report, batch: Batch) -> list[tuple[WorkbookResult, list[Placed]]]:
    """The workbooks, each with its findings and the lines on which they stand."""
    numbers = [n for n, book in enumerate(report.workbooks) if book.counts]
    placed = {n: _placed(report.workbooks[n].findings, s) for n, s in batch.whole(numbers)}
    return [(book, placed.get(n, [])) for n, book in enumerate(report.workbooks)]


def _placed(findings: Sequence[Finding], found: Submission | None) -> list[Placed]:
    """Findings in groups, each with the lines of the form on which it stands."""
    form = found.edition.form if found and found.edition else None
    rows = found.rows if found and form else ()
    around = Surroundings(rows, form.tables if form else {}, findings)
    return [(group, around.of(group.findings)) for group in grouped(findings)]


def _page(report: Report, batch: Batch, changes: Sequence[str], data: dict[str, Any]) -> bytes:
    folder = Path(__file__).parent
    scripts = "\n".join((folder / name).read_text("utf-8") for name in SCRIPTS)
    style = (folder / "report.css").read_text("utf-8")
    script = f'(function () {{\n"use strict";\n{scripts}}})();\n'
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html.j2").render(
        title=_title(batch),
        facts=_head_lines(report, batch),
        notes=[_parted(line) for line in (*report.skipped, *_overrides(batch))],
        changes=[visible(line.strip()) for line in changes],
        columns=_COLUMNS,
        script=script,
        style=style,
        script_hash=_digest(script),
        style_hash=_digest(style),
        data=_inert(data),
    )
    return page.encode("utf-8", "backslashreplace")  # half a pair can only stand in the JSON


def _parted(line: str) -> list[str]:
    """A note in parts: every second one is the code of a rule, which is not to be broken at its hyphen."""
    return _CODE.split(visible(line))


def _inert(data: dict[str, Any]) -> str:
    """JSON that holds no character with a meaning in HTML."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=1 << 16)
def visible(text: str) -> str:
    """Text from outside for a page: breaks and tabs stay, other control characters are shown as �."""
    lines = unify_breaks(text).replace("\t", "    ").split("\n")
    return "\n".join(printable(line) for line in lines)


def _title(batch: Batch) -> str:
    if batch.campaign is not None:
        return visible(batch.campaign.title)
    return "、".join(form.title for form in batch.forms.values()) or "绩效申报表"


def _head_lines(report: Report, batch: Batch) -> list[tuple[str, str]]:
    """What an auditor asks first, as (word, text): of what year and form, when, how much, by what program."""
    campaign = batch.campaign
    years = (
        {s.sender.fy for s in batch.submissions if s.sender} if campaign is None else {campaign.fy}
    )
    lines = [
        ("预算年度", "、".join(f"{year}" for year in sorted(years))),
        ("表", "、".join(f"{form.title}（{form.version}）" for form in batch.forms.values())),
        ("检查日期", f"{batch.day:%Y年%m月%d日}"),
        ("文件", "" if report.part else report.accounts.words.rstrip("。")),
    ]
    if campaign is not None:
        lines.append(("填报文件夹", visible(str(campaign.folder))))
        came = numbers_by_unit(campaign, batch.submissions)
        lines.append(("名册", f"{len(campaign.roster)} 家，本次有 {len(came)} 家"))
        if campaign.deadline is not None:
            left = until_deadline(campaign.deadline, batch.day)
            lines.append(("截止日期", f"{campaign.deadline:%Y年%m月%d日}（{left}）"))
    return [*((word, text) for word, text in lines if text), ("程序", f"xltool {__version__}")]


def _overrides(batch: Batch) -> list[str]:
    """The campaign's word on severities."""
    wanted = batch.campaign.severities if batch.campaign else {}
    by_word: dict[str, list[str]] = {}
    for code, word in wanted.items():
        by_word.setdefault(_OVERRIDES.get(word, word), []).append(code)
    words = "；".join(f"{'、'.join(codes)} 为{word}" for word, codes in by_word.items())
    return [f"按 campaign.toml 调整了规则的程度：{words}"] if words else []


class _Data:
    """The page's data: texts, shapes of lines and lines once each, and numbers that point to them.

    The lines of letters stand there once too; they are never cut.
    """

    def __init__(self, report: Report, letters: Letters, clip: int) -> None:
        self.report = report
        self.letters = letters
        self.clip = clip
        self.texts: dict[str, int] = {"": 0}
        self.shapes: dict[str, int] = {}
        self.lines: dict[str, int] = {}
        self.written: dict[str, int] = {}

    def of(
        self,
        books: Sequence[tuple[WorkbookResult, list[Placed]]],
        general: Sequence[Placed],
        rules: Mapping[str, Sequence[Explanation]],
    ) -> dict[str, Any]:
        """Everything, as the scripts read it."""
        report = self.report
        packed = [
            [*self.book(book, groups), self.letter(text)]
            for (book, groups), text in zip(books, self.letters.about(report), strict=True)
        ]
        wide = [self.group(group, lines) for group, lines in general]
        return {
            "severities": [[key, word, _SIGNS[key]] for key, word in WORDS.items()],
            "whose": [[key, word] for key, word in WHOSE.items()],
            "statuses": [[key, word, _SIGNS[key]] for key, word in report.status_words.items()],
            "rules": {code: [astuple(rule) for rule in found] for code, found in rules.items()},
            "titles": {rule.code: self.text(rule.sentence) for rule in reversed(report.rules)},
            "missing": [
                [
                    *(visible(word) for word in (unit.unit_code, unit.unit_name, unit.department)),
                    self.letter(self.letters.to(unit)),
                ]
                for unit in report.missing
            ],
            "books": packed,
            "general": wide,
            "texts": list(self.texts),
            "written": list(self.written),
            "shapes": [json.loads(shape) for shape in self.shapes],
            "lines": [json.loads(line) for line in self.lines],
        }

    def book(self, workbook: WorkbookResult, groups: Sequence[Placed]) -> list[Any]:
        """Status, file, unit code, unit name, department, projects, sha256, groups of findings."""
        found = workbook.submission
        words = (found.file, workbook.unit or "", workbook.unit_name, workbook.department)
        return [
            list(STATUS_WORDS).index(workbook.status),
            *(self.text(word) for word in words),
            workbook.records,
            found.sha256,
            [self.group(group, lines) for group, lines in groups],
        ]

    def group(self, group: Group, lines: Sequence[Line]) -> list[Any]:
        """What the page shows of a group of findings.

        Severity, whose, code, sheet, project, message, hint, waiver, labels, value, counts, cells, lines, shared,
        and what the unit says of it.

        The value is given only where no line shows it. `cells` are those it is about, then those
        that are involved.
        """
        first = group.first
        labels = "、".join(dict.fromkeys(f.label for f in group.findings if f.label))
        others = {cell for finding in group.findings for cell in finding.cells} - set(group.cells)
        words = (first.sheet, first.record, first.message, first.hint, first.waiver, labels)
        return [
            list(WORDS).index(first.severity),
            list(WHOSE).index(first.whose),
            first.code,
            *(self.text(word) for word in words),
            0 if lines else self.text(_value(group.findings)),
            len(group.findings),
            " ".join(group.cells),
            " ".join(sorted(others)),
            [self.line(line, {*group.cells, *others}) for line in lines],
            int(first.shared),
            self.text(first.explanation),
        ]

    def text(self, text: str, clip: int | None = None) -> int:
        """The number of a text, cut to what the page has room for."""
        clip = min(self.clip, clip or self.clip)
        if len(text) > clip:
            text = f"{text[:clip]}……（共 {len(text)} 字）"
        return self.texts.setdefault(visible(text), len(self.texts))

    def letter(self, text: str) -> list[int]:
        """The numbers of the lines of what is written to a unit."""
        return [
            self.written.setdefault(line, len(self.written)) for line in text.split("\n") if text
        ]

    def line(self, line: Line, concerned: Container[str]) -> int:
        """The number of a line of a form; of the cells that are not concerned the beginning."""
        labels = [self.text(label) for label in line.shape.labels]
        shape = json.dumps([int(line.shape.is_row), " ".join(line.shape.columns), labels])
        number = self.shapes.setdefault(shape, len(self.shapes))
        texts = [
            self.text(text, None if f"{column}{line.number}" in concerned else _NEIGHBOUR)
            for column, text in zip(line.shape.columns, line.texts, strict=True)
        ]
        key = json.dumps([number, line.number, *texts])
        return self.lines.setdefault(key, len(self.lines))


def _value(findings: Sequence[Finding]) -> str:
    return next((finding.value for finding in findings if finding.value), "")


OUTPUT = Output(
    file=lambda run, path: write_html(
        run.report, run.batch, path, run.letters, run.since.lines if run.since else ()
    )
)
