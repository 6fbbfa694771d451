"""`make bench`: what xltool costs beside what else does the same, in one run, as ratios.

Prints a table and writes everything as JSON. Never a timed test. `python run.py --help` names the sizes.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from measuring import Answer, Bench, Sizes

ROOT = Path(__file__).parents[2]
QUESTIONS = ("issue", "check", "merge", "start", "growth", "workers")  # modules bench_…
_RETURNS = (
    "Returns of the form futian_2024_declaration, without a mistake. One is issued and filled as every "
    "return is; the others are its package with another unit, other project codes and names, that unit's "
    "name in every sentence, and a seal that is really signed for it: no two alike "
    "(tests/benchmarks/many_returns.py)."
)
_LIBRARIES = (
    *("xltool", "polars", "pandera", "python-calamine", "xlsxwriter", "openpyxl", "lxml"),
    "distributed",
)


def main(words: Sequence[str] | None = None) -> None:
    """Measure what is asked for; print it and write it down."""
    chosen = _parsed(words)
    sizes = Sizes(chosen.rounds, chosen.units, chosen.returns, chosen.projects)
    found, questions = _circumstances(), {}
    with tempfile.TemporaryDirectory(prefix="xltool-bench-") as folder:
        bench = Bench(Path(folder), sizes)
        for name in chosen.only or QUESTIONS:
            start = time.perf_counter()
            answer: Answer = importlib.import_module(f"bench_{name}").measured(bench)
            took = time.perf_counter() - start
            questions[name] = {**asdict(answer), "took": round(took, 1)}
            print("\n".join(table(answer)), flush=True)
    found |= {"sizes": asdict(sizes), "returns": _RETURNS, "questions": questions}
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_rounded(found), ensure_ascii=False, indent=1)
    chosen.out.write_text(text + "\n", encoding="utf-8")
    print(f"{chosen.out}: {len(questions)} questions")


def _parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ratios, measured side by side.")
    parser.add_argument("--rounds", type=int, default=Sizes.rounds, help="how often each is run")
    parser.add_argument("--units", type=int, default=Sizes.units, help="workbooks of a comparison")
    parser.add_argument("--returns", type=int, default=Sizes.returns, help="most of the growth")
    parser.add_argument("--projects", type=int, default=Sizes.projects, help="of each unit")
    parser.add_argument("--only", nargs="*", choices=QUESTIONS, help="these questions only")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks.json")
    return parser.parse_args(words)


def table(answer: Answer) -> Iterator[str]:
    """An answer as lines of plain text."""
    yield answer.title
    yield f"  {'':72} {'CPU each':>10} {'wall each':>10} {'peak':>9}"
    for row in answer.rows:
        cpu, wall = (f"{1000 * t / row.count:.1f} ms" for t in (row.cpu, row.wall))
        yield f"  {row.what:72} {cpu:>10} {wall:>10} {row.peak:6.0f} MiB"
    for ratio in answer.ratios:
        cpu, wall, peak = (f"{value:.2f} ×" for value in (ratio.cpu, ratio.wall, ratio.peak))
        words = f"{ratio.of} / {ratio.to}".replace("_", " ")
        yield f"  {words:72} {cpu:>10} {wall:>10} {peak:>10}"
    yield ""


def _circumstances() -> dict[str, Any]:
    """When, of what and where it was measured."""
    return {
        "date": f"{datetime.now():%Y-%m-%d}",
        "commit": _commit(),
        "machine": {
            "cpu": _read("/proc/cpuinfo", "model name"),
            "cores": len(os.sched_getaffinity(0)),
            "memory_gib": round(int(_read("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
            "system": platform.system(),
            "kernel": platform.release(),
            "load_before": round(os.getloadavg()[0], 2),  # a quiet machine has next to none
        },
        "versions": {"python": platform.python_version(), **dict(_versions())},
    }


def _commit() -> str:
    """The commit that is measured, with a + where files differ from it."""
    git = ["git", "-C", str(ROOT)]
    found = subprocess.run(
        [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        [*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() + ("+" if changed.stdout.strip() else "") or "unknown"


def _read(path: str, name: str) -> str:
    """What a file of the system says under a name; the first one counts."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown"
    )


def _versions() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _rounded(found: Any) -> Any:
    """The same with four digits after the point that tell something."""
    if isinstance(found, dict):
        return {key: _rounded(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [_rounded(value) for value in found]
    return float(f"{found:.4g}") if isinstance(found, float) else found


if __name__ == "__main__":
    main()
