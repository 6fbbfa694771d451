"""Making a form: the commands of `xltool form`."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli.options import campaign_folder, campaign_option
from xltool.cli.terminal import ChineseCommand, ChineseGroup


@click.group(cls=ChineseGroup, subcommand_metavar="命令 [参数]…")
def form() -> None:
    """制作一张表：查看它的栏目、限制和位置。

    \b
    例：xltool form show longhua_2021_target
    """


@form.command(cls=ChineseCommand)
@click.argument("form_id", metavar="表")
@campaign_option
def show(form_id: str, campaign: Path | None) -> None:
    """显示一张表的栏目和位置。

    \b
    例：xltool form show longhua_2021_target
    """
    from xltool.form.loading import load_form
    from xltool.form.preview import describe

    own = campaign_folder(campaign)
    click.echo(describe(load_form(form_id, own)))
