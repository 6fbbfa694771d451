"""`xltool form adopt` and `form diff`: a form made of an official workbook, and the proof."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xltool.cli.chinese import ChineseCommand
from xltool.cli.options import FILE, campaign_option, forms_folder
from xltool.cli.terminal import name_written
from xltool.prose.text import printable

if TYPE_CHECKING:
    from xltool.adopting.diffing import Difference

_MOST = 200  # differences that are shown


@click.command(cls=ChineseCommand)
@click.argument("official", metavar="官方表样.xlsx", type=FILE)
@click.argument("form_id", metavar="代号")
@campaign_option
def adopt(official: Path, form_id: str, campaign: Path | None) -> None:
    """把官方表样（空白的 .xlsx）转成一张表：版面、校验和导入列，写进填报文件夹。

    \b
    例：xltool form adopt 绩效目标申报表.xlsx target_2027 --campaign 填报
    拿不准的地方在文件里标有“# 请核对”，最后列出；已有的文件不会覆盖。转完用 form diff 与原表逐格比较。
    """
    from xltool.adopting.adopting import adopt as adopt_one

    folder, fy = _campaign(campaign)
    adopted = adopt_one(official, form_id, folder, fy)
    for path in adopted.files:
        name_written(path)
    if adopted.doubts:
        click.echo(f"请核对（{len(adopted.doubts)} 处，文件里标有“# 请核对”）：")
    for doubt in adopted.doubts:
        click.echo(printable(f"  {doubt}"))
    _tell(_differences(official, form_id, folder, fy), form_id)


@click.command(cls=ChineseCommand)
@click.argument("official", metavar="官方表样.xlsx", type=FILE)
@click.argument("form_id", metavar="表")
@campaign_option
def diff(official: Path, form_id: str, campaign: Path | None) -> None:
    """逐格比较一张表下发的空白工作簿与官方表样；有不同的，退出码为 1。

    \b
    例：xltool form diff 绩效目标申报表.xlsx target_2027 --campaign 填报
    文字、合并、顺序、类型、下拉列表、批注须完全相同，列宽、行高相差在 5% 以内；官方用常规格式的格子不比类型。
    """
    folder, fy = _campaign(campaign)
    differences = _differences(official, form_id, folder, fy)
    _tell(differences, form_id)
    if differences:
        sys.exit(1)


def _campaign(given: Path | None) -> tuple[Path, int]:
    """The folder that holds the form, and the budget year. Raises OfficeError where there is none."""
    from xltool.office.campaign import year_of
    from xltool.returns.submissions import today

    folder = forms_folder(given)
    return folder, year_of(folder) or today().year + 1


def _differences(official: Path, form_id: str, folder: Path, fy: int) -> list[Difference]:
    from xltool.adopting.diffing import diff as diff_one
    from xltool.form.loading import load_form

    return diff_one(official, load_form(form_id, folder), fy)


def _tell(differences: list[Difference], form_id: str) -> None:
    """Print the differences, or that there are none."""
    if not differences:
        click.echo(f"「{form_id}」与官方表样逐格相同")
        return
    for difference in differences[:_MOST]:
        click.echo(printable(str(difference)))
    rest = len(differences) - _MOST
    if rest > 0:
        click.echo(f"……另有 {rest} 处")
    click.echo(f"与官方表样有 {len(differences)} 处不同；请改版面或校验文件，再用 form diff 比较")
