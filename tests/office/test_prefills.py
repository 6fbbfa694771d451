"""Values of a CSV of the office in the cells of a form: last year's beside this year's."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from helpers import check_files, edit, fill_unit, template
from mutations import described
from purchasing import DATA, LAST, LAST_QUARTERS, purchasing
from small import UNIT, write_csv

from xltool.errors import OfficeError
from xltool.write.issuing import issue

SHEET = "采购预算"


def test_last_year_stands_locked_beside_this_year(tmp_path: Path) -> None:
    campaign = purchasing(tmp_path / "office")
    issue(campaign)
    page = openpyxl.load_workbook(template(campaign, UNIT))[SHEET]
    cells = [page[cell] for cell in ("D2", "B9", "B10")]
    assert [cell.value for cell in cells] == [1234.5, 1000, 234.5]
    assert all(cell.protection.locked for cell in cells)
    issued = campaign.issue_for(campaign.units[UNIT])
    assert issued.records[0]["last_total"] == "1234.50"
    assert issued.lines == [
        {
            "quarter": [
                {"quarter": "一季度", "last": "1000.00"},
                {"quarter": "二季度", "last": "234.50"},
            ]
        }
    ]
    other = openpyxl.load_workbook(template(campaign, "106002"))[SHEET]
    assert [other[cell.coordinate].value for cell in cells] == [None, None, None]
    assert campaign.notes == [
        "上年.csv 里没有单位 106002，取自它的栏目留空",
        "上年季度.csv 里没有单位 106002，取自它的栏目留空",
    ]
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "return.xlsx")
    assert check_files(campaign, path) == []

    def change(book: openpyxl.Workbook) -> None:
        book[SHEET]["B9"].value = 999

    assert described(check_files(campaign, edit(path, change, tmp_path / "changed.xlsx"))) == [
        "TPL-002 error 采购预算!B9 | 锁定的内容被改动：上年执行数（元）应为“1,000.00”，现为“999”"
    ]


@pytest.mark.parametrize(
    ("name", "rows", "line", "message"),
    [
        ("上年.csv", None, None, "找不到这个文件；请放进填报文件夹"),
        (
            "上年.csv",
            [["单位代码", "合计"], [UNIT, "1"]],
            1,
            "缺少列“上年合计”，是不是写成了“合计”？请改这一列的列名",
        ),
        (
            "上年.csv",
            [["单位", "上年合计"], [UNIT, "1"]],
            1,
            "缺少列“单位代码”，是不是写成了“单位”？请改这一列的列名",
        ),
        ("上年.csv", LAST[:1], None, "没有内容；请每行填写一个单位"),
        ("上年.csv", [*LAST, LAST[1]], 3, "单位 106001 的同一栏有两个值；请删去一行"),
        (
            "上年.csv",
            [LAST[0], [UNIT, "约三百"]],
            2,
            "上年合计（元）“约三百”不对，应为数字，单位元，最多 2 位小数；请改正",
        ),
        (
            "上年季度.csv",
            [*LAST_QUARTERS, [UNIT, "三季度", "1"]],
            None,
            "单位 106001 的“三季度、1.00”在表中没有位置；请核对 上年.csv、上年季度.csv，或在 [rows] 里加行",
        ),
    ],
)
def test_a_wrong_file_is_told_before_anything_is_issued(
    tmp_path: Path, name: str, rows: list[list[str]] | None, line: int | None, message: str
) -> None:
    campaign = purchasing(tmp_path / "office")
    path = campaign.folder / name
    if rows is None:
        path.unlink()
    else:
        write_csv(path, rows)
    with pytest.raises(OfficeError) as error:
        issue(campaign)
    assert (error.value.line, error.value.message) == (line, message)
    assert error.value.path in (path, campaign.folder)
    assert not (campaign.folder / "issued").exists()
