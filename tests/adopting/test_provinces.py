"""Forms in the style of other provinces: what share of labels, spans and types comes out right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from provinces import PROVINCES, Province
from purchased_services import purchase_of_services
from small import ROSTER, put_key, write_csv

from xltool.adopting.adopting import Adopted, adopt
from xltool.adopting.diffing import diff
from xltool.fields.field import Field
from xltool.form.layout import a1
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.office.campaign import load_campaign
from xltool.write.issuing import issue


@pytest.fixture(
    scope="module", params=[*PROVINCES, purchase_of_services], ids=lambda make: make.__name__
)
def form(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Province, Adopted, Path]:
    """An official form, what adopting it said, and the folder of the adopted one."""
    make: Callable[[Path], Province] = request.param
    folder = tmp_path_factory.mktemp("province")
    province = make(folder)
    return province, adopt(province.path, "adopted", folder, 2027), folder


DOUBTS = {
    "财政支出绩效目标申报表": [
        "申报表!C5 主管部门编码：原表的格式是“常规”，种类按标签推定",
        "申报表!D21 分值：原表的格式是“常规”，种类按标签推定",
        "隐藏的工作表“选项”没有转，其中的下拉列表已写进校验文件",
    ],
    "部门预算项目支出绩效自评表": ["自评表!I8 总额的得分：原表的格式是“常规”，种类按标签推定"],
    "项目支出绩效目标申报表": [],
    "政府购买服务预算表": [],
}
BLANKS = {
    "部门预算项目支出绩效自评表": {"J19"}
}  # ruled and empty, but nothing to fill for a person


def test_every_label_and_type_comes_out_right(form: tuple[Province, Adopted, Path]) -> None:
    province, _, folder = form
    found = {
        cell: (field.label, type(field.kind).__name__.lower())
        for cell, field in fields_of(folder).items()
    }
    extra = BLANKS.get(province.name, set())
    assert {cell: what for cell, what in found.items() if cell not in extra} == province.fields
    assert extra <= set(found)


def test_every_cell_is_that_of_the_official_form(form: tuple[Province, Adopted, Path]) -> None:
    province, _, folder = form
    differences = diff(province.path, load_form("adopted", folder), 2027)
    assert [str(difference) for difference in differences] == []


def test_what_it_is_unsure_of_is_listed_and_marked(form: tuple[Province, Adopted, Path]) -> None:
    province, adopted, _ = form
    assert adopted.doubts == DOUBTS[province.name]
    marks = sum(path.read_text(encoding="utf-8").count("    # 请核对：") for path in adopted.files)
    assert marks == sum("!" in doubt for doubt in adopted.doubts)


def test_it_is_issued_as_it_stands(form: tuple[Province, Adopted, Path]) -> None:
    _, _, folder = form
    (folder / "campaign.toml").write_text('form = "adopted"\nyear = 2027\n', encoding="utf-8")
    write_csv(folder / "units.csv", ROSTER)
    write_csv(folder / "projects.csv", [["单位代码"]])
    put_key(folder)
    assert len(issue(load_campaign(folder))) == 1


def test_limits_units_dates_and_sums_are_those_of_the_words(tmp_path: Path) -> None:
    adopt(PROVINCES[0](tmp_path).path, "adopted", tmp_path, 2027)
    fields = fields_of(tmp_path)
    assert fields["C14"].max_chars == 450
    assert fields["F21"].max_chars == 150
    assert fields["C6"].shown == fields["F6"].shown == "yyyymmdd"
    assert fields["F4"].choices == ("基本建设", "专项业务", "其他")
    assert {fields[f"E{row}"].unit for row in range(7, 14)} == {"万元"}
    total = " + ".join(fields[f"E{row}"].name for row in range(8, 14))
    assert fields["E7"].computed == total


def test_sums_over_rows_and_products_in_a_row_are_computed(tmp_path: Path) -> None:
    adopt(PROVINCES[1](tmp_path).path, "adopted", tmp_path, 2027)
    fields = fields_of(tmp_path)
    assert fields["C3"].required
    assert fields["C20"].max_chars == 200
    assert fields["D8"].computed == f"sum(yusuanzhixingqingkuang_rows.{fields['D9'].name})"
    done, planned = fields["F9"].name, fields["E9"].name
    assert fields["G9"].computed == f"round({done} / {planned}, 2)"
    assert fields["I19"].computed == "sum(indicator.quanzhong)"


def test_numbered_rows_below_their_sums_are_one_table(tmp_path: Path) -> None:
    adopt(purchase_of_services(tmp_path).path, "adopted", tmp_path, 2027)
    form, fields = load_form("adopted", tmp_path), fields_of(tmp_path)
    (sheet,) = render(form, 2027).sheets
    table = sheet.blocks[0].table
    assert {(block.table, block.rows, block.always) for block in sheet.blocks} == {
        (table, 1, False)
    }
    assert fields["E5"].computed == f"sum({table}.{fields['E6'].name})"
    parts = (fields[f"{column}6"].name for column in "FGH")
    assert fields["E6"].computed == " + ".join(parts)


def fields_of(folder: Path) -> dict[str, Field]:
    """The fields of the adopted form by the address of their cells."""
    form = load_form("adopted", folder)
    (sheet,) = render(form, 2027).sheets
    found = {cell.address: form.field(sheet.record, n) for n, cell in sheet.fields.items()}
    rows = sheet.block_cells.items()
    return found | {a1(*place): form.field(block.table, name) for place, (block, name) in rows}
