"""What a live check shows: a grade, and the sign that stands for it."""

from __future__ import annotations

from typing import Literal

# nothing to say yet, holds, holds up to rounding, fails; fails, but may be right all the same
Verdict = Literal["", "✔", "≈", "✘", "！"]
VERDICTS: tuple[Verdict, ...] = ("", "✔", "≈", "✘")
SILENT, HOLDS, ROUNDS, FAILS = range(4)  # a grade is a place in VERDICTS


def sign_of(grade: int, severity: str = "error") -> Verdict:
    """Return the sign that shows a grade: what need not be fixed fails with another one."""
    return "！" if grade == FAILS and severity != "error" else VERDICTS[grade]


def sign_formula(grade: str, severity: str = "error") -> str:
    """Return the formula that shows the worst of the grades of a cell, or of the cells of a range."""
    signs = ",".join(f'"{sign_of(number, severity)}"' for number in range(len(VERDICTS)))
    return f'=IFERROR(CHOOSE(MAX({grade})+1,{signs}),"")'
