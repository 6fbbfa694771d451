"""Options that several commands have, and the campaign that they mean."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.errors import OfficeError
from xltool.prose.text import printable

if TYPE_CHECKING:
    from xltool.office.campaign import Campaign

ANY = click.Path(path_type=Path)


class Anywhere(click.ParamType):  # type: ignore[type-arg]  # older ones of click are not generic
    """A file or folder of this machine, or an address such as sftp://host/folder."""

    name = "place"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The path, or the address."""
        from xltool.returns.addresses import Address, is_address

        if isinstance(value, str) and is_address(value):
            return Address(value)
        return ANY.convert(value, param, ctx)


ANYWHERE = Anywhere()
FILE = click.Path(dir_okay=False, readable=False, path_type=Path)
FOLDER = click.Path(file_okay=False, readable=False, path_type=Path)

jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="并行进程数，默认与核数相同"
)
cluster_option = click.option(
    "--cluster",
    metavar="地址",
    help="在 Dask 集群上检查，如 tcp://主机:8786（需安装 xltool[cluster]）",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="不显示进度和说明")
campaign_option = click.option(
    "--campaign", type=FOLDER, metavar="文件夹",
    help="填报文件夹（含 campaign.toml）；默认从当前位置向上找自己建立或信任的",
)  # fmt: skip

# how a file is called that can only be one of these forms of a result
_SUFFIXES: Mapping[str, str] = {
    ".txt": "text", ".csv": "csv", ".json": "json", ".jsonl": "jsonl",
    ".html": "html", ".htm": "html", ".xlsx": "xlsx",
}  # fmt: skip
_ALSO = {"remind": ("text", "xlsx")}  # a form of a result → others that are files of its kind too

# of a campaign that was found, why it does not count; the command that changes it follows
_PASSED_OVER: Mapping[str, str] = {
    "unknown": "的 campaign.toml 不是您建立的，也没有信任过，没有使用；核对后如要使用，请运行",
    "changed": "的 validators 或 templates 在您信任之后有改动，没有使用；核对后如要使用，请运行",
}


def refuse_other_suffix(out: Path | None, style: str, options: Collection[str] = ()) -> None:
    """Raise OfficeError where a file is called as one of another form than the `style` written into it.

    `options` are the values of `--format` that the command has: one of them may have been meant.
    """
    meant = None if out is None else _SUFFIXES.get(out.suffix.lower())
    if out is None or meant in (None, style) or meant in _ALSO.get(style, ()):
        return
    own = next((suffix for suffix, name in _SUFFIXES.items() if name == style), ".txt")
    rename = f"把文件名改为 {out.with_suffix(own).name}"
    step = f"请用 --format {meant}，或{rename}" if meant in options else f"请{rename}"
    what = f" --format {style}" if options else f"这里写的 {own}"
    raise OfficeError(f"扩展名 {out.suffix} 不合{what}；{step}", out)


def settings_folder() -> Path:
    """The folder of this user's settings; the variable XLTOOL_CONFIG names another one."""
    return Path(os.environ.get("XLTOOL_CONFIG") or click.get_app_dir("xltool"))


def campaign_of(given: Path | None, *, quiet: bool = False) -> Campaign | None:
    """The campaign that is given, or else a trusted one from the current folder upwards; or None."""
    from xltool.office.campaign import load_campaign

    found = campaign_folder(given, quiet=quiet)
    return load_campaign(found) if found else None


def campaign_here(given: Path | None, command: str, *, quiet: bool = False) -> Campaign:
    """As `campaign_of`, for a command that cannot do without. Raises OfficeError where there is none."""
    from xltool.office.campaign import load_campaign

    return load_campaign(campaign_place(given, command, quiet=quiet))


def campaign_place(given: Path | None, command: str, *, quiet: bool = False) -> Path:
    """The folder of the campaign of a command. Raises OfficeError where there is none."""
    found = given or campaign_folder(None, quiet=quiet)
    if found is None:
        raise OfficeError(
            "从当前位置向上没有可用的填报文件夹；"
            f"请指明它的位置，如 xltool {command} 填报，或先用 xltool init 建立"
        )
    return found


def campaign_before_issue(given: Path | None, command: str, *, quiet: bool = False) -> Campaign:
    """As `campaign_here`, for a command that tells all mistakes at once: those of the lists beside the settings'."""
    from xltool.office.campaign import CAMPAIGN_FILE, load_campaign
    from xltool.office.reviewing import with_lists_wrong

    found = campaign_place(given, command, quiet=quiet)
    try:
        return load_campaign(found)
    except OfficeError as error:
        if not (found / CAMPAIGN_FILE).is_file():
            raise
        raise with_lists_wrong(found, error) from error


def forms_folder(given: Path | None) -> Path:
    """The folder into whose `templates/` and `validators/` a form is written: given, or that of the campaign found.

    One that is given may be new: a form comes before `xltool init`. Raises OfficeError where there is none.
    """
    found = given or campaign_folder(None)
    if found is None:
        raise OfficeError("请用 --campaign 指明填报文件夹；还没有的，写一个新名字，会建立")
    return found


def campaign_folder(given: Path | None, *, quiet: bool = False) -> Path | None:
    """The folder given, or else that of the nearest trusted campaign from the current folder upwards.

    Which one was found is said on stderr unless `quiet`, and always each that was passed over because this user neither
    made it nor trusts it: a campaign is program code, and the current folder may hold returns.
    Raises OfficeError where the one that was given is none.
    """
    from xltool.office.campaign import CAMPAIGN_FILE, campaigns_above
    from xltool.office.trust import Record

    if given is not None:
        if not (given / CAMPAIGN_FILE).is_file():
            raise OfficeError("这里没有 campaign.toml", given)
        return given
    record = Record(settings_folder())
    for folder in campaigns_above(Path()):
        standing = record.standing(folder)
        if standing == "trusted":
            if not quiet:
                click.echo(printable(f"使用填报文件夹 {folder}"), err=True)
            return folder
        step = f"xltool trust {_quoted(folder)}"
        click.echo(printable(f"注意：{folder} {_PASSED_OVER[standing]} {step}"), err=True)
    return None


def _quoted(path: Path) -> str:
    """A path as a word of a command: its name may come from outside."""
    text = str(path)
    if re.fullmatch(r"[\w@%+=:,./\\-]+", text):
        return text
    return f'"{text}"' if sys.platform == "win32" else shlex.quote(text)
