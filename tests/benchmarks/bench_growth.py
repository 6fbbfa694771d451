"""(e) Growth: a whole check of 100, 1,000, 10,000 … returns, against calamine over the same files."""

from __future__ import annotations

import os
from functools import partial

from measuring import Answer, Bench, Row, checking, contest, in_turns, ratios, whole

STEPS = (100, 1_000, 10_000, 50_000)
_ENOUGH = 3_000  # returns: of a size that is measured in many rounds


def measured(bench: Bench) -> Answer:
    """Check ever more returns with the command as it is, with as many workers as there are cores."""
    most = bench.sizes.returns
    sizes = [*(size for size in STEPS if size < most), most]
    rows: list[Row] = []
    for size in sizes:
        campaign, returns = bench.returns(size)
        rounds = max(1, min(bench.sizes.rounds, _ENOUGH // size))
        given = {"campaign": campaign, "returns": returns}
        runs = {
            (f"calamine_{size}", f"calamine: all cells of {size} returns"): partial(
                contest, "bench_check", "calamine", **given
            ),
            (f"check_{size}", f"xltool check, {size} returns"): partial(
                whole, checking(campaign, returns)
            ),
        }
        rows += in_turns(runs, size, rounds)
    pairs = [(f"check_{size}", f"calamine_{size}") for size in sizes]
    pairs += [(f"check_{size}", f"check_{sizes[0]}") for size in sizes[1:]]
    title = f"Growth: whole checks, {os.cpu_count()} workers, calamine with one"
    return Answer(title, rows, ratios(rows, *pairs))
