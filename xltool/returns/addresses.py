"""The addresses of returns on other machines, told from paths while the command line is read.

Nothing is loaded for that: the workers have not started yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where returns lie, as fsspec writes it: a file or a folder."""

    text: str

    def __str__(self) -> str:
        return self.text


def is_address(text: str) -> bool:
    """True for the address of a place that is no path of this machine."""
    return _ADDRESS.match(text) is not None
