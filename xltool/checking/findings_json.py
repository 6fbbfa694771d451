"""Findings of one workbook as JSON, without what they have in common: their file and its number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from xltool.rules.findings import Finding

_NAMES = (
    *("code", "severity", "sheet", "cell", "cells", "record", "field", "label"),
    *("value", "expected", "message", "hint", "integrity", "waiver", "shared", "whose"),
    *("mended", "refill", "explanation"),
)
_values = attrgetter(*_NAMES)


def packed(findings: Iterable[Finding]) -> str:
    """Findings as JSON, in ASCII: half a pair of surrogates survives too."""
    return json.dumps([_values(finding) for finding in findings], separators=(",", ":"))


def unpacked(rows: Sequence[Sequence[Any]], file: str, workbook: int) -> list[Finding]:
    """The findings of what `packed` made, once it is no text any more, at the workbook of this number."""
    found = []
    for values in rows:
        named = dict(zip(_NAMES, values, strict=True))
        cells = tuple(named.pop("cells"))
        found.append(Finding(file=file, cells=cells, workbook=workbook, **named))
    return found
