"""项目支出绩效目标表的目标值来源（docs/domain.md §10.4）。"""

from __future__ import annotations

import re

import polars as pl
from xltool.validators.shared.indicators import is_marked_row

from xltool.fields.measures import judged, name_key
from xltool.prose.targets import parse
from xltool.rules import FormTable, rule

# Words of a document, record or survey: with one of them, a number in the text does no harm.
_SOURCE = re.compile(
    "《|〔|合同|协议|计划|方案|办法|通知|规定|标准|制度|文件|细则|规程|规范|要求|批复|概算|预算|考核|调查|问卷|测评|评价|报表|报告"
    "|统计|台账|记录|清单|名册|工资表|系统|数据|测算|决议|纪要|条款|依据"
)


@rule(
    "IND-012",
    on="indicator",
    cells=["note", "lv3", "target"],
    severity="warning",
    message="{note.label}“{note}”只是重复了指标内容或目标值",
    hint="请填写目标值依据的文件、合同、计划或统计资料",
)
def source_repeats_the_row(indicator: FormTable) -> pl.Expr:
    """目标值来源不能与指标内容或目标值相同。

    | lv3      | target | note           |     |
    | 保障范围 | 云岭区 | 云岭区         | bad |
    | 保障范围 | 云岭区 | 保障范围       | bad |
    | 保障范围 | 云岭区 | 年度工作计划   | ok  |
    | 不适用   | 不适用 | 不适用         | ok  |
    """
    note = name_key("note")
    return ((note == name_key("lv3")) | (note == name_key("target"))) & ~is_marked_row(indicator)


def _quantities_only(note: str | None) -> str | None:
    """Says something where a text lists quantities and names no source."""
    if note is None or _SOURCE.search(note):
        return None
    return "1" if parse(note).kind == "compound" else None


@rule(
    "IND-012",
    on="indicator",
    cells=["note"],
    severity="warning",
    message="{note.label}“{note}”列的是数量，不是来源",
    hint="请填写目标值依据的文件、合同、计划或统计资料",
)
def source_lists_quantities(indicator: FormTable) -> pl.Expr:
    """目标值来源要写依据，不写数量清单。

    | lv3      | target | note                   |     |
    | 设备采购 | ≥3批   | 警示用品1批、工作证1批 | bad |
    | 设备采购 | ≥3批   | 2027年采购计划         | ok  |
    | 设备采购 | ≥3批   | 采购合同（用品1批、工作证1批） | ok |
    """
    return judged(_quantities_only, "note").is_not_null()
