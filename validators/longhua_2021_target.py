"""项目支出绩效目标表（2021 版，一级、二级指标纵向合并；docs/domain.md §2）。金额单位：万元。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared import (
    amounts,
    copies,
    dates,
    evaluability,
    indicators,
    prose,
    sources,
    values,
    writing,
)
from xltool.validators.shared.calculations import wrong_product
from xltool.validators.shared.deadlines import date_outside_the_period
from xltool.validators.shared.goal_amounts import goal_amounts_do_not_fit
from xltool.validators.shared.goals import draft_in_overview, numbered_items_differ
from xltool.validators.shared.heads import too_dear_for_each_person
from xltool.validators.shared.indicators import needed_row
from xltool.validators.shared.reconciliation import (
    department_differs_from_control,
    project_count_differs_from_table_5,
    project_differs_from_table_5,
)
from xltool.validators.shared.statements import (
    goal_states_another_quantity,
    purpose_states_another_quantity,
)

from xltool.fields.measures import judged
from xltool.form import Claim, Equation, FormTable, Offence, Rows, SomeRow, Table, fields, rule
from xltool.prose.writing_flaws import nothing_said

TITLE = "项目支出绩效目标表"
VERSION = "2021.1"

CATALOGUE = (
    ("产出目标", "数量", 10),
    ("产出目标", "质量", 10),
    ("产出目标", "时效", 10),
    ("效果目标", "经济效益", 3),
    ("效果目标", "社会效益", 10),
    ("效果目标", "生态效益", 3),
    ("效果目标", "满意度", 5),
)
REQUIRED_LEVELS = ("数量", "质量", "时效", "满意度")
BENEFITS = ("经济效益", "社会效益", "生态效益")


class Project(Table):
    """项目：每张项目工作表一条。字数限制不是官方公布的，只作提醒。"""

    project_name = fields.text(
        "项目名称", max_chars=40, max_chars_severity="warning", required=True
    )
    dept_name = fields.text("主管单位", filled_by="system", prefill="department")
    project_type = fields.choice(
        "项目类型", ["一般性项目", "政府投资项目"], choices_open=True, required=True
    )
    fund_use = fields.choice(
        "资金用途",
        ["基础设施建设类", "日常运转类", "业务工作类"],
        choices_open=True,
        required=True,
    )
    start_date = fields.date("计划开始日期", required=True)
    end_date = fields.date("计划完成日期", required=True)
    amount_total = fields.amount("项目总金额（万元）", required=True)
    amount_year = fields.amount("本年度项目金额（万元）", required=True)
    amount_fiscal = fields.amount("财政拨款资金（万元）", required=True)
    amount_other = fields.amount("其他资金（万元）", required=True)
    amount_central_transfer = fields.amount("中央转移支付资金（万元）", required=True)
    amount_purchase_service = fields.amount("政府购买服务资金（万元）", required=True)
    overview = fields.text(
        "项目概况", max_chars=2000, max_chars_severity="warning", required=True, multiline=True
    )
    purpose = fields.text(
        "项目用途", max_chars=2000, max_chars_severity="warning", required=True, multiline=True
    )
    fixed_asset_amount = fields.amount("固定资产采购金额", required=True)
    fixed_asset_items = fields.text("采购品目")
    goal_midterm = fields.text(
        "项目总(中期)目标",
        max_chars=2000,
        max_chars_severity="warning",
        required=True,
        own_blank_rule=True,
        multiline=True,
    )
    goal_year = fields.text(
        "年度绩效目标", max_chars=2000, max_chars_severity="warning", required=True, multiline=True
    )


class Indicator(Rows):
    """指标：每行一个。目标值来源常超过 100 字，不适用 40 字的限制。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("指标内容", max_chars=40, max_chars_severity="warning")
    target = fields.text(
        "目标值", max_chars=40, max_chars_severity="warning", examples=indicators.TARGET_EXAMPLES
    )
    note = fields.text("目标值来源", max_chars=200, max_chars_severity="warning")


@rule(
    "TXT-001",
    on="project",
    cells=["goal_midterm"],
    message="项目总(中期)目标没有填",
    hint="请填写；这是必填项",
)
def goal_is_blank(project: FormTable) -> Claim:
    """项目总(中期)目标是必填项。跨年度项目由 TXT-005 指出；日期没有填的，先补日期。

    | 项目总(中期)目标 | 计划开始日期 | 计划完成日期 |     |
    | 保障网格巡查     | 2027-01-01   | 2027-12-31   | ok  |
    |                  | 2027-01-01   | 2027-12-31   | bad |
    |                  | 2027-01-01   | 2028-12-31   | ok  |
    """
    return Claim("filled(goal_midterm)", when="year(end_date) <= year(start_date)")


@rule(
    "TXT-005",
    on="project",
    cells=["goal_midterm", "end_date"],
    message="项目跨年度（至 {end_date}），没有填项目总(中期)目标",
    hint="跨年度项目必须填写总(中期)目标",
)
def long_project_without_goal(project: FormTable) -> Claim:
    """计划完成年份晚于开始年份的项目，必须填写项目总(中期)目标。

    | 项目总(中期)目标 | 计划开始日期 | 计划完成日期 |     |
    | 保障网格巡查     | 2027-01-01   | 2028-12-31   | ok  |
    |                  | 2027-01-01   | 2028-12-31   | bad |
    |                  | 2027-01-01   | 2027-12-31   | ok  |
    """
    return Claim("filled(goal_midterm)", when="year(end_date) > year(start_date)")


@rule("AMT-001", on="project", hint="请核对三个金额；两项资金之和必须等于总金额")
def total_is_fiscal_plus_other(project: FormTable) -> Equation:
    """项目总金额必须等于财政拨款资金与其他资金之和。

    | amount_total | amount_fiscal | amount_other |     |
    | 4901.41      | 4901.41       | 0.00         | ok  |
    | 4901.41      | 4900.41       | 0.00         | bad |
    """
    return Equation("amount_total == amount_fiscal + amount_other")


@rule("AMT-003", on="project", hint="当年开始当年完成的项目，两个金额应相同；请核对金额或日期")
def year_is_total(project: FormTable) -> Equation:
    """开始和完成都在填报年度的项目，本年度项目金额等于项目总金额。

    | amount_year | amount_total | 计划开始日期 | 计划完成日期 | fy   |     |
    | 12.00       | 12.00        | 2027-01-01   | 2027-12-31   | 2027 | ok  |
    | 11.00       | 12.00        | 2027-01-01   | 2027-12-31   | 2027 | bad |
    | 11.00       | 12.00        | 2026-01-01   | 2027-12-31   | 2027 | ok  |
    """
    return Equation(
        "amount_year == amount_total", when="year(start_date) == fy and year(end_date) == fy"
    )


@rule(
    "AMT-004",
    on="project",
    severity="warning",
    hint="财政拨款资金属于总金额的口径，请审核人员确认是否填成了本年度数",
    says_also={"AMT-006": "record", "AMT-009": "record"},
)
def fiscal_within_year(project: FormTable) -> Equation:
    """财政拨款资金大于本年度项目金额的，口径可能有误，请确认。

    | amount_fiscal | amount_year |     |
    | 12.00         | 12.00       | ok  |
    | 12.00         | 5.00        | bad |
    """
    return Equation("amount_fiscal <= amount_year")


@rule("AMT-005", on="project", hint="政府购买服务资金是总金额的一部分，请核对")
def purchase_within_total(project: FormTable) -> Equation:
    """政府购买服务资金不能大于项目总金额。

    | amount_purchase_service | amount_total |     |
    | 12.00                   | 12.00        | ok  |
    | 13.00                   | 12.00        | bad |
    """
    return Equation("amount_purchase_service <= amount_total")


@rule(
    "AMT-006",
    on="project",
    severity="warning",
    hint="请确认：购买服务的资金一般不超过本年度金额",
)
def purchase_within_year(project: FormTable) -> Equation:
    """政府购买服务资金大于本年度项目金额的，请确认。

    | amount_purchase_service | amount_year |     |
    | 12.00                   | 12.00       | ok  |
    | 13.00                   | 12.00       | bad |
    """
    return Equation("amount_purchase_service <= amount_year")


@rule("AMT-007", on="project", hint="中央转移支付资金是财政拨款的一部分，请核对")
def transfer_within_fiscal(project: FormTable) -> Equation:
    """中央转移支付资金不能大于财政拨款资金。

    | amount_central_transfer | amount_fiscal |     |
    | 0.00                    | 12.00         | ok  |
    | 13.00                   | 12.00         | bad |
    """
    return Equation("amount_central_transfer <= amount_fiscal")


@rule(
    "AMT-008",
    on="project",
    cells=["fixed_asset_items", "fixed_asset_amount"],
    message="固定资产采购金额为 {fixed_asset_amount} 万元，采购品目却没有写",
    hint="请填写采购品目；没有采购的，金额填 0",
)
def procurement_without_items(project: FormTable) -> Claim:
    """采购金额大于 0 时必须填写采购品目。

    | 固定资产采购金额 | 采购品目 |     |
    | 12.00            | 台式电脑 | ok  |
    | 12.00            |          | bad |
    | 0.00             |          | ok  |
    """
    return Claim("given(fixed_asset_items)", when="fixed_asset_amount > 0")


@rule(
    "AMT-008",
    on="project",
    severity="warning",
    cells=["fixed_asset_items", "fixed_asset_amount"],
    message="固定资产采购金额为 {fixed_asset_amount} 万元，采购品目写的是“{found}”",
    hint="请写明采购什么，如 台式电脑、打印机",
)
def items_say_nothing(project: FormTable) -> Offence:
    """采购金额大于 0 时，采购品目不能只写“同上”“略”“……”“见附件”。

    | 固定资产采购金额 | 采购品目   |     |
    | 12.00            | 台式电脑   | ok  |
    | 12.00            | 同上       | bad |
    | 12.00            | ……         | bad |
    | 12.00            | （见附件） | bad |
    | 12.00            | 待定       | bad |
    | 12.00            | 。         | bad |
    | 12.00            |            | ok  |
    | 12.00            | 无         | ok  |
    | 0.00             | 同上       | ok  |
    """
    found = judged(nothing_said, "fixed_asset_items")
    given = ~Claim("given(fixed_asset_items)").offends()
    bought = pl.col("fixed_asset_amount") > 0
    return Offence(bought & given & found.is_not_null(), {"found": found})


@rule(
    "AMT-008",
    on="project",
    cells=["fixed_asset_amount", "fixed_asset_items"],
    message="填了采购品目“{fixed_asset_items}”，固定资产采购金额却为 0",
    hint="请填写采购金额；没有采购的，清空采购品目",
)
def items_without_procurement(project: FormTable) -> Claim:
    """填了采购品目时采购金额必须大于 0。

    | 固定资产采购金额 | 采购品目 |     |
    | 12.00            | 台式电脑 | ok  |
    | 0.00             | 台式电脑 | bad |
    | 0.00             | 无       | ok  |
    """
    return Claim("fixed_asset_amount > 0", when="given(fixed_asset_items)")


@rule("AMT-009", on="project", hint="采购金额是总金额的一部分，请核对")
def procurement_within_total(project: FormTable) -> Equation:
    """固定资产采购金额不能大于项目总金额。

    | fixed_asset_amount | amount_total |     |
    | 12.00              | 12.00        | ok  |
    | 13.00              | 12.00        | bad |
    """
    return Equation("fixed_asset_amount <= amount_total")


@rule(
    "AMT-009",
    on="project",
    severity="warning",
    hint="请确认：采购金额一般不超过本年度金额",
)
def procurement_within_year(project: FormTable) -> Equation:
    """固定资产采购金额大于本年度项目金额的，请确认。

    | fixed_asset_amount | amount_year |     |
    | 12.00              | 12.00       | ok  |
    | 13.00              | 12.00       | bad |
    """
    return Equation("fixed_asset_amount <= amount_year")


@rule(
    "AMT-010",
    on="project",
    severity="warning",
    hint="固定资产采购和政府购买服务都是总金额的一部分，请核对有没有重复计算",
)
def parts_within_total(project: FormTable) -> Equation:
    """固定资产采购金额与政府购买服务资金之和，不大于项目总金额。

    单独一项已经超过总金额的，由 AMT-005、AMT-009 指出。

    | fixed_asset_amount | amount_purchase_service | amount_total |     |
    | 112.50             | 16.30                   | 128.80       | ok  |
    | 112.50             | 36.30                   | 128.80       | bad |
    | 0.00               | 130.00                  | 128.80       | ok  |
    """
    return Equation(
        "fixed_asset_amount + amount_purchase_service <= amount_total",
        when="fixed_asset_amount <= amount_total and amount_purchase_service <= amount_total",
    )


_ASSETS = "设备|家具|电脑|打印机|服务器"
_BUYS_ASSETS = f"(?:^|[^不无])购置[^，。；;\n]{{0,12}}(?:{_ASSETS})|(?:{_ASSETS})(?:的)?购置"


@rule(
    "AMT-016",
    on="project",
    severity="warning",
    cells=["fixed_asset_amount"],
    message="{found}写到购置设备、家具等，固定资产采购金额却为 0",
    hint="请填写采购金额和采购品目；不属于固定资产的，请在文字中说明",
)
def assets_without_amount(project: FormTable) -> Offence:
    """项目概况或项目用途写到购置设备、家具、电脑、打印机、服务器的，固定资产采购金额不应为 0。

    | 固定资产采购金额 | 项目概况         | 项目用途         |     |
    | 0.00             | 网格巡查         | 用于购置办公设备 | bad |
    | 12.00            | 网格巡查         | 用于购置办公设备 | ok  |
    | 0.00             | 购置宣传品、药品 | 用于设备维护     | ok  |
    | 0.00             | 不购置设备       | 用于设备维护     | ok  |
    """
    names = ("overview", "purpose")
    bought = {
        name: pl.col(name).str.contains(_BUYS_ASSETS).fill_null(value=False) for name in names
    }
    labels = [
        pl.when(bad).then(pl.lit(project.fields[name].short_label)) for name, bad in bought.items()
    ]
    none = pl.col("fixed_asset_amount") == 0
    return Offence(none & pl.any_horizontal(bought.values()), {"found": pl.coalesce(labels)})


@rule(
    "IND-006",
    on="indicator",
    cells=["lv3"],
    unused=True,
    message="“{lv2}”没有一行适用的指标",
    hint="数量、质量、时效、满意度至少各填一行，且不能填“不适用”",
)
def required_level_without_row(indicator: FormTable) -> SomeRow:
    """数量、质量、时效、满意度至少各有一行适用的指标。

    | lv2      | lv3      | target | note   |     |
    | 数量     | 巡查次数 | ≥2次   | 合同   | ok  |
    | 质量     | 不适用   | 不适用 | 不适用 | bad |
    | 经济效益 | 不适用   | 不适用 | 不适用 | ok  |
    """
    return needed_row(indicator, "{level}至少填一行", REQUIRED_LEVELS, each=True)


@rule(
    "IND-006",
    on="indicator",
    cells=["lv3"],
    unused=True,
    message="经济效益、社会效益、生态效益都没有适用的指标",
    hint="三类效益中至少填一行，且不能填“不适用”",
)
def no_benefit_at_all(indicator: FormTable) -> SomeRow:
    """经济、社会、生态效益中至少有一行适用的指标。问题标在经济效益的第一行。

    | record | lv2      | lv3      | target | note   |     |
    | 1      | 经济效益 | 不适用   | 不适用 | 不适用 | ok  |
    | 1      | 社会效益 | 办事效率 | 提升   | 调查   | ok  |
    | 2      | 经济效益 | 不适用   | 不适用 | 不适用 | bad |
    | 2      | 社会效益 | 不适用   | 不适用 | 不适用 | ok  |
    """
    return needed_row(indicator, "三类效益中至少填一行", BENEFITS)
