"""The columns of the import file: `import.csv`, of the office's own folder or of the form.

Each line names a column (列名), what it shows (栏目), and perhaps its sheet (工作表) and how it is written (格式).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import polars as pl

from xltool.errors import OfficeError, all_of
from xltool.fields.kinds import Field
from xltool.form.model import Form
from xltool.office.import_formats import PLAIN, Format, Source, format_of
from xltool.office.values import field_by_label

TITLE, WORD, SHEET, FORMAT = HEADINGS = ("列名", "栏目", "工作表", "格式")
DEFAULT_SHEET = "Sheet1"
CONTEXT: Mapping[
    str, str
] = {  # of the submission, whatever the form: word → its column in the data set
    "单位代码": "unit_code",
    "单位名称": "unit_name",
    "主管部门": "department",
    "部门代码": "department_code",
    "行政区划": "district",
    "年度": "fy",
}
PARTS = (
    "计算符号",
    "数值",
    "计量单位",
)  # of a target value, as `prose.targets.elements` gives them
_CONSTANT = re.compile("常量[：:]")
_NO_SHEET = re.compile(r"""[\[\]:*?/\\<>"|\x00-\x1f]|^['. ]|['. ]$""")
_LONGEST = 31  # characters of the name of a sheet
_CLOSE = 0.5  # how much a word must be like the one that was meant: most have two characters

Line = Mapping[str, str]  # of the map: heading → word


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the import file: its heading, and what it shows; without that it stays empty.

    That is a `field` of a `table`; one of the submission, where there is no table; a part of a target
    value, by its place in `PARTS`; or a constant. What has a `format` is written as text.
    """

    title: str
    table: str = ""
    field: str = ""
    part: int | None = None
    constant: str = ""
    format: Format | None = None


class _Meant(NamedTuple):
    """What a word of the map means: a column without heading and format, and what it may hold."""

    column: Column
    source: Source


Sheets = Mapping[str, Sequence[Column]]


def sheets_of(lines: Iterable[tuple[int, Line]], form: Form, path: Path | None) -> Sheets:
    """The columns of each sheet, as the lines of a map (with their numbers) say.

    Raises OfficeError for all that the form does not have, with the lines of the file `path`.
    """
    wrong: list[OfficeError] = []
    sheets: dict[str, list[Column]] = {}
    begins: dict[str, int] = {}
    for number, line in lines:
        words = {heading: line.get(heading, "").strip() for heading in HEADINGS}
        name = words[SHEET] or DEFAULT_SHEET
        try:
            if name not in sheets:
                _check_name(name, sheets)
            column = _column(words, form)
            sheets.setdefault(name, []).append(column)
            _check_rows(name, sheets[name], form)
        except ValueError as error:
            wrong.append(OfficeError(str(error), path, number))
        begins.setdefault(name, number)
    if wrong:
        mistakes = wrong if path else wrong[:1]  # of a map that nobody can open one will do
        raise all_of(f"导入文件的列对照表有 {len(wrong)} 处错误：", mistakes)
    if not sheets:
        raise OfficeError("导入文件的列对照表里还没有列；请每行写一列", path)
    return sheets


def check_headings(headings: Iterable[str], path: Path) -> None:
    """Raise OfficeError for all headings of the map that mean nothing, and those that it lacks."""
    found = list(headings)
    lacking = [heading for heading in HEADINGS if heading not in found]
    wrong: list[str] = []
    for heading in found:
        if heading in HEADINGS:
            continue
        if near := get_close_matches(heading, lacking, n=1, cutoff=_CLOSE):
            lacking.remove(near[0])
            wrong.append(f"没有列“{heading}”，是不是“{near[0]}”？请改列名")
        else:
            wrong.append(f"没有列“{heading}”；可用：{'、'.join(HEADINGS)}")
    wrong += [f"缺少列“{heading}”；请补上这一列" for heading in (TITLE, WORD) if heading in lacking]
    if wrong:
        mistakes = [OfficeError(words, path, 1) for words in wrong]
        raise all_of(f"导入文件的列对照表有 {len(wrong)} 处错误：", mistakes)


def _check_name(name: str, others: Iterable[str]) -> None:
    """Raise ValueError for a sheet whose name cannot be that of a sheet, or of a file of its own."""
    if len(name) > _LONGEST or _NO_SHEET.search(name):
        raise ValueError(
            f'工作表名“{name}”不能用：最多 {_LONGEST} 字，不能有 []:*?/\\<>"| ，'
            "开头和结尾不能是点、空格或单引号"
        )
    for other in others:
        if other.casefold() == name.casefold():
            raise ValueError(f"工作表“{other}”和“{name}”只有大小写不同")
        for one, more in ((other, name), (name, other)):
            if re.fullmatch(re.escape(one) + "-[0-9]+", more, re.IGNORECASE):
                raise ValueError(f"工作表“{more}”的文件会与“{one}”分成几个后的文件重名，请改名")


def _check_rows(sheet: str, columns: Sequence[Column], form: Form) -> None:
    """Raise ValueError for a sheet of two tables of rows: nobody knows which rows belong together."""
    tables = {column.table: None for column in columns if column.table}
    rows = [form.tables[name].title for name in tables if form.tables[name].is_rows]
    if len({name in form.once for name in tables}) > 1:
        raise ValueError(
            f"工作表“{sheet}”里既有每份工作簿一次的栏目，又有各个项目的栏目；请分到不同的工作表"
        )
    if len(rows) > 1:
        raise ValueError(
            f"工作表“{sheet}”里既有“{rows[0]}”又有“{rows[1]}”的栏目，两者的行对不上；"
            "请分到不同的工作表"
        )


def is_of_units(columns: Sequence[Column], form: Form) -> bool:
    """Return whether a sheet has a line for each unit's own record, not for those of its projects."""
    return any(column.table in form.once for column in columns)


def _column(words: Line, form: Form) -> Column:
    """One line of the map. Raises ValueError, in words for the office."""
    title, word, how = words[TITLE], words[WORD], words[FORMAT]
    if not title:
        raise ValueError("没有写列名")
    if not word or _CONSTANT.match(word):
        if how:
            raise ValueError(f"“{title}”{'是常量' if word else '没有栏目'}，不能有格式")
        constant = _CONSTANT.sub("", word, count=1).strip()
        if word and not constant:
            raise ValueError("“常量：”后面没有内容")
        return Column(title, constant=constant)
    meant, source = _meant(word, form)
    shape = format_of(how, source) if how else PLAIN if meant.part == PARTS.index("数值") else None
    return Column(title, meant.table, meant.field, meant.part, format=shape)


def _meant(word: str, form: Form) -> _Meant:
    """What a word of the map means. Raises ValueError where it means nothing."""
    if word in CONTEXT:
        return _Meant(Column("", field=CONTEXT[word]), Source(numbers=CONTEXT[word] == "fy"))
    found = _field(word, form)
    if found is not None:
        table, field = found
        return _Meant(Column("", table, field.name), _source(field))
    base, _, part = word.rpartition(".")
    found = _field(base, form) if base else None
    if found is None or part not in PARTS:
        raise ValueError(f"“{word}”不是本表的栏目{_instead(word, form, base if found else '')}")
    table, field = found
    if field.kind.dtype(field) != pl.String():
        raise ValueError(f"“{base}”不是文字，没有{'、'.join(PARTS)}")
    place = PARTS.index(part)
    return _Meant(Column("", table, field.name, place), Source(part == "数值", part == "数值"))


def _field(word: str, form: Form) -> tuple[str, Field] | None:
    """The table and the field of a label, a field's name, or either after the name of its table."""
    name, _, rest = word.partition(".")
    tables = [form.tables[name]] if rest and name in form.tables else list(form.tables.values())
    for table in tables:
        field = field_by_label(table.fields, rest if rest and name in form.tables else word)
        if field is not None:
            return table.name, table.fields[field]
    return None


def _source(field: Field) -> Source:
    """What the cells of a field hold."""
    kind = field.kind.dtype(field)
    return Source(kind.is_numeric(), kind == pl.Date(), field.unit if field.kind.money else None)


def _instead(word: str, form: Form, base: str) -> str:
    """The word that was probably meant, as the end of a message; nothing where none is near."""
    known = [f"{base}.{part}" for part in PARTS] if base else list(_words(form))
    near = get_close_matches(word, known, n=1, cutoff=_CLOSE)
    return f"，是不是“{near[0]}”？" if near else ""


def _words(form: Form) -> Iterator[str]:
    """All words that a map of a form may use, without the parts of target values."""
    yield from CONTEXT
    for table in form.tables.values():
        for name, field in table.fields.items():
            yield from (field.short_label, name, f"{table.name}.{name}")
            yield f"{table.name}.{field.short_label}"
