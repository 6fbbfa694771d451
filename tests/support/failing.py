"""Reading that fails for a reason of ours, as no input is known to make it."""

from __future__ import annotations

from typing import NoReturn

import pytest

from xltool.returns import reading


def fails_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a workbook in this process fails; it is not raised, as it is in the tests' strict mode."""

    def fail(*_: object) -> NoReturn:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(reading, "parsed", fail)
    monkeypatch.delenv("XLTOOL_STRICT")
