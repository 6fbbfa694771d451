"""The files that a merge writes for people and systems. A new store is one module and one line in `STORES`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xltool.merging import datapackage, import_file, ledger, parquet, summary
from xltool.merging.comparing import COMPARISON, comparison
from xltool.merging.publication import Publication
from xltool.office.csv_files import write_csv


def _data(publication: Publication, folder: Path) -> None:
    """What was merged, and what was held back, as Parquet."""
    parquet.save(publication.data, folder / parquet.DATA)
    if not publication.held.submissions.is_empty():
        parquet.save(publication.held, folder / parquet.CONFLICTS)


def _package(publication: Publication, folder: Path) -> None:
    """What stands in the Parquet files of what was merged."""
    datapackage.save(publication.data, folder)


def _import_file(publication: Publication, folder: Path) -> None:
    """What the finance system imports."""
    import_file.save(publication.data, folder, publication.import_plan)


def _comparison(publication: Publication, folder: Path) -> None:
    """What changed since another year, where somebody asks."""
    if publication.before is not None:
        lines = comparison(publication.before, publication.data)
        write_csv(folder / COMPARISON, lines)


# each writes its files into the folder
STORES: list[Callable[[Publication, Path], None]] = [
    _data,
    _package,
    _import_file,
    summary.save,
    ledger.save,
    _comparison,
]


def save(publication: Publication, folder: Path) -> None:
    """Write all of them into an empty folder."""
    for store in STORES:
        store(publication, folder)
