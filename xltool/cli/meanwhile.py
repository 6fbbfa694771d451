"""Loading what a command needs in the end, while it waits for the workers."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

Progress = Callable[[int, int], None]


def loading(modules: Iterable[str], progress: Progress) -> Progress:
    """Return a progress that begins to load modules beside it when the workers have their tasks.

    Whoever imports one of them waits until it is there, and sees the error of one that cannot be loaded.
    """
    names = list(modules)

    def load(names: Iterable[str]) -> None:
        with suppress(Exception):
            for name in names:
                importlib.import_module(name)

    def note(done: int, total: int) -> None:
        if names:
            threading.Thread(target=load, args=[names.copy()]).start()
            names.clear()
        progress(done, total)

    return note
