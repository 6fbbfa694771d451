"""Long live checks go through helper cells: nothing is written that Excel would drop.

A form of its own has rows of so many columns that one formula has no room for them; LibreOffice shows
beside it what the checker's side says.
"""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path
from random import Random

import pytest
from helpers import template
from office import Document, Office
from own_campaigns import own_campaign, own_folder
from random_forms import Trial, areas_of
from small import UNIT, small_campaign
from test_live_agree import Subject

from xltool.errors import OfficeError
from xltool.fields.reading import Raw
from xltool.form.loading import form_ids, load_form
from xltool.form.own_sheets import CHECKS
from xltool.language.formulas import beyond_excel, parsed
from xltool.office.campaign import load_campaign
from xltool.write.issuing import issue
from xltool.write.live.helper_cells import HelperCells
from xltool.write.live.page import FIRST

MANY = 45  # columns of texts
LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="main" name="宽表" columns="12 {{ '8 ' * 90 }}">
  <row lines="2"><title colspan="91">{{ fy }} 年度宽表</title></row>
  <row><label>{{ label("main", "unit_name") }}</label><field name="unit_name" colspan="90"/></row>
  <row>{% for n in range(45) %}<head>文{{ n }}</head>{% endfor %}{% for n in range(45) %}<head>数{{ n }}</head>{% endfor %}<head>合计</head></row>
  <block table="item" rows="{{ rows.item }}">
    <row>{% for n in range(45) %}<field name="t{{ n }}"/>{% endfor %}{% for n in range(45) %}<field name="a{{ n }}"/>{% endfor %}<field name="total"/></row>
  </block>
</sheet>
</form>
"""
FIELDS = "\n".join(
    [f'    t{n}: str = text("文{n}")' for n in range(MANY)]
    + [f'    a{n}: Amount = amount("数{n}（万元）")' for n in range(MANY)]
)
VALIDATOR = f'''\
"""宽表：一行有九十一栏。"""

from __future__ import annotations

from xltool.fields.tables import Amount, Rows, Table, amount, text
from xltool.language.equations import Equation
from xltool.language.row_claims import WholeRow
from xltool.rules import FormTable, rule

TITLE = "宽表"
VERSION = "2027.1"
CAPACITY = {{"item": 3}}
TEXTS = [f"t{{n}}" for n in range({MANY})]
AMOUNTS = [f"a{{n}}" for n in range({MANY})]


class Main(Table):
    """单位：一个单位一张。"""

    unit_name: str = text("单位名称", filled_by="system", prefill="unit_name")


class Item(Rows):
    """明细：一行一项。"""

{FIELDS}
    total: Amount = amount("合计（万元）")


@rule("WD-001", on="item", message="有空白", hint="请补填")
def whole_rows(item: FormTable) -> WholeRow:
    """用到的行各栏都要填。"""
    return WholeRow("用到的行各栏都已填写", tuple(TEXTS))


@rule("WD-002", on="item")
def sum_of_all(item: FormTable) -> Equation:
    """合计等于各数之和。"""
    return Equation(f"total == {{' + '.join(AMOUNTS)}}")
'''


def formulas(path: Path) -> list[str]:
    """All formulas of a workbook: of cells, of colours, of validations."""
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(n).decode() for n in archive.namelist() if "worksheets/sheet" in n]
    found = [f for part in parts for f in re.findall(r"<(?:f|formula1?)\b[^>]*>([^<]*)</", part)]
    return [unescape(formula) for formula in found]


@pytest.mark.parametrize("rows", [20, 200])
@pytest.mark.parametrize("form", form_ids())
def test_excel_takes_every_formula_of_many_rows(form: str, rows: int, tmp_path: Path) -> None:
    loaded = load_form(form)
    levels = [level for table in loaded.tables.values() for _, level, _ in table.catalogue]
    few = {"t9"} if rows > 20 and "t9" in loaded.capacity else {*loaded.capacity, *levels}
    settings = "[rows]\n" + "\n".join(f'"{name}" = {rows}' for name in sorted(few))
    campaign = small_campaign(form, tmp_path, settings)
    found = formulas(template(campaign, UNIT))
    assert [f"{f[:200]}: {beyond_excel(f)}" for f in found if beyond_excel(f)] == []
    assert len(found) > 10


def test_wide_rows_go_through_helper_cells(tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path, LAYOUT, VALIDATOR, form="wide")
    subject = Subject(campaign, template(campaign, UNIT))
    long = [line.code for _, line in subject.lines() if beyond_excel(line.formula)]
    assert long == ["AMT-011", "WD-001"]
    found = formulas(subject.path)
    assert [beyond_excel(formula) for formula in found if beyond_excel(formula)] == []
    assert sum(f"'{CHECKS}'!$H" in formula for formula in found) == MANY  # colours of columns


@pytest.mark.office
@pytest.mark.parametrize("form", ["wide", "longgang_2023_budget"])
def test_libreoffice_shows_the_same(form: str, office: Office, tmp_path: Path) -> None:
    if form == "wide":
        campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form=form)
    else:
        campaign = small_campaign(form, tmp_path / "own", "[rows]\nt9 = 20")
    subject = Subject(campaign, template(campaign, UNIT))
    filler, lines = subject.filler(), subject.lines()
    seen = set()
    trials: list[Trial] = [filler.trial(Random(f"{form} {n}")) for n in range(6)]
    if form == "wide":
        row: list[Raw] = [*["甲"] * MANY, *[1.0] * MANY, float(MANY)]
        trials.append({("宽表", f"{column(n)}4"): value for n, value in enumerate(row)})
    with office.open(subject.path) as document:
        for trial in trials:
            document.put([(*key, rows) for key, rows in areas_of(trial).items()])
            shown = [
                str(r[0]) for r in document.area(CHECKS, f"A{FIRST + 1}:A{FIRST + len(lines)}")
            ]
            assert shown == subject.written(lines, trial)
            seen |= set(shown)
    assert {"✔", "✘"} <= seen


@pytest.mark.office
def test_helper_cells_need_no_recalculation_by_hand(office: Office, tmp_path: Path) -> None:
    """On opening, LibreOffice works out only cells without a value, then what depends on what is typed."""
    campaign = own_campaign(tmp_path, LAYOUT, VALIDATOR, form="wide")
    with office.open(template(campaign, UNIT)) as document:
        lines = verdicts(document)
        assert lines["明细：用到的行各栏都要填"] == ""
        assert document.type_in("宽表", "A4", "甲")
        assert verdicts(document)["明细：用到的行各栏都要填"] == "✘"
        for n in range(1, MANY):
            assert document.type_in("宽表", f"{column(n)}4", "乙")
        assert verdicts(document)["明细：用到的行各栏都要填"] == "✔"


def verdicts(document: Document) -> dict[str, str]:
    """What 填报检查 shows, by words."""
    return {
        str(words): str(sign)
        for sign, _, words in document.area(CHECKS, f"A{FIRST + 1}:C{FIRST + 60}")
    }


def column(number: int) -> str:
    """The letters of a column of fewer than 702, counted from 0."""
    return (chr(64 + number // 26) if number >= 26 else "") + chr(65 + number % 26)


REFUSED = {
    "computed": (
        VALIDATOR.replace(
            'amount("合计（万元）")',
            f'amount("合计（万元）", computed="{" * ".join(["a0"] * 80)}")',
        ),
        "表「wide」有 1 处错误，请改正（改后可用 xltool form check wide 再查）：\n"
        "validators/wide.py:116: total 的 computed 太长：有 81 层括号，Excel 最多 64 层；请用几个 computed 栏目分步计算",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_cut_is_refused(case: str, tmp_path: Path) -> None:
    validator, message = REFUSED[case]
    folder = own_folder(tmp_path, LAYOUT, validator, form="wide")
    with pytest.raises(OfficeError) as refused:
        issue(load_campaign(folder))
    assert str(refused.value) == message
    assert not (folder / "issued").exists()


def test_beyond_excel() -> None:
    assert beyond_excel("=1+" * 2730) is None
    assert beyond_excel("=1+" * 2731) == "有 8,193 个字符，Excel 最多 8,192 个"
    assert beyond_excel("(" * 64 + ")" * 64) is None
    assert beyond_excel("(" * 65 + ")" * 65) == "有 65 层括号，Excel 最多 64 层"
    text = '"' + "甲" * 254 + '"""'
    assert beyond_excel(text) is None
    assert beyond_excel(text[:-1] + '甲"') == "里有一段 256 个字符的文字，Excel 最多 255 个"
    assert beyond_excel('="(((((" & "' + "(" * 200 + '"') is None


def test_a_formula_is_parsed_to_the_letter() -> None:
    formula = (
        """IF(SUM('a(b''c'!$A$1:$A$3)+(LEN("x(""y")>0),MAX(IF('d'!$B$2:$B$4>0,3,0)),LOG10(2))"""
    )
    assert parsed(formula).inner == formula
    assert parsed(formula).heights == set()
    assert parsed("IF('d'!$B$2:$B$4>0,3,0)").row(1) == "(IF('d'!$B$3>0,3,0))"
    assert parsed("IF(SUM($B$2:$B$4)>0,$C$2:$C$4)").row(2) == "(IF(SUM($B$2:$B$4)>0,$C$4))"


def test_parts_that_formulas_have_in_common_stand_there_once() -> None:
    helpers = HelperCells("G", 5)
    parts = [f"SUM(IF($A$1:$A$9>{n},{'1+' * 500}1,0))" for n in range(9)]
    formula = f"=IF({'+'.join(parts)}>0,1,2)"
    short = helpers.fitted(formula)
    count = len(helpers.formulas)
    assert beyond_excel(short) is None
    assert helpers.fitted(formula.replace(",1,2)", ",3,4)")) == short.replace(",1,2)", ",3,4)")
    assert len(helpers.formulas) == count
    assert helpers.fitted("=SUM($A$1:$A$9)") == "=SUM($A$1:$A$9)"
