"""同一个数量，在指标和正文里说法不一（docs/domain.md §10.4）。按名导入：各表的正文栏目不同。"""

from __future__ import annotations

import re

import polars as pl

from xltool.fields.measures import judged
from xltool.prose.numerals import written
from xltool.prose.quantities import Calculation, Quantity, read
from xltool.prose.targets import parse
from xltool.rules import FormTable, Lookup, Offence, rule

_CLAUSE = re.compile(r"[，。；;、\n]")
_COUNTED = re.compile(r"的?总?(?:数量|[人次个台套份件户期批册卷场]数|场次|人次|批次|数)$")
_PEOPLE = ("人", "名", "位")
_FEWEST = 3  # a shorter name (培训) says too little


def _other_quantity(name: str | None, value: str | None, text: str | None) -> str | None:
    """The quantity that a text states of the very thing that an indicator names, if it is another.

    Only clauses that hold the whole name and one quantity with the same unit are believed.
    """
    if name is None or value is None or text is None:
        return None
    target, thing = parse(value), _COUNTED.sub("", name)
    if target.kind != "number" or target.value is None or len(thing) < _FEWEST or name == thing:
        return None
    stated: list[Quantity] = []
    for clause in _CLAUSE.split(text):
        if thing in clause:
            found = [quantity for part in read(clause) for quantity in _quantities(part)]
            same = [q for q in found if _same_unit(q.unit, target.unit) and not q.per]
            stated += same if len(same) == 1 else []
    if not stated or any(quantity.value == target.value for quantity in stated):
        return None
    return f"{written(stated[0].value)}{stated[0].unit}"


def _quantities(part: Quantity | Calculation) -> list[Quantity]:
    """A quantity itself, or the factors of a calculation."""
    if isinstance(part, Quantity):
        return [part]
    return [factor for term in part.terms for factor in term]


def _same_unit(one: str, other: str | None) -> bool:
    return one == other or (one in _PEOPLE and other in _PEOPLE)


def _contradicts(text: str) -> Offence:
    beginning = pl.col("lv3").str.head(_FEWEST)
    mentioned = pl.col(text).str.contains(beginning, literal=True)
    said = judged(_other_quantity, "lv3", "target", text, where=mentioned)
    return Offence(said.is_not_null(), {"said": said})


@rule(
    "IND-016",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}是“{target}”，目标里写的是 {said}",
    hint="请核对，使两处一致",
    using={"goal_year": Lookup("project", pl.col("goal_year").first(), pl.String())},
)
def goal_states_another_quantity(indicator: FormTable) -> Offence:
    """同一个数量，指标值与年度目标中的说法要一致。

    只比较年度目标中原样写出指标名称、又只有一个同单位数量的句子。

    | lv3            | target | goal_year                |     |
    | 学习书籍购置数量 | ≥68本 | 全年学习书籍购置68本。   | ok  |
    | 学习书籍购置数量 | ≥68本 | 全年学习书籍购置86本。   | bad |
    | 学习书籍购置数量 | ≥68本 | 全年购置书籍86本。       | ok  |
    """
    return _contradicts("goal_year")


@rule(
    "IND-016",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}是“{target}”，测算依据里写的是 {said}",
    hint="请核对，使两处一致",
    using={"calc_basis": Lookup("project", pl.col("calc_basis").first(), pl.String())},
)
def basis_states_another_quantity(indicator: FormTable) -> Offence:
    """同一个数量，指标值与测算依据中的说法要一致。

    | lv3            | target | calc_basis                    |     |
    | 驻场工程师人数 | 4人    | 驻场工程师4名×1.35万元/月     | ok  |
    | 驻场工程师人数 | 4人    | 驻场工程师5名×1.35万元/月     | bad |
    """
    return _contradicts("calc_basis")


@rule(
    "IND-016",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}是“{target}”，项目用途里写的是 {said}",
    hint="请核对，使两处一致",
    using={"purpose": Lookup("project", pl.col("purpose").first(), pl.String())},
)
def purpose_states_another_quantity(indicator: FormTable) -> Offence:
    """同一个数量，指标值与项目用途中的说法要一致。

    | lv3            | target | purpose              |     |
    | 驻场工程师人数 | 4人    | 聘用驻场工程师4名。  | ok  |
    | 驻场工程师人数 | 4人    | 聘用驻场工程师5名。  | bad |
    """
    return _contradicts("purpose")
