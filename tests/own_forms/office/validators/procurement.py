"""政府采购预算表：汇总和 200 行明细，品目逐级选择，分季度用款，按类别小计。金额单位：元。"""

from xltool.form import Equation, FormTable, Rows, Table, fields, rule

TITLE = "政府采购预算表"
VERSION = "2027.1"
CAPACITY = {"item": 200}
KINDS = (("goods", "货物类"), ("works", "工程类"), ("services", "服务类"))
LIST = "品目目录.csv"


def _of_kind(column: str, kind: str) -> str:
    """The sum of a column of the details over the rows of one kind."""
    return f'sum(item.{column} where kind == "{kind}")'


class Summary(Table):
    """汇总：每份一张。"""

    unit_name = fields.text("预算单位", filled_by="system", prefill="unit_name")
    goods_total = fields.amount("货物类预算金额（元）", computed=_of_kind("amount", "货物类"))
    goods_q1 = fields.amount("货物类一季度（元）", computed=_of_kind("q1", "货物类"))
    goods_q2 = fields.amount("货物类二季度（元）", computed=_of_kind("q2", "货物类"))
    goods_q3 = fields.amount("货物类三季度（元）", computed=_of_kind("q3", "货物类"))
    goods_q4 = fields.amount("货物类四季度（元）", computed=_of_kind("q4", "货物类"))
    goods_sme = fields.amount("货物类中小企业预留（元）")
    works_total = fields.amount("工程类预算金额（元）", computed=_of_kind("amount", "工程类"))
    works_q1 = fields.amount("工程类一季度（元）", computed=_of_kind("q1", "工程类"))
    works_q2 = fields.amount("工程类二季度（元）", computed=_of_kind("q2", "工程类"))
    works_q3 = fields.amount("工程类三季度（元）", computed=_of_kind("q3", "工程类"))
    works_q4 = fields.amount("工程类四季度（元）", computed=_of_kind("q4", "工程类"))
    works_sme = fields.amount("工程类中小企业预留（元）")
    services_total = fields.amount("服务类预算金额（元）", computed=_of_kind("amount", "服务类"))
    services_q1 = fields.amount("服务类一季度（元）", computed=_of_kind("q1", "服务类"))
    services_q2 = fields.amount("服务类二季度（元）", computed=_of_kind("q2", "服务类"))
    services_q3 = fields.amount("服务类三季度（元）", computed=_of_kind("q3", "服务类"))
    services_q4 = fields.amount("服务类四季度（元）", computed=_of_kind("q4", "服务类"))
    services_sme = fields.amount("服务类中小企业预留（元）")
    total = fields.amount(
        "合计预算金额（元）", computed="goods_total + works_total + services_total"
    )
    q1 = fields.amount("合计一季度（元）", computed="goods_q1 + works_q1 + services_q1")
    q2 = fields.amount("合计二季度（元）", computed="goods_q2 + works_q2 + services_q2")
    q3 = fields.amount("合计三季度（元）", computed="goods_q3 + works_q3 + services_q3")
    q4 = fields.amount("合计四季度（元）", computed="goods_q4 + works_q4 + services_q4")


class Detail(Table):
    """明细：每份一张。"""

    unit_name = fields.text("预算单位", filled_by="system", prefill="unit_name")
    total = fields.amount("明细合计（元）", computed="sum(item.amount)")


class Item(Rows):
    """品目：每行一个。"""

    kind = fields.choice("类别", [name for _, name in KINDS], required=True)
    group = fields.choice("大类", lists=LIST, of="kind", required=True)
    code = fields.choice("品目编码", lists=LIST, of="group", required=True)
    name = fields.text("品目名称", lists=LIST, looked_up="code")
    quantity = fields.integer("数量", minimum=1, maximum=100000, required=True)
    price = fields.amount("单价（元）", required=True)
    amount = fields.amount("金额（元）", computed="round(quantity * price, 2)")
    q1 = fields.amount("一季度（元）", required=True)
    q2 = fields.amount("二季度（元）", required=True)
    q3 = fields.amount("三季度（元）", required=True)
    q4 = fields.amount("四季度（元）", required=True)
    method = fields.choice(
        "采购方式",
        ["公开招标", "邀请招标", "竞争性磋商", "竞争性谈判", "单一来源", "询价", "框架协议"],
        required=True,
    )


@rule("PUR-001", on="item", hint="请核对四个季度")
def quarters_make_the_amount(item: FormTable) -> Equation:
    """四个季度的用款之和等于金额。

    | amount | q1   | q2   | q3   | q4   |     |
    | 7.50   | 7.50 | 0.00 | 0.00 | 0.00 | ok  |
    | 7.50   | 7.00 | 0.00 | 0.00 | 0.00 | bad |
    """
    return Equation("amount == q1 + q2 + q3 + q4")


@rule("PUR-002", on="summary", hint="请核对汇总和明细")
def summary_is_the_details(summary: FormTable) -> Equation:
    """汇总的合计等于明细的合计。

    | total  | item.amount |     |
    | 300.00 | 300.00      | ok  |
    | 200.00 | 300.00      | bad |
    """
    return Equation("total == sum(item.amount)")
