"""The engine around the rules keeps its word: declarations, bugs, severities, what lacks data."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import answers, edit, fill_unit, make_campaign
from test_rules import EXAMPLE_LIST, TARGET

from xltool.checking.checks import Check, checks_for
from xltool.checking.running import Verdict, check
from xltool.checking.schemas import failing_rows
from xltool.fields.kinds import Field
from xltool.form.loading import load_form
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.rules.declaring import FormTable, Rule, rule
from xltool.rules.findings import Finding

# The declaration of rules


def test_incomplete_declarations_are_refused() -> None:
    with pytest.raises(TypeError, match="XX-001"):
        rule("XX-001")
    with pytest.raises(TypeError, match="XX-001"):
        rule("XX-001", on="project", each=bool)

    def undocumented(project: FormTable) -> pl.Expr:
        return pl.lit(value=True)

    with pytest.raises(TypeError, match="XX-001 没有说明"):
        rule("XX-001", on="project")(undocumented)


@rule("XX-001", on="project", message="坏", hint="坏")
def broken_expression(project: FormTable) -> pl.Expr:
    """算不出来。"""
    return pl.col("nowhere") > 0


@rule("XX-002", on="project", message="坏", hint="坏")
def broken_function(project: FormTable) -> pl.Expr:
    """写错了。"""
    raise ZeroDivisionError


@rule("XX-003", each=lambda field: field.name == "project_name", message="坏", hint="坏")
def broken_field_rule(field: Field) -> pl.Expr:
    """算不出来。"""
    return pl.col(field.name).cast(pl.Int64) > 0


# The run


def run(campaign: Campaign, path: Path, *extra: Rule) -> Verdict:
    """Check one file, with further rules in its form."""
    submission = read_file(path, settings_for(campaign, None))
    edition = submission.edition
    assert edition is not None
    form = dataclasses.replace(edition.form, rules=(*edition.form.rules, *extra))
    submission.edition = dataclasses.replace(edition, form=form)
    return check(Batch([submission], campaign))


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (broken_expression, pl.exceptions.ColumnNotFoundError),
        (broken_function, ZeroDivisionError),
        (broken_field_rule, pl.exceptions.InvalidOperationError),
    ],
)
def test_a_bug_in_a_rule_is_a_traceback(
    target: Campaign, good_target: Path, broken: Rule, error: type[Exception]
) -> None:
    with pytest.raises(error):
        run(target, good_target, broken)


def test_failing_rows_raises_what_a_check_raises() -> None:
    table = load_form(TARGET).record_table
    example = next(e for e in EXAMPLE_LIST if e.rule.code == "AMT-001")
    bad = pl.col("nowhere") > 0
    broken = Check(broken_expression, "XX-001", "error", bad, "坏", "坏", ())
    sound = list(checks_for([example.rule], table))
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        failing_rows(example.frame(), table, [*sound, broken])


def test_a_frame_of_the_wrong_shape_is_a_traceback() -> None:
    example = next(e for e in EXAMPLE_LIST if e.rule.code == "AMT-001")
    frame = example.frame().with_columns(amount_total=pl.lit("12"))
    with pytest.raises(Exception, match="amount_total"):
        failing_rows(frame, load_form(TARGET).record_table, [])


def faulty(campaign: Campaign, out: Path) -> Path:
    data = answers("target", "226002")
    data["projects"][0] |= {"资金用途": "", "其他资金": "1.00", "计划开始日期": "2027-02-30"}
    data["projects"][1] |= {"本年度项目金额": "500.00", "采购品目": "书架"}
    return fill_unit(campaign, "226002", data, out)


def test_two_runs_agree(target: Campaign, tmp_path: Path) -> None:
    path = faulty(target, tmp_path / "return.xlsx")
    first = run(target, path)
    assert len(first.findings) > 4
    assert run(target, path) == first


def test_lacking_data_is_said(
    declaration: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    def strip(book: Any) -> None:
        book.remove(book[seal.SHEET])
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]

    path = edit(good_declaration, strip, tmp_path / "return.xlsx")
    nobodys = "部门代码（没有签发信息的表，不知道是哪个单位的）"
    district, department = (
        "COD-002 未执行：缺少行政区划代码（campaign.toml 的 district）",
        f"COD-004 未执行：缺少{nobodys}",
    )
    alone = check(Batch([read_file(path, settings_for(None, None))]))
    partly = (
        "TPL-001、XW-002 只执行了一部分：没有填报文件夹（--campaign），不能核对签发密钥、年度和名册"
    )
    types = "COD-010 未执行：缺少项目类型代码表（项目类型.csv）"
    controls = "部门控制数（部门控制数.csv）"
    amounts = "XW-006、XW-007 未执行：缺少项目金额（项目金额.csv）"
    sums = f"XW-005 未执行：缺少{nobodys}、{controls}"
    assert alone.skipped == [partly, district, department, types, sums, amounts]
    assert run(declaration, path).skipped == [department, sums, amounts]
    assert run(declaration, good_declaration).skipped == [f"XW-005 未执行：缺少{controls}", amounts]


def test_a_column_of_the_roster_is_named_where_it_is_missing(
    declaration: Campaign, good_declaration: Path
) -> None:
    """What is not known of a unit whose seal is there, the office's own list does not say."""
    found = read_file(good_declaration, settings_for(declaration, None))
    assert found.sender is not None
    found.sender = dataclasses.replace(found.sender, department_code="")
    skipped = check(Batch([found], declaration)).skipped
    assert [line for line in skipped if "部门代码（" in line] == [
        "COD-004 未执行：缺少部门代码（units.csv 的“部门代码”列）",
        "XW-005 未执行：缺少部门代码（units.csv 的“部门代码”列）、部门控制数（部门控制数.csv）",
    ]


def severities(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.code: finding.severity for finding in findings}


def test_severity_of_the_campaign(target: Campaign, tmp_path: Path) -> None:
    settings = '\n[severity]\n"TXT-001" = "info"\n"AMT-008" = "off"\n"AMT-002" = "warning"\n'
    lenient = make_campaign("target", tmp_path / "campaign", settings)
    path = faulty(lenient, tmp_path / "return.xlsx")
    plain = severities(run(target, path).findings)
    assert {code: plain[code] for code in ("TXT-001", "AMT-008", "AMT-002")} == {
        "TXT-001": "error",
        "AMT-008": "error",
        "AMT-002": "error",
    }
    expected = {**plain, "TXT-001": "info", "AMT-002": "warning"}
    del expected["AMT-008"]
    assert severities(run(lenient, path).findings) == expected
