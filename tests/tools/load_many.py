"""Load many projects into a database, twice, at once and with kills between, and say what came of it.

    python tests/tools/load_many.py URL PROJECTS [KILLS]

URL is `duckdb:///…`, `sqlite:///…`, or `postgresql` for a server of its own. Projects come with fifteen
indicators each and are made without workbooks. Each load is a process of its own, as a command is. Counts and sums
must be right to the cent each time; after a kill, those of the old or of the new edition.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import duckdb
import psycopg
from many_rows import FORM, OF_PROJECT, many_rows, total
from postgres import Postgres

from xltool.form.loading import load_form
from xltool.merging import databases, parquet

Figures = tuple[int, int, Decimal]  # projects, indicators, what they cost


def main() -> int:
    """Do as the command says."""
    if sys.argv[1] == "--nursery":
        return nursery()
    if sys.argv[1] == "--one":
        return _one(Path(sys.argv[2]), sys.argv[3])
    url, projects = sys.argv[1], int(sys.argv[2])
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with ExitStack() as stack:
        if url == "postgresql":
            url = stack.enter_context(Postgres()).url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        editions = []
        for edition in (0, 1):
            editions.append(folder / str(edition))
            parquet.save(many_rows(projects, edition), editions[-1] / parquet.DATA)
        run(url, projects, editions)
        if kills:
            kill_often(url, projects, editions, kills)
    return 0


def run(url: str, projects: int, editions: Sequence[Path]) -> None:
    """Load, again, another edition with a kill, and two at once; the figures are looked at each time."""
    old, new = ((projects, projects * OF_PROJECT, total(projects, n)) for n in (0, 1))
    seconds = _timed("first", editions[0], url)
    expect(url, [old])
    _timed("again", editions[0], url)
    expect(url, [old])
    killed(start(editions[1], url), seconds / 2)  # its beginning included, as in the time taken
    print("killed half-way:", expect(url, [old, new]))
    _timed("another edition", editions[1], url)
    expect(url, [new])
    began = time.monotonic()
    both = [start(edition, url) for edition in (editions[0], editions[0])]
    said = sorted(ended(each) for each in both)
    print(f"two at once: {time.monotonic() - began:.1f} s\n  " + "\n  ".join(said))
    expect(url, [old])
    both = [start(edition, url) for edition in editions]
    print("two editions at once:", sorted(ended(each) for each in both), expect(url, [old, new]))


def kill_often(url: str, projects: int, editions: Sequence[Path], kills: int) -> None:
    """Kill loads at random moments, from an empty database and from the other edition by turns."""
    chance = random.Random(kills)
    figures = [(projects, projects * OF_PROJECT, total(projects, n)) for n in (0, 1)]
    with Nursery() as nursery:
        _kill_often(nursery, url, editions, figures, kills, chance)
    ended(start(editions[0], url))
    expect(url, figures[:1])
    print(f"nothing left behind: {left_behind(url) == []}")


def _kill_often(
    nursery: Nursery,
    url: str,
    editions: Sequence[Path],
    figures: Sequence[Figures],
    kills: int,
    chance: random.Random,
) -> None:
    nursery.load(editions[0], url)
    began = time.monotonic()
    nursery.load(editions[1], url)
    seconds = time.monotonic() - began
    seen: Counter[str] = Counter()
    stands = 1
    for number in range(kills):
        if number % 4 == 3:
            empty(url)
            stands = -1
        there = (0, 0, Decimal(0)) if stands < 0 else figures[stands]
        wanted = 1 - stands if stands >= 0 else 0
        nursery.load(editions[wanted], url, chance.uniform(0, 1.5 * seconds))
        found = expect(url, [there, figures[wanted]])
        seen["new" if found == figures[wanted] else "old"] += 1
        if found == figures[wanted]:
            stands = wanted
    print(f"{kills} kills within {seconds:.2f} s of the beginning: {dict(seen)}")


class Nursery:
    """A process that has imported everything and begins each load as a copy of itself, at once."""

    def __enter__(self) -> Nursery:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def load(self, folder: Path, url: str, seconds: float | None = None) -> None:
        """Load to the end, or kill the load after so many seconds."""
        if self._process.stdin is None or self._process.stdout is None:
            raise SystemExit("the nursery has no pipes")
        self._process.stdin.write(f"{folder}\t{url}\n")
        self._process.stdin.flush()
        number = int(self._process.stdout.readline())
        if seconds is not None:
            time.sleep(seconds)
            with suppress(ProcessLookupError):  # it was quicker
                os.kill(number, signal.SIGKILL)
        status = int(self._process.stdout.readline())
        if status not in ((0,) if seconds is None else (0, -signal.SIGKILL)):
            raise SystemExit(f"the load ended with {status}")


def nursery() -> int:
    """Begin a load for each line: say its number, and how it ended."""
    form = load_form(FORM)
    for line in sys.stdin:
        folder, url = line.rstrip("\n").split("\t")
        number = os.fork()
        if not number:
            databases.load_result(Path(folder), form, url)
            os._exit(0)
        print(number, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)
    return 0


def start(folder: Path, url: str) -> subprocess.Popen[str]:
    """Begin a load as a process."""
    command = [sys.executable, __file__, "--one", str(folder), url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    """What a load says at its end. It must succeed."""
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"the load failed: {err}")
    return out.strip()


def killed(process: subprocess.Popen[str], seconds: float) -> None:
    """Kill a load after so many seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()


def expect(url: str, allowed: Sequence[Figures]) -> Figures:
    """The figures in a database, which must be among those allowed."""
    found = figures_in(url)
    if found not in allowed:
        raise SystemExit(f"found {found}, not one of {allowed}")
    return found


def figures_in(url: str) -> Figures:
    """Count and add up what a database holds; SQLite exactly too, and as people would."""
    one, amount = "SELECT count(*) FROM", "amount_year"
    rows = reader(url)
    try:
        projects, sums = rows(f"SELECT count(*), sum({amount}) FROM {FORM}_project")[0]
        (indicators,) = rows(f"{one} {FORM}_indicator")[0]
        (orphans,) = rows(
            f"{one} {FORM}_indicator i WHERE NOT EXISTS (SELECT 1 FROM {FORM}_project p WHERE"
            " p.fy = i.fy AND p.district = i.district AND p.unit_code = i.unit_code"
            " AND p.version = i.version AND p.record = i.record)"
        )[0]
        if orphans:
            raise SystemExit(f"{orphans} indicators without a project")
        if url.startswith("sqlite"):
            (exact,) = rows(f"SELECT sum({amount}_x100) FROM {FORM}_project")[0]
            if abs(Decimal(str(sums or 0)) * 100 - (exact or 0)) > Decimal("0.5"):
                raise SystemExit(f"{sums} is not {exact}")
            sums = Decimal(exact or 0) / 100
    except (sqlite3.OperationalError, duckdb.CatalogException, psycopg.errors.UndefinedTable):
        return 0, 0, Decimal(0)
    return projects, indicators, Decimal(str(sums or 0))


def reader(url: str) -> Callable[[str], list[tuple[Any, ...]]]:
    """What runs a query."""
    where = url.partition(":///")[2]
    if url.startswith("sqlite"):
        return lambda query: sqlite3.connect(where).execute(query).fetchall()
    if url.startswith("duckdb"):

        def in_duckdb(query: str) -> list[tuple[Any, ...]]:
            with duckdb.connect(where) as connection:
                return connection.execute(query).fetchall()

        return in_duckdb

    def in_postgres(query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).fetchall()

    return in_postgres


def empty(url: str) -> None:
    """Begin again: no file, or nothing in the schema."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    else:
        for path in beside(url):
            path.unlink()


def left_behind(url: str) -> list[str]:
    """What lies beside the database."""
    if url.startswith("postgresql"):
        found = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return [str(row) for row in reader(url)(found) if row != (0,)]
    return sorted(path.name for path in beside(url))[1:]


def beside(url: str) -> list[Path]:
    """The files of a database."""
    where = Path(url.partition(":///")[2])
    return [path for path in where.parent.iterdir() if path.name.startswith(where.name)]


def _timed(title: str, folder: Path, url: str) -> float:
    began = time.monotonic()
    said = ended(start(folder, url))
    seconds = time.monotonic() - began
    print(f"{title}: {seconds:.1f} s, {said}", flush=True)
    return seconds


def _one(folder: Path, url: str) -> int:
    """Load once, and say what came of it and how much memory it took."""
    form = load_form(FORM)
    loaded = databases.load_result(folder, form, url)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(f"{loaded}, {int(peak) // 1024} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
