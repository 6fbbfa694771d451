"""The end of a collection: `xltool merge`."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from xltool.cli.chinese import ChineseCommand
from xltool.cli.options import (
    ANYWHERE,
    FOLDER,
    campaign_of,
    campaign_option,
    cluster_option,
    jobs_option,
    quiet_option,
)
from xltool.cli.terminal import name_flaws, name_log
from xltool.errors import OfficeError
from xltool.prose.text import printable

if TYPE_CHECKING:
    from xltool.form.model import Form
    from xltool.merging.merge import MergeResult


@click.command(cls=ChineseCommand)
@click.argument("paths", metavar="文件或文件夹…", nargs=-1, required=True, type=ANYWHERE)
@click.option("--out", required=True, type=FOLDER, metavar="文件夹", help="写到哪里")
@campaign_option
@click.option(
    "--accept-warnings", is_flag=True, help="有提醒的也合并（审核人员已确认，记入审核记录）"
)
@click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="单位代码",
    help="只接受这些单位的提醒（可多次；与 --accept-warnings 一起用）",
)
@click.option(
    "--rule", "rules", multiple=True, metavar="规则",
    help="只接受这些规则的提醒，如 AMT-004（可多次；与 --accept-warnings 一起用）",
)  # fmt: skip
@click.option("--reviewer", metavar="姓名", help="接受提醒的审核人，默认为登录用户")
@click.option("--reason", metavar="理由", default="", help="接受提醒的理由")
@click.option("--prefer", type=click.Choice(["newest"]), help="同一单位交了多份时取较新的一份")
@click.option("--against", type=FOLDER, metavar="合并结果", help="与以前年度的合并结果对比")
@click.option(
    "--database",
    metavar="地址",
    help="合并后写入数据库，如 duckdb:///合并.duckdb、sqlite:///合并.sqlite、"
    "postgresql://用户@主机/库（需安装 xltool[database]）",
)
@jobs_option
@cluster_option
@quiet_option
def merge(
    paths: tuple[Any, ...],
    out: Path,
    campaign: Path | None,
    accept_warnings: bool,
    units: tuple[str, ...],
    rules: tuple[str, ...],
    reviewer: str | None,
    reason: str,
    prefer: Any,
    against: Path | None,
    database: str | None,
    jobs: int | None,
    cluster: str | None,
    quiet: bool,
) -> None:
    """合并没有错误的工作簿（或各区的合并结果），写出导入文件、汇总表和数据。

    \b
    例：xltool merge 交回 --campaign 填报 --out 合并
        xltool merge 交回 --campaign 填报 --out 合并 --accept-warnings --unit 106001 --rule AMT-004
        xltool merge 甲区合并 乙区合并 --out 全市 --database sqlite:///全市.sqlite
    """
    from xltool.merging.merge import merge as merge_all
    from xltool.office.waivers import Acceptance

    if (reviewer or reason) and not accept_warnings:
        raise OfficeError("--reviewer 和 --reason 与 --accept-warnings 一起使用")
    if (units or rules) and not accept_warnings:
        raise OfficeError(
            "--unit 和 --rule 与 --accept-warnings 一起使用：只接受这些单位、这些规则的提醒"
        )
    if database is not None:
        from xltool.merging.databases import refuse_unknown

        refuse_unknown(database)
    acceptance = Acceptance(reviewer or "", reason)
    found = campaign_of(campaign, quiet=quiet)
    name_flaws(found)
    result = merge_all(
        paths,
        out,
        found,
        accept_warnings=accept_warnings,
        accept_units=units,
        accept_rules=[rule.upper() for rule in rules],
        prefer=prefer,
        jobs=jobs,
        cluster=cluster,
        acceptance=acceptance,
        against=against,
    )
    _say_what_became_of(result, quiet=quiet)
    log = result.batch.log if result.batch else None
    if result.folder is None:
        name_log(log, err=True)
        raise OfficeError("没有可以合并的工作簿；请先用 xltool check 查看问题")
    if not quiet:
        click.echo(f"{_totals(result, result.folder)}，在 {out}{_UNCHANGED[result.changed]}")
    if result.changed and not quiet:
        click.echo(_written(result.folder))
    if database is not None and found is not None:
        said = _load(result.folder, found.form, database)
        if not quiet:
            click.echo(said)
    name_log(log, err=False)
    if not result.is_complete:
        raise SystemExit(1)


def _written(folder: Path) -> str:
    """What was written for people and systems: the files of a result, with those in its folders as one."""
    from xltool.merging.publishing import own_files

    names = dict.fromkeys(PurePosixPath(name).parts[0] for name in own_files(folder))
    folders = {name for name in names if (folder / name).is_dir()}
    return f"已写出 {'、'.join(f'{name}/' if name in folders else name for name in names)}"


def _load(folder: Path, form: Form, database: str) -> str:
    """Put a result into a database: what to say of it."""
    from xltool.merging.databases import load_result

    loaded = load_result(folder, form, database)
    return (
        f"已写入数据库：新增 {loaded.inserted} 份，更新 {loaded.replaced} 份，"
        f"未变 {loaded.unchanged} 份"
    )


_UNCHANGED = {True: "", False: "（与上次相同，没有改动）"}


def _say_what_became_of(result: MergeResult, *, quiet: bool) -> None:
    """Print a line for all that was not merged, was waived, or is to be known."""
    from xltool.merging.fates import OUTCOME_WORDS
    from xltool.returns.accounting import named

    for entry in result.entries:
        if entry.outcome not in ("merged", "copy"):
            detail = f"（{entry.detail}）" if entry.detail else ""
            click.echo(printable(f"{entry.file}：{OUTCOME_WORDS[entry.outcome]}{detail}"))
    for finding in result.waived:
        name = Path(finding.file).name
        where = " ".join(part for part in (finding.code, finding.sheet, finding.cell) if part)
        click.echo(printable(f"{name}：已豁免 {where} {finding.message}（{finding.waiver}）"))
    for note in result.notes:
        click.echo(printable(f"注意：{note}"))
    batch = result.batch
    if not quiet and batch is not None and batch.accounts.read < batch.accounts.received:
        for note in named(batch.left_aside):
            click.echo(printable(f"注意：{note}"))
        click.echo(batch.accounts.words)


def _totals(result: MergeResult, folder: Path) -> str:
    """How much was merged, and into how many import files where there are several."""
    from xltool.merging.fates import IN_DATA
    from xltool.merging.import_file import files_in

    merged = sum(entry.outcome in IN_DATA for entry in result.entries)
    waived = f"，豁免 {len(result.waived)} 处" if result.waived else ""
    files = files_in(folder)
    several = f"，导入文件 {files} 个" if files > 1 else ""
    return f"第 {result.number} 次合并：合并 {merged} 份，未合并 {len(result.entries) - merged} 份{waived}{several}"
