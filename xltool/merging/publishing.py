"""Writing a result: all its files, its number, its manifest and signature, in one step."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xltool.errors import OfficeError
from xltool.files import folder_beside
from xltool.merging import stores
from xltool.merging.changes import CHANGES, changes_since, gone_since
from xltool.merging.office_settings import FOLDER as SETTINGS
from xltool.merging.office_settings import save_settings
from xltool.merging.publication import Publication
from xltool.merging.result import Result, columns_digest, save_proof
from xltool.merging.sealing import (
    SIGNATURE,
    Manifest,
    content_of,
    file_digest,
    files_in,
    read_seal,
    seal_folder,
)
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign
from xltool.office.csv_files import write_csv
from xltool.office.lower import Office
from xltool.office.merge_record import number_of, read_merges
from xltool.publishing import publish as exchange
from xltool.returns.leaving_aside import RESULT_MANIFEST, is_result

_UNREADABLE = "以前的合并结果 {folder} 读不出，变更.csv 没有比较"
_UNSIGNED = (
    f"没有签发密钥（{KEY_FILE.as_posix()}），合并结果没有签名，上级不会接收；"
    "请在有密钥的电脑上合并后报送"
)
_NAMED = 10  # units that a note names


def publish(publication: Publication, out: Path) -> tuple[int, bool]:
    """Put the result in the place of `out`; its number, and False if it stands there already, unchanged."""
    campaign = publication.campaign
    before = _standing(out)
    with folder_beside(out) as temporary:
        _write(publication, temporary)
        files = files_in(temporary)
        content = content_of(files, publication.offices, publication.rules)
        if before is not None and before.content == content and _is_whole(out, before):
            return before.number, False
        previous = _previous(campaign, out)
        _write_changes(publication, previous, temporary / CHANGES)
        if before is not None:
            _note_gone(publication, out)
        files[CHANGES] = file_digest(temporary / CHANGES)
        number = number_of(campaign.folder, out, content, publication.merged_by, publication.now)
        key = _key(campaign)
        if key is None:
            publication.notes.append(_UNSIGNED)
        seal_folder(temporary, _manifest(publication, number, files), key)
        exchange(temporary, out, own_files(out))
    return number, True


def _write_changes(publication: Publication, previous: Path | None, path: Path) -> None:
    """What changed since the last merge; an earlier result that cannot be read is not compared with."""
    data, form = publication.data, publication.campaign.form
    try:
        write_csv(path, changes_since(previous, data, form))
    except OfficeError:
        publication.notes.append(_UNREADABLE.format(folder=previous))
        write_csv(path, changes_since(None, data, form))


def _note_gone(publication: Publication, out: Path) -> None:
    """Note the units of the result that is replaced which are not in the new one."""
    try:
        gone = gone_since(out, publication.data, publication.campaign.form)
    except OfficeError:  # `_write_changes` has said so
        return
    if gone:
        names = "、".join(gone[:_NAMED]) + ("等" if len(gone) > _NAMED else "")
        publication.notes.append(
            f"上次合并过、这次不在其中的 {len(gone)} 个单位已从结果中去掉：{names}；"
            "要保留的，请与其余的表一起合并"
        )


def _write(publication: Publication, folder: Path) -> None:
    """Write all files but those that depend on earlier merges."""
    stores.save(publication, folder)
    save_proof(publication.proof, folder)
    own = publication.campaign.public_key
    for office in publication.offices:
        if office.key == own:
            save_settings(publication.campaign, office, folder)
        else:
            _hand_on(publication.results, office, folder)


def _hand_on(results: Sequence[Result], office: Office, folder: Path) -> None:
    """Copy the settings of an office below as they came; its newest result speaks for it."""
    having = [
        r for r in results if any(each.key == office.key for each in r.sealed.manifest.offices)
    ]
    newest = max(having, key=lambda r: (r.sealed.key == office.key, r.sealed.manifest.number))
    place = folder / SETTINGS / office.id
    place.mkdir(parents=True)
    for name in newest.sealed.manifest.files:
        path = Path(name)
        if path.parts[:2] == (SETTINGS, office.id) and len(path.parts) == 3:
            (place / path.name).write_bytes((newest.folder / name).read_bytes())


def _manifest(publication: Publication, number: int, files: Mapping[str, str]) -> Manifest:
    campaign = publication.campaign
    form = campaign.form
    return Manifest(
        form=form.id,
        version=form.version,
        fy=campaign.fy,
        number=number,
        title=campaign.title,
        district=campaign.district,
        merged_by=publication.merged_by,
        merged_at=f"{publication.now:%Y-%m-%d %H:%M:%S}",
        rules=publication.rules,
        columns=columns_digest(form),
        offices=publication.offices,
        files=dict(sorted(files.items())),
    )


def _key(campaign: Campaign) -> Ed25519PrivateKey | None:
    """The office's private key; None where it has none, or one that is not of its public key."""
    path = campaign.folder / KEY_FILE
    if not os.path.lexists(path):
        return None
    return seal.load_pair(path)


def _standing(out: Path) -> Manifest | None:
    """The manifest of the result that stands at a place; None where there is none that can be read."""
    if not is_result(out):
        return None
    try:
        return read_seal(out).manifest
    except OfficeError:
        return None


def _is_whole(out: Path, manifest: Manifest) -> bool:
    """Whether all files of a result are there as it names them."""
    try:
        return all(file_digest(out / name) == digest for name, digest in manifest.files.items())
    except OSError:
        return False


def _previous(campaign: Campaign, out: Path) -> Path | None:
    """The result to compare with: the one that stands in this place, else that of the last merge."""
    places = [out, *(Path(each.folder) for each in reversed(read_merges(campaign.folder)))]
    for place in places:
        before = _standing(place)
        if before is not None and before.form == campaign.form.id and _is_whole(place, before):
            return place
    return None


def own_files(out: Path) -> Collection[str]:
    """The names of the files of the result at a place that are its own: all others are foreign."""
    before = _standing(out)
    return [*before.files, RESULT_MANIFEST, SIGNATURE] if before else []
