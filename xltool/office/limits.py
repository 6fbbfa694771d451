"""The limits that a campaign sets for returned files: the section `[limits]` of campaign.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from xltool.errors import OfficeError
from xltool.workbook.limits import MB, Limits


class _Setting(NamedTuple):
    field: str
    least: int
    most: int
    unit: int = 1


_SETTINGS: Mapping[str, _Setting] = {
    "file_mb": _Setting("file_bytes", 1, 2_000, MB),
    "unpacked_mb": _Setting("unpacked_bytes", 1, 20_000, MB),
    "parts": _Setting("parts", 50, 100_000),
    "sheets": _Setting("sheets", 1, 10_000),
    "rows": _Setting("rows", 100, 1_048_576),
    "columns": _Setting("columns", 20, 16_384),
    "characters": _Setting("characters", 4_000, 32_767),
    "files": _Setting("files", 1, 1_000_000),
    "seconds": _Setting("seconds", 1, 3_600),
    "memory_mb": _Setting("memory_bytes", 256, 65_536, MB),
}


def limits_of(settings: Mapping[str, Any], path: Path) -> Limits:
    """The limits that a campaign sets in its section `[limits]`; the others stay as they are.

    Raises OfficeError for an unknown name or a value out of range.
    """
    changed = {}
    for name, value in settings.items():
        setting = _SETTINGS.get(name)
        if setting is None:
            raise OfficeError(f"[limits] 没有 {name}；可用：{'、'.join(_SETTINGS)}", path)
        if type(value) is not int or not setting.least <= value <= setting.most:
            raise OfficeError(
                f"[limits] {name} 应为 {setting.least}–{setting.most} 的整数，现为 {value}", path
            )
        changed[setting.field] = value * setting.unit
    return Limits(**changed)
