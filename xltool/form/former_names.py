"""Former names of the modules that forms import, so that forms of earlier versions still load.

A form that an office wrote for this year is copied for the next one, imports and all. A module that
forms import and that moves needs a line in `FORMER`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

FORMER = {
    "xltool.approved": "xltool.office.approved_targets",
    "xltool.claims": "xltool.language.claims",
    "xltool.estimates": "xltool.prose.estimates",
    "xltool.expectations": "xltool.prose.expectations",
    "xltool.expression": "xltool.language.equations",
    "xltool.flaws": "xltool.prose.writing_flaws",
    "xltool.measures": "xltool.fields.measures",
    "xltool.numerals": "xltool.prose.numerals",
    "xltool.quantities": "xltool.prose.quantities",
    "xltool.rowclaims": "xltool.language.row_claims",
    "xltool.schema": "xltool.fields.tables",
    "xltool.targets": "xltool.prose.targets",
    "xltool.text": "xltool.prose.text",
    "xltool.validators.dressing": "xltool.validators.shared.tampering",
    "xltool.validators.shared.texts": "xltool.validators.shared.declared",
}
_SHARED = "xltool.validators.shared"


class _Former(MetaPathFinder, Loader):
    """Finds a module by its former name; what is imported is the module of today."""

    def find_spec(
        self,
        fullname: str,
        _path: Sequence[str] | None = None,
        _target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return a spec for a former name, else None. Python asks where no module has the name."""
        room, _, name = fullname.rpartition(".")
        if fullname in FORMER:
            return ModuleSpec(fullname, self)
        if room == "xltool.validators" and importlib.util.find_spec(f"{_SHARED}.{name}"):
            return ModuleSpec(fullname, self)
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of today into `sys.modules` in the place of the empty one."""
        name = module.__name__.rpartition(".")[2]
        today = FORMER.get(module.__name__, f"{_SHARED}.{name}")
        sys.modules[module.__name__] = importlib.import_module(today)


def provide_former_names() -> None:
    """Let Python find modules by their former names; a second call changes nothing."""
    if not any(isinstance(finder, _Former) for finder in sys.meta_path):
        sys.meta_path.append(_Former())
