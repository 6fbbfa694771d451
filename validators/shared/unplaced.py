"""模板完整性：换成最新下发的表时，原来填的哪些内容没有带入（docs/domain.md §10.1）。"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from xltool.form.fact_tables import UNPLACED
from xltool.rules import FormTable, Offence, rule

_WHY = {
    "no_field": "新表没有这一栏",
    "no_room": "新表的行数不够",
    "no_row": "新表没有这样的行",
    "no_project": "新表里没有这个项目",
    "locked": "新表中由财政部门或系统填写",
}
_STEPS = {
    "no_field": "新表不再收这一项；还要说明的，请写到相近的栏目",
    "no_room": "请并入这一类其他的行；行数确实不够的，请向财政部门索取",
    "no_row": "请核对改填到哪一类；不再需要的不必填",
    "no_project": "项目还要申报的，请与财政部门核对名单",
    "locked": "请核对新表中的内容；有误的，请联系财政部门",
}


@rule(
    "TPL-017",
    on="sheet",
    severity="warning",
    message="原“{sheet}”的内容没有带入（{why}）：{detail}",
    hint="{step}；处理完的，请在“说明”中写明",
)
def content_has_no_place(sheet: FormTable) -> Offence:
    """重新下发后，单位在旧表里填的内容由 check --return 带进新表；放不下的，一直提醒，直到审核人员认可。

    | state    |     |
    | renamed  | ok  |
    | no_field | bad |
    | no_room  | bad |
    | locked   | bad |
    """
    said = {"why": _worded(_WHY), "step": _worded(_STEPS)}
    return Offence(pl.col("state").is_in(UNPLACED), said)


def _worded(words: Mapping[str, str]) -> pl.Expr:
    """The words for the state of each row."""
    state = pl.col("state").cast(pl.String)
    return state.replace_strict(words, default="", return_dtype=pl.String)
