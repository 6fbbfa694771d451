"""Where the program begins: Ctrl-C while it still loads ends it in one line, as later."""

from __future__ import annotations

import sys


def main() -> None:
    """Load the command line and run it."""
    try:
        from xltool.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("已中止\n")
        sys.exit(130)
