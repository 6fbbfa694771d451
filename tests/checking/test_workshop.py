"""How many workbooks a part has: many small ones, few large ones, evenly for all who work."""

from __future__ import annotations

from pathlib import Path

import pytest

from xltool.checking.workshop import size_of, size_of_parts
from xltool.returns.accounting import Returned

KB = 1000


@pytest.mark.parametrize(
    ("files", "size", "workers", "in_a_part"),
    [
        (0, 0, 2, 1),
        (1, 20 * KB, 2, 1),
        (10, 20 * KB, 2, 5),
        (400, 20 * KB, 2, 200),
        (401, 20 * KB, 2, 101),  # four parts, not two of 200 and one more
        (1000, 80 * KB, 1, 100),
        (1000, 80 * KB, 2, 100),
        (1000, 80 * KB, 4, 84),
        (3, 9_000 * KB, 1, 1),  # whatever they hold, one at a time
        (5, 0, 1, 5),  # none of them is there
    ],
)
def test_parts_are_even_and_not_too_large(
    files: int, size: int, workers: int, in_a_part: int
) -> None:
    assert size_of_parts([size] * files, workers) == in_a_part


def test_a_file_that_is_gone_has_no_size(tmp_path: Path) -> None:
    there = tmp_path / "there.xlsx"
    there.write_bytes(b"12345")
    assert size_of(Returned(there, "there.xlsx")) == 5
    assert size_of(Returned(tmp_path / "gone.xlsx", "gone.xlsx")) == 0
