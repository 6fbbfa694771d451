"""Whether two names look the same: what a person who reads them cannot tell apart.

Case, width, spaces, invisible characters, kinds of brackets and strokes make no difference, nor do letters of
other alphabets that look like Latin ones.
"""

from __future__ import annotations

import re
import unicodedata

from xltool.prose.text import SPACES
from xltool.prose.unseen import seen

_LOOK_ALIKE = dict(
    zip("авекмнорстухіјѕԁԛԝαβεζηικμνορτυχ", "abekmhopctyxijsdqwabezhikmvoptux", strict=True)
)
_STROKES = "‐‑‒–—―−－─﹣ー"
_MARKS = {
    "【": "[",
    "】": "]",
    "〔": "[",
    "〕": "]",
    "［": "[",
    "］": "]",
    "·": ".",
    "•": ".",
    "・": ".",
}
_ALIKE = str.maketrans({**_LOOK_ALIKE, **_MARKS, **dict.fromkeys(_STROKES, "-")})


def look(text: str) -> str:
    """Return what a name looks like: two names with the same look cannot be told apart."""
    plain = unicodedata.normalize("NFKC", seen(text)).casefold()
    return re.sub(SPACES, "", plain).translate(_ALIKE)
