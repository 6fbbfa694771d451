"""The run as text: what a reviewer reads in the terminal."""

from __future__ import annotations

from runs import told

from xltool.checking.running import Verdict
from xltool.prose.text import display_width
from xltool.report.reports import make_report
from xltool.report.text import as_text
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding

FILE = "a.xlsx"


def text_of(*findings: Finding) -> list[str]:
    batch = Batch([Submission(FILE, "00")])
    return as_text(make_report(batch, Verdict(list(findings), []))).splitlines()


def test_many_infos_of_one_rule_are_told_once() -> None:
    many = [told("VAL-007", f"D{n}", f"值{n}没有符号") for n in range(12, 17)]
    warning = told("TXT-008", "B8", "括号不成对", severity="warning")
    assert text_of(warning, *many) == [
        "有提醒  a.xlsx（1 处提醒，5 处提示）",
        "  提醒 项目1 B8（巡查） TXT-008",
        "       括号不成对。",
        "       → 请看。",
        "  提示 VAL-007 共 5 处：项目1 D12、项目1 D13、项目1 D14等",
        "       如：值12没有符号。",
        "       → 请看。",
        "收到 1 份：读取 1 份。",
        "共 1 份：有提醒 1 份。提醒 1 处，提示 5 处。",
    ]


def test_infos_are_not_told_as_the_warnings_of_their_rule() -> None:
    many = [told("VAL-001", f"D{n}", f"值{n}不能衡量") for n in range(12, 16)]
    warning = told("VAL-001", "D8", "值8不能衡量", severity="warning")
    waived = told("VAL-001", "D9", "值9不能衡量", waiver="沿用旧表")
    assert text_of(warning, waived, *many) == [
        "有提醒  a.xlsx（1 处提醒，5 处提示）",
        "  提醒 项目1 D8（巡查） VAL-001",
        "       值8不能衡量。",
        "       → 请看。",
        "  提示 项目1 D9（巡查） VAL-001",
        "       值9不能衡量。",
        "       已豁免：沿用旧表。",
        "  提示 VAL-001 共 4 处：项目1 D12、项目1 D13、项目1 D14等",
        "       如：值12不能衡量。",
        "       → 请看。",
        "收到 1 份：读取 1 份。",
        "共 1 份：有提醒 1 份。提醒 1 处，提示 5 处。其中已豁免 1 处。",
    ]


def test_what_several_workbooks_share_counts_once_in_the_run() -> None:
    files = ["a.xlsx", "b.xlsx", "c.xlsx"]
    shared = [
        told("XW-008", "B9", words, file=file, workbook=n, severity="warning", shared=True)
        for n, file in enumerate(files)
        for words in ("“甲”等 3 个项目相同", *(("“乙”等 2 个项目相同",) if n else ()))
    ]
    own = told("TXT-008", "B8", "括号不成对", severity="warning", file="c.xlsx", workbook=2)
    batch = Batch([Submission(file, f"0{n}") for n, file in enumerate(files)])
    report = make_report(batch, Verdict([*shared, own], []))
    text = as_text(report).splitlines()
    assert [line for line in text if line.startswith("有提醒")] == [
        "有提醒  a.xlsx（1 处提醒）",
        "有提醒  b.xlsx（2 处提醒）",
        "有提醒  c.xlsx（3 处提醒）",
    ]
    assert text[-1] == "共 3 份：有提醒 3 份。提醒 3 处。"
    assert report.lines == 6


def test_few_infos_and_every_warning_are_told_one_by_one() -> None:
    few = [told("VAL-007", f"D{n}", f"值{n}没有符号") for n in (12, 13, 14)]
    assert len([line for line in text_of(*few) if "VAL-007" in line]) == 3
    warnings = [
        told("VAL-003", f"D{n}", f"值{n}没有单位", severity="warning") for n in range(12, 20)
    ]
    assert len([line for line in text_of(*warnings) if "VAL-003" in line]) == 8


def test_a_waived_finding_says_why() -> None:
    many = [told("VAL-007", f"D{n}", f"值{n}没有符号", waiver="沿用旧表") for n in range(5)]
    lines = text_of(*many)
    assert sum("已豁免：沿用旧表。" in line for line in lines) == 5


def test_no_line_ends_in_spaces() -> None:
    long = "项目总金额（万元）为 650.30，财政拨款资金（万元）为 560.30，其他资金（万元）为 0.00；应满足相等"
    batch = Batch([Submission(FILE, "00")])
    text = as_text(make_report(batch, Verdict([told("AMT-001", "B5", long)], [])))
    assert [line for line in text.split("\n") if line != line.rstrip()] == []
    assert max(map(display_width, text.split("\n"))) <= 80


def test_a_copy_has_the_status_of_its_original() -> None:
    copy = Submission("b.xlsx", "00", same_as=FILE)
    found = [
        told("AMT-001", "B5", "合计不对", severity="error"),
        told(
            "XW-001", "", f"与 {FILE} 内容完全相同，只计一次", file="b.xlsx", sheet="", workbook=1
        ),
    ]
    report = make_report(Batch([Submission(FILE, "00"), copy]), Verdict(found, []))
    assert [workbook.status for workbook in report.workbooks] == ["failed", "failed"]
