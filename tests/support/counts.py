"""How much a test does at random: little in every run, as much as before in `make soak`.

The small number takes the first cases of the large one, or the same ones in every run.
"""

from __future__ import annotations

import os

SOAKING = os.environ.get("XLTOOL_SOAK", "") not in ("", "0")


def count(few: int, soaking: int) -> int:
    """The number of cases of a test: `soaking` when the environment has XLTOOL_SOAK=1."""
    return soaking if SOAKING else few
