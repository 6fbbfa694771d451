"""Rules on codes that need the office's own list, or that an office may switch off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from helpers import answers, check_files, fill_unit, make_campaign
from mutations import answer, described

from xltool.errors import OfficeError
from xltool.office.campaign import Campaign, load_campaign

UNIT = "106003"


def listed(campaign: Campaign, folder: Path, *lines: str) -> Campaign:
    """The campaign with another list of project types."""
    shutil.copytree(campaign.folder, folder)
    (folder / "项目类型.csv").write_text("\n".join(lines), encoding="gb18030")
    return load_campaign(folder)


def returned(campaign: Campaign, out: Path) -> Path:
    return fill_unit(campaign, UNIT, answers("declaration", UNIT), out / "return.xlsx")


def test_types_as_listed(declaration: Campaign, tmp_path: Path) -> None:
    path = returned(declaration, tmp_path)
    full_width = ["项目类型", "31 履职类项目", "15　履职类（运转）项目", "99 其他项目"]
    campaign = listed(declaration, tmp_path / "campaign", *full_width)
    assert check_files(campaign, path) == []


def test_types_not_as_listed(declaration: Campaign, tmp_path: Path) -> None:
    path = returned(declaration, tmp_path)
    campaign = listed(declaration, tmp_path / "campaign", "项目类型", "31 履职类(新增)项目")
    words = "与本年度的代码表不符"
    assert described(check_files(campaign, path)) == [
        f"COD-010 warning 项目1!E4 | 项目类型“31 履职类项目”{words}：代码 31 是“31 履职类(新增)项目”",
        f"COD-010 warning 项目2!E4 | 项目类型“15 履职类(运转)项目”{words}：表中没有这个代码",
        f"COD-010 warning 项目3!E4 | 项目类型“31 履职类项目”{words}：代码 31 是“31 履职类(新增)项目”",
    ]


def test_list_without_its_column(declaration: Campaign, tmp_path: Path) -> None:
    path = returned(declaration, tmp_path)
    campaign = listed(declaration, tmp_path / "campaign", "代码", "31")
    with pytest.raises(OfficeError, match="缺少列“项目类型”"):
        check_files(campaign, path)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            "",
            [
                "COD-007 info 项目3!B5 | 填报为非新增项目，但项目编码显示 2027 年（本年度）入库",
            ],
        ),
        ('\n[severity]\n"COD-007" = "off"\n', []),
    ],
    ids=["told", "off"],
)
def test_old_project_with_new_code(tmp_path: Path, settings: str, expected: list[str]) -> None:
    campaign = make_campaign("declaration", tmp_path / "campaign", settings)
    data = answers("declaration", UNIT)
    answer(3, {"是否新增项目": "否"})(data)
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    assert described(check_files(campaign, path)) == expected
