"""意见.csv: findings of the office's own, one a line: which unit, which cell, what is wrong with it.

The office writes it by hand, beside campaign.toml. A line holds until its 状态 says that it is settled or its
有效期至 has passed. What stood in the cell when it was first shown is noted in 意见记录.csv: where the cell
holds something else, it is for the office to look again (docs/decisions, 24).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from xltool.errors import OfficeError, all_of
from xltool.form.layout import Layout
from xltool.form.model import Form
from xltool.locks import locked
from xltool.office.csv_files import append_csv, each_row, read_written
from xltool.office.opinion_places import Place, Places
from xltool.prose.nearest import nearest
from xltool.prose.text import printable

OPINIONS = "意见.csv"
SHOWN = "意见记录.csv"
GRADES = ("错误", "提醒")
_NEEDED = ("单位代码", "意见", "级别")
_OTHER = ("位置", "项目", "栏目", "提出人", "日期", "有效期至", "文件", "状态")
_COLUMNS = (*_NEEDED, *_OTHER)
_SETTLED = "已解决"
_LONGEST = 200  # characters of an opinion: it stands in a comment, and on a line of a page
_SHOWN_HEADER = ("时间", "单位代码", "位置", "意见", "原值", "sha256")

Key = tuple[str, str, str]  # unit, place and text of an opinion


@dataclass(frozen=True, slots=True)
class Opinion:
    """One line of 意见.csv. `file` is the SHA-256 of the only file that it is about, if it is about one."""

    line: int
    unit: str
    place: Place
    text: str
    grade: str
    asked: str = ""
    until: date | None = None
    file: str = ""
    settled: bool = False

    @property
    def key(self) -> Key:
        """What it is known by: an opinion in other words, or on another cell, is another one."""
        return self.unit, self.place.words, self.text

    @property
    def name(self) -> str:
        """What notes call it."""
        return f"{OPINIONS} 第 {self.line} 行（{self.unit} {self.place.words}）"

    def holds_for(self, sha256: str, day: date) -> bool:
        """True if it is to be shown for a file on a day."""
        expired = self.until is not None and day > self.until
        return not (self.settled or expired or (self.file and self.file != sha256))


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood in the cell of an opinion when it was first shown."""

    key: Key
    value: str
    sha256: str


def read_opinions(
    folder: Path, form: Form, layout: Layout, units: Collection[str]
) -> list[Opinion]:
    """The opinions of a campaign's folder; none without the file. `units` is its roster, if it has one.

    Raises OfficeError with all lines that are wrong.
    """
    path = folder / OPINIONS
    if not path.is_file():
        return []
    places = Places(form, layout)
    found: dict[Key, Opinion] = {}
    mistakes: list[OfficeError] = []
    for line, row in each_row(path):
        if not mistakes and not found and (wrong := _wrong_columns(row)):
            raise OfficeError(wrong, path, 1)
        try:
            opinion = _opinion(line, row, places, units)
            if (first := found.setdefault(opinion.key, opinion)) is not opinion:
                raise ValueError(f"与第 {first.line} 行相同；请删去重复的一行")
        except ValueError as error:
            mistakes.append(OfficeError(str(error), path, line))
    if mistakes:
        raise all_of(f"{OPINIONS} 有 {len(mistakes)} 处不对：", mistakes, folder)
    return list(found.values())


def _wrong_columns(row: Mapping[str, str]) -> str:
    """What is wrong with the columns; nothing where all is well."""
    for name in row:
        if name not in _COLUMNS:
            near = nearest(name, _COLUMNS) or f"；可用：{'、'.join(_COLUMNS)}"
            return f"没有“{name}”这一列{near}"
    lacking = [name for name in _NEEDED if name not in row]
    lacking += [] if row.keys() & {"位置", "栏目"} else ["位置"]
    return f"缺少列“{'”“'.join(lacking)}”" if lacking else ""


def _opinion(line: int, row: Mapping[str, str], places: Places, units: Collection[str]) -> Opinion:
    """One line of the file. Raises ValueError with what is wrong with it."""
    words = {name: row.get(name, "").strip() for name in _COLUMNS}
    unit, grade, sha256 = words["单位代码"], words["级别"], words["文件"].lower()
    if lacking := [name for name in _NEEDED if not words[name]]:
        raise ValueError(f"没有填写{'、'.join(lacking)}")
    if units and unit not in units:
        raise ValueError(f"单位代码“{unit}”不在 units.csv 中{nearest(unit, units)}")
    if grade not in GRADES:
        raise ValueError(f"级别“{grade}”应为 {' 或 '.join(GRADES)}")
    if words["状态"] not in ("", "未解决", _SETTLED):
        raise ValueError(f"状态“{words['状态']}”应为 {_SETTLED}，未解决的留空")
    if sha256 and not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ValueError("“文件”应为文件的 sha256（检查记录.csv 里有）；不限于一份的留空")
    who, day = printable(words["提出人"]), _day("日期", words)
    return Opinion(
        line,
        unit,
        places.place(words["位置"], words["项目"], words["栏目"]),
        _text(words["意见"]),
        grade,
        "，".join(filter(None, (who, day.isoformat() if day else ""))),
        _day("有效期至", words),
        sha256,
        words["状态"] == _SETTLED,
    )


def _text(text: str) -> str:
    """An opinion in one line. Raises ValueError where it is too long, or holds what nobody sees."""
    line = re.sub(r"\s+", " ", text)
    if printable(line) != line:
        raise ValueError("意见里有看不见的控制字符；请删去后重新输入")
    if len(line) > _LONGEST:
        raise ValueError(f"意见有 {len(line)} 字，最多 {_LONGEST} 字")
    return line


def _day(name: str, words: Mapping[str, str]) -> date | None:
    """The day in a column. Raises ValueError for what is none."""
    try:
        return date.fromisoformat(words[name].replace("/", "-")) if words[name] else None
    except ValueError:
        raise ValueError(f"{name}“{words[name]}”应为日期，如 2027-06-30") from None


def read_shown(folder: Path) -> dict[Key, set[str]]:
    """What stood in the cell of each opinion when it was first shown: of several files several values."""
    path = folder / SHOWN
    found: dict[Key, set[str]] = {}
    for _, row in read_written(path) if path.is_file() else ():
        key = tuple(row.get(name, "") for name in _SHOWN_HEADER[1:4])
        found.setdefault((key[0], key[1], key[2]), set()).add(row.get("原值", ""))
    return found


def note_shown(folder: Path, shown: Iterable[Shown], now: datetime) -> None:
    """Note what stands in the cells of opinions that were shown for the first time."""
    new = list(shown)
    if not new:
        return
    with locked(folder):  # another run may have noted some meanwhile
        known = read_shown(folder)
        rows = [
            [f"{now:%Y-%m-%d %H:%M}", *each.key, each.value, each.sha256]
            for each in new
            if each.key not in known
        ]
        append_csv(folder / SHOWN, _SHOWN_HEADER, rows)
