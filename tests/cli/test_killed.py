"""Runs that are killed at any moment: the old result or the new one, whole; the next run tidies up."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import kill_runs
import pytest

MOMENTS = int(os.environ.get("XLTOOL_KILLS", "20"))


@pytest.mark.slow
@pytest.mark.parametrize("case", kill_runs.CASES)
def test_killed_at_any_moment(case: Callable[[Path], kill_runs.Case], tmp_path: Path) -> None:
    counts = kill_runs.campaign_of_kills(case(tmp_path), MOMENTS)
    assert counts["old"] + counts["new"] == MOMENTS
    assert counts["something left"] == counts["cleaned by the next run"] > 0
