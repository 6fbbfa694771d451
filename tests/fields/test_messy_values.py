"""What units type instead of a plain value, by kind of field: what it is read as, and what is said.

The readers themselves are in `test_fields`; here each way of writing goes through a whole workbook.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from helpers import answers, check_files, edit, fill_unit
from mutations import BookChange, cell, described
from raw_cells import with_texts

from xltool.fields.reading import Value
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file

TOTAL, START, GOAL = "项目总金额（万元）", "计划开始日期", "项目总(中期)目标"
NEW_YEAR = date(2027, 1, 1)
SAME = Decimal("260.00")


def told(campaign: Campaign, path: Path, field: str) -> tuple[Value, list[str]]:
    """What a field of the first record is read as, and all findings."""
    found = read_file(path, settings_for(campaign, None))
    row = next(row for row in found.rows if field in row.values)
    return row.values[field], described(check_files(campaign, path))


def as_text(text: str, shown: str = "260.00") -> str:
    return f"TPL-006 warning 项目1!B5 | {TOTAL}“{text}”是文本，已读作 {shown}"


def converted(text: str) -> str:
    return f"TPL-006 warning 项目1!B5 | {TOTAL}“{text}”带有单位，已换算为 260.00"


def another_unit(text: str) -> str:
    return f"AMT-011 error 项目1!B5 | {TOTAL}“{text}”写的不是本栏的单位，换算后多于 2 位小数"


def no_number(text: str) -> str:
    return f"AMT-011 error 项目1!B5 | {TOTAL}“{text}”不是数字"


# The total is 260 万元.
AMOUNTS: list[tuple[str, Value, str]] = [
    *(
        (text, SAME, as_text(text))
        for text in (
            *("260", "２６０", "２６０．００", "260.00 ", " 260", "\u00a0260\u00a0", "\u3000260"),
            *("260\n", "'260", "+260", "\u200b260", "\u202d260\u202c", "\ufeff260"),
            *("￥260", "¥ 260.00"),
        )
    ),
    *(
        (text, SAME, converted(text))
        for text in (
            *("260万", "260 万元", "２６０万元", "2600000元", "2,600,000 元", "0.026亿元"),
            *("¥260万", "￥2600000元"),
        )
    ),
    *(
        (text, None, no_number(text))
        for text in (
            *("约260", "260,00", "26O", "二百六十", "260万左右", "人民币260万元", "😀", "260\x07"),
            *("=260", "@260", "=cmd|'/c calc'!A1", "2.6e2", "无"),
        )
    ),
    *(
        (text, None, another_unit(text))
        for text in ("260.00元", "260元", "21660元", "￥260.5元", "２６０元", "0.0000001亿元")
    ),
    ("260.005万元", None, f"AMT-011 error 项目1!B5 | {TOTAL}“260.005万元”的小数位过多"),
    ("260.005", None, f"AMT-011 error 项目1!B5 | {TOTAL}“260.005”的小数位过多"),
]


@pytest.mark.parametrize(("text", "value", "line"), AMOUNTS, ids=[repr(a[0]) for a in AMOUNTS])
def test_an_amount_typed_as_text(
    target: Campaign, good_target: Path, tmp_path: Path, text: str, value: Value, line: str
) -> None:
    path = with_texts(good_target, tmp_path / "a.xlsx", {"B5": text})
    assert told(target, path, "amount_total") == (value, [line])


def test_thousands_separators(target: Campaign, tmp_path: Path) -> None:
    data = answers("target", "226002")
    project = data["projects"][0]
    project.update(
        {"项目总金额": "1260.00", "财政拨款资金": "1260.00", "本年度项目金额": "1260.00"}
    )
    good = fill_unit(target, "226002", data, tmp_path / "good.xlsx")
    before = described(check_files(target, good))
    for text in ("1,260.00", "1，260.00", "１，２６０．００"):
        path = with_texts(good, tmp_path / "a.xlsx", {"B5": text})
        value, lines = told(target, path, "amount_total")
        assert value == Decimal("1260.00")
        assert set(lines) - set(before) == {as_text(text, "1,260.00")}


def text_date(text: str) -> str:
    return f"DAT-003 warning 项目1!B4 | {START}“{text}”是文本，已读作 2027-01-01"


def iso_date(text: str) -> str:
    return f"TPL-006 warning 项目1!B4 | {START}“{text}”是文本，已读作 2027-01-01"


def no_date(text: str) -> str:
    return f"DAT-001 error 项目1!B4 | {START}“{text}”不是日期，或不在 2000 至 2099 年"


DATES: list[tuple[str, Value, str]] = [
    *((text, NEW_YEAR, iso_date(text)) for text in ("2027-01-01", " 2027-01-01\u00a0")),
    *(
        (text, NEW_YEAR, text_date(text))
        for text in (
            *("2027-1-1", "2027/1/1", "2027/01/01", "2027.1.1", "2027年1月1日", "2027年01月01日"),
            *("2027 年 1 月 1 日", "２０２７年１月１日", "2027年1月1号", "2027/1/1\n"),
        )
    ),
    *(
        (text, None, no_date(text))
        for text in (
            *("2027-02-30", "2027年1月", "20270101", "1/1/2027", "27-1-1", "年初", "1999-12-31"),
            *("=DATE(2027,1,1)", "2027-01-01\x07"),
        )
    ),
]


@pytest.mark.parametrize(("text", "value", "line"), DATES, ids=[repr(d[0]) for d in DATES])
def test_a_date_typed_as_text(
    target: Campaign, good_target: Path, tmp_path: Path, text: str, value: Value, line: str
) -> None:
    path = with_texts(good_target, tmp_path / "a.xlsx", {"B4": text})
    assert told(target, path, "start_date") == (value, [line])


STORED: list[tuple[str, Any, str, Value, str]] = [
    ("B4", 46388, "0", NEW_YEAR, f"TPL-006 warning 项目1!B4 | {START}存成了数字 46388，已读作 2027-01-01"),
    ("B4", 46388.5, "General", None, no_date("46388.5")),
    ("B4", 2027, "General", None, no_date("2027")),
    ("B4", True, "General", None, no_date("TRUE")),
    ("B4", datetime(1905, 7, 19), "yyyy-mm-dd", None, no_date("1905-07-19")),
    ("B5", True, "General", None, no_number("TRUE")),
    ("B5", time(1, 2), "h:mm", None, no_number("01:02:00")),
    ("B5", 260, "yyyy-mm-dd", None, no_number("1900-09-16")),
    ("B5", 1e20, "#,##0.00", None, no_number("1e+20")),
    ("B5", 260.001, "#,##0.00", None, f"AMT-011 error 项目1!B5 | {TOTAL}“260.001”的小数位过多"),
    ("B5", "#REF!", "General", None, f"TPL-007 error 项目1!B5 | {TOTAL}里是错误值 #REF!"),
    ("B5", "#N/A", "General", None, f"TPL-007 error 项目1!B5 | {TOTAL}里是错误值 #N/A"),
    ("B5", "=130*2", "General", None, f"TPL-007 error 项目1!B5 | {TOTAL}里是公式“=130*2”"),
    (
        *("B5", '=_xlfn.DISPIMG("ID_1",1)', "General", None),
        f"TPL-007 error 项目1!B5 | {TOTAL}里是图片，不是文字或数字",
    ),
    ("B4", "#N/A", "General", None, f"TPL-007 error 项目1!B4 | {START}里是错误值 #N/A"),
    ("B4", "=TODAY()", "General", None, f"TPL-007 error 项目1!B4 | {START}里是公式“=TODAY()”"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "raw", "style", "value", "line"), STORED, ids=[f"{s[0]}-{s[1]}" for s in STORED]
)
def test_what_a_cell_holds(
    target: Campaign,
    good_target: Path,
    tmp_path: Path,
    address: str,
    raw: Any,
    style: str,
    value: Value,
    line: str,
) -> None:
    path = edit(good_target, cell(address, raw, style), tmp_path / "a.xlsx")
    field = {"B4": "start_date", "B5": "amount_total"}[address]
    assert told(target, path, field) == (value, [line])


TEXTS: list[tuple[str, Value, list[str]]] = [
    ("第一行\r\n第二行", "第一行\n第二行", []),
    (" 前后有空格\u00a0", " 前后有空格\u00a0", []),
    ("购置📚图书", "购置📚图书", []),
    *((text, text, []) for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|'/c calc'!A1")),
    *((text, text, []) for text in ("<b>甲</b>", "&amp;", "http://example.org")),
    *(
        (text, "甲乙", [f"TPL-006 warning 项目1!B11 | {GOAL}带有看不见的字符，已去掉"])
        for text in ("甲\x07乙", "\x00甲乙", "甲\x1b乙\x7f")
    ),
    (" \u00a0\u3000\n", None, [f"TXT-001 error 项目1!B11 | {GOAL}没有填"]),
    ("\x07", None, [f"TXT-001 error 项目1!B11 | {GOAL}没有填"]),
]


@pytest.mark.parametrize(("text", "value", "lines"), TEXTS, ids=[repr(t[0]) for t in TEXTS])
def test_a_text(
    target: Campaign, good_target: Path, tmp_path: Path, text: str, value: Value, lines: list[str]
) -> None:
    path = with_texts(good_target, tmp_path / "a.xlsx", {"B11": text})
    assert told(target, path, "goal_midterm") == (value, lines)


@pytest.mark.parametrize(
    "text",
    ["一般性项目 ", "\u3000一般性项目", "一般性项目\u00a0", "一般性项目\n"],
)
def test_a_choice_with_more_in_it(
    target: Campaign, good_target: Path, tmp_path: Path, text: str
) -> None:
    path = with_texts(good_target, tmp_path / "a.xlsx", {"B3": text})
    assert told(target, path, "project_type") == (
        "一般性项目",
        [
            f"TPL-006 warning 项目1!B3 | 项目类型“{text}”带有多余的空格、引号或全角字符，"
            "已读作“一般性项目”"
        ],
    )


OFFICE: list[tuple[str, BookChange, list[str]]] = [
    (
        "amount as text",
        cell("E6", "536.76"),
        ["TPL-006 warning 项目1!E6 | 本年度项目金额（万元）“536.76”是文本，已读作 536.76"],
    ),
    (
        "amount in another unit",
        cell("E6", "5367600元"),
        ["TPL-006 warning 项目1!E6 | 本年度项目金额（万元）“5367600元”带有单位，已换算为 536.76"],
    ),
    (
        "another amount as text",
        cell("E6", "536.77"),
        ["TPL-002 error 项目1!E6 | 锁定的内容被改动：本年度项目金额（万元）应为“536.76”，现为“536.77”"],
    ),
    (
        "code as a number",
        cell("B2", 440399261063100205004, "0"),
        [
            "TPL-002 error 项目1!B2 | 锁定的内容被改动：项目编码应为“440399261063100205004”，"
            "现为“4.403992610631e+20”"
        ],
    ),
    (
        "code with spaces",
        cell("B2", "440399 261063100205004"),
        [
            "TPL-006 warning 项目1!B2 | 项目编码“440399 261063100205004”带有多余的空格、引号或全角字符，"
            "已读作“440399261063100205004”"
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "lines"), [o[1:] for o in OFFICE], ids=[o[0] for o in OFFICE])
def test_what_the_office_filled_in_typed_again(
    declaration: Campaign, tmp_path: Path, change: BookChange, lines: list[str]
) -> None:
    """The office's word counts: the same value in another writing is told, another one is refused."""
    good = fill_unit(declaration, "106003", answers("declaration", "106003"), tmp_path / "g.xlsx")
    path = edit(good, change, tmp_path / "a.xlsx")
    assert described(check_files(declaration, path)) == lines
    record = read_file(path, settings_for(declaration, None)).rows[0].values
    assert (record["amount_year"], record["project_code"]) == (
        *(Decimal("536.76"), "440399261063100205004"),
    )
