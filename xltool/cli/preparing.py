"""Before a collection: `xltool init`, `trust`, `issue`, `fill`."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli.chinese import ChineseCommand
from xltool.cli.options import (
    FILE,
    FOLDER,
    campaign_before_issue,
    campaign_folder,
    campaign_of,
    campaign_option,
    jobs_option,
    quiet_option,
    settings_folder,
)
from xltool.cli.terminal import Bar, explain_os, name_written
from xltool.prose.text import printable


@click.command(cls=ChineseCommand)
@click.argument("folder", metavar="文件夹", type=FOLDER)
@click.option("--form", "form_id", required=True, metavar="表", help="表的代号，见 xltool forms")
@click.option("--year", required=True, type=int, metavar="年度", help="预算年度，如 2027")
def init(folder: Path, form_id: str, year: int) -> None:
    """建立填报文件夹：设置、名册、项目表和签发密钥。

    \b
    例：xltool init 填报 --form futian_2024_declaration --year 2027
    """
    from xltool.office.new_campaign import create_campaign
    from xltool.office.trust import Record

    for path in create_campaign(folder, form_id, year):
        name_written(path)
    _name_programs(folder)
    try:
        Record(settings_folder()).note_made(folder)
    except OSError as error:  # the campaign stands all the same
        note = f"注意：没能记住这个填报文件夹是您建立的（{explain_os(error)}）"
        click.echo(f"{note}；使用时请用 --campaign 指明", err=True)
    click.echo(
        "下一步：填写 units.csv（单位名册）和 projects.csv（已知项目），再运行 xltool issue。"
    )
    click.echo("keys/office.key 是签发密钥，请妥善保管，不要外传。")


@click.command(cls=ChineseCommand)
@click.argument("folder", metavar="填报文件夹", type=FOLDER)
def trust(folder: Path) -> None:
    """信任别人建立的填报文件夹：在里面运行命令时使用它。

    \b
    例：xltool trust 填报
    填报文件夹里的 validators/ 是程序代码，会在您的电脑上运行；设置和密钥决定哪些表通过。请先核对再信任；
    validators/ 或 templates/ 以后有改动的，会再次请您核对。自己用 init 建立的不必信任。
    """
    from xltool.office.trust import Record

    campaign_folder(folder)
    Record(settings_folder()).note_trusted(folder)
    click.echo(printable(f"已信任 {folder.resolve()}"))
    _name_programs(folder)


def _name_programs(folder: Path) -> None:
    """Say which files of a campaign are program code: they run from now on."""
    from xltool.office.trust import code_files

    for path in code_files(folder):
        if path.suffix == ".py":
            click.echo(printable(f"  程序代码：{path.relative_to(folder)}"))


@click.command(cls=ChineseCommand)
@click.argument("folder", metavar="[填报文件夹]", required=False, type=FOLDER)
@click.option(
    "--unit", "units", multiple=True, metavar="单位代码", help="只下发这个单位，可多次使用"
)
@click.option("--out", type=FOLDER, metavar="文件夹", help="默认为填报文件夹下的 issued")
@click.option(
    "--zip-by", type=click.Choice(["district", "department"]), help="按区或按主管部门打包"
)
@jobs_option
@quiet_option
def issue(
    folder: Path | None,
    units: tuple[str, ...],
    out: Path | None,
    zip_by: str | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """为名册中的每个单位生成一份锁定、签名的工作簿。

    \b
    例：xltool issue 填报
        xltool issue 填报 --unit 106001
    """
    from xltool.office.trust import Record
    from xltool.report.reissued import to_carry_over
    from xltool.write.issuing import issue as issue_all

    campaign = campaign_before_issue(folder, "issue", quiet=quiet)
    before = dict(campaign.issue_ids)

    def note(line: str) -> None:
        click.echo(printable(f"注意：{line}"), err=True)

    with Record(settings_folder()).keeping(campaign.folder), Bar("下发", quiet) as bar:
        issued = issue_all(
            campaign, units, out=out, jobs=jobs, progress=bar, tell=note, zip_by=zip_by
        )
    for line in [*campaign.notes, *to_carry_over(campaign, before, issued)]:
        note(line)
    if not quiet:
        where = issued[0].path.parent
        manifest = where / "manifest.csv"
        click.echo(printable(f"已写出 {len(issued)} 份工作簿，在 {where}；清单见 {manifest}"))
        for path in dict.fromkeys(item.archive for item in issued if item.archive):
            name_written(path)


@click.command(cls=ChineseCommand)
@click.argument("template", metavar="模板.xlsx", type=FILE)
@click.argument("data", metavar="数据.json", type=FILE)
@click.option(
    "-o",
    "--out",
    required=True,
    type=FILE,
    metavar="结果.xlsx",
    help="写到哪里",
)
@campaign_option
def fill(template: Path, data: Path, out: Path, campaign: Path | None) -> None:
    """用 JSON 数据填一份下发的模板（只填开放的单元格）。

    \b
    例：xltool fill 模板.xlsx 数据.json -o 结果.xlsx
        xltool fill 模板.xlsx 数据.json -o 结果.xlsx --campaign 填报
    自己的表、保护密码和规则程度在填报文件夹里。
    """
    from xltool.write.filling import fill as fill_one

    for note in fill_one(template, data, out, campaign_of(campaign)):
        click.echo(f"注意：{note}", err=True)
    name_written(out)
