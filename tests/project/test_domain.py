"""docs/domain.md and the code agree: cited sections exist, and both name the same rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xltool.form.loading import form_ids, load_form

ROOT = Path(__file__).parents[2]
DOMAIN = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8")
FOLDERS = ("xltool", "validators", "templates", "tests", "docs")
TEXTS = (".py", ".j2", ".md")
CITATION = re.compile(r"docs/(?P<file>\w+)\.md (?P<sections>§[\d.]+(?:[ ,，、和–-]*§[\d.]+)*)")
NOT_BUILT = "**not yet built**"


def cited() -> list[tuple[str, str, str]]:
    """(file that cites, document cited, section) of every citation in the project."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in TEXTS or not path.is_file():
                continue
            for match in CITATION.finditer(path.read_text(encoding="utf-8")):
                for section in re.findall(r"§([\d.]+)", match["sections"]):
                    name = str(path.relative_to(ROOT))
                    found.append((name, match["file"], section.rstrip(".")))
    return found


def sections(document: str) -> set[str]:
    """The numbers of the sections of a document in docs/."""
    text = (ROOT / "docs" / f"{document}.md").read_text(encoding="utf-8")
    return set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)[. ]", text, re.MULTILINE))


def test_every_cited_section_exists() -> None:
    found = cited()
    assert len(found) > 80
    missing = [citation for citation in found if citation[2] not in sections(citation[1])]
    assert missing == []


def test_references_within_the_domain_exist() -> None:
    within = set(re.findall(r"§(\d+(?:\.\d+)?)", DOMAIN))
    assert within - sections("domain") == set()


def codes_of_the_domain(*, built: bool) -> set[str]:
    """The codes of §10, those with a rule or those marked as not built."""
    lines = re.findall(r"^\| ([A-Z]{2,3}-\d{3}) \|(.*)$", DOMAIN, re.MULTILINE)
    return {code for code, rest in lines if rest.endswith(f"({NOT_BUILT}) |") != built}


def test_the_domain_and_the_code_name_the_same_rules() -> None:
    rules = {rule.code for form_id in form_ids() for rule in load_form(form_id).rules}
    assert codes_of_the_domain(built=True) - rules == set(), "described as built, but no rule"
    assert rules - codes_of_the_domain(built=True) == set(), f"remove the mark {NOT_BUILT}"


@pytest.mark.parametrize(
    "word", ["/" + "work/", ".." + "/shared", "深圳市龙", "深圳市福", "DESIGN"]
)
def test_no_document_names_a_machine_or_a_real_unit(word: str) -> None:
    for path in sorted((ROOT / "docs").rglob("*.md")):
        assert word not in path.read_text(encoding="utf-8"), path.name
