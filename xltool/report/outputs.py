"""The forms in which the report of a run is given out: `xltool check --format`.

A new one is one module with an `OUTPUT`, and one line in `OUTPUTS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line asks for the names before it loads anything heavy
    from xltool.report.letters import Letters
    from xltool.report.reports import Report
    from xltool.report.since_last import Since
    from xltool.returns.submissions import Batch

# name on the command line → module, imported when it is used
OUTPUTS = {
    "text": "xltool.report.text",
    "json": "xltool.report.json_document",
    "jsonl": "xltool.report.json_lines",
    "html": "xltool.report.page",
    "xlsx": "xltool.report.listing",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What an output is made of: the report, the submissions, and how texts are to be laid out.

    `width` is that of the text in half-width columns; `color` is True for a terminal; `whole` if every
    finding is to be told, however many workbooks there are. `since` is what changed
    since the last run, and who has not returned; None without a campaign. `letters` are what is to be written
    to the units.
    """

    report: Report
    batch: Batch
    width: int = 80
    color: bool = False
    whole: bool = False
    since: Since | None = None
    letters: Letters | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """One form of the report: either a text, which can be printed, or a file of another kind.

    `text` gives the text without the last line break, whole or in pieces (as a generator: so a large
    run need not stand in memory); `file` writes to a path, whole or not at all. Where one has no place for the
    notes on a run (`tells_notes`), such as what was left out, the command line tells them beside it.
    """

    text: Callable[[Run], str | Iterator[str]] | None = None
    file: Callable[[Run, Path], None] | None = None
    tells_notes: bool = True


def output(name: str) -> Output:
    """The output of a name in `OUTPUTS`. Raises KeyError for any other name."""
    found: Output = importlib.import_module(OUTPUTS[name]).OUTPUT
    return found
