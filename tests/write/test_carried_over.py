"""After a re-issue nobody types twice: an old return goes back in the newest template, with all its values."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from author_mistakes import FORM, write_form
from helpers import EXAMPLES, FORMS, answers, edit, fill_unit, make_campaign
from reissued import with_changed
from small import write_csv

from xltool.checking.running import check
from xltool.form.own_sheets import FRONT
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read, read_file
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
            f"原“工作计划”的内容没有带入（新表没有这一栏）：E2 联系人“联系人{number}”（TPL-017）"
        ]
        first = front.index("您交的是早先下发的表，已换成最新的表（1 处）")
        others = ("请修改：", "请核对：", "已补回空表", "已为您恢复")
        assert not any(text.startswith(others) for text in front[:first])
        assert front[first + 1 : first + 3] == ["已恢复", "错误"]
        assert [text for text in front if "已带入" in text] == [
            f"已填的 {len(moved)} 处内容已带入最新下发的表，请核对后交回，不必重填。"
            "新表的变化：删去栏目“联系人”；任务由 3 行改为 5 行"
        ]
    assert len(counts) > 8  # they are filled differently


LESS = {  # of each form a field that the office takes away from the units
    "budget": "note",
    "declaration": "calc_basis",
    "declaration_2022": "overview",
    "national": "goal_midterm",
    "selfeval": "deviation",
    "target": "purpose",
    "unit": "goal_year",
}
# what is missed there would be the office's to fill, and no copy went back: not asked for here
ASKING = {"budget": "BD-016", "selfeval": "SE-009"}


@pytest.mark.parametrize("example", FORMS)
def test_built_in_forms_with_other_rows(example: str, tmp_path: Path) -> None:
    """campaign.toml changed: two rows more wherever there are some, then a field less."""
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
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'[fields]\n{LESS[example]}.filled_by = "system"\n')
        if example in ASKING:
            file.write(f'[severity]\n{ASKING[example]} = "off"\n')
    changed = load_campaign(campaign.folder)
    issue(changed, [unit])
    changed = load_campaign(campaign.folder)
    old, new, front = carried(changed, path, tmp_path / "less")
    assert values(new) == values(old, (LESS[example],))
    gone = [value[-1] for value in values(old) if value[3] == LESS[example]]
    left = [text for text in front if "没有带入（新表中由财政部门或系统填写）" in text]
    assert gone
    named = [re.sub(r"^.*?）：[^“]*“(.*)”（TPL-017）$", r"\1", t, flags=re.DOTALL) for t in left]
    assert sorted(named) == sorted(gone)


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign with a form of its own; issued to one unit."""
    campaign = load_campaign(write_form(tmp_path / "office"))
    issue(campaign)
    return campaign


FULL = {
    "联系人": "林晓岚",
    "总体目标": "建成社区阅览点。" * 40,  # 320 characters
    "task": [
        {"name": "阅览点", "content": "新建", "fiscal": "6.00", "amount": "12.00"},
        {"name": "书架", "content": "续建", "fiscal": "2.05", "amount": "12.00"},
        {"name": "活动", "content": "续建", "fiscal": "2.00", "amount": "12.00"},
    ],
    "indicator": [
        {"lv2": "数量指标", "lv3": "新增阅览点", "target": "≥6个"},
        {"lv2": "质量指标", "lv3": "验收合格率", "target": "≥95%"},
    ],
}
FITS = [
    (
        '{"task": 3}',
        '{"task": 2}',
        [
            "原“工作计划”的内容没有带入（新表的行数不够）：B7 "
            "任务名称“活动”；主要内容“续建”；财政拨款“2.00”；总额“12.00”（TPL-017）"
        ],
    ),
    (
        '["新建", "续建"]',
        '["新建", "改建"]',
        ["主要内容“续建”不在可选项中（新建／改建）（TXT-020）"] * 2,
    ),
    ("max_chars=500", "max_chars=300", ["总体目标有 320 字，限 300 字（TXT-002）"]),
    (
        '"质量指标", 2',
        '"时效指标", 2',
        [
            "原“工作计划”的内容没有带入（新表没有这样的行）：D13 三级指标“验收合格率”；指标值“≥95%”（TPL-017）",
        ],
    ),
    (
        'fields.text("联系人", max_chars=10, required=True)',
        'fields.text("联系人", filled_by="system", prefill="unit_code")',
        ["原“工作计划”的内容没有带入（新表中由财政部门或系统填写）：E2 联系人“林晓岚”（TPL-017）"],
    ),
    (
        'goal = fields.text("总体目标", max_chars=500, required=True, multiline=True)',
        'goal = fields.text("总体目标", max_chars=500)\n    duty = fields.text("主要职能", required=True)',
        ["主要职能没有填（TXT-001）"],
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), FITS, ids=[case[1][:20] for case in FITS])
def test_what_no_longer_fits_and_what_is_new(
    office: Campaign, tmp_path: Path, old: str, new: str, told: list[str]
) -> None:
    path = fill_unit(office, "106001", FULL, tmp_path / "a.xlsx")
    with_changed(office, VALIDATOR, '"2027.1"', '"2027.2"')
    if "duty" in new:
        goal = '<field name="goal" colspan="4"/></row>'
        row = '\n  <row><label>主要职能</label><field name="duty" colspan="4"/></row>'
        with_changed(office, LAYOUT, goal, goal + row)
    changed = with_changed(office, VALIDATOR, old, new)
    issue(changed)
    changed = load_campaign(office.folder)
    before, after, front = carried(changed, path, tmp_path / "back")
    problems = [
        text for text in front if text.endswith("）") and re.search(r"（[A-Z]+-\d+）$", text)
    ]
    assert problems[1:] == told  # what was carried over comes first
    left = sum(text.count("“") - 1 for text in told if "没有带入" in text)
    assert len(values(after)) == len(values(before)) - left


def found_in(campaign: Campaign, path: Path) -> list[str]:
    """What a return is told, with what the unit says of it."""
    batch = read([path], campaign, jobs=1)
    return [f"{f.code} {f.severity} {f.message}→{f.explanation}" for f in check(batch).findings]


def reissued(office: Campaign, old: str, new: str) -> Campaign:
    """The campaign with its form changed, issued again."""
    issue(with_changed(office, VALIDATOR, old, new))
    return load_campaign(office.folder)


NO_ROOM = (
    "TPL-017 warning 原“工作计划”的内容没有带入（新表的行数不够）：B7 "
    "任务名称“活动”；主要内容“续建”；财政拨款“2.00”；总额“12.00”→"
)
NO_FIELD = "TPL-017 warning 原“工作计划”的内容没有带入（新表没有这一栏）：E2 联系人“林晓岚”→"


def test_what_has_no_place_is_told_until_it_is_accepted(office: Campaign, tmp_path: Path) -> None:
    """The copy handed in untouched does not pass in silence, nor after another re-issue."""
    path = fill_unit(office, "106001", FULL, tmp_path / "a.xlsx")
    with_changed(office, VALIDATOR, '"2027.1"', '"2027.2"')
    changed = reissued(office, '{"task": 3}', '{"task": 2}')
    carried(changed, path, tmp_path / "back")
    (copy,) = (tmp_path / "back").iterdir()
    assert found_in(changed, copy) == [NO_ROOM]
    said = tmp_path / "said.xlsx"
    edit(copy, explaining("TPL-017", "活动并入书架一行"), said)
    assert found_in(changed, said) == [f"{NO_ROOM}活动并入书架一行"]

    line = '    contact = fields.text("联系人", max_chars=10, required=True)\n'
    with_changed(
        changed, LAYOUT, '<label>联系人</label><field name="contact"/>', "<empty/><empty/>"
    )
    again = reissued(changed, line, "")
    _, _, front = carried(again, said, tmp_path / "again")
    assert [t for t in front if "没有带入" in t] == [
        f"{each.removeprefix('TPL-017 warning ').removesuffix('→')}（TPL-017）"
        for each in (NO_FIELD, NO_ROOM)
    ]
    (copy,) = (tmp_path / "again").iterdir()
    assert found_in(again, copy) == [NO_FIELD, f"{NO_ROOM}活动并入书架一行"]


def explaining(code: str, text: str) -> Callable[[Any], None]:
    """Write a 说明 on the line of the first problem with this code on 退回修改."""

    def change(book: Any) -> None:
        page = book[FRONT]
        rows = [row for row in page.iter_rows() if any(code in str(c.value) for c in row)]
        head = next(row for row in page.iter_rows() if any(c.value == "说明" for c in row))
        column = next(n for n, c in enumerate(head) if c.value == "说明")
        rows[0][column].value = text

    return change


def test_more_than_a_seal_can_bear(office: Campaign, tmp_path: Path) -> None:
    """What a stranger typed is never cut: it goes back to be typed anew."""
    path = fill_unit(office, "106001", {**FULL, "联系人": "林"}, tmp_path / "a.xlsx")
    long = edit(
        path, lambda book: book["工作计划"].__setitem__("E2", "长" * 30_001), tmp_path / "b.xlsx"
    )
    with_changed(office, LAYOUT, '<label>联系人</label><field name="contact"/>', "<empty/><empty/>")
    line = '    contact = fields.text("联系人", max_chars=10, required=True)\n'
    changed = reissued(office, line, "")
    assert refused(changed, long) == [
        "b.xlsx：放不进最新的表的内容太多（1 处）；请让单位用它重填，未生成退回件"
    ]


def test_projects_go_by_their_codes(tmp_path: Path) -> None:
    """One is gone, two have changed places, one of the unit's own stands on a spare sheet."""
    prefilled = ("project_name",)
    campaign = make_campaign("target", tmp_path / "office", units=["226002"])
    data = answers("target", "226002")
    path = fill_unit(campaign, "226002", data, tmp_path / "a.xlsx")
    lists = campaign.folder / "projects.csv"
    head, *lines = lists.read_text("utf-8").splitlines()
    own = [line for line in lines if line.startswith("226002,")]
    others = [line for line in lines if not line.startswith("226002,")]
    lists.write_text(
        "\n".join([head, "226002,新增的项目", *reversed(own), *others]) + "\n", "utf-8"
    )
    changed = load_campaign(campaign.folder)
    issue(changed, ["226002"])
    changed = load_campaign(campaign.folder)
    old, new, _ = carried(changed, path, tmp_path / "back")
    assert sorted(values(new, prefilled)) == sorted(values(old, prefilled))
    lists.write_text("\n".join([head, "226002,新增的项目", *own[1:], *others]) + "\n", "utf-8")
    changed = load_campaign(campaign.folder)
    issue(changed, ["226002"])
    changed = load_campaign(campaign.folder)
    old, new, front = carried(changed, path, tmp_path / "again")
    gone = [value for value in values(old, prefilled) if value not in values(new)]
    named = [text for text in front if "（新表里没有这个项目）" in text]
    assert len(gone) == sum(text.count("“") - 1 for text in named) > 5
    assert all(any(value[-1] in text for text in named) for value in gone if value[3] != "amount")


def refused(campaign: Campaign, *paths: Path) -> list[str]:
    """Why no copy is written of the first of these files."""
    batch = read(paths, campaign, jobs=1)
    _, notes = write_returned(batch, check(batch), campaign.folder.parent / "back")
    return notes


def test_when_nothing_is_carried_over(office: Campaign, tmp_path: Path) -> None:
    path = fill_unit(office, "106001", FULL, tmp_path / "a.xlsx")
    changed = with_changed(office, VALIDATOR, '{"task": 3}', '{"task": 5}')
    issue(changed)
    changed = load_campaign(office.folder)
    newest = fill_unit(changed, "106001", FULL, tmp_path / "b.xlsx")
    assert refused(changed, path, newest) == []  # the newest one counts
    key = office.folder / "keys" / "office.key"
    key.rename(key.with_suffix(".away"))
    assert refused(changed, path) == [
        "a.xlsx：不能写出最新下发的表（找不到签发密钥；请从备份恢复这个文件（公钥 office.pub 不能代替，"
        "请保留）。没有备份的，只能用 xltool init 另建填报文件夹，全部重新下发：换了密钥，已下发的表都会认不出来），"
        "未生成退回件"
    ]
    key.with_suffix(".away").rename(key)
    settings = office.folder / "campaign.toml"
    settings.write_text(settings.read_text("utf-8") + '\ncontact = "85550000"\n', "utf-8")
    assert refused(load_campaign(office.folder), path) == [
        "a.xlsx：最近一次下发后设置或名单又改过；请先重新下发（xltool issue --unit 106001），未生成退回件"
    ]
