"""A statement on plain values: what its formula shows, worked out when a workbook is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xltool.fields.field import Field
from xltool.fields.reading import Raw
from xltool.language.functions import FUNCTIONS, OPERATORS, Content
from xltool.language.nodes import Call, Choice, Name, Node, Visitor

BLANK = Content(acceptable=False)
UNREADABLE = Content(typed="?", acceptable=False)  # something stands there that cannot be read


class _Values(Visitor[Any]):
    """A value: a number, a text, a day, True or False."""

    def __init__(self, content: Callable[[str], Content]) -> None:
        self._content = content

    def name(self, name: str) -> Any:
        return self._content(name).value

    def constant(self, value: int | str) -> int | str:
        return value

    def operation(self, sign: str, left: Any, right: Any) -> Any:
        return OPERATORS[sign].values(left, right)

    def junction(self, word: str, parts: list[Any]) -> bool:
        return all(parts) if word == "and" else any(parts)

    def negation(self, part: Any) -> bool:
        return not part

    def call(self, call: Call) -> Any:
        function, argument = FUNCTIONS[call.function], call.argument
        if function.is_about_a_cell and isinstance(argument, Name):
            return function.values(self._content(argument.name), *call.constants)
        return function.values(self.visit(argument), *call.constants)

    def choice(self, choice: Choice) -> Any:
        return self.visit(choice.met if self.visit(choice.condition) else choice.otherwise)


def value_of(node: Node, content: Callable[[str], Content]) -> Any:
    """Return the value of a node; `content` gives what stands in the cell of a name."""
    return _Values(content).visit(node)


class RowContents(Mapping[str, Content]):
    """What stands in the cells of a row, by field. Blank where nothing is known.

    Takes plain values (amounts as Decimal, days as date, None for a blank) or contents.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Content:
        found = self._values.get(name)
        if isinstance(found, Content):
            return found
        return BLANK if found is None else Content(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def lacks(self, names: list[str]) -> bool:
        """Return whether one of these has no value that can be used."""
        return any(self[name].value is None for name in names)


class TypedRow(Mapping[str, Content]):
    """What a formula sees in the cells of a row, each worked out when it is asked for, once.

    Takes what stands in the cells (`raws`), their fields, and the context: constants (`fy`), and
    contents of other tables.
    """

    def __init__(
        self,
        raws: Mapping[str, Raw],
        fields: Mapping[str, Field],
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self._raws = raws
        self._fields = fields
        self._known = {
            name: value if isinstance(value, Content) else Content(value)
            for name, value in (context or {}).items()
        }

    def __getitem__(self, name: str) -> Content:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = content_of(self._raws[name], self._fields[name])
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return what stands in a cell, `default` where the row has no such cell."""
        return self[name] if name in self._known or name in self._raws else default

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._raws})

    def __len__(self) -> int:
        return len({**self._known, **self._raws})


def content_of(raw: Raw, field: Field) -> Content:
    """Return what a formula sees in a cell of a field that holds `raw`."""
    kind = field.kind
    if raw is None:
        return BLANK
    value = kind.used(raw, field)
    if value is not None:
        return Content(value, acceptable=kind.is_acceptable(raw, field))
    return Content(typed=str(raw)) if kind.is_filled(raw, field) else BLANK
