"""The key with which an office signs what it issues: made once, and never replaced unseen."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xltool.errors import OfficeError
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, PUBLIC_KEY
from xltool.office.issued import ISSUED, REGISTER

# what only a campaign folder holds that has had a key
_TRACES = (KEY_FILE, PUBLIC_KEY, Path(REGISTER), Path(ISSUED))


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key of a campaign folder.

    Raises OfficeError where it is none, where the public key beside it is another's, and where there is
    none: it is to be restored, or made if the folder never had one.
    """
    if not _traces(folder):
        words = "这里还没有签发密钥，也没有下发过；请先用 xltool key new 建一个"
        raise OfficeError(words, folder / KEY_FILE)
    return seal.load_pair(folder / KEY_FILE)


def make_key(folder: Path) -> list[Path]:
    """Make the key of a campaign folder that never had one; return the files written.

    Raises OfficeError where it has one or had one: with another, nothing that was issued would be known.
    """
    if found := _traces(folder):
        raise OfficeError(
            f"这里已经有 {'、'.join(path.as_posix() for path in found)}，不能另建密钥：换了密钥，已下发的表都会认不出来；"
            f"{KEY_FILE.as_posix()} 不在的，请从备份恢复",
            folder,
        )
    (folder / KEY_FILE).parent.mkdir(exist_ok=True)
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    return [folder / KEY_FILE, folder / PUBLIC_KEY]


def _traces(folder: Path) -> list[Path]:
    return [path for path in _TRACES if (folder / path).exists()]
