"""From the live test of a kind to a statement: its text is read in the language."""

from __future__ import annotations

import re
from functools import lru_cache

from xltool.fields.live import LiveTest
from xltool.language.claims import Claim
from xltool.language.row_claims import WholeRow
from xltool.language.statements import RowStatement

_WHOLE = re.compile(r"whole\(\s*(\w+(?:\s*,\s*\w+)*)\s*\)")


@lru_cache(maxsize=4096)
def statement_of(test: LiveTest) -> RowStatement:
    """Return the statement of a live test.

    `whole(a, b)` says that a row in use is filled in these fields; any other text is a claim. Raises
    ValueError when the text is not of the language.
    """
    if whole := _WHOLE.fullmatch(test.statement):
        return WholeRow(test.words, tuple(re.findall(r"\w+", whole[1])))
    return Claim(test.statement, when=test.when or None, said=test.words)
