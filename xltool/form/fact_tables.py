"""Tables of facts: what reading a workbook found out beside its values.

A fact is not yet a finding. Rules turn facts into findings, with their severities and words, as for
every other table: those of `validators/shared/template.py` and `validators/shared/submissions.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from xltool.fields.tables import Date, Table, choice, date, integer, text
from xltool.form.model import TableView

# Why a content of an earlier issue has no place in the newest one (`write.carried_over`).
UNPLACED = ("no_field", "no_room", "no_row", "no_project", "locked")


class Submission(Table):
    """One returned workbook."""

    file: str = text("文件")
    form_id: str = text("表")
    sha256: str = text("摘要")
    problem: str = text("读取问题")
    remedy: str = text("怎么办")
    failure: str = text("程序出错")
    same_as: str = text("相同文件")
    superseded_by: str = text("按取舍选用的文件")
    followed_by: str = text("后来交的文件")
    seal: str = choice(
        "签发信息",
        [
            *("ok", "missing", "unsealed", "altered", "unknown_key", "other_form"),
            *("other_version", "superseded", "unlisted"),
            *("other_columns", "lost_form"),  # the office changed the form after it had issued it
        ],
    )
    unverified: str = text("未核对签发的原因")
    issued: str = text("签发内容")
    expected: str = text("应为")
    named_by: str = text("文件名所写的单位")
    in_roster: str = choice("在名册中", ["是", "否"])
    campaign_fy: int = integer("本次年度", minimum=2000, maximum=2099)


class Roster(Table):
    """The roster of the campaign: one row per run, once the deadline has passed."""

    missing: str = text("没有交表的单位")
    count: int = integer("没有交表的单位数", minimum=0, maximum=100_000)
    deadline: Date = date("截止日期")


class Sheet(Table):
    """A sheet of a returned workbook not as issued; what was moved, hidden or added on it.

    Of a sheet of an earlier issue, what has no place in this one.
    """

    sheet: str = text("工作表")
    expected: str = text("下发时")
    state: str = choice(
        "情况",
        [
            *("missing", "renamed", "copied", "surplus", "extra", "shifted", "beside", "commented"),
            *("concealed", "hidden", "remerged", "unprotected", "unseen"),
            *("macros", "links", "dde"),  # of the workbook as a whole
            *UNPLACED,
        ],
    )
    detail: str = text("说明")


class Cell(Table):
    """One cell of a returned workbook whose content or look is not as issued."""

    label: str = text("栏目")
    remark: str = text("情况")
    expected: str = text("应为")
    found: str = text("现为")
    value: str = text("读作")
    wanted: str = text("应填")


class Opinion(Table):
    """An opinion of the office on a cell of a returned workbook (`office.opinions`).

    `before` is what stood there when it was first shown, where the cell holds something else now.
    """

    opinion: str = text("意见")
    brief: str = text("意见摘要")
    grade: str = choice("级别", ["错误", "提醒"])
    asked: str = text("提出人")
    project: str = text("项目")
    found: str = text("内容")
    before: str = text("原为")
    now: str = text("现为")


FACT_TABLES: Mapping[str, TableView] = {
    model.table_name(): TableView(model.table_name(), model, model.fields())
    for model in (Submission, Roster, Sheet, Cell, Opinion)
}
