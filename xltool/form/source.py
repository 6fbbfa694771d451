"""The text of a validator as its author sees it: on which line each thing stands."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from xltool.errors import OfficeError
from xltool.rules.blame import blamed


class Source:
    """The source of a validator file. Raises OfficeError where it is no Python, or no UTF-8."""

    def __init__(self, path: Path):
        self.path = path
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # it becomes a mistake when it runs
                self.tree = ast.parse(path.read_bytes(), str(path))
        except (SyntaxError, ValueError) as error:
            raise blamed(error, path) from error

    def mistake(self, message: str, line: int | None) -> OfficeError:
        """Return a mistake on a line of the file."""
        return OfficeError(message, self.path, line)

    @cached_property
    def constants(self) -> Mapping[str, int]:
        """The names that statements outside of classes and functions assign, with their lines."""
        return {name: node.lineno for node in self.tree.body for name in assigned(node)}

    @cached_property
    def used(self) -> set[str]:
        """The names that some expression of the file uses."""
        names = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return {node.id for node in names if isinstance(node.ctx, ast.Load)}

    @cached_property
    def classes(self) -> Mapping[str, ast.ClassDef]:
        """The classes by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    @cached_property
    def functions(self) -> Mapping[str, ast.FunctionDef]:
        """The functions by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}

    def field_line(self, model: str, field: str, option: str = "") -> int | None:
        """Return the line of a field of a class, or of one of its options."""
        found = self.classes.get(model)
        if found is None:
            return None
        for node in found.body:
            if isinstance(node, (ast.AnnAssign, ast.Assign)) and field in assigned(node):
                return _line_of_option(node.value, option) or node.lineno
        return found.lineno

    def rule_line(self, function: str, option: str = "") -> int | None:
        """Return the line where a rule begins, or of one of its options."""
        found = self.functions.get(function)
        if found is None:
            return None
        for decorator in found.decorator_list:
            return _line_of_option(decorator, option) or decorator.lineno
        return found.lineno

    def text_line(self, function: str, word: str) -> int | None:
        """Return the line of a function in which a text between quotes contains a word."""
        found = self.functions.get(function)
        own = _docstring(found)
        texts = (node for node in ast.walk(found or ast.Pass()) if isinstance(node, ast.Constant))
        for node in texts:
            is_text = isinstance(node.value, str) and node is not own
            if is_text and re.search(rf"\b{re.escape(word)}\b", str(node.value)):
                return node.lineno
        return self.rule_line(function)

    def example_line(self, function: str, number: int) -> int | None:
        """Return the line of a row of a rule's example table, the heading being number 0."""
        found = self.functions.get(function)
        text = _docstring(found)
        if text is None or not isinstance(text.value, str):
            return self.rule_line(function)
        lines = (n for n, line in enumerate(text.value.splitlines()) if line.strip()[:1] == "|")
        place = next((n for count, n in enumerate(lines) if count == number), 0)
        return text.lineno + place

    def import_line(self, module: str) -> int | None:
        """Return the line that imports a module, or something of it."""
        last = module.rpartition(".")[2]
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and (
                (node.module or "").endswith(last) or last in {alias.name for alias in node.names}
            ):
                return node.lineno
        return None

    def said_twice(self) -> Iterator[OfficeError]:
        """Yield a mistake for each name that a later declaration takes from an earlier one."""
        yield from self._said_twice(self.tree.body, "这个名字", (ast.FunctionDef, ast.ClassDef))
        for model in self.classes.values():
            yield from self._said_twice(model.body, "字段", (ast.AnnAssign, ast.Assign))

    def _said_twice(
        self, body: list[ast.stmt], what: str, kinds: tuple[type[ast.stmt], ...]
    ) -> Iterator[OfficeError]:
        lines: dict[str, int] = {}
        for node in body:
            for name in assigned(node) if isinstance(node, kinds) else ():
                if name in lines and name != "_":
                    words = f"{what} {name} 与第 {lines[name]} 行重名，前一个不起作用；请改名"
                    yield self.mistake(words, node.lineno)
                lines[name] = node.lineno


def assigned(node: ast.stmt) -> list[str]:
    """Return the names that a statement gives something to."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [(alias.asname or alias.name).partition(".")[0] for alias in names]
    return []


def _line_of_option(node: ast.AST | None, option: str) -> int | None:
    if not isinstance(node, ast.Call):
        return None
    return next((word.value.lineno for word in node.keywords if word.arg == option), None)


def _docstring(node: ast.FunctionDef | None) -> ast.Constant | None:
    match node:
        case ast.FunctionDef(body=[ast.Expr(value=ast.Constant() as text), *_]):
            return text
    return None
