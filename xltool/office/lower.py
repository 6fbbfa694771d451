"""The offices below: 下级.csv says whose merge results are taken, 下级记录.csv which ones were seen.

Both lie in the campaign's folder of the office that merges results. `xltool key show` prints the line
that an office hands up for 下级.csv.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xltool.errors import OfficeError
from xltool.locks import locked
from xltool.office.columns import column_mistakes
from xltool.office.csv_files import append_csv, read_csv, read_written
from xltool.office.list_files import list_file
from xltool.office.mistakes import Mistakes
from xltool.prose.quoting import quoted

LOWER = "下级.csv"
SEEN = "下级记录.csv"
COLUMNS = ("行政区划", "名称", "公钥")
_KIND = "ed25519:"  # before a key, so that no spreadsheet takes +… for a formula
_HEADER = ("时间", "公钥", "编号", "内容")


@dataclass(frozen=True, slots=True)
class Office:
    """An office by its public key, with its district and its name as the office above knows them."""

    district: str
    name: str
    key: str

    @property
    def id(self) -> str:
        """Eight digits that stand for the key, in file names and where a district has no code."""
        return key_id(self.key)


def line_for(office: Office) -> list[str]:
    """The line of 下级.csv that names an office."""
    return [office.district, office.name, key_words(office.key)]


def key_words(key: str) -> str:
    """A public key as 下级.csv has it."""
    return _KIND + key


def key_id(key: str) -> str:
    """Eight hexadecimal digits that stand for a public key."""
    return hashlib.sha256(base64.b64decode(key)).hexdigest()[:8]


def district_of(district: str, key: str) -> str:
    """The district of a submission: that of its seal, else one that its issuing key stands for."""
    return district or f"#{key_id(key)}"


def read_lower(folder: Path) -> dict[str, Office]:
    """The offices below by public key; none without a 下级.csv. Raises OfficeError with the line."""
    path = list_file(folder, LOWER)
    if not path.is_file():
        return {}
    offices: dict[str, Office] = {}
    mistakes = Mistakes(folder)
    for number, (line, row) in enumerate(read_csv(path)):
        if number == 0:
            lacking = [column for column in COLUMNS if column not in row]
            unknown = [column for column in row if column not in COLUMNS]
            mistakes.take(column_mistakes(unknown, lacking, (), path))
            mistakes.insist()
        with mistakes.noting():
            office = _office(row, offices, path, line)
            offices[office.key] = office
    mistakes.insist()
    return offices


def _office(row: Mapping[str, str], known: Mapping[str, Office], path: Path, line: int) -> Office:
    """The office of a line. Raises OfficeError for a wrong one, and one that is there already."""
    district, name, key = (row[column].strip() for column in COLUMNS)
    key = key.removeprefix(_KIND)
    if not _is_key(key):
        words = f"公钥“{quoted(key)}”不对；请用下级 xltool key show 显示的那一行"
        raise OfficeError(words, path, line)
    if district and not re.fullmatch(r"\d{6}(\d{3})?|\d{12}", district):
        raise OfficeError(f"行政区划“{district}”应为 6、9 或 12 位数字；请改正", path, line)
    if key in known:
        raise OfficeError(f"公钥与“{known[key].name}”的相同；请删去一行", path, line)
    same = next((o for o in known.values() if district and o.district == district), None)
    if same is not None:
        words = f"行政区划 {district} 与“{same.name}”的相同；请改正，或删去一行"
        raise OfficeError(words, path, line)
    return Office(district, name or district or key_id(key), key)


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32  # bytes of an Ed25519 key
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Seen:
    """A result as it is known again: whose it is, its number, and the digest of its manifest."""

    key: str
    number: int
    digest: str


def refuse_older(folder: Path, results: Sequence[tuple[Seen, Path, Office]]) -> None:
    """Raise OfficeError for a result that is older than one that was merged before.

    Several results of one office may be parts of the same collection: those that were merged together
    with the newest one stay as new as that.
    """
    for seen, path, office in results:
        known = _last_of(folder, seen.key)
        highest = max((each.number for each in known), default=0)
        if seen.number < highest and seen not in known:
            raise OfficeError(
                f"{office.name}的这个合并结果是第 {seen.number} 次的，已合并过第 {highest} 次的；"
                "请用最新的结果",
                path,
            )
        if any(each.number == seen.number and each.digest != seen.digest for each in known):
            raise OfficeError(
                f"{office.name}的这个合并结果与合并过的第 {seen.number} 次不是同一个；"
                f"请{office.name}重新合并后报送",
                path,
            )


def note_seen(folder: Path, results: Iterable[Seen], now: datetime) -> None:
    """Note the results of a merge; those that are known already add nothing."""
    by_key: dict[str, set[Seen]] = {}
    for seen in results:
        by_key.setdefault(seen.key, set()).add(seen)
    time = f"{now:%Y-%m-%d %H:%M:%S.%f}"  # two merges may lie within a second
    with locked(folder):
        rows = [
            [time, seen.key, str(seen.number), seen.digest]
            for key, some in sorted(by_key.items())
            if not some <= _last_of(folder, key)
            for seen in sorted(some | _as_new(_last_of(folder, key), some), key=lambda s: s.number)
        ]
        append_csv(folder / SEEN, _HEADER, rows)


def _as_new(known: set[Seen], some: set[Seen]) -> set[Seen]:
    """What is known already and not older than what comes now."""
    newest = max(seen.number for seen in some)
    return known if any(seen.number >= newest for seen in known) else known & some


def _last_of(folder: Path, key: str) -> set[Seen]:
    """What was noted of an office last: the lines of its last time."""
    path = folder / SEEN
    rows = [row for _, row in read_written(path)] if path.is_file() else []
    own = [row for row in rows if row.get("公钥") == key and row.get("编号", "").isdigit()]
    return {
        Seen(key, int(row["编号"]), row.get("内容", ""))
        for row in own
        if row.get("时间") == own[-1].get("时间")
    }
