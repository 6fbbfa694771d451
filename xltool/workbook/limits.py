"""What a workbook may be: far above any real form, far below what does harm."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes of one file, and what reading it may take."""

    file_bytes: int = 30 * MB
    unpacked_bytes: int = 100 * MB
    parts: int = 2000
    sheets: int = 300
    rows: int = 20_000
    columns: int = 500
    characters: int = 32_767  # of one cell, Excel's own limit
    files: int = 5000  # in an archive of returns
    seconds: int = 8
    memory_bytes: int = 512 * MB  # of the process that reads it
