"""合并清单.csv and 对账.csv: what came of everything, and what was expected."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from pathlib import Path

from xltool.merging import reconciling
from xltool.merging.fates import OUTCOME_WORDS
from xltool.merging.publication import Publication
from xltool.office.csv_files import Number, write_csv
from xltool.returns.origins import plain

LEDGER, RECONCILIATION = "合并清单.csv", "对账.csv"
_HEADER = ("行政区划", "单位代码", "单位名称", "文件", "结果", "说明", "sha256")


def save(publication: Publication, folder: Path) -> None:
    """Write both lists."""
    write_csv(folder / LEDGER, chain([_HEADER], _lines(publication)))
    lines = ([_text(cell) for cell in line] for line in publication.reconciliation)
    write_csv(folder / RECONCILIATION, chain([reconciling.HEADER], lines))


def _text(cell: str | int | Decimal | None) -> str:
    """A cell as text; what is less than nothing stays a number."""
    return plain(cell) if cell is None or isinstance(cell, str) else Number(plain(cell))


def _lines(publication: Publication) -> Iterator[list[str]]:
    """A line for everything that came, then one for each unit of which nothing came."""
    fates = publication.proof.fates
    for fate in fates:
        lead = [fate.district, fate.unit_code, fate.unit_name, fate.file]
        yield [*lead, OUTCOME_WORDS[fate.outcome], fate.detail, fate.sha256]
    came = {fate.identity for fate in fates}
    for roster in publication.rosters:
        for unit in roster.units:
            if (roster.district, unit.unit_code) not in came:
                absence = publication.absence(roster.district, unit.unit_code)
                yield [roster.district, unit.unit_code, unit.unit_name, "", absence, "", ""]
