"""Once this is imported, a worker has all that reading and judging else load when they are first used.

It is imported before workers are forked, so that none of them does so again.
"""

from __future__ import annotations

from xltool.checking import ready_to_judge
from xltool.form import layout_template
from xltool.form.loading import load_shared_rules

__all__ = ["layout_template", "ready_to_judge"]

load_shared_rules()
