"""Issuing a campaign: one sealed workbook for each unit, and the manifest."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Container, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xltool.errors import OfficeError
from xltool.files import folder_beside
from xltool.locks import locked
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.office.csv_files import read_written, write_csv
from xltool.office.issued import ISSUED, MANIFEST, Entry, registering
from xltool.office.kept_forms import keep_form
from xltool.office.keys import signing_key
from xltool.office.roster import ROSTER, Unit
from xltool.prose.bearing import file_name
from xltool.prose.nearest import nearest
from xltool.publishing import being_made, publish
from xltool.write.before_issue import insist_on_files, insist_on_prefilled
from xltool.write.series import workbooks

_HEADER = ("单位代码", "单位名称", "文件", "签发编号", "sha256", "项目数")
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Issued:
    """One workbook that was issued; `projects` counts those of the unit that the office knows.

    `archive` is the zip that it was packed into too, if any.
    """

    unit: Unit
    path: Path
    issue_id: str
    sha256: str
    projects: int
    archive: Path | None = None


def issue(
    campaign: Campaign,
    units: Sequence[str] = (),
    *,
    out: Path | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
    tell: Callable[[str], None] | None = None,
    zip_by: str | None = None,
) -> list[Issued]:
    """Write one locked and sealed workbook for each unit, and the manifest.

    All appear at once, in the place of earlier ones; what else lies in the folder stays. The same campaign
    with the same key gives the same bytes. The manifest lists every unit issued so far into this folder; the
    campaign's register (下发记录.csv) what was issued anywhere.

    Args:
        campaign: The campaign, with its form, roster and projects.
        units: The codes of the units to issue to; by default all units of the roster.
        out: The folder for the workbooks; by default `issued` in the campaign's folder.
        jobs: How many processes make workbooks at the same time, by default as many as there are
            processors; few units are not worth several.
        progress: Called with the number of workbooks that are made and of all.
        tell: Called with a line for what is wrong with what is prefilled, before anything is written;
            without it nobody looks.
        zip_by: Pack the workbooks too, one zip for each `district` or `department`.

    Returns:
        What was issued, one entry for each unit, in the order of the roster or of `units`.

    Raises:
        OfficeError: The form has mistakes (all are told at once), a unit is not in the roster, there is no signing key, a list of the office is
            wrong, another file than an issued workbook or an archive of ours stands in the place of one,
            a unit's entry by which to pack is blank, or another run issues into the folder.
        OSError: The system refuses: a full disk, a file open elsewhere. In both cases the folder is
            as before.

    """
    insist_on_files(campaign)
    chosen = _chosen(campaign, units)
    key = signing_key(campaign.folder)
    if tell is not None:
        insist_on_prefilled(campaign, chosen, tell)
    folder = out or campaign.folder / ISSUED
    with being_made(folder, "下发到这里"):
        _keep(folder, chosen)
        archives = _archives(folder, chosen, zip_by) if zip_by else {}
        contents = [campaign.issue_for(unit) for unit in chosen]
        sealed = [(content, seal.sign(content, key)) for content in contents]
        issued: list[Issued] = []
        made = workbooks(campaign, sealed, folder, jobs, progress)
        with folder_beside(folder) as new, closing(made):
            for unit, content, workbook in zip(chosen, contents, made, strict=True):
                (new / unit.file_name).write_bytes(workbook)
                digest = hashlib.sha256(workbook).hexdigest()
                known = len(campaign.projects.get(unit.unit_code, []))
                path = folder / unit.file_name
                archive = archives.get(unit.unit_code)
                issued.append(Issued(unit, path, content.issue_id, digest, known, archive))
            _pack(issued, new)
            progress(len(chosen), len(chosen))
            _put_out(campaign, new, folder, issued)
            campaign.forget_issued()
    return issued


def _put_out(campaign: Campaign, new: Path, folder: Path, issued: Sequence[Issued]) -> None:
    """Put new workbooks in the place of older ones, all at once, and note that they were issued."""
    _write_manifest(folder / MANIFEST, new / MANIFEST, issued)
    form = keep_form(campaign.form, campaign.fy, campaign.folder)
    entries = [Entry(item.unit.unit_code, item.issue_id, item.path, form) for item in issued]
    archives = {item.archive.name for item in issued if item.archive}
    own = [*(item.path.name for item in issued), *archives, MANIFEST]
    with locked(campaign.folder), registering(campaign.folder, entries, datetime.now()):
        publish(new, folder, own)


def _chosen(campaign: Campaign, units: Sequence[str]) -> list[Unit]:
    """The units of these codes, or all. Raises OfficeError for a code that is not in the roster."""
    if len(campaign.units) < len(campaign.roster):
        several = Counter(unit.unit_code for unit in campaign.roster).most_common(1)[0][0]
        raise OfficeError(
            f"单位代码 {several} 在几个行政区划里都有，不能一起下发；请各区用自己的填报文件夹下发",
            campaign.folder / "units.csv",
        )
    for code in units:
        if code not in campaign.units:
            meant = nearest(code, campaign.units) or "；请核对"
            raise OfficeError(f"单位代码“{code}”不在 {ROSTER} 中{meant}", campaign.folder)
    return [campaign.units[code] for code in units] or list(campaign.units.values())


def _keep(folder: Path, units: Sequence[Unit]) -> None:
    """Raise OfficeError where a workbook would take the place of what no issue wrote, or of an edited one."""
    known = {line[2]: line[4] for line in _read_manifest(folder / MANIFEST).values()}
    paths = [folder / unit.file_name for unit in units]
    others = [path for path in paths if not _is_replaceable(path, known.get(path.name))]
    if others:
        many = f"等 {len(others)} 个文件" if len(others) > 1 else ""
        raise OfficeError(
            f"{many}不是以前下发的原件（不在 {MANIFEST} 里，或下发后改过），不会覆盖；"
            "请移走，或用 --out 换一个文件夹",
            others[0],
        )


def _is_replaceable(path: Path, digest: str | None) -> bool:
    """True where nothing stands, or a workbook as it was issued."""
    if not os.path.lexists(path):
        return True
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _archives(folder: Path, units: Sequence[Unit], by: str) -> dict[str, Path]:
    """The archives that the workbooks of units are to be packed into, by the codes of these.

    Raises OfficeError where a unit's entry in the roster is blank, or what we did not pack stands in the
    place of one.
    """
    archives = {unit.unit_code: _archive(unit, folder, by) for unit in units}
    names = {line[2] for line in _read_manifest(folder / MANIFEST).values()}
    for path in dict.fromkeys(archives.values()):
        if os.path.lexists(path) and not _is_ours(path, names):
            raise OfficeError("不是以前打包的文件，不会覆盖；请移走，或用 --out 换一个文件夹", path)
    return archives


def _pack(issued: Sequence[Issued], new: Path) -> None:
    """Pack workbooks that lie in the folder `new` into their archives there."""
    groups: dict[str, list[Issued]] = {}
    for item in issued:
        if item.archive is not None:
            groups.setdefault(item.archive.name, []).append(item)
    for name, items in groups.items():
        with zipfile.ZipFile(new / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for item in items:
                entry = zipfile.ZipInfo(item.path.name, _NO_TIME)
                content = (new / item.path.name).read_bytes()
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def _archive(unit: Unit, folder: Path, by: str) -> Path:
    """The archive that a unit's workbook is packed into."""
    group: str = getattr(unit, by)
    if not group:
        raise OfficeError(f"单位 {unit.unit_code} 在 units.csv 中没有填写分包所用的列")
    return folder / f"{file_name(group)}.zip"


def _is_ours(path: Path, names: Container[str]) -> bool:
    """True for an archive that an issue wrote: workbooks of the manifest, without a time."""
    try:
        with zipfile.ZipFile(path) as archive:
            return all(
                entry.filename in names and entry.date_time == _NO_TIME
                for entry in archive.infolist()
            )
    except (OSError, zipfile.BadZipFile):
        return False


def _read_manifest(path: Path) -> dict[str, list[str]]:
    """The lines of a manifest by unit; none where there is no such file.

    Raises OfficeError for a file of this name that is something else.
    """
    if not os.path.lexists(path):
        return {}
    lines = {}
    for number, row in read_written(path):
        if tuple(row) != _HEADER:
            raise OfficeError("这不是下发清单，不会覆盖；请移走，或换一个文件夹", path, number)
        lines[row["单位代码"]] = list(row.values())
    return lines


def _write_manifest(old: Path, new: Path, issued: Sequence[Issued]) -> None:
    """Add to a manifest: the line of a unit that is issued again is replaced, others are kept."""
    lines = _read_manifest(old)
    for item in issued:
        unit = item.unit
        lines[unit.unit_code] = [
            unit.unit_code,
            unit.unit_name,
            item.path.name,
            item.issue_id,
            item.sha256,
            str(item.projects),
        ]
    write_csv(new, [_HEADER, *(lines[code] for code in sorted(lines))])
