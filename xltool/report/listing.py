"""问题清单: the run as a workbook: a summary, the findings, what was handed in, what passed and is signed for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xltool.form.model import Form
from xltool.office.roster import Unit
from xltool.office.waivers import FINGERPRINT
from xltool.report.outputs import Output
from xltool.report.reports import Report, WorkbookResult
from xltool.report.tallies import by_frequency
from xltool.returns.submissions import Batch
from xltool.rules.findings import WHOSE, WORDS
from xltool.version import __version__
from xltool.write.tables import Lines, Sheet, write_tables

_WHO = ["文件", "单位", "单位名称", "主管部门"]
_SUMMARY = ["类别", "内容", "数量", "份数", "说明"]
_FINDINGS = [
    *_WHO,
    *("程度", "责任", "规则", "工作表", "位置", "项目", "栏目", "问题", "怎么改"),
    *("现值", "单位说明", "豁免理由", FINGERPRINT),
]
_FILES = [*_WHO, "结果", "说明"]
_PASSED = [*_WHO, "表", "结果", "项目数", "核对的单元格", "核对的规则", "sha256"]
_SIGNED = "审核人：＿＿＿＿＿＿＿＿　　复核人：＿＿＿＿＿＿＿＿　　日期：＿＿＿＿年＿＿月＿＿日"
_CELL = 32_767  # characters of one of its cells: a formula may have been longer

Rows = list[list[str | int | None]]


def write_list(report: Report, batch: Batch, path: Path) -> None:
    """Write 问题清单 to `path`, with filters; it replaces what is there.

    Its sheets: how the run stands by state, by rule and by unit; one line per finding; what became of
    each file; what was checked and passed, to be signed; the notes.
    """
    findings = Lines(report.lines, lambda: _finding_rows(report))
    made = f"检查日期 {batch.day:%Y-%m-%d}　程序 xltool {__version__}"
    sheets = [
        Sheet("汇总", _SUMMARY, _summary(report, batch), wrap=True, head="检查结果汇总"),
        Sheet("问题清单", _FINDINGS, findings, wrap=True),
        Sheet("收到的文件", _FILES, _file_rows(report), wrap=True),
        Sheet(
            "核对通过",
            _PASSED,
            _passed_rows(report, batch),
            wrap=True,
            head="核对通过的填报",
            foot=f"{_SIGNED}　　{made}",
        ),
    ]
    if report.skipped:
        notes = [[line[:_CELL]] for line in report.skipped]
        sheets.append(Sheet("说明", ["说明"], notes, wrap=True))
    write_tables(path, sheets)


def _summary(report: Report, batch: Batch) -> Rows:
    """How many workbooks are in each state, how many findings there are of each rule, who is missing."""
    campaign = batch.campaign
    forms = "、".join(f"{form.title}（{form.version}）" for form in batch.forms.values())
    statuses = Counter(book.status for book in report.workbooks)
    counts = report.counts
    accounts = report.accounts
    rows: Rows = [
        [
            "填报",
            str(campaign.fy) if campaign else "",
            None,
            None,
            campaign.title if campaign else "",
        ],
        ["检查", f"{batch.day:%Y-%m-%d}", None, None, f"{forms}　xltool {__version__}"],
        ["收到", "全部", accounts.received, None, accounts.words],
    ]
    rows += [
        ["结果", word, None, statuses[status], None]
        for status, word in report.status_words.items()
        if statuses[status]
    ]
    rows += [["问题", word, counts[severity], None, None] for severity, word in WORDS.items()]
    if report.waived:
        rows.append(["问题", "其中已豁免", report.waived, None, None])
    if report.offices:
        rows.append(["问题", "其中本级处理", report.offices, None, "预填的内容，请改正名单"])
    rows += [["未交", unit.unit_code, None, None, _named(unit)] for unit in report.missing]
    rows += [
        ["规则", rule.code, rule.count, rule.workbooks, f"{WORDS[rule.severity]}：{rule.sentence}"]
        for rule in by_frequency(report.rules)
    ]
    return rows


def _named(unit: Unit) -> str:
    """A unit by its name and its department's."""
    return f"{unit.unit_name}（{unit.department}）" if unit.department else unit.unit_name


def _who(workbook: WorkbookResult, name: str) -> list[str]:
    """What the first columns say of a workbook."""
    return [name, workbook.unit or "", workbook.unit_name, workbook.department]


def _finding_rows(report: Report) -> Iterator[list[str]]:
    for finding in report.findings:
        number = finding.workbook
        yield [
            *(
                [Path(finding.file).name, "", "", ""]
                if number is None
                else _who(report.workbooks[number], report.names[number])
            ),
            WORDS[finding.severity],
            WHOSE[finding.whose],
            finding.code,
            finding.sheet,
            finding.cell,
            finding.record,
            finding.label,
            finding.message,
            finding.hint,
            finding.value[:_CELL],
            finding.explanation,
            finding.waiver,
            "不能豁免" if finding.integrity else finding.fingerprint,
        ]


def _file_rows(report: Report) -> list[list[str]]:
    """Everything that was handed in, with what became of it."""
    rows = []
    for name, workbook in zip(report.names, report.workbooks, strict=True):
        found = workbook.submission
        same_as = f"与 {found.same_as} 内容完全相同，只计一次" if found.same_as else ""
        rows.append([*_who(workbook, name), workbook.word, found.problem or same_as])
    rows += [[each.name, "", "", "", "未读取", each.reason] for each in report.left_aside]
    return rows


def _passed_rows(report: Report, batch: Batch) -> Rows:
    """What was checked and passed: whose, which file to the byte, how much was looked at."""
    off = {code for code, word in _severities(batch).items() if word == "off"}
    rules = {form.id: len(_codes_run(form, batch) - off) for form in batch.forms.values()}
    rows: Rows = []
    for name, workbook in zip(report.names, report.workbooks, strict=True):
        found = workbook.submission
        if workbook.status != "passed" or found.same_as or found.edition is None:
            continue
        form = found.edition.form
        title = f"{form.title}（{form.version}）"
        much = [workbook.records, found.cells_read, rules.get(form.id)]
        rows.append([*_who(workbook, name), title, workbook.word, *much, found.sha256])
    return rows


def _severities(batch: Batch) -> dict[str, str | None]:
    """The campaign's word on severities, `off` among them."""
    return dict(batch.campaign.severities) if batch.campaign else {}


def _codes_run(form: Form, batch: Batch) -> set[str]:
    """The codes of the rules of a form that are on."""
    wanted = _severities(batch)
    return {rule.code for rule in form.rules if rule.enabled or rule.code in wanted}


OUTPUT = Output(file=lambda run, path: write_list(run.report, run.batch, path))
