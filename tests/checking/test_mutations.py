"""Each single mistake of tests/mutations is found, with exactly its lines, and nothing else.

All mistakes of a file are checked as one batch, the first time that one of them is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from mutation_files import FILES, MutationFile
from mutations import described

from xltool.rules.findings import Finding

Found = dict[str, list[Finding]]
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
