"""单位整体支出绩效目标表的规则（docs/domain.md §3、§10.9）。金额单位：万元。

两张对照表放在填报文件夹里，没有就不执行：
- 控制数.csv：单位代码、支出总计（部门预算表 1）、政府预算拨款支出总计（表 6）、基本支出、项目支出（表 3）；
- 任务对照.csv：单位代码、任务名称、支出类别（基本支出或项目支出）。
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl
from xltool.validators.shared.indicators import is_real_row, needed_row

from xltool.fields.measures import judged, name_key
from xltool.fields.tables import Amount, Table, amount, choice, text
from xltool.language.equations import Equation
from xltool.language.row_claims import SomeRow
from xltool.prose.estimates import estimate
from xltool.prose.quantities import money_words
from xltool.rules import FormTable, Lookup, Offence, Reference, rule

_MONEY = pl.Decimal(24, 2)
_RECORD = ("workbook", "record")
_KINDS = ("基本支出", "项目支出")


class ControlFigures(Table):
    """控制数：部门预算各表的合计。"""

    unit_code: str = text("单位代码", required=True)
    total: Amount = amount("支出总计", required=True)
    fiscal: Amount = amount("政府预算拨款支出总计", required=True)
    basic: Amount = amount("基本支出", required=True)
    project: Amount = amount("项目支出", required=True)


class TaskKind(Table):
    """任务对照：每项任务属于哪类支出。"""

    unit_code: str = text("单位代码", required=True)
    name: str = text("任务名称", required=True)
    kind: str = choice("支出类别", _KINDS, required=True)


CONTROL = Reference("控制数.csv", ControlFigures, "部门预算控制数")
KINDS = Reference("任务对照.csv", TaskKind, "任务与支出类别的对照")


def _control(name: str) -> Lookup:
    return Lookup(CONTROL, pl.col(name).first(), _MONEY, by=("unit_code",))


_LACKS_AN_AMOUNT = pl.any_horizontal(pl.col("fiscal", "other").is_null())
_UNKNOWN = Lookup("task", (pl.col("used") & _LACKS_AN_AMOUNT).sum(), pl.Int64())
_KIND_OF_TASK = Lookup(
    KINDS, pl.col("kind").first(), pl.String(), by=("unit_code", name_key("name"))
)


def half_shown(value: pl.Expr) -> pl.Expr:
    """hu(x) (docs/domain.md §0.2) of amounts that may be whole 万元: 0.5 for whole ones, else 0.005."""
    whole = value == value.round(0)
    return pl.when(whole).then(Decimal("0.5")).otherwise(Decimal("0.005"))


def _differs(found: pl.Expr, expected: pl.Expr) -> Offence:
    """A figure of this form against one of the published tables, which are often in whole 万元."""
    gap, tight = (found - expected).abs(), Decimal("0.005")
    allowed = half_shown(expected) + tight
    details = {"found": found, "expected": expected, "gap": gap}
    return Offence(gap > allowed, details, rounds=(gap > tight) & (gap <= allowed))


def _of_complete_tasks(offence: Offence) -> Offence:
    """The offence, unless the amount of a task is unknown, which has its own finding."""
    known = pl.col("unknown") == 0
    rounds = None if offence.rounds is None else offence.rounds & known
    return Offence(offence.bad & known, offence.details, rounds=rounds)


@rule("OA-001", on="unit", hint="请恢复金额合计的公式，或核对各项任务的总额")
def total_is_sum_of_tasks(unit: FormTable) -> Equation:
    """金额合计的总额必须等于各项任务的总额之和。

    | amount_total | task.amount |     |
    | 1307.00      | 1307.00     | ok  |
    | 1307.00      | 1306.00     | bad |
    """
    return Equation("amount_total == sum(task.amount)")


@rule("OA-001", on="unit", hint="请恢复金额合计的公式，或核对各项任务的财政拨款")
def fiscal_is_sum_of_tasks(unit: FormTable) -> Equation:
    """金额合计的财政拨款必须等于各项任务的财政拨款之和。

    | fiscal_total | task.fiscal |     |
    | 1300.00      | 1300.00     | ok  |
    | 1300.00      | 1306.00     | bad |
    """
    return Equation("fiscal_total == sum(task.fiscal)")


@rule("OA-001", on="unit", hint="请恢复金额合计的公式，或核对各项任务的其他资金")
def other_is_sum_of_tasks(unit: FormTable) -> Equation:
    """金额合计的其他资金必须等于各项任务的其他资金之和。

    | other_total | task.other |     |
    | 7.00        | 7.00       | ok  |
    | 7.00        | 0.00       | bad |
    """
    return Equation("other_total == sum(task.other)")


@rule("OA-002", on="task", hint="请恢复总额的公式，或核对财政拨款和其他资金")
def amount_is_fiscal_plus_other(task: FormTable) -> Equation:
    """每项任务的总额必须等于财政拨款与其他资金之和。

    | amount | fiscal | other |     |
    | 670.00 | 670.00 | 0.00  | ok  |
    | 670.00 | 600.00 | 7.00  | bad |
    """
    return Equation("amount == fiscal + other")


@rule(
    "OA-003",
    on="unit",
    cells=["amount_total"],
    using={"control": _control("total"), "unknown": _UNKNOWN},
    message="金额合计的总额为 {found} 万元，部门预算表 1 的支出总计为 {expected} 万元，相差 {gap} 万元",
    hint="请核对各项任务的金额是否齐全；部门预算有调整的，请联系财政部门更新控制数",
)
def total_is_budget(unit: FormTable) -> Offence:
    """金额合计的总额必须等于部门预算表 1 的支出总计。

    支出总计从填报文件夹的控制数.csv 取得；取整到万元的，尾差在半万元以内只作说明。

    | amount_total | control | unknown |     |
    | 1307.00      | 1307    | 0       | ok  |
    | 1306.85      | 1307    | 0       | ok  |
    | 1300.00      | 1307    | 0       | bad |
    | 1306.85      | 1306.95 | 0       | bad |
    | 1300.00      | 1307    | 1       | ok  |
    """
    return _of_complete_tasks(_differs(pl.col("amount_total"), pl.col("control")))


@rule(
    "OA-003",
    on="unit",
    cells=["fiscal_total"],
    using={"control": _control("fiscal"), "unknown": _UNKNOWN},
    message="金额合计的财政拨款为 {found} 万元，部门预算表 6 的支出总计为 {expected} 万元，相差 {gap} 万元",
    hint="请核对各项任务的财政拨款；部门预算有调整的，请联系财政部门更新控制数",
)
def fiscal_is_budget(unit: FormTable) -> Offence:
    """金额合计的财政拨款必须等于部门预算表 6 的支出总计。

    支出总计从填报文件夹的控制数.csv 取得；取整到万元的，尾差在半万元以内只作说明。

    | fiscal_total | control | unknown |     |
    | 1307.00      | 1307    | 0       | ok  |
    | 1300.00      | 1307    | 0       | bad |
    """
    return _of_complete_tasks(_differs(pl.col("fiscal_total"), pl.col("control")))


def _another_amount(content: str | None, amount: Decimal | None) -> str | None:
    """What 主要内容 comes to in 元, where that does not round to the amount in 万元."""
    found = estimate(content or "")
    said = [stated for stated in (found.sum, found.total, *found.this_year) if stated]
    if amount is None or not said:
        return None
    half = Decimal("0.5") if amount == amount.to_integral_value() else Decimal("0.005")
    if any(abs(a.value / 10000 - amount) <= half + a.half_unit / 10000 for a in said):
        return None
    return money_words(said[0].value)


@rule(
    "OA-004",
    on="task",
    cells=["content", "amount"],
    severity="warning",
    message="主要内容写的金额为 {found}，总额为 {amount} 万元",
    hint="请核对：主要内容里的金额四舍五入后应等于总额",
)
def content_says_another_amount(task: FormTable) -> Offence:
    """主要内容里写明的金额（合计，或各项之和），四舍五入后应等于总额。

    总额是整数的按万元取整比较。看不出哪些金额应当相加的，不作判断。

    | 主要内容                                 | 总额   |     |
    | 公务车 1 台，合计 4 万元                 | 4.00   | ok  |
    | 1.等保费 32 万元；2.运维费 38.4 万元     | 70.00  | ok  |
    | 1.等保费 32 万元；2.运维费 38.4 万元     | 71.00  | bad |
    | 月租金 12.8 万元，年租金 153.6 万元      | 154.00 | ok  |
    | 停车场改造费用                           | 4.00   | ok  |
    """
    found = judged(_another_amount, "content", "amount")
    return Offence(found.is_not_null(), {"found": found})


def _of_kind(kind: str) -> Offence:
    """The tasks of one kind against the control figure, said at the first of them."""
    here = (pl.col("kind") == kind).fill_null(value=False)
    amount = pl.when(here).then(pl.col("amount"))
    judgement = _differs(amount.sum().over(_RECORD), pl.col("control"))
    # an unmapped task or an unknown amount: the sum says nothing
    clear = pl.col("kind").is_not_null() & pl.col("amount").is_not_null()
    known = (clear | ~pl.col("used")).all().over(_RECORD)
    first = pl.col("row") == pl.when(here).then(pl.col("row")).min().over(_RECORD)
    told = known & first
    rounds = None if judgement.rounds is None else judgement.rounds & told
    return Offence(judgement.bad & told, judgement.details, rounds=rounds)


@rule(
    "OA-005",
    on="task",
    cells=["amount"],
    severity="warning",
    using={"kind": _KIND_OF_TASK, "control": _control("basic")},
    message="属于基本支出的任务合计 {found} 万元，部门预算表 3 的基本支出为 {expected} 万元，相差 {gap} 万元",
    hint="请核对这些任务的金额，或更正任务对照",
)
def basic_tasks_are_basic_expenditure(task: FormTable) -> Offence:
    """属于基本支出的任务之和应等于部门预算表 3 的基本支出。

    任务属于哪类支出，由填报文件夹的任务对照.csv 说明；有任务没有对照的，不作判断。

    | record | amount | kind     | control |     |
    | 1      | 4.00   | 基本支出 | 29      | ok  |
    | 1      | 25.00  | 基本支出 | 29      | ok  |
    | 2      | 4.00   | 基本支出 | 28      | bad |
    | 2      | 25.00  | 基本支出 | 28      | ok  |
    | 3      | 4.00   | 基本支出 | 28      | ok  |
    | 3      | 25.00  |          | 28      | ok  |
    """
    return _of_kind("基本支出")


@rule(
    "OA-005",
    on="task",
    cells=["amount"],
    severity="warning",
    using={"kind": _KIND_OF_TASK, "control": _control("project")},
    message="属于项目支出的任务合计 {found} 万元，部门预算表 3 的项目支出为 {expected} 万元，相差 {gap} 万元",
    hint="请核对这些任务的金额，或更正任务对照",
)
def project_tasks_are_project_expenditure(task: FormTable) -> Offence:
    """属于项目支出的任务之和应等于部门预算表 3 的项目支出。

    | record | amount | kind     | control |     |
    | 1      | 15.00  | 项目支出 | 15      | ok  |
    | 1      | 25.00  | 基本支出 | 15      | ok  |
    | 2      | 15.00  | 项目支出 | 16      | bad |
    """
    return _of_kind("项目支出")


@rule(
    "OA-005",
    on="task",
    cells=["name"],
    severity="warning",
    using={"kind": _KIND_OF_TASK, "control": _control("basic")},
    message="任务“{name}”不在任务对照里，不能核对基本支出和项目支出",
    hint="请在任务对照.csv 中写明这项任务属于哪类支出，或核对任务名称",
)
def task_is_not_mapped(task: FormTable) -> pl.Expr:
    """每项任务都应在任务对照里，否则基本支出和项目支出无法核对。

    | name     | kind     | control |     |
    | 公车运维 | 基本支出 | 29      | ok  |
    | 电费     |          | 29      | bad |
    | 电费     |          |         | ok  |
    """
    return pl.col("kind").is_null() & pl.col("control").is_not_null()


@rule(
    "OA-006",
    on="indicator",
    cells=["lv3"],
    unused=True,
    message="“{scope}”没有一行适用的指标",
    hint="数量、质量、时效、成本、效益、满意度至少各填一行，且不能填“不适用”",
)
def scope_without_indicator(indicator: FormTable) -> Offence:
    """产出的数量、质量、时效、成本，以及效益、满意度，至少各有一行适用的指标。

    | record | lv2            | lv3      | target |     |
    | 1      | 数量           | 巡查次数 | ≥2次   | ok  |
    | 1      | 质量           | 不适用   | 不适用 | bad |
    | 1      | 经济效益       | 不适用   | 不适用 | ok  |
    | 1      | 社会效益       | 覆盖率   | ≥90%   | ok  |
    | 2      | 服务对象满意度 |          |        | bad |
    | 2      | 其他满意度     | 不适用   | 不适用 | ok  |
    """
    scope = pl.when(pl.col("lv1") == "产出").then(pl.col("lv2")).otherwise(pl.col("lv1"))
    levels: dict[str, list[str]] = {}
    for lv1, lv2, _ in indicator.catalogue:
        levels.setdefault(lv2 if lv1 == "产出" else lv1, []).append(lv2)
    needed = [needed_row(indicator, f"{name}至少填一行", group) for name, group in levels.items()]
    bad = pl.any_horizontal(statement.offends(indicator.fields) for statement in needed)
    return Offence(bad, {"scope": scope}, live=needed)


_GENERIC = re.compile(r"服务|工作|经费|管理|购买|建设|项目|事务|其他|一般|业务|费用?|[^\w]|\d")


def _uncovered(name: str | None, indicators: str | None) -> str | None:
    """The name of a task no telling pair of whose characters occurs in the indicators."""
    words = [word for word in _GENERIC.split(name or "") if len(word) > 1]
    pairs = {word[i : i + 2] for word in words for i in range(len(word) - 1)}
    covered = not pairs or any(pair in (indicators or "") for pair in pairs)
    return None if covered else name


@rule(
    "OA-007",
    on="task",
    cells=["name", "amount"],
    severity="warning",
    using={
        "kind": _KIND_OF_TASK,
        "indicators": Lookup(
            "indicator",
            pl.concat_str(["lv3", "target"], separator=" ", ignore_nulls=True).str.join("\n"),
            pl.String(),
        ),
    },
    message="任务“{name}”占总额的 {share}%，没有指标提到它",
    hint="占总额 10% 以上的项目，请至少填一个反映其产出或效益的指标",
    enabled=False,
)
def large_project_without_indicator(task: FormTable) -> Offence:
    """占总额 10% 以上的项目支出，指标里应当提到。

    默认不执行：指标里换个说法（“智能终端”写作“PDA”）就找不到，只能提示审核人员去看。要用的，在
    campaign.toml 的 [severity] 里写 "OA-007" = "warning"，并备好任务对照.csv。

    | name         | amount | kind     | indicators       |     |
    | 终端购买服务 | 670.00 | 项目支出 | 终端完好率 ≥95%  | ok  |
    | 场所修缮     | 300.00 | 项目支出 | 终端完好率 ≥95%  | bad |
    | 宣传经费     | 30.00  | 项目支出 | 终端完好率 ≥95%  | ok  |
    | 场所租赁     | 300.00 | 基本支出 | 终端完好率 ≥95%  | ok  |
    """
    share = pl.col("amount") * 100 / pl.col("amount").sum().over(_RECORD)
    large = (share >= 10) & (pl.col("kind") == "项目支出")
    uncovered = judged(_uncovered, "name", "indicators").is_not_null()
    return Offence(large & uncovered, {"share": share.round(0).cast(pl.Int32)})


@rule(
    "AMT-025",
    on="cell",
    message="表头写的是“{found}”，应为“{expected}”：金额单位不一致",
    hint="本表金额一律按万元填写；请核对各项金额，并恢复表头",
)
def unit_in_heading_differs(cell: FormTable) -> pl.Expr:
    """表头印的金额单位必须与表的金额单位一致。

    | remark | expected         | found          |     |
    | locked | 预算金额（万元） | 预算金额       | ok  |
    | locked | 预算金额（万元） | 预算金额（元） | bad |
    | locked | 单位：万元       | 单位: 元       | bad |
    | locked | 任务名称         | 任务（元）     | ok  |
    """
    printed = r"[（(：:]\s*(亿元|万元|元)\s*[）)]?$"
    expected, found = (pl.col(name).str.extract(printed, 1) for name in ("expected", "found"))
    return (pl.col("remark") == "locked") & (expected != found)


@rule(
    "TXT-001",
    on="task",
    cells=["name"],
    unused=True,
    message="年度主要任务一项也没有填",
    hint="请至少填一项任务；这是必填项",
)
def no_task_at_all(task: FormTable) -> Offence:
    """年度主要任务至少填一项。

    | record | name     | content | used |     |
    | 1      | 公车运维 | 1 台    | yes  | ok  |
    | 1      |          |         | no   | ok  |
    | 2      |          |         | no   | bad |
    | 2      |          |         | no   | ok  |
    """
    none = ~pl.col("used").any().over(_RECORD)
    live = SomeRow("年度主要任务至少填一项", tuple(task.inputs), marked_will_do=True)
    return Offence(none & (pl.col("row") == pl.col("row").min().over(_RECORD)), live=[live])
