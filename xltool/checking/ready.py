"""Once this is imported, all is there that judging loads only when it is first used.

Workers import it before they are forked; the command line does so while it waits for the first of them.
"""

from __future__ import annotations

from pandera.backends.polars.register import register_polars_backends

from xltool.form import layout_template
from xltool.form.loading import load_shared_rules

__all__ = ["layout_template"]

register_polars_backends()
load_shared_rules()
