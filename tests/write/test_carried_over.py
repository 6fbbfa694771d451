"""After a re-issue nobody types twice: an old return goes back in the newest template, with all its values."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from author_mistakes import FORM, write_form
from helpers import EXAMPLES, FORMS, answers, fill_unit, make_campaign
from reissued import with_changed
from small import write_csv

from xltool.checking.running import check
from xltool.form.own_sheets import FRONT
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch, Submission
from xltool.write.issuing import issue
from xltool.write.returned import write_returned

VALIDATOR = f"validators/{FORM}.py"
LAYOUT = f"templates/{FORM}/layout.xml.j2"
UNITS = [f"1060{number:02}" for number in range(1, 21)]

Values = list[tuple[Any, ...]]


def values(found: Submission, without: tuple[str, ...] = ()) -> Values:
    """All that the unit filled: by table, project, keys of the row, field, in the order of the rows."""
    assert found.edition is not None
    form, layout = found.edition.form, found.edition.layout
    names = {
        row.record: str(row.values.get("project_name"))
        for row in found.rows
        if row.table == form.record_table.name
    }
    told = []
    for row in found.rows:
        table = form.tables[row.table]
        place = next(iter(row.places.values()))
        block = layout.sheets[row.part].block_cells.get(place)
        keys = tuple(sorted(block[0].keys.items())) if block and table.is_rows else ()
        for name in row.places:
            value = row.raw.get(name) if name in row.unreadable else row.values[name]
            if value is not None and table.fields[name].filled_by == "unit" and name not in without:
                told.append((row.table, names.get(row.record), keys, name, str(value)))
    return told


def carried(
    campaign: Campaign, path: Path, folder: Path
) -> tuple[Submission, Submission, list[str]]:
    """A return of an earlier issue, the copy that goes back, and the texts of its first page."""
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    assert batch.submissions[0].seal == "superseded"
    copies, notes = write_returned(batch, check(batch), folder)
    assert notes == []
    (back,) = copies.values()
    found = read_file(back, settings_for(campaign, None))
    assert found.seal == "ok"
    assert found.issue is not None
    assert found.issue.issue_id == campaign.issue_ids[found.issue.unit]
    rows = openpyxl.load_workbook(back)[FRONT].iter_rows(values_only=True)
    return batch.submissions[0], found, [str(v) for row in rows for v in row if v is not None]


def filling(number: int) -> dict[str, Any]:
    """What one unit fills in: each one something else, some rows blank between others."""
    chance = random.Random(number)
    task = [
        {
            "name": f"第 {number} 单位任务 {n}",
            "content": chance.choice(["新建", "续建"]),
            "fiscal": f"{chance.randint(0, 900) / 100:.2f}",
            "amount": f"{chance.randint(900, 2000) / 100:.2f}",
        }
        for n in range(chance.randint(0, 3))
    ]
    indicator = [
        {"lv2": lv2, "lv3": f"指标 {number}-{lv2}-{n}", "target": f"≥{chance.randint(1, 99)}个"}
        for lv2 in ("数量指标", "质量指标", "社会效益指标")
        for n in range(chance.randint(0, 2))
    ]
    return {
        "联系人": f"联系人{number}",
        "总体目标": f"单位 {number} 的目标。" * chance.randint(1, 30),
        "task": task,
        "indicator": indicator,
    }


def test_two_rows_more_and_a_field_less(tmp_path: Path) -> None:
    folder = write_form(tmp_path / "office")
    head = ["单位代码", "单位名称", "主管部门", "部门代码"]
    write_csv(folder / "units.csv", [head, *([u, f"第 {u} 单位", "部门", "106"] for u in UNITS)])
    office = load_campaign(folder)
    issue(office)
    paths = [fill_unit(office, u, filling(n), tmp_path / f"{u}.xlsx") for n, u in enumerate(UNITS)]
    with_changed(office, VALIDATOR, '{"task": 3}', '{"task": 5}')
    with_changed(office, LAYOUT, '<label>联系人</label><field name="contact"/>', "<empty/><empty/>")
    line = '    contact = fields.text("联系人", max_chars=10, required=True)\n'
    changed = with_changed(office, VALIDATOR, line, "")
    issue(changed)
    changed = load_campaign(folder)
    counts = set()
    for number, path in enumerate(paths):
        old, new, front = carried(changed, path, tmp_path / "back")
        moved = values(old, without=("contact",))
        assert values(new) == moved
        counts.add(len(moved))
        assert [text for text in front if "没有带入" in text] == [
            f"原“工作计划”E2 “联系人”的内容没有带入（新表没有这一栏）：联系人{number}（TPL-001）"
        ]
        assert [text for text in front if "已带入" in text] == [
            f"已填的 {len(moved)} 处内容已带入最新下发的表，请核对后交回，不必重填。"
            "新表的变化：删去栏目“联系人”；任务由 3 行改为 5 行"
        ]
    assert len(counts) > 8  # they are filled differently


@pytest.mark.parametrize("example", FORMS)
def test_built_in_forms_with_other_rows(example: str, tmp_path: Path) -> None:
    """[rows] of campaign.toml changed: two rows more wherever there are some."""
    campaign = make_campaign(example, tmp_path / "office")
    unit = sorted((EXAMPLES / example / "answers").iterdir())[0].stem
    path = fill_unit(campaign, unit, answers(example, unit), tmp_path / f"{unit}.xlsx")
    rows = {lv2: n + 2 for t in campaign.form.tables.values() for _, lv2, n in t.catalogue}
    rows |= {name: n + 2 for name, n in campaign.form.capacity.items()}
    settings = campaign.folder / "campaign.toml"
    lines = "".join(f"{json.dumps(k, ensure_ascii=False)} = {n}\n" for k, n in rows.items())
    before = re.sub(r"(?m)^\[rows\]\n(.+\n)*", "", settings.read_text("utf-8"))
    settings.write_text(f"{before}\n[rows]\n{lines}", encoding="utf-8")
    changed = load_campaign(campaign.folder)
    issue(changed, [unit])
    changed = load_campaign(campaign.folder)
    old, new, front = carried(changed, path, tmp_path / "back")
    assert values(new) == values(old)
    assert [text for text in front if "没有带入" in text] == []
