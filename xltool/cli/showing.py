"""What there is to know: `xltool forms`, `rules`, `demo`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from xltool.cli.chinese import ChineseCommand
from xltool.cli.form import describe_form
from xltool.cli.options import FILE, FOLDER, campaign_folder, campaign_option
from xltool.errors import OfficeError


@click.command(cls=ChineseCommand)
@click.argument("form_id", metavar="[表]", required=False)
@click.option("--preview", type=FILE, metavar="文件.html", help="把版面写成网页")
@campaign_option
def forms(form_id: str | None, preview: Path | None, campaign: Path | None) -> None:
    """列出可用的表，或显示一张表的栏目和版面。

    \b
    例：xltool forms
        xltool forms longhua_2021_target --preview 版面.html
    """
    from xltool.form.loading import form_ids, load_form

    if form_id is not None:
        describe_form(form_id, preview, campaign)
        return
    if preview is not None:
        raise OfficeError("--preview 需要指明哪一张表")
    own = campaign_folder(campaign)
    for name in form_ids(own):
        found = load_form(name, own)
        click.echo(f"{name:<28}{found.title}（版本 {found.version}）")


@click.command(cls=ChineseCommand)
@click.argument("code", metavar="[规则]", required=False)
@click.option("--form", "form_id", metavar="表", help="只看这张表的规则")
@click.option("--markdown", is_flag=True, help="全部内置规则的说明和例子，Markdown 格式")
@campaign_option
def rules(code: str | None, form_id: str | None, markdown: bool, campaign: Path | None) -> None:
    """列出检查规则，或显示一条规则的说明和例子。

    \b
    例：xltool rules --form longhua_2021_target
        xltool rules AMT-001
    """
    from xltool.form.catalogue import as_markdown, describe_rule, list_rules

    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    own = campaign_folder(campaign)
    click.echo(describe_rule(code, form_id, own) if code else list_rules(form_id, own))


@click.command(cls=ChineseCommand)
@click.argument("folder", metavar="[文件夹]", default="xltool-demo", type=FOLDER)
def demo(folder: Path) -> None:
    """用内置的例子走一遍：下发、填报、检查、退回、合并。

    \b
    例：xltool demo
    """
    from xltool.cli.demo import run_demo

    program = "xltool" if shutil.which("xltool") else sys.argv[0]
    for line in run_demo(folder, program):
        click.echo(line)
