"""validators/README.md: the catalogue, and what new rules find on the examples: `found_on_examples.py CATALOGUE`.

All answers of examples/ are issued, filled and checked; the mistakes made in them on purpose are those of
tests/mutations. The page stands behind the catalogue, between marks; a test fails when it is stale.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from helpers import EXAMPLES, FORMS, answers, make_campaign  # noqa: E402
from in_memory import filled_return  # noqa: E402

from xltool.checking.running import check  # noqa: E402
from xltool.form.loading import load_form  # noqa: E402
from xltool.returns.submissions import Batch  # noqa: E402
from xltool.rules.findings import WORDS, Finding  # noqa: E402

README = ROOT / "validators" / "README.md"
BEGIN, END = "<!-- examples: make docs -->\n", "<!-- /examples -->\n"
# code → the forms on which its rule is new; no form: on all that have it
NEW: dict[str, Sequence[str]] = {
    "AMT-013": ("longhua_2021_selfeval",),
    "AMT-026": (),
    "AMT-027": (),
    "DUP-002": ("longhua_2021_selfeval",),
    "IND-013": ("longhua_2021_selfeval",),
    "IND-014": ("longgang_2023_unit",),
    "IND-017": (),
    "SE-003": (),
    "SE-024": (),
    "SE-025": (),
    "SE-026": (),
    "TXT-021": (),
    "TXT-022": (),
    "VAL-014": (),
}
# a limit for AMT-026, which says nothing without one
_HEADS = '\n[yuan_per_head]\n"劳务" = 150000\n"慰问" = 3000\n"补助" = 30000\n'
_HEAD = """\
## 新规则在示例上

`examples/` 的全部答卷下发、填入、检查一遍，新规则各发现了什么；示例是填对了的，没有发现才对。“改错”是 `tests/mutations/` 里故意
改错示例、必须由这条规则指出的处数。AMT-026 的上限定为劳务 150000 元、慰问 3000 元、补助 30000 元。

| 规则 | 程度 | 写的是 | 示例 | 发现 | 改错 |
| --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Seen:
    """What was checked of a form: how many returns, and what was found."""

    returns: int
    findings: Sequence[Finding]


def seen_on(example: str, folder: Path) -> Seen:
    """Issue, fill and check the answers of an example."""
    has_heads = any(rule.code == "AMT-026" for rule in load_form(FORMS[example]).rules)
    campaign = make_campaign(example, folder / example, _HEADS if has_heads else "")
    units = sorted(path.stem for path in (EXAMPLES / example / "answers").glob("*.json"))
    returns = [
        filled_return(campaign, unit, answers(example, unit), f"{unit}.xlsx") for unit in units
    ]
    return Seen(len(returns), check(Batch(returns, campaign)).findings)


def page() -> str:
    """The page, with its marks."""
    with tempfile.TemporaryDirectory() as folder:
        seen = {form: seen_on(example, Path(folder)) for example, form in FORMS.items()}
    mutated = _mutated()
    lines = [_line(code, forms, seen, mutated) for code, forms in NEW.items()]
    return f"\n{BEGIN}{_HEAD}{''.join(lines)}{END}"


def _line(
    code: str, forms: Sequence[str], seen: dict[str, Seen], mutated: dict[str, Counter[str]]
) -> str:
    """The line of a code: its forms, how many returns were checked, what was found, what must be."""
    where = [form for form in FORMS.values() if _is_on(form, code) and form in (forms or (form,))]
    rules = [rule for form in where for rule in load_form(form).rules if rule.code == code]
    grades = dict.fromkeys(
        WORDS[rule.severity] if isinstance(rule.severity, str) else "按栏目" for rule in rules
    )
    found = [one for form in where for one in seen[form].findings if one.code == code]
    said = f"{len(found)}：{found[0].message}" if found else "0"
    returns = sum(seen[form].returns for form in where)
    made = sum(mutated[form][code] for form in where)
    titles = "；".join(dict.fromkeys(rule.title.rstrip("。") for rule in rules))
    return f"| {code} | {'、'.join(grades)} | {titles} | {returns} 份 | {said} | {made} |\n"


def _is_on(form: str, code: str) -> bool:
    return any(rule.code == code for rule in load_form(form).rules)


def _mutated() -> dict[str, Counter[str]]:
    """How many lines of the mutations name each code, by form."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted((ROOT / "tests" / "mutations").glob("*/*.toml")):
        found[path.parent.name].update(_codes(path))
    return found


def _codes(path: Path) -> Iterator[str]:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for mutation in document["mutation"]:
        yield from (line.split(" ")[0] for line in mutation["expect"])


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text(encoding="utf-8") + page()
    if text != README.read_text(encoding="utf-8"):
        README.write_text(text, encoding="utf-8")
