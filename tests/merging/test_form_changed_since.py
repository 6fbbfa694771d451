"""Returns of a form that the office changed after issue: merged where the columns are the same, else held back."""

from __future__ import annotations

from pathlib import Path

from author_mistakes import FORM, write_form
from helpers import fill_unit
from reissued import with_changed

from xltool.checking.running import check
from xltool.merging.merge import merge
from xltool.office.campaign import load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.issuing import issue
from xltool.write.returned import write_returned

DATA = {
    "联系人": "林晓岚",
    "总体目标": "建成社区阅览点。",
    "task": [
        {"name": "阅览点", "content": "新建", "fiscal": "6.00", "amount": "12.00"},
        {"name": "书架", "content": "续建", "fiscal": "2.00", "amount": "12.00"},
    ],
    "indicator": [{"lv2": "数量指标", "lv3": "新增阅览点", "target": "≥6个"}],
}
VALIDATOR, LAYOUT = f"validators/{FORM}.py", f"templates/{FORM}/layout.xml.j2"


def test_other_rows_merge_other_columns_do_not(tmp_path: Path) -> None:
    office = load_campaign(write_form(tmp_path / "office"))
    issue(office)
    path = fill_unit(office, "106001", DATA, tmp_path / "a.xlsx")
    changed = with_changed(office, VALIDATOR, '{"task": 3}', '{"task": 5}')
    result = merge([path], tmp_path / "out", changed, accept_warnings=True, jobs=1)
    assert [(e.outcome, e.detail) for e in result.entries] == [("merged", "")]
    assert result.notes == [
        "下发之后，本级改过这张表（任务由 3 行改为 5 行）：1 份按下发时的版面、下发时的规则检查，"
        "不算单位的问题；要用新表的，请重新下发"
    ]
    with_changed(
        changed, LAYOUT, '<label>联系人</label><field name="contact"/>', "<empty/><empty/>"
    )
    line = '    contact = fields.text("联系人", max_chars=10, required=True)\n'
    changed = with_changed(changed, VALIDATOR, line, "")
    result = merge([path], tmp_path / "other", changed, accept_warnings=True, jobs=1)
    assert [(e.outcome, result.folder) for e in result.entries] == [("pending", None)]
    batch = Batch([read_file(path, settings_for(changed, None))], changed)
    copies, notes = write_returned(batch, check(batch), tmp_path / "back")
    assert copies == {}
    assert notes == ["a.xlsx：待本级处理，未生成退回件；请先重新下发改过的表"]


def test_a_table_without_any_row(tmp_path: Path) -> None:
    """Nobody wrote an indicator: the import file has none."""
    office = load_campaign(write_form(tmp_path / "office"))
    issue(office)
    path = fill_unit(office, "106001", {**DATA, "indicator": []}, tmp_path / "a.xlsx")
    result = merge([path], tmp_path / "out", office, accept_warnings=True, jobs=1)
    assert [(e.outcome, e.detail) for e in result.entries] == [("merged", "")]
