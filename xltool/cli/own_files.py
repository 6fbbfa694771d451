"""The office's own files: `xltool campaign check`."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli.chinese import ChineseCommand, ChineseGroup
from xltool.cli.options import FOLDER, campaign_before_issue, quiet_option
from xltool.prose.text import printable


@click.group(cls=ChineseGroup, subcommand_metavar="命令 [参数]…")
def campaign() -> None:
    """填报文件夹：设置、名册、项目表和其他清单写得对不对。

    \b
    例：xltool campaign check 填报
    """


@campaign.command(cls=ChineseCommand)
@click.argument("folder", metavar="[填报文件夹]", required=False, type=FOLDER)
@quiet_option
def check(folder: Path | None, quiet: bool) -> None:
    """检查填报文件夹里的设置和清单，一次列出全部错误，不下发。

    campaign.toml、units.csv、projects.csv、各种清单（也可以是同名的 .xlsx）、waivers.csv、取舍.csv、下级.csv 和
    签发密钥都查；预填的内容按这张表的规则查。下发之前也会自动检查，有错误不下发。

    \b
    例：xltool campaign check 填报
    """
    from xltool.write.before_issue import insist_on_files, insist_on_prefilled

    found = campaign_before_issue(folder, "campaign check", quiet=quiet)

    def note(line: str) -> None:
        click.echo(printable(f"注意：{line}"), err=True)

    insist_on_files(found)
    insist_on_prefilled(found, list(found.units.values()), note)
    for line in found.notes:
        note(line)
    if not quiet:
        projects = sum(map(len, found.projects.values()))
        words = f"{found.folder}：没有发现错误，有 {len(found.units)} 个单位、{projects} 个项目"
        click.echo(printable(words))
