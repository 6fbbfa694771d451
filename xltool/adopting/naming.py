"""Names of fields and tables: those that the built-in forms have for the same label, else pinyin."""

from __future__ import annotations

import importlib.util
import keyword
import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from string import ascii_lowercase
from types import MappingProxyType

from xltool.errors import OfficeError
from xltool.fields.field import Field
from xltool.fields.tables import CONTEXT, Rows
from xltool.form.loading import form_ids, load_form
from xltool.prose.text import label_key

_REMARK = re.compile(r"[（(][^（）()]*[）)]")
_LONGEST = 30  # characters of a name made of pinyin
_RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *CONTEXT, *dir(Rows)})


@dataclass(frozen=True)
class KnownTable:
    """A table of a built-in form: its fields by the key of their label."""

    name: str
    is_rows: bool
    fields: Mapping[str, Field]


@cache
def known_tables() -> tuple[KnownTable, ...]:
    """The tables of the built-in forms."""
    return tuple(
        KnownTable(
            table.name,
            table.is_rows,
            MappingProxyType({label_key(f.label): f for f in table.fields.values()}),
        )
        for form in map(load_form, form_ids())
        for table in form.tables.values()
    )


def like_rows(labels: Collection[str]) -> KnownTable | None:
    """The table of repeated rows whose labels are most like these, if at least two agree."""
    keys = {bare_key(label) for label in labels} | set(map(label_key, labels))
    scored = [
        (len(keys & set(table.fields)), -len(table.fields), number)
        for number, table in enumerate(known_tables())
        if table.is_rows
    ]
    agreeing, _, number = max(scored)
    return known_tables()[number] if agreeing >= 2 else None


def known_field(label: str, *, is_rows: bool, like: KnownTable | None = None) -> Field | None:
    """The field that the built-in forms most often have for a label, those of a table `like` first."""
    for key in (label_key(label), bare_key(label)):
        if like and key in like.fields:
            return like.fields[key]
        found = [t.fields[key] for t in known_tables() if t.is_rows == is_rows and key in t.fields]
        if found:
            name = Counter(field.name for field in found).most_common(1)[0][0]
            return next(field for field in found if field.name == name)
    return None


def bare_key(label: str) -> str:
    """The key of a label without remarks in brackets: 项目金额（万元） is 项目金额."""
    return label_key(_REMARK.sub("", label.replace("：", ":")))


def pinyin_name(label: str, otherwise: str) -> str:
    """A name made of the pinyin of a label; `otherwise` where nothing in it can be spoken."""
    if importlib.util.find_spec("pypinyin") is None:
        raise OfficeError(
            "栏目的名字要用拼音，没有安装 pypinyin；请运行 pip install 'xltool[adopt]'"
        )
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # an optional extra

    bare = re.sub(r"\d{4}\s*年度?", "", _REMARK.sub("", label))
    spoken = "".join(lazy_pinyin(bare)).lower()
    words = re.findall(r"[a-z0-9]+", spoken.encode("ascii", "ignore").decode())
    name = "_".join(words)[:_LONGEST].strip("_")
    return name if re.match(r"[a-z]", name) else f"{otherwise}_{name}".strip("_")


def table_name(name: str, taken: Container[str]) -> str:
    """A name for a table that no other has, and that its class says again: `lines`, `lines_b`, …"""
    words = re.findall(r"[a-z][a-z0-9]*", name) or ["lines"]
    marks = chain(
        [""], (f"_{letter}" for letter in ascii_lowercase[1:]), (f"_x{n}" for n in count(1))
    )
    options = ("_".join(words) + mark for mark in marks)
    return next(option for option in options if option not in taken)


def unused(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it where it is taken or means something else already."""
    others = {*taken, *_RESERVED}
    if name not in others:
        return name
    numbered = (f"{name}_{number}" for number in range(2, 10_000))
    return next(option for option in numbered if option not in others)
