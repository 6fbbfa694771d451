"""Once this is imported, all is there that judging else loads when it is first used."""

from __future__ import annotations

from pandera.backends.polars.register import register_polars_backends

from xltool.form.rules_in_force import rules_on_every_file

register_polars_backends()
rules_on_every_file()
