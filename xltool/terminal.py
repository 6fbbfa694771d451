"""What the command line says in click's place, in Chinese, and its progress bar."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_WORDS = (
    ("Usage:", "用法："),
    ("Options:", "选项："),
    ("Commands:", "命令："),
    ("[OPTIONS]", "[选项]"),
    ("COMMAND [ARGS]...", "命令 [参数]…"),
    ("[default: ", "[默认："),
    ("[required]", "[必填]"),
)


class _ChineseHelp:
    """Help in Chinese: click's own words are the only English ones in it."""

    def get_help(self, ctx: click.Context) -> str:
        """The help text."""
        text: str = super().get_help(ctx)  # type: ignore[misc]
        for english, chinese in _WORDS:
            text = text.replace(english, chinese)
        return text

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The help option."""
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示帮助"
        return option


class ChineseCommand(_ChineseHelp, click.Command):
    """A command with Chinese help."""


class ChineseGroup(_ChineseHelp, click.Group):
    """A group of commands with Chinese help."""

    command_class = ChineseCommand


def explain(error: click.UsageError) -> str:
    """What click complains about, in Chinese, with the next step."""
    command = error.ctx.command_path if error.ctx else "xltool"
    if isinstance(error, click.MissingParameter) and error.param:
        words = f"缺少{_name(error.param)}"
    elif isinstance(error, click.NoSuchOption):
        words = f"没有选项 {error.option_name}"
    elif isinstance(error, click.BadParameter) and error.param:
        choices = getattr(error.param.type, "choices", None)
        words = f"{_name(error.param)} 的值不对" + (
            f"，可选：{'、'.join(choices)}" if choices else ""
        )
    elif error.message.startswith("No such command"):
        words = f"没有命令 {error.message.split(chr(39))[1]}"
    else:
        words = "命令写法不对"
    return f"{words}；用 {command} --help 查看用法"


def _name(parameter: click.Parameter) -> str:
    """A parameter as the help names it."""
    if isinstance(parameter, click.Argument):
        return f"参数 {parameter.metavar or parameter.name}"
    return f"选项 {parameter.opts[0]}"


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
