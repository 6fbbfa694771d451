"""The seal: what was issued, signed by the office, carried inside the workbook.

Ed25519 over canonical JSON. The private key stays with the office; with the public key the unit or
the next level can verify. The seal travels twice, in a hidden sheet and in custom document
properties, because each client loses a different carrier: LibreOffice unhides veryHidden sheets,
people delete sheets they do not know.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xltool.errors import OfficeError
from xltool.files import replace_file
from xltool.form.fact_tables import UNPLACED

SHEET = "_xltool"
PROPERTY = "xltool{n}"
_CELL = 30_000  # characters per cell; Excel's limit is 32,767
_CHUNK = 250  # characters per custom property; the limit is 255
_MAX_WORD = 32_767  # characters of a value: what a cell can hold
_MAX_TEXT = 4_000_000  # a seal longer than this is no seal of ours
_MAX_PAYLOAD = 32_000_000
_MAX_RECORDS = 1000
MOST_UNPLACED = 1000  # contents without a place
LONGEST_UNPLACED = 500_000  # characters of all of them together
_HEAD = "xltool-seal-1"
_ONLY_IF_SAID = ("zero_budget", "round", "unplaced")

# A content without a place in a newer issue: the sheet where it stood, why it has none (one of
# `fact_tables.UNPLACED`), and the content, with its cell. Plain lists, as JSON has them.
Unplaced = Sequence[str]


@dataclass(frozen=True)
class Issue:
    """What was issued to one unit: everything a returned workbook is compared with.

    `records` has one mapping per form sheet, of prefilled field → plain text; spare sheets have
    only what the roster prefills. `lines` has, for each record, the prefilled rows of its other
    tables. `notice` is what 填报说明 says (title, deadline, contact).
    `changes`, `rows` and `zero_budget` adapt the form (see `Form.adapted`). `round` says of a copy that was
    sent back how often its unit was by then, and `unplaced` what had no place in it of what the unit had
    filled in an earlier issue (`Unplaced`); it is the same issue all the same. All three are
    signed only where there is something to sign.
    """

    form: str
    version: str
    layout: str
    fy: int
    district: str
    unit: str
    unit_name: str
    department_code: str
    records: Sequence[Mapping[str, str]]
    notice: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    lines: Sequence[Mapping[str, Sequence[Mapping[str, str]]]] = field(default_factory=list)
    zero_budget: str = ""
    round: int = 0
    unplaced: Sequence[Unplaced] = field(default_factory=list)

    def lines_of(self, record: int) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """The prefilled rows of one record, by table."""
        return self.lines[record] if record < len(self.lines) else {}

    @property
    def canonical(self) -> bytes:
        """The bytes that are signed."""
        said = {k: v for k, v in vars(self).items() if v or k not in _ONLY_IF_SAID}
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def issue_id(self) -> str:
        """12 hexadecimal digits of what was issued: the same content, the same id, in whichever round."""
        return hashlib.sha256(replace(self, round=0, unplaced=[]).canonical).hexdigest()[:12]

    @property
    def words(self) -> str:
        """The issue in words, for messages."""
        return f"{self.fy} 年度 {self.form}，单位 {self.unit} {self.unit_name}"


@dataclass(frozen=True, slots=True)
class Seal:
    """An issue as found in a workbook, and whether its own signature holds."""

    issue: Issue
    public_key: str
    intact: bool
    text: str


def sign(issue: Issue, key: Ed25519PrivateKey) -> str:
    """The seal of an issue as text: deterministic, so that issuing twice gives the same bytes."""
    packed = base64.b64encode(zlib.compress(issue.canonical, 9)).decode()
    signature = base64.b64encode(key.sign(issue.canonical)).decode()
    return ".".join([_HEAD, public_text(key.public_key()), signature, packed])


def unseal(text: str) -> Seal | None:
    """Read a seal; None if the text is none. `intact` is False if it was altered afterwards."""
    parts = text.split(".")
    if len(parts) != 4 or parts[0] != _HEAD or len(text) > _MAX_TEXT:
        return None
    try:
        unpacker = zlib.decompressobj()
        payload = unpacker.decompress(base64.b64decode(parts[3], validate=True), _MAX_PAYLOAD)
        issue = Issue(**json.loads(payload))
        if not unpacker.eof or not _well_formed(issue) or not issue.canonical:
            return None
    except (ValueError, TypeError, zlib.error, RecursionError):
        return None
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(parts[1], validate=True))
        key.verify(base64.b64decode(parts[2], validate=True), payload)
    except (ValueError, InvalidSignature):
        return Seal(issue, parts[1], intact=False, text=text)
    return Seal(issue, parts[1], intact=True, text=text)


def _well_formed(issue: Issue) -> bool:
    """Whether a payload has the shape of an issue: anyone can sign anything with a key of his own."""
    words = (issue.form, issue.version, issue.layout, issue.district, issue.unit, issue.unit_name)
    return (
        all(_is_text(word) for word in (*words, issue.department_code, issue.zero_budget))
        and type(issue.fy) is int
        and 2000 <= issue.fy <= 2099
        and type(issue.round) is int
        and 0 <= issue.round <= _MAX_RECORDS
        and isinstance(issue.records, list)
        and len(issue.records) <= _MAX_RECORDS
        and all(_is_text_table(record) for record in (*issue.records, issue.notice))
        and isinstance(issue.unplaced, list)
        and len(issue.unplaced) <= MOST_UNPLACED
        and all(_is_unplaced(each) for each in issue.unplaced)
        and isinstance(issue.lines, list)
        and all(_are_lines(lines) for lines in issue.lines)
        and isinstance(issue.changes, dict)
        and all(isinstance(change, dict) for change in issue.changes.values())
        and isinstance(issue.rows, dict)
        and all(type(count) is int and 0 < count <= _MAX_RECORDS for count in issue.rows.values())
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_WORD and _is_whole(value)


def _is_whole(text: str) -> bool:
    """True for a text without halves of characters: those alone are not to be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_text_table(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(v) for pair in value.items() for v in pair)


def _is_unplaced(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 3 or not all(_is_text(v) for v in value):
        return False
    return value[1] in UNPLACED


def _are_lines(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_text(table)
        and isinstance(rows, list)
        and len(rows) <= _MAX_RECORDS
        and all(_is_text_table(row) for row in rows)
        for table, rows in value.items()
    )


def cells(text: str) -> list[str]:
    """The seal cut for the cells of column A of the hidden sheet."""
    return [text[i : i + _CELL] for i in range(0, len(text), _CELL)]


def properties(text: str) -> dict[str, str]:
    """The seal cut for custom document properties."""
    chunks = [text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK)]
    return {PROPERTY.format(n=n): chunk for n, chunk in enumerate(chunks, 1)}


_NO_KEY = (
    "找不到签发密钥；请从备份恢复这个文件（公钥 office.pub 不能代替，请保留）。没有备份的，"
    "只能用 xltool init 另建填报文件夹，全部重新下发：换了密钥，已下发的表都会认不出来"
)


def from_properties(found: Mapping[str, str]) -> str:
    """The seal text put together again from custom document properties."""
    chunks: list[str] = []
    while (chunk := found.get(PROPERTY.format(n=len(chunks) + 1))) is not None:
        chunks.append(chunk)
    return "".join(chunks)


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as 44 characters of base64."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def new_key() -> Ed25519PrivateKey:
    """A new private key for a campaign."""
    return Ed25519PrivateKey.generate()


def save_key(key: Ed25519PrivateKey, path: Path) -> None:
    """Write a private key readable by its owner only, and beside it the public key (.pub)."""
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    replace_file(path, secret, private=True)
    replace_file(path.with_suffix(".pub"), f"{public_text(key.public_key())}\n".encode())


def load_public_text(path: Path) -> str:
    """Read a public key as `public_text` gives it, with or without a BOM before it.

    Raises OfficeError when the file holds no Ed25519 public key.
    """
    try:
        raw = base64.b64decode(path.read_bytes().decode("utf-8-sig").strip(), validate=True)
        return public_text(Ed25519PublicKey.from_public_bytes(raw))
    except (OSError, ValueError) as error:
        raise OfficeError("签发公钥无法读取；请从备份恢复下发时的这个文件", path) from error


def load_pair(path: Path) -> Ed25519PrivateKey:
    """Read a private key, as `load_key` does. Raises OfficeError too where the public key beside it is another's."""
    key, public = load_key(path), path.with_suffix(".pub")
    if public.exists() and load_public_text(public) != public_text(key.public_key()):
        raise OfficeError("签发密钥与公钥（office.pub）不是一对；请从备份恢复", path)
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key. Raises OfficeError when there is none or the file is no Ed25519 key."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise OfficeError(_NO_KEY, path) from None
    except (OSError, ValueError, TypeError) as error:
        raise OfficeError("签发密钥无法读取；请从备份恢复这个文件", path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise OfficeError("签发密钥应为 Ed25519 私钥；请从备份恢复这个文件", path)
    return key
