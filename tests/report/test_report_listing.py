"""问题清单: what a reviewer reads first, files, and signs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from helpers import answers, fill_unit, own_copy
from runs import told

from xltool.checking.running import Verdict, check
from xltool.office.campaign import Campaign
from xltool.report.listing import write_list
from xltool.report.reports import make_report
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch, Submission
from xltool.version import __version__

Sheets = dict[str, list[tuple[object, ...]]]
DAY = date(2026, 12, 1)
FORM = "项目支出绩效目标表（2021.1）"
LIBRARY = ("226002", "云岭区图书馆", "云岭区文化体育局")
STATION = ("238001", "云岭区生态环境监测站", "云岭区生态环境局")


def sheets_of(path: Path) -> Sheets:
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


@pytest.fixture(scope="module")
def listed(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    """One that passed, one with an error, one that cannot be read; two units did not return."""
    folder = tmp_path_factory.mktemp("list")
    target = own_copy(target, folder / "office")  # in which nothing was noted yet
    good = fill_unit(target, LIBRARY[0], answers("target", LIBRARY[0]), folder / "a.xlsx")
    data = answers("target", STATION[0])
    data["projects"][0]["项目概况"] = ""
    bad = fill_unit(target, STATION[0], data, folder / "b.xlsx")
    (folder / "c.xlsx").write_bytes(b"PK")
    settings = settings_for(target, None)
    read = [read_file(path, settings) for path in (good, bad, folder / "c.xlsx")]
    batch = Batch(read, target, day=DAY)
    write_list(make_report(batch, check(batch)), batch, folder / "list.xlsx")
    return sheets_of(folder / "list.xlsx")


def test_the_summary_comes_first(target: Campaign, listed: Sheets) -> None:
    assert list(listed) == ["汇总", "问题清单", "收到的文件", "核对通过", "说明"]
    assert listed["汇总"][:13] == [
        ("类别", "内容", "数量", "份数", "说明"),
        ("填报", str(target.fy), None, None, target.title),
        ("检查", "2026-12-01", None, None, f"{FORM}　xltool {__version__}"),
        ("收到", "全部", 3, None, "收到 3 份：读取 2 份，无法读取 1 份。"),
        ("结果", "通过", None, 1, None),
        ("结果", "未通过", None, 1, None),
        ("结果", "无法读取", None, 1, None),
        ("问题", "错误", 2, None, None),
        ("问题", "提醒", 0, None, None),
        ("问题", "提示", 0, None, None),
        ("未交", "215001", None, None, "云岭区社区网格管理中心（云岭区社会治理工作局）"),
        ("未交", "226001", None, None, "云岭区公共文化体育中心（云岭区文化体育局）"),
        ("规则", "TPL-008", 1, 1, "错误：交来的文件必须是能读取的工作簿"),
    ]
    assert listed["汇总"][13][:4] == ("规则", "TXT-001", 1, 1)
    assert len(listed["汇总"]) == 14


def test_findings_and_files_name_unit_and_department(listed: Sheets) -> None:
    assert [row[:8] for row in listed["问题清单"]] == [
        ("文件", "单位", "单位名称", "主管部门", "程度", "责任", "规则", "工作表"),
        ("b.xlsx", *STATION, "错误", "单位", "TXT-001", "项目1"),
        ("c.xlsx", None, None, None, "错误", "单位", "TPL-008", None),
    ]
    assert listed["收到的文件"][1:] == [
        ("a.xlsx", *LIBRARY, "通过", None),
        ("b.xlsx", *STATION, "未通过", None),
        ("c.xlsx", None, None, None, "无法读取", "文件已损坏，或没有传输完整"),
    ]


def test_what_passed_is_signed_for(listed: Sheets) -> None:
    head, line, blank, foot = listed["核对通过"]
    assert head == (
        *(
            "文件",
            "单位",
            "单位名称",
            "主管部门",
            "表",
            "结果",
            "项目数",
            "核对的单元格",
            "核对的规则",
        ),
        "sha256",
    )
    assert line[:7] == ("a.xlsx", *LIBRARY, FORM, "通过", 3)
    cells, rules, sha256 = line[7:]
    assert isinstance(cells, int)
    assert isinstance(rules, int)
    assert 60 < rules < 150
    assert cells > 100
    assert len(str(sha256)) == 64
    assert set(blank) == {None}
    assert str(foot[0]) == (
        "审核人：＿＿＿＿＿＿＿＿　　复核人：＿＿＿＿＿＿＿＿　　日期：＿＿＿＿年＿＿月＿＿日"
        f"　　检查日期 2026-12-01　程序 xltool {__version__}"
    )


def test_without_a_campaign_and_without_a_unit(tmp_path: Path) -> None:
    findings = [told("TXT-001", "B8", "没有填", severity="error", waiver="")]
    batch = Batch([Submission("a.xlsx", "00")], day=DAY)
    write_list(make_report(batch, Verdict(findings, [])), batch, tmp_path / "a.xlsx")
    sheets = sheets_of(tmp_path / "a.xlsx")
    assert sheets["汇总"][1] == ("填报", None, None, None, None)
    assert sheets["问题清单"][1][:5] == ("a.xlsx", None, None, None, "错误")
    assert len(sheets["核对通过"]) == 3
