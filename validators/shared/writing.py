"""指标值的写法：符号、频率、标点，一行一个值（docs/domain.md §1.4、§10.5）。"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from xltool.validators.shared.aims import Aim, aimed, target_text

from xltool.prose.targets import Note
from xltool.rules import FormTable, Offence, rule

_SENTENCE = 12  # characters of a value with a number in it that is a sentence
_BARE_MONEY: Note = "ten thousand"
_WHOLE = 100  # %: no rate can be more, so that it needs no sign
_QUANTITIES = ("number", "percent", "money", "money rate", "date")


def _noted(note: Note) -> Callable[[Aim], str | None]:
    """What says the canonical form of a value that has a note."""
    return lambda aim: aim.target.canonical if note in aim.target.notes else None


def _without_sign(aim: Aim) -> str | None:
    target = aim.target
    vague = {"embedded", "range", "about"} & set(target.notes)
    if target.op or target.kind not in _QUANTITIES or vague or not target.quantified:
        return None
    is_whole = target.value == _WHOLE and target.unit == "%"
    return None if is_whole else "1"


@rule(
    "VAL-007",
    on="indicator",
    cells=["target"],
    severity="info",
    message="“{lv3}”的{target.label}“{target}”没有比较符号，看不出多了好还是少了好",
    hint="请写明 ≥ 或 ≤；日期写“……前”",
)
def value_without_sign(indicator: FormTable) -> pl.Expr:
    """数值、百分比、金额、日期要带比较符号；100%、时长和 1次/月 这样的频率可以不带。

    | lv3        | target        |     |
    | 考核合格率 | ≥95%          | ok  |
    | 考核合格率 | 不低于95%     | ok  |
    | 考核合格率 | 95%           | bad |
    | 考核合格率 | 100%          | ok  |
    | 完成时间   | 2027年9月30日 | bad |
    | 巡查频率   | 1次/月        | ok  |
    """
    return aimed(indicator, _without_sign).is_not_null()


@rule(
    "VAL-009",
    on="indicator",
    cells=["target"],
    severity="info",
    message="频率“{target}”可写作“{expected}”",
    hint="频率请统一写成“次数/周期”",
)
def frequency_written_otherwise(indicator: FormTable) -> Offence:
    """频率统一写成 1次/月 的样子。

    | lv3      | target   |     |
    | 巡查频率 | 1次/月   | ok  |
    | 巡查频率 | 每月一次 | bad |
    | 巡查频率 | 1个月/次 | bad |
    """
    better = aimed(indicator, _noted("frequency"))
    return Offence(better.is_not_null(), {"expected": better})


_QUOTED = 30  # characters of a value in a message


def _several(aim: Aim) -> str | None:
    """How many values stand in a cell, and what of it a message quotes: as it is written there."""
    return str(len(aim.target.atoms)) if aim.target.atoms else None


def _quoted(indicator: FormTable) -> pl.Expr:
    """The value as it is written; the beginning of a long one."""
    text = target_text(indicator)
    long = text.str.len_chars() > _QUOTED
    return pl.when(long).then(pl.format("{}…", text.str.slice(0, _QUOTED - 1))).otherwise(text)


def _is_calculation(indicator: FormTable) -> pl.Expr:
    """Whether a value is worked out in its cell: `8套*10000元/套=80000元`."""
    return target_text(indicator).str.contains(r"[0-9](?:[^，。；、\n]{0,8}?)[*×＊xX✕]\s*[0-9]")


@rule(
    "VAL-010",
    on="indicator",
    cells=["target"],
    severity="warning",
    says_also={"VAL-012": "cell"},
    message="“{lv3}”的{target.label}“{quoted}”里有 {count} 个值",
    hint="请拆成几行，每行一个指标、一个值",
)
def several_values(indicator: FormTable) -> Offence:
    """一行只写一个值；几个值、“或”的值请拆成几行。

    | lv3          | target         |     |
    | 购书数量     | ≥200本         | ok  |
    | 购书和桌数量 | 200本、8张     | bad |
    | 培训时长     | ≥2天或16小时   | bad |
    | 购书费用     | 20元/本*200本=4000元 | ok |
    """
    count = aimed(indicator, _several)
    several = count.is_not_null() & ~_is_calculation(indicator)
    return Offence(several, {"count": count, "quoted": _quoted(indicator)})


@rule(
    "VAL-010",
    on="indicator",
    cells=["target"],
    severity="warning",
    says_also={"VAL-012": "cell"},
    message="“{lv3}”的{target.label}“{quoted}”写的是算式",
    hint="请只写算出的结果，如 ≤4000元；算式写在说明或测算依据里",
)
def value_is_calculated(indicator: FormTable) -> Offence:
    """指标值只写算出的结果，不写算式。

    | lv3          | target                          |     |
    | 购书费用     | ≤4000元                         | ok  |
    | 购书费用     | 20元/本*200本=4000元            | bad |
    | 购书和桌费用 | 20元/本×200本、800元/张×8张     | bad |
    | 购书和桌数量 | 200本、8张                      | ok  |
    """
    count = aimed(indicator, _several)
    calculated = count.is_not_null() & _is_calculation(indicator)
    return Offence(calculated, {"quoted": _quoted(indicator)})


def _tidier(aim: Aim) -> str | None:
    """The canonical form where only the operator is written otherwise, and nothing else is told of it."""
    notes = aim.target.notes
    ours = "wording" in notes and aim.target.op != "eq" and not {"embedded", _BARE_MONEY} & {*notes}
    return aim.target.canonical if ours else None


@rule(
    "VAL-011",
    on="indicator",
    cells=["target"],
    severity="info",
    message="{target.label}“{target}”可写作“{expected}”",
    hint="比较请用 ≥ ≤ > < 四个符号",
    says_also={"VAL-012": "cell"},
)
def sign_written_otherwise(indicator: FormTable) -> Offence:
    """大于等于、以上、以内、≧ 等写法，统一用 ≥ ≤ > < 四个符号；＞ ＜ 只是全角，不算。

    等号不要求：以 = 开头的内容，表格软件会当作公式。

    | lv3        | target       |     |
    | 考核合格率 | ≥95%         | ok  |
    | 考核合格率 | 95%以上      | bad |
    | 考核合格率 | 大于等于95%  | bad |
    | 考核合格率 | ＞95%        | ok  |
    | 考核合格率 | ≧95%         | bad |
    """
    better = aimed(indicator, _tidier)
    narrow = target_text(indicator).str.replace_many(["＞", "＜"], [">", "<"])
    return Offence(better.is_not_null() & (narrow != better), {"expected": better})


@rule(
    "VAL-011",
    on="indicator",
    cells=["target"],
    severity="info",
    message="{target.label}“{target}”夹有说明文字，已读作“{expected}”",
    hint="请只写值；说明写到指标名称或解释中",
)
def value_inside_text(indicator: FormTable) -> Offence:
    """指标值只写值，不夹说明文字。

    | lv3        | target          |     |
    | 学员满意度 | ≥90%            | ok  |
    | 学员满意度 | 学员满意度达90% | bad |
    """
    read = aimed(indicator, _noted("embedded"))
    return Offence(read.is_not_null(), {"expected": read})


@rule(
    "VAL-011",
    on="indicator",
    cells=["target"],
    severity="info",
    message="{target.label}“{target}”看不出是期初还是期末，已读作“{expected}”",
    hint="请写到日，如 9月30日前",
)
def deadline_is_ambiguous(indicator: FormTable) -> Offence:
    """“9月前”可以指 9 月初，也可以指 9 月底，请写到日。

    | lv3      | target         |     |
    | 完成时间 | 2027年9月30日前 | ok  |
    | 完成时间 | 2027年9月底前  | ok  |
    | 完成时间 | 9月前          | bad |
    """
    read = aimed(indicator, _noted("ambiguous"))
    return Offence(read.is_not_null(), {"expected": read})


@rule(
    "VAL-011",
    on="indicator",
    cells=["target"],
    severity="info",
    message="{target.label}“{target}”已读作“{expected}”",
    hint="金额请写全单位：万元",
)
def ten_thousand_of_what(indicator: FormTable) -> Offence:
    """成本指标的“68万”请写作“68万元”。

    | lv2       | lv3        | target  |     |
    | *成本指标 | 培训总成本 | ≤68万元 | ok  |
    | *成本指标 | 培训总成本 | ≤68万   | bad |
    """
    read = aimed(indicator, _noted(_BARE_MONEY))
    return Offence(read.is_not_null(), {"expected": read})


@rule(
    "VAL-012",
    on="indicator",
    cells=["target"],
    severity="info",
    message="{target.label}“{target}”末尾有多余的标点",
    hint="请删去末尾的标点",
)
def value_ends_with_punctuation(indicator: FormTable) -> pl.Expr:
    """指标值末尾不加标点；整句的文字说明可以用句号，句子里有没有数值都一样。

    | lv3        | target           |     |
    | 考核合格率 | ≥95%             | ok  |
    | 考核合格率 | ≥95%；           | bad |
    | 居民安全感 | 居民安全感提升。 | ok  |
    | 居民安全感 | 提升、           | bad |
    | 支付时限   | 招投标结束后一个月之内完成支付。 | ok |
    | 支付时限   | 招投标结束后一个月之内完成支付； | bad |
    | 考核合格率 | 合格率95%以上。  | bad |
    | 租车费用   | 每车每月租金5000元，油费预计每月1500元左右。 | ok |
    """
    marked = aimed(
        indicator,
        lambda a: None if "punctuation" not in a.target.notes else a.target.kind,
    )
    text = target_text(indicator)
    words = marked.is_in(["qualitative", "reference"])
    words |= text.str.count_matches(r"\p{Han}") >= _SENTENCE
    return marked.is_not_null() & ~(text.str.contains("[。！!…]\\s*$") & words)
