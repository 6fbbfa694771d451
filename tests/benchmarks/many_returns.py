"""Many distinct returns of the 2024 declaration, made fast: `python many_returns.py FOLDER UNITS PROJECTS`.

One return is issued and filled as every return is. The others are made of its package: in the shared
strings, the unit, its projects' codes and names and every sentence are another unit's, and the seal is
really signed for that unit, by the campaign's own key, over what the campaign's lists say of it. All
other parts are taken over as they are compressed. No two returns are alike, and each is what its unit
would have returned.
"""

from __future__ import annotations

import csv
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from multiprocessing import Pool
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from helpers import Data, fill_unit
from small import small_campaign

from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.issued import Entry, registering
from xltool.write.packing import PackedArchive

SOURCE = Path(__file__).parents[2] / "examples" / "declaration"
# a sign for each digit of a number: a name holds none twice, since that would be told as a slip
_SIGNS = (
    "子丑寅卯辰巳午未申酉戌亥",
    "金石土水山川江湖河海云林",
    "东南西北中前后左右内外上",
    "春夏秋冬梅兰竹菊松柏桃李",
    "红橙黄绿青蓝紫白黑灰棕银",
)
_STRINGS, _PROPERTIES = "xl/sharedStrings.xml", "docProps/custom.xml"
_IN_DEPARTMENT = 60  # units


def make_returns(folder: Path, units: int, projects: int, jobs: int = 2) -> tuple[Path, Path]:
    """Make a campaign and the returns of so many units with so many projects each.

    Returns the campaign's folder and the folder of the returns.
    """
    campaign = _campaign(folder / "campaign", units, projects)
    first = next(iter(campaign.units))
    (folder / "returns").mkdir()
    filled = fill_unit(campaign, first, _answer(0, projects), folder / "first.xlsx")
    pattern = Pattern.of(filled, _words(0, projects))
    make = partial(_make, campaign.folder, pattern, folder / "returns", projects)
    with Pool(jobs) as pool:
        ids = pool.map(make, [range(n, min(n + 500, units)) for n in range(0, units, 500)])
    entries = [
        Entry(unit, issue_id, campaign.folder / "issued" / f"{unit}.xlsx")
        for some in ids
        for unit, issue_id in some
    ]
    with registering(campaign.folder, entries, datetime(2026, 11, 1)):
        pass
    return campaign.folder, folder / "returns"


@dataclass(frozen=True)
class Pattern:
    """A filled workbook that others are made of: its parts, and what is another unit's in them."""

    members: list[tuple[zipfile.ZipInfo, bytes]]  # as they stand, the contents compressed
    strings: str
    properties: str
    words: list[str]
    seal_text: str

    @classmethod
    def of(cls, path: Path, words: list[str]) -> Pattern:
        """The pattern of a file in which `words` are the unit's own."""
        content = path.read_bytes()
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = [(info, _compressed(content, info)) for info in archive.infolist()]
            strings = archive.read(_STRINGS).decode()
            properties = archive.read(_PROPERTIES).decode()
        found = re.search(r"xltool-seal-1\.[^<]*", strings)
        assert found is not None
        assert all(word in strings for word in words)
        return cls(members, strings, properties, words, found[0])

    def workbook(self, words: list[str], seal_text: str) -> bytes:
        """The workbook of a unit with these words."""
        strings = self.strings.replace(self.seal_text, seal_text)
        for old, new in zip(self.words, words, strict=True):
            strings = strings.replace(old, new)
        head, one = self.properties.split("<property ", 1)
        cells = [
            f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{n}" name="{name}">'
            f"<vt:lpwstr>{text}</vt:lpwstr></property>"
            for n, (name, text) in enumerate(seal.properties(seal_text).items(), 2)
        ]
        assert one.endswith("</Properties>")
        own = {_STRINGS: strings, _PROPERTIES: f"{head}{''.join(cells)}</Properties>"}
        out = BytesIO()
        with PackedArchive(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for info, content in self.members:
                if info.filename in own:
                    archive.writestr(info.filename, own[info.filename])
                else:
                    archive.put(copy(info), content)
        return out.getvalue()


def _compressed(content: bytes, info: zipfile.ZipInfo) -> bytes:
    """A member as it stands in its archive."""
    name, extra = struct.unpack_from("<HH", content, info.header_offset + 26)
    start = info.header_offset + 30 + name + extra
    found = content[start : start + info.compress_size]
    assert zlib.crc32(zlib.decompress(found, -15)) == info.CRC
    return found


def _make(
    folder: Path, pattern: Pattern, out: Path, projects: int, numbers: range
) -> list[tuple[str, str]]:
    """Write the returns of some units; returns their codes and the ids of their issues."""
    campaign = _loaded(folder)
    key = seal.load_key(folder / KEY_FILE)
    done = []
    for number in numbers:
        issue = campaign.issue_for(campaign.units[unit_code(number)])
        content = pattern.workbook(_words(number, projects), seal.sign(issue, key))
        (out / f"{issue.unit}.xlsx").write_bytes(content)
        done.append((issue.unit, issue.issue_id))
    return done


_campaigns: dict[Path, Campaign] = {}  # one in each process


def _loaded(folder: Path) -> Campaign:
    if folder not in _campaigns:
        _campaigns[folder] = load_campaign(folder)
    return _campaigns[folder]


def unit_code(number: int) -> str:
    """The code of a unit: three digits of its department, and three of its own."""
    return f"{100 + number // _IN_DEPARTMENT}{number % _IN_DEPARTMENT + 1:03}"


def place(number: int) -> str:
    """A name for each number: what the units' texts differ in."""
    return "甲" + "".join(signs[number // 12**n % 12] for n, signs in enumerate(_SIGNS))


def _words(number: int, projects: int) -> list[str]:
    """What is a unit's own in its workbook."""
    codes = [row["项目编码"] for row in _projects(number, projects)]
    return [*codes, unit_code(number), place(number)]


def _given() -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """The projects of the example: what the office knows of them, what the unit answers."""
    with (SOURCE / "projects.csv").open(encoding="utf-8-sig", newline="") as file:
        known = {row["项目名称"]: row for row in csv.DictReader(file)}
    for path in sorted((SOURCE / "answers").glob("*.json")):
        for project in json.loads(path.read_text(encoding="utf-8"))["projects"]:
            if project["项目名称"] in known:
                yield known[project["项目名称"]], project


_GIVEN = list(_given())


def _projects(number: int, projects: int) -> list[dict[str, str]]:
    """The lines of projects.csv of a unit."""
    unit, rows = unit_code(number), []
    for serial in range(projects):
        row = {**_GIVEN[serial % len(_GIVEN)][0], "单位代码": unit}
        code = row["项目编码"]
        last = number % _IN_DEPARTMENT * 10 + serial + 1
        row["项目编码"] = f"{code[:8]}{unit[:3]}{code[11:13]}{last:08}"
        row["项目名称"] = f"{place(number)}{row['项目名称']}"
        rows.append(row)
    return rows


def _answer(number: int, projects: int) -> Data:
    """What a unit answers: the example's answers with its name in every sentence."""
    answers = []
    for serial, row in enumerate(_projects(number, projects)):
        project = _GIVEN[serial % len(_GIVEN)][1]
        own = {key: row[key] for key in ("项目编码", "项目名称")}
        answers.append({**_varied(project, place(number)), **own})
    return {"projects": answers}


def _varied(answer: Any, name: str) -> Any:
    if isinstance(answer, dict):
        fixed = ("一级指标", "二级指标")
        return {k: v if k in fixed else _varied(v, name) for k, v in answer.items()}
    if isinstance(answer, list):
        return [_varied(value, name) for value in answer]
    if isinstance(answer, str) and re.match(r"[\u4e00-\u9fff《]{4,}|.*。", answer):
        return answer.replace("。", f"（{name}片）。") if "。" in answer else answer[:30] + name
    return answer


def _campaign(folder: Path, units: int, projects: int) -> Campaign:
    """A campaign with so many units; only the first one's workbook is issued."""
    heads = ["单位代码", "单位名称", "主管部门", "部门代码"]
    roster = [_unit(number) for number in range(units)]
    listed = [list(row.values()) for n in range(units) for row in _projects(n, projects)]
    first = small_campaign(
        "futian_2024_declaration",
        folder,
        'district = "440399"',
        spare=0,
        roster=[heads, roster[0]],
        projects=[list(_GIVEN[0][0]), *listed[:projects]],
    )
    _write(first.folder / "units.csv", [heads, *roster])
    _write(first.folder / "projects.csv", [list(_GIVEN[0][0]), *listed])
    return load_campaign(folder)


def _unit(number: int) -> list[str]:
    name, code = place(number), unit_code(number)
    return [code, f"云岭区{name}中心", f"云岭区{name}局", code[:3]]


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


if __name__ == "__main__":
    print(*make_returns(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
