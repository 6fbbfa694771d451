"""Results of earlier runs, kept in the campaign's folder: a file that is known need not be read again.

`.xltool/checked/` holds, for everything else that decides what is found (`state_of`), the parts of
earlier runs. A file is known by its SHA-256 only. Whatever changes, nothing kept is asked any more; all
of it may be deleted at any time. What is compared between workbooks, waived or sent is never kept: it is
worked out in each run. What the lists say of projects lies there too. JSON and Arrow only: whoever can write
into the folder cannot make us run anything.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from xltool.checking.drawers import as_bytes
from xltool.checking.judging import references
from xltool.checking.mix_ups import (
    KNOWN_PROJECTS,
    PREFILLED,
    Owners,
    known_projects,
    prefilled_now,
)
from xltool.checking.opinions import Watched
from xltool.checking.parts import Judged, KnownPart, Order, Part, Table
from xltool.errors import OfficeError
from xltool.files import appearing
from xltool.form.edition import Recipe, edition_of
from xltool.office.campaign import PRIVATE, Campaign
from xltool.office.kept_forms import FOLDER, kept_folder
from xltool.office.list_files import list_file
from xltool.office.projects import PROJECTS
from xltool.returns.explanations import Explanation
from xltool.returns.submissions import Sender, Submission, today
from xltool.version import __version__

_FOLDER = PRIVATE / "checked"
_HOME = Path(__file__).parents[2]
_SOURCES = ("xltool", "validators", "templates")  # whose text decides what is found
_STATES = 3  # so many states of the campaign are kept, the last ones
_SUBMISSION = ("sha256", "seal", "issued", "expected", "records", "looked_at")


@dataclass(frozen=True)
class Kept:
    """What is kept for one state of a campaign: its folder, and the part files that are known."""

    folder: Path
    campaign: Campaign
    forms: frozenset[str] = frozenset()  # earlier ones that may be loaded (`office.kept_forms`)
    _parts: dict[str, Path] = field(default_factory=dict)  # sha256 → file of the part

    @classmethod
    def of(cls, order: Order) -> Kept | None:
        """What is kept for a run; None without a campaign, in whose folder it lies.

        Raises OfficeError where a list of the campaign is wrong.
        """
        if order.campaign is None:
            return None
        forms = frozenset(order.settings.earlier.values())
        folder = order.campaign.folder / _FOLDER / state_of(order)
        kept = cls(folder, order.campaign, forms)
        kept._forget_others()
        for path in sorted(kept.folder.glob("*.jsonl")) if kept.folder.is_dir() else ():
            kept._parts.update(dict.fromkeys(_digests(path), path))
        return kept

    def among(self, digests: Mapping[int, str]) -> dict[int, str]:
        """Those of some files, by their numbers and digests, of which a part should be there."""
        return {number: digest for number, digest in digests.items() if digest in self._parts}

    def known(self, digests: Mapping[int, str]) -> Iterator[tuple[Sequence[int | None], KnownPart]]:
        """The kept parts of the files with these digests, which are given by the numbers of the files.

        Each comes with the numbers of its workbooks; None for one that nobody asks for.
        """
        wanted: dict[Path, dict[str, list[int]]] = {}
        for number, digest in digests.items():
            if (path := self._parts.get(digest)) is not None:
                wanted.setdefault(path, {}).setdefault(digest, []).append(number)
        for path, numbers in wanted.items():
            part = self._load(path)
            if part is None:
                continue
            for places in _rounds([numbers.get(j.submission.sha256, []) for j in part.judged]):
                yield places, part

    def keep(self, part: Part) -> None:
        """Keep what can be known again of a part: workbooks that were read without any failure."""
        places = [n for n, j in enumerate(part.judged) if j.submission.problem is None]
        if not places:
            return
        name = secrets.token_hex(16)
        with suppress(OSError):  # whoever may only read the folder can check all the same
            frames = []
            for number, (table, frame) in enumerate(part.narrow.items()):
                content = as_bytes(_of(frame, places))
                frames.append([*table, hashlib.sha256(content).hexdigest()])
                with appearing(self._frame(name, number, table)) as file:
                    file.write_bytes(content)
            digests = [part.judged[place].submission.sha256 for place in places]
            document = {
                "files": [_packed(part.judged[place]) for place in places],
                "frames": frames,
            }
            with appearing(self.folder / f"{name}.jsonl") as file:  # what it is about: one line
                file.write_text(f"{json.dumps(digests)}\n{json.dumps(document)}", encoding="ascii")

    def owners(self) -> Owners:
        """Whose projects are whose. Raises OfficeError where the campaign's lists are wrong."""
        return Owners(self._of_lists("projects", KNOWN_PROJECTS, known_projects))

    def prefilled(self) -> dict[str, str]:
        """What the units would be prefilled with now, as digests by their codes."""
        return dict(self._of_lists("prefilled", PREFILLED, prefilled_now).iter_rows())

    def _of_lists(
        self, name: str, schema: Mapping[str, pl.DataType], make: Callable[[Campaign], pl.DataFrame]
    ) -> pl.DataFrame:
        """What the campaign's lists say, as it is kept, else made of them and kept."""
        path = self.folder / f"{name}.arrow"
        with suppress(OSError, pl.exceptions.PolarsError):
            known = pl.read_ipc(path.read_bytes())
            if known.schema == schema:
                return known
        found = make(self.campaign)
        with suppress(OSError), appearing(path) as file:
            file.write_bytes(as_bytes(found))
        return found

    def _frame(self, name: str, number: int, table: Table) -> Path:
        return self.folder / f"{name}-{number}-{table[1]}.arrow"

    def _load(self, path: Path) -> KnownPart | None:
        """A kept part; None for one that is damaged or gone."""
        try:
            document = json.loads(path.read_text(encoding="ascii").partition("\n")[2])
            narrow = {
                (form, table): _whole(self._frame(path.stem, number, (form, table)), digest)
                for number, (form, table, digest) in enumerate(document["frames"])
            }
            return KnownPart([self._unpacked(row) for row in document["files"]], narrow)
        except (OSError, ValueError, KeyError, TypeError, OfficeError):
            return None

    def _unpacked(self, row: Mapping[str, Any]) -> Judged:
        found = Submission("", **{name: row[name] for name in _SUBMISSION})
        found.sender = Sender(**row["sender"]) if row["sender"] else None
        if row["recipe"]:
            found.edition = edition_of(self._recipe(row["recipe"]))
        if row["issued_as"]:
            found.issued_as = self._recipe(row["issued_as"])
        sheets, tables = tuple(row["sheets"]), tuple(row["tables"])
        watched = {words: Watched(*cell) for words, cell in row["watched"].items()}
        said = tuple(Explanation(*each) for each in row["explanations"])
        return Judged(found, row["findings"], sheets, tables, row["issued_with"], watched, said)

    def _recipe(self, packed: Sequence[Any]) -> Recipe:
        """A recipe again; it loads no other code than a run without anything kept would."""
        form, own, *rest = packed
        if own not in ("", None) and own not in self.forms:
            raise ValueError(own)
        ours = self.campaign.folder
        folder = ours if own == "" else own and kept_folder(ours, own)
        return Recipe(form, folder, *rest)

    def _forget_others(self) -> None:
        """Delete what was kept of states that were long ago."""
        with suppress(OSError):
            states = sorted(
                (path for path in self.folder.parent.iterdir() if path != self.folder),
                key=lambda path: path.stat().st_mtime,
            )
            for path in states[: -(_STATES - 1)]:
                shutil.rmtree(path, ignore_errors=True)


def _whole(path: Path, digest: str) -> bytes:
    """What was kept in a file. Raises ValueError where it is not as it was."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(path)
    return content


def _digests(path: Path) -> list[str]:
    """The digests of the files that a kept part is about; none where it is damaged."""
    try:
        with path.open(encoding="ascii") as file:
            return [str(digest) for digest in json.loads(file.readline())]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _rounds(numbers: Sequence[Sequence[int]]) -> Iterator[list[int | None]]:
    """The numbers of workbooks, some of which were handed in several times: each once in each round."""
    for turn in range(max(map(len, numbers), default=0)):
        yield [some[turn] if turn < len(some) else None for some in numbers]


def _of(frame: pl.DataFrame, places: Sequence[int]) -> pl.DataFrame:
    """The rows of some workbooks, numbered by their places among these."""
    new = pl.DataFrame({"workbook": places}, schema={"workbook": pl.UInt32}).with_row_index("@new")
    found = frame.join(new, on="workbook", how="inner", maintain_order="left")
    return found.with_columns(workbook=pl.col("@new").cast(pl.UInt32)).drop("@new")


def _packed(judged: Judged) -> dict[str, Any]:
    """A workbook as JSON: all but its file, and how new that is."""
    found = judged.submission
    return {
        **{name: getattr(found, name) for name in _SUBMISSION},
        "sender": asdict(found.sender) if found.sender else None,
        "recipe": found.edition and _plain(found.edition.recipe),
        "issued_as": found.issued_as and _plain(found.issued_as),
        "findings": judged.findings,
        "sheets": judged.sheets,
        "tables": judged.tables,
        "issued_with": judged.issued_with,
        "explanations": [astuple(each) for each in judged.explanations],
        "watched": {words: astuple(cell) for words, cell in judged.watched.items()},
    }


def _plain(recipe: Recipe) -> list[Any]:
    """A recipe as JSON: of its folder, whether it is the campaign's, or else the digest of a kept form."""
    own = recipe.own
    place = own and (own.name if own.parent.name == FOLDER else "")
    return [recipe.form, place, recipe.changes, recipe.rows, recipe.fy, recipe.zero_budget]


def state_of(order: Order) -> str:
    """A digest of everything beside the files that decides what is found in one: see the module.

    Raises OfficeError where a list of the campaign is wrong.
    """
    state = hashlib.sha256()
    for word in (*program(), *_told(order)):
        state.update(hashlib.sha256(word).digest())
    return state.hexdigest()[:32]


@cache
def program() -> list[bytes]:
    """The program: its version and that of polars, and the texts of all its modules, forms and layouts."""
    return [__version__.encode(), pl.__version__.encode(), *_texts(_HOME, _SOURCES)]


def _texts(folder: Path, names: Iterable[str]) -> Iterator[bytes]:
    """The names and contents of all files below some folders that say how forms are read and judged."""
    for name in names:
        for path in sorted((folder / name).rglob("*")):
            if path.suffix in (".py", ".j2", ".csv") and path.is_file():
                yield path.relative_to(folder).as_posix().encode()
                yield path.read_bytes()


def _told(order: Order) -> Iterator[bytes]:
    """What the office says: its settings, lists and forms."""
    campaign = order.campaign
    yield repr(order.settings).encode("utf-8", "surrogatepass")
    if campaign is None:
        return
    yield from _texts(campaign.folder, ("validators", "templates"))
    if (campaign.folder / "validators").is_dir():
        yield today().isoformat().encode()  # its rules may look at the date
    for each in (_settings(campaign), *campaign.units.items()):
        yield repr(each).encode("utf-8", "surrogatepass")
    yield from _projects(campaign)
    yield repr([(each.unit, each.place) for each in campaign.opinions]).encode()
    for rule in campaign.form.rules:
        for wanted in references(rule).values():
            frame = campaign.reference(wanted)
            yield wanted.file.encode() + (b"" if frame is None else frame.write_csv().encode())


def _projects(campaign: Campaign) -> Iterator[bytes]:
    """What the office says of projects: the list as it is, which need not be read then; else what is approved."""
    path = list_file(campaign.folder, PROJECTS)
    if campaign.targets is None:
        yield path.suffix.encode() + (path.read_bytes() if path.is_file() else b"")
    else:
        yield from (
            repr(each).encode("utf-8", "surrogatepass") for each in campaign.projects.items()
        )


def _settings(campaign: Campaign) -> list[object]:
    """What a campaign holds beside its form, which is text, and its lists."""
    names = (
        *("fy", "title", "district", "deadline", "contact", "spare", "changes", "rows"),
        *("zero_budget", "severities", "unsealed", "limits", "prefills"),
    )
    return [campaign.form.id, *(getattr(campaign, name) for name in names)]
