"""Issuing a campaign: one sealed workbook for each unit, and the manifest."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xltool.errors import OfficeError
from xltool.files import replace_file
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, MANIFEST, Campaign
from xltool.office.csv_files import read_written, write_csv
from xltool.office.roster import Unit
from xltool.write.submission import write_submission


@dataclass(frozen=True, slots=True)
class Issued:
    """One workbook that was issued; `projects` counts those of the unit that the office knows."""

    unit: Unit
    path: Path
    issue_id: str
    sha256: str
    projects: int


def issue(
    campaign: Campaign,
    units: Sequence[str] = (),
    *,
    out: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> list[Issued]:
    """Write one locked and sealed workbook for each unit, and the manifest.

    The same campaign with the same key gives the same bytes. The manifest lists every unit issued
    so far.

    Args:
        campaign: The campaign, with its form, roster and projects.
        units: The codes of the units to issue to; by default all units of the roster.
        out: The folder for the workbooks; by default `issued` in the campaign's folder.
        progress: Called with the number of workbooks that are written and of all.

    Returns:
        What was issued, one entry for each unit, in the order of the roster or of `units`.

    Raises:
        OfficeError: A unit is not in the roster, there is no signing key, or a list of the office
            is wrong. Nothing was written then.

    """
    for code in units:
        if code not in campaign.units:
            raise OfficeError(f"单位代码“{code}”不在 units.csv 中", campaign.folder)
    chosen = [campaign.units[code] for code in units] or list(campaign.units.values())
    _ = campaign.projects  # the office's mistakes first, before anything is written
    key = seal.load_key(campaign.folder / KEY_FILE)
    folder = out or campaign.folder / "issued"
    form = campaign.form.with_severities(campaign.severities)
    issued = []
    for number, unit in enumerate(chosen):
        progress(number, len(chosen))
        content = campaign.issue_for(unit)
        path = folder / unit.file_name
        write_submission(
            path,
            form,
            campaign.layout,
            content,
            seal.sign(content, key),
            campaign.password,
        )
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        known = len(campaign.projects.get(unit.unit_code, []))
        issued.append(Issued(unit, path, content.issue_id, digest, known))
    progress(len(chosen), len(chosen))
    _write_manifest(folder / MANIFEST, issued)
    return issued


def zip_issued(issued: Sequence[Issued], by: str) -> list[Path]:
    """Pack issued workbooks beside them, one zip for each `district` or `department` (`by`).

    Returns the paths of the archives. Raises OfficeError for a unit whose entry in the roster is
    blank.
    """
    groups: dict[str, list[Issued]] = {}
    for item in issued:
        group = getattr(item.unit, by)
        if not group:
            raise OfficeError(f"单位 {item.unit.unit_code} 在 units.csv 中没有填写分包所用的列")
        groups.setdefault(group, []).append(item)
    paths = []
    for group, items in groups.items():
        path = items[0].path.parent / f"{group.replace('/', '_').replace(chr(92), '_')}.zip"
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for item in items:
                entry = zipfile.ZipInfo(item.path.name, (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, item.path.read_bytes(), zipfile.ZIP_DEFLATED)
        replace_file(path, content.getvalue())
        paths.append(path)
    return paths


def _write_manifest(path: Path, issued: Sequence[Issued]) -> None:
    """Add to the manifest: the line of a unit that is issued again is replaced, others are kept."""
    header = ["单位代码", "单位名称", "文件", "签发编号", "sha256", "项目数"]
    lines: dict[str, list[str]] = {}
    if path.is_file():
        earlier = [list(row.values()) for _, row in read_written(path)]
        lines = {row[0]: row for row in earlier if len(row) == len(header)}
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
    write_csv(path, [header, *(lines[code] for code in sorted(lines))])
