"""xltool: issue, check and merge the Excel forms of Chinese budget-performance offices.

Public API: `load_form`, `issue`, `read`, `check`, `merge`, `Finding`. Names are imported on first
use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xltool.findings import Finding
    from xltool.forms import load_form
    from xltool.issuing import issue
    from xltool.merging import merge
    from xltool.reading import read
    from xltool.validate import check

__version__ = "0.1.0"
__all__ = ["Finding", "check", "issue", "load_form", "merge", "read"]

_WHERE = {
    "Finding": "xltool.findings",
    "check": "xltool.validate",
    "issue": "xltool.issuing",
    "load_form": "xltool.forms",
    "merge": "xltool.merging",
    "read": "xltool.reading",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'xltool' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value
