"""Following a page of the documents to the letter: its files are saved, its commands run, in order."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from documents import run

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(Save as|Append to|Change in|存为|追加到)\s+`([^`]+)`[:：]\s*\Z")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and what is done with a file."""

    language: str
    text: str
    action: str = ""
    file: str = ""


def blocks(part: str) -> list[Block]:
    """The blocks of a part of the page, in order."""
    found = []
    for match in BLOCK.finditer(part):
        named = NAMED.search(part[: match.start()])
        text = textwrap.dedent(match[3])
        found.append(Block(match[2], text, *(named.groups() if named else ())))
    return found


def changed(before: str, block: Block) -> str:
    """The content of a file after what a block says."""
    if block.action in ("Save as", "存为"):
        return block.text
    if block.action in ("Append to", "追加到"):
        return before + block.text
    lines = block.text.splitlines()
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    assert before.count(old) == 1, old
    return before.replace(old, new)


def follow(part: str, folder: Path, checkout: Path | None = None) -> list[str]:
    """Do what a part of the page says, in a folder; returns what each command printed.

    Files of xltool itself are changed in `checkout`, which the commands then run.
    """
    printed = []
    for block in blocks(part):
        if block.file:
            base = checkout if checkout and block.file.startswith("xltool/") else folder
            path = base / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            path.write_text(changed(before, block), encoding="utf-8")
        elif block.language == "sh":
            for command in block.text.splitlines():
                where = {"PYTHONPATH": str(checkout)} if checkout else {}
                result = run(command, folder, **where)
                assert result.returncode == 0, (command, result.stdout, result.stderr)
                printed.append(result.stdout)
    return printed


def parts(text: str) -> dict[str, str]:
    """The parts of a page by their headings."""
    found = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))
