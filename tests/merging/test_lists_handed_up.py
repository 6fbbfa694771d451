"""Forms with lists of the office: checked, merged, and judged again one level up without the lists."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from helpers import edit, fill_unit
from merges import outcomes
from openpyxl.workbook import Workbook
from purchasing import CATALOGUE, DATA, purchasing
from small import UNIT, write_csv

from xltool.checking.running import check_files
from xltool.merging.handed_up import HandedUp
from xltool.merging.merge import merge
from xltool.merging.result import open_results
from xltool.merging.tracing import Tracer
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.lower import COLUMNS, LOWER, Office, line_for
from xltool.write.issuing import issue

pytestmark = pytest.mark.usefixtures("parts_made_here")
LAX = '[severity]\n"TXT-020" = "warning"\n'


def district(folder: Path, settings: str = "") -> Campaign:
    """A district with this form, issued."""
    campaign = purchasing(folder, district="440399")
    with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    campaign = load_campaign(campaign.folder)
    issue(campaign)
    return campaign


def city(folder: Path, below: Campaign) -> Campaign:
    """A city that knows the district's key and the form, and has none of its lists."""
    campaign = purchasing(folder)
    (folder / CATALOGUE).unlink()
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    office = Office("440399", "云岭区", str(below.public_key))
    write_csv(folder / LOWER, [COLUMNS, line_for(office)])
    return load_campaign(campaign.folder)


def test_a_merge_of_such_a_form_is_merged_one_level_up(tmp_path: Path) -> None:
    below = district(tmp_path / "district")
    path = fill_unit(below, UNIT, DATA, tmp_path / "return.xlsx")
    result = merge([path], tmp_path / "below", below)
    assert outcomes(result) == [(UNIT, "return.xlsx", "merged")]
    above = city(tmp_path / "city", below)
    result = merge([tmp_path / "below"], tmp_path / "above", above)
    assert [entry.outcome for entry in result.entries] == ["merged"]
    for name in ("below", "above"):
        item = pl.read_parquet(tmp_path / name / "data" / "item.parquet")
        assert item.select("code", "name", "known_as").rows() == [
            ("000000000000000000101", "*货物1品目1", "*货物1品目1"),
            ("000000000000000020307", "服务3品目7", "服务3品目7"),
        ]
    (found,) = Tracer(tmp_path / "above", above.folder).cell("采购项目!I2")
    assert (found.label, found.value, found.sheet, found.cell) == (
        *("编码对应的品目", "*货物1品目1", "采购预算", "F4"),
    )


def test_the_city_judges_by_the_list_of_the_district(tmp_path: Path) -> None:
    below = district(tmp_path / "district", LAX)

    def change(book: Workbook) -> None:
        book["采购预算"]["B4"].value = "工程"
        book["采购预算"]["A5"].value = "000000000000000099999"

    path = fill_unit(below, UNIT, DATA, tmp_path / "return.xlsx")
    edit(path, change, path)
    merge([path], tmp_path / "below", below, accept_warnings=True)
    above = city(tmp_path / "city", below)
    opened = open_results([tmp_path / "below"], above)
    parts = (part for each in opened for part in HandedUp(each, above).parts())
    with check_files([], above, with_rows=True, more=parts) as checked:
        found = [f"{f.code} {f.severity} {f.cell} {f.message}" for f in checked.verdict.of(0)]
        skipped = checked.verdict.skipped
    assert (found, skipped) == (
        [
            "TXT-020 warning C4 中类“*货物1”不属于大类“工程”（品目目录.csv）",
            "TXT-020 warning A5 品目编码“000000000000000099999”在品目目录.csv中查不到",
        ],
        [],
    )
