"""Shared rules on several returns, and on what the office knows of the units, on every form that
carries them: each single mistake is found at its cell, and nothing else.
"""

from __future__ import annotations

import copy
import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from helpers import answers, check_files, fill_unit
from kits import KITS, by_path, says
from mutations import added
from small import write_csv
from test_mutations_files import resealed

from xltool.checking.running import check
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.issuing import issue

TWICE, FOREIGN, LATE = "XW-001 error", "XW-002 error", "XW-003 warning units.csv"


@pytest.mark.parametrize("letter", KITS)
def test_returns_of_a_unit(tmp_path: Path, letter: str) -> None:
    """XW-001: two different ones. XW-002: of a unit that is not in the roster. XW-003: none in time."""
    kit = KITS[letter]
    campaign = kit.campaign(tmp_path / "office")
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    data = kit.data()
    says("按计划组织实施，保障服务正常运转。")(kit, data)
    other = kit.fill(campaign, data, tmp_path / "other.xlsx")
    assert found(campaign, good, other) == [[TWICE], [TWICE]]

    foreign = resealed(good, tmp_path / "return.xlsx", campaign.folder / KEY_FILE, unit="999001")
    assert found(campaign, foreign) == [[FOREIGN]]

    assert campaign.deadline is not None
    batch = Batch([read_file(good, settings_for(campaign, None))], campaign)
    late = check(replace(batch, day=campaign.deadline + timedelta(days=1))).findings
    assert [f"{f.code} {f.severity} {f.file}" for f in late] == [LATE]


def found(campaign: Campaign, *paths: Path) -> list[list[str]]:
    """The lines of each return."""
    return by_path(check_files(campaign, *paths), paths)


# What is found where a list of the office says something else than a correct return.

Rows = Sequence[Sequence[str]]
CONTROL = ["部门代码", "单位数", "控制数（万元）"]
AMOUNTS = ["单位代码", "项目名称", "本年度金额（万元）"]
TYPES = [["项目类型"], ["99 其他项目"]]
FIRST = {  # the first project, as the lists of the office have it
    "A": ["226002", "图书文献采购", "260.00"],
    "D": ["142001", "排水管网检测", "238.70"],
    "E": ["106003", "公共数据资源治理", "536.76"],
}
LISTS: Mapping[str, tuple[str, Callable[[str], Rows], Mapping[str, str]]] = {
    "XW-005": (
        "部门控制数.csv",
        lambda letter: [CONTROL, [KITS[letter].unit[:3], "1", "1.00"]],
        {"A": "error 项目1!E5", "D": "error 项目1!E6", "E": "error 项目1!E6",
         "B": "error 单位整体支出绩效目标表!E26"},
    ),
    "XW-006": (
        "项目金额.csv",
        lambda letter: [AMOUNTS, [*FIRST[letter][:2], "1.00"]],
        {"A": "error 项目1!E5", "D": "error 项目1!E6", "E": "error 项目1!E6"},
    ),
    "XW-007": (
        "项目金额.csv",
        lambda letter: [AMOUNTS, FIRST[letter], [FIRST[letter][0], "档案数字化", "1.00"]],
        {"A": "error 项目1!B2", "D": "error 项目1!E2", "E": "error 项目1!E2"},
    ),
    "COD-010": (
        "项目类型.csv",
        lambda _: TYPES,
        {"D": "warning 项目1!E4", "E": "warning 项目1!E4"},
    ),
}  # fmt: skip
LISTED = [(code, letter) for code, (_, _, places) in LISTS.items() for letter in places]


@pytest.mark.parametrize(("code", "letter"), LISTED)
def test_lists_of_the_office(tmp_path: Path, code: str, letter: str) -> None:
    kit, (file, rows, places) = KITS[letter], LISTS[code]
    campaign = kit.campaign(tmp_path / "office")
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    assert found(campaign, good) == [[]]
    write_csv(campaign.folder / file, rows(letter))
    assert found(load_campaign(campaign.folder), good) == [[f"{code} {places[letter]}"]]


NAMED = {  # where the name of the unit (A: of the department) is printed
    "A": ["项目1!E2"],
    "B": ["单位整体支出绩效目标表!B3"],
    "C": [*(f"表{number}!B3" for number in range(1, 12)), "增减变动说明!B2"],
    "D": ["项目1!B3"],
    "E": ["项目1!B3"],
    "F": ["项目1!G2"],
    "G": ["项目1!I4"],
}


@pytest.mark.parametrize("letter", KITS)
def test_roster_corrected_after_the_issue(tmp_path: Path, letter: str) -> None:
    """XW-011: the name that was printed is no longer the unit's."""
    kit = KITS[letter]
    campaign = kit.campaign(tmp_path / "office")
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    column = 2 if letter == "A" else 1
    rows = read_csv(campaign.folder / "units.csv")
    for row in rows[1:]:
        row[column] += "（筹）"
    write_csv(campaign.folder / "units.csv", rows)
    expected = [f"XW-011 warning {place}" for place in NAMED[letter]]
    assert found(load_campaign(campaign.folder), good) == [expected]


def read_csv(path: Path) -> list[list[str]]:
    """The rows of a list of the office."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


OTHERS = {"A": "226001", "D": "142002", "E": "106002", "G": "517002"}
COPIED = {
    ("A", "年度绩效目标"): ["XW-008 warning 项目1!B12"],
    ("D", "年度目标"): ["XW-008 warning 项目1!B8"],
    ("E", "年度目标"): ["XW-008 warning 项目1!B9"],
    ("G", "年度目标"): ["XW-008 warning 项目1!H10"],
    ("A", "indicators"): ["XW-008 warning 项目1!C14"],
    ("G", "indicators"): ["XW-008 warning 项目1!D13"],
    # the cost that is copied with them is beyond the amount of the other project
    ("D", "indicators"): ["XW-008 warning 项目1!C11", "AMT-023 warning 项目1!D41"],
    ("E", "indicators"): ["XW-008 warning 项目1!C12", "AMT-023 warning 项目1!D42"],
}


@pytest.mark.parametrize(("letter", "label"), COPIED)
def test_copied_from_another_unit(tmp_path: Path, letter: str, label: str) -> None:
    kit, other, expected = KITS[letter], OTHERS[letter], COPIED[letter, label]
    campaign = kit.campaign(tmp_path / "office", others=[other])
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    data = answers(kit.example, other)
    data["projects"][0][label] = copy.deepcopy(kit.data()["projects"][0][label])
    path = fill_unit(campaign, other, data, tmp_path / "other.xlsx")
    assert found(campaign, good, path) == [expected[:1], expected]


PAID = {  # what the texts of each unit's first project say, too
    "142001": {"项目总金额": "716.10", "本年度项目金额": "238.70"},
    "142002": {"项目总金额": "716.10", "本年度项目金额": "238.70"},
    "106003": {"项目总金额": "1610.28", "本年度项目金额": "536.76"},
    "106002": {"项目总金额": "1886.40", "本年度项目金额": "628.80"},
}
SAME_CODE = {"D": "440399271421500100008", "E": "440399271063100100008"}


@pytest.mark.parametrize("letter", SAME_CODE)
def test_code_of_another_unit(tmp_path: Path, letter: str) -> None:
    """XW-004: both units have a further project of the same code."""
    kit, other = KITS[letter], OTHERS[letter]
    campaign = kit.campaign(tmp_path / "office", others=[other], spare=1)
    paths, lines = [], []
    for unit in (kit.unit, other):
        data = kit.data() if unit == kit.unit else answers(kit.example, unit)
        new = {"项目编码": SAME_CODE[letter], "项目名称": f"档案加工{unit}", "是否新增项目": "是"}
        added(new | PAID[unit])(data)
        paths.append(fill_unit(campaign, unit, data, tmp_path / f"{unit}.xlsx"))
        lines.append([f"XW-004 error 项目{len(data['projects'])}!B2"])
    assert found(campaign, *paths) == lines


LISTED_TWICE = "TXT-016 warning 项目1!B7"
DRAFT = "TXT-021 warning 项目1!B7"


@pytest.mark.parametrize(
    ("basis", "line"),
    [
        ("《云岭区数据管理办法》；三定方案；《云岭区数据管理办法》", LISTED_TWICE),
        ("《云岭区数据管理办法》；《云岭区数据评分标准》（征求意见稿）", DRAFT),
    ],
)
def test_what_the_office_gives_as_policy_basis(tmp_path: Path, basis: str, line: str) -> None:
    """TXT-016, TXT-021: the office prefills 政策依据, so the mistake is its own."""
    kit = KITS["E"]
    campaign = kit.campaign(tmp_path / "office")
    path = campaign.folder / "projects.csv"
    head, row = read_csv(path)
    row[head.index("政策依据")] = basis
    write_csv(path, [head, row])
    campaign = load_campaign(campaign.folder)
    issue(campaign, [kit.unit])
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    assert found(campaign, good) == [[line]]


def opinions_at(letter: str) -> list[str]:
    """What is found where the office has an error, a warning, and one about what stood there before."""
    kit = KITS[letter]
    place = f"{kit.sheet}!{kit.long[1]}"
    return [f"OPI-001 error {place}", f"OPI-002 warning {place}", f"OPI-003 info {place}"]


@pytest.mark.parametrize("letter", KITS)
def test_opinions_of_the_office(tmp_path: Path, letter: str) -> None:
    kit = KITS[letter]
    campaign = kit.campaign(tmp_path / "office")
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    place = f"{kit.sheet}!{kit.long[1]}"
    texts = {"请附依据": "错误", "请核对": "提醒", "请写明单价": "错误"}
    rows = [[kit.unit, place, text, grade] for text, grade in texts.items()]
    write_csv(campaign.folder / "意见.csv", [["单位代码", "位置", "意见", "级别"], *rows])
    head = ["时间", "单位代码", "位置", "意见", "原值", "sha256"]
    before = ["", kit.unit, place, "请写明单价", "以前的内容", ""]
    write_csv(campaign.folder / "意见记录.csv", [head, before])
    assert found(load_campaign(campaign.folder), good) == [opinions_at(letter)]


def declared(letter: str) -> list[str]:
    """The lines that these tests expect somewhere on a form."""
    lines = [TWICE, FOREIGN, LATE, *(f"XW-011 warning {place}" for place in NAMED[letter])]
    lines += [
        f"{code} {places[letter]}" for code, (_, _, places) in LISTS.items() if letter in places
    ]
    lines += [line for (form, _), lines in COPIED.items() for line in lines[:1] if form == letter]
    lines += opinions_at(letter)
    lines += ["XW-004 error"] if letter in SAME_CODE else []
    return lines + ([LISTED_TWICE, DRAFT] if letter == "E" else [])
