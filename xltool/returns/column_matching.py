"""Where each column of a layout stands now on a sheet that a unit may have rebuilt.

Columns are matched by the labels in them: first in their order, then those that went elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from xltool.fields.reading import Raw
from xltool.form.layout import Sheet, a1
from xltool.prose.text import label_key
from xltool.workbook.opening import SheetData

SAME_LABELS = 0.5  # share of the labels that must be found in their columns
_LONGEST = 200  # characters of a label

Pair = tuple[int, int]  # in the layout, on the sheet
Shift = tuple[int, int, str]  # physical row and column, what happened there


def match_columns(data: SheetData, sheet: Sheet) -> dict[int, int] | None:
    """Layout column → physical column by the labels in them; None if too few labels are found.

    Of two columns alike (one was copied) the first one counts. What says no more than that all
    columns stand still is taken to say so.
    """
    width = len(sheet.widths)
    labels = _labels(((cell.column, label_key(cell.text)) for cell in sheet.locked), width)
    known = {key for column in labels for key in column}
    texts = _labels(
        (
            (column, key)
            for cells in data.grid
            for column, raw in enumerate(cells)
            if isinstance(raw, str) and len(raw) < _LONGEST and (key := label_key(raw)) in known
        ),
        max([width, *map(len, data.grid)]),
    )
    still = {column: column for column in range(width)}
    found = _best_columns(labels, texts, used_width(data))
    agreeing = [
        sum((labels[c] & texts[p]).total() for c, p in columns.items())
        for columns in (still, found)
    ]
    if max(agreeing) < len(sheet.locked) * SAME_LABELS:
        return None
    cut_off = used_width(data) <= max(cell.column for cell in sheet.locked)
    return still if agreeing[0] >= agreeing[1] and not cut_off else found


def _best_columns(
    labels: list[Counter[str]], texts: list[Counter[str]], used_width: int
) -> dict[int, int]:
    """The columns whose labels agree best: those in order, those elsewhere, those between them."""
    scores = [[_likeness(expected, found) for found in texts] for expected in labels]
    pairs = _best_path(scores)
    used = {column for _, column in pairs}
    moved = {}
    for column in set(range(len(labels))) - dict(pairs).keys():
        free = [p for p in range(len(texts)) if p not in used]
        best = max(free, key=scores[column].__getitem__, default=None)
        if best is not None and scores[column][best] > labels[column].total():
            moved[column] = best
            used.add(best)
    between = _between(pairs, set(moved), used, len(labels), used_width)
    return dict(pairs) | moved | between


def _likeness(expected: Counter[str], found: Counter[str]) -> int:
    """How well the labels of two columns agree: 0 if they have none in common."""
    same = (expected & found).total()
    differing = (expected - found).total() + (found - expected).total()
    return max(1, 4 * same - differing) if same else 0


def _labels(places: Iterable[tuple[int, str]], width: int) -> list[Counter[str]]:
    """The labels of each column, with their numbers."""
    found: list[Counter[str]] = [Counter() for _ in range(width)]
    for column, key in places:
        if key:
            found[column][key] += 1
    return found


def _best_path(scores: Sequence[Sequence[int]]) -> list[Pair]:
    """Pairs in order with the greatest total score; the first ones of several that are as good."""
    height, width = len(scores), len(scores[0])
    best = [[0] * (width + 1) for _ in range(height + 1)]
    for i in reversed(range(height)):
        for j in reversed(range(width)):
            paired = best[i + 1][j + 1] + scores[i][j] if scores[i][j] else 0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < height and j < width:
        if scores[i][j] and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return pairs


def _between(
    pairs: list[Pair], moved: set[int], used: set[int], width: int, end: int
) -> dict[int, int]:
    """Columns without labels: those between others correspond in order."""
    found: dict[int, int] = {}
    for before, after in pairwise([(-1, -1), *pairs, (width, end)]):
        here = [c for c in range(before[0] + 1, after[0]) if c not in moved]
        there = [p for p in range(before[1] + 1, after[1]) if p not in used]
        if len(here) == len(there):  # else it cannot be told which one is gone
            found.update(zip(here, there, strict=True))
    return found


def column_shifts(data: SheetData, columns: Mapping[int, int], width: int) -> list[Shift]:
    """What happened to the columns, in words."""
    filled = {c for cells in data.grid for c, raw in enumerate(cells) if _is_seen(raw)}
    shifts = []
    expected = 0
    back = {physical: column for column, physical in columns.items()}
    for column in range(width):
        if column not in columns:
            shifts.append((0, expected, f"少了 1 列（下发时的 {a1(0, column)[:-1]} 列）"))
            continue
        physical = columns[column]
        if any(c > column and p < physical for c, p in columns.items()) or physical < expected:
            words = f"下发时的 {a1(0, column)[:-1]} 列移到了 {a1(0, physical)[:-1]} 列"
            shifts.append((0, physical, words))
            continue
        surplus = [p for p in range(expected, physical) if p not in back]
        if surplus:
            name = a1(0, surplus[0])[:-1]
            rest = "，其中的内容没有读取" if filled & set(surplus) else ""
            shifts.append((0, surplus[0], f"{name} 列处插入了 {len(surplus)} 列{rest}"))
        expected = physical + 1
    return shifts


def used_width(data: SheetData) -> int:
    """Columns up to the last one with content."""
    lengths = (
        column + 1 for cells in data.grid for column, raw in enumerate(cells) if _is_seen(raw)
    )
    return max(lengths, default=0)


def _is_seen(raw: Raw) -> bool:
    """True for a content that one sees; what makes rows grow beside a form is line breaks alone."""
    return bool(raw.strip()) if isinstance(raw, str) else raw is not None
