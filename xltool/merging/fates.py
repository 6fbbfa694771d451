"""What came of everything that was handed in: one row a submission, with what decided it.

It stays outside the data set, since it depends on who merged: it is sealed with the result (`sealing`), and
the office above takes it up again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

import polars as pl

from xltool.office.waivers import Acceptance, Recorded
from xltool.rules.findings import Finding

Outcome = Literal[
    "merged",
    "partly",
    "errors",
    "unreadable",
    "pending",
    "warnings",
    "conflict",
    "superseded",
    "copy",
]
OUTCOME_WORDS: dict[Outcome, str] = {
    "merged": "已合并",
    "partly": "部分项目未合并",
    "errors": "有错误，未合并",
    "unreadable": "无法读取，未合并",
    "pending": "待本级处理，未合并",
    "warnings": "有提醒，未经审核接受，未合并",
    "conflict": "与另一份冲突，未合并",
    "superseded": "已取另一份，未合并",
    "copy": "与另一份完全相同，只计一次",
}
FOUND_FAULTY: tuple[Outcome, ...] = ("errors", "unreadable", "pending", "warnings")  # not 通过
NOT_COUNTED: tuple[Outcome, ...] = ("superseded", "copy")  # another one of the unit stands for it
IN_DATA: tuple[Outcome, ...] = ("merged", "partly")
OPEN: tuple[Outcome, ...] = (*IN_DATA, "conflict", "superseded")  # whose rows travel up
LEFT_OUT: tuple[Outcome, ...] = (
    "partly",
    "errors",
    "unreadable",
    "pending",
    "warnings",
    "conflict",
)  # exit code 1


@dataclass(frozen=True, slots=True)
class Fate:
    """One submission and what came of it.

    `key` is the public key of the office that issued it, `seal` its seal; `issued`, `seen` and `saved` say
    which of two is newer: its place among what the unit was issued, when it was first seen, and when the
    workbook says that it was saved. `held` are the records that were held back, by number.
    """

    form: str = ""
    version: str = ""
    fy: int = 0
    district: str = ""
    unit_code: str = ""
    unit_name: str = ""
    department_code: str = ""
    department: str = ""
    issue_id: str = ""
    file: str = ""
    sha256: str = ""
    key: str = ""
    seal: str = ""
    issued: int = -1
    seen: str = ""
    saved: str = ""
    outcome: Outcome = "errors"
    detail: str = ""
    warnings: int = 0
    held: tuple[int, ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """The district and the unit: with form and year, whose submission it is."""
        return self.district, self.unit_code

    @property
    def order(self) -> tuple[Any, ...]:
        """Its place among the fates of a merge."""
        return (self.district, self.unit_code, self.sha256, self.file, self.outcome)

    def became(self, outcome: Outcome, detail: str = "", held: Sequence[int] = ()) -> Fate:
        """The same submission with another fate."""
        return replace(self, outcome=outcome, detail=detail, held=tuple(held))


_AT_ONCE = 5_000  # fates whose seals are held as Python has them
_NUMBERS = ("fy", "issued", "warnings")
_SCHEMA: dict[str, pl.DataType] = {
    **{each.name: pl.String() for each in fields(Fate)},
    **dict.fromkeys(_NUMBERS, pl.Int64()),
    "held": pl.List(pl.Int64()),
}


def frame_of(fates: Sequence[Fate], seal_of: Callable[[str], str]) -> pl.DataFrame:
    """Fates as a frame; the seal of one without it is asked for by the SHA-256 of its file."""
    pieces = [
        _piece(fates[first : first + _AT_ONCE], seal_of) for first in range(0, len(fates), _AT_ONCE)
    ]
    return pl.concat(pieces) if pieces else pl.DataFrame(schema=_SCHEMA)


def _piece(fates: Sequence[Fate], seal_of: Callable[[str], str]) -> pl.DataFrame:
    columns = {name: [getattr(fate, name) for fate in fates] for name in _SCHEMA}
    columns["held"] = [list(held) for held in columns["held"]]
    columns["seal"] = [
        fate.seal or (seal_of(fate.sha256) if fate.outcome in OPEN else "") for fate in fates
    ]
    return pl.DataFrame(columns, schema=_SCHEMA)


def fates_of(frame: pl.DataFrame) -> list[Fate]:
    """The fates of a frame. Raises KeyError or TypeError for a frame that has others columns."""
    return [
        Fate(**{**row, "held": tuple(row["held"])}) for row in frame.select(*_SCHEMA).to_dicts()
    ]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was let pass of a submission: a warning accepted, a finding waived by a reviewer.

    One that is neither is a warning of the office's own, which nobody need accept.
    """

    district: str
    unit_code: str
    sha256: str
    code: str
    sheet: str
    cell: str
    record: str
    field: str
    label: str
    message: str
    fingerprint: str
    waiver: str = ""
    explanation: str = ""  # what the unit says of it
    accepted_by: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """In short: its rule and place, who let it pass, and what the unit says of it."""
        who = "、".join(self.accepted_by)
        why = f"豁免：{self.waiver}" if self.waiver else f"接受：{who}" if who else "本级预填"
        said = f"；单位说明：{self.explanation}" if self.explanation else ""
        return f"{self.code} {self.cell}（{why}{said}）"


_SEEN_SCHEMA: dict[str, pl.DataType] = {
    **{each.name: pl.String() for each in fields(Seen)},
    "accepted_by": pl.List(pl.String()),
}


def seen_of(fate: Fate, finding: Finding, acceptances: Sequence[Recorded]) -> Seen:
    """What was let pass of a finding, and by whom: of one of the office's own by nobody."""
    who = sorted(
        {each.acceptance.reviewer for each in acceptances if finding.fingerprint in each.seen}
    )
    return Seen(
        fate.district,
        fate.unit_code,
        fate.sha256,
        finding.code,
        finding.sheet,
        finding.cell,
        finding.record,
        finding.field,
        finding.label,
        finding.message,
        finding.fingerprint,
        finding.waiver,
        finding.explanation,
        tuple(who) if finding.is_the_units and not finding.waiver else (),
    )


def seen_frame(seen: Iterable[Seen]) -> pl.DataFrame:
    """What was let pass as a frame."""
    rows = [{**asdict(each), "accepted_by": list(each.accepted_by)} for each in seen]
    return pl.DataFrame(rows, schema=_SEEN_SCHEMA)


def seen_in(frame: pl.DataFrame) -> list[Seen]:
    """What was let pass, of a frame."""
    if "explanation" not in frame.columns:  # a result of before there were any
        frame = frame.with_columns(explanation=pl.lit(""))
    rows = frame.select(*_SEEN_SCHEMA).to_dicts()
    return [Seen(**{**row, "accepted_by": tuple(row["accepted_by"])}) for row in rows]


_ACCEPTED = ("sha256", "reviewer", "reason", "time", "fingerprints")


def acceptance_frame(accepted: Iterable[tuple[str, Recorded]]) -> pl.DataFrame:
    """Acceptances as a frame; each comes with the SHA-256 of its file."""
    rows = sorted(
        {
            (
                sha256,
                a.acceptance.reviewer,
                a.acceptance.reason,
                a.acceptance.time,
                "、".join(sorted(a.seen)),
            )
            for sha256, a in accepted
        }
    )
    return pl.DataFrame(rows, schema=dict.fromkeys(_ACCEPTED, pl.String()), orient="row")


def acceptances_in(frame: pl.DataFrame) -> dict[str, list[Recorded]]:
    """The acceptances of a frame, by the SHA-256 of the file."""
    found: dict[str, list[Recorded]] = {}
    for sha256, reviewer, reason, time, seen in frame.select(_ACCEPTED).rows():
        given = Recorded(
            Acceptance(reviewer, reason, time), frozenset(filter(None, seen.split("、")))
        )
        found.setdefault(sha256, []).append(given)
    return found
