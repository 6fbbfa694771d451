"""click in Chinese: its own words come from a gettext catalogue, `locale/zh_CN/LC_MESSAGES/xltool.po`.

`make docs` compiles the catalogue; a test says which of click's words it lacks.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path
from typing import Any

import click

DOMAIN = "xltool"
LOCALE = Path(__file__).parent / "locale"


def speak_chinese() -> None:
    """Let click, and whatever else asks gettext in this process, speak Chinese, as all of xltool does."""
    os.environ["LANGUAGE"] = (
        "zh_CN"  # whatever the system speaks: gettext has no other way to choose
    )
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)


class ChineseCommand(click.Command):
    """A command with Chinese help: what no catalogue can say, and which command a complaint is about."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **{"options_metavar": "[选项]", **settings})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; a complaint knows its command, which click's parser forgets to note."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class ChineseGroup(ChineseCommand, click.Group):
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
    return f"{error.format_message().rstrip('.')}；用 {command} --help 查看用法"
