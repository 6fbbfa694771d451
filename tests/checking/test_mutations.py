"""Each single mistake of tests/mutations is found, with exactly its lines, and nothing else.

All mistakes of a file are checked as one batch, the first time that one of them is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest
from mutation_files import FILES, MutationFile
from mutations import described

from xltool.rules.findings import Finding

Found = dict[str, list[Finding]]
_EMPTY = re.compile("“”|为 ，|为空 |None")
_QUOTES_QUOTES = "TXT-008"  # shows those of the text, which may be around nothing
FILE = {file.id: file for file in FILES}
CASES = [(file.id, name) for file in FILES for name in file.mutations]


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Callable[[MutationFile], Found]:
    """What is found after each mistake of a file, by its name."""
    return cache(lambda file: file.findings(tmp_path_factory.mktemp("mutations")))


@pytest.mark.parametrize(("form", "name"), CASES, ids=[f"{form}: {name}" for form, name in CASES])
def test_mutation(found: Callable[[MutationFile], Found], form: str, name: str) -> None:
    file = FILE[form]
    expected = list(file.mutations[name].expect)
    assert described(found(file)[name], expected) == expected


@pytest.mark.parametrize("form", FILE)
def test_what_is_said_is_short(found: Callable[[MutationFile], Found], form: str) -> None:
    """A message has 90 characters at most, and quotes nothing that is not there."""
    said = [finding for findings in found(FILE[form]).values() for finding in findings]
    long = [(f.code, f.message) for f in said if len(f.message) > 90]
    others = [f for f in said if f.code != _QUOTES_QUOTES]
    empty = [(f.code, f.message) for f in others if _EMPTY.search(f.message)]
    assert (long, empty) == ([], [])
