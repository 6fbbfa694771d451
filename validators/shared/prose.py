"""文字的毛病：占位、括号、引号、重复、年份、空白（docs/domain.md §10.2）。适用于每张表的文字栏目。

读文字的规则都只是提醒：已公布的真实文本里有的写法，宁可漏过，不误报。
"""

from __future__ import annotations

from functools import partial

import polars as pl
from xltool.validators.shared.indicators import is_marked_row, one_set, row_inputs

from xltool.fields.kinds import Field
from xltool.fields.measures import judged, normalised
from xltool.prose.nothing import WORDS
from xltool.prose.writing_flaws import (
    doubled,
    escaped,
    nothing_said,
    other_year,
    placeholder,
    unpaired,
)
from xltool.rules import FormTable, Offence, rule


def _is_typed(field: Field) -> bool:
    """True for text that the unit writes."""
    return field.kind.free and field.filled_by == "unit"


def _is_written(field: Field) -> bool:
    """True for text that somebody writes, the unit or, beforehand, the office; not for printed levels."""
    return field.kind.free and field.filled_by in ("unit", "system") and field.name not in _LEVELS


def _said(found: pl.Expr) -> Offence:
    """An offence where a function found something; the message shows it as {found}."""
    return Offence(found.is_not_null(), {"found": found})


_LEVELS = ("lv1", "lv2")  # printed by the layout
_SUBJECTS = ("overview", "policy_basis", "purpose", "goal_midterm", "goal_long", "goal_year")


@rule(
    "TXT-006",
    on="project",
    severity="warning",
    message="{found}的内容完全相同",
    hint="请分别填写：概况写做什么，用途写钱花在哪里，目标写要达到的结果",
)
def same_text_twice(project: FormTable) -> list[Offence]:
    """项目概况（政策依据）、用途、总目标（长期目标）、年度目标的内容不应完全相同。

    比较时不计空格和换行。

    | goal_year          | goal_midterm       | overview         | purpose          |     |
    | 全年巡查12次       | 建成巡查体系       | 网格巡查         | 支付巡查人员费用 | ok  |
    | 全年巡查12次       | 全年 巡查12次      | 网格巡查         | 支付巡查人员费用 | bad |
    | 网格巡查           | 建成巡查体系       | 网格巡查         | 支付巡查人员费用 | bad |
    | 不便填写           | 不便填写           | 不便填写         | 不便填写         | ok  |
    """
    names = [name for name in project.fields if name in _SUBJECTS]
    labels = {name: project.fields[name].short_label for name in names}
    # two texts still to be written have findings of their own
    written = {name: judged(nothing_said, name).is_null() for name in names}
    same: dict[str, pl.Expr] = {}
    for number, name in enumerate(names):
        others = [normalised(name) == normalised(other) for other in names[:number]]
        if others and project.fields[name].filled_by == "unit":
            same[name] = pl.any_horizontal(others).fill_null(value=False) & written[name]
    if not same:
        return []
    first = pl.coalesce(pl.when(bad).then(pl.lit(name)) for name, bad in same.items())
    text = pl.coalesce(pl.when(bad).then(normalised(name)) for name, bad in same.items())
    shared = [
        pl.when(normalised(name) == text).then(pl.lit(label)) for name, label in labels.items()
    ]
    words = pl.concat_list(shared).list.drop_nulls().list.join("、")
    real = text.is_in(WORDS).not_()
    return [Offence(pl.any_horizontal(same.values()) & real, {"found": words}, first)]


_TEXTS_ALIKE = 2  # that say the same nothing: one finding for the project
_MANY_ROWS = 3  # that say the same nothing: one finding for all of them
_ROW_CELLS = ("lv3", "target", "note", "deviation")  # of indicators: judged by row, or may be 无


def _must_say_something(field: Field) -> bool:
    """True for a text of the unit that no 无 or 略 may stand for."""
    wanted = field.multiline or field.required
    return _is_typed(field) and wanted and field.name not in _ROW_CELLS


@rule(
    "TXT-022",
    on="project",
    severity="warning",
    message="本项目有 {count} 栏文字只写了“{found}”，没有实际内容",
    hint="请逐栏填写；确实不便填写的，请与财政部门联系",
    says_also={"TXT-007": "record"},
)
def project_says_nothing(project: FormTable) -> list[Offence]:
    """一个项目有两栏以上的文字只写了同一句“不便填写”“略”“无”的，合起来说一次，这个项目的 TXT-007 不再另说。

    涉密项目确实不便填写的，由预算部门在 campaign.toml 的 [severity] 中把 "TXT-022" 和 "TXT-007" 都写成 "off"。

    | overview   | goal_year  |     |
    | 不便填写   | 不便填写。 | bad |
    | 略         | 略         | bad |
    | 不便填写   | 网格巡查   | ok  |
    | 不便填写   | 略         | ok  |
    """
    names = [name for name, field in project.fields.items() if _is_typed(field) and field.multiline]
    if len(names) < _TEXTS_ALIKE:
        return []
    said = {name: judged(nothing_said, name) for name in names}
    found = pl.coalesce(said.values())
    alike = {name: (words == found).fill_null(value=False) for name, words in said.items()}
    count = pl.sum_horizontal(*alike.values())
    first = pl.coalesce(pl.when(same).then(pl.lit(name)) for name, same in alike.items())
    return [Offence(count >= _TEXTS_ALIKE, {"count": count, "found": found}, first)]


@rule(
    "TXT-007",
    each=_must_say_something,
    severity="warning",
    message="{label}写的是“{found}”，还没有实际内容",
    hint="请填写具体内容",
)
def placeholder_in_text(field: Field) -> Offence:
    """文字栏目不能只写“略”“无”“待定”“见附件”“……”、标点或 0，也不能留下“XX”等待替换的字样。

    涉密项目确实不便填写的，由预算部门在 campaign.toml 的 [severity] 中写 "TXT-007" = "off" 关闭。

    | 内容           | multiline |     |
    | 网格巡查       | 1         | ok  |
    | 略             | 1         | bad |
    | 不便填写。     | 1         | bad |
    | （详见附件1）  | 1         | bad |
    | 服务XX个社区   | 1         | bad |
    | 。。           | 1         | bad |
    | 0              | 1         | bad |
    | 省略无关的环节 | 1         | ok  |
    """
    # “无” may be what was achieved: no complaints
    return _said(judged(placeholder if field.name == "actual" else nothing_said, field.name))


@rule(
    "TXT-007",
    on="indicator",
    severity="warning",
    cells=["lv3", "target", "note"],
    message="{where}写的是“{found}”，还没有实际内容",
    hint="请填写具体内容；不适用的，整行填“不适用”",
    says_also={"IND-008": "cell"},
)
def placeholder_in_indicator(indicator: FormTable) -> Offence:
    """指标行里不能写“略”“不便填写”“待定”“见附件”“XX”“……”；指标解释（目标值来源）和名称也不能只写“无”“同上”“-”。

    一个项目有三行以上写的相同的，只在第一行说一次。涉密项目确实不便填写的，由预算部门在 campaign.toml 的
    [severity] 中写 "TXT-007" = "off" 关闭。

    | lv3      | target   | note         |     |
    | 培训次数 | ≥2次     | 反映培训情况 | ok  |
    | 培训次数 | 略       | 反映培训情况 | bad |
    | 培训次数 | 不便填写 | 反映培训情况 | bad |
    | 培训人数 | 不便填写 | 反映培训情况 | ok  |
    | 培训场次 | 不便填写 | 反映培训情况 | ok  |
    | 不适用   | 不适用   | 不适用       | ok  |
    | 培训次数 | ≥2次     | 无           | bad |
    | 培训次数 | ≥2次     | 无。         | bad |
    | 培训次数 | ≥2次     | 同上         | bad |
    | 培训次数 | ≥2次     | -            | bad |
    | 培训次数 | ≥2次     | ……           | bad |
    | 同上     | ≥2次     | 反映培训情况 | bad |
    | 无事故   | 0        | 反映事故情况 | ok  |
    | 培训次数 | 0次      | 无故缺席的不计 | ok |
    | 无       | 无       | 无           | ok  |
    | 不适用   | 不适用   | 无           | ok  |
    """
    said_by = {"lv3": nothing_said, "target": placeholder, "note": nothing_said}
    names = row_inputs(indicator)
    cases = {name: judged(said_by[name], name) for name in names}
    at = pl.coalesce(
        pl.when(found.is_not_null()).then(pl.lit(name)) for name, found in cases.items()
    )
    found = pl.coalesce(cases.values())
    bad = at.is_not_null() & ~is_marked_row(indicator) & pl.col("used")
    alike = (*one_set(indicator), pl.when(bad).then(found))
    several = pl.len().over(alike)
    first = pl.col("row") == pl.col("row").min().over(alike)
    many = several >= _MANY_ROWS
    where = pl.when(many).then(pl.format("本项目有 {} 行指标", several))
    words = {"found": found, "where": where.otherwise(pl.lit("指标行里"))}
    return Offence(bad & (first | ~many), words, at)


@rule(
    "TXT-008",
    each=_is_written,
    severity="warning",
    message="{label}中{found}",
    hint="请补上或统一括号、引号；中文里用全角",
)
def unpaired_brackets(field: Field) -> Offence:
    """括号、书名号、引号要成对，前后同为全角或同为半角。

    条目编号 1）、a) 不算；半角引号由 TXT-009 检查。预算部门带出的文字也检查。

    | 内容                          |     |
    | 巡查（含节假日）和“一网统管”  | ok  |
    | 巡查（含节假日                | bad |
    | 云岭政数〔2027〕3号）         | bad |
    | （云岭政数〔2027〕3号)        | bad |
    | 云岭政数〔2027﹞3号           | bad |
    | 1）巡查；2）核查              | ok  |
    """
    return _said(judged(unpaired, field.name))


@rule(
    "TXT-009",
    each=_is_typed,
    severity="warning",
    message='{label}带有粘贴时留下的半角引号（"）',
    hint="请删去多余的引号，改为：{found}……",
)
def clipboard_quotes(field: Field) -> Offence:
    """从表格软件粘贴的文字，首尾不应带半角引号，中间不应有两个相连的半角引号。

    句中成对的半角引号（"一网统管"平台）不算。

    | 内容                          |     |
    | 为完成巡查提供保障            | ok  |
    | "《云岭区巡查办法》"          | bad |
    | 信息通报率达100%"             | bad |
    | "云岭区""年度发布会"          | bad |
    | "一网统管"平台运维            | ok  |
    """
    return _said(judged(escaped, field.name))


@rule(
    "TXT-010",
    each=_is_typed,
    severity="warning",
    message="{label}中“{found}”连写了两遍",
    hint="请删去重复的文字",
)
def doubled_words(field: Field) -> Offence:
    """同一个词或同一句话不应紧接着写两遍（“用于用于”），文件名不应拼接两遍。

    “社会管理管理人员”一类前后两个词各用一次的、“一步一步”一类叠用的不算。

    | 内容                                                 |     |
    | 用于支付巡查费用                                     | ok  |
    | 用于用于支付巡查费用                                 | bad |
    | 社会管理管理人员一步一步推进                         | ok  |
    | 根据《云岭区社区网格根据《云岭区社区网格管理办法》   | bad |
    | 提升巡查质量和效率，提升巡查质量和效率，接受监督     | bad |
    """
    return _said(judged(doubled, field.name))


@rule(
    "TXT-012",
    each=lambda field: _is_typed(field) and field.multiline,
    severity="warning",
    message="{label}写的是 {found}的安排，本表的年度是 {fy} 年",
    hint="请核对年份：可能是照抄了往年的文字",
)
def plan_of_another_year(field: Field) -> Offence:
    """写当年安排的句子，年份应是填报年度。

    文号、文件和合同的年份，尾款、结转，写过去情况的（“已”“截至”“较上年”），以及起止期间都不算；本年度支付、
    评选、审计、编印上年的（“发放上年度考核奖金”）也不算。长期目标可以写以后的年份。

    | 内容                                   | multiline |     |
    | 2027年完成巡查12次                     | 1         | ok  |
    | 2026年完成巡查12次                     | 1         | bad |
    | 支付2026年合同尾款，2026年已巡查12次   | 1         | ok  |
    | 根据云岭政数〔2026〕3号文，开展巡查    | 1         | ok  |
    | 发放2026年度考核奖金                   | 1         | ok  |
    | 完成2026年度决算审计                   | 1         | ok  |
    | 对2026年建成的驿站开展维护             | 1         | ok  |
    | 2026年5月至2027年5月开展巡查           | 1         | ok  |
    """
    goal = field.name in ("goal_year", "goal_expected")
    long = field.name in ("goal_long", "goal_midterm", "policy_basis")
    return _said(judged(partial(other_year, goal=goal, long=long), field.name, "fy"))


@rule(
    "TXT-013",
    on="project",
    severity="warning",
    cells=["project_name"],
    message="项目名称含有“{found}”",
    hint="有的导入系统不接受空格、书名号和特殊符号，请删去或改用文字",
)
def name_with_special_characters(project: FormTable) -> Offence:
    """项目名称不含空格、书名号和 ! @ # $ % ^ & * ? ￥ < > 等符号（有的导入系统不接受）。

    | project_name         |     |
    | 网格巡查（第二期）   | ok  |
    | 《网格巡查》         | bad |
    | 网格 巡查            | bad |
    | 网格巡查&分拨        | bad |
    """
    if "project_name" not in project.fields:
        return Offence(pl.lit(value=False))
    name = pl.col("project_name").str.strip_chars()
    found = name.str.extract(r'([《》\s!@#$%^&*?？!￥<>"])', 1)
    shown = pl.when(found.str.strip_chars() == "").then(pl.lit("空格")).otherwise(found)
    return Offence(found.is_not_null(), {"found": shown})


@rule(
    "TXT-014",
    each=lambda field: _is_typed(field) and not field.multiline and field.name != "project_name",
    severity="info",
    message="{label}里有换行或连续空格",
    hint="单行栏目请删去换行和多余的空格",
)
def breaks_in_single_line(field: Field) -> pl.Expr:
    """单行栏目里不应有换行和连续的空格。

    | 内容       |     |
    | 网格 巡查  | ok  |
    | 网格  巡查 | bad |
    """
    return pl.col(field.name).str.strip_chars().str.contains(r"\n|[ \u{a0}\u{3000}]{2}")
