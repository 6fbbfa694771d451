"""Damage returned workbooks at random, and report whatever would end a run.

    python tests/tools/fuzz_reading.py MINUTES [SEED] [FOLDER]

Issued and filled workbooks of all forms, as .xlsx, .xlsb, .xls and .ods, are changed at the level of
the archive, of the package, of the XML and of the seal, and read, checked and written back as one run.
What is reported is a traceback: of reading a file (TPL-015), or of the run as a whole; and a value that
is another one for openpyxl, where nothing is said of its cell. The files lie in FOLDER, by default a
temporary one, which is kept if anything was found. The exit code is 1 then.
"""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from binary import as_xlsb
from kits import KITS
from office import Office
from oracle import differences

from xltool.checking.running import check
from xltool.office import seal
from xltool.report.json_document import as_json
from xltool.report.page import as_html
from xltool.report.reports import make_report
from xltool.report.text import as_text
from xltool.returns.reading import read
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding
from xltool.write.returned import write_returned

BATCH = 100  # files in one run
Members = dict[str, bytes]
Chance = random.Random

# what stands in the place of a value of an attribute or of a text
EXTREMES = (
    *(
        b"",
        b"0",
        b"-1",
        b"1.5",
        b"x",
        b"true",
        b"NaN",
        b"1e999",
        b"-0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
    ),
    *(b"2147483648", b"4294967295", b"9" * 20, b"9" * 5000, b"1" * 40, b"0x10", b"1_0", b"+1"),
    *(b"&#0;", b"&#x110000;", b"&#xD800;", b"&#" + b"9" * 5000 + b";", b"&amp;#65;", b"&a;", b"&"),
    *(b"A0", b"A1048577", b"XFD1048576", b"ZZZZ1", b"A1:", b"$A$1:$XFD$1048576", b"A1:A0", b"a1"),
    *("\u202e\u200b".encode(), "é".encode("utf-16"), b"A" * 40_000, b"_x0000_", b"_xD800_", b"\0"),
    *(b"../../etc/passwd", b"/", b".", b"\\", b"http://[", b"rId1", b"#REF!", b"=1+1", b"s", b"e"),
    *(b"99999999999999999999999999999", b"1E+400", b"2026-13-45T00:00:00", b"\xe2\x80\xa8"),
    *("٣".encode(), "²".encode(), "１２".encode(), b"P1Y", b"PT99999999999H", b"inlineStr", b"d"),
)


def of_bytes(content: bytes, chance: Chance) -> bytes:
    """Flip, cut out, repeat or put in a few bytes."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        if not data:
            break
        at = chance.randrange(len(data))
        length = chance.choice((1, 2, 4, 8, 50))
        kind = chance.randrange(6)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
        elif kind == 2:
            del data[at : at + length]
        elif kind == 3:
            data[at:at] = data[at : at + length]
        elif kind == 4:
            data[at : at + length] = chance.choice((b"\xff", b"\0", b"\x7f")) * length
        else:
            data[at:at] = chance.choice(EXTREMES)[:50]
    if chance.random() < 0.1:
        del data[chance.randrange(len(data) + 1) :]
    return bytes(data)


def of_zip_headers(content: bytes, chance: Chance) -> bytes:
    """Change bytes in the headers and the directory of an archive only."""
    data = bytearray(content)
    marks = [m.start() for m in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)", content)]
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.choice(marks) + chance.randrange(2, 48)
        if at < len(data):
            data[at] = chance.choice((0, 1, 2, 8, 9, 14, 0x63, 0x7F, 0x80, 0xFF, data[at] ^ 1))
    return bytes(data)


def of_xml(xml: bytes, chance: Chance) -> bytes:
    """Change values of attributes, texts, tags or whole elements of some XML."""
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        kind = chance.randrange(9)
        if (kind <= 2 and (found := list(re.finditer(rb'="([^"]*)"', xml)))) or (
            kind <= 4 and (found := list(re.finditer(rb">([^<]*)<", xml)))
        ):
            match = chance.choice(found)
            xml = xml[: match.start(1)] + chance.choice(EXTREMES) + xml[match.end(1) :]
        elif kind == 5 and (found := list(re.finditer(rb"<[^>]*>", xml))):
            first, other = chance.choice(found), chance.choice(found)
            xml = xml[: first.start()] + other.group() + xml[first.end() :]
        elif kind == 6 and (found := list(re.finditer(rb"<[^>]*>", xml))):
            start, end = sorted((chance.choice(found).start(), chance.choice(found).start()))
            piece = xml[start : min(end, start + 5000)]
            xml = xml[:start] + piece * chance.choice((0, 2, 3)) + xml[end:]
        elif kind == 7 and (found := list(re.finditer(rb" [\w:]+=", xml))):
            match = chance.choice(found)
            name = chance.choice((b" r=", b" t=", b" s=", b" ref=", b" x:y=", b" xmlns=", b" "))
            xml = xml[: match.start()] + name + xml[match.end() :]
        else:
            xml = of_bytes(xml, chance)
    return xml


def of_package(members: Members, chance: Chance) -> Members:
    """Rename, drop, empty, exchange or double parts, or change what leads to them."""
    names = list(members)
    name = chance.choice(names)
    kind = chance.randrange(7)
    if kind == 0:
        other = chance.choice(
            (name.upper(), name.replace("/", "\\"), f"/{name}", f"./{name}", f"{name}\0", "x" * 300)
        )
        return {other if key == name else key: content for key, content in members.items()}
    if kind == 1:
        return {key: content for key, content in members.items() if key != name}
    if kind == 2:
        return {**members, name: chance.choice((b"", b"\0", b"<", b"<a/>", os.urandom(50)))}
    if kind == 3:
        return {**members, name: members[chance.choice(names)]}
    leading = [n for n in names if n.endswith(".rels") or "Content_Types" in n or "manifest" in n]
    part = chance.choice(leading or names)
    if kind == 4:
        swapped = re.sub(
            rb"worksheet|styles|sharedStrings|officeDocument|custom-properties",
            lambda match: chance.choice((match[0], b"styles", b"worksheet", b"sharedStrings")),
            members[part],
        )
        return {**members, part: swapped}
    return {**members, part: of_xml(members[part], chance)}


def zipped(members: Members, chance: Chance) -> bytes:
    """The archive of these members, some of them twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("\0", "_"), content)
            if chance.random() < 0.005:
                archive.writestr(name.replace("\0", "_"), of_bytes(content, chance))
    return out.getvalue()


def members_of(content: bytes) -> Members:
    """The members of an archive by their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def damaged(content: bytes, chance: Chance) -> bytes:
    """A workbook damaged at one level or several."""
    if not content.startswith(b"PK"):
        return of_bytes(content, chance)
    kind = chance.randrange(10)
    if kind == 0:
        return of_bytes(content, chance)
    if kind == 1:
        return of_zip_headers(content, chance)
    members = members_of(content)
    if kind in (2, 3):
        members = of_package(members, chance)
    for _ in range(chance.choice((1, 1, 2)) if kind > 2 else 0):
        name = chance.choice(list(members))
        members[name] = of_xml(members[name], chance)
    packed = zipped(members, chance)
    return of_zip_headers(packed, chance) if chance.random() < 0.05 else packed


def archive_of(returns: Sequence[bytes], chance: Chance) -> bytes:
    """An archive of returns, damaged."""
    names = ("甲.xlsx", "a/乙.xlsx", "../丙.xlsx", "丁" * 200 + ".xlsx", "甲.xlsx")
    content = zipped(dict(zip(names, returns, strict=False)), chance)
    return of_zip_headers(content, chance) if chance.random() < 0.7 else of_bytes(content, chance)


WORDS: tuple[Any, ...] = (
    *("", "x", "甲" * 40_000, "\ud800", "\0", "=1+1", None, 0, -1, 10**30, 1.5, True, [], {}, [[]]),
    *(
        {"a": {"b": {}}},
        "1e999",
        "NaN",
        "9" * 5000,
        "２０２７",
        "2027-02-31",
        {"filled_by": "unit"},
    ),
    *({"max_chars": "x"}, {"max_chars": -1}, {"unit": 5}, {"required": "x"}, {"label": 5}, {1: 2}),
)


def resealed(content: bytes, chance: Chance) -> bytes:
    """A workbook with a seal that somebody made up and signed with a key of his own."""
    members = members_of(content)
    text = seal.from_properties(_properties(members.get("docProps/custom.xml", b"")))
    found = seal.unseal(text)
    if found is None:
        return damaged(content, chance)
    issue: Any = json.loads(found.issue.canonical)
    for _ in range(chance.choice((1, 1, 2, 3))):
        _change(issue, chance)
    payload = json.dumps(issue, ensure_ascii=True).encode()
    key = seal.new_key()
    parts = (key.sign(payload), zlib.compress(payload))
    signature, packed = (base64.b64encode(part).decode() for part in parts)
    forged = ".".join([text.split(".")[0], seal.public_text(key.public_key()), signature, packed])
    members["docProps/custom.xml"] = _custom(seal.properties(forged))
    for name, part in members.items():  # the other carrier
        members[name] = part.replace(text[:100].encode(), b"none")
    return zipped(members, chance)


_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006"


def _custom(properties: dict[str, str]) -> bytes:
    """The part with the custom properties."""
    listed = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="{name}">'
        f"<vt:lpwstr>{text}</vt:lpwstr></property>"
        for pid, (name, text) in enumerate(properties.items(), 2)
    )
    spaces = f'xmlns="{_TYPES}/custom-properties" xmlns:vt="{_TYPES}/docPropsVTypes"'
    return f"<Properties {spaces}>{listed}</Properties>".encode()


def _properties(custom: bytes) -> dict[str, str]:
    pattern = rb'name="(xltool\d+)"[^>]*>\s*<vt:lpwstr>([^<]*)'
    return {m[1].decode(): m[2].decode() for m in re.finditer(pattern, custom)}


def _change(thing: Any, chance: Chance) -> None:
    """Put something else somewhere into nested lists and dictionaries."""
    while thing:
        key = chance.choice(list(thing) if isinstance(thing, dict) else range(len(thing)))
        if not isinstance(thing[key], (dict, list)) or not thing[key] or chance.random() < 0.3:
            thing[key] = copy.deepcopy(chance.choice(WORDS))  # never one thing in another
            return
        thing = thing[key]


def seeds(folder: Path) -> list[bytes]:
    """An issued and a filled workbook of each form, in all kinds of file."""
    found: list[bytes] = []
    with Office() as office:
        for kit in KITS.values():
            campaign = kit.campaign(folder / kit.letter)
            filled = kit.fill(campaign, kit.data(), folder / f"{kit.letter}.xlsx")
            (issued, *_) = sorted((campaign.folder / "issued").glob("*.xlsx"))
            found += [issued.read_bytes(), *[filled.read_bytes()] * 3]
            found.append(as_xlsb(filled, folder / f"{kit.letter}.xlsb").read_bytes())
            with office.open(filled) as document:
                for suffix in (".ods", ".xls", ".xlsx"):
                    out = folder / f"{kit.letter}_saved{suffix}"
                    document.save_as(out)
                    found.append(out.read_bytes())
    return found


def whole_run(paths: Sequence[Path], folder: Path) -> tuple[Batch, list[Finding]]:
    """All that `xltool check --return` does with some files; what was read and found."""
    batch = read(paths)
    verdict = check(batch)
    report = make_report(batch, verdict)
    as_text(report)
    as_json(report)
    as_html(report, batch)
    write_returned(batch, verdict, folder)
    return batch, verdict.findings


def failures_of(paths: Sequence[Path], folder: Path, found: Counter[str]) -> dict[Path, str]:
    """The tracebacks, by the file that each one is about; counts what became of the files."""
    try:
        batch, findings = whole_run(paths, folder)
    except Exception:
        said = traceback.format_exc()
        if len(paths) == 1:
            return {paths[0]: said}
        half = len(paths) // 2
        parts = [failures_of(part, folder, found) for part in (paths[:half], paths[half:])]
        return {**parts[0], **parts[1]} or {paths[0]: f"only together:\n{said}"}
    for submission in batch.submissions:
        found[_fate(submission)] += 1
    if batch.log is not None:
        batch.log.unlink()
    failed = [s for s in batch.submissions if s.failure is not None]
    failures = {next(p for p in paths if s.file.startswith(str(p))): str(s.failure) for s in failed}
    return {**failures, **misreadings(paths, batch, findings, found)}


def misreadings(
    paths: Sequence[Path], batch: Batch, findings: Sequence[Finding], fates: Counter[str]
) -> dict[Path, str]:
    """The values that openpyxl reads otherwise and of which nothing is said, by their files."""
    told: dict[int | None, set[tuple[str, str]]] = {}
    for finding in findings:
        cells = {(finding.sheet, cell) for cell in (finding.cell, *finding.cells)}
        told.setdefault(finding.workbook, set()).update(cells)
    found = {}
    by_file = {str(path): path for path in paths if path.suffix == ".xlsx"}
    for number, submission in enumerate(batch.submissions):
        path = by_file.get(submission.file)
        if path is None or submission.problem is not None or not zipfile.is_zipfile(path):
            continue
        different = differences(path, submission, told.get(number, set()))
        fates["openpyxl: " + ("compared" if different is not None else "cannot open")] += 1
        if different is not None and (first := next(different, None)):
            found[path] = f"misread {first}"
    return found


def _fate(submission: Submission) -> str:
    if submission.problem is None:
        return f"read, seal {submission.seal}"
    return re.sub(r"“.*?”|\d+", "…", submission.problem)


Maker = Callable[[Sequence[bytes], Chance], tuple[str, bytes]]


def make_one(found: Sequence[bytes], chance: Chance) -> tuple[str, bytes]:
    """A damaged file: its ending and its content."""
    kind = chance.randrange(12)
    if kind == 0:
        return ".zip", archive_of([chance.choice(found) for _ in range(3)], chance)
    content = chance.choice(found)
    if kind <= 2 and content.startswith(b"PK"):
        return ".xlsx", resealed(content, chance)
    return ".xlsx", damaged(content, chance)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(minutes: float, seed: int, folder: Path) -> int:
    """Damage files until the time is up; returns the exit code."""
    os.environ.pop("XLTOOL_STRICT", None)
    warnings.simplefilter("ignore")
    made = seeds(folder / "seeds")
    chance, fates, bad = Chance(seed), Counter[str](), dict[str, Path]()
    kept = folder / "found"
    kept.mkdir()
    end = time.monotonic() + minutes * 60
    number = 0
    while time.monotonic() < end or number == 0:
        run = folder / "run"
        run.mkdir()
        paths = []
        for _ in range(BATCH):
            number += 1
            suffix, content = make_one(made, chance)
            paths.append(run / f"{number:07}{suffix}")
            paths[-1].write_bytes(content)
        for path, said in failures_of(paths, folder / "back", fates).items():
            where = re.sub(r"\d{5,}", "…", said.strip().splitlines()[-1])[:200]
            lines = re.findall(r'File "[^"]*?(xltool/[^"]*)", line (\d+)', said)
            key = f"{where}  at {':'.join(lines[-1]) if lines else '?'}"
            if key not in bad:
                bad[key] = Path(shutil.copyfile(path, kept / path.name))
                say(f"{bad[key]}\n{said}")
        shutil.rmtree(run)
        shutil.rmtree(folder / "back", ignore_errors=True)
    say(f"{number} files, seed {seed}")
    for fate, count in fates.most_common():
        say(f"{count:7}  {fate}")
    say(f"{len(bad)} kinds of failures" + "".join(f"\n  {key}: {p}" for key, p in bad.items()))
    if bad:
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    given = sys.argv[1:]
    place = Path(given[2]) if len(given) > 2 else Path(tempfile.mkdtemp(prefix="fuzz-reading-"))
    sys.exit(main(float(given[0]), int(given[1]) if len(given) > 1 else int(time.time()), place))
