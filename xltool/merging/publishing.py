"""Writing a result: all its files, its number, its manifest and signature, in one step."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xltool.checking.kept import program
from xltool.errors import OfficeError
from xltool.files import exchange_folder, folder_beside
from xltool.merging import stores
from xltool.merging.changes import CHANGES, changes_since
from xltool.merging.data_set import DataSet
from xltool.merging.expected import Roster, rosters_of
from xltool.merging.office_settings import FOLDER as SETTINGS
from xltool.merging.office_settings import save_settings
from xltool.merging.result import Proof, Result, columns_digest, save_proof
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
from xltool.office.lower import Office, district_of, read_lower
from xltool.office.merge_record import number_of, read_merges
from xltool.returns.accounting import LOCK
from xltool.returns.leaving_aside import RESULT_MANIFEST, SYSTEM, is_result, reason_for

_UNSIGNED = (
    f"没有签发密钥（{KEY_FILE.as_posix()}），合并结果没有签名，上级不会接收；"
    "请在有密钥的电脑上合并后报送"
)


@dataclass(frozen=True)
class Publication:
    """All that a result says: what was merged, what was held back, what came of everything and why.

    `results` are those that were merged into it; `now` is when.
    """

    campaign: Campaign
    data: DataSet
    held: DataSet
    proof: Proof
    results: Sequence[Result]
    now: datetime
    merged_by: str = ""
    before: DataSet | None = None  # what another year's result merged, to compare with
    notes: list[str] = field(default_factory=list)

    @cached_property
    def offices(self) -> list[Office]:
        """The offices that issued what is in it, by district; their names are those that we know."""
        below = read_lower(self.campaign.folder)
        found = {
            office.key: below.get(office.key, office)
            for result in self.results
            for office in result.sealed.manifest.offices
        }
        own = self.campaign.public_key or ""
        if not self.results or any(fate.key == own for fate in self.proof.fates):
            found[own] = Office(self.campaign.district, self.campaign.title, own)
        return sorted(found.values(), key=lambda office: (office.district, office.key))

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the districts."""
        return {district_of(each.district, each.key): each.name for each in self.offices}

    @cached_property
    def rosters(self) -> list[Roster]:
        """The units and projects that are expected, by office."""
        return rosters_of(self.campaign, self.offices, self.results)

    @cached_property
    def rules(self) -> str:
        """The digest of the rules that were run."""
        return hashlib.sha256(b"\0".join(program())).hexdigest()[:16]


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
        write_csv(temporary / CHANGES, changes_since(previous, publication.data, campaign.form))
        files[CHANGES] = file_digest(temporary / CHANGES)
        number = number_of(campaign.folder, out, content, publication.merged_by, publication.now)
        key = _key(campaign)
        if key is None:
            publication.notes.append(_UNSIGNED)
        seal_folder(temporary, _manifest(publication, number, files), key)
        exchange_folder(temporary, out)
    return number, True


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
    key = seal.load_key(path)
    if seal.public_text(key.public_key()) != campaign.public_key:
        raise OfficeError("签发密钥与公钥（office.pub）不是一对；请从备份恢复", path)
    return key


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


def refuse_foreign(out: Path) -> None:
    """Raise OfficeError for a folder that holds anything but an earlier result: it would be lost.

    What an operating system or an office program leaves there by itself does not count.
    """
    if not os.path.lexists(out):
        return
    before = _standing(out)
    own = {*before.files, RESULT_MANIFEST, SIGNATURE} if before else set()
    foreign = (
        path.relative_to(out) for path in out.rglob("*") if not path.is_dir() or path.is_symlink()
    )
    if not out.is_dir() or any(
        name.as_posix() not in own and reason_for(name) not in (SYSTEM, LOCK) for name in foreign
    ):
        raise OfficeError("输出文件夹里有别的文件，不会覆盖；请换一个空文件夹", out)
