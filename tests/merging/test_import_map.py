"""import.csv: what a column may show, how it is written, and what is said of a mistake before anything goes out."""

from __future__ import annotations

import json
import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from helpers import FORMS
from small import ROSTER, write_csv

from xltool.errors import OfficeError
from xltool.form.loading import load_form
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.import_formats import Cell, Format, InexactError, Source, format_of
from xltool.office.import_map import Column
from xltool.office.import_plan import MOST_ROWS, ImportPlan
from xltool.office.kept import keep_from_file
from xltool.office.new_campaign import create_campaign
from xltool.write.tables import ROWS

HEAD = "列名,栏目,工作表,格式\n"
TARGET = "longhua_2021_target"


def office(folder: Path, text: str | None, settings: str = "", form: str = TARGET) -> Campaign:
    """A campaign that has its own import.csv, loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    toml = f'form = "{form}"\nyear = 2027\n{settings}\n'
    (folder / "campaign.toml").write_text(toml, encoding="utf-8")
    if text is not None:
        (folder / "import.csv").write_text(text, encoding="utf-8")
    return load_campaign(folder)


def plan_of(campaign: Campaign) -> ImportPlan:
    assert campaign.import_plan is not None
    return campaign.import_plan


# -- where the map is ------------------------------------------------------------------------------


def test_an_office_s_own_map_is_found_first(tmp_path: Path) -> None:
    plan = plan_of(office(tmp_path / "a", HEAD + "项目,project_name,,\n"))
    assert plan.sheets == {"Sheet1": [Column("项目", "project", "project_name")]}
    assert (plan.own, plan.rows, plan.one_sheet, plan.csv) == (True, MOST_ROWS, True, False)
    plan = plan_of(office(tmp_path / "b", None))
    assert plan == ImportPlan.of_form(load_form(TARGET))
    assert not plan.own
    assert plan_of(office(tmp_path / "c", None, "[import]\ncsv = true")).own


def test_it_may_come_from_excel(tmp_path: Path) -> None:
    campaign = office(tmp_path, None)
    content = HEAD + "项目,项目名称,表一,\n\n是否,常量:是,表一,\n"
    (tmp_path / "import.csv").write_bytes(content.encode("gb18030"))
    plan = plan_of(load_campaign(campaign.folder))
    columns = [Column("项目", "project", "project_name"), Column("是否", constant="是")]
    assert plan.sheets == {"表一": columns}


def test_a_form_without_a_map_says_so_before_it_is_issued(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "longhua_2021_target"
    own.mkdir(parents=True)
    layout = load_form(TARGET).folder / "layout.xml.j2"
    (own / "layout.xml.j2").write_bytes(layout.read_bytes())
    campaign = office(tmp_path, None)
    write_csv(tmp_path / "units.csv", ROSTER)
    assert campaign.import_plan is None
    assert campaign.notes == [
        "没有项目（projects.csv）：每份只有备用表",
        "没有导入文件的列对照表（import.csv），以后不能合并；请在填报文件夹里写一份",
    ]
    with pytest.raises(OfficeError, match="找不到导入文件的列对照表"):
        ImportPlan.of_form(campaign.form)


def test_it_is_the_office_s_own_file(tmp_path: Path) -> None:
    campaign = office(tmp_path, HEAD + "项目,project_name,,\n")
    with pytest.raises(OfficeError, match="这是填报文件夹自己的文件，不会覆盖"):
        keep_from_file(tmp_path / "import.csv", [], campaign)


# -- what a column shows ---------------------------------------------------------------------------

PROJECT, INDICATOR = "project", "indicator"
WORDS: dict[str, Column] = {
    "": Column("列"),
    "项目名称": Column("列", PROJECT, "project_name"),
    "project_name": Column("列", PROJECT, "project_name"),
    "项目总金额": Column("列", PROJECT, "amount_total"),
    "indicator.lv3": Column("列", INDICATOR, "lv3"),
    "indicator.指标内容": Column("列", INDICATOR, "lv3"),
    "单位代码": Column("列", field="unit_code"),
    "单位名称": Column("列", field="unit_name"),
    "主管部门": Column("列", field="department"),
    "部门代码": Column("列", field="department_code"),
    "行政区划": Column("列", field="district"),
    "年度": Column("列", field="fy"),
    "常量：新增": Column("列", constant="新增"),
    "目标值.计算符号": Column("列", INDICATOR, "target", 0),
    "目标值.数值": Column("列", INDICATOR, "target", 1, format=Format("文本")),
    "indicator.目标值.计量单位": Column("列", INDICATOR, "target", 2),
    "indicator.target.计量单位": Column("列", INDICATOR, "target", 2),
}


@pytest.mark.parametrize("word", WORDS)
def test_words(tmp_path: Path, word: str) -> None:
    plan = plan_of(office(tmp_path, f"列名,栏目\n列,{word}\n"))
    assert plan.sheets == {"Sheet1": [WORDS[word]]}


LINES: dict[str, str] = {
    "项目,项目名成": "“项目名成”不是本表的栏目，是不是“项目名称”？",
    "项目,单位编码": "“单位编码”不是本表的栏目，是不是“单位代码”？",
    "项目,qwxz": "“qwxz”不是本表的栏目",
    "项目,indicator.lv9": "“indicator.lv9”不是本表的栏目，是不是“indicator.lv3”？",
    "符号,目标值.符号": "“目标值.符号”不是本表的栏目，是不是“目标值.计算符号”？",
    "数值,项目总金额.数值": "“项目总金额”不是文字，没有计算符号、数值、计量单位",
    ",项目名称": "没有写列名",
    "列,常量：": "“常量：”后面没有内容",
    "列,常量：是,,文本": "“列”是常量，不能有格式",
    "列,,,文本": "“列”没有栏目，不能有格式",
    "列,项目名称,,yyyyddmm": (
        "没有格式“yyyyddmm”；可用：文本、yyyymmdd、yyyy-mm-dd、元、万元、整数、2位小数（即 0.00）"
    ),
    "列,项目名称,,yyyymmdd": "格式“yyyymmdd”用于日期，这一栏不是日期",
    "列,计划开始日期,,元": "格式“元”用于数字，这一栏不是数字",
    "列,年度,,万元": "格式“万元”用于以元或万元计的金额，这一栏不是",
    "列,目标值.计量单位,,0.00": "格式“0.00”用于数字，这一栏不是数字",
    "列,项目名称,a/b": (
        '工作表名“a/b”不能用：最多 31 字，不能有 []:*?/\\<>"| ，开头和结尾不能是点、空格或单引号'
    ),
    "甲,项目名称,Ab\n列,项目名称,aB": "工作表“Ab”和“aB”只有大小写不同",
    "甲,项目名称,表\n列,项目名称,表-2": "工作表“表-2”的文件会与“表”分成几个后的文件重名，请改名",
    "甲,项目名称,表-2\n列,项目名称,表": "工作表“表-2”的文件会与“表”分成几个后的文件重名，请改名",
}


@pytest.mark.parametrize("text", LINES)
def test_a_wrong_line_is_known_when_the_campaign_loads(tmp_path: Path, text: str) -> None:
    with pytest.raises(OfficeError) as error:
        office(tmp_path, HEAD + text + "\n")
    found = error.value
    assert (found.message, found.path) == (LINES[text], tmp_path / "import.csv")
    assert found.line == 2 + text.count("\n")


FILES: dict[str, tuple[str, int | None]] = {
    "": ("文件是空的，第一行应为列名；请补上", None),
    HEAD: ("导入文件的列对照表里还没有列；请每行写一列", None),
    "列名,栏位\n甲,项目名称\n": ("没有列“栏位”，是不是“栏目”？请改列名", 1),
    "列名称,栏目\n甲,项目名称\n": ("没有列“列名称”，是不是“列名”？请改列名", 1),
    "列名,栏目,工作表名\n甲,项目名称,表\n": ("没有列“工作表名”，是不是“工作表”？请改列名", 1),
    "列名,栏目,工作簿\n甲,项目名称,表\n": ("没有列“工作簿”，是不是“工作表”？请改列名", 1),
    "列名,栏目,格试\n甲,项目名称,文本\n": ("没有列“格试”，是不是“格式”？请改列名", 1),
    "列名,栏目,备注\n甲,项目名称,\n": ("没有列“备注”；可用：列名、栏目、工作表、格式", 1),
    "列名\n甲\n": ("缺少列“栏目”；请补上这一列", 1),
    "列名,栏目\n甲,项目名称,乙\n": (
        "有 3 格，列名只有 2 个；文字里有逗号的，请给这一格加英文双引号",
        2,
    ),
}


@pytest.mark.parametrize("text", FILES)
def test_a_file_that_is_no_map(tmp_path: Path, text: str) -> None:
    with pytest.raises(OfficeError) as error:
        office(tmp_path, text)
    assert (error.value.message, error.value.line) == FILES[text]
    assert error.value.path == tmp_path / "import.csv"


def test_all_that_is_wrong_with_its_headings_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(OfficeError) as error:
        office(tmp_path, "列名称,备注,表样\n甲,,\n")
    assert str(error.value).replace(f"{tmp_path}/", "").split("\n")[1:] == [
        "import.csv:1: 没有列“列名称”，是不是“列名”？请改列名",
        "import.csv:1: 没有列“备注”；可用：列名、栏目、工作表、格式",
        "import.csv:1: 没有列“表样”；可用：列名、栏目、工作表、格式",
        "import.csv:1: 缺少列“栏目”；请补上这一列",
    ]


def test_rows_of_two_tables_do_not_stand_side_by_side(tmp_path: Path) -> None:
    text = "列名,栏目,工作表\n任务,task.name,甲\n指标,indicator.lv3,乙\n内容,task.content,乙\n"
    with pytest.raises(OfficeError) as error:
        office(tmp_path, text, form="longgang_2023_unit")
    assert (error.value.message, error.value.line) == (
        "工作表“乙”里既有“指标”又有“任务”的栏目，两者的行对不上；请分到不同的工作表",
        4,
    )


@pytest.mark.parametrize("form", FORMS.values())
def test_every_built_in_map_names_the_unit_on_every_sheet(form: str) -> None:
    names = {"unit_code", "unit_name"}
    plan = ImportPlan.of_form(load_form(form))
    record = load_form(form).record_fields
    for sheet, columns in plan.sheets.items():
        prefilled = {c.field for c in columns if c.table and c.field in record}
        prefilled = {record[name].prefill or "" for name in prefilled}
        own = {column.field for column in columns if not column.table}
        assert names & (own | prefilled), sheet


def test_the_default_order_of_the_declaration_is_that_of_the_domain_page() -> None:
    titles = [c.title for c in ImportPlan.of_form(load_form(FORMS["declaration"])).sheets["Sheet1"]]
    page = (Path(__file__).parents[2] / "docs" / "domain.md").read_text(encoding="utf-8")
    assert f"default: {', '.join(titles)}." in page


# -- how it is written -----------------------------------------------------------------------------

WAN, YUAN = Source(numbers=True, unit="万元"), Source(numbers=True, unit="元")
DAY, EITHER = Source(dates=True), Source(numbers=True, dates=True)
WRITTEN: list[tuple[str, Source, Cell, str | None]] = [
    ("文本", WAN, Decimal("8000.00"), "8000.00"),
    ("文本", Source(numbers=True), 2027, "2027"),
    ("文本", DAY, date(2027, 1, 9), "2027-01-09"),
    ("文本", Source(), "甲", "甲"),
    ("yyyymmdd", DAY, date(2027, 1, 9), "20270109"),
    ("YYYY-MM-DD", DAY, date(2027, 1, 9), "2027-01-09"),
    ("元", WAN, Decimal("12.34"), "123400"),
    ("元", WAN, Decimal("-0.01"), "-100"),
    ("元", YUAN, Decimal("12.30"), "12.3"),
    ("万元", YUAN, Decimal("1234.56"), "0.123456"),
    ("万元", YUAN, Decimal("999999999999999999999999.99"), "99999999999999999999.999999"),
    ("万元", WAN, Decimal("0.00"), "0"),
    ("元 0.00", WAN, Decimal("12.34"), "123400.00"),
    ("万元2位小数", YUAN, Decimal("260000.00"), "26.00"),
    ("0", WAN, Decimal("8000.00"), "8000"),
    ("整数", WAN, Decimal("-8000.00"), "-8000"),
    ("0.00", Source(numbers=True), 3, "3.00"),
    ("6位小数", WAN, Decimal("0.10"), "0.100000"),
    ("0.000", EITHER, Decimal("97.125"), "97.125"),
    ("yyyymmdd", EITHER, date(2027, 9, 30), "20270930"),
    ("yyyymmdd", EITHER, Decimal("15000.0"), "15000"),
    ("0.00", WAN, None, None),
    ("文本", Source(), "", None),
]


@pytest.mark.parametrize(("word", "source", "value", "text"), WRITTEN)
def test_formats(word: str, source: Source, value: Cell, text: str | None) -> None:
    assert format_of(word, source).written(value) == text


@pytest.mark.parametrize(
    ("word", "source", "value", "shown"),
    [
        ("0", WAN, Decimal("0.50"), "0.5"),
        ("万元 0.00", YUAN, Decimal("1234.50"), "0.12345"),
        ("2位小数", EITHER, Decimal("97.125"), "97.125"),
    ],
)
def test_no_decimal_is_lost(word: str, source: Source, value: Decimal, shown: str) -> None:
    with pytest.raises(InexactError) as error:
        format_of(word, source).written(value)
    assert str(error.value) == shown


# -- the section [import] --------------------------------------------------------------------------

SETTINGS = {
    "import = 5": "import 应为 [import] 小节；请改正",
    "[import]\nrow = 65000": "[import] 没有 row；可用：rows、one_sheet、csv",
    "[import]\nrows = 999": "[import] rows 应为 1000–1048575 的整数，现为 999",
    "[import]\nrows = 1048576": "[import] rows 应为 1000–1048575 的整数，现为 1048576",
    "[import]\nrows = true": "[import] rows 应为 1000–1048575 的整数，现为 True",
    '[import]\nrows = "many"': "[import] rows 应为 1000–1048575 的整数，现为 many",
    "[import]\ncsv = 1": "[import] csv 应为 true 或 false，现为 1",
    '[import]\none_sheet = "no"': "[import] one_sheet 应为 true 或 false，现为 no",
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings(tmp_path: Path, settings: str) -> None:
    with pytest.raises(OfficeError) as error:
        office(tmp_path, None, settings)
    assert (error.value.message, error.value.path) == (
        SETTINGS[settings],
        tmp_path / "campaign.toml",
    )


def test_settings_that_hold(tmp_path: Path) -> None:
    plan = plan_of(office(tmp_path, None, "[import]\nrows = 65000\none_sheet = false\ncsv = true"))
    assert (plan.rows, plan.one_sheet, plan.csv) == (65_000, False, True)
    assert MOST_ROWS == ROWS


def test_init_shows_the_section(tmp_path: Path) -> None:
    create_campaign(tmp_path, TARGET, 2027)
    text = (tmp_path / "campaign.toml").read_text(encoding="utf-8")
    assert "# [import]\n# rows = 65000 " in text
    for line in ("[import]", "rows = 65000", "one_sheet = false", "csv = true"):
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    (tmp_path / "campaign.toml").write_text(text, encoding="utf-8")
    plan = plan_of(load_campaign(tmp_path))
    assert (plan.rows, plan.one_sheet, plan.csv) == (65_000, False, True)


# -- what travels up -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS.values())
def test_a_plan_travels_as_plain_data(form: str) -> None:
    plan = ImportPlan.of_form(load_form(form))
    text = json.dumps(plan.to_dict(), ensure_ascii=False)
    assert ImportPlan.from_dict(json.loads(text), load_form(form)) == plan
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_an_own_plan_travels_with_its_settings(tmp_path: Path) -> None:
    text = HEAD + "项目,项目名称,表,\n总额,项目总金额,表,元 0.00\n年,年度,表,\n"
    plan = plan_of(office(tmp_path, text, "[import]\nrows = 2000\ncsv = true"))
    data = plan.to_dict()
    assert data == {
        "columns": [
            {"列名": "项目", "栏目": "项目名称", "工作表": "表", "格式": ""},
            {"列名": "总额", "栏目": "项目总金额", "工作表": "表", "格式": "元 0.00"},
            {"列名": "年", "栏目": "年度", "工作表": "表", "格式": ""},
        ],
        "rows": 2000,
        "one_sheet": True,
        "csv": True,
        "own": True,
    }
    assert ImportPlan.from_dict(data, load_form(TARGET)) == plan


DAMAGED: list[tuple[dict[str, Any], str]] = [
    ({"columns": None}, "导入文件的列对照表已损坏"),
    ({"columns": [{"列名": 1}]}, "导入文件的列对照表已损坏"),
    ({"columns": []}, "导入文件的列对照表里还没有列；请每行写一列"),
    ({"rows": 0}, "[import] rows 应为 1–1048575 的整数，现为 0"),
    ({"csv": None}, "[import] csv 应为 true 或 false，现为 None"),
]


@pytest.mark.parametrize(("change", "message"), DAMAGED)
def test_damaged_data_is_no_plan(change: dict[str, Any], message: str) -> None:
    form = load_form(TARGET)
    with pytest.raises(OfficeError) as error:
        ImportPlan.from_dict(ImportPlan.of_form(form).to_dict() | change, form, Path("settings"))
    assert (error.value.message, error.value.path) == (message, Path("settings"))


def test_a_map_of_another_form_is_none_of_this() -> None:
    data = ImportPlan.of_form(load_form(FORMS["unit"])).to_dict()
    with pytest.raises(OfficeError) as error:
        ImportPlan.from_dict(data, load_form(TARGET))
    assert (error.value.message, error.value.line) == (
        "“unit_name”不是本表的栏目，是不是“dept_name”？",
        2,
    )
