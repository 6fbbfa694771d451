"""Which sheets can be of a form at all: those that hold enough of its labels, wherever these stand.

Counting is quick beside matching (`row_matching`), and refuses nothing that matching would find.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

from xltool.fields.reading import Raw, shown
from xltool.form.layout import Sheet
from xltool.prose.text import label_key
from xltool.returns.column_matching import SAME_LABELS
from xltool.workbook.opening import SheetData


class Labels:
    """What stands on a sheet, as labels: how often each."""

    def __init__(self, data: SheetData) -> None:
        self._found: Counter[str] = Counter()
        cells = [raw for raw in chain.from_iterable(data.grid) if raw is not None]
        # with their types: 1 and TRUE are equal
        for (_, raw), count in Counter(zip(map(type, cells), cells, strict=True)).items():
            for key in _keys(raw):
                self._found[key] += count

    def may_be(self, sheet: Sheet) -> bool:
        """Return whether as many labels of a form's sheet are here as matching needs at the least."""
        expected = sheet.label_counts
        there = sum(min(count, self._found[key]) for key, count in expected.items() if key)
        # a label without a text is anywhere
        return there + expected[""] >= len(sheet.locked) * SAME_LABELS


def _keys(raw: Raw) -> set[str]:
    """The labels that a cell may be taken for: a program may have stored the text 10 as the number."""
    texts = (raw, raw.strip()) if isinstance(raw, str) else (str(raw), shown(raw))
    return set(map(label_key, texts))
