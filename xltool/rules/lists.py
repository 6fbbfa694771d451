"""The lists of an office that fields are declared with, as references, and the rules on such fields.

    kind: str = choice("品目大类", lists="品目目录.csv")
    name: str = choice("品目名称", lists="品目目录.csv", of="kind")
    title: str = text("品目说明", lists="品目目录.csv", looked_up="code")

A field with `lists` has its rules without importing them: its value is on the list, it stands there
beside the value of the field that it is chosen by, and the code that it is looked up by is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import new_class

import polars as pl

from xltool.errors import OfficeError
from xltool.fields.field import Field
from xltool.fields.kind import Kind
from xltool.fields.tables import Table, of_kind
from xltool.rules.declaring import FormTable, Lookup, Offence, Reference, Rule, rule

_LISTED, _BESIDE, _PARENT = "_listed", "_beside", "_parent"
_Column = tuple[str, str, Kind, int | None]  # of a list: field, heading, kind, digits


def reference_of(table: str, fields: Mapping[str, Field], name: str) -> Reference:
    """Return the list of a field as a reference: its own column, and that of the field it depends on.

    The same field gives the same object. Raises KeyError where there is no such other field.
    """
    field = fields[name]
    names = [name] if field.key is None else [field.key, name]
    columns = tuple(
        (n, _heading(fields[n], field), fields[n].kind, fields[n].digits) for n in names
    )
    return _reference(f"list_{table}_{name}", field.lists or "", columns)


def _heading(column: Field, field: Field) -> str:
    """The heading that a field has in the list of another one: `column=` speaks of its own list."""
    return column.heading if column.lists in (None, field.lists) else column.short_label


@cache
def _reference(name: str, file: str, columns: tuple[_Column, ...]) -> Reference:
    declared = {
        each: of_kind(kind, heading, required=True, digits=digits)
        for each, heading, kind, digits in columns
    }
    types = {"__annotations__": dict.fromkeys(declared, str), "__module__": __name__}
    model = new_class(name, (Table,), exec_body=lambda body: body.update({**types, **declared}))
    return Reference(file, model, columns[-1][1], needed=True)


def lookup_of(table: str, fields: Mapping[str, Field], name: str) -> Lookup:
    """Return the look-up of the entry that a list has for the value of the field it depends on."""
    return _entry(reference_of(table, fields, name), fields[name].key or "", name)


@cache
def _entry(reference: Reference, key: str, name: str) -> Lookup:
    return Lookup(reference, pl.col(name).first(), pl.String(), by=(key,))


@cache
def _there(reference: Reference, *by: str) -> Lookup:
    """Whether a line of the list has the values of these columns."""
    return Lookup(reference, pl.len() > 0, pl.Boolean(), by=by)


def rules_on_lists(table: str, fields: Mapping[str, Field]) -> Iterator[Rule]:
    """Return the rules on the fields of a table that have a list of the office.

    Raises OfficeError for a field that cannot have one as it is declared.
    """
    for name, field in fields.items():
        if problem := _wrong(fields, name):
            raise OfficeError(f"{table}.{name} {problem}")
        if field.lists is None:
            continue
        reference = reference_of(table, fields, name)
        if field.looked_up is not None:
            yield _key_is_known(table, field.looked_up, fields[field.looked_up], reference)
            continue
        yield _value_is_listed(table, name, field, reference)
        if field.of is not None:
            yield _value_goes_with(table, name, field, field.of, reference)


def _wrong(fields: Mapping[str, Field], name: str) -> str | None:
    """What is wrong with how a field speaks of a list, in Chinese; None where nothing is."""
    field, others = fields[name], [each for each in fields if each != name]
    word = "of" if field.of else "looked_up"
    if field.lists is None:
        given = next((w for w in ("of", "looked_up", "column") if getattr(field, w)), None)
        return f"写了 {given}，还要写 lists=“清单.csv”" if given else None
    if field.key is not None and field.key not in others:
        return f"的 {word}=“{field.key}” 不是同一数据表的栏目；可用的：{'、'.join(others)}"
    concerned = [field, *(fields[each] for each in [field.key] if each)]
    if not all(isinstance(each.kind.dtype(each), pl.String) for each in concerned):
        return "和它所依据的栏目应为文字、编码或下拉列表，才能写 lists"
    if field.kind.listed and field.choices:
        return "的可选项写了两处：choices 和 lists 只能写一个"
    if not field.kind.listed and field.looked_up is None:
        return "写了 lists，还要写 looked_up=“栏目”，或改用 choice(…)"
    return None


def _value_is_listed(table: str, name: str, field: Field, reference: Reference) -> Rule:
    @rule(
        "TXT-020",
        on=table,
        cells=[name],
        severity=field.severity_of_choice,
        using={_LISTED: _there(reference, name)},
        message=f"{{{name}.label}}“{{{name}}}”不在可选项中（{reference.file}）",
        hint="请从下拉列表中选择",
    )
    def value_is_not_on_the_list(_: FormTable) -> Offence:
        """下拉列表取自办公室的清单的栏目，只能填清单中的值。"""
        return Offence(pl.col(name).is_not_null() & pl.col(_LISTED).is_null())

    return value_is_not_on_the_list


def _value_goes_with(table: str, name: str, field: Field, key: str, reference: Reference) -> Rule:
    @rule(
        "TXT-020",
        on=table,
        cells=[name, key],
        severity=field.severity_of_choice,
        using={
            _LISTED: _there(reference, name),
            _PARENT: _there(reference, key),
            _BESIDE: _there(reference, key, name),
        },
        message=f"{{{name}.label}}“{{{name}}}”不属于{{{key}.label}}“{{{key}}}”（{reference.file}）",
        hint=f"请先选{{{key}.label}}，再从下拉列表中选择{{{name}.label}}",
    )
    def value_goes_with_another(_: FormTable) -> Offence:
        """逐级选择的栏目，下级的值必须属于所选的上级。"""
        known = pl.col(_LISTED).is_not_null() & pl.col(_PARENT).is_not_null()
        return Offence(known & pl.col(_BESIDE).is_null())

    return value_goes_with_another


def _key_is_known(table: str, key: str, column: Field, reference: Reference) -> Rule:
    @rule(
        "TXT-020",
        on=table,
        cells=[key],
        using={_LISTED: _there(reference, key)},
        message=f"{{{key}.label}}“{{{key}}}”在{reference.file}中查不到",
        hint="请核对后重新输入",
    )
    def key_is_unknown(_: FormTable) -> list[Offence]:
        """由编码等带出名称的栏目，编码必须在办公室的清单里。"""
        if column.lists == reference.file:  # said of its own list already
            return []
        return [Offence(pl.col(key).is_not_null() & pl.col(_LISTED).is_null())]

    return key_is_unknown
