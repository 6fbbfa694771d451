"""The command line: parse, call one function, print. Nothing else prints or exits.

Heavy imports stand inside the commands, so that `xltool --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback

import click

from xltool.cli import checking, merging, own_files, preparing, showing, tracing
from xltool.cli.chinese import ChineseGroup, explain, speak_chinese
from xltool.cli.form import form
from xltool.cli.terminal import advise_os, print_any_character
from xltool.errors import OfficeError
from xltool.version import __version__

# what takes long is shared out among processes; several threads of polars in each would be in their way
os.environ.setdefault("POLARS_MAX_THREADS", "1")
# what polars lets go of goes back to the system at once: it may be a province's rows
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")
speak_chinese()
_DEBUG = "--debug"
_HELP = {"help_option_names": ["-h", "--help"]}
_COMMANDS = (
    *(preparing.init, preparing.trust, own_files.campaign, preparing.issue, preparing.fill),
    *(checking.check, checking.status, merging.merge),
    *(tracing.trace, tracing.key),
    *(showing.forms, form, showing.rules, showing.demo),
)


@click.group(
    cls=ChineseGroup,
    context_settings=_HELP,
    invoke_without_command=True,
    subcommand_metavar="命令 [参数]…",
)
@click.option(
    _DEBUG, is_flag=True, expose_value=False, help="出错时显示程序的详情；写在命令的任何位置"
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


for command in _COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Entry point: the office's mistake is one line and exit code 2, a bug is a traceback."""
    gc.set_threshold(100_000)  # what is imported stays: looking through it again and again is slow
    # pandera loads it wherever it is installed: long, for nothing
    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]
    print_any_character()
    words = sys.argv[1:]
    try:
        cli.main([w for w in words if w != _DEBUG], prog_name="xltool", standalone_mode=False)
    except OfficeError as error:
        if _DEBUG in words:
            traceback.print_exception(error)
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
        click.echo(f"错误：{advise_os(error)}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
