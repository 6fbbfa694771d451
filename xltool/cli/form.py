"""Making a form: the commands of `xltool form`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from xltool.cli import adopting
from xltool.cli.chinese import ChineseCommand, ChineseGroup
from xltool.cli.options import (
    FILE,
    campaign_folder,
    campaign_option,
    forms_folder,
    refuse_other_suffix,
)
from xltool.cli.terminal import name_written
from xltool.errors import OfficeError
from xltool.prose.text import printable

if TYPE_CHECKING:
    from xltool.form.model import Form


@click.group(cls=ChineseGroup, subcommand_metavar="命令 [参数]…")
def form() -> None:
    """制作一张表：由官方表样转成、照抄内置的、新建，检查写得对不对，查看栏目和位置。

    表写在填报文件夹的 templates/ 和 validators/ 里。

    \b
    例：xltool form adopt 绩效目标申报表.xlsx target_2027 --campaign 填报
        xltool form check target_2027 --campaign 填报
    """


@form.command(cls=ChineseCommand)
@click.argument("form_id", metavar="代号")
@click.option("--title", metavar="表名", default="新表", help="印在表上的标题")
@campaign_option
def new(form_id: str, title: str, campaign: Path | None) -> None:
    """新建一张可以直接下发的小表，再照官方表样改。

    \b
    例：xltool form new training --title 培训计划表 --campaign 填报
    """
    from xltool.office.own_forms import new_form
    from xltool.returns.submissions import today

    folder = forms_folder(campaign)
    _tell(folder, form_id, new_form(folder, form_id, title, today().year + 1))


@form.command(cls=ChineseCommand)
@click.argument("source", metavar="表")
@click.argument("form_id", metavar="代号")
@campaign_option
def copy(source: str, form_id: str, campaign: Path | None) -> None:
    """照抄一张表（内置的，或填报文件夹自己的），再改成自己的。

    \b
    例：xltool form copy longhua_2021_target target_2027 --campaign 填报
    """
    from xltool.office.own_forms import copy_form

    folder = forms_folder(campaign)
    _tell(folder, form_id, copy_form(folder, source, form_id))


@form.command(cls=ChineseCommand)
@click.argument("form_id", metavar="表")
@click.option("--preview", type=FILE, metavar="文件.html", help="把版面写成网页")
@campaign_option
def show(form_id: str, preview: Path | None, campaign: Path | None) -> None:
    """显示一张表的栏目：位置、类型、限制、可选项。

    填报文件夹在 campaign.toml 的 [rows]、[fields] 里改了的，按改了的显示。

    \b
    例：xltool form show longhua_2021_target
    """
    describe_form(form_id, preview, campaign)


@form.command(cls=ChineseCommand)
@click.argument("form_id", metavar="表")
@campaign_option
def check(form_id: str, campaign: Path | None) -> None:
    """检查一张表的两个文件：一次列出全部写错的地方，不下发。

    版面、栏目、规则和规则的例子、导入文件的列、Excel 的限制都查；下发之前也会自动检查。

    \b
    例：xltool form check training --campaign 填报
    """
    from xltool.write.inspecting import mistakes_of

    found = mistakes_of(form_id, _own(campaign))
    for mistake in found.in_order():
        click.echo(printable(mistake.placed(found.base)))
    if found.mistakes:
        raise OfficeError(f"表「{form_id}」有 {len(found.mistakes)} 处错误，请改正后再查")
    click.echo(f"表「{form_id}」没有发现问题")


def describe_form(form_id: str, preview: Path | None, given: Path | None) -> None:
    """Print what there is to know of a form, or write its layout as a page."""
    from xltool.form.preview import describe, write_preview
    from xltool.office.kept import keep_from_file

    found, fy = _form_of(form_id, given)
    if preview is None:
        click.echo(describe(found, fy))
        return
    keep_from_file(preview, ())
    refuse_other_suffix(preview, "html")
    write_preview(found, preview, fy)
    name_written(preview)


def _own(given: Path | None) -> Path | None:
    """The folder whose forms count: given, even before it is a campaign's, or that of the one found."""
    return given or campaign_folder(None)


def _form_of(form_id: str, given: Path | None) -> tuple[Form, int]:
    """A form with its budget year, as the campaign has it if it is the campaign's."""
    from xltool.form.loading import load_form
    from xltool.office.campaign import form_named, load_campaign
    from xltool.returns.submissions import today

    own = _own(given)
    if own is not None and form_named(own) == form_id:
        campaign = load_campaign(own)
        return campaign.form, campaign.fy
    return load_form(form_id, own), today().year + 1


def _tell(folder: Path, form_id: str, written: list[Path]) -> None:
    """Say what was written, and what comes next."""
    from xltool.office.campaign import CAMPAIGN_FILE

    for path in written:
        name_written(path)
    if (folder / CAMPAIGN_FILE).is_file():
        step = f'在 campaign.toml 中写 form = "{form_id}"'
    else:
        step = f"xltool init {folder} --form {form_id} --year 年度"
    click.echo(printable(f"下一步：照官方表样改这几个文件；要用它下发的，{step}。"))


form.add_command(adopting.adopt)
form.add_command(adopting.diff)
