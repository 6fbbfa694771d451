"""项目支出绩效目标表的目标值来源（docs/domain.md §10.4）。"""

from __future__ import annotations

import re

import polars as pl
from xltool.validators.shared.aims import Aim, aimed
from xltool.validators.shared.indicators import is_marked_row

from xltool.fields.measures import judged, name_key
from xltool.prose.targets import parse
from xltool.rules import FormTable, Offence, rule

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


_DUTIES = re.compile(
    "三定(?:方案|规定|职责|职能|文件)*|职能配置、?(?:内设机构和?)?(?:人员编制)?(?:的?规定)?|内设机构和人员编制(?:的?规定)?"
)
# a source of numbers beside it; the notice of the duties itself is none
_NUMBERS_FROM = re.compile(
    "合同|协议|计划|方案|办法|标准|制度|细则|规程|规范|批复|概算|考核|调查|问卷|测评|统计|台账|清单|名册|测算|纪要|上年|往年|历年|任务书"
)
_OF_DUTIES = re.compile("编|职数|人数|人员数|机构|科室|岗位")  # numbers that the duties do hold


def _only_duties(note: str | None, name: str | None) -> str | None:
    """Says something where the only source that a text names is the list of a unit's duties and posts."""
    if note is None or _OF_DUTIES.search(name or "") or not _DUTIES.search(note):
        return None
    return None if _NUMBERS_FROM.search(_DUTIES.sub("", note)) else "1"


def _number(aim: Aim) -> str | None:
    return "1" if aim.target.quantified else None


@rule(
    "IND-017",
    on="indicator",
    cells=["note", "target"],
    severity="info",
    message="“{lv3}”{more}的{note.label}是“三定”规定，那里查不到“{target}”这样的数",
    hint="请补充数的依据，如年度工作计划、合同、上年完成数",
)
def number_from_duties(indicator: FormTable) -> Offence:
    """“三定”方案（职能配置、内设机构和人员编制规定）定的是职能和编制，不是次数、比率，不能作为这些数的唯一来源。

    一个项目只说一次；编制、职数、人数、机构数不算，还写了别的来源的不算。

    | record | lv3        | target | note                                           |     |
    | 1      | 培训次数   | ≥2次   | 单位三定方案                                   | bad |
    | 1      | 宣传次数   | ≥2次   | 单位三定方案                                   | ok  |
    | 2      | 巡查覆盖率 | 100%   | 关于印发《云岭区网格中心职能配置、内设机构和人员编制规定》的通知 | bad |
    | 3      | 在编人数   | 12人   | 三定方案                                       | ok  |
    | 3      | 培训次数   | ≥2次   | 三定方案、2027年培训计划                       | ok  |
    | 3      | 工作秩序   | 良好   | 三定方案                                       | ok  |
    | 3      | 培训人数   | ≥90人  | 三定方案                                       | ok  |
    | 3      | 宣传次数   | ≥2次   | 2027年工作计划                                 | ok  |
    """
    found = judged(_only_duties, "note", "lv3").is_not_null()
    bad = found & aimed(indicator, _number).is_not_null() & pl.col("used")
    project = ("workbook", "record")
    count = bad.sum().over(project)
    first = pl.col("row") == pl.col("row").filter(bad).min().over(project)
    more = pl.when(count > 1).then(pl.format("等 {} 个指标", count)).otherwise(pl.lit(""))
    return Offence(bad & first, {"more": more})
