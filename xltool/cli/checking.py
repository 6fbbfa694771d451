"""What came back: `xltool check`, `status`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.cli.chinese import ChineseCommand
from xltool.cli.meanwhile import loading
from xltool.cli.options import (
    ANYWHERE,
    FILE,
    FOLDER,
    campaign_here,
    campaign_of,
    campaign_option,
    cluster_option,
    jobs_option,
    quiet_option,
    refuse_other_suffix,
)
from xltool.cli.terminal import Bar, emit, name_flaws, name_log, name_written, width
from xltool.errors import OfficeError
from xltool.prose.text import printable
from xltool.report.outputs import OUTPUTS, Run, output

if TYPE_CHECKING:
    from xltool.checking.assembly import Assembly
    from xltool.checking.running import Checked
    from xltool.office.campaign import Campaign
    from xltool.report.narrowing import Wanted
    from xltool.report.reports import Report
    from xltool.report.since_last import Since
    from xltool.returns.submissions import Batch
    from xltool.write.returned import Copy

_STATUS_STYLES = ("text", "csv", "xlsx", "remind")


@click.command(cls=ChineseCommand)
@click.argument("paths", metavar="文件或文件夹…", nargs=-1, required=True, type=ANYWHERE)
@campaign_option
@click.option("--form", "form_id", metavar="表", help="没有签发信息的文件按哪张表读")
@click.option(
    "--format", "style", type=click.Choice(list(OUTPUTS)), default="text",
    show_default=True, help="结果的形式",
)  # fmt: skip
@click.option("-o", "--out", type=FILE, metavar="文件", help="结果写到文件")
@click.option("--all", "whole", is_flag=True, help="文件再多，每处问题也都列出（仅 text）")
@click.option(
    "--return",
    "returned",
    type=FOLDER,
    metavar="文件夹",
    help="有错误的，标出问题后写到这里，供退回",
)
@click.option("--with-warnings", is_flag=True, help="只有提醒的也写退回件（与 --return 同用）")
@click.option(
    "--unit",
    "units",
    metavar="代码",
    multiple=True,
    help="只显示这个单位的，退回件也只写它的（可重复）",
)
@click.option("--rule", "rules", metavar="规则", multiple=True, help="只显示这条规则的（可重复）")
@click.option("--errors-only", is_flag=True, help="只显示错误")
@click.option("--new", "new_only", is_flag=True, help="只显示上次检查以后新交的表和新增的问题")
@click.option(
    "--fresh", is_flag=True, help="不用以前保存的结果，全部重新读取（平时不必：有变化的会自动重读）"
)
@jobs_option
@cluster_option
@quiet_option
def check(
    paths: tuple[Any, ...],
    campaign: Path | None,
    form_id: str | None,
    style: str,
    out: Path | None,
    whole: bool,
    returned: Path | None,
    with_warnings: bool,
    units: tuple[str, ...],
    rules: tuple[str, ...],
    errors_only: bool,
    new_only: bool,
    fresh: bool,
    jobs: int | None,
    cluster: str | None,
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
    from xltool.checking.running import check_files

    if out is None and style != "text" and output(style).file is not None:
        raise OfficeError(f"--format {style} 需要用 -o 指明写到哪个文件")
    found = campaign_of(campaign, quiet=quiet)
    _keep(paths, found, out, returned)
    refuse_other_suffix(out, style, OUTPUTS)
    if with_warnings and returned is None:
        raise OfficeError("--with-warnings 与 --return 同用：请用 --return 指明退回件写到哪里")
    later = ["xltool.checking.ready_to_judge", "xltool.report.noting", OUTPUTS[style]]
    wanted = _wanted(found, units, rules, errors_only=errors_only, new_only=new_only)
    name_flaws(found)
    with (
        Bar("检查", quiet) as bar,
        check_files(
            paths,
            found,
            form=form_id,
            jobs=jobs,
            progress=loading(later, bar),
            fresh=fresh,
            cluster=cluster,
        ) as checked,
    ):
        now = datetime.now()
        report, copies, since = _give_out(
            checked,
            style,
            out,
            returned,
            wanted,
            now,
            whole=whole,
            with_warnings=with_warnings,
            quiet=quiet,
        )
    if found is not None and since is not None:
        from xltool.office.opinions import note_shown
        from xltool.report.noting import log_check
        from xltool.report.since_last import keep

        log_check(found, report, copies, now)
        keep(found, since)
        note_shown(found.folder, checked.verdict.opinions_shown, now)
    if out is not None and not quiet:
        name_written(out, err=True)
    name_log(report.log, err=out is not None or style != "text")
    sys.exit(1 if report.failed else 0)


def _wanted(
    found: Campaign | None,
    units: tuple[str, ...],
    rules: tuple[str, ...],
    *,
    errors_only: bool,
    new_only: bool,
) -> Wanted | None:
    """What is to be shown; None for everything. Refuses units and rules that there are not."""
    if not (units or rules or errors_only or new_only):
        return None
    if new_only and found is None:
        raise OfficeError("--new 要用 --campaign 指明填报文件夹，才知道上次检查了什么")
    from xltool.report.narrowing import Wanted, insist_on

    wanted = Wanted(units, tuple(rule.upper() for rule in rules), errors_only, new_only)
    insist_on(wanted, found)
    return wanted


def _give_out(
    checked: Checked,
    style: str,
    out: Path | None,
    returned: Path | None,
    wanted: Wanted | None,
    now: datetime,
    *,
    whole: bool,
    with_warnings: bool,
    quiet: bool,
) -> tuple[Report, dict[int, int], Since | None]:
    """Show what was found, or what is wanted of it, and write the copies that go back.

    Returns the whole report, the rounds of these copies by the numbers of their submissions, and what is new.
    """
    from xltool.report.letters import Letters
    from xltool.report.reports import make_report
    from xltool.report.since_last import since_last, with_copies

    batch, verdict, chosen = checked.batch, checked.verdict, output(style)
    report = make_report(batch, verdict)
    since = since_last(batch.campaign, report, now) if batch.campaign else None
    units = wanted.units if wanted else ()
    copies, notes = (
        _copies(batch, verdict, returned, units, with_warnings) if returned else ([], [])
    )
    shown, part = report, batch
    if batch.campaign and since is not None:
        since = with_copies(batch.campaign, since, {copy.number: copy.told for copy in copies})
    wanted = wanted and wanted.with_news_of(since)
    if wanted is not None and wanted.words:
        from xltool.report.narrowing import narrowed

        shown, part = narrowed(report, batch, verdict, wanted)
    color = out is None and sys.stdout.isatty()
    letters = Letters(report, batch, since, {copy.number: copy.round for copy in copies})
    run = Run(shown, part, width(out), color, whole, since, letters)
    if chosen.file is not None and out is not None:
        chosen.file(run, out)
    if chosen.text is not None:
        emit(chosen.text(run), out)
    if not chosen.tells_notes:
        for line in shown.skipped:
            click.echo(f"注意：{printable(line)}", err=True)
    if returned is not None:
        written = [f"已写出 {line}" for line in _write_copies(copies, returned, batch.campaign)]
        if not quiet:
            count = f"已写出 {len(copies)} 份退回件，在 {returned}"
            for line in [*written, *notes, count if copies else f"没有写退回件到 {returned}"]:
                click.echo(printable(line), err=True)
    return report, {copy.number: copy.round for copy in copies}, since


def _keep(
    places: Sequence[Any], found: Campaign | None, out: Path | None, returned: Path | None
) -> None:
    """Refuse to write over what came in, and over the office's own files."""
    if out is None and returned is None:
        return
    from xltool.office.kept import keep_from_file, keep_from_folder

    paths = [place for place in places if isinstance(place, Path)]
    if out is not None:
        keep_from_file(out, paths, found)
    if returned is not None:
        keep_from_folder(returned, paths)


def _copies(
    batch: Batch, verdict: Assembly, folder: Path, units: Sequence[str], with_warnings: bool
) -> tuple[list[Copy], list[str]]:
    """The copies that go back, of some units or of all, and notes on them."""
    from xltool.write.returned import returned_copies

    return returned_copies(batch, verdict, folder, with_warnings=with_warnings, units=units)


def _write_copies(copies: list[Copy], folder: Path, campaign: Campaign | None) -> list[str]:
    """Write them; a line for each."""
    from xltool.write.returned import write_copies

    return write_copies(copies, folder, campaign)


@click.command(cls=ChineseCommand)
@click.argument("folder", metavar="[填报文件夹]", required=False, type=FOLDER)
@click.option(
    "--format", "style", type=click.Choice(_STATUS_STYLES), default="text",
    show_default=True, help="remind 为各单位的催报文字（文件可为 .xlsx，供邮件合并）",
)  # fmt: skip
@click.option("-o", "--out", type=FILE, metavar="文件", help="结果写到文件")
def status(folder: Path | None, style: str, out: Path | None) -> None:
    """看谁没有交、谁没有通过、退回过几次、离截止日期还有几天。

    \b
    例：xltool status 填报
        xltool status 填报 --format xlsx -o 报送情况.xlsx
        xltool status 填报 --format remind -o 催报.txt
        xltool status 填报 --format remind -o 催报.xlsx
    每次 xltool check 的结果都记在填报文件夹的 检查记录.csv 里。
    """
    from xltool.office.kept import keep_from_file
    from xltool.report import reminders
    from xltool.report import status as standing
    from xltool.report.last_check import read_last
    from xltool.returns.submissions import today

    if style == "xlsx" and out is None:
        raise OfficeError(f"--format {style} 需要用 -o 指明写到哪个文件")
    campaign = campaign_here(folder, "status")
    if out is not None:
        keep_from_file(out, (), campaign)
        refuse_other_suffix(out, style, _STATUS_STYLES)
    name_flaws(campaign, strangers=True)
    statuses = standing.status_of(campaign)
    if style == "xlsx" and out is not None:
        standing.write_book(campaign, statuses, today(), out)
    elif style == "csv":
        emit(standing.as_csv(statuses).rstrip("\r\n"), out)
    elif style == "remind":
        found = reminders.reminders(campaign, statuses, read_last(campaign.folder))
        if out is not None and out.suffix.lower() == ".xlsx":
            reminders.write_book(campaign, found, out)
        else:
            emit(reminders.as_text(found), out)
    else:
        emit(standing.as_text(campaign, statuses, today(), width(out)), out)
    if out is not None:
        name_written(out, err=True)
