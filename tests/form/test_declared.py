"""What fields declare is checked for a form that imports no rule at all, at return and live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import check_files, edit, fill_unit
from mutations import described
from small import ROSTER, UNIT, put_key, write_csv

from xltool.errors import OfficeError, each_of
from xltool.form.catalogue import list_rules
from xltool.form.loading import form_ids, load_form
from xltool.form.rules_in_force import lacking
from xltool.language.values import UNREADABLE
from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue
from xltool.write.live.checks import live_checks
from xltool.write.live.row_tests import LiveRules
from xltool.write.submission import Contents, places_of

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="plan" name="采购计划" columns="16 20 14 14 16 16 16">
  <row><title colspan="7">采购计划表</title></row>
  <row><label>编码</label><field name="code" colspan="2"/><label>联系人</label><field name="contact" colspan="3"/></row>
  <row><label>开始日期</label><field name="start" colspan="2"/><label>合计</label><field name="total" colspan="3"/></row>
  <row><head>品名</head><head>方式</head><head>数量</head><head>单价</head><head>运费</head><head>税费</head><head>金额</head></row>
  <block table="item" rows="{{ rows.item }}">
    <row><field name="name"/><field name="mode"/><field name="count"/><field name="price"/><field name="freight"/><field name="tax"/><field name="cost"/></row>
  </block>
</sheet>
</form>
"""
VALIDATOR = '''\
"""采购计划表：没有导入任何规则。"""

from xltool.fields.tables import Amount, Date, Rows, Table, amount, choice, code, date, integer, text

TITLE = "采购计划表"
VERSION = "2027.1"
CAPACITY = {"item": 5}


class Plan(Table):
    """计划：一个单位一张。"""

    code: str = code("编码", digits=6, required=True)
    contact: str = text("联系人", max_chars=4, required=True)
    start: Date = date("开始日期")
    total: Amount = amount("合计（元）", computed="sum(item.cost)")


class Item(Rows):
    """品目：每行一项。"""

    name: str = text("品名", required=True)
    mode: str = choice("方式", ["集中", "分散"])
    count: int = integer("数量", minimum=1, maximum=100)
    price: Amount = amount("单价（元）")
    freight: Amount = amount("运费（元）")
    tax: Amount = amount("税费（元）")
    cost: Amount = amount("金额（元）", computed="count * price + freight + tax")
'''
PAGE = "采购计划"
ITEM = {"品名": "电脑", "方式": "集中", "数量": "2", "单价": "3000", "运费": "50"}
DATA = {"编码": "440399", "联系人": "办公室", "开始日期": "2027-01-01", "items": [ITEM]}
Make = Callable[..., Campaign]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a campaign with a form of its own; `changes` are pairs of texts of the validator."""

    def made(*changes: tuple[str, str], settings: str = "") -> Campaign:
        validator = VALIDATOR
        for old, new in changes:
            assert old in validator
            validator = validator.replace(old, new)
        folder = tmp_path / f"office {len(list(tmp_path.iterdir()))}"
        (folder / "templates" / "purchase").mkdir(parents=True)
        (folder / "validators").mkdir()
        (folder / "templates" / "purchase" / "layout.xml.j2").write_text(LAYOUT, encoding="utf-8")
        (folder / "validators" / "purchase.py").write_text(validator, encoding="utf-8")
        toml = f'form = "purchase"\nyear = 2027\n{settings}'
        (folder / "campaign.toml").write_text(toml, encoding="utf-8")
        write_csv(folder / "units.csv", ROSTER)
        put_key(folder)
        return load_campaign(folder)

    return made


@pytest.fixture
def office(make: Make) -> Campaign:
    """The campaign as it is, issued."""
    campaign = make()
    issue(campaign)
    return campaign


def found_with(office: Campaign, folder: Path, cells: dict[str, Any]) -> list[str]:
    """What is found in a good return in whose cells something else is typed."""
    good = fill_unit(office, UNIT, DATA, folder / "good.xlsx")

    def change(book: openpyxl.Workbook) -> None:
        for address, value in cells.items():
            book[PAGE][address].value = value

    return described(check_files(office, edit(good, change, folder / "return.xlsx")))


def test_a_good_return(office: Campaign, tmp_path: Path) -> None:
    """A blank part counts as 0: 2 × 3000 + 50, without tax."""
    path = fill_unit(office, UNIT, DATA, tmp_path / "return.xlsx")
    assert check_files(office, path) == []
    values = openpyxl.load_workbook(path, data_only=True)[PAGE]
    assert [values[cell].value for cell in ("G5", "E3", "G6")] == [6050, 6050, None]


ITEM_COST = "金额（元） ＝ 数量 × 单价（元） ＋ 运费（元） ＋ 税费（元）"
CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"E2": None}, ["TXT-001 error 采购计划!E2 | 联系人没有填"]),
    ({"A5": None}, ["TXT-001 error 采购计划!A5 | 品名没有填"]),
    ({"E2": "办公室甲乙"}, ["TXT-002 error 采购计划!E2 | 联系人有 5 字，限 4 字"]),
    ({"E5": "约三百"}, ["AMT-011 error 采购计划!E5 | 运费（元）“约三百”不是数字"]),
    ({"B5": "随便"}, ["TXT-020 error 采购计划!B5 | 方式“随便”不在可选项中（集中／分散）"]),
    ({"B2": "44039"}, ["COD-001 error 采购计划!B2 | 编码“44039”不是 6 位数字"]),
    (
        {"B3": "年底"},
        ["DAT-001 error 采购计划!B3 | 开始日期“年底”不是日期，或不在 2000 至 2099 年"],
    ),
    ({"C5": 101}, ["AMT-011 error 采购计划!C5 | 数量为 101，超出可填的范围"]),
    (
        {"E3": 6000},
        [
            "AMT-017 error 采购计划!E3 | 合计（元）为 6,000.00，按 合计（元） ＝ 各行金额（元）之和 应为 6,050.00"
        ],
    ),
    (
        {"G5": 6000},
        [f"AMT-017 error 采购计划!G5 | 金额（元）为 6,000.00，按 {ITEM_COST} 应为 6,050.00"],
    ),
    (
        {"D5": None, "E5": None, "G5": 6000},
        [
            f"AMT-017 error 采购计划!G5 | 金额（元）为 6,000.00，但按 {ITEM_COST} 算不出数，这一格应为空白"
        ],
    ),
    # a part that cannot be read: the total is unknown, whatever is typed over it
    (
        {"E5": "约三百", "G5": 6000, "E3": 6000},
        [
            "AMT-011 error 采购计划!E5 | 运费（元）“约三百”不是数字",
            "TPL-002 error 采购计划!E3 | 锁定的内容被改动：合计（元）应为“公式”，现为“6000”",
            "TPL-002 error 采购计划!G5 | 锁定的内容被改动：金额（元）应为“公式”，现为“6000”",
        ],
    ),
]


@pytest.mark.parametrize(("cells", "expected"), CASES)
def test_found_at_return(
    office: Campaign, tmp_path: Path, cells: dict[str, Any], expected: list[str]
) -> None:
    assert sorted(found_with(office, tmp_path, cells)) == sorted(expected)


@pytest.mark.parametrize(
    ("cell", "raw", "code"),
    [
        ("E2", None, "TXT-001"),
        ("A5", None, "TXT-001"),
        ("E2", "办公室甲乙", "TXT-002"),
        ("E5", "约三百", "AMT-011"),
        ("B5", "随便", "TXT-020"),
        ("B2", "44039", "COD-001"),
        ("B3", "年底", "DAT-001"),
        ("C5", 101, "AMT-011"),
    ],
)
def test_found_live(office: Campaign, cell: str, raw: str | int | None, code: str) -> None:
    good = {"B2": "440399", "E2": "办公室", "A5": "电脑", "B5": "集中", "C5": 2, "E5": 50}
    form, unit = office.form, office.units[UNIT]

    def failing(typed: dict[str, Any]) -> list[str]:
        at = {_place(address): value for address, value in typed.items() if value is not None}
        issued = office.issue_for(unit)
        (place,) = places_of(form, office.layout, issued, Contents([at]))
        lines = live_checks(LiveRules(form), place, {"fy": 2027})
        return [line.code for line in lines if line.judge(place.raw) == "✘"]

    assert failing(good) == []
    assert failing({**good, cell: raw}) == [code]


def _place(address: str) -> tuple[int, int]:
    return int(address[1:]) - 1, ord(address[0]) - ord("A")


def test_an_equation_of_the_form_speaks_for_the_computed_cell(make: Make, tmp_path: Path) -> None:
    """Under its own code, once, and with a blank part too."""
    own = '''

from xltool.language.equations import Equation
from xltool.rules import FormTable, rule


@rule("OWN-001", on="item", hint="请改回公式")
def cost(item: FormTable) -> Equation:
    """金额等于数量乘单价加运费、税费。"""
    return Equation("cost == freight + tax + price * count")
'''
    office = make((VALIDATOR, VALIDATOR + own))
    issue(office)
    assert found_with(office, tmp_path, {"G5": 6000}) == [
        "OWN-001 error 采购计划!G5 | 应满足 金额（元） 6,000.00 ＝ 运费（元） 50.00 ＋ 税费（元）（空） ＋ "
        "单价（元） 3,000.00 × 数量 2，相差 50.00"
    ]


def test_rules_left_out(make: Make, tmp_path: Path) -> None:
    office = make(("VERSION =", 'WITHOUT = {"TXT-002", "TPL-009"}\nVERSION ='))
    issue(office)
    assert found_with(office, tmp_path, {"E2": "办公室甲乙"}) == []
    listed = list_rules("purchase", office.folder).splitlines()
    assert (
        "TXT-002  不检查  字数不能超过栏目的上限；有的栏目超过上限只作提醒。（校验文件的 WITHOUT 省去）"
    ) in listed
    assert any(line.startswith("DUP-001  不检查") for line in listed)


def told(error: OfficeError) -> str:
    """The one mistake that a refusal tells of the validator, without its place."""
    (mistake,) = each_of(error)
    assert mistake.path is not None
    assert mistake.line is not None
    return mistake.message


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ('{"TXT-2"}', "WITHOUT 里的 TXT-2 不是本表的规则，是不是 TXT-020？"),
        ('{"AMT-011"}', "WITHOUT 里的 AMT-011 不能省去：它检查内容是否读得出来、是否原样"),
        ('"TXT-002"', 'WITHOUT 应为规则编号的集合，如 WITHOUT = {"TXT-002"}'),
    ],
)
def test_what_cannot_be_left_out(make: Make, without: str, message: str) -> None:
    with pytest.raises(OfficeError) as caught:
        make(("VERSION =", f"WITHOUT = {without}\nVERSION ="))
    assert told(caught.value) == message


HEAD = "from xltool.fields.tables"


def test_a_rule_imported_by_name_that_the_form_cannot_have(make: Make) -> None:
    with pytest.raises(OfficeError) as caught:
        make((HEAD, f"from xltool.validators.shared.amounts import year_within_total\n\n{HEAD}"))
    assert told(caught.value) == (
        "规则 AMT-002（year_within_total）在本表用不了：没有 project；请不要按名字导入它，或补上这些栏目"
    )


def test_old_imports_of_modules_go_on(make: Make, tmp_path: Path) -> None:
    """Each rule once; what the form has not the fields for is left out and listed."""
    modules = "amounts, codes, dates, submissions, template, texts, values"
    office = make((HEAD, f"from xltool.validators.shared import {modules}\n\n{HEAD}"))
    plain = make()
    rules = [rule for rule in office.form.rules if not rule.integrity]
    assert rules == [rule for rule in plain.form.rules if not rule.integrity]
    reasons = {f"{one.rule.code} {one.reason}" for one in office.form.left_out}
    assert {"AMT-002 本表没有 project", "VAL-001 本表没有 indicator"} <= reasons
    issue(office)
    assert found_with(office, tmp_path, {"E2": None}) == CASES[0][1]


def test_a_module_of_which_some_rules_fit(make: Make) -> None:
    office = make(
        (HEAD, f"from xltool.validators.shared import amounts\n\n{HEAD}"),
        ("class Plan(", "class Project("),
    )
    assert office is not None


@pytest.mark.parametrize("form_id", form_ids())
def test_the_built_in_rules_find_what_they_need(form_id: str) -> None:
    form = load_form(form_id)
    assert [rule.code for rule in form.rules if lacking(rule, form.tables)] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "max_chars=4",
            "digits=4",
            "栏目“联系人”是文字，没有选项 digits；可用的选项：max_chars、max_bytes、max_chars_severity、multiline、lists、column、looked_up、"
            "required、required_when、own_blank_rule、filled_by、new_only、prefill、approved、comment、computed、examples",
        ),
        (
            'amount("单价（元）"',
            'amount("单价（元）", max_chars=4',
            "栏目“单价（元）”是金额，没有选项 max_chars；可用的选项：unit、places、signed、"
            "required、required_when、own_blank_rule、filled_by、new_only、prefill、approved、comment、computed、examples",
        ),
        (
            'amount("单价（元）"',
            'amount("单价（元）", unit="万元"',
            "栏目“单价（元）”印的单位是元，unit 写的却是万元；请改成一致，或不写 unit",
        ),
        (
            'amount("单价（元）"',
            'amount("单价", unit="块"',
            "栏目“单价”的 unit 应为 元、万元、亿元，现为 块",
        ),
    ],
)
def test_options_that_do_not_fit(make: Make, old: str, new: str, message: str) -> None:
    with pytest.raises(OfficeError) as caught:
        make((old, new))
    assert told(caught.value) == message


def test_changes_that_do_not_fit(make: Make) -> None:
    with pytest.raises(OfficeError) as caught:
        make(settings="[fields]\nprice.max_chars = 5\n")
    assert caught.value.message == (
        "[fields.price] 单价（元）是金额，没有 max_chars；可以改的：filled_by、required"
    )


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("金额（元）", "元"),
        ("项目总金额（中期规划，万元）：", "万元"),
        ("总额(亿元)", "亿元"),
        ("金额（单位：元）", "元"),
        ("人均（元/人）", "万元"),
        ("金额", "万元"),
    ],
)
def test_the_unit_of_a_label(make: Make, label: str, unit: str) -> None:
    office = make(('amount("单价（元）"', f'amount("{label}"'))
    assert office.form.tables["item"].fields["price"].unit == unit


def test_what_is_unreadable_is_no_blank() -> None:
    assert UNREADABLE.is_filled
