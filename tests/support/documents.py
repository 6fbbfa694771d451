"""Running what the documents of the project say, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def fenced(name: str, language: str) -> list[str]:
    """The fenced blocks of one language in a document, named from the top of the project."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(
    command: list[str] | str, folder: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, with this environment's xltool on the path.

    `variables` are set in the environment of the command.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        check=False,
        shell=isinstance(command, str),
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
