"""Options that several commands have, and the campaign that they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from xltool.errors import OfficeError

if TYPE_CHECKING:
    from xltool.office.campaign import Campaign

ANY = click.Path(path_type=Path)
FILE = click.Path(dir_okay=False, readable=False, path_type=Path)
FOLDER = click.Path(file_okay=False, readable=False, path_type=Path)

jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="并行进程数，默认与核数相同"
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="不显示进度和说明")
campaign_option = click.option(
    "--campaign", type=FOLDER, metavar="文件夹",
    help="填报文件夹（含 campaign.toml）；默认从当前位置向上找",
)  # fmt: skip


def campaign_of(folder: Path | None, paths: tuple[Path, ...]) -> Campaign | None:
    """The campaign given, or found above the current folder or above the first path; or None."""
    from xltool.office.campaign import find_campaign, load_campaign

    found = campaign_folder(folder) or find_campaign(paths[0].parent)
    return load_campaign(found) if found else None


def campaign_folder(folder: Path | None) -> Path | None:
    """The folder given, or the nearest one with a campaign, from the current folder upwards.

    Raises OfficeError where the one that was given is none.
    """
    from xltool.office.campaign import CAMPAIGN_FILE, find_campaign

    if folder is None:
        return find_campaign(Path())
    if not (folder / CAMPAIGN_FILE).is_file():
        raise OfficeError("这里没有 campaign.toml", folder)
    return folder
