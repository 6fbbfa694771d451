"""Projects with the same indicators (XW-008, IND-013): those that are looked at are all that can be alike."""

from __future__ import annotations

import random
from importlib import import_module
from typing import Any

import polars as pl
import pytest

copies: Any = import_module("xltool.validators.shared.copies")


def some_rows(chance: random.Random, projects: int) -> pl.DataFrame:
    """The indicators of projects, two in a workbook; some have nearly those of another one, in another order."""
    sets: list[list[str]] = []
    for number in range(projects):
        if sets and chance.random() < 0.4:
            names = [*chance.choice(sets)]
            for _ in range(chance.randrange(3)):
                names[chance.randrange(len(names))] = f"改过的指标{chance.randrange(50)}"
            chance.shuffle(names)
        else:
            common = [f"常用指标{chance.randrange(20)}" for _ in range(chance.randrange(4))]
            names = [f"指标{number}之{n}" for n in range(chance.randrange(1, 14))] + common
        sets.append(names)
    rows = [
        (number // 2, number % 2, "数量指标", f"项目{number}", f"{number // 2}", name, True)
        for number, names in enumerate(sets)
        for name in names
    ]
    columns = ["workbook", "record", "lv2", "project_name", "unit", "name", "real"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def all_projects(rows: pl.DataFrame) -> list[Any]:
    """The projects of these rows with their indicators as numbers, none left out."""
    numbers = {name: n for n, name in enumerate(rows["name"].unique())}
    found: dict[tuple[int, int], list[tuple[int, dict[str, object]]]] = {}
    for place, row in enumerate(rows.to_dicts()):
        found.setdefault((row["workbook"], row["record"]), []).append((place, row))
    return [
        copies._Project(
            workbook,
            some[0][0],
            str(some[0][1]["unit"]),
            str(some[0][1]["project_name"]),
            frozenset(numbers[str(row["name"])] for _, row in some),
        )
        for (workbook, _), some in found.items()
    ]


@pytest.mark.parametrize("seed", range(20))
def test_no_project_that_is_like_another_one_is_left_out(seed: int) -> None:
    rows = some_rows(random.Random(seed), 60)
    everywhere = {project.row for group in copies._groups(all_projects(rows)) for project in group}
    likely = copies._projects(rows, same_unit=False)
    assert {project.row for group in copies._groups(likely) for project in group} == everywhere
    assert everywhere
    assert len(likely) < 60  # those that are like none


def test_of_one_workbook_only_its_own_projects_count() -> None:
    rows = some_rows(random.Random(1), 60)
    within = copies._projects(rows, same_unit=True)
    for workbook in range(30):
        own = [project for project in all_projects(rows) if project.workbook == workbook]
        both = len(own[0].indicators & own[1].indicators)
        rest = len(own[0].indicators | own[1].indicators) - both
        if both >= copies.ALIKE * (both + rest):
            assert {project.row for project in own} <= {project.row for project in within}
