"""Forms built from outside without any import of rules: what their fields declare is enforced.

Each mistake is found at its exact cell when the workbook comes back, and shows ✘ on 填报检查 while the unit types.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from office import Office
from outside_forms import changed, failing_lines, filled, findings, office_with, typed_over
from spellings import respelt

from xltool.office.campaign import Campaign

DEPT, FISCAL, BUYING = "dept_overall", "fiscal_target", "procurement"
SHEETS = {DEPT: "部门整体支出绩效目标申报表", FISCAL: "项目1", BUYING: "采购明细"}
DATA: dict[str, dict[str, Any]] = {
    DEPT: {
        "年度总体目标": "保障政务大厅平稳运行，办件满意度保持在 95% 以上。",
        "填报人": "办公室",
        "联系电话": "07550001234",
        "tasks": [
            {
                "任务名称": "政务大厅运行",
                "主要内容": "窗口服务和设备维护",
                "财政拨款": "120.50",
                "其他资金": "3.00",
            },
            {"任务名称": "业务培训", "主要内容": "窗口人员培训 4 期", "财政拨款": "20"},
        ],
        "indicators": [
            {"二级指标": "数量指标", "三级指标": "培训期数", "指标值": "≥4期"},
            {"二级指标": "服务对象满意度指标", "三级指标": "办件满意度", "指标值": "≥95%"},
        ],
    },
    FISCAL: {
        "项目名称": "空气自动监测站运维",
        "项目属性": "新增项目",
        "项目负责人": "甲",
        "项目开始日期": "20270101",
        "项目完成日期": "20281231",
        "实施年限": "2",
        "一般公共预算拨款": "100000",
        "上级转移支付": "20000.5",
        "长期目标": "两年内建成 3 个监测站。",
        "年度目标": "建成 1 个监测站。",
        "expenses": [
            {"支出内容": "设备", "金额": "100000"},
            {"支出内容": "运维", "金额": "20000.5"},
        ],
        "steps": [{"实施内容": "安装", "开始时间": "20270301", "完成时间": "20270630"}],
        "indicators": [{"二级指标": "数量指标", "指标内容": "建成监测站", "指标值": "≥1个"}],
    },
    BUYING: {
        "货物类中小企业预留": "1000",
        "items": [
            {
                "类别": "货物类",
                "大类": "办公设备",
                "品目编码": "A0100010000",
                "数量": "3",
                "单价": "5000",
                "一季度": "15000",
                "二季度": "0",
                "三季度": "0",
                "四季度": "0",
                "采购方式": "框架协议",
            },
            {
                "类别": "服务类",
                "大类": "物业管理",
                "品目编码": "C0100010000",
                "数量": "1",
                "单价": "120000.5",
                "一季度": "60000",
                "二季度": "60000.5",
                "三季度": "0",
                "四季度": "0",
                "采购方式": "公开招标",
            },
            {
                "类别": "货物类",
                "大类": "家具用具",
                "品目编码": "A0200010000",
                "数量": "10",
                "单价": "800",
                "一季度": "0",
                "二季度": "0",
                "三季度": "0",
                "四季度": "8000",
                "采购方式": "询价",
            },
        ],
    },
}
Mistake = tuple[str, dict[str, Any], list[tuple[str, str]], str]
MISTAKES: dict[str, Mistake] = {
    "必填没有填": (DEPT, {"年度总体目标": None}, [("TXT-001", "B17")], "年度总体目标要填"),
    "太长": (
        DEPT,
        {"年度总体目标": "保障运行" * 130},
        [("TXT-002", "B17")],
        "年度总体目标不超过 500 字",
    ),
    "行里必填没有填": (DEPT, {"tasks.1.主要内容": None}, [("TXT-001", "D7")], ""),
    "200 字，限 150 字": (DEPT, {"tasks.0.主要内容": "窗口" * 100}, [("TXT-002", "D6")], ""),
    "金额读不出": (DEPT, {"tasks.0.财政拨款": "约三百"}, [("AMT-011", "F6")], ""),
    "文字里的栏目没有填": (DEPT, {"填报人": None}, [("TXT-001", "A50")], "填报人要填"),
    "文字里的编码少一位": (DEPT, {"联系电话": "0755000123"}, [("COD-001", "E50")], ""),
    "指标没有值": (DEPT, {"indicators.0.指标值": None}, [("TXT-001", "E19")], ""),
    "不在下拉列表": (FISCAL, {"项目属性": "其他项目"}, [("TXT-020", "F3")], ""),
    "有条件的必填": (
        FISCAL,
        {"项目属性": "延续项目"},
        [("TXT-001", "B4")],
        "",
    ),
    "日期读不出": (FISCAL, {"项目完成日期": "20281301"}, [("DAT-001", "D7")], ""),
    "整数超出范围": (FISCAL, {"实施年限": "6"}, [("AMT-011", "F7")], ""),
    "并排的表里日期没有填": (FISCAL, {"steps.0.完成时间": None}, [("TXT-001", "F14")], ""),
    "六种来源有负数": (
        FISCAL,
        {"其他资金": "-5", "expenses.0.金额": "99995"},
        [("AMT-011", "C11")],
        "",
    ),
    "三位小数": (FISCAL, {"expenses.1.金额": "20000.505"}, [("AMT-011", "C15")], ""),
    "品目没有编码": (BUYING, {"items.0.品目编码": None}, [("TXT-001", "C5")], ""),
    "季度之和不等于金额": (
        BUYING,
        {"items.2.四季度": "7000"},
        [("PUR-001", "G7")],
        "品目：金额（元）等于一季度（元）加二季度（元）加三季度（元）加四季度（元）",
    ),
    "数量为 0": (BUYING, {"items.1.数量": "0"}, [("AMT-011", "E6")], ""),
}
OUT_OF_THE_LIST: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "大类不属于类别": ({"items.0.大类": "物业管理"}, [("TXT-020", "B5"), ("TXT-020", "C5")]),
    "编码不属于大类": ({"items.0.品目编码": "A0200010000"}, [("TXT-020", "C5")]),
    "编码不在目录": ({"items.0.品目编码": "A0100019999"}, [("TXT-020", "C5")]),
}
SOURCES = ("FIS-001", "项目1!C22")  # the form's own rule compares the two totals
OVERWRITTEN: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "部门整体支出绩效目标申报表!E6": (DEPT, []),
    "部门整体支出绩效目标申报表!E16": (DEPT, []),
    "部门整体支出绩效目标申报表!F16": (DEPT, []),
    "项目1!C8": (FISCAL, [SOURCES]),
    "项目1!C22": (FISCAL, [SOURCES]),
    "汇总!B5": (BUYING, [("PUR-002", "汇总!B8")]),
    "汇总!C8": (BUYING, []),
    "采购明细!G5": (BUYING, [("PUR-001", "采购明细!G5")]),
}


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Campaign]:
    """Each form, issued to one unit."""
    return {form: office_with(form, tmp_path_factory.mktemp(form) / "office") for form in DATA}


@pytest.mark.parametrize("form", DATA)
def test_a_good_return(offices: dict[str, Campaign], tmp_path: Path, form: str) -> None:
    path = filled(offices[form], DATA[form], tmp_path / "a.xlsx")
    assert findings(offices[form], path) == []
    assert failing_lines(path) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake(offices: dict[str, Campaign], tmp_path: Path, name: str) -> None:
    form, changes, found, line = MISTAKES[name]
    path = filled(offices[form], changed(DATA[form], changes), tmp_path / "a.xlsx")
    expected = [(code, f"{SHEETS[form]}!{cell}") for code, cell in found]
    assert findings(offices[form], path) == expected
    lines = failing_lines(path)
    assert lines, "nothing shows while the unit types"
    assert not line or line in lines


@pytest.mark.parametrize("place", OVERWRITTEN)
def test_a_total_typed_over(offices: dict[str, Campaign], tmp_path: Path, place: str) -> None:
    form, also = OVERWRITTEN[place]
    path = filled(offices[form], DATA[form], tmp_path / "a.xlsx")
    path = typed_over(path, place, 7, tmp_path / "b.xlsx")
    assert findings(offices[form], path) == [("AMT-017", place), *also]


@pytest.mark.parametrize("name", OUT_OF_THE_LIST)
def test_what_is_not_in_the_list(offices: dict[str, Campaign], tmp_path: Path, name: str) -> None:
    """While the unit types, the dropdown of the level above offers nothing else."""
    changes, found = OUT_OF_THE_LIST[name]
    path = filled(offices[BUYING], changed(DATA[BUYING], changes), tmp_path / "a.xlsx")
    expected = [(code, f"采购明细!{cell}") for code, cell in found]
    assert findings(offices[BUYING], path) == expected


@pytest.mark.office
def test_libreoffice_works_out_the_subtotals(
    offices: dict[str, Campaign], office: Office, tmp_path: Path
) -> None:
    """Category, quarter and whole, across sheets, while a unit types into the issued workbook."""
    path = filled(offices[BUYING], DATA[BUYING], tmp_path / "a.xlsx")
    with office.open(path) as document:
        document.recalculate()
        assert document.key_in("采购明细", "F7", "900")
        found = [document.value("汇总", cell) for cell in ("B5", "B6", "B7", "C8", "F5", "B8")]
        assert found == [24000, 0, 120000.5, 75000, 8000, 144000.5]
        assert document.value("采购明细", "G7") == 9000
        assert document.value("采购明细", "D7") == "办公桌"


@pytest.mark.parametrize("quote", [b"&apos;", b"&#39;", b"&#x27;"])
def test_formulas_in_the_spelling_of_other_programs(
    offices: dict[str, Campaign], tmp_path: Path, quote: bytes
) -> None:
    """The name of another sheet stands in quotes, which some programs write as a reference."""
    path = filled(offices[BUYING], DATA[BUYING], tmp_path / "a.xlsx")

    def spell(members: dict[str, bytes]) -> dict[str, bytes]:
        formula = re.compile(rb"<f>[^<]*</f>")
        return {
            name: formula.sub(lambda m: m[0].replace(b"'", quote), xml)
            if name.startswith("xl/worksheets/")
            else xml
            for name, xml in members.items()
        }

    assert findings(offices[BUYING], respelt(path, spell, tmp_path / "b.xlsx")) == []


@pytest.mark.office
@pytest.mark.parametrize(
    ("typed", "total"), [("/", 20), ("——", 20), ("’", 20), ("3", 23), ("约三", "")]
)
def test_a_stroke_stands_for_nothing(
    offices: dict[str, Campaign], office: Office, tmp_path: Path, typed: str, total: float | str
) -> None:
    """What the total shows while the unit types is what the return is read as."""
    path = filled(offices[DEPT], DATA[DEPT], tmp_path / "a.xlsx")
    sheet = SHEETS[DEPT]
    with office.open(path) as document:
        document.recalculate()
        assert document.type_in(sheet, "G7", typed)
        assert document.value(sheet, "E7") == total
