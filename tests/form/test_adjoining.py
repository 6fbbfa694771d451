"""Blocks below each other with the same columns are one run of rows."""

from __future__ import annotations

from xltool.form.adjoining import runs_of
from xltool.form.layout import Block


def block(first: int, rows: int, table: str = "indicator", **columns: int) -> Block:
    return Block(table, {}, first, rows, columns or {"name": 1, "amount": 3})


def test_runs() -> None:
    blocks = [block(2, 3), block(5, 1), block(7, 2), block(9, 1, name=2, amount=3)]
    assert [(run.first, run.last) for run in runs_of(blocks)] == [(2, 5), (7, 8), (9, 9)]
    assert runs_of(blocks)[0].block is blocks[0]
    assert [(run.first, run.last) for run in runs_of(blocks, ["amount"])] == [(2, 5), (7, 9)]
    assert runs_of(blocks, ["amount"])[0].columns == {"amount": 3}


def test_what_must_be_the_same() -> None:
    blocks = [block(2, 3), block(5, 1, "task")]
    assert len(runs_of(blocks)) == 1
    assert len(runs_of(blocks, same=lambda found: found.table)) == 2
    assert runs_of([]) == []
