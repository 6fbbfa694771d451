"""What is wrong with the names, constants and fields that a validator declares, each with its line."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from xltool.errors import OfficeError
from xltool.fields.field import Field
from xltool.fields.tables import CONTEXT, Table
from xltool.form.model import Form, TableView, ZeroBudget
from xltool.form.source import Source, assigned
from xltool.language.nodes import Column, Node, columns_in, names_in, singles_in, words_in
from xltool.language.parser import StatementError, parse
from xltool.prose.nearest import nearest

_WANTED = {"TITLE": "表名", "VERSION": "版本"}
_CONSTANTS = (
    *_WANTED,
    *("CATALOGUE", "CAPACITY", "ROSTER_ROWS", "WHOLE", "ONCE", "WITHOUT", "ZERO_BUDGET"),
)
_SOME_LEVEL = (("一级指标", "二级指标", 1),)  # to go on with, where there is none that can be read
_RESERVED = {*CONTEXT, *(name for name in dir(Table) if not name.startswith("_"))}


def name_mistakes(source: Source) -> Iterator[OfficeError]:
    """Yield what is wrong with names: said twice, or taken by the system."""
    yield from source.said_twice()
    for model in source.classes.values():
        if not {"Table", "Rows"} & {base.id for base in model.bases if isinstance(base, ast.Name)}:
            continue
        for node in model.body:
            for name in assigned(node):
                if name in _RESERVED:
                    words = f"字段不能叫 {name}，系统用了这个名字；请改名，如 {name}_1"
                    yield source.mistake(words, node.lineno)


def constant_mistakes(source: Source, module: ModuleType) -> Iterator[OfficeError]:
    """Yield what is wrong with the constants; those that are needed get a value, to go on with."""
    misspelt = dict(_misspelt(source))
    for name, meant in misspelt.items():
        words = f"没有 {name} 这个名字，是不是 {meant}？请改正"
        yield source.mistake(words, source.constants[name])
        if hasattr(module, name):
            setattr(module, meant, getattr(module, name))
    for name, title in _WANTED.items():
        value = getattr(module, name, None)
        if name not in source.constants:
            if name not in misspelt.values():
                yield source.mistake(f'缺少 {name}（{title}）；请写一行 {name} = "……"', 1)
        elif value is not None and (not isinstance(value, str) or not value.strip()):
            line = source.constants[name]
            yield source.mistake(f'{name}（{title}）应为文字；请写 {name} = "……"', line)
        if not isinstance(value, str):
            setattr(module, name, name)
    yield from _table_mistakes(source, module)


def _misspelt(source: Source) -> Iterator[tuple[str, str]]:
    """Constants that nothing uses and that nearly have the name of one that is lacking, with that name."""
    lacking = [known for known in _CONSTANTS if known not in source.constants]
    for name in source.constants:
        near = get_close_matches(name, lacking, n=1, cutoff=0.8) if name.isupper() else []
        if near and name not in _CONSTANTS and name not in source.used:
            yield name, near[0]


def is_misshapen(module: ModuleType) -> bool:
    """Return whether a constant of a validator is not what a form can be made of."""
    texts = (getattr(module, name, "") for name in _WANTED)
    return not (
        all(isinstance(text, str) for text in texts)
        and _is_catalogue(getattr(module, "CATALOGUE", ()))
        and _is_capacity(getattr(module, "CAPACITY", {}))
        and _are_zero_budgets(getattr(module, "ZERO_BUDGET", {}))
    )


def _table_mistakes(source: Source, module: ModuleType) -> Iterator[OfficeError]:
    """CATALOGUE and CAPACITY: their shapes."""
    if "CATALOGUE" in source.constants and not hasattr(module, "CATALOGUE"):
        vars(module)["CATALOGUE"] = _SOME_LEVEL  # why is told already
    elif not _is_catalogue(getattr(module, "CATALOGUE", ())):
        words = 'CATALOGUE 每项应为 ("一级指标", "二级指标", 行数)，每项后面有逗号；请改正'
        yield source.mistake(words, source.constants.get("CATALOGUE"))
        vars(module)["CATALOGUE"] = _SOME_LEVEL
    capacity = getattr(module, "CAPACITY", {})
    if not _is_capacity(capacity):
        words = 'CAPACITY 应为各数据表的行数，如 {"task": 10}；请改正'
        yield source.mistake(words, source.constants.get("CAPACITY"))
        names = capacity if isinstance(capacity, Mapping) else ()
        vars(module)["CAPACITY"] = dict.fromkeys(names, 1)
    if not _are_zero_budgets(getattr(module, "ZERO_BUDGET", {})):
        words = "ZERO_BUDGET 请从 xltool.validators.shared.zero_budget 引入；请改正"
        yield source.mistake(words, source.constants.get("ZERO_BUDGET"))
        vars(module)["ZERO_BUDGET"] = {}


def _are_zero_budgets(policies: object) -> bool:
    return isinstance(policies, Mapping) and all(
        isinstance(name, str) and isinstance(policy, ZeroBudget)
        for name, policy in policies.items()
    )


def _is_capacity(capacity: object) -> bool:
    return isinstance(capacity, Mapping) and all(
        isinstance(name, str) and type(count) is int and count > 0
        for name, count in capacity.items()
    )


def _is_catalogue(catalogue: object) -> bool:
    return isinstance(catalogue, (tuple, list)) and all(map(_is_level, catalogue))


def _is_level(entry: object) -> bool:
    match entry:
        case (str(), str(), int(count)) if type(count) is int:
            return count > 0
    return False


def condition_mistakes(source: Source, model: type[Table]) -> Iterator[OfficeError]:
    """Yield what is wrong with the conditions on which fields of a table must be filled."""
    fields = model.fields()
    for name, column in fields.items():
        try:
            words = names_in(parse(column.required_when)) if column.required_when else []
        except StatementError as error:
            wrong = [f"{error}；"]
        else:
            wrong = [f"没有字段 {w}{nearest(w, fields) or '；'}" for w in words if w not in fields]
        line = source.field_line(model.__name__, name, "required_when")
        for problem in wrong:
            yield source.mistake(f"{name} 的 required_when：{problem}请改正", line)


def field_mistakes(source: Source, form: Form) -> Iterator[OfficeError]:
    """Yield what is wrong with the fields of a form."""
    for table in form.tables.values():
        model = table.model.__name__
        columns = table.model.to_schema().columns
        for name, column in table.fields.items():
            for option, words in _wrong_options(column):
                yield source.mistake(f"{name}：{words}", source.field_line(model, name, option))
            dtype = column.kind.dtype(column)
            if columns[name].dtype.type != dtype:
                words = f"字段 {name} 的类型应为 {_type_name(column)}；请改冒号后面的类型"
                yield source.mistake(words, source.field_line(model, name))
            if column.computed:
                line = source.field_line(model, name, "computed")
                for words in _wrong_formula(form, table, name, column.computed):
                    yield source.mistake(f"{name} 的 computed：{words}", line)
        yield from _cycles(source, table)
    yield from _circles_of_tables(source, form)
    yield from _wrong_zero_budgets(source, form)


def _wrong_zero_budgets(source: Source, form: Form) -> Iterator[OfficeError]:
    """What is wrong with the formulas of the policies for budgets of 0."""
    line = source.constants.get(
        "ZERO_BUDGET", source.import_line("xltool.validators.shared.zero_budget")
    )
    for policy, name, formula in (
        (policy, name, formula)
        for policy, found in form.zero_budgets.items()
        for name, formula in found.formulas.items()
    ):
        table, _, field = name.partition(".")
        if table not in form.tables or field not in form.tables[table].fields:
            yield source.mistake(f"ZERO_BUDGET 的 {policy}：本表没有 {name}；请改正", line)
            continue
        for words in _wrong_formula(form, form.tables[table], field, formula):
            yield source.mistake(f"ZERO_BUDGET 的 {policy}：{words}", line)


def _wrong_options(column: Field) -> Iterator[tuple[str, str]]:
    """Each option of a field that says nothing sensible, and what to do."""
    if not column.label.strip():
        yield "", "标签是空的；请写印在表上的文字"
    for option in ("max_chars", "max_bytes", "digits"):
        value: Any = getattr(column, option)
        if value is not None and (type(value) is not int or not 0 < value <= 32767):
            yield option, f"{option} 应为 1–32767 的整数，现为 {value}；请改正"
    if column.kind.listed and not column.choices and not column.lists:
        yield "choices", '没有可选项；请写成列表，如 ["是", "否"]'
    if column.kind.listed and not all(isinstance(one, str) and one for one in column.choices):
        yield "choices", "可选项应是文字；请加引号"
    if not 0 <= column.places <= 8:
        yield "places", f"places 应为 0–8 的整数，现为 {column.places}；请改正"
    low, high = column.minimum, column.maximum
    if low is not None and high is not None and low > high:
        yield "minimum", f"minimum（{low}）大于 maximum（{high}）；请对调"
    if column.filled_by not in ("unit", "system"):
        yield "filled_by", f'filled_by 应为 "unit" 或 "system"，现为“{column.filled_by}”；请改正'


def _type_name(column: Field) -> str:
    """The type that is written behind the name of a field of this kind."""
    if column.kind.money or column.places:
        return "Amount"
    names = {"String": "str", "Date": "Date", "Int64": "int", "Int32": "int", "Decimal": "Amount"}
    word = str(column.kind.dtype(column)).partition("(")[0]
    return names.get(word, word)


def _wrong_formula(form: Form, table: TableView, name: str, formula: str) -> Iterator[str]:
    """What is wrong with the formula of a computed field."""
    try:
        tree = parse(formula)
    except StatementError as error:
        yield f"{error}；请改正"
        return
    for word in dict.fromkeys(words_in(tree)):
        if problem := unknown_name(form, table, word):
            yield problem
    yield from (problem for _, problem in not_summed(form, singles_in(tree)))
    if name in names_in(tree):
        yield f"用到了自己（{name}）；请改正"


def unknown_name(form: Form, table: TableView, word: str) -> str | None:
    """Return what is wrong with a name in a statement about the rows of a table; None where nothing is."""
    if "." not in word:
        if word in table.fields or word in CONTEXT:
            return None
        return f"数据表 {table.name} 没有字段 {word}{nearest(word, table.fields) or '；'}请改正"
    other, _, name = word.partition(".")
    if other not in form.tables:
        return f"没有数据表 {other}{nearest(other, form.tables) or '；'}请改正"
    fields = form.tables[other].fields
    if name in fields:
        return None
    return f"数据表 {other} 没有字段 {name}{nearest(name, fields) or '；'}请改正"


def not_summed(form: Form, columns: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Yield each of the columns of a table that has many rows, and what is wrong with taking one value."""
    for column in columns:
        if column.table in form.tables and form.tables[column.table].is_rows:
            yield column.name, f"{column.table} 有许多行；请写 sum({column.name})"


def _circles_of_tables(source: Source, form: Form) -> Iterator[OfficeError]:
    """Records of which each is worked out from another one's."""
    records = {table.name for table in form.record_tables}
    needs = {
        name: [
            c.table
            for f in form.tables[name].fields.values()
            for c in columns_in(_tree(f.computed))
        ]
        for name in records
    }
    needs = {name: [n for n in needs[name] if n in records and n != name] for name in needs}
    seen: set[str] = set()
    for table in form.record_tables:
        circle = _circle(needs, [table.name])
        if circle and table.name not in seen:
            seen |= {*circle}
            way = " → ".join([*circle, circle[0]])
            words = f"数据表的 computed 互相用到：{way}；请把要用到的字段放在同一个数据表"
            yield source.mistake(words, source.field_line(table.model.__name__, ""))


def _cycles(source: Source, table: TableView) -> Iterator[OfficeError]:
    """Computed fields that need each other, or one that is declared further down."""
    needs: dict[str, list[str]] = {}
    for name, column in table.fields.items():
        tree = _tree(column.computed)
        needs[name] = [word for word in names_in(tree) if word in table.fields] if tree else []
    seen: set[str] = set()
    for name, column in table.fields.items():
        if not column.computed or name in needs[name]:
            continue
        line = source.field_line(table.model.__name__, name, "computed")
        if name in seen:
            continue
        circle = _circle(needs, [name])
        if circle:
            seen |= {*circle}
            way = " → ".join([*circle, circle[0]])
            yield source.mistake(f"computed 绕成了圈：{way}；请去掉其中一个", line)
            continue
        order = list(table.fields)
        for word in needs[name]:
            if table.fields[word].computed and order.index(word) > order.index(name):
                words = f"{name} 的 computed 用到写在后面的 {word}；请把 {word} 移到 {name} 前面"
                yield source.mistake(words, line)


def _circle(needs: Mapping[str, list[str]], path: list[str]) -> list[str]:
    """The way from a field through what it needs back to itself; nothing where there is none."""
    for word in needs.get(path[-1], []):
        if word == path[0]:
            return path
        if word not in path and (found := _circle(needs, [*path, word])):
            return found
    return []


def _tree(formula: str | None) -> Node | None:
    """The tree of a formula; None where there is none."""
    try:
        return parse(formula) if formula else None
    except StatementError:
        return None
