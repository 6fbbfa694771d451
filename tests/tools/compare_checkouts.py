"""Whether two checkouts of xltool do the same: `python tests/tools/compare_checkouts.py OLD NEW [WORKBOOKS]`.

Each checkout has its own environment (`make .venv/.installed`). Both run the same commands on the same
inputs: every example is issued and filled; good returns and ones that were edited at random are checked,
sent back and merged; a folder of foreign WORKBOOKS is checked. Everything that they write is compared
byte for byte (reports with their folders named alike). Prints each difference, then the number of files
compared; ends with 1 if anything differs. The clock stands still where Debian's libfaketime is
installed; without it whatever says the time of the run differs.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
EDITS = 12  # damaged returns of each example
# what a self-evaluation is measured by is the merged example `target`: that comes first
EXAMPLES = ("target", "budget", "declaration", "declaration_2022", "national", "selfeval", "unit")


def xltool(checkout: Path, folder: Path, *arguments: object) -> tuple[int, str, str]:
    """Run one command of a checkout in a folder; its exit code and what it printed."""
    environment = {**os.environ, "XLTOOL_TODAY": "2026-10-01"}
    if clock := next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None):
        environment |= {"LD_PRELOAD": str(clock), "FAKETIME": "2026-10-01 09:00:00"}
        environment |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
    command = [str(checkout / ".venv" / "bin" / "xltool"), *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def make_campaign(checkout: Path, example: str, folder: Path) -> None:
    """Copy an example and issue it with a fixed key."""
    shutil.copytree(checkout / "examples" / example, folder)
    (folder / "keys").mkdir()
    (folder / "keys" / "office.key").write_bytes(KEY)
    key = load_pem_private_key(KEY, None).public_key()
    public = base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    (folder / "keys" / "office.pub").write_text(public + "\n", encoding="ascii")


def damage(path: Path, out: Path, seed: int) -> None:
    """Edit a return at random, the same for the same seed."""
    chance = random.Random(seed)
    book = openpyxl.load_workbook(path)
    for _ in range(chance.randint(1, 4)):
        sheet = chance.choice(book.worksheets)
        row, column = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column)
        kind = chance.randrange(8)
        if kind == 0:
            sheet.insert_rows(row)
        elif kind == 1:
            sheet.delete_rows(row)
        elif kind == 2:
            sheet.delete_cols(column)
        elif kind == 3:
            sheet.row_dimensions[row].hidden = True
        else:
            cell = sheet.cell(row, column)
            texts = (
                "约三百",
                7,
                "不适用",
                "≥95%",
                12.345,
                "=1+1",
                "",
                "123456789012345678901",
                "　",
            )
            if not isinstance(cell, openpyxl.cell.MergedCell):
                cell.value = chance.choice(texts)
    book.save(out)


def fill(checkout: Path, folder: Path, example: str, out: Path) -> None:
    """Issue an example campaign in `folder` and fill the workbooks of the units that have answers."""
    office = folder / example
    make_campaign(checkout, example, office)
    if example == "selfeval":
        shutil.copytree(folder / "approved", office / "批准的目标")
    log(out.parent / "issue.log", xltool(checkout, folder, "issue", example))
    out.mkdir()
    for answers in sorted((office / "answers").glob("*.json")):
        template = next((office / "issued").glob(f"*{answers.stem}*.xlsx"))
        name = out / f"{answers.stem}.xlsx"
        printed = xltool(checkout, folder, "fill", template, answers, "-o", name)
        log(out.parent / f"fill {answers.stem}.log", printed)
    if example == "target":
        approve(checkout, folder, out)


def approve(checkout: Path, folder: Path, returns: Path) -> None:
    """Merge the good returns of the example `target`: what the self-evaluation is measured by."""
    merge = ("merge", returns, "--campaign", "target", "--accept-warnings", "--out", "approved")
    log(folder / "approved.log", xltool(checkout, folder, *merge))


def judge(checkout: Path, folder: Path, example: str, returns: Path, out: Path) -> None:
    """Check, send back and merge the returns of an example, in every format."""
    campaign = (returns, "--campaign", example)
    for kind in ("json", "text", "html", "xlsx"):
        file = out / f"check.{kind}"
        check = ("check", *campaign, "--format", kind, "-o", file)
        log(out / f"check {kind}.log", xltool(checkout, folder, *check))
    back = ("check", *campaign, "--return", out / "back")
    log(out / "return.log", xltool(checkout, folder, *back))
    log(out / "alone.json", xltool(checkout, folder, "check", returns, "--format", "json"))
    log(out / "status.log", xltool(checkout, folder, "status", example))
    for name, given in (("merged", returns), ("merged good", returns / "filled")):
        merge = ("merge", given, "--campaign", example, "--accept-warnings", "--out", out / name)
        log(out / f"{name}.log", xltool(checkout, folder, *merge))
    form = _form(folder / example)
    log(out / "rules.log", xltool(checkout, folder, "rules", "--form", form))


def play(checkout: Path, folder: Path, returns: Path, workbooks: Path | None) -> Path:
    """Everything that a checkout writes for the examples and the returns of each, in one folder."""
    out = folder / "out"
    for example in EXAMPLES:
        (out / example).mkdir(parents=True)
        fill(checkout, folder, example, out / example / "filled")
        shutil.copytree(folder / example / "issued", out / example / "issued")
        judge(checkout, folder, example, returns / example, out / example)
    log(out / "rules.md", xltool(checkout, folder, "rules", "--markdown"))
    if workbooks:
        log(
            out / "workbooks.json", xltool(checkout, folder, "check", workbooks, "--format", "json")
        )
    return out


def _form(office: Path) -> str:
    lines = (office / "campaign.toml").read_text(encoding="utf-8").splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("form"))


def log(path: Path, printed: tuple[int, str, str]) -> None:
    """Keep what a command printed, with its exit code."""
    code, said, errors = printed
    path.write_text(f"{code}\n{said}\n{errors}", encoding="utf-8")


def contents(out: Path, folder: Path) -> dict[str, str]:
    """The digest of every file, with the folder's own name taken out of what was printed."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            data = path.read_bytes().replace(str(folder).encode(), b"FOLDER")
            found[str(path.relative_to(out))] = hashlib.sha256(data).hexdigest()
    return found


def main(old: str, new: str, workbooks: str | None = None) -> int:
    """Compare; 0 if nothing differs."""
    base = Path(tempfile.mkdtemp(prefix="compare-"))
    foreign = Path(workbooks).resolve() if workbooks else None
    returns = base / "returns"
    for example in EXAMPLES:
        filled = returns / example / "filled"
        filled.parent.mkdir(parents=True)
        fill(Path(old).resolve(), base, example, filled)
        sources = sorted(filled.glob("*.xlsx"))
        for number in range(EDITS):
            path = sources[number % len(sources)]
            damage(path, filled.parent / f"{path.stem}-{number}.xlsx", number)
    both = [base / "old", base / "new"]
    outs = [
        play(Path(where).resolve(), folder, returns, foreign)
        for where, folder in zip((old, new), both, strict=True)
    ]
    before, after = (contents(out, folder) for out, folder in zip(outs, both, strict=True))
    different = sorted(n for n in {*before, *after} if before.get(n) != after.get(n))
    for name in different:
        print(f"differs: {name}")  # noqa: T201
    print(f"{len(before)} files of the old checkout, {len(after)} of the new, in {base}")  # noqa: T201
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
