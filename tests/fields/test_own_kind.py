"""A kind of field and a rule that a form brings along: two declarations, nothing in the toolkit touched.

The kind 电话 stands in the validator file of a campaign's own form. From its declaration come the
reading, the validation, the live check on 填报检查, the finding at the cell, and its page in the
catalogue. The rule beside it is one function.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import check_files, edit, fill_unit, template
from mutations import Mutation, cell, described, each, nothing
from openpyxl.workbook import Workbook
from small import ROSTER, UNIT, put_key, write_csv

from xltool.fields.field import Field, UndeclaredRemarkError
from xltool.fields.kinds import Kind, Raw, Reading
from xltool.fields.remarks import NOT_A_NUMBER
from xltool.form.loading import load_form
from xltool.office.campaign import Campaign, load_campaign
from xltool.rules.remarks import rule_on
from xltool.write.issuing import issue
from xltool.write.live.page import FIRST

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="duty" name="值班表" columns="16 30">
  <row lines="2"><title colspan="2">{{ fy }} 年度值班表</title></row>
  <row><label>{{ label("duty", "unit_name") }}</label><field name="unit_name"/></row>
  <row><label>{{ label("duty", "phone") }}</label><field name="phone"/></row>
  <row><label>{{ label("duty", "spare_phone") }}</label><field name="spare_phone"/></row>
</sheet>
</form>
"""
KIND = '''\
NOT_A_PHONE = Remark(
    "not_a_phone",
    "TEL-001",
    "phone_is_none",
    message="{label}“{found}”不是手机号码",
    hint="请填写 {wanted}",
    documentation="""电话栏目要填手机号码。

    | remark      | found       |     |
    |             | 13800138000 | ok  |
    | not_a_phone | 办公室      | bad |
    """,
)


class Phone(Kind):
    """电话：11 位手机号码。"""

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return the eleven digits."""
        text = shown(raw).strip()
        if not text:
            return Reading()
        if re.fullmatch("1[0-9]{10}", text):
            return Reading(text)
        return Reading(None, "not_a_phone")

    def remarks(self, field: Field) -> tuple[Remark, ...]:
        """Return what may be odd about it."""
        return (NOT_A_PHONE,)

    def advice(self, field: Field) -> str:
        """Return its form."""
        return "11 位手机号码"

    def validation(self, field: Field) -> dict[str, object]:
        """Allow eleven characters."""
        return {"validate": "length", "criteria": "==", "value": 11}

    def live_tests(self, field: Field) -> list[LiveTest]:
        """Return that it has eleven digits."""
        name = field.name
        return [LiveTest("TEL-001", f"digits({name}, 11)", "是 11 位手机号码", when=f"filled({name})")]
'''
VALIDATOR = f'''\
"""值班表：填报文件夹自带的表，带着自己的栏目类型。"""

from __future__ import annotations

import re

from xltool.validators.shared import submissions, template, texts

from xltool.fields.kinds import Field, Kind, LiveTest, Raw, Reading, Remark, shown
from xltool.fields.tables import Table, of_kind, text
from xltool.language.claims import Claim
from xltool.rules import FormTable, rule

TITLE = "值班表"
VERSION = "2027.1"


{KIND}

class Duty(Table):
    """值班：一个单位一张。"""

    unit_name: str = text("单位名称", filled_by="system", prefill="unit_name")
    phone: str = of_kind(Phone(), "值班电话", required=True)
    spare_phone: str = of_kind(Phone(), "备用电话")


@rule(
    "TEL-002",
    on="duty",
    cells=["spare_phone", "phone"],
    message="备用电话与值班电话相同：{{phone}}",
    hint="请填写另一个号码",
)
def phones_are_the_same(duty: FormTable) -> Claim:
    """备用电话不能与值班电话相同。

    | 值班电话    | 备用电话    |     |
    | 13800138000 | 13800138001 | ok  |
    | 13800138000 | 13800138000 | bad |
    """
    return Claim("spare_phone != phone")
'''
PHONE, SPARE = "13800138000", "13900139000"
DATA = {"值班电话": PHONE, "备用电话": SPARE}


def make_office(folder: Path, validator: str) -> Path:
    """A campaign folder with a form of its own."""
    (folder / "templates" / "duty").mkdir(parents=True)
    (folder / "validators").mkdir()
    (folder / "templates" / "duty" / "layout.xml.j2").write_text(LAYOUT, encoding="utf-8")
    (folder / "validators" / "duty.py").write_text(validator, encoding="utf-8")
    (folder / "campaign.toml").write_text('form = "duty"\nyear = 2027\n', encoding="utf-8")
    write_csv(folder / "units.csv", ROSTER)
    put_key(folder)
    return folder


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The campaign, issued."""
    campaign = load_campaign(make_office(tmp_path_factory.mktemp("duty"), VALIDATOR))
    issue(campaign)
    return campaign


BOOKS: list[Mutation[Workbook]] = [
    Mutation("nothing", nothing),
    Mutation("a number is a phone, too", cell("B3", 13800138000, sheet="值班表")),
    Mutation(
        "no phone",
        cell("B3", "办公室", sheet="值班表"),
        ["TEL-001 error 值班表!B3 | 值班电话“办公室”不是手机号码"],
    ),
    Mutation(
        "too short",
        cell("B4", "1380013800", sheet="值班表"),
        ["TEL-001 error 值班表!B4 | 备用电话“1380013800”不是手机号码"],
    ),
    Mutation(
        "the same number twice",
        cell("B4", PHONE, sheet="值班表"),
        [f"TEL-002 error 值班表!B4 | 备用电话与值班电话相同：{PHONE}"],
    ),
    Mutation("left blank", cell("B3", None, sheet="值班表"), ["TXT-001 error 值班表!B3"]),
]


@each(BOOKS)
def test_found_at_its_cell(office: Campaign, tmp_path: Path, mutation: Mutation[Workbook]) -> None:
    path = fill_unit(office, UNIT, DATA, tmp_path / "return.xlsx")
    book = edit(path, mutation.apply, tmp_path / "edited.xlsx")
    found = check_files(office, book)
    assert described(found, mutation.expected) == list(mutation.expected)
    if "TEL-001" in {finding.code for finding in found}:
        assert found[0].hint == "请填写 11 位手机号码"


def live_lines(path: Path) -> dict[str, tuple[str, str]]:
    """What 填报检查 says: words → sign and code."""
    rows = openpyxl.load_workbook(path, data_only=True)["填报检查"].iter_rows(min_row=FIRST + 1)
    return {str(row[2].value): (str(row[0].value or ""), str(row[4].value)) for row in rows}


def test_live_check(office: Campaign, tmp_path: Path) -> None:
    good = fill_unit(office, UNIT, DATA, tmp_path / "good.xlsx")
    assert live_lines(good) == {
        "值班电话要填": ("✔", "TXT-001"),
        "值班电话是 11 位手机号码": ("✔", "TEL-001"),
        "备用电话是 11 位手机号码": ("✔", "TEL-001"),
        "备用电话不能等于值班电话": ("✔", "TEL-002"),
        "没有 #N/A、#REF! 这样的错误值": ("✔", "TPL-007"),
    }
    blank = live_lines(template(office, UNIT))
    assert [sign for sign, _ in blank.values()] == ["✘", "", "", "", "✔"]
    formulas = openpyxl.load_workbook(good)["填报检查"]
    second = f"A{FIRST + 2}"
    assert "LEN(" in formulas[second].value.text
    assert formulas[second].value.ref == second


def test_validation_and_prompt(office: Campaign) -> None:
    page = openpyxl.load_workbook(template(office, UNIT))["值班表"]
    found = {str(v.sqref): v for v in page.data_validations.dataValidation}
    assert (found["B3"].type, found["B3"].operator, found["B3"].formula1) == (
        "textLength",
        "equal",
        "11",
    )
    assert found["B3"].prompt == "必填。11 位手机号码。"
    assert found["B4"].error == "备用电话：11 位手机号码。"


def test_catalogue(
    office: Campaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    xltool: Xltool = in_this_process(monkeypatch, capsys)
    where = ("--form", "duty", "--campaign", office.folder)
    listed = xltool("rules", *where).out
    assert "TEL-001  错误    电话栏目要填手机号码。" in listed
    assert "TEL-002  错误    备用电话不能与值班电话相同。" in listed
    page = xltool("rules", "TEL-001", *where).out
    assert "not_a_phone | 办公室 | 不通过" in page
    assert "提示语：…“…”不是手机号码。请填写 …。" in page


# -- a kind that says too little -----------------------------------------------------------------------


def test_a_remark_without_a_rule_fails_on_loading(tmp_path: Path) -> None:
    silent = VALIDATOR.replace("return (NOT_A_PHONE,)", "return ()")
    folder = make_office(tmp_path / "office", silent)
    with pytest.raises(
        UndeclaredRemarkError,
        match="phone: Phone remarks “not_a_phone” but declares no rule for it",
    ):
        load_form("duty", folder)


@pytest.mark.parametrize("lacking", ["message", "hint"])
def test_an_incomplete_rule_fails_on_loading(tmp_path: Path, lacking: str) -> None:
    line = {"message": 'message="{label}“{found}”不是手机号码"', "hint": 'hint="请填写 {wanted}"'}
    broken = VALIDATOR.replace(line[lacking].replace("{", "{"), f'{lacking}=""')
    assert broken != VALIDATOR
    folder = make_office(tmp_path / "office", broken)
    with pytest.raises(TypeError, match=f"“not_a_phone” declares no rule: no {lacking}"):
        load_form("duty", folder)


def test_a_rare_remark_without_a_rule_is_a_bug_when_it_comes() -> None:
    class Odd(Kind):
        def read(self, raw: Raw, field: Field) -> Reading:
            return Reading(field.name, "rare") if raw == "42" else Reading()

    with pytest.raises(UndeclaredRemarkError, match="odd: Odd remarks “rare”"):
        Field("odd", "怪", Odd()).read("42")


# -- the kinds that come with the toolkit ---------------------------------------------------------------


def test_a_form_that_imports_a_rule_has_it_once() -> None:
    for form in ("longhua_2021_target", "longgang_2023_budget"):
        names = [rule.function.__name__ for rule in load_form(form).rules]
        assert names.count("amount_is_no_number") == 1
    assert rule_on(NOT_A_NUMBER) in load_form("longhua_2021_target").rules


def test_rules_of_kinds_need_no_import(tmp_path: Path) -> None:
    """The form imports nothing about dates or choices, and uses neither."""
    folder = make_office(
        tmp_path / "office",
        VALIDATOR.replace("import submissions, template, texts", "import texts"),
    )
    rules = [rule for rule in load_form("duty", folder).rules if rule.on in ("cell", "duty", None)]
    codes = {(rule.code, rule.function.__name__) for rule in rules}
    assert {
        ("TEL-001", "phone_is_none"),
        ("TEL-002", "phones_are_the_same"),
        ("TPL-006", "number_in_a_text_cell"),
        ("TPL-006", "text_with_invisible_characters"),
        ("TXT-001", "required_field_is_blank"),
        ("TXT-002", "text_is_too_long"),
        ("TXT-003", "text_has_too_many_bytes"),
        ("TXT-020", "value_is_no_choice"),
    } <= codes
