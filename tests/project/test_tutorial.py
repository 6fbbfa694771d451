"""templates/README.md is true: who follows it to the letter in an empty folder has a checked return."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from commands import totals
from documents import ROOT
from following import follow, parts

PAGE = (ROOT / "templates" / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_form_from_nothing(tmp_path: Path) -> None:
    printed = follow(parts(PAGE)["从零做一张表"], tmp_path)
    checked, found = printed[0], printed[5]
    assert checked == "表「training」没有发现问题\n"
    assert totals(found) == "共 1 份：通过 1 份。没有发现问题。"
    assert (tmp_path / "版面.html").is_file()
    page = openpyxl.load_workbook(tmp_path / "合并" / "导入文件.xlsx").worksheets[0]
    head, row = page.iter_rows(values_only=True)
    assert head == ("单位代码", "单位", "班次", "开始日期", "人数", "金额")
    assert row[:3] == ("106001", "云岭区政务服务中心", "业务培训")
