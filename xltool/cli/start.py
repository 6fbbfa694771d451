"""Where the program begins: Ctrl-C while it still loads ends it in one line, as later."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> None:
    """Load the command line and run it."""
    try:
        from xltool.cli.main import main as run

        run()
    except KeyboardInterrupt:
        _end()
    except RuntimeError as error:  # what Python before 3.12 makes of it while it makes a class
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        _end()


def _end() -> NoReturn:
    sys.stderr.write("已中止\n")
    sys.exit(130)
