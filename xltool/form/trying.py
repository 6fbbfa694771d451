"""Running a validator statement by statement, so that one run finds all its mistakes, not the first only.

A statement that fails is noted and left out. Of a class the field that fails is exchanged for a plain
text, so that what names the field elsewhere is not taken for a mistake too. What is made so is only looked
at, never used.
"""

from __future__ import annotations
import __future__

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

from xltool.errors import OfficeError
from xltool.fields.declaring import text
from xltool.form.source import Source, assigned
from xltool.rules.blame import OWN_MODULES, blamed

_PLAIN = "_xltool_plain_text"  # what stands in the place of a field that fails


@dataclass
class Trial:
    """A validator as far as it could be run: its module, and what is wrong with it.

    `lacking` are the names that failing statements should have made, `doubtful` the classes in which a
    field is not the one that the author wrote.
    """

    module: ModuleType
    mistakes: list[OfficeError] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)


@contextmanager
def tried(source: Source) -> Iterator[Trial]:
    """Yield what comes of running a validator statement by statement; its module is known meanwhile."""
    name = f"{OWN_MODULES}trial_{source.path.stem}"
    module = ModuleType(name)
    module.__file__ = str(source.path)
    vars(module)[_PLAIN] = text
    sys.modules[name] = module
    trial = Trial(module)
    try:
        for statement in source.tree.body:
            _run(source, statement, trial)
        yield trial
    finally:
        sys.modules.pop(name, None)


def _run(source: Source, statement: ast.stmt, trial: Trial) -> None:
    """Run one statement; a class again without the fields that fail, as often as one does."""
    while True:
        try:
            _execute(source, statement, trial.module)
            return
        except Exception as error:
            mistake = blamed(error, source.path, statement.lineno)
            if not (isinstance(error, NameError) and error.name in trial.lacking):
                trial.mistakes.append(mistake)
            if not isinstance(statement, ast.ClassDef):
                trial.lacking |= {*assigned(statement)}
                return
            better = _without(statement, mistake.line)
            if better is None:
                trial.lacking.add(statement.name)
                return
            trial.doubtful.add(statement.name)
            statement = better


def _execute(source: Source, statement: ast.stmt, module: ModuleType) -> None:
    lazy = any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for node in source.tree.body
    )
    flags = __future__.annotations.compiler_flag if lazy else 0
    body = ast.Module([statement], [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # it becomes a mistake when it runs
        code = compile(body, str(source.path), "exec", flags=flags, dont_inherit=True)
    exec(code, vars(module))  # noqa: S102  # as loading does


def _without(model: ast.ClassDef, line: int | None) -> ast.ClassDef | None:
    """The class with a plain text in the place of the field on a line; None where there is no such field."""
    for place, node in enumerate(model.body):
        names = assigned(node) if isinstance(node, (ast.AnnAssign, ast.Assign)) else []
        if names and node.lineno <= (line or 0) <= (node.end_lineno or 0):
            name = names[0]
            plain = ast.parse(f"{name}: str = {_PLAIN}({name!r})").body[0]
            body = [*model.body[:place], plain, *model.body[place + 1 :]]
            return ast.ClassDef(
                name=model.name,
                bases=model.bases,
                keywords=model.keywords,
                body=body,
                decorator_list=model.decorator_list,
                lineno=model.lineno,
                col_offset=model.col_offset,
            )
    return None
