"""Help and error messages in Chinese in click's place, the progress bar, and printing."""

from __future__ import annotations

import codecs
import io
import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.errors import os_advice, os_words
from xltool.prose.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_WORDS = (
    ("Usage:", "用法："),
    ("Options:", "选项："),
    ("Commands:", "命令："),
    ("[OPTIONS]", "[选项]"),
    ("[default: ", "[默认："),
    ("[required]", "[必填]"),
)
_COMPLAINTS = (
    ("No such command '(.*)'", "没有命令 {}"),
    (r"Got unexpected extra arguments? \((.*)\)", "多出参数 {}"),
    ("Option '(.*)' requires", "选项 {} 缺少值"),
    ("Option '(.*)' does not take a value", "选项 {} 不带值"),
)


def in_chinese(text: str) -> str:
    """Help with click's own words put into Chinese."""
    for english, chinese in _WORDS:
        text = text.replace(english, chinese)
    return text


class _Chinese:
    """Help in Chinese: click's own words are the only English ones in it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; a complaint knows its command, which click's parser forgets to note."""
        try:
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        return rest

    def get_help(self, ctx: click.Context) -> str:
        """The help text."""
        text: str = super().get_help(ctx)  # type: ignore[misc]
        return in_chinese(text)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The help option."""
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示帮助"
        return option


class ChineseCommand(_Chinese, click.Command):
    """A command with Chinese help."""


class ChineseGroup(_Chinese, click.Group):
    """A group of commands with Chinese help, which it shows where no command is named."""

    command_class = ChineseCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; without anything to parse, show the help."""
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)


def explain(error: click.UsageError) -> str:
    """What click complains about, in Chinese, with the next step."""
    command = error.ctx.command_path if error.ctx else "xltool"
    return f"{_complaint(error)}；用 {command} --help 查看用法"


def _complaint(error: click.UsageError) -> str:
    if isinstance(error, click.MissingParameter) and error.param:
        return f"缺少{_name(error.param)}"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}"
    if isinstance(error, click.BadParameter) and error.param:
        return _name(error.param) + _wrong_value(error.param.type)
    for english, chinese in _COMPLAINTS:
        if found := re.match(english, error.message):
            return chinese.format(found[1])
    return "命令写法不对"


def _wrong_value(kind: click.ParamType[Any]) -> str:
    if isinstance(kind, click.Choice):
        return f" 的值不对，可选：{'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.Path):
        return " 应为文件，不是文件夹" if kind.file_okay else " 应为文件夹，不是文件"
    return " 的值不对"


def explain_os(error: OSError) -> str:
    """What the system refuses, in Chinese: the file and why."""
    return _placed(error, os_words(error))


def advise_os(error: OSError) -> str:
    """What the system refuses, in Chinese: the file, why, and what to do."""
    return _placed(error, os_advice(error))


def _placed(error: OSError, words: str) -> str:
    path = error.filename2 or error.filename  # of two, the one to be written
    return words if path is None else f"{path}：{words}"


def _name(parameter: click.Parameter) -> str:
    """A parameter as the help names it."""
    if isinstance(parameter, click.Argument):
        return f"参数 {parameter.metavar or parameter.name}"
    return f"选项 {parameter.opts[0]}"


def print_any_character() -> None:
    """Let the standard streams take any character, as a Chinese Windows console does not.

    What GBK has no code for (emoji, rare characters of names) is written as JSON escapes it, which
    is exact and leaves JSON valid.
    """
    codecs.register_error("xltool", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="xltool")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def emit(text: str | Iterator[str], out: Path | None) -> None:
    """Print a text, whole or in pieces, or write it into a file: whole or not at all."""
    pieces = [text] if isinstance(text, str) else text
    if out is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        click.echo()
        return
    from xltool.files import appearing

    with appearing(out) as temporary, temporary.open("wb") as file:
        file.writelines(piece.encode() for piece in pieces)
        file.write(b"\n")


def name_written(path: Path, *, err: bool = False) -> None:
    """Say that a file was written; on stderr for a command whose result may go to stdout."""
    click.echo(printable(f"已写出 {path}"), err=err)


def name_log(log: Path | None, *, err: bool) -> None:
    """Say as the last line where the tracebacks of failures lie, if there were any."""
    if log is not None:
        click.echo(f"有文件读取时程序出错，详情记在 {log}，请交给维护 xltool 的人", err=err)


def width(out: Path | None) -> int:
    """Columns of the text: a file's lines may be longer than a terminal's."""
    if out is not None:
        return 100
    return max(60, shutil.get_terminal_size((80, 24)).columns)


class Bar:
    """A progress bar on a terminal, for anything over a second."""

    def __init__(self, title: str, quiet: bool):
        self.title = title
        self.shown = not quiet and sys.stderr.isatty()
        self.start = time.monotonic()
        self.progress: Progress | None = None
        self.task: TaskID | None = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.progress is not None:
            self.progress.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        if self.shown and self.progress is None and time.monotonic() - self.start > 1:
            from rich.console import Console
            from rich.progress import Progress

            self.progress = Progress(console=Console(stderr=True), transient=True)
            self.task = self.progress.add_task(self.title, total=total)
            self.progress.start()
        if self.progress is not None and self.task is not None:
            self.progress.update(self.task, completed=done)
            if done == total:
                self.progress.stop()
