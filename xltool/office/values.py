"""What stands in the office's lists as values of the form's fields, and its reference lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path

from xltool.errors import OfficeError
from xltool.fields.code import Code
from xltool.fields.kinds import Field
from xltool.fields.reading import Value
from xltool.office.codes import altered, wrong_digits
from xltool.office.columns import column_mistakes
from xltool.office.csv_files import read_csv
from xltool.office.mistakes import Mistakes
from xltool.prose.bearing import unbearable
from xltool.prose.quoting import quoted
from xltool.prose.text import label_key, printable

_REMEMBERED = 1024  # texts of a column


def field_by_label(fields: Mapping[str, Field], word: str) -> str | None:
    """The field that a heading or a JSON key means: its name, its label, or the label without unit.

    `项目总金额` means `项目总金额（中期规划，万元）：`.
    """
    if word in fields:
        return word
    key = label_key(word)
    by_label = {label_key(field.label): name for name, field in fields.items()}
    short = {re.sub(r"\(.*?\)$", "", label): name for label, name in by_label.items()}
    return by_label.get(key) or short.get(key)


def read_list(path: Path, fields: Mapping[str, Field]) -> list[dict[str, Value]]:
    """A reference list of the office: rows of typed values. Raises OfficeError with all that is wrong."""
    rows = read_csv(path)
    named = cache(partial(field_by_label, fields))
    mistakes = Mistakes(path.parent)
    if rows:
        unknown = [word for word in rows[0][1] if named(word) is None]
        meant = {named(word) for word in rows[0][1]}
        lacking = [column for name, column in fields.items() if name not in meant]
        required = [column.short_label for column in lacking if column.required]
        others = [column.short_label for column in lacking if not column.required]
        mistakes.take(column_mistakes(unknown, required, others, path))
        mistakes.insist()
    result = []
    for line, row in rows:
        values: dict[str, Value] = dict.fromkeys(fields)
        for word, text in row.items():
            name = named(word)
            if name is not None and text.strip():
                with mistakes.noting():
                    plain = plain_text(fields[name], text.strip(), path, line)
                    values[name] = fields[name].kind.parse(plain, fields[name])
        result.append(values)
    mistakes.insist()
    return result


def plain_text(field: Field, text: str, path: Path, line: int) -> str:
    """The office's text as the canonical text of the field. Raises OfficeError with the line of a wrong one."""
    try:
        return _canonical(field, text)
    except OfficeError as problem:
        raise OfficeError(problem.message, path, line) from None


def plain_texts(field: Field) -> Callable[[str], str]:
    """What gives the canonical texts of a column of many lines, in which the same texts come again.

    It raises OfficeError without a line for a wrong one.
    """
    return lru_cache(maxsize=_REMEMBERED)(partial(_canonical, field))


def _canonical(field: Field, text: str) -> str:
    """The office's text as the canonical text of the field. Raises OfficeError without a line."""
    if isinstance(field.kind, Code) and (words := altered(field.short_label, text)):
        raise OfficeError(words)
    try:
        value = field.kind.parse(text, field)
    except ValueError:
        advice = field.kind.advice(field)
        words = f"{field.short_label}“{printable(quoted(text))}”不对，应为{advice}；请改正"
        raise OfficeError(words) from None
    if field.digits and (words := wrong_digits(field.short_label, str(value), field.digits)):
        raise OfficeError(words)
    if problem := unbearable(text):
        raise OfficeError(f"{field.short_label}{problem}")
    return field.kind.plain(value)
