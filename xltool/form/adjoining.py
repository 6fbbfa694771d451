"""Blocks that lie below each other with the same columns count as one run of rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xltool.form.layout import Block


@dataclass(frozen=True)
class Run:
    """Adjoining rows of a sheet with the same columns, 0-based: `first` to `last`, both included.

    `block` is the first block of them.
    """

    first: int
    last: int
    columns: Mapping[str, int]
    block: Block


def runs_of(
    blocks: Iterable[Block],
    names: Sequence[str] | None = None,
    same: Callable[[Block], Hashable] = lambda _block: None,
) -> list[Run]:
    """Return the runs of rows of some blocks, in their order.

    Adjoining blocks are one run if they have the same columns, and what `same` says of them is the
    same. With `names` only the columns of these fields count; each block must have them.
    """
    runs: list[Run] = []
    for block in blocks:
        wanted = block.columns if names is None else names
        columns = {name: block.columns[name] for name in wanted}
        last = block.span.stop - 1
        before = runs[-1] if runs else None
        if (
            before
            and before.last + 1 == block.first
            and before.columns == columns
            and same(before.block) == same(block)
        ):
            runs[-1] = Run(before.first, last, columns, before.block)
        else:
            runs.append(Run(block.first, last, columns, block))
    return runs
