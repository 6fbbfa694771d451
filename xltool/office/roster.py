"""The office's lists: `units.csv`, `projects.csv`, and the reference lists of its forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from xltool.errors import OfficeError
from xltool.office.codes import altered
from xltool.office.columns import column_mistakes
from xltool.office.csv_files import each_row
from xltool.office.mistakes import Mistakes
from xltool.prose.bearing import file_name, unbearable
from xltool.prose.looks import look
from xltool.prose.quoting import quoted
from xltool.prose.text import printable

ROSTER = "units.csv"

HEADINGS = {  # what the roster says of a unit → the headings of its column
    "unit_code": ("单位代码", "单位编码"),
    "unit_name": ("单位名称",),
    "department": ("主管部门", "一级预算单位", "主管单位"),
    "department_code": ("部门代码", "部门编码"),
    "district": ("区划", "行政区划", "所属区"),
}
_UNIT_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")
_LONGEST_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class Unit:
    """One line of the roster."""

    unit_code: str
    unit_name: str
    department: str = ""
    department_code: str = ""
    district: str = ""
    line: int | None = field(default=None, compare=False, repr=False)  # of the roster

    @property
    def file_name(self) -> str:
        """A safe file name for its workbook: `106001_云岭区政务服务中心.xlsx`."""
        return f"{self.unit_code}_{file_name(self.unit_name)}.xlsx"

    @property
    def department_and_code(self) -> str:
        """The department as the national form wants it: `云岭区教育局（517）`."""
        code = f"（{self.department_code}）" if self.department_code else ""
        return f"{self.department}{code}"


def prefill_names() -> list[str]:
    """What the roster can prefill: the names that a field's `prefill` may have."""
    return [*HEADINGS, "department_and_code"]


def read_roster(path: Path, *, may_be_empty: bool = False) -> list[Unit]:
    """The units of the roster in the order of the file. Raises OfficeError with all that is wrong in it.

    A code may stand there again for a unit of another district.
    """
    if may_be_empty and not path.exists():
        return []
    mistakes = Mistakes(path.parent)
    rows = each_row(path, mistakes)
    first = next(rows, None)
    if first is None and may_be_empty:
        return []
    if first is None:
        mistakes.insist()
        raise OfficeError("名册里还没有单位；请每行填写一个单位", path)
    names = _roster_columns(list(first[1]), mistakes, path)
    mistakes.insist()
    units: list[Unit] = []
    seen = _Seen(path)
    shared: dict[str, str] = {}  # many units have the same department: one text for all of them
    with mistakes.noting():  # what is no CSV any more further down
        for line, row in chain([first], rows):
            texts = {names[word]: text.strip() for word, text in row.items() if word in names}
            given = {name: shared.setdefault(text, text) for name, text in texts.items()}
            unit = Unit(**given, line=line)
            mistakes.take(_unit_mistakes(unit, path, line))
            mistakes.take(seen.before(unit, line))
            units.append(unit)
    mistakes.insist()
    return units


def _roster_columns(there: Sequence[str], mistakes: Mistakes, path: Path) -> dict[str, str]:
    """Heading → what it says of a unit; notes columns that are missing or misspelt."""
    names = {
        heading: word
        for word, headings in HEADINGS.items()
        for heading in (*headings, word)
        if heading in there
    }
    lacking = [word for word in HEADINGS if word not in names.values()]
    required = [HEADINGS[word][0] for word in lacking if word in ("unit_code", "unit_name")]
    others = [HEADINGS[word][0] for word in lacking if word not in ("unit_code", "unit_name")]
    unknown = [heading for heading in there if heading not in names]
    mistakes.take(column_mistakes(unknown, required, others, path))
    return names


def _unit_mistakes(unit: Unit, path: Path, line: int) -> Iterator[OfficeError]:
    """What is wrong with one line of the roster."""
    code = unit.unit_code
    if not code:
        yield OfficeError("没有单位代码；请补上，不要的请删去这一行", path, line)
    elif words := altered("单位代码", code):
        yield OfficeError(words, path, line)
    elif not _UNIT_CODE.fullmatch(code):
        shown = printable(quoted(code))
        yield OfficeError(f"单位代码“{shown}”应为 1–32 位字母、数字；请改正", path, line)
    if not unit.unit_name:
        yield OfficeError(f"单位 {code} 没有单位名称；请补上", path, line)
    for word, headings in HEADINGS.items():
        if word != "unit_code" and (problem := unbearable(getattr(unit, word), _LONGEST_NAME)):
            yield OfficeError(f"{headings[0]}{problem}", path, line)


class _Seen:
    """The units of a roster so far: whose code, or whose name, is that of another one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.codes: dict[tuple[str, str], tuple[Unit, int]] = {}
        self.names: dict[tuple[str, str], tuple[Unit, int]] = {}

    def before(self, unit: Unit, line: int) -> Iterator[OfficeError]:
        """Yield what a unit has in common with one before it in its district."""
        code, name = (
            (unit.district, unit.unit_code.casefold()),
            (unit.district, look(unit.unit_name)),
        )
        other, at = self.codes.setdefault(code, (unit, line))
        if other is not unit:
            same = unit.unit_code == other.unit_code
            how = "重复" if same else f"与 {other.unit_code} 只差大小写"
            words = f"单位代码 {unit.unit_code} {how}（第 {at} 行已有）；请删去一行，或改正代码"
            yield OfficeError(words, self.path, line)
            return
        other, at = self.names.setdefault(name, (unit, line))
        if other is not unit and unit.unit_name:
            same = unit.unit_name == other.unit_name
            how = "相同" if same else f"的“{quoted(other.unit_name)}”看起来相同"
            words = f"单位名称“{quoted(unit.unit_name)}”与第 {at} 行{how}；同一个单位的请删去一行，不同的请写出区别"
            yield OfficeError(words, self.path, line)
