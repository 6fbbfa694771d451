"""Kill real runs at random moments and look at what stands there: python tests/tools/kill_runs.py 200

Half of the moments lie anywhere in a run, half between the first file that it writes and its end. After
each there must stand the whole old result or the whole new one, beside the files of others; and the
next run must make the new one and leave nothing of the killed one.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from helpers import answers, fill_unit, make_campaign
from merges import files

from xltool.merging.sealing import read_seal, refuse_altered
from xltool.office.campaign import Campaign

NOTES = "批注/记录.txt"  # somebody else's
Files = dict[str, bytes]


@dataclass(frozen=True)
class Case:
    """A command that puts a new result in the place of an old one.

    `reset` puts the old one there. `folder` holds the result `out` and nothing else, `temporary` what
    the system's folder for temporary files would hold.
    """

    name: str
    words: Sequence[object]
    folder: Path
    temporary: Path
    reset: Callable[[], None]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "xltool", *map(str, self.words)]
        quiet = subprocess.DEVNULL
        surroundings = {**os.environ, "TMPDIR": str(self.temporary)}
        return subprocess.Popen(command, stdout=quiet, stderr=quiet, env=surroundings)

    def found(self) -> Files:
        """What stands in the place of the result; that of a merge is as its own manifest says.

        When it was merged, as which one, and what changed since are of each merge.
        """
        found = files(self.out) if self.out.exists() else {}
        if "manifest.json" in found:
            refuse_altered(self.out, read_seal(self.out).manifest)
        return {name: found[name] for name in found if name not in OF_EACH_MERGE}

    def litter(self) -> list[str]:
        """All that there is else."""
        return [p.name for f in (self.folder, self.temporary) for p in f.iterdir() if p != self.out]


OF_EACH_MERGE = ("manifest.json", "manifest.sig", "变更.csv")


def merging(base: Path) -> Case:
    """Two returns were merged; now it is five."""
    campaign = make_campaign("declaration", base / "office")
    back = _returns(campaign, base / "back")
    first = base / "first"
    first.mkdir()
    for path in sorted(back.iterdir())[:2]:
        shutil.copyfile(path, first / path.name)
    out = base / "result" / "out"
    to_out = ("--campaign", campaign.folder, "--accept-warnings", "--out", out)
    return _case("merge", ("merge", back, *to_out), ("merge", first, *to_out), base)


def issuing(base: Path) -> Case:
    """The form was changed after it had been issued to some units of several."""
    campaign = make_campaign("declaration", base / "office")
    to_out = ("--out", base / "result" / "out")
    case = _case(
        "issue", ("issue", campaign.folder, *to_out), ("issue", campaign.folder, *to_out), base
    )
    settings = campaign.folder / "campaign.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('password = ""', 'password = "changed"'), encoding="utf-8")
    return case


def returning(base: Path) -> Case:
    """Copies went back once; the returns have other mistakes now."""
    campaign = make_campaign("declaration", base / "office")
    out = base / "result" / "out"
    words: list[Sequence[object]] = []
    for folder, blank in (("first", ["测算依据"]), ("second", ["测算依据", "年度目标"])):
        back = _returns(campaign, base / folder, blank)
        words.append(("check", back, "--campaign", campaign.folder, "--return", out))
    return _case("check --return", words[1], words[0], base)


CASES = (merging, issuing, returning)


def _case(name: str, words: Sequence[object], older: Sequence[object], base: Path) -> Case:
    """A case whose old result other words make."""
    old, result, temporary = base / "old", base / "result", base / "temporary"
    result.mkdir()
    temporary.mkdir()
    run(older, temporary)
    shutil.move(result / "out", old)
    (old / NOTES).parent.mkdir()
    (old / NOTES).write_text("dear", encoding="utf-8")

    def reset() -> None:
        shutil.rmtree(result)
        shutil.copytree(old, result / "out")

    return Case(name, words, result, temporary, reset)


def run(words: Sequence[object], temporary: Path) -> None:
    """Run a command to its end."""
    command = [sys.executable, "-m", "xltool", *map(str, words)]
    surroundings = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(command, capture_output=True, env=surroundings, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()


def _returns(campaign: Campaign, folder: Path, blank: Iterable[str] = ()) -> Path:
    """A folder with the returns of all units; `blank` is left blank in their first projects."""
    folder.mkdir()
    for unit in campaign.units:
        data = answers("declaration", unit)
        data["projects"][0] |= dict.fromkeys(blank, "")
        fill_unit(campaign, unit, data, folder / f"{unit}.xlsx")
        (folder / f"{unit}.json").unlink()
    return folder


def campaign_of_kills(case: Case, times: int, seed: int = 0) -> Counter[str]:
    """Kill so many runs; returns how often there stood what, and how often something was left."""
    chance = random.Random(seed)
    case.reset()
    old = case.found()
    begun = time.monotonic()
    run(case.words, case.temporary)
    whole = time.monotonic() - begun
    new = case.found()
    assert new != old
    assert new[NOTES] == old[NOTES]
    assert case.litter() == []
    counts: Counter[str] = Counter()
    writing = 0.3
    for number in range(times):
        case.reset()
        process = case.start()
        begun = time.monotonic()
        if number % 2:  # while it writes
            while process.poll() is None and not any(n.endswith(".tmp") for n in case.litter()):
                time.sleep(0.0005)
            time.sleep(chance.random() * writing)
        else:
            time.sleep(chance.random() * whole)
        ended = process.poll() is not None
        if number % 2:  # so that half of these moments come before the end
            writing *= 0.8 if ended else 1.1
        process.kill()
        process.wait()
        found, litter = case.found(), case.litter()
        assert found in (old, new), (case.name, number, found.keys(), litter)
        counts["ended before"] += ended
        counts["old" if found == old else "new"] += 1
        counts["something left"] += bool(litter)
        counts["temporary folder left"] += any(name.endswith((".tmp", ".old")) for name in litter)
        if litter:
            run(case.words, case.temporary)
            assert case.found() == new, (case.name, number)
            assert case.litter() == [], (case.name, number, case.litter())
            counts["cleaned by the next run"] += 1
    return counts


def main(times: int, names: Sequence[str] = ()) -> None:
    """Kill so many runs of each command, or of those named, and say what came of it."""
    for case_of in [each for each in CASES if not names or each.__name__ in names]:
        base = Path(tempfile.mkdtemp(prefix="xltool-kills-"))
        try:
            begun = time.monotonic()
            case = case_of(base)
            counts = campaign_of_kills(case, times)
            words = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
            spent = time.monotonic() - begun
            sys.stdout.write(f"{case.name}: {times} killed; {words} ({spent:.0f} s)\n")
            sys.stdout.flush()
        finally:
            shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    os.environ["XLTOOL_TODAY"] = "2026-11-21"
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, sys.argv[2:])
