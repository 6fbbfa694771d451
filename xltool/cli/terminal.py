"""The progress bar, printing, and what the system refuses, in Chinese."""

from __future__ import annotations

import codecs
import io
import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xltool.errors import os_advice, os_words
from xltool.prose.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from xltool.office.campaign import Campaign


def explain_os(error: OSError) -> str:
    """What the system refuses, in Chinese: the file and why."""
    return _placed(error, os_words(error))


def advise_os(error: OSError) -> str:
    """What the system refuses, in Chinese: the file, why, and what to do."""
    return _placed(error, os_advice(error))


def _placed(error: OSError, words: str) -> str:
    path = error.filename2 or error.filename  # of two, the one to be written
    return words if path is None else f"{path}：{words}"


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


def name_flaws(campaign: Campaign | None, *, strangers: bool = False) -> None:
    """Name the lines of a campaign's log that are passed over, and with `strangers` those of no unit."""
    if campaign is None:
        return
    from xltool.office.check_log import flaws_of_log

    units = [campaign.code_in_log(unit) for unit in campaign.roster] if strangers else ()
    for note in flaws_of_log(campaign.folder, units):
        click.echo(printable(f"注意：{note}"), err=True)


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
