"""The catalogue of rules: complete, documented, and as generated."""

from __future__ import annotations

import re

import pytest
from found_on_examples import page
from helpers import ROOT

from xltool.form.catalogue import as_markdown
from xltool.form.loading import form_ids, load_form

# Every code of the specification. A rule that is not built yet has no place here.
CODES = """
TPL 1-17
TXT 1-16 20-22
AMT 1-17 20-27
IND 1-17
VAL 1-14
COD 1-10
DAT 1-3
DUP 1-3
SE 1-26
BD 1-17 20-28
OA 1-7
XW 1-11
OPI 1-3
"""


def every_code() -> list[str]:
    """The codes that CODES writes as spans."""
    codes = []
    for line in CODES.split("\n"):
        prefix, *spans = line.split() or [""]
        for span in spans:
            first, _, last = span.partition("-")
            codes += [f"{prefix}-{n:03}" for n in range(int(first), int(last or first) + 1)]
    return codes


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The codes of the rules of all built-in forms."""
    return {rule.code for form_id in form_ids() for rule in load_form(form_id).rules}


def test_every_code_has_a_rule_and_no_other(known: set[str]) -> None:
    assert sorted(known) == sorted(every_code())


def test_every_code_has_its_page() -> None:
    pages = re.findall(r"^### (\S+)$", as_markdown(), re.MULTILINE)
    assert sorted(pages) == sorted(every_code())


def test_the_catalogue_is_not_stale() -> None:
    path = ROOT / "validators" / "README.md"
    assert path.read_text(encoding="utf-8") == as_markdown() + page(), "run: make docs"
