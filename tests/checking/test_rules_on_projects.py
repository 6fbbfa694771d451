"""Shared rules on the projects of a unit, on every form that carries them: each single mistake is
found at its cell, and nothing else.

The mistake is in a further project on a spare sheet, or between that one and the first.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path

import pytest
from helpers import Data
from kits import KITS, Case, Change, Kit, has_cases, outcome, together
from mutations import added

SECOND = "档案数字化加工"


def code(
    kit: Kit, year: str = "27", department: str = "", kind: str = "", district: str = "440399"
) -> str:
    """A project code of this unit, but for what is given."""
    own, mine = kit.coded
    return f"{district}{year}{department or own}{kind or mine}00100008"


def second(name: str = SECOND, new: str = "是", **other: str) -> Change:
    """A further project; `other`: what its code says otherwise."""

    def change(kit: Kit, data: Data) -> None:
        coded = {"项目编码": code(kit, **other), "是否新增项目": new} if kit.coded[0] else {}
        added({"项目名称": name, **coded})(data)
        if kit.coded[0]:
            data["projects"][1].update(amounts(kit))

    return change


def like_the_first(*labels: str) -> Change:
    """The further project has these answers of the first one."""

    def change(_: Kit, data: Data) -> None:
        for label in {*labels} & {*data["projects"][0]}:
            data["projects"][1][label] = copy.deepcopy(data["projects"][0][label])

    return change


def answered(**values: str) -> Change:
    """The further project has these answers."""
    return lambda _, data: data["projects"][1].update(values)


def paid_for_three_years(kit: Kit, data: Data) -> None:
    """The further project has the period, the type and the amounts; the office prefills them elsewhere."""
    coded = {"实施期限": "3", "项目类型": f"{kit.coded[1]} 履职类项目"}
    data["projects"][1].update(coded | amounts(kit))


def amounts(kit: Kit) -> Data:
    """The amounts of a project of this kit."""
    year = {"D": "238.70", "E": "536.76"}[kit.letter]
    return {"项目总金额": str(Decimal(year) * 3), "本年度项目金额": year}


PROJECTS = {
    "another project": Case(second(), "ADEFG", []),
    "DUP-002": Case(
        together(second(), like_the_first("年度目标", "年度绩效目标")),
        "ADEG",
        ["DUP-002 warning {goal}"],
    ),
}
CODES = {
    "a new project": Case(second(), "DE", []),
    "an old project": Case(second(new="否", year="26"), "DE", []),
    "COD-001": Case(second(kind="3"), "DE", ["COD-001 error 项目2!B2"]),
    "COD-002": Case(second(district="440398"), "DE", ["COD-002 error 项目2!B2"]),
    "COD-003": Case(second(new="否", year="28"), "DE", ["COD-003 error 项目2!B2"]),
    "COD-004": Case(second(department="999"), "DE", ["COD-004 error 项目2!B2"]),
    "COD-006": Case(second(year="26"), "DE", ["COD-006 error 项目2!B5"]),
    "COD-007": Case(second(new="否"), "DE", ["COD-007 info 项目2!B5"]),
    "COD-009": Case(
        together(second(), like_the_first("项目编码", "是否新增项目")),
        "DE",
        ["COD-009 error 项目1!B2", "COD-009 error 项目2!B2"],
    ),
}
OPENED = {
    "COD-005": Case(
        lambda kit, data: data["projects"][1].update(项目编码=code(kit, kind="99")),
        "DE",
        ["COD-005 warning 项目2!B2"],
    ),
    "COD-008": Case(
        answered(实施期限="4"),
        "DE",
        ["COD-008 warning 项目2!B4"],
        {"D": ["AMT-014 info 项目2!B6"]},  # three years' money in four years
    ),
    "AMT-011": Case(answered(本年度项目金额="约四"), "DE", ["AMT-011 error 项目2!E6"]),
}
# a project of another name, or with the same indicators, would be compared with those of other returns
APART = {
    "DUP-001": Case(
        together(second(), like_the_first("项目名称")),
        "ADEFG",
        ["DUP-001 error {title}", "DUP-001 error {title2}"],
    ),
    "TXT-013": Case(second("《档案》数字化加工"), "ADEFG", ["TXT-013 warning {title2}"]),
    "IND-013": Case(
        together(second(), like_the_first("indicators")),
        "ADE",
        ["IND-013 warning {quantity.name}"],
    ),
    "IND-013 where the midterm comes first": Case(
        together(second(), like_the_first("indicators")),
        "G",
        ["IND-013 warning 项目1!D13"],
    ),
}
GROUPS = {
    "projects": PROJECTS,
    "codes": CODES,
    **{name: {name: case} for name, case in APART.items()},
}
RUNS = [(letter, group) for letter in KITS for group in GROUPS if has_cases(letter, GROUPS[group])]
OPEN = "[fields]\n" + "\n".join(
    f'{name}.filled_by = "unit"'
    for name in ("period_years", "project_type", "amount_total", "amount_year")
)


@pytest.mark.parametrize(("letter", "group"), RUNS)
def test_answers(tmp_path: Path, letter: str, group: str) -> None:
    found, expected = outcome(KITS[letter], GROUPS[group], tmp_path, spare=1)
    assert found == expected


@pytest.mark.parametrize("letter", ["D", "E"])
def test_opened_cells(tmp_path: Path, letter: str) -> None:
    """What the office prefills as a rule, and a campaign may leave to the units."""
    base = together(second(), paid_for_three_years)
    found, expected = outcome(KITS[letter], OPENED, tmp_path, settings=OPEN, base=base, spare=1)
    assert found == expected


def declared(letter: str) -> list[str]:
    """The lines that these tests expect somewhere on a form."""
    cases = [case for group in [*GROUPS.values(), OPENED] for case in group.values()]
    return [line for case in cases if letter in case.forms for line in case.lines(KITS[letter])]
