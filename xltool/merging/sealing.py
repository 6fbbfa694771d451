"""The seal of a merge result: a manifest of all that it holds, signed with the key of the office.

`manifest.json` names every file with its SHA-256, the form and the year, the number of the merge, who merged,
the digest of the rules, and the offices whose submissions are in it; `manifest.sig` is the office's
signature of these bytes. Nothing else in a result is believed before both agree (docs/decisions, 19).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xltool.errors import OfficeError
from xltool.office import seal
from xltool.office.lower import Office
from xltool.returns.leaving_aside import RESULT_MANIFEST

SIGNATURE = "manifest.sig"
_LAYOUT = 1  # of the manifest and of the folder; another one is of another version of xltool
_MOST = 64 * 1024 * 1024  # bytes of a manifest
_OF_THE_MERGE = ("变更.csv",)  # what belongs to the merge that wrote it, not to what was merged


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a result says of itself.

    `files` are the SHA-256 of all other files by their names; `offices` are those that issued what is in
    it; `rules` and `columns` the digests of the rules and of the form's columns. `content` is the digest of what was merged: it is the same for the same returns.
    """

    form: str
    version: str
    fy: int
    number: int
    title: str
    district: str
    merged_by: str
    merged_at: str
    rules: str
    columns: str
    offices: Sequence[Office]
    files: Mapping[str, str]
    layout: int = _LAYOUT

    @property
    def content(self) -> str:
        """The digest of what was merged, whoever merged it and whenever."""
        return content_of(self.files, self.offices, self.rules)

    @property
    def text(self) -> bytes:
        """The bytes that are signed."""
        document = {**asdict(self), "offices": [asdict(each) for each in self.offices]}
        return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A manifest that was read, with the key that signed it; `key` is empty where nobody did."""

    manifest: Manifest
    key: str
    digest: str


def content_of(files: Mapping[str, str], offices: Sequence[Office], rules: str) -> str:
    """The digest of what was merged, by the digests of the files, the offices and the rules."""
    lasting = {name: digest for name, digest in files.items() if name not in _OF_THE_MERGE}
    text = json.dumps(
        [lasting, [asdict(each) for each in offices], rules], ensure_ascii=False, sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()


def files_in(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file in a folder, by its name from there; without those of the seal."""
    found = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (RESULT_MANIFEST, SIGNATURE)
    )
    return {name: file_digest(folder / name) for name in found}


def file_digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal_folder(folder: Path, manifest: Manifest, key: Ed25519PrivateKey | None) -> None:
    """Write the manifest into a folder, and its signature where there is a key."""
    (folder / RESULT_MANIFEST).write_bytes(manifest.text)
    if key is not None:
        signature = base64.b64encode(key.sign(manifest.text)).decode()
        line = f"{seal.public_text(key.public_key())} {signature}\n"
        (folder / SIGNATURE).write_text(line, encoding="ascii")


def read_seal(folder: Path) -> Sealed:
    """Read the manifest of a result and verify its signature against the key beside it.

    Raises OfficeError where it is none, of another version, or where the signature is not of these bytes.
    """
    try:
        with (folder / RESULT_MANIFEST).open("rb") as file:
            text = file.read(_MOST)
        document = json.loads(text)
        manifest = Manifest(
            **{**document, "offices": [Office(**each) for each in document["offices"]]}
        )
        if manifest.layout != _LAYOUT or manifest.text != text:
            raise ValueError(manifest.layout)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise OfficeError(
            "合并结果的 manifest.json 已损坏，或由另一版本生成；请重新合并", folder
        ) from None
    return Sealed(manifest, _signer(folder, text), hashlib.sha256(text).hexdigest())


def _signer(folder: Path, text: bytes) -> str:
    """The public key of whoever signed these bytes; empty where there is no signature."""
    try:
        words = (folder / SIGNATURE).read_text(encoding="ascii").split()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError):
        words = []
    try:
        key, signature = words
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), text)
    except (ValueError, InvalidSignature):
        raise OfficeError(
            "合并结果的 manifest.json 与签名不符：写出后被改动过；请向报送的单位重新索取", folder
        ) from None
    return seal.public_text(public)


def refuse_altered(folder: Path, manifest: Manifest) -> None:
    """Raise OfficeError, naming what differs, where the files of a result are not those it names.

    Files that it does not name are foreign and stay unread, unless they lie where a result keeps its data.
    """
    wrong = [name for name, digest in manifest.files.items() if _differs(folder, name, digest)]
    lost = [name for name in wrong if not (folder / name).exists()]
    changed = [name for name in wrong if name not in lost]
    added = sorted(_strangers(folder, manifest.files))
    words = [
        f"{what}{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}"
        for what, names in (("缺少 ", lost), ("改动过的 ", changed), ("多出 ", added))
        if names
    ]
    if words:
        raise OfficeError(
            f"合并结果与写出时不同：{'；'.join(words)}；请向报送的单位重新索取", folder
        )


def _differs(folder: Path, name: str, digest: str) -> bool:
    parts = Path(name).parts
    if Path(name).is_absolute() or ".." in parts:
        return True
    path = folder / name
    try:
        return path.is_symlink() or file_digest(path) != digest
    except OSError:
        return True


def _strangers(folder: Path, files: Iterable[str]) -> set[str]:
    """What lies in the folders of a result's data without being named."""
    known = set(files)
    places = {Path(name).parts[0] for name in known if len(Path(name).parts) > 1}
    return {
        name
        for place in places
        for path in (folder / place).rglob("*")
        if not path.is_dir() and (name := path.relative_to(folder).as_posix()) not in known
    }
