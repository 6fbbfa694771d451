"""(d) Start-up: how long a command takes that does little, and what that is beside its libraries."""

from __future__ import annotations

import sys
from functools import partial

from measuring import Answer, Bench, checking, in_turns, ratios, whole, xltool

_STARTS = 2  # rounds for each round of the others but the first: they are short


def measured(bench: Bench) -> Answer:
    """Start Python, its libraries, and xltool, each a program of its own."""
    campaign, returns = bench.returns(bench.sizes.units)
    one = min(returns.iterdir())
    programs = {
        ("python", "python -c pass"): _python("pass"),
        ("openpyxl", "python -c 'import openpyxl'"): _python("import openpyxl"),
        ("pandera", "python -c 'import polars, pandera.polars'"): _python(
            "import polars, pandera.polars"
        ),
        ("import", "python -c 'import xltool'"): _python("import xltool"),
        ("help", "xltool --help"): xltool("--help"),
        ("check_one", "xltool check, one return"): checking(campaign, one),
    }
    runs = {name: partial(whole, program) for name, program in programs.items()}
    rows = in_turns(runs, 1, 1 + _STARTS * (bench.sizes.rounds - 1))
    pairs = [("help", "python"), ("import", "python"), ("check_one", "pandera")]
    return Answer("Start, whole programs", rows, ratios(rows, *pairs))


def _python(text: str) -> list[str]:
    return [sys.executable, "-c", text]
