"""xltool: issue, check and merge the Excel forms of Chinese budget-performance offices.

The public API, in the order of a collection:

- `load_form(form_id)`: a form with its tables, fields, rules and layout.
- `issue(campaign)`: write a locked and sealed workbook for each unit of a campaign.
- `read(paths, campaign)`: read returned workbooks into a batch of submissions.
- `check(batch)`: run all rules; a verdict with findings.
- `merge(paths, out, campaign)`: merge the submissions without errors into one data set.
- `Finding`: one problem at one cell, in the words printed on the form.

A campaign is loaded with `xltool.office.campaign.load_campaign(folder)`. Whatever the office did wrong
is an `xltool.errors.OfficeError` with one clear line in Chinese; whatever a unit did wrong is a
finding. Nothing here prints. No program needs a guard around what it calls: workers are programs of
their own.

Names are imported on first use, so that importing the package costs nothing. No room of the package
bears one of these names: a subpackage would take the place of the function.
"""

import os
import sys

# `python -m xltool` would look for every module in the current folder first, and returns may lie there.
# This stands before every import that could find something there; not even __future__ comes before it.
if sys.argv[:1] == ["-m"] and sys.path[:1] == [os.getcwd()] and not sys.flags.safe_path:
    del sys.path[0]

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

__all__ = ["load_form", "issue", "read", "check", "merge", "Finding"]  # noqa: RUF022  # in their order

_WHERE = {
    "load_form": "xltool.form.loading",
    "issue": "xltool.write.issuing",
    "read": "xltool.returns.reading",
    "check": "xltool.checking.running",
    "merge": "xltool.merging.merge",
    "Finding": "xltool.rules.findings",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'xltool' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
