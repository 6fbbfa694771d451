"""A form that changed after issue: its returns are read and judged as they were issued, and no unit is blamed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from author_mistakes import FORM, write_form
from helpers import fill_unit
from mutations import described
from reissued import with_changed
from small import UNIT

from xltool.checking.running import Verdict, check, check_files
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.kept_forms import FOLDER
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.issuing import issue

VALIDATOR = f"validators/{FORM}.py"
LAYOUT = f"templates/{FORM}/layout.xml.j2"
DATA = {
    "联系人": "林晓岚",
    "总体目标": "建成社区阅览点。" * 40,  # 320 characters
    "task": [
        {"name": "阅览点建设", "content": "新建", "fiscal": "6.00", "amount": "12.00"},
        {"name": "书架更新", "content": "续建", "fiscal": "2.00", "amount": "12.00"},
        {"name": "读者活动", "content": "续建", "fiscal": "2.00", "amount": "12.00"},
    ],
    "indicator": [{"lv2": "数量指标", "lv3": "新增阅览点", "target": "≥6个"}],
}


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign with a form of its own; issued."""
    campaign = load_campaign(write_form(tmp_path / "office"))
    issue(campaign)
    return campaign


def filled(campaign: Campaign, data: dict[str, Any], out: Path) -> Path:
    """What the unit made of its workbook."""
    return fill_unit(campaign, UNIT, data, out)


def judged(campaign: Campaign, path: Path) -> tuple[Batch, Verdict]:
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    return batch, check(batch)


def notice(what: str, judged_by: str = "下发时的规则") -> str:
    return (
        f"下发之后，本级改过这张表（{what}）：1 份按下发时的版面、{judged_by}检查，"
        "不算单位的问题；要用新表的，请重新下发"
    )


CHANGES = [
    (VALIDATOR, "max_chars=500", "max_chars=300", "“总体目标”的字数由 500 改为 300", False),
    (LAYOUT, "主要内容", "建设内容", "版面上的文字或位置", True),
    (VALIDATOR, '"2027.1"', '"2027.2"', "版本 2027.1 改为 2027.2", True),
    (VALIDATOR, '{"task": 3}', '{"task": 5}', "任务由 3 行改为 5 行", True),
    (VALIDATOR, '"数量指标", 2', '"数量指标", 4', "数量指标由 2 行改为 4 行", True),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "told", "kept"), CHANGES, ids=[change[2] for change in CHANGES]
)
def test_what_changed_is_told_once_and_of_no_unit(
    office: Campaign, tmp_path: Path, file: str, old: str, new: str, told: str, kept: bool
) -> None:
    path = filled(office, DATA, tmp_path / "a.xlsx")
    _, before = judged(office, path)
    changed = with_changed(office, file, old, new)
    batch, verdict = judged(changed, path)
    found = batch.submissions[0]
    assert found.seal == "ok"
    assert found.edition is not None
    if not kept:  # the same layout: the office's rules of today count for what it issued last
        assert [f.code for f in verdict.findings] == ["TXT-002"]
        return
    assert found.edition.recipe.own is not None
    assert found.edition.recipe.own.parent == office.folder / FOLDER
    assert described(verdict.findings) == described(before.findings) == []
    assert verdict.notes == [notice(told)]


def test_a_column_that_is_gone(office: Campaign, tmp_path: Path) -> None:
    path = filled(office, DATA, tmp_path / "a.xlsx")
    with_changed(office, LAYOUT, '<label>联系人</label><field name="contact"/>', "<empty/><empty/>")
    line = '    contact = fields.text("联系人", max_chars=10, required=True)\n'
    changed = with_changed(office, VALIDATOR, line, "")
    _, verdict = judged(changed, path)
    told = "删去栏目“联系人”"
    assert [(f.code, f.severity, f.whose, f.message) for f in verdict.findings] == [
        (
            "TPL-001",
            "error",
            "office",
            f"下发后本级改过这张表，栏目不同了（{told}）；不能与新表的一起合并",
        )
    ]
    assert verdict.notes == [notice(told)]
    shutil.rmtree(office.folder / FOLDER)
    _, verdict = judged(changed, path)
    assert [(f.code, f.severity, f.whose, f.message) for f in verdict.findings][:1] == [
        (
            "TPL-001",
            "error",
            "office",
            "下发后本级改过这张表，下发时的没有留存（同为版本 2027.1）："
            f"2027 年度 work_plan，单位 {UNIT} 云岭区政务服务中心",
        )
    ]


def test_settings_that_changed(office: Campaign, tmp_path: Path) -> None:
    """[rows] changes the layout, [fields] what is judged by it."""
    path = filled(office, DATA, tmp_path / "a.xlsx")
    settings = "\n[rows]\ntask = 6\n[fields]\ngoal.max_chars = 600\n"
    with (office.folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    _, verdict = judged(load_campaign(office.folder), path)
    assert described(verdict.findings) == []
    told = "“总体目标”的字数由 500 改为 600；任务由 3 行改为 6 行"
    assert verdict.notes == [notice(told, "现在的设置")]


def test_an_earlier_issue_is_judged_by_what_was_issued(office: Campaign, tmp_path: Path) -> None:
    """Its choices and rules of then; but that there is a newer one."""
    path = filled(office, DATA, tmp_path / "a.xlsx")
    old = office.issue_ids[UNIT]
    with_changed(office, VALIDATOR, '["新建", "续建"]', '["新建", "改建"]')
    changed = with_changed(office, VALIDATOR, '{"task": 3}', '{"task": 5}')
    issue(changed)
    changed = load_campaign(office.folder)
    batch, verdict = judged(changed, path)
    assert batch.submissions[0].seal == "superseded"
    assert described(verdict.findings) == [
        f"TPL-001 error | 这份表后来重新下发过：签发编号 {old}，最新为 {changed.issue_ids[UNIT]}"
    ]
    assert verdict.notes == []


def test_what_was_found_by_an_earlier_form_is_kept(office: Campaign, tmp_path: Path) -> None:
    (tmp_path / "returns").mkdir()
    path = filled(office, {**DATA, "联系人": ""}, tmp_path / "returns" / "a.xlsx")
    path.with_suffix(".json").unlink()
    changed = with_changed(office, VALIDATOR, '{"task": 3}', '{"task": 5}')

    def run() -> tuple[object, ...]:
        with check_files([path], changed, jobs=1) as checked:
            (found,) = checked.batch.submissions
            findings = [f for f in checked.verdict.of(0) if f.severity == "error"]
            return found.issued_as, found.edition, described(findings), checked.verdict.notes

    first, again = run(), run()
    assert again == first
    assert first[2:] == (
        ["TXT-001 error 工作计划!E2 | 联系人没有填"],
        [notice("任务由 3 行改为 5 行")],
    )
