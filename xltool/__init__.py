"""xltool: issue, check and merge the Excel forms of Chinese budget-performance offices.

Public API, in the order of a collection: `load_form`, `issue`, `read`, `check`, `merge`, and `Finding`.
Names are imported on first use, so that importing the package costs nothing. No room of the package
bears one of these names: a subpackage would take the place of the function.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from xltool.version import __version__ as __version__

if TYPE_CHECKING:
    from xltool.checking.running import check
    from xltool.form.loading import load_form
    from xltool.merging.merge import merge
    from xltool.returns.reading import read
    from xltool.rules.findings import Finding
    from xltool.write.issuing import issue

__all__ = ["Finding", "check", "issue", "load_form", "merge", "read"]

_WHERE = {
    "Finding": "xltool.rules.findings",
    "check": "xltool.checking.running",
    "issue": "xltool.write.issuing",
    "load_form": "xltool.form.loading",
    "merge": "xltool.merging.merge",
    "read": "xltool.returns.reading",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'xltool' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value
