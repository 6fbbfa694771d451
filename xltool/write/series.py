"""The workbooks of many units, in their order: made in this process, or by several."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from xltool.files import folder_beside
from xltool.form.edition import Recipe, canonical, edition_of
from xltool.office.campaign import Campaign
from xltool.office.lists import with_lists
from xltool.office.seal import Issue
from xltool.workbook import workers
from xltool.write.patterns import Workbooks

Sealed = tuple[Issue, str]  # what a unit is issued, and the text of its seal

_EACH = 100  # workbooks that are worth a process of their own
_BATCH = 25  # workbooks that a process makes at a time
_SECONDS, _MEMORY = 3600, 4 << 30  # for a batch: ample, as all of it is the office's own


@dataclass(frozen=True)
class Edition:
    """What the workbooks of a campaign are of, as plain data."""

    recipe: Recipe
    severities: tuple[tuple[str, str], ...]
    password: str


def workbooks(
    campaign: Campaign,
    sealed: Sequence[Sealed],
    folder: Path,
    jobs: int | None,
    progress: Callable[[int, int], None],
) -> Generator[bytes, None, None]:
    """Yield the blank workbook of each unit.

    `jobs` is the number of processes, by default that of the processors; few units are not worth
    several. What these make lies in a folder beside `folder` until it is taken. `progress` is called
    with the number of workbooks that are made and of all.
    """
    jobs = min(jobs or os.cpu_count() or 1, len(sealed) // _EACH)
    if jobs > 1:
        yield from _by_several(campaign, sealed, folder, jobs, progress)
        return
    here = _here(campaign)
    for number, (issue, seal_text) in enumerate(sealed):
        progress(number, len(sealed))
        yield here.make(issue, seal_text)


def make_batch(edition: Edition, folder: Path, first: int, sealed: Sequence[Sealed]) -> None:
    """Write the workbooks of some units into a folder, named by their numbers from `first` on.

    Runs in a worker.
    """
    for number, (issue, seal_text) in enumerate(sealed, first):
        (folder / str(number)).write_bytes(_workbooks_of(edition).make(issue, seal_text))


def _by_several(
    campaign: Campaign,
    sealed: Sequence[Sealed],
    folder: Path,
    jobs: int,
    progress: Callable[[int, int], None],
) -> Generator[bytes, None, None]:
    """The workbooks made by `jobs` processes; here what these left because they were killed."""
    edition = _edition(campaign)
    with folder_beside(folder) as beside:
        tasks = [
            (edition, beside, first, sealed[first : first + _BATCH])
            for first in range(0, len(sealed), _BATCH)
        ]

        def made(batches: int, _: int) -> None:
            progress(min(batches * _BATCH, len(sealed)), len(sealed))

        done = workers.run(make_batch, tasks, jobs, _SECONDS, _MEMORY, made)
        here = _here(campaign)
        for number, (issue, seal_text) in enumerate(sealed):
            if done[number // _BATCH] is None:
                yield (beside / str(number)).read_bytes()
            else:
                yield here.make(issue, seal_text)


def _here(campaign: Campaign) -> Workbooks:
    """What makes a campaign's workbooks in this process."""
    form = with_lists(campaign.form, campaign.folder).with_severities(campaign.severities)
    return Workbooks(form, campaign.layout, campaign.password)


def _edition(campaign: Campaign) -> Edition:
    """What other processes need to know of a campaign."""
    changes, rows = canonical(campaign.changes), canonical(campaign.rows)
    recipe = Recipe(
        campaign.form.id, campaign.folder, changes, rows, campaign.fy, campaign.zero_budget
    )
    return Edition(recipe, tuple(campaign.severities.items()), campaign.password)


@lru_cache(maxsize=1)
def _workbooks_of(edition: Edition) -> Workbooks:
    """The same in a worker: it keeps what it learns from one batch for the next."""
    found = edition_of(edition.recipe)
    form = with_lists(found.form, edition.recipe.own).with_severities(dict(edition.severities))
    return Workbooks(form, found.layout, edition.password)
