"""The longest texts are printed whole, on pages as wide as the form, whoever typed them: seen in LibreOffice."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers import FORMS, make_campaign, template
from longest import longest_contents
from office import Office, to_pdf

from xltool.form.layout import a1

pytestmark = [pytest.mark.slow]

UNITS = {
    "budget": "301001",
    "declaration": "106002",
    "declaration_2022": "142001",
    "national": "517002",
    "selfeval": "226002",
    "target": "238001",
    "unit": "319001",
}
# characters in one cell: twice 2000 side by side are more than the 409 points of a row, in any program
MOST = {"national": 900}
_WORD = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*)</word>')


class Word(NamedTuple):
    """A word on a page, in points."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def words_of(pdf: Path) -> list[Word]:
    """The words of a PDF with their places."""
    command = ["pdftotext", "-bbox-layout", str(pdf), "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found, page = [], 0
    for line in told.splitlines():
        page += "<page " in line
        if match := _WORD.search(line):
            left, top, right, bottom = map(float, match.groups()[:4])
            found.append(Word(page, left, top, right, bottom, unescape(match[5])))
    return found


def overlapping(words: list[Word]) -> list[tuple[int, str, str]]:
    """The words of which one is printed over the other."""
    found = []
    ordered = sorted(words, key=lambda word: (word.page, word.top))
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if other.page != one.page or other.top >= one.bottom:
                break
            high = min(one.bottom, other.bottom) - other.top
            wide = min(one.right, other.right) - max(one.left, other.left)
            if high > 0.45 * (other.bottom - other.top) and wide > 1.5:
                found.append((one.page, one.text, other.text))
    return found


@pytest.mark.parametrize("example", FORMS)
def test_what_a_unit_types_is_printed_whole(office: Office, tmp_path: Path, example: str) -> None:
    """Each character is there and none over another; the columns stand on one page."""
    campaign = make_campaign(example, tmp_path, units=[UNITS[example]])
    contents = longest_contents(campaign, UNITS[example], MOST.get(example, 2000))
    typed = tmp_path / "typed.xlsx"
    with office.open(template(campaign, UNITS[example])) as document:
        document.put(
            [
                (name, a1(*place), [[value]])
                for name, cells in contents.items()
                for place, value in cells.items()
            ]
        )
        document.save_as(typed)
    to_pdf(office, typed, tmp_path / "typed.pdf")  # opened again, as who prints it does
    words = words_of(tmp_path / "typed.pdf")
    wanted = Counter(
        "".join(v for cells in contents.values() for v in cells.values() if isinstance(v, str))
    )
    assert sum(wanted.values()) > 5000
    printed = Counter("".join(word.text for word in words))
    missing = wanted - printed
    assert sum(missing.values()) <= 3, missing  # of 90,000, pdftotext reads a few as others
    assert [word.text for word in words if "###" in word.text] == []
    assert overlapping(words) == []
