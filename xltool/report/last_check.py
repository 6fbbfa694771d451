"""What the last check found of each unit, kept in the campaign's folder to be compared with.

`.xltool/last_check.jsonl` has a line for each unit that was ever checked: what was found in its workbooks when
they were seen last. It may be deleted at any time: the next check is the first one then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from xltool.files import appearing
from xltool.office.campaign import PRIVATE
from xltool.rules.findings import Finding

_FILE = PRIVATE / "last_check.jsonl"


class Problem(NamedTuple):
    """An error or a warning in short: what is compared between two runs, and told to the unit.

    `mended` says, of one in a copy that went back, what the copy has mended of it by itself.
    """

    code: str
    severity: str
    whose: str
    sheet: str
    cell: str
    message: str
    label: str = ""
    hint: str = ""
    mended: str = ""

    @classmethod
    def of(cls, finding: Finding) -> Problem:
        """A finding in short."""
        words = finding.code, finding.severity, finding.whose, finding.sheet, finding.cell
        return cls(*words, finding.message, finding.label, finding.hint)

    @classmethod
    def on_copy(cls, finding: Finding) -> Problem:
        """A finding as the copy that goes back tells it."""
        return cls.of(finding)._replace(mended=finding.mended)


@dataclass(frozen=True, slots=True)
class UnitFound:
    """What was found of a unit: the SHA-256 of its workbooks, and their problems in reading order.

    `on_copy` is what the copy of one of them that went back tells. `is_unsealed`: they are not the workbooks
    that were issued.
    """

    digests: frozenset[str]
    problems: list[Problem]
    on_copy: list[Problem] = field(default_factory=list)
    is_unsealed: bool = False


@dataclass(frozen=True)
class LastCheck:
    """The last check of a campaign, and what each unit had when it was seen last, by its code in the log."""

    time: str
    units: Mapping[str, UnitFound] = field(default_factory=dict)


def read_last(folder: Path) -> LastCheck | None:
    """The last check of the campaign in a folder; None where nothing is known of one."""
    try:
        with (folder / _FILE).open(encoding="utf-8") as file:
            time = str(json.loads(next(file))["time"])
            return LastCheck(time, dict(_unit(json.loads(line)) for line in file))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def _unit(row: Mapping[str, object]) -> tuple[str, UnitFound]:
    digests = frozenset(map(str, _listed(row["digests"])))
    told = _problems(row["problems"]), _problems(row.get("on_copy", []))
    return str(row["unit"]), UnitFound(digests, *told, bool(row.get("is_unsealed")))


def _problems(value: object) -> list[Problem]:
    return [Problem(*map(str, words)) for words in _listed(value)]


def _listed(value: object) -> list[list[object]]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def write_last(folder: Path, last: LastCheck) -> None:
    """Keep a check; whoever may only read the folder can check all the same."""
    with (
        suppress(OSError),
        appearing(folder / _FILE) as temporary,
        temporary.open("w", encoding="utf-8") as file,
    ):
        file.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in _rows(last))


def _rows(last: LastCheck) -> Iterable[dict[str, object]]:
    yield {"time": last.time}
    for unit, found in last.units.items():
        more = {"on_copy": found.on_copy, "is_unsealed": found.is_unsealed}
        told = {"digests": sorted(found.digests), "problems": found.problems}
        yield {"unit": unit, **told, **{name: value for name, value in more.items() if value}}
