"""The command reference for the README, from the commands themselves: `make docs` puts it there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from xltool.cli.main import cli

BEGIN, END = "<!-- 命令参考：由 make docs 生成 -->", "<!-- 命令参考完 -->"


def reference() -> str:
    """Every command with what it does and its options, as Markdown."""
    context = click.Context(cli, info_name="xltool")
    parts = []
    for name, command in _commands(cli, context):
        inner = click.Context(command, info_name=f"xltool {name}", parent=context)
        first = (command.help or "").strip().split("\n", 1)[0]
        usage = " ".join([f"xltool {name}", *_arguments(command)])
        parts += [f"**`{usage}`** {first}", ""]
        options = [p for p in command.params if isinstance(p, click.Option)]
        records = [record for p in options if (record := p.get_help_record(inner))]
        if records:
            rows = [f"| `{option}` | {text} |" for option, text in records]
            parts += ["| 选项 | 作用 |", "|---|---|", *rows, ""]
    return "\n".join(parts).rstrip()


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Every command by its name; those of a group inside with both names."""
    for name in group.list_commands(context):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in _commands(command, context))
        else:
            yield name, command


def _arguments(command: click.Command) -> list[str]:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    return [argument.metavar or argument.human_readable_name for argument in arguments]


def with_reference(text: str) -> str:
    """A README with the reference between its marks. Raises ValueError where it has none."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"no {BEGIN} … {END}")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{_escaped(reference())}\n\n{END}{after}"


def _escaped(text: str) -> str:
    """`a|b` inside a table is no border of a cell."""
    return re.sub(r"\[([a-z]+(?:\|[a-z]+)+)\]", lambda m: m[0].replace("|", "／"), text)


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(with_reference(readme.read_text(encoding="utf-8")), encoding="utf-8")
