"""A merge result that is handed up: verified as a whole before anything in it is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging.data_set import schema_of
from xltool.merging.fates import (
    OPEN,
    Fate,
    Seen,
    acceptance_frame,
    acceptances_in,
    fates_of,
    frame_of,
    seen_frame,
    seen_in,
)
from xltool.merging.office_settings import LowerCampaign, load_settings
from xltool.merging.parquet import write
from xltool.merging.sealing import Manifest, Sealed, read_seal, refuse_altered
from xltool.office import lower
from xltool.office.campaign import Campaign
from xltool.office.decisions import Decision, add_decisions, read_decisions
from xltool.office.lower import LOWER, Office
from xltool.office.waivers import Recorded

PROOF = "proof"  # the folder of what came of everything, and of what was decided
_FATES, _SEEN, _ACCEPTED = "submission", "seen", "acceptance"


@dataclass(frozen=True)
class Proof:
    """What came of everything that was handed in, and what was decided about it."""

    fates: Sequence[Fate]
    seen: Sequence[Seen]
    acceptances: Mapping[str, Sequence[Recorded]]
    decisions: Sequence[Decision]
    seal_of: Callable[[str], str] = lambda sha256: ""  # noqa: ARG005  # of a file whose fate has none


@dataclass(frozen=True)
class Result:
    """A verified result: whose it is, what came of everything, and what was judged by.

    `campaigns` are those of the offices that issued what is in it, by their public keys.
    """

    folder: Path
    sealed: Sealed
    office: Office
    proof: Proof
    campaigns: Mapping[str, LowerCampaign]
    is_own: bool

    @property
    def districts(self) -> set[str]:
        """The districts whose submissions are in it, as their seals say."""
        return {fate.district for fate in self.proof.fates if fate.outcome in OPEN}

    @property
    def digests(self) -> set[str]:
        """The files whose rows are in it."""
        return {fate.sha256 for fate in self.proof.fates if fate.outcome in OPEN}

    @property
    def seen(self) -> lower.Seen:
        """As what it is known again."""
        return lower.Seen(self.sealed.key, self.sealed.manifest.number, self.sealed.digest)


def open_results(paths: Sequence[Path], campaign: Campaign) -> list[Result]:
    """Verify results and read what they say.

    Raises OfficeError for one that is unknown, altered, older than one merged before, of another form or
    year, and where two of their offices would have the same district.
    """
    below = lower.read_lower(campaign.folder)
    results = [_opened(path, campaign, below) for path in paths]
    _refuse_clashes(results)
    strangers = [(each.seen, each.folder, each.office) for each in results if not each.is_own]
    lower.refuse_older(campaign.folder, strangers)
    return results


def _opened(path: Path, campaign: Campaign, below: Mapping[str, Office]) -> Result:
    sealed = read_seal(path)
    manifest = sealed.manifest
    own = sealed.key and sealed.key == campaign.public_key
    if not sealed.key:
        raise OfficeError(
            "合并结果没有签名（合并时没有签发密钥），不能汇总；请报送的单位用自己的密钥重新合并",
            path,
        )
    if not own and sealed.key not in below:
        raise OfficeError(
            f"合并结果由不认识的单位签名（公钥 {lower.key_words(sealed.key)}）；"
            f"核对后请把它的行政区划、名称和公钥写入 {campaign.folder / LOWER}",
            path,
        )
    if manifest.form != campaign.form.id:
        raise OfficeError(f"合并结果是 {manifest.form} 的，本次填报是 {campaign.form.id}", path)
    if manifest.fy != campaign.fy:
        raise OfficeError(f"合并结果是 {manifest.fy} 年度的，本次填报是 {campaign.fy} 年度", path)
    _refuse_other_columns(manifest, campaign, path)
    _refuse_other_district(manifest, below, campaign, path)
    refuse_altered(path, manifest)
    office = Office(campaign.district, campaign.title, sealed.key) if own else below[sealed.key]
    campaigns = {each.key: load_settings(path, each, campaign) for each in manifest.offices}
    return Result(path, sealed, office, read_proof(path), campaigns, is_own=bool(own))


def columns_digest(form: Form) -> str:
    """The digest of all columns of a form: two versions with the same one can be merged."""
    columns = {name: {n: str(t) for n, t in schema_of(form, name).items()} for name in form.tables}
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16]


def _refuse_other_columns(manifest: Manifest, campaign: Campaign, path: Path) -> None:
    """Raise OfficeError for a result of another version of the form that has other columns."""
    form = campaign.form
    if manifest.version != form.version and manifest.columns != columns_digest(form):
        raise OfficeError(
            f"合并结果是这张表 {manifest.version} 版的，本次填报是 {form.version} 版，栏目不同，"
            "不能一起合并",
            path,
        )


def _refuse_other_district(
    manifest: Manifest, below: Mapping[str, Office], campaign: Campaign, path: Path
) -> None:
    """Raise OfficeError where an office says another district of itself than we know."""
    for office in manifest.offices:
        known = below.get(office.key, office)
        if known.district and office.district and known.district != office.district:
            raise OfficeError(
                f"合并结果里“{known.name}”的行政区划是 {office.district}，"
                f"{campaign.folder / LOWER} 里写的是 {known.district}；请核对",
                path,
            )


def _refuse_clashes(results: Sequence[Result]) -> None:
    """Raise OfficeError where two offices issued for the same district: their units could not be told apart."""
    known: dict[str, tuple[str, Path]] = {}
    for result in results:
        for office in result.sealed.manifest.offices:
            district = office.district
            if not district:
                continue
            key, path = known.setdefault(district, (office.key, result.folder))
            if key != office.key:
                raise OfficeError(
                    f"行政区划 {district} 有两个签发单位（另一个在 {path}）；请核对 {LOWER} 和各自的 district",
                    result.folder,
                )


def save_proof(proof: Proof, folder: Path) -> None:
    """Write what came of everything into a result."""
    place = folder / PROOF
    place.mkdir()
    acceptances = [(sha256, one) for sha256, some in proof.acceptances.items() for one in some]
    for name, frame in (
        (_FATES, frame_of(proof.fates, proof.seal_of)),
        (_SEEN, seen_frame(proof.seen)),
        (_ACCEPTED, acceptance_frame(acceptances)),
    ):
        write(frame, place, name)
    if proof.decisions:
        add_decisions(place, proof.decisions)


def read_proof(folder: Path) -> Proof:
    """What came of everything, from a result. Raises OfficeError where it is damaged."""
    place = folder / PROOF
    try:
        frames = [
            pl.read_parquet(place / f"{name}.parquet", glob=False)
            for name in (_FATES, _SEEN, _ACCEPTED)
        ]
        fates, seen, accepted = frames
        found = fates_of(fates), seen_in(seen), acceptances_in(accepted)
    except (OSError, KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise OfficeError("合并结果已损坏，或由另一版本生成；请重新合并", place) from error
    return Proof(*found, read_decisions(place))
