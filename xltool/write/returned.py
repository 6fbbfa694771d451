"""The copy that goes back to a unit: its own values, every problem marked, all else as issued.

It is written anew from the seal, so whatever the unit broke (protection, validations, moved rows)
is restored; the seal says what was issued, and in which round it goes back (`write.rounds`).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from xltool.errors import OfficeError
from xltool.files import folder_beside
from xltool.form.edition import Edition
from xltool.form.own_sheets import FRONT
from xltool.office.campaign import Campaign
from xltool.office.lists import with_lists
from xltool.office.seal import Issue
from xltool.publishing import being_made, publish
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding, Found
from xltool.write.book import is_as_written
from xltool.write.carried_over import NotCarriedError, carried_over
from xltool.write.front_states import EXPLAINED, LOOK, MEND, MENDED, REFILL
from xltool.write.returned_contents import contents_of
from xltool.write.rounds import Rounds
from xltool.write.submission import Contents, write_submission

_NAMED = 5  # files that a line names
_TWICE = "XW-001"  # several returns of a unit: nobody knows yet which one is to be mended


@dataclass(frozen=True)
class Copy:
    """A copy that goes back, for the place `path`; `number` is that of its submission."""

    number: int
    round: int
    path: Path
    submission: Submission
    edition: Edition
    issue: Issue
    seal_text: str
    contents: Contents

    def write(self, path: Path, campaign: Campaign | None) -> Sequence[str]:
        """Write it to `path`, as the campaign wants its workbooks: its password, its severities.

        Returns the states of what is listed on its first page.
        """
        form = with_lists(self.edition.form, campaign.folder if campaign else None)
        form = form.with_severities(campaign.severities if campaign else {})
        password = campaign.password if campaign else ""
        return write_submission(
            path,
            form,
            self.edition.layout,
            self.issue,
            self.seal_text,
            password,
            self.contents,
        )

    @property
    def told(self) -> Sequence[Finding]:
        """What its first page tells, at its place there: `mended` is what the copy has mended by itself."""
        return [line.as_sent for line in self.contents.front]

    def words(self, states: Sequence[str]) -> str:
        """Whose it is and how much is to do there: `106001 云岭区政务服务中心，5 处要改，1 处已恢复`."""
        counts = (
            (states.count(MEND) + states.count(REFILL), "处要改"),
            (states.count(LOOK), "处请核对"),
            (states.count(EXPLAINED), "处已说明"),
            (states.count(MENDED), "处已恢复"),
        )
        said = [f"{count} {words}" for count, words in counts if count]
        return "，".join([f"{self.issue.unit} {self.issue.unit_name}", *said])


def write_returned(
    batch: Batch, verdict: Found, folder: Path, *, with_warnings: bool = False
) -> tuple[dict[int, Path], list[str]]:
    """Write a copy to send back for each submission with errors of the unit; see `returned_copies`.

    Returns the files in `folder` by the numbers of their submissions, and a line in Chinese for each
    submission of which no copy can be written.
    """
    copies, notes = returned_copies(batch, verdict, folder, with_warnings=with_warnings)
    write_copies(copies, folder, batch.campaign)
    return {copy.number: copy.path for copy in copies}, notes


def write_copies(copies: Sequence[Copy], folder: Path, campaign: Campaign | None) -> list[str]:
    """Write copies into their folder: all appear at once, and what else lies there stays.

    Returns a line for each: its file, whose it is, how much is to do. Raises OfficeError while another run
    writes there, and OSError where the system refuses: a full disk, a file open elsewhere; the folder is as
    before then.
    """
    if not copies:
        return []
    with being_made(folder, "写退回件到这里"), folder_beside(folder) as new:
        states = [copy.write(new / copy.path.name, campaign) for copy in copies]
        publish(new, folder, [copy.path.name for copy in copies])
    return [f"{c.path}：{c.words(found)}" for c, found in zip(copies, states, strict=True)]


def returned_copies(
    batch: Batch,
    verdict: Found,
    folder: Path,
    *,
    with_warnings: bool = False,
    units: Collection[str] = (),
) -> tuple[list[Copy], list[str]]:
    """The copies to send back, for each submission with errors; nothing is written.

    They say what the unit is to mend; where an error is the office's own, there is no copy before that is
    mended, nor where the unit has warnings only, but for `with_warnings`. `units` are those whose copies are wanted:
    none for all. Each is made by the form and layout
    that its own seal names, of an earlier issue by the newest (`carried_over`). Returns them, and a line in
    Chinese for each submission of which no copy can be made: because it has no valid seal, or because its
    rows have no room in the form. Raises OfficeError where a file stands in the place of a copy that is not
    the copy of an earlier run, untouched.
    """
    copies: list[Copy] = []
    notes: list[str] = []
    rounds = Rounds(batch.campaign)
    faulty, passed_over = (
        [n for n in some if not units or batch.submissions[n].unit in units]
        for some in _to_return(batch, verdict, with_warnings=with_warnings)
    )
    for number, submission in batch.whole(faulty):
        try:
            copies.append(_copy(number, submission, verdict, batch, folder, rounds))
        except _NoCopyError as error:
            notes.append(f"{Path(submission.file).name}：{error}")
    return copies, [*notes, *_without_errors(batch, passed_over)]


class _NoCopyError(Exception):
    """There can be no copy of a submission; the text says in Chinese why, and what to do."""


def _copy(
    number: int, submission: Submission, verdict: Found, batch: Batch, folder: Path, rounds: Rounds
) -> Copy:
    """The copy of a submission. Raises _NoCopyError where there can be none."""
    told, came = verdict.of(number), submission
    if any(f.code == _TWICE and f.severity == "error" for f in told):
        raise _NoCopyError("本单位交了几份不同的表，未生成退回件；请先确认以哪一份为准")
    if submission.seal == "superseded":
        try:
            carried = carried_over(submission, told, batch)
        except NotCarriedError as error:
            raise _NoCopyError(f"{error}，未生成退回件") from error
        submission, told = carried.submission, carried.findings
    offices = [f for f in told if f.severity == "error" and not f.is_the_units]
    if offices:
        is_form = all(f.code == "TPL-001" for f in offices)  # the office changed it since
        step = "请先重新下发改过的表" if is_form else "请先更正预填或锁定的内容，重新下发"
        raise _NoCopyError(f"待本级处理，未生成退回件；{step}")
    edition, issue = submission.edition, submission.issue
    if edition is None or issue is None or submission.seal not in ("ok", "unlisted"):
        raise _NoCopyError("没有可用的签发信息，未生成退回件，请让单位用原表重填")
    findings = [f for f in told if _is_to_mend(f) or (f.severity == "info" and f.mended)]
    contents = contents_of(submission, edition, issue, findings)
    if contents is None:
        raise _NoCopyError("有内容放不进原表（多出的行或工作表），未生成退回件，请让单位用原表重填")
    turn = rounds.round_of(came)
    path = folder / rounds.name(Path(submission.file).stem, turn, submission.sha256)
    if os.path.lexists(path) and not is_as_written(path, FRONT):
        raise OfficeError(
            "这里已有同名的文件，不是以前写出的退回件，或者写出后改过，不会覆盖；"
            "请移走，或用另一个文件夹",
            path,
        )
    sealed = rounds.sealed(issue, submission.seal_text, turn)
    return Copy(number, turn, path, submission, edition, issue, sealed, contents)


def _to_return(batch: Batch, verdict: Found, *, with_warnings: bool) -> tuple[list[int], list[int]]:
    """The numbers of the submissions to send back, and of those that have warnings only.

    One that was handed in several times goes back once.
    """
    faulty: list[int] = []
    passed_over: list[int] = []
    for number, submission in enumerate(batch.submissions):
        found = [f for f in verdict.of(number) if _is_to_mend(f)]
        if submission.same_as is not None or not found:
            continue
        has_errors = any(f.severity == "error" for f in found)
        (faulty if has_errors or with_warnings else passed_over).append(number)
    return faulty, passed_over


def _without_errors(batch: Batch, numbers: Sequence[int]) -> list[str]:
    """The line on what has warnings only."""
    if not numbers:
        return []
    names = [Path(batch.submissions[number].file).name for number in numbers]
    more = f" 等 {len(names)} 份" if len(names) > _NAMED else ""
    return [
        f"只有提醒，未生成退回件（要生成的加 --with-warnings）：{'、'.join(names[:_NAMED])}{more}"
    ]


def _is_to_mend(finding: Finding) -> bool:
    """True for an error or a warning of the unit; an error of the office keeps the copy back."""
    return finding.severity != "info" and (finding.is_the_units or finding.severity == "error")
