"""What the workbook works out by itself: quotients, sums over several tables, blanks."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from helpers import answers, fill_unit, make_campaign
from small import small_campaign

from xltool.checking.checks import look_up
from xltool.errors import OfficeError
from xltool.form.loading import load_form
from xltool.language.equations import Equation
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.rules.declaring import Lookup

FORM = "longhua_2021_selfeval"
RATE = Equation("rate == round(executed / budget_final, 2)")
TOTAL = Equation("total == sum(fund.score) + sum(indicator.score)")
MONEY = pl.Decimal(24, 2)


@pytest.mark.parametrize(
    ("executed", "budget", "rate"),
    [
        ("456562.87", "500000.00", "0.91"),
        ("994999999.99", "1000000000.00", "0.99"),  # 0.99499999999: rounded once, not twice
        ("99.50", "100.00", "1.00"),
        ("0.00", "100.00", "0.00"),
        ("5.00", "0.00", None),
    ],
)
def test_quotients_are_exact(executed: str, budget: str, rate: str | None) -> None:
    values = {"executed": Decimal(executed), "budget_final": Decimal(budget)}
    frame = pl.DataFrame([values], schema=dict.fromkeys(values, MONEY))
    expected = None if rate is None else Decimal(rate)
    assert RATE.result(values) == expected
    assert frame.select(RATE.right()).item() == expected


@pytest.mark.parametrize(
    ("fund", "indicator", "total"),
    [
        ("9.10", "90.00", "99.10"),
        (None, "90.00", "90.00"),
        ("9.10", None, "9.10"),
        (None, None, None),
    ],
)
def test_a_sum_without_values_counts_beside_another(
    fund: str | None, indicator: str | None, total: str | None
) -> None:
    values = {
        "fund.score": None if fund is None else Decimal(fund),
        "indicator.score": None if indicator is None else Decimal(indicator),
    }
    frame = pl.DataFrame([values], schema=dict.fromkeys(values, MONEY))
    expected = None if total is None else Decimal(total)
    assert TOTAL.result(values) == expected
    assert frame.select(TOTAL.right()).item() == expected


def test_a_sum_over_nothing_shows_nothing() -> None:
    assert TOTAL.right_excel(lambda name: name) == (
        '=IFERROR(IF(OR(COUNT(fund.score,indicator.score)=0),"",'
        '(SUM(fund.score)+SUM(indicator.score))),"")'
    )


def test_a_lookup_by_what_another_found() -> None:
    rows = pl.DataFrame({"record": [1, 2]})
    names = pl.DataFrame({"record": [1, 2], "name": ["甲", "乙"]})
    known = pl.DataFrame({"name": ["乙"], "amount": [5]})
    first = look_up(Lookup("a", pl.col("name").first(), pl.String(), ("record",)), names, rows)
    found = rows.with_columns(name=first)
    amount = Lookup("b", pl.col("amount").sum(), pl.Int64(), ("name",))
    assert look_up(amount, known, found).to_list() == [None, 5]


@pytest.mark.parametrize("word", ["不适用", "—", "/", " "])
def test_points_that_do_not_apply_are_blank(word: str) -> None:
    weight = load_form(FORM).tables["indicator"].fields["weight"]
    assert (weight.read(word).value, weight.read(word).remark) == (None, None)
    assert weight.read("12.5分").value == Decimal("12.5")


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """A campaign of this form whose units fill everything."""
    fields = "".join(f'{n}.filled_by = "unit"\n' for n in ("goal_expected", "lv3", "target"))
    return small_campaign(FORM, tmp_path_factory.mktemp("small"), f"[fields]\n{fields}")


def test_a_printed_line_is_named_by_one_key(campaign: Campaign, tmp_path: Path) -> None:
    funds = [
        {"资金来源": "其中：当年财政拨款", "全年执行数": "5"},
        {"资金来源": "利息", "全年执行数": "5"},
    ]
    data = {"projects": [{"项目名称": "图书文献采购", "funds": funds[:1]}]}
    path = fill_unit(campaign, "106001", data, tmp_path / "return.xlsx")
    lines = [r for r in read_file(path, settings_for(campaign, None)).rows if r.table == "fund"]
    assert [line.values["executed"] for line in lines] == [None, Decimal("5.00"), None, None]
    data["projects"][0]["funds"] = funds
    with pytest.raises(OfficeError, match="项目资金“利息／None”不在本表的框架内"):
        fill_unit(campaign, "106001", data, tmp_path / "return.xlsx")


def test_sums_count_only_cells_that_the_form_has(tmp_path: Path) -> None:
    """执行率得分 stands only on the first line of the funds, not on those of the sources."""
    campaign = make_campaign("selfeval", tmp_path / "campaign")
    path = fill_unit(campaign, "226002", answers("selfeval", "226002"), tmp_path / "return.xlsx")
    rows = read_file(path, settings_for(campaign, None)).rows
    totals = [row.values["total_score"] for row in rows if row.table == "project"]
    assert totals == [Decimal("99.90"), Decimal("98.44"), Decimal("99.80")]
