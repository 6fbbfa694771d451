"""What the author of a form is to be told: a mistake in an own validator as one line with file and line.

An own validator is program code of an office. Whatever it raises, while it is loaded or while one of its
rules runs, is a mistake of its author, not a bug of ours: the last line of that file on the way to the
exception is where to look. What built-in forms raise stays what it is.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

from xltool.errors import OfficeError
from xltool.fields.field import Field
from xltool.prose.nearest import nearest

OWN_MODULES = "xltool_own."  # begins the names of modules that are an office's validators

_CHINESE = re.compile("[\u4e00-\u9fff]")
_UNKNOWN_OPTION = re.compile(r"got an unexpected keyword argument '(\w+)'")
_OPTIONS = (  # of rules
    *("on", "each", "severity", "message", "hint", "cells", "needs", "unused", "across"),
    *("together", "using", "enabled", "also", "integrity", "says_also", "shared", "when"),
    *("mended", "refill", "of_office"),
)
_MISSING = re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: (.+)")
_UNKNOWN_COLUMN = re.compile('unable to find column "([^"]+)"; valid columns: (.*)')


def is_own(function: Callable[..., Any]) -> bool:
    """Return whether a function stands in a validator that an office wrote."""
    return function.__module__.startswith(OWN_MODULES)


def place_of(function: Callable[..., Any]) -> tuple[Path, int]:
    """Return the file and the line where a function begins, its decorators included."""
    code = function.__code__
    return Path(code.co_filename), code.co_firstlineno


def blamed(error: BaseException, path: Path, line: int | None = None) -> OfficeError:
    """Return the mistake that an exception shows, at the last line of the file on the way to it.

    `line` is where to look if no line of the file is on the way. Raises nothing.
    """
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return OfficeError(explained(error), path, error.lineno)
    inside = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    if isinstance(error, OfficeError) and error.line is not None:
        return error
    return OfficeError(explained(error), path, inside[-1].lineno if inside else line)


def explained(error: BaseException) -> str:
    """Return in Chinese what an exception says, and what to do."""
    text = error.message if isinstance(error, OfficeError) else str(error).partition("\n")[0]
    if isinstance(error, SyntaxError):
        return f"不是正确的 Python（{error.msg}）；请检查引号、括号、逗号和等号"
    if _CHINESE.search(text):
        return text
    return (
        _of_names(error, text)
        or _of_arguments(text)
        or f"程序出错（{type(error).__name__}：{text}）；请改正，用 --debug 可查看详情"
    )


def _of_names(error: BaseException, text: str) -> str | None:
    """What an exception about a name says."""
    if isinstance(error, NameError):
        return f"没有定义 {error.name}；请检查拼写，或在文件开头导入"
    if isinstance(error, ModuleNotFoundError):
        return f"没有模块 {error.name}；请检查导入语句的拼写"
    if isinstance(error, ImportError):
        name = text.partition("'")[2].partition("'")[0]
        return f"{error.name} 里没有 {name}；请检查导入语句的拼写"
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        module = error.obj.__name__.rpartition(".")[2]
        module = "fields" if module == "declaring" else module
        near = nearest(str(error.name), dir(error.obj))
        return f"{module} 里没有 {error.name}{near or '；'}请改正"
    if isinstance(error, KeyError):
        return f"没有“{error.args[0]}”；请检查拼写"
    return None


def _of_arguments(text: str) -> str | None:
    """What the text of an exception about a call says."""
    if found := _UNKNOWN_OPTION.search(text):
        near = nearest(found[1], [*_OPTIONS, *(one.name for one in fields(Field))])
        return f"没有选项 {found[1]}{near or '；'}请改正或删去"
    if found := _MISSING.search(text):
        return f"缺少参数 {found[1].replace(' and ', '、').replace(chr(39), '')}；请补上"
    if re.search("^'(tuple|str|list)' object is not callable", text):
        return "括号前面少了逗号；请在上一项后面补上"
    if text.endswith("object is not callable"):
        return "把一个字段当作函数用了（字段与 text、amount 等同名）；请给字段改名"
    return None


def of_expression(error: Exception, function: Callable[..., Any]) -> OfficeError:
    """Return the mistake of an own rule whose expression polars could not work out."""
    path, line = place_of(function)
    found = _UNKNOWN_COLUMN.search(str(error))
    if found is None:
        return blamed(error, path, line)
    meant = nearest(found[1], re.findall('"([^"]+)"', found[2]))
    line = line_of_text(function, found[1]) or line
    return OfficeError(f"没有栏目 {found[1]}{meant or '；'}请改正", path, line)


def line_of_text(function: Callable[..., Any], text: str) -> int | None:
    """Return the line of a function in which a text stands between quotes; None where none does."""
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return None
    tree = ast.parse(textwrap.dedent("".join(lines)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == text:
            return first + node.lineno - 1
    return None
