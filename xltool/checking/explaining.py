"""Which finding an explanation of the unit is about: told by rule and cell, never by the line that it stood on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from xltool.returns.explanations import Explanation
from xltool.rules.findings import Finding

_Place = tuple[str, str, str, str]  # code, sheet, cell, and the words if a finding still says them


def explained(findings: Sequence[Finding], explanations: Iterable[Explanation]) -> list[Finding]:
    """Return findings in their order, each warning with what the unit says of it.

    An explanation stands for what its rule found at its cell: for one finding where it repeats the words of that,
    else for all. One of 填报检查 stands for all that the rule found in the area of its line, as far as nothing is
    said of a cell by itself. What explains nothing that was found is dropped.
    """
    some = list(explanations)
    if not some:
        return list(findings)
    repeated = {(finding.code, _key(finding.message)) for finding in findings}
    exact: dict[_Place, str] = {}
    for each in some:  # those of 退回修改 come first
        about = _key(each.words) if (each.code, _key(each.words)) in repeated else ""
        exact.setdefault((each.code, each.sheet, each.cell, about), each.text)
    wide = [each for each in some if each.area]
    return [_explained(finding, exact, wide) for finding in findings]


def _explained(
    finding: Finding, exact: Mapping[_Place, str], wide: Iterable[Explanation]
) -> Finding:
    """A finding with its explanation, if it is a warning and has one."""
    if finding.severity != "warning" or finding.explanation:
        return finding
    lead = finding.code, finding.sheet
    cells = dict.fromkeys((finding.cell, *finding.cells))
    places = [(*lead, cell, words) for words in (_key(finding.message), "") for cell in cells]
    found = (exact[place] for place in places if place in exact)
    about = (each.text for each in wide if (each.code, each.sheet) == lead and _holds(each, cells))
    text = next(chain(found, about), "")
    return replace(finding, explanation=text) if text else finding


def _key(words: str) -> str:
    """The words of a problem to compare: spreadsheet programs break lines as they like."""
    return "".join(words.split())


def _holds(said: Explanation, cells: Iterable[str]) -> bool:
    """True where one of some cells is in the area of an explanation."""
    places = [_place(cell) for cell in cells if cell]
    for area in said.area.split():
        first, _, last = area.partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        if any(top <= row <= bottom and left <= column <= right for row, column in places):
            return True
    return False


def _place(cell: str) -> tuple[int, tuple[int, str]]:
    """The row of a cell and its column, which sort as they stand on the sheet."""
    letters = cell.rstrip("0123456789")
    return int(cell.removeprefix(letters)), (len(letters), letters)
