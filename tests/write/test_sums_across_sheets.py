"""Sums with a condition, over rows of another sheet: computed, live, and when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import check_files, edit, fill_unit, template
from mutations import described
from office import Office
from procuring import ITEMS, VALIDATOR, procuring
from small import UNIT, write_csv

from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.write.issuing import issue
from xltool.write.live.page import FIRST
from xltool.write.submission import write_submission

DATA: dict[str, Any] = {"approved": "200", "other": "100", "limit": "100", "item": ITEMS}
COMPUTED = ("B3", "C3", "D3", "B4", "C4", "E4", "B5", "C5")
LINES = {"OWN-001", "OWN-002", "OWN-003", "OWN-004"}


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The campaign, issued; nobody changes it."""
    return procuring(tmp_path_factory.mktemp("sums") / "office")


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """A function that runs `xltool`."""
    return in_this_process(monkeypatch, capsys)


def shown(path: Path) -> list[Any]:
    """What the computed cells of 汇总 show."""
    page = openpyxl.load_workbook(path, data_only=True)["汇总"]
    return [page[cell].value for cell in COMPUTED]


def signs(path: Path) -> list[tuple[str, str, str]]:
    """Sign, cell and words of the lines of own rules."""
    rows = openpyxl.load_workbook(path, data_only=True)["填报检查"].iter_rows(
        min_row=FIRST + 1, values_only=True
    )
    return [(str(r[0] or ""), f"{r[1]}!{r[3]}", str(r[2])) for r in rows if r[4] in LINES]


def test_a_form_is_sound(campaign: Campaign, xltool: Xltool) -> None:
    assert xltool("form", "check", "own", "--campaign", campaign.folder).code == 0


def test_what_is_written(campaign: Campaign, tmp_path: Path) -> None:
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "a.xlsx")
    assert shown(template(campaign, UNIT)) == [None] * len(COMPUTED)
    assert shown(path) == [107.5, 27.5, 100, 100, 0, 207.5, 207.5, 27.5]
    assert signs(path) == [
        ("✔", "汇总!B5", "合计金额（元）等于各行金额（元）之和"),
        ("✔", "汇总!E3", "批准数（元）不能小于类别为“货物类”的各行金额（元）之和"),
        ("✔", "汇总!E5", "其他（元）不能超过上限（元）"),
        ("✔", "汇总!E5", "其他（元）等于类别为“服务类”的各行金额（元）之和"),
    ]
    assert check_files(campaign, path) == []


def test_the_formulas_look_at_the_other_sheet(campaign: Campaign) -> None:
    page = openpyxl.load_workbook(template(campaign, UNIT))["汇总"]
    assert page["E4"].value == ("=IFERROR(IF(OR(COUNT('采购明细'!D7)=0),\"\",'采购明细'!D7),\"\")")
    formula = page["C3"].value
    assert formula.startswith("=IFERROR(IF(SUMPRODUCT((LEN(TRIM(")
    assert formula.endswith(
        ',"货物类")*1)*ISNUMBER(\'采购明细\'!E3:E6),\'采购明细\'!E3:E6),""),"")'
    )
    own = openpyxl.load_workbook(template(campaign, UNIT))["采购明细"]["D7"].value
    assert own == '=IFERROR(IF(OR(COUNT(D3:D6)=0),"",SUM(D3:D6)),"")'


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([{"kind": "货物类"}], [0, 0, 0, 0, 0, None, 0, 0]),  # in use: 0 and no blank
        ([{"note": "大额"}], [0, 0, 0, 0, 0, None, 0, 0]),
        ([{"kind": "服务类", "q1": "5"}], [0, 0, 0, 0, 5, None, 0, 5]),
        ([{"quantity": "2", "price": "3"}], [0, 0, 0, 0, 0, 6, 0, 0]),  # of no kind
        ([], [None] * 8),
    ],
)
def test_the_law_for_blanks(
    items: list[Mapping[str, str]], expected: list[float | None], campaign: Campaign, tmp_path: Path
) -> None:
    path = fill_unit(campaign, UNIT, {"item": items}, tmp_path / "a.xlsx")
    assert shown(path) == expected
    assert [f.code for f in check_files(campaign, path) if f.sheet == "汇总"] == (
        ["OWN-001"] if items and expected[5] == 6 else []
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {"汇总!B3": 99},
            [
                "AMT-017 error 汇总!B3 | 货物类金额（元）为 99.00，按 货物类金额（元） ＝ "
                "类别为“货物类”的各行金额（元）之和 应为 107.50",
                "OWN-001 error 汇总!B5 | 应满足 合计金额（元） 199.00 ＝ "
                "各行金额（元）之和，相差 8.50",
            ],
        ),
        (
            {"汇总!E4": 1},
            [
                "AMT-017 error 汇总!E4 | 明细合计（元）为 1.00，按 明细合计（元） ＝ 合计（元） 应为 207.50"
            ],
        ),
        (
            {"采购明细!E4": 30},
            [],
        ),
        (
            {"汇总!E3": 107},
            [
                "OWN-002 error 汇总!E3 | 批准数（元）为 107.00；应满足：批准数（元） ≥ "
                "类别为“货物类”的各行金额（元）之和"
            ],
        ),
        (
            {"采购明细!F7": 99},
            ["OWN-003 error 汇总!E5 | 其他（元）为 100.00；应满足：其他（元） ≤ 上限（元）"],
        ),
        (
            {"汇总!E5": 50},
            [
                "OWN-004 error 汇总!E5 | 应满足 其他（元） 50.00 ＝ "
                "类别为“服务类”的各行金额（元）之和，相差 50.00"
            ],
        ),
        # what nobody can read makes the sums unknown, and has its own finding
        (
            {"采购明细!C3": "约三元"},
            ["AMT-011 error 采购明细!C3 | 单价（元）“约三元”不是数字"],
        ),
    ],
)
def test_what_comes_back(
    cells: Mapping[str, Any], expected: list[str], campaign: Campaign, tmp_path: Path
) -> None:
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "a.xlsx")

    def change(book: openpyxl.Workbook) -> None:
        for place, value in cells.items():
            sheet, _, cell = place.partition("!")
            book[sheet][cell].value = value

    edit(path, change, tmp_path / "b.xlsx")
    assert described(check_files(campaign, tmp_path / "b.xlsx")) == expected


def test_a_sheet_that_is_gone_makes_no_false_totals(campaign: Campaign, tmp_path: Path) -> None:
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "a.xlsx")

    def remove(book: openpyxl.Workbook) -> None:
        del book["采购明细"]

    edit(path, remove, tmp_path / "b.xlsx")
    found = described(check_files(campaign, tmp_path / "b.xlsx"))
    assert [line.partition(" ")[0] for line in found] == ["TPL-003"]


def test_patterns_give_the_bytes_of_the_ordinary_path(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    prefilled = {
        'fields.amount("批准数（元）")': 'fields.amount("批准数（元）", filled_by="system", prefill="上年.csv:批准数")',
        'fields.amount("上限（元）")': 'fields.amount("上限（元）", filled_by="system", prefill="上年.csv:上限")',
    }
    units = [str(106001 + n) for n in range(4)]
    folder.mkdir()
    write_csv(
        folder / "上年.csv",
        [
            ["单位代码", "批准数", "上限"],
            *([unit, str(n * 100), str(n * 7)] for n, unit in enumerate(units)),
        ],
    )
    made = procuring(folder, changes=prefilled)
    roster = [["单位代码", "单位名称", "主管部门", "部门代码"]]
    roster += [
        [unit, f"云岭区第{n}中心", "云岭区政务服务局", "106"] for n, unit in enumerate(units)
    ]
    write_csv(folder / "units.csv", roster)
    made = load_campaign(folder)
    issue(made)
    key = seal.load_key(folder / KEY_FILE)
    for unit in made.units.values():
        content = made.issue_for(unit)
        path = tmp_path / unit.file_name
        write_submission(path, made.form, made.layout, content, seal.sign(content, key))
        assert path.read_bytes() == template(made, unit.unit_code).read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'kind != "货物类")\')\n    services_q1',
            'kindd != "货物类")\')\n    services_q1',
            "services 的 computed：数据表 item 没有字段 kindd，是不是 kind？请改正",
        ),
        (
            'computed="detail.total"',
            'computed="item.amount"',
            "detailed 的 computed：item 有许多行；请写 sum(item.amount)",
        ),
        (
            'computed="detail.total"',
            'computed="sum(item.amount where quantity + 1 > 3)"',
            "detailed 的 computed：where 后面只能是本行的栏目和文字、整数的比较，"
            "用 and、or、not 相连，不能是“quantity + 1 > 3”；请改正",
        ),
        (
            'computed="sum(item.amount)"',
            'computed="summary.goods + sum(item.amount)"',
            "数据表的 computed 互相用到：summary → detail → summary；请把要用到的字段放在同一个数据表",
        ),
        (
            'return Claim("other <= detail.limit")',
            'return Claim("other <= detail.limt")',
            "数据表 detail 没有字段 limt，是不是 limit？请改正",
        ),
        (
            'return Claim("other <= detail.limit")',
            'return Claim("other <= item.amount")',
            "item 有许多行；请写 sum(item.amount)",
        ),
    ],
)
def test_mistakes_of_authors(
    old: str, new: str, message: str, tmp_path: Path, xltool: Xltool
) -> None:
    made = procuring(tmp_path / "office")
    validator = VALIDATOR.replace(old, new, 1)
    (made.folder / "validators" / "own.py").write_text(validator, encoding="utf-8")
    run = xltool("form", "check", "own", "--campaign", made.folder)
    place = "class Summary" if "互相" in message else new
    line = validator[: validator.index(place)].count("\n") + 1
    assert run.code == 2
    assert f"validators/own.py:{line}: {message}" in run.out.splitlines()


@pytest.mark.office
def test_libreoffice_works_out_the_same(campaign: Campaign, office: Office, tmp_path: Path) -> None:
    """Typed cell by cell, texts among them; none of the stored values is used."""
    rows: list[list[str | float]] = [
        ["货物类", 3, 2.5],
        [" 货物类", 12, 10],
        ["服务类", "", "约三元"],
        ["货物类类", "", ""],
    ]
    quarters: list[list[str | float]] = [[7.5, ""], ["—", "大 额"], ["15", ""], [4, ""]]
    with office.open(template(campaign, UNIT)) as document:
        document.put([("采购明细", "A3:C6", rows), ("采购明细", "E3:F6", quarters)])
        found = [document.area("汇总", cell)[0][0] for cell in COMPUTED]
        assert found == [127.5, 7.5, 120, 0, 4, 127.5, 127.5, 11.5]
        document.put(
            [("采购明细", "A3:C6", [["", "", ""]] * 4), ("采购明细", "E3:F6", [["", ""]] * 4)]
        )
        document.put([("采购明细", "E6", [["—"]])])
        assert [document.area("汇总", cell)[0][0] for cell in COMPUTED] == [""] * len(COMPUTED)
        document.put([("采购明细", "F6", [["大额"]])])
        found = [document.area("汇总", cell)[0][0] for cell in COMPUTED]
        assert found == [0, 0, 0, 0, 0, "", 0, 0]
