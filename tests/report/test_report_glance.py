"""Many workbooks in the terminal: at a glance, within two screens of 80 × 50."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from runs import told

from xltool.checking.running import Verdict
from xltool.office.roster import Unit
from xltool.report.lines import folded
from xltool.report.reports import Report, make_report
from xltool.report.text import as_text, text_pieces
from xltool.returns.submissions import Batch, Sender, Submission
from xltool.rules.findings import Finding


def on(number: int, code: str, cell: str, message: str, **changes: Any) -> Finding:
    """An error on a cell of one workbook."""
    changes = {"severity": "error", "workbook": number, "file": name(number), **changes}
    return told(code, cell, message, **changes)


def name(number: int) -> str:
    return f"交回/{106001 + number}.xlsx"


def report_of(files: int, *findings: Finding, skipped: tuple[str, ...] = ()) -> Report:
    """So many returned workbooks with these findings; the unit of number 1 is known by name."""
    books = [Submission(name(number), f"{number:02}") for number in range(files)]
    if files > 1:
        sender = Sender("106002", "云岭区政务服务中心", 2027, "440399", "106", "")
        books[1] = Submission(name(1), "01", sender=sender)
    return make_report(Batch(books), Verdict(list(findings), list(skipped)))


FINDINGS = [
    on(1, "TXT-001", "B8", "测算依据没有填"),
    *(on(1, "IND-004", f"E{n}", f"第 {n} 行没有填完整") for n in (12, 13, 14, 15)),
    on(1, "VAL-003", "D12", "“巡查次数”的指标值“≥4”没有单位", severity="warning"),
    *(on(2, "VAL-003", f"D{n}", f"值{n}没有单位", severity="warning") for n in (12, 13)),
    on(2, "TXT-002", "C12", "三级指标有 41 字，限 40 字", severity="warning"),
    on(2, "VAL-007", "D14", "没有比较符号", severity="info"),
    on(3, "COD-004", "B2", "项目编码的部门代码不是 301", whose="office"),
    on(4, "VAL-007", "D14", "没有比较符号", severity="info"),
]
GLANCE = """\
共 6 份：通过（未核对签发） 3 份，有提醒 1 份，未通过 1 份，待本级处理 1 份。
错误 6 处，提醒 4 处，提示 2 处。
其中 1 处是本级预填或锁定的，单位改不了，请改正名单或设置。

最常见的问题
  提醒  VAL-003  2 份  3 处  如：“巡查次数”的指标值“≥4”没有单位
  错误  IND-004  1 份  4 处  如：第 12 行没有填完整
  错误  COD-004  1 份  1 处  如：项目编码的部门代码不是 301
  错误  TXT-001  1 份  1 处  如：测算依据没有填
  提醒  TXT-002  1 份  1 处  如：三级指标有 41 字，限 40 字

有错误的（2 份）
未通过  106002.xlsx（5 处错误，1 处提醒）  云岭区政务服务中心
  TXT-001 项目1 B8 测算依据没有填。
  IND-004 项目1 E12、项目1 E13、项目1 E14等 4 处 如：第 12 行没有填完整。
待本级处理  106004.xlsx（本级：1 处错误）
  COD-004 项目1 B2 本级 项目编码的部门代码不是 301。

其余（4 份）
有提醒  106003.xlsx（3 处提醒，1 处提示：VAL-003、TXT-002）
通过（未核对签发） 3 份：106001.xlsx、106005.xlsx、106006.xlsx

每处的改法和各份的提醒：加 --all 全部列出，或用 --format html -o 检查结果.html
注意：XW-005 未执行：缺少部门控制数
收到 6 份：读取 6 份。
共 6 份：通过（未核对签发） 3 份，有提醒 1 份，未通过 1 份，待本级处理 1 份。
错误 6 处，提醒 4 处，提示 2 处。
其中 1 处是本级预填或锁定的，单位改不了，请改正名单或设置。"""


def test_the_errors_of_a_rule_are_not_counted_with_what_it_only_tells() -> None:
    """Each severity of a rule has its own line, with a sample of its own; what it tells is left out."""
    later = [
        on(n, "XW-001", "", f"本单位后来交了 {n}.xlsx，以那一份为准", severity="info", sheet="")
        for n in (0, 1, 2, 3)
    ]
    twice = [on(n, "XW-001", "", "本单位交了 2 份不同的表", sheet="") for n in (4, 5)]
    alike = [
        on(n, "XW-001", "", "与另一份只差一处", severity="warning", sheet="") for n in (1, 2, 3)
    ]
    report = report_of(6, *later, *twice, *alike)
    lines = as_text(report, width=80).splitlines()
    start = lines.index("最常见的问题")
    assert [line.rstrip() for line in lines[start + 1 : start + 4]] == [
        "  提醒  XW-001  3 份  3 处  如：与另一份只差一处",
        "  错误  XW-001  2 份  2 处  如：本单位交了 2 份不同的表",
        "",
    ]
    assert [(r.severity, r.workbooks, r.sentence) for r in report.rules] == [
        ("error", 2, "如：本单位交了 2 份不同的表"),
        ("warning", 3, "如：与另一份只差一处"),
        ("info", 4, "如：本单位后来交了 0.xlsx，以那一份为准"),
    ]


def test_totals_and_rules_then_errors_then_the_rest() -> None:
    report = report_of(6, *FINDINGS, skipped=("XW-005 未执行：缺少部门控制数",))
    assert as_text(report) == GLANCE


def test_what_is_the_office_s_own_is_counted_once_where_workbooks_share_it() -> None:
    words = "两个单位的项目编码相同"
    twice = [on(n, "DUP-003", "B2", words, whose="office", shared=True) for n in (1, 2)]
    own = on(3, "COD-004", "B2", "项目编码的部门代码不是 301", whose="office")
    info = on(4, "VAL-007", "D14", "没有比较符号", severity="info", whose="office")
    report = report_of(6, *twice, own, info)
    assert (report.counts["error"], report.offices) == (2, 2)
    assert "其中 2 处是本级预填或锁定的，单位改不了，请改正名单或设置。" in as_text(report)


def test_who_has_not_returned_is_named_above() -> None:
    units = [Unit(str(301001 + n), f"第{n + 1}中心") for n in range(11)]
    report = report_of(6, *FINDINGS)
    some = as_text(replace(report, missing=units[:2])).splitlines()
    assert some[3:5] == ["还没有交的 2 个单位：301001 第1中心、301002 第2中心。", ""]
    many = "".join(as_text(replace(report, missing=units)).splitlines()[3:7])
    assert many.startswith("还没有交的 11 个单位：301001 第1中心、")
    assert many.endswith("301010 第10中心等。")


def test_who_has_not_returned_is_named_after_a_few_files_too() -> None:
    units = [Unit(str(301001 + n), f"第{n + 1}中心") for n in range(2)]
    for number in (1, 5):
        report = report_of(number, skipped=("XW-005 未执行：缺少部门控制数",))
        lines = as_text(replace(report, missing=units)).splitlines()
        assert lines[number : number + 2] == [
            "还没有交的 2 个单位：301001 第1中心、301002 第2中心。",
            "注意：XW-005 未执行：缺少部门控制数",
        ]


def test_no_name_is_torn_apart() -> None:
    names = [f"30100{n} 云岭区第{n}图书馆" for n in range(1, 5)]
    line = f"还没有交的 4 个单位：{'、'.join(names)}。"
    assert folded(line, 80).splitlines() == [
        f"还没有交的 4 个单位：{names[0]}、{names[1]}、",
        f"    {names[2]}、{names[3]}。",
    ]
    assert folded(line, 200) == line
    assert folded(f"  {names[0]}、{names[1]}", 10).splitlines() == [
        f"  {names[0]}、",
        f"      {names[1]}",
    ]


def test_all_tells_everything_of_everybody() -> None:
    report = report_of(6, *FINDINGS)
    lines = as_text(report, whole=True).splitlines()
    assert sum("→ 请看。" in line for line in lines) == len(FINDINGS)
    files = [name(n) for line in lines for n in range(6) if name(n) in line]
    assert files == [name(n) for n in (1, 3, 0, 2, 4, 5)]
    assert lines.index("最常见的问题") < lines.index("逐份（6 份）") < 12
    assert not any("--all" in line for line in lines)


def test_a_few_are_told_one_by_one() -> None:
    lines = as_text(report_of(5, *FINDINGS)).splitlines()
    assert lines[:2] == [
        f"通过（未核对签发）  {name(0)}",
        f"未通过  {name(1)}（5 处错误，1 处提醒）",
    ]
    assert sum("→ 请看。" in line for line in lines) == len(FINDINGS)
    assert "最常见的问题" not in lines


def sixty() -> Report:
    """Ten with errors, fifteen with reminders, long names of files."""
    kinds = ("TXT-001", "IND-004", "AMT-001", "TPL-002")
    words = "锁定的内容被改动：应为“年度目标：”，现为“2027年目标：”"
    wrong = [on(n, code, "B8", words) for n in range(10) for code in kinds[: 1 + n % 4]]
    reminded = [on(n, f"VAL-{n:03}", "D12", "没有单位", severity="warning") for n in range(10, 25)]
    report = report_of(60, *wrong, *reminded)
    for number, book in enumerate(report.workbooks):
        book.submission.file = (
            f"交回/{106001 + number}_云岭区政务服务和数据管理局第{number}中心.xlsx"
        )
    return report


def test_sixty_files_fit_two_screens() -> None:
    lines = as_text(sixty()).splitlines()
    assert len(lines) <= 100
    assert max(map(cell_len, lines)) <= 80
    assert sum(line.startswith("未通过") for line in lines) == 10
    assert sum(line.startswith("有提醒") for line in lines) == 15
    assert sum("最常见" in line for line in lines) == 1


@pytest.mark.parametrize("width", [80, 81, 100, 120])
def test_no_line_is_wider_than_the_window(width: int) -> None:
    assert max(map(cell_len, as_text(sixty(), width).splitlines())) <= width


def test_of_very_many_that_passed_the_first_are_named() -> None:
    lines = as_text(report_of(1000)).splitlines()
    assert lines[0] == "共 1000 份：通过（未核对签发） 1000 份。没有发现问题。"
    assert len(lines) < 30
    named = "".join(line for line in lines if ".xlsx" in line)
    assert 50 < named.count(".xlsx") < 80
    assert named.endswith(".xlsx、等 1000 份")


def test_a_workbook_is_a_piece() -> None:
    """So that thousands of workbooks need not stand in memory."""
    findings = [on(n, "TXT-001", "B8", "测算依据没有填") for n in range(500)]
    pieces = list(text_pieces(report_of(500, *findings)))
    assert len(pieces) > 500
    assert max(map(len, pieces)) < 1000
