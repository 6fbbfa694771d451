"""Fields whose choices, or whose values, come from a CSV of the office: live and at return."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from helpers import check_files, edit, fill_unit, template
from mutations import described
from office import Office
from purchasing import CATALOGUE, DATA, HEAD, ITEMS, catalogue, purchasing
from small import UNIT, write_csv

from xltool.checking.kept import state_of
from xltool.checking.parts import Order
from xltool.errors import OfficeError, each_of
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.lists import with_lists
from xltool.prose.quoting import quoted
from xltool.returns.identifying import settings_for
from xltool.write.issuing import issue
from xltool.write.submission import write_submission

SHEET = "采购预算"
CODE = "000000000000000020307"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The campaign, issued; nobody changes it."""
    made = purchasing(tmp_path_factory.mktemp("lists") / "office")
    issue(made)
    return made


@pytest.fixture(scope="module")
def returned(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a unit filled in as it should."""
    return fill_unit(campaign, UNIT, DATA, tmp_path_factory.mktemp("returned") / "good.xlsx")


# -- what is written --------------------------------------------------------------------------------


def test_a_list_is_a_named_range_on_the_hidden_sheet(campaign: Campaign) -> None:
    book = openpyxl.load_workbook(template(campaign, UNIT))
    assert {name: each.attr_text for name, each in book.defined_names.items()} == {
        "xl_plan_main_kind": "'_xltool'!$B$1:$B$3",
        "xl_item_kind": "'_xltool'!$C$1:$C$3",
        "xl_1": "'_xltool'!$D$1:$D$12",
        "xl_1k": "'_xltool'!$E$1:$E$3",
        "xl_1n": "'_xltool'!$F$1:$G$3",
        "xl_2": "'_xltool'!$H$1:$H$1188",
        "xl_2k": "'_xltool'!$I$1:$I$12",
        "xl_2n": "'_xltool'!$J$1:$K$12",
        "xl_3": "'_xltool'!$L$1:$L$1188",
        "xl_3k": "'_xltool'!$M$1:$M$1188",
        "xl_3n": "'_xltool'!$N$1:$O$1188",
    }
    hidden = book["_xltool"]
    assert [hidden.cell(2, column).value for column in range(4, 12)] == [
        *("*货物2", "工程", 4, 4, "*货物1品目2", "*货物2", 99, 99),
    ]
    assert hidden["M1"].value == "000000000000000000101"  # a text, digits and zeros and all


def test_validations_stay_within_the_limits_of_excel(campaign: Campaign) -> None:
    page = openpyxl.load_workbook(template(campaign, UNIT))[SHEET]
    found = {str(v.sqref): v.formula1 for v in page.data_validations.dataValidation}
    assert found["F2"] == "xl_plan_main_kind"
    assert found["C4"] == (
        "OFFSET(xl_1,INDEX(xl_1n,MATCH("
        'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(B4,"~","~~"),"*","~*"),"?","~?"),xl_1k,0),1),0,'
        "INDEX(xl_1n,MATCH("
        'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(B4,"~","~~"),"*","~*"),"?","~?"),xl_1k,0),2),1)'
    )
    assert max(len(formula or "") for formula in found.values()) <= 255


def test_the_name_of_a_code_stands_in_a_locked_cell(campaign: Campaign, returned: Path) -> None:
    blank = openpyxl.load_workbook(template(campaign, UNIT), data_only=True)[SHEET]
    assert (blank["F4"].value, blank["F4"].protection.locked) == (None, True)
    filled = openpyxl.load_workbook(returned, data_only=True)[SHEET]
    assert [filled[cell].value for cell in ("F4", "F5", "F6")] == [
        "*货物1品目1",
        "服务3品目7",
        None,
    ]


def test_patterns_give_the_bytes_of_the_ordinary_path(campaign: Campaign, tmp_path: Path) -> None:
    form, key = (
        with_lists(campaign.form, campaign.folder),
        seal.load_key(campaign.folder / KEY_FILE),
    )
    for unit in campaign.units.values():
        content = campaign.issue_for(unit)
        path = tmp_path / unit.file_name
        write_submission(path, form, campaign.layout, content, seal.sign(content, key))
        assert path.read_bytes() == template(campaign, unit.unit_code).read_bytes()


# -- what comes back --------------------------------------------------------------------------------


def test_a_good_return_is_good(campaign: Campaign, returned: Path) -> None:
    assert check_files(campaign, returned) == []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {"F2": "货物"},
            ["TXT-020 error 采购预算!F2 | 主要大类“货物”不在可选项中（品目目录.csv）"],
        ),
        (
            {"D4": "铅笔"},
            ["TXT-020 error 采购预算!D4 | 品目名称“铅笔”不在可选项中（品目目录.csv）"],
        ),
        (
            {"D4": "*货物2品目1"},
            ["TXT-020 error 采购预算!D4 | 品目名称“*货物2品目1”不属于中类“*货物1”（品目目录.csv）"],
        ),
        (
            {"B4": "工程"},
            ["TXT-020 error 采购预算!C4 | 中类“*货物1”不属于大类“工程”（品目目录.csv）"],
        ),
        ({"C4": "没有"}, ["TXT-020 error 采购预算!C4 | 中类“没有”不在可选项中（品目目录.csv）"]),
        ({"B4": None}, []),
        (
            {"A4": "000000000000000000999"},
            ["TXT-020 error 采购预算!A4 | 品目编码“000000000000000000999”在品目目录.csv中查不到"],
        ),
        (
            {"F4": "铅笔"},
            ["TPL-002 error 采购预算!F4 | 锁定的内容被改动：编码对应的品目应为“公式”，现为“铅笔”"],
        ),
        (
            {"F4": "=B4"},
            None,
        ),
    ],
)
def test_what_is_found(
    campaign: Campaign,
    returned: Path,
    tmp_path: Path,
    cells: dict[str, str | None],
    expected: list[str] | None,
) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for cell, value in cells.items():
            book[SHEET][cell].value = value

    found = check_files(campaign, edit(returned, change, tmp_path / "changed.xlsx"))
    if expected is not None:
        assert described(found) == expected
    else:
        issued = openpyxl.load_workbook(returned)[SHEET]["F4"].value
        assert found[0].expected == issued
        assert described(found) == [
            f"TPL-002 error 采购预算!F4 | 锁定的内容被改动：编码对应的品目应为“{quoted(issued)}”，现为“=B4”"
        ]


def test_a_changed_list_is_what_counts_and_is_noticed(tmp_path: Path) -> None:
    campaign = purchasing(tmp_path / "office")
    issue(campaign)
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "return.xlsx")
    before = state_of(Order(settings_for(campaign, None), campaign))
    rows = [row for row in catalogue() if row[0] != ITEMS[1]["code"]]
    write_csv(campaign.folder / CATALOGUE, rows)
    campaign = load_campaign(campaign.folder)
    assert state_of(Order(settings_for(campaign, None), campaign)) != before
    assert described(check_files(campaign, path)) == [
        f"TXT-020 error 采购预算!A5 | 品目编码“{CODE}”在品目目录.csv中查不到",
        "TXT-020 error 采购预算!D5 | 品目名称“服务3品目7”不在可选项中（品目目录.csv）",
    ]


# -- mistakes of the office -------------------------------------------------------------------------

ONE = ["000000000000000000001", "货物", "货物1", "纸"]


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        (None, None, "找不到这个文件；栏目的可选项取自它，请放进填报文件夹"),
        ([HEAD], None, "清单是空的；请每行填写一项"),
        ([HEAD[:3], ONE[:3]], 1, "缺少列“品目名称”；请补上这一列"),
        ([HEAD, ["", "货物", "", ""]], None, "“中类”一列是空的；请每行填写一项"),
        ([HEAD, ONE, ONE], 3, "与第 2 行相同；请删去重复的一行"),
        (
            [HEAD, ONE, [*ONE[:3], "笔"]],
            None,
            "“000000000000000000001”有不同的品目名称：“纸”和“笔”；请只留一个",
        ),
        ([HEAD, ["1", *ONE[1:]]], 2, "品目编码“1”应为 21 位数字，现为 1 位；请核对后重新输入"),
    ],
)
def test_a_wrong_list_is_told_before_anything_is_issued(
    tmp_path: Path, rows: list[list[str]] | None, line: int | None, message: str
) -> None:
    campaign = purchasing(tmp_path / "office", [HEAD, ONE])
    path = campaign.folder / CATALOGUE
    if rows is None:
        path.unlink()
    else:
        write_csv(path, rows)
    with pytest.raises(OfficeError) as error:
        issue(campaign)
    assert (error.value.path, error.value.line, error.value.message) == (path, line, message)
    assert not (campaign.folder / "issued").exists()


def test_returns_are_not_judged_without_the_list(tmp_path: Path) -> None:
    campaign = purchasing(tmp_path / "office", [HEAD, ONE])
    issue(campaign)
    path = fill_unit(campaign, UNIT, {"main_kind": "货物"}, tmp_path / "return.xlsx")
    (campaign.folder / CATALOGUE).unlink()
    with pytest.raises(OfficeError) as error:
        check_files(load_campaign(campaign.folder), path)
    assert str(error.value.message) == "找不到这个文件；栏目的可选项取自它"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'of="kind"',
            'of="sort"',
            "item.group 的 of=“sort” 不是同一数据表的栏目；可用的：code、kind、name、cost、known_as",
        ),
        (
            'lists=LIST, of="kind"',
            'of="kind"',
            "item.group 写了 of，还要写 lists=“清单.csv”",
        ),
        (
            'choice("大类", lists=LIST)',
            'choice("大类", ["货物"], lists=LIST)',
            "item.kind 的可选项写了两处：choices 和 lists 只能写一个",
        ),
        (
            'column="品目名称", looked_up="code"',
            'column="品目名称"',
            "item.known_as 写了 lists，还要写 looked_up=“栏目”，或改用 choice(…)",
        ),
        (
            'of="kind"',
            'of="cost"',
            "item.group 和它所依据的栏目应为文字、编码或下拉列表，才能写 lists",
        ),
    ],
)
def test_a_field_that_depends_on_none_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    purchasing(tmp_path / "first")
    file = tmp_path / "office" / "validators" / "purchase.py"
    text = (tmp_path / "first" / "validators" / "purchase.py").read_text(encoding="utf-8")
    (tmp_path / "first").rename(tmp_path / "office")
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(OfficeError) as error:
        load_campaign(tmp_path / "office")
    (mistake,) = each_of(error.value)
    assert (mistake.path, mistake.message) == (file, message)
    assert mistake.line is not None


def test_a_campaign_replaces_a_list_in_its_file(tmp_path: Path) -> None:
    campaign = purchasing(tmp_path / "office")
    path = campaign.folder / "campaign.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + '[fields.group]\nchoices = ["甲"]\n', encoding="utf-8")
    with pytest.raises(OfficeError) as error:
        load_campaign(campaign.folder)
    assert error.value.message == "[fields.group] 的可选项取自 品目目录.csv，请改那个文件"


def test_a_campaign_may_have_the_name_typed(tmp_path: Path) -> None:
    campaign = purchasing(tmp_path / "office")
    path = campaign.folder / "campaign.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + '[fields.known_as]\nfilled_by = "unit"\n', encoding="utf-8")
    campaign = load_campaign(campaign.folder)
    issue(campaign)
    items = [{**item, "known_as": "自己填的"} for item in ITEMS]
    path = fill_unit(campaign, UNIT, {**DATA, "item": items}, tmp_path / "return.xlsx")
    assert openpyxl.load_workbook(path)[SHEET]["F4"].value == "自己填的"
    assert check_files(campaign, path) == []


# -- LibreOffice ------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_offers_and_looks_up_the_same(
    campaign: Campaign, office: Office, tmp_path: Path
) -> None:
    with office.open(template(campaign, UNIT)) as document:
        assert document.choices(SHEET, "F2") == ["*货物", "工程", "服务"]
        assert document.choices(SHEET, "C4") == []
        assert document.type_in(SHEET, "B4", "*货物")
        assert document.choices(SHEET, "C4") == [f"*货物{n}" for n in range(1, 5)]
        assert document.type_in(SHEET, "C4", "*货物2")
        assert document.choices(SHEET, "D4") == [f"*货物2品目{n}" for n in range(1, 100)]
        assert not document.key_in(SHEET, "D4", "*货物1品目1")
        assert document.key_in(SHEET, "D4", "*货物2品目99")
        assert document.key_in(SHEET, "A4", CODE)
        assert document.value(SHEET, "F4") == "服务3品目7"
        assert document.key_in(SHEET, "A5", "000000000000000099999")
        assert document.value(SHEET, "F5") == "（查不到，请核对）"
        assert document.value(SHEET, "F6") == ""
        assert not document.type_in(SHEET, "F6", "铅笔")
        for suffix in ("xlsx", "ods", "xls"):
            document.save_as(tmp_path / f"saved.{suffix}")
    for suffix in ("xlsx", "ods", "xls"):
        found = check_files(campaign, tmp_path / f"saved.{suffix}")
        assert [line for line in described(found) if "TPL-009" not in line] == [
            "TXT-020 error 采购预算!A5 | 品目编码“000000000000000099999”在品目目录.csv中查不到"
        ]
