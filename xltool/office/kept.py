"""What no command may write over: what came in, and the office's own files.

Whoever names such a file or folder for a result has mistaken one for another. That is said before
anything is written; nothing here writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from xltool.errors import OfficeError
from xltool.office.campaign import CAMPAIGN_FILE, KEY_FILE, Campaign
from xltool.office.check_log import LOG
from xltool.office.csv_files import read_written
from xltool.office.decisions import DECISIONS
from xltool.office.import_plan import MAP_FILE
from xltool.office.issued import ISSUED, MANIFEST, REGISTER
from xltool.office.list_files import BOOK, list_file
from xltool.office.lower import LOWER, SEEN
from xltool.office.merge_record import RECORD
from xltool.office.opinions import OPINIONS, SHOWN
from xltool.office.projects import PROJECTS
from xltool.office.roster import ROSTER
from xltool.office.trust import CODE_FOLDERS
from xltool.office.waivers import ACCEPTED, WAIVERS

_FILES = (
    *(CAMPAIGN_FILE, ROSTER, PROJECTS, MAP_FILE),
    *(WAIVERS, ACCEPTED, OPINIONS, SHOWN, LOG, REGISTER),
    *(DECISIONS, LOWER, SEEN, RECORD),
)
_BOOKS = tuple(Path(name).with_suffix(BOOK).name for name in (ROSTER, PROJECTS, WAIVERS, LOWER))
_FOLDERS = (*CODE_FOLDERS, str(KEY_FILE.parent), ISSUED)


def keep_from_file(target: Path, inputs: Iterable[Path], campaign: Campaign | None = None) -> None:
    """Raise OfficeError where a file that is to be written is an input or the office's own.

    `inputs` are files and folders as they were named; no file may be put into such a folder, since
    the next run would read it. The office's own files are those of `campaign`, of any campaign in
    whose folder the file lies, and the workbooks that a manifest beside the file names.
    """
    place = _place(target)
    for given in inputs:
        if place == _place(given) or place in _linked(given):
            raise OfficeError("这是要读的文件，不会覆盖；请写到别的文件", target)
        if given.is_dir() and place.is_relative_to(_place(given)):
            raise OfficeError("这里是交回的文件，结果不能写在其中；请写到别的文件夹", target)
    own = _is_own(place) or place in _lists(campaign) or _is_within(place, _targets(campaign))
    if own and os.path.lexists(target):
        raise OfficeError("这是填报文件夹自己的文件，不会覆盖；请写到别的文件", target)


def keep_from_folder(target: Path, inputs: Iterable[Path]) -> None:
    """Raise OfficeError where files are to be written into a folder in which inputs lie."""
    place = _place(target)
    for given in inputs:
        beside = given.is_file() and place == _place(given).parent
        if beside or (given.is_dir() and place.is_relative_to(_place(given))):
            raise OfficeError("这里是交回的文件，不会覆盖；请用另一个文件夹", target)


def keep_from_exchange(target: Path, inputs: Iterable[Path], campaign: Campaign | None) -> None:
    """Raise OfficeError where a folder that is to be replaced as a whole holds what is needed.

    That are the inputs, the campaign, and the approved targets that it takes over.
    """
    inputs = list(inputs)
    keep_from_folder(target, inputs)
    place = _place(target)
    if any(_place(given).is_relative_to(place) for given in inputs):
        raise OfficeError("要读的文件在这个文件夹里，不会覆盖；请用另一个文件夹", target)
    if campaign is not None and _place(campaign.folder).is_relative_to(place):
        raise OfficeError("填报文件夹在这个文件夹里，不会覆盖；请用另一个文件夹", target)
    targets = _targets(campaign)
    if targets is not None and (_is_within(place, targets) or _is_within(targets, place)):
        raise OfficeError("这里是批准的绩效目标（targets），不会覆盖；请用另一个文件夹", target)


def _place(path: Path) -> Path:
    """Where a path leads: the same for every spelling and for links, even for one that leads to itself."""
    return Path(os.path.normcase(os.path.realpath(path)))


def _linked(folder: Path) -> set[Path]:
    """Where the links in a folder of inputs lead."""
    if not folder.is_dir():
        return set()
    return {_place(path) for path in folder.rglob("*") if path.is_symlink()}


def _is_own(place: Path) -> bool:
    """True for one of the office's own files: by its name in a campaign's folder, or in a manifest."""
    for folder in place.parents:
        if (folder / CAMPAIGN_FILE).is_file():
            name = place.relative_to(folder)
            if str(name) in map(os.path.normcase, (*_FILES, *_BOOKS)) or name.parts[0] in _FOLDERS:
                return True
    return place.name == MANIFEST or place.name in _issued(place.parent)


def _issued(folder: Path) -> set[str]:
    """The names of the workbooks that a manifest in a folder lists."""
    path = folder / MANIFEST
    try:
        return {os.path.normcase(row.get("文件", "")) for _, row in read_written(path)}
    except OfficeError:
        return set()


def _targets(campaign: Campaign | None) -> Path | None:
    """Where the approved targets of a campaign lie, if it has any."""
    return None if campaign is None or campaign.targets is None else _place(campaign.targets)


def _is_within(place: Path, folder: Path | None) -> bool:
    return folder is not None and place.is_relative_to(folder)


def _lists(campaign: Campaign | None) -> Iterator[Path]:
    """The lists of an office that its rules compare with."""
    if campaign is None:
        return
    for reference in campaign.form.references:
        yield _place(list_file(campaign.folder, reference.file))
