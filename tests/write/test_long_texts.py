"""Texts longer than a cell or a message can hold: told, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import check_files, edit
from hostile import FORM, changed
from merges import parts_here, table
from mutations import cell, described
from raw_cells import with_texts

from xltool.checking import running
from xltool.checking.running import check
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign
from xltool.prose import target_words
from xltool.report.json_document import as_json
from xltool.report.listing import write_list
from xltool.report.reports import make_report
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.returned import write_returned

MOST = 32_767  # characters of a cell of Excel


def test_a_text_that_no_cell_can_hold(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    path = with_texts(good_target, tmp_path / "a.xlsx", {"B11": "长" * (MOST + 1)})
    assert described(check_files(target, path, good_target)) == [
        "TPL-008 error | 无法读取：工作表“项目1”的 B11 有 32768 个字符，超过 32767 个的限制"
    ]


def test_a_name_that_no_sheet_can_have(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    name = "表" * 300

    def rename(xml: bytes) -> bytes:
        return xml.replace('name="项目1"'.encode(), f'name="{name}"'.encode())

    path = changed(tmp_path / "a.xlsx", good_target, "xl/workbook.xml", rename)
    assert described(check_files(target, path)) == [
        f"TPL-008 error | 无法读取：工作表“{name[:10]}……”的名称有 300 个字符，超过 255 个的限制"
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("B5", "AMT-011 error 项目1!B5 | 项目总金额（万元）“{}”不是数字"),
        ("B4", "DAT-001 error 项目1!B4 | 计划开始日期“{}”不是日期，或不在 2000 至 2099 年"),
        ("B2", "TPL-002 error 项目1!B2 | 锁定的内容被改动：项目名称应为“图书文献采购”，现为“{}”"),
        ("A10", "TPL-002 error 项目1!A10 | 锁定的内容被改动：应为“固定资产采购金额”，现为“{}”"),
        ("A14", "TPL-011 error 项目1!A14 | “{}”不在本表的指标框架内"),
    ],
)
def test_a_message_quotes_the_beginning(
    target: Campaign, good_target: Path, tmp_path: Path, address: str, expected: str
) -> None:
    path = with_texts(good_target, tmp_path / "a.xlsx", {address: "长" * MOST})
    batch = Batch([read_file(path, settings_for(target, None))], target)
    verdict = check(batch)
    assert described(verdict.findings) == [expected.format("长" * 30 + "…")]
    write_list(make_report(batch, verdict), batch, tmp_path / "list.xlsx")
    copies, notes = write_returned(batch, verdict, tmp_path / "back")
    (back,) = copies.values()
    assert notes == []
    again = [f.code for f in check_files(target, back)]
    assert again == ([verdict.findings[0].code] if address in ("B4", "B5") else [])


def test_the_longest_text_is_merged_whole(
    target: Campaign, good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "made_here", parts_here)
    path = with_texts(good_target, tmp_path / "a.xlsx", {"B11": "长" * MOST})
    result = merge([path], tmp_path / "out", target, accept_warnings=True)
    assert [entry.outcome for entry in result.entries] == ["merged"]
    assert result.folder is not None
    rows = table(result.folder / "导入文件.xlsx", "Sheet1")
    assert {len(str(text)) for row in rows for text in row if str(text)[0] == "长"} == {MOST}


def test_a_formula_of_any_length(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    formula = "=" + "+".join(["1"] * 20_000)
    path = edit(good_target, cell("B5", "=1+1"), tmp_path / "a.xlsx")

    def lengthen(xml: bytes) -> bytes:
        return xml.replace(b"<f>1+1</f>", f"<f>{formula[1:]}</f>".encode())

    path = changed(tmp_path / "b.xlsx", path, FORM, lengthen)
    batch = Batch([read_file(path, settings_for(target, None))], target)
    verdict = check(batch)
    assert described(verdict.findings) == [
        "TPL-007 error 项目1!B5 | 项目总金额（万元）里是公式“=1+1+1+1+1+1+1+1+1+1+1+1+1+1+1…”"
    ]
    short = f"{formula[:300]}……（共 40000 字）"
    assert verdict.findings[0].value == short
    report = make_report(batch, verdict)
    write_list(report, batch, tmp_path / "list.xlsx")
    head, line, *_ = table(tmp_path / "list.xlsx", "问题清单")
    assert line[head.index("现值")] == short
    assert len(as_json(report)) < 3000


@pytest.mark.parametrize("text", ["1" * 300_000, "《" * 300_000, "1号" * 100_000])
def test_looking_for_documents_is_linear(text: str) -> None:
    """Minutes, if each digit began a search of its own."""
    assert target_words.CITED.sub("＿", text) == text
