"""The files that a merge writes. A new store is one module and one line in `STORES`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xltool.merging import import_file, parquet, summary
from xltool.merging.data_set import DataSet

# each writes its files into the folder, from all submissions: `DataSet.merged` are those to publish
STORES: list[Callable[[DataSet, Path], None]] = [parquet.save, import_file.save, summary.save]


def save(data: DataSet, folder: Path) -> None:
    """Write all files of a merge result into an empty folder."""
    for store in STORES:
        store(data, folder)
