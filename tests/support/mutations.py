"""Mutations: one change to a correct return, and everything that must then be found.

What is found is written as one line per finding, `CODE severity sheet!cell`, with ` | message`
where the test is about the words too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest
from helpers import Data
from openpyxl.workbook import Workbook

from xltool.rules.findings import Finding

T = TypeVar("T", Data, Workbook)
AnswerChange = Callable[[Data], object]
BookChange = Callable[[Workbook], object]


@dataclass(frozen=True)
class Mutation(Generic[T]):
    """One change and the lines of everything it must lead to."""

    id: str
    change: Callable[[T], object]
    expected: Sequence[str] = ()

    def apply(self, subject: T) -> None:
        """Make the change."""
        self.change(subject)


def each(mutations: Sequence[Mutation[T]]) -> pytest.MarkDecorator:
    """Run a test once per mutation, under its name."""
    assert len({m.id for m in mutations}) == len(mutations), "two mutations of one name"
    return pytest.mark.parametrize("mutation", mutations, ids=[m.id for m in mutations])


def described(findings: Sequence[Finding], like: Sequence[str] = ()) -> list[str]:
    """The findings as lines; with the message, unless the line expected there has none."""
    lines = []
    for number, finding in enumerate(findings):
        place = f" {finding.sheet}!{finding.cell}".rstrip("!") if finding.sheet else ""
        short = number < len(like) and "|" not in like[number]
        message = "" if short else f" | {finding.message}"
        lines.append(f"{finding.code} {finding.severity}{place}{message}")
    return lines


def by_file(findings: Sequence[Finding]) -> dict[str, list[str]]:
    """The lines of several files, without messages."""
    files = dict.fromkeys(Path(finding.file).name for finding in findings)
    return {
        name: [
            line.split(" |")[0]
            for line in described([f for f in findings if Path(f.file).name == name])
        ]
        for name in files
    }


def nothing(_: object) -> None:
    """Leave everything as it is."""


def answer(number: int, values: dict[str, str]) -> AnswerChange:
    """Change answers of project `number`."""

    def change(data: Data) -> None:
        project = data["projects"][number - 1]
        assert set(values) <= set(project), "an unknown label"
        project.update(values)

    return change


def added(values: dict[str, str]) -> AnswerChange:
    """A further project like the first one, but with goals and indicators of its own (a spare sheet)."""

    def change(data: Data) -> None:
        new = copy.deepcopy(data["projects"][0])
        for label in new:
            if label.endswith(("目标", "实际完成情况")):
                new[label] = f"在新的片区，{new[label]}"
        for row in new["indicators"]:
            name = list(row)[2]
            row[name] = row[name] if row[name] == "不适用" else f"新片区{row[name]}"
        data["projects"].append({**new, **values})

    return change


def cell(address: str, value: Any, style: str | None = None, sheet: str = "项目1") -> BookChange:
    """Write into one cell, with a number format if given."""

    def change(book: Workbook) -> None:
        book[sheet][address].value = value
        if style:
            book[sheet][address].number_format = style

    return change


def sheet(change: Callable[[Any], None], name: str = "项目1") -> BookChange:
    """Do something to a whole sheet."""
    return lambda book: change(book[name])
