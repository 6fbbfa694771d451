"""click's own words: all that a user can meet stand in the catalogue, and the catalogue is compiled."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import click
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from xltool.cli.chinese import DOMAIN, LOCALE

FOLDER = LOCALE / "zh_CN" / "LC_MESSAGES"
# words of click that xltool gives nobody occasion to meet
UNMET = {
    # prompts, editors, pagers and confirmations
    "Confirm the action without prompting.",
    "Do you want to continue?",
    "Error: The two entered values do not match.",
    "Error: invalid input",
    "Press any key to continue...",
    "Repeat for confirmation",
    "d",
    "{editor}: Editing failed",
    "{editor}: Editing failed: {e}",
    # what click prints itself; `main` does that here
    "%(prog)s, version %(version)s",
    "Could not open file {filename!r}: {message}",
    "Error: {message}",
    "Try '{command} {option}' for help.",
    "unknown error",
    # mistakes of whoever writes the commands
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Choice({choices})",
    "Could not determine name for option with declarations {decls!r}",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "Invalid start character for option ({option})",
    "Name '{name}' defined twice",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? Did you mean to pass '--{name}'?",
    "Unknown color {colour!r}",
    "Unknown standard stream '{name}'",
    "Value must be an iterable.",
    "deprecated",
    # kinds of values that no option has
    "file", "directory", "path",
    "{len_type} values are required, but {len_value} was given.",
    "{len_type} values are required, but {len_value} were given.",
    "{name} {filename!r} is not executable.",
    "{value!r} does not match the format {format}.",
    "{value!r} does not match the formats {formats}.",
    "{value!r} is not a valid UUID.",
    "{value!r} is not a valid boolean. Recognized values: {states}",
    # other systems
    "Shell completion is not supported for Bash versions older than 4.4.",
    "Windows error: {error}",
}  # fmt: skip


def words_of_click() -> Iterator[str]:
    """Every text that click hands to gettext."""
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = node.args[: {"_": 1, "ngettext": 2}.get(node.func.id, 0)]
                yield from (t.value for t in texts if isinstance(t, ast.Constant))  # type: ignore[misc]


def test_all_words_of_click_are_known() -> None:
    with (FOLDER / "xltool.po").open("rb") as file:
        entries = [entry for entry in read_po(file, domain=DOMAIN) if entry.id]
    known = {i for e in entries for i in (e.id if isinstance(e.id, tuple) else (e.id,))}
    asked = set(words_of_click())
    assert len(asked) > 60
    assert sorted(asked - known - UNMET) == []
    assert sorted(UNMET - asked) == []
    assert sorted(known - asked - {"required"}) == []  # which click translates by its variable
    assert all(entry.string for entry in entries)


def test_the_catalogue_is_compiled() -> None:
    with (FOLDER / "xltool.po").open("rb") as file:
        catalogue = read_po(file, domain=DOMAIN, locale="zh_CN")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    assert (FOLDER / "xltool.mo").read_bytes() == compiled.getvalue(), "make docs"
