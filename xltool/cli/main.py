"""The command line: parse, call one function, print. Nothing else prints or exits.

Heavy imports stand inside the commands, so that `xltool --help` answers at once.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.cli.terminal import Bar, ChineseGroup, emit, explain, explain_os, width
from xltool.errors import OfficeError
from xltool.prose.text import printable
from xltool.version import __version__

if TYPE_CHECKING:
    from xltool.office.campaign import Campaign

_HELP = {"help_option_names": ["-h", "--help"]}
_ANY = click.Path(path_type=Path)
_FILE = click.Path(dir_okay=False, readable=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, readable=False, path_type=Path)


@click.group(
    cls=ChineseGroup,
    context_settings=_HELP,
    invoke_without_command=True,
    subcommand_metavar="命令 [参数]…",
)
@click.version_option(__version__, "-V", "--version", message="xltool %(version)s", help="显示版本")
@click.pass_context
def cli(context: click.Context) -> None:
    """绩效申报表工具：下发锁定的 Excel 模板，逐格检查交回的表，退回有问题的，合并合格的。

    \b
    一次填报的顺序：
      xltool init 填报 --form futian_2024_declaration --year 2027
      （填写 填报/units.csv 和 填报/projects.csv）
      xltool issue 填报
      xltool check 交回 --campaign 填报 --return 退回
      xltool merge 交回 --campaign 填报 --out 合并
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


_jobs = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="并行进程数，默认与核数相同"
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="不显示进度和说明")
_campaign = click.option(
    "--campaign", type=_FOLDER, metavar="文件夹",
    help="填报文件夹（含 campaign.toml）；默认从当前位置向上找",
)  # fmt: skip


@cli.command()
@click.argument("folder", metavar="文件夹", type=_FOLDER)
@click.option("--form", "form_id", required=True, metavar="表", help="表的代号，见 xltool forms")
@click.option("--year", required=True, type=int, metavar="年度", help="预算年度，如 2027")
def init(folder: Path, form_id: str, year: int) -> None:
    """建立填报文件夹：设置、名册、项目表和签发密钥。

    \b
    例：xltool init 填报 --form futian_2024_declaration --year 2027
    """
    from xltool.office.new_campaign import create_campaign

    for path in create_campaign(folder, form_id, year):
        click.echo(f"已建立 {path}")
    click.echo(
        "下一步：填写 units.csv（单位名册）和 projects.csv（已知项目），再运行 xltool issue。"
    )
    click.echo("keys/office.key 是签发密钥，请妥善保管，不要外传。")


@cli.command()
@click.argument("form_id", metavar="[表]", required=False)
@click.option("--preview", type=_FILE, metavar="文件.html", help="把版面写成网页")
@_campaign
def forms(form_id: str | None, preview: Path | None, campaign: Path | None) -> None:
    """列出可用的表，或显示一张表的栏目和版面。

    \b
    例：xltool forms
        xltool forms longhua_2021_target --preview 版面.html
    """
    from xltool.form.loading import form_ids, load_form
    from xltool.form.preview import describe, write_preview

    own = _folder(campaign)
    if form_id is None:
        if preview is not None:
            raise OfficeError("--preview 需要指明哪一张表")
        for name in form_ids(own):
            click.echo(f"{name:<28}{load_form(name, own).title}")
        return
    form = load_form(form_id, own)
    if preview is None:
        click.echo(describe(form))
        return
    write_preview(form, preview)
    click.echo(f"已写出 {preview}")


@cli.command()
@click.argument("folder", metavar="[填报文件夹]", required=False, type=_FOLDER)
@click.option(
    "--unit", "units", multiple=True, metavar="单位代码", help="只下发这个单位，可多次使用"
)
@click.option("--out", type=_FOLDER, metavar="文件夹", help="默认为填报文件夹下的 issued")
@click.option(
    "--zip-by", type=click.Choice(["district", "department"]), help="按区或按主管部门打包"
)
@_quiet
def issue(
    folder: Path | None, units: tuple[str, ...], out: Path | None, zip_by: str | None, quiet: bool
) -> None:
    """为名册中的每个单位生成一份锁定、签名的工作簿。

    \b
    例：xltool issue 填报
        xltool issue 填报 --unit 106001
    """
    from xltool.office.campaign import load_campaign
    from xltool.write.issuing import issue as issue_all
    from xltool.write.issuing import zip_issued

    campaign = load_campaign(folder or _folder(None) or Path())
    with Bar("下发", quiet) as bar:
        issued = issue_all(campaign, units, out, bar)
    for note in campaign.notes:
        click.echo(f"注意：{note}", err=True)
    if not quiet:
        where = issued[0].path.parent
        click.echo(f"已下发 {len(issued)} 份，在 {where}；清单见 {where / 'manifest.csv'}")
    for path in zip_issued(issued, zip_by) if zip_by else []:
        click.echo(f"已打包 {path}")


@cli.command()
@click.argument("template", metavar="模板.xlsx", type=_FILE)
@click.argument("data", metavar="数据.json", type=_FILE)
@click.option(
    "-o",
    "--out",
    required=True,
    type=_FILE,
    metavar="结果.xlsx",
    help="写到哪里",
)
def fill(template: Path, data: Path, out: Path) -> None:
    """用 JSON 数据填一份下发的模板（只填开放的单元格）。

    \b
    例：xltool fill 模板.xlsx 数据.json -o 结果.xlsx
    """
    from xltool.write.filling import fill as fill_one

    for note in fill_one(template, data, out):
        click.echo(f"注意：{note}", err=True)
    click.echo(f"已写出 {out}")


@cli.command()
@click.argument("paths", metavar="文件或文件夹…", nargs=-1, required=True, type=_ANY)
@_campaign
@click.option("--form", "form_id", metavar="表", help="没有签发信息的文件按哪张表读")
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "html", "xlsx"]), default="text",
    show_default=True, help="结果的形式",
)  # fmt: skip
@click.option("-o", "--out", type=_FILE, metavar="文件", help="结果写到文件")
@click.option(
    "--return",
    "returned",
    type=_FOLDER,
    metavar="文件夹",
    help="把有问题的标出后写到这里，供退回",
)
@_jobs
@_quiet
def check(
    paths: tuple[Path, ...],
    campaign: Path | None,
    form_id: str | None,
    style: str,
    out: Path | None,
    returned: Path | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """检查交回的工作簿，指出每个问题所在的单元格。

    \b
    例：xltool check 交回 --campaign 填报
        xltool check 交回 --format html -o 检查结果.html
        xltool check 交回 --format xlsx -o 问题清单.xlsx
        xltool check 交回 --return 退回
    结束码：0 没有错误，1 有错误，2 用法或环境有误。
    """
    from xltool.workbook import workers

    workers.start()
    from xltool.checking.running import check as check_batch
    from xltool.report.history import log_check
    from xltool.report.page import write_html
    from xltool.report.reports import as_json, as_text, make_report, write_list
    from xltool.returns.reading import read
    from xltool.write.returned import write_returned

    if style in ("html", "xlsx") and out is None:
        raise OfficeError(f"--format {style} 需要用 -o 指明写到哪个文件")
    found = _load(campaign, paths)
    with Bar("检查", quiet) as bar:
        batch = read(paths, found, form_id, jobs, bar)
    verdict = check_batch(batch)
    report = make_report(batch, verdict)
    if style == "xlsx" and out is not None:
        write_list(report, out)
    elif style == "html" and out is not None:
        write_html(report, batch, out)
    elif style == "json":
        emit(as_json(report), out)
    else:
        emit(as_text(report, width(out), color=out is None and sys.stdout.isatty()), out)
    written: list[Path] = []
    if returned is not None:
        written, notes = write_returned(batch, verdict, returned)
        for line in [f"已写出 {len(written)} 份退回件，在 {returned}", *notes]:
            if not quiet:
                click.echo(printable(line), err=True)
    if found is not None:
        log_check(found, report, written, datetime.now())
    sys.exit(1 if report.failed else 0)


@cli.command()
@click.argument("paths", metavar="文件或文件夹…", nargs=-1, required=True, type=_ANY)
@click.option("--out", required=True, type=_FOLDER, metavar="文件夹", help="写到哪里")
@_campaign
@click.option(
    "--accept-warnings", is_flag=True, help="有提醒的也合并（审核人员已确认，记入审核记录）"
)
@click.option("--reviewer", metavar="姓名", help="接受提醒的审核人，默认为登录用户")
@click.option("--reason", metavar="理由", default="", help="接受提醒的理由")
@click.option("--prefer", type=click.Choice(["newest"]), help="同一单位交了多份时取较新的一份")
@_jobs
@_quiet
def merge(
    paths: tuple[Path, ...],
    out: Path,
    campaign: Path | None,
    accept_warnings: bool,
    reviewer: str | None,
    reason: str,
    prefer: Any,
    jobs: int | None,
    quiet: bool,
) -> None:
    """合并没有错误的工作簿（或各区的合并结果），写出导入文件、汇总表和数据。

    \b
    例：xltool merge 交回 --campaign 填报 --out 合并
        xltool merge 甲区合并 乙区合并 --out 全市
    """
    from xltool.merging.merge import OUTCOME_WORDS
    from xltool.merging.merge import merge as merge_all
    from xltool.office.waivers import Acceptance

    if (reviewer or reason) and not accept_warnings:
        raise OfficeError("--reviewer 和 --reason 与 --accept-warnings 一起使用")
    acceptance = Acceptance(reviewer or "", reason)
    found = _load(campaign, paths)
    result = merge_all(paths, out, found, accept_warnings, prefer, jobs, acceptance)
    merged = sum(entry.outcome == "merged" for entry in result.entries)
    for entry in result.entries:
        if entry.outcome not in ("merged", "copy"):
            detail = f"（{entry.detail}）" if entry.detail else ""
            click.echo(printable(f"{entry.file}：{OUTCOME_WORDS[entry.outcome]}{detail}"))
    if result.folder is None:
        raise OfficeError("没有可以合并的工作簿；请先用 xltool check 查看问题")
    if not quiet:
        state = "" if result.changed else "（与上次相同，没有改动）"
        click.echo(f"合并 {merged} 份，未合并 {len(result.entries) - merged} 份，在 {out}{state}")


@cli.command()
@click.argument("folder", metavar="[填报文件夹]", required=False, type=_FOLDER)
@click.option(
    "--format", "style", type=click.Choice(["text", "csv", "remind"]), default="text",
    show_default=True, help="remind 为各单位的催报文字",
)  # fmt: skip
@click.option("-o", "--out", type=_FILE, metavar="文件", help="结果写到文件")
def status(folder: Path | None, style: str, out: Path | None) -> None:
    """看谁没有交、谁没有通过、退回过几次、离截止日期还有几天。

    \b
    例：xltool status 填报
        xltool status 填报 --format remind -o 催报.txt
    每次 xltool check 的结果都记在填报文件夹的 检查记录.csv 里。
    """
    from xltool.office.campaign import load_campaign
    from xltool.report import history
    from xltool.returns.submissions import today

    campaign = load_campaign(folder or _folder(None) or Path())
    statuses = history.status_of(campaign)
    if style == "csv":
        emit(history.as_csv(statuses).rstrip("\r\n"), out)
    elif style == "remind":
        emit(history.reminders(campaign, statuses) or "没有需要催报的单位。", out)
    else:
        emit(history.as_text(campaign, statuses, today(), width(out)), out)


@cli.command()
@click.argument("code", metavar="[规则]", required=False)
@click.option("--form", "form_id", metavar="表", help="只看这张表的规则")
@click.option("--markdown", is_flag=True, help="全部内置规则的说明和例子，Markdown 格式")
@_campaign
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
    own = _folder(campaign)
    click.echo(describe_rule(code, form_id, own) if code else list_rules(form_id, own))


@cli.command()
@click.argument("folder", metavar="[文件夹]", default="xltool-demo", type=_FOLDER)
def demo(folder: Path) -> None:
    """用内置的例子走一遍：下发、填报、检查、退回、合并。

    \b
    例：xltool demo
    """
    from xltool.cli.demo import run_demo

    program = "xltool" if shutil.which("xltool") else sys.argv[0]
    for line in run_demo(folder, program):
        click.echo(line)


def _load(folder: Path | None, paths: tuple[Path, ...]) -> Campaign | None:
    """The campaign given, or found above the current folder or above the first path."""
    from xltool.office.campaign import find_campaign, load_campaign

    found = _folder(folder) or find_campaign(paths[0].parent)
    return load_campaign(found) if found else None


def _folder(folder: Path | None) -> Path | None:
    from xltool.office.campaign import CAMPAIGN_FILE, find_campaign

    if folder is None:
        return find_campaign(Path())
    if not (folder / CAMPAIGN_FILE).is_file():
        raise OfficeError("这里没有 campaign.toml", folder)
    return folder


def main() -> None:
    """Entry point: the office's mistake is one line and exit code 2, a bug is a traceback."""
    try:
        cli.main(prog_name="xltool", standalone_mode=False)
    except OfficeError as error:
        click.echo(f"错误：{error}", err=True)
        sys.exit(error.exit_code)
    except click.UsageError as error:
        click.echo(f"错误：{explain(error)}", err=True)
        sys.exit(2)
    except click.Abort:
        click.echo("已中止", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:  # a folder that may not be written, a full disk
        click.echo(f"错误：{explain_os(error)}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
