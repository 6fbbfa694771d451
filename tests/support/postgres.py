"""A PostgreSQL server of the tests' own: Debian's, in a temporary folder, on a socket only.

initdb refuses to run as root: then the server belongs to the user `postgres`, whom Debian's package makes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

PASSWORD = "geheim-3141"  # of the user `clerk`, who may write only what he is granted


class Postgres:
    """A running server; `url` is the address of its database `budget`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="xltool-pg-"))
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version)
        self.binaries = binaries[-1]

    def __enter__(self) -> Postgres:
        # peers come by their name; `clerk` needs his password
        self._run("initdb", "-D", "data", "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync")
        (self.folder / "data" / "pg_hba.conf").write_text(
            "local all clerk scram-sha-256\nlocal all all trust\n", encoding="ascii"
        )
        options = f"-c listen_addresses= -k {self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-w", "-o", options, "-l", "log", "start")
        self.execute("CREATE DATABASE budget", database="postgres")
        self.execute(f"CREATE USER clerk PASSWORD '{PASSWORD}'")
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    @property
    def url(self) -> str:
        """The address for its owner."""
        return self.url_of("owner")

    def url_of(self, user: str, database: str = "budget") -> str:
        """The address for a user, with his password after a colon if he has one."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), safe='')}"

    def execute(self, statement: str, database: str = "budget") -> list[tuple[object, ...]]:
        """Run a statement as the owner: its rows, if it has any."""
        with psycopg.connect(
            host=str(self.folder), user="owner", dbname=database, autocommit=True
        ) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def _run(self, program: str, *words: str) -> None:
        command: Sequence[str] = [str(self.binaries / program), *words]
        if self.user:
            command = [
                "setpriv",
                f"--reuid={self.user}",
                f"--regid={self.user}",
                "--clear-groups",
                *command,
            ]
        subprocess.run(
            command,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _version(binaries: Path) -> int:
    return int(binaries.parent.name)
