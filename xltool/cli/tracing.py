"""Where a figure comes from, and whose key an office signs with: `xltool trace`, `xltool key`."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli.chinese import ChineseCommand, ChineseGroup
from xltool.cli.options import FOLDER, campaign_folder, campaign_here, campaign_option
from xltool.cli.terminal import name_written
from xltool.errors import OfficeError
from xltool.prose.text import printable


@click.command(cls=ChineseCommand)
@click.argument("result", metavar="合并结果", type=FOLDER)
@click.argument("unit", metavar="[单位代码]", required=False)
@click.argument("project", metavar="[项目]", required=False)
@click.argument("label", metavar="[栏目]", required=False)
@click.option("--cell", metavar="单元格", help="汇总表的工作表和单元格，如 项目!F5")
@click.option(
    "--in",
    "place",
    type=FOLDER,
    metavar="文件夹",
    help="交回的文件在哪里：改过名的，按内容找出现在的名称",
)
@campaign_option
def trace(
    result: Path,
    unit: str | None,
    project: str | None,
    label: str | None,
    cell: str | None,
    place: Path | None,
    campaign: Path | None,
) -> None:
    """说明合并结果里的一个数来自哪个文件的哪个单元格，原样是什么，审核时接受或豁免了什么。

    单位代码前可加行政区划，如 440399:106001；项目写编码、名称或工作表名。

    \b
    例：xltool trace 合并 106001 网格巡查 本年度项目金额
        xltool trace 合并 --cell 项目!F5
        xltool trace 合并 --cell 项目!F5 --in 交回
    """
    from xltool.merging.tracing import Tracer, where_now

    tracer = Tracer(result, campaign_folder(campaign, quiet=True))
    if cell is not None and unit is None:
        found = tracer.cell(cell)
    elif cell is None and unit and project is not None and label:
        found = tracer.value(unit, project, label)
    else:
        raise OfficeError("请写单位代码、项目和栏目，或用 --cell 写汇总表的单元格")
    now = where_now(place, found) if place is not None else {}
    for each in found:
        lead, source, *rest = each.words
        for line in (lead, source, *now.get(each.sha256, ()), *rest):
            click.echo(printable(line))
    if len(found) > 1:
        click.echo(f"共 {len(found)} 处")


@click.group(cls=ChineseGroup, subcommand_metavar="命令 [参数]…")
def key() -> None:
    """办公室的签发密钥：公钥报给上级，私钥不要外传。

    \b
    例：xltool key show 填报
    """


@key.command("new", cls=ChineseCommand)
@click.argument("campaign", metavar="[填报文件夹]", required=False, type=FOLDER)
def new(campaign: Path | None) -> None:
    """为还没有密钥的填报文件夹建一个（xltool init 建立的已经有了）；下发过的不能另建。

    \b
    例：xltool key new 填报
    """
    from xltool.office.keys import make_key

    for path in make_key(campaign_here(campaign, "key new").folder):
        name_written(path)
    click.echo("私钥（office.key）请备份，不要外传：丢了它，已下发的表都会认不出来。")


@key.command("show", cls=ChineseCommand)
@click.argument("campaign", metavar="[填报文件夹]", required=False, type=FOLDER)
def show(campaign: Path | None) -> None:
    """显示报给上级的一行：行政区划、名称和公钥，上级写入自己的 下级.csv。

    \b
    例：xltool key show 填报
    """
    from xltool.office.csv_files import csv_text
    from xltool.office.lower import COLUMNS, LOWER, Office, line_for

    found = campaign_here(campaign, "key show")
    public = found.public_key
    if public is None:
        raise OfficeError("这里没有签发公钥（keys/office.pub）；请从备份恢复", found.folder)
    line = line_for(Office(found.district, found.title, public))
    click.echo(f"请把下面一行报给上级，由上级写入 {LOWER}（名称可改）：")
    for text in csv_text([COLUMNS, line]).strip("\ufeff\r\n").splitlines():
        click.echo(printable(text))
