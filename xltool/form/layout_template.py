"""A form's `layout.xml.j2` as XML, by Jinja.

Jinja runs in a sandbox, changes nothing that it is given (`layout_names`) and allows no undefined name.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from xltool.errors import OfficeError
from xltool.form.layout_names import names
from xltool.form.loading import template_file
from xltool.form.model import Form

_ELEMENT = re.compile(r"<([a-z]+)(?=[\s/>])")

_Template = tuple[str, str, Callable[[], bool]]  # a text, its file, and whether it is current

# what Jinja offers beside plain functions: objects that a layout does without
_NEEDLESS = ("cycler", "joiner", "lipsum")


def expand(form: Form, fy: int, path: Path, used: dict[str, Path] | None = None) -> str:
    """Return the XML of a form's template, which stands in the file `path`, for a budget year.

    `used` takes the files that were read for it, by what the template calls them. Raises OfficeError with file
    and line for anything wrong in the template.
    """

    def source(name: str) -> _Template | None:
        found = _source(form, name)
        if used is not None and found is not None:
            used[name] = Path(found[1])
        return found

    # autoescape: a label with < or & from the validator cannot break the XML
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FunctionLoader(source),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in _NEEDLESS:
        del environment.globals[name]
    try:
        return environment.get_template(path.name).render(names(form, fy))
    except OfficeError:
        raise
    except jinja2.TemplateSyntaxError as error:
        where = error.filename or path
        words = _of_syntax(str(error.message))
        raise OfficeError(f"模板语法错误：{words}", where, error.lineno) from error
    except Exception as error:  # whatever an expression of the template may raise
        undefined = isinstance(error, jinja2.UndefinedError)
        words = "模板中用了没有定义的名字" if undefined else "模板无法展开"
        reason = _of_name(" ".join(str(error).split()), form)
        raise OfficeError(f"{words}：{reason}", *_place(error, path)) from error


def _of_syntax(message: str) -> str:
    """What Jinja says of a template that it cannot read, in Chinese where that is often needed."""
    if found := re.search(r"looking for the following tags: '(\w+)'", message):
        return f"缺少 {{% {found[1]} %}}，请在结尾处补上"
    if found := re.search(r"unknown tag '(\w+)'", message):
        return f"没有 {{% {found[1]} %}}，请检查拼写"
    return message


def _of_name(message: str, form: Form) -> str:
    """What Jinja says of a name that there is not, in Chinese."""
    if found := re.fullmatch(r"'dict object' has no attribute '(\w+)'", message):
        known = "、".join(form.capacity) or "（空）"
        return f"{found[1]}；rows 里的名字来自校验文件的 CAPACITY：{known}"
    if found := re.fullmatch(r"'(\w+)' is undefined", message):
        return f"{found[1]}；请检查拼写，或先用 import 取得"
    return message


def _place(error: Exception, path: Path) -> tuple[Path | str, int | None]:
    """File and line of the template where an expression failed; the traceback has them."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename.endswith(".j2")]
    return (inside[-1].filename, inside[-1].lineno) if inside else (path, None)


def _source(form: Form, name: str) -> _Template | None:
    """A template for Jinja: its text, its file, and that it is current.

    Every element of the text is stamped with its file and line, for error messages.
    """
    path = template_file(form, name)
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise OfficeError("编码无法识别；请存为 UTF-8", path) from error
    text = "\n".join(
        _ELEMENT.sub(rf'<\1 _at="{number}" _in="{path.parent.name}/{path.name}"', line)
        for number, line in enumerate(lines, 1)
    )
    return text, str(path), lambda: True
