"""催报: what to write to each unit, by where it stands: the one owner of these texts, also of those of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xltool.office.campaign import Campaign
from xltool.office.check_log import LogLine
from xltool.office.standing import Standing
from xltool.prose.text import printable
from xltool.report.last_check import LastCheck, Problem
from xltool.report.status import UnitStatus
from xltool.write.front_states import CARRIED
from xltool.write.tables import Sheet, write_tables

_LINES = 10  # problems that a text lists; what is more is counted
_CELLS = 6  # cells of one problem that it names
_COLUMNS = (
    *("单位代码", "单位名称", "主管部门", "状态", "错误", "提醒", "退回次数", "文件"),
    *("截止日期", "催报文字"),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to units about a form: what it is called, until when it is wanted, whom to ask."""

    title: str
    deadline: date | None = None
    contact: str = ""

    @classmethod
    def of(cls, campaign: Campaign) -> Writer:
        """The one of a campaign."""
        return cls(campaign.title, campaign.deadline, campaign.contact)

    def text(
        self,
        whom: str,
        standing: Standing | None,
        problems: Sequence[Problem] = (),
        *,
        is_unsealed: bool = False,
    ) -> str:
        """What to write to a unit that stands there, with its problems as they were found last.

        Where a copy went back, they are as the copy tells them. `is_unsealed`: it did not hand in the workbook that
        it was issued. Empty where nothing is expected of it: it passed, was merged, or waits for the office.
        """
        what, lists = self._what(standing, problems, is_unsealed=is_unsealed)
        if not what:
            return ""
        is_sent = standing is not None and standing.is_sent_back
        lines = list(_listed(problems, is_sent)) if lists else []
        listed = "：\n" + "\n".join(lines) + "\n" if lines else "。"
        head = f"【{printable(whom)}】\n" if whom else ""
        return f"{head}{what}{self._limit}{listed}{self._contact}谢谢配合。"

    def _what(
        self, standing: Standing | None, problems: Sequence[Problem], *, is_unsealed: bool
    ) -> tuple[str, bool]:
        """What is to be said of where a unit stands, and whether its problems are listed below."""
        of = f"“{printable(self.title)}”"
        if standing is None:
            return f"贵单位的{of}尚未收到，请填写下发的工作簿后交回", False
        last = standing.last
        if standing.is_merged or last.state not in ("several", "unreadable", "failed", "warned"):
            return "", False
        if last.state == "several":
            files = "、".join(printable(version.file) for version in standing.versions)
            return f"贵单位交了 {last.versions} 份不同的{of}（{files}），请告知以哪一份为准", False
        if is_unsealed and last.state == "failed":
            return f"收到的 {printable(last.file)} 不是下发的原表，请用原表重填", False
        came = f"贵单位交来的{of}（{printable(last.file)}）"
        return f"{came}{_of_file(standing, problems)}", True

    @property
    def _limit(self) -> str:
        return f"，截止日期 {self.deadline:%Y 年 %m 月 %d 日}" if self.deadline else ""

    @property
    def _contact(self) -> str:
        return f"如有疑问，请联系 {printable(self.contact)}。" if self.contact else ""


# what the unit is to do, by whether there are errors and warnings
_STEPS = {
    (True, False): "请逐处改正后交回",
    (True, True): "请逐处改正、核对后交回",
    (False, True): "请核对；确有问题的，请改正后交回",
    (False, False): "请核对后交回",
}
_STEPS_ON_COPY = {
    True: "请在退回件中逐处改正后交回",
    False: "请在退回件中核对，改正或填写说明后交回",
}


def _of_file(standing: Standing, problems: Sequence[Problem]) -> str:
    """What is to be said of the file that a unit handed in last, and to be done about it."""
    last = standing.last
    if last.state == "unreadable":
        return "无法读取，请重新交一份能打开的"
    if standing.is_sent_back:
        back = f"已第 {standing.round} 次退回（见所附退回件）"
        return _on_copy(back, last, problems)
    much = "、".join(_counts(last.errors, last.warnings))
    return f"有 {much}，{_STEPS[last.errors > 0, last.warnings > 0]}"


def _on_copy(back: str, last: LogLine, problems: Sequence[Problem]) -> str:
    """What is to be done with a copy that went `back`: only what it has not mended by itself is the unit's to mend."""
    done = "，".join(_done(problems))
    errors, warnings = last.errors, last.warnings
    if problems:
        left = Counter(one.severity for one in problems if _is_open(one))
        errors, warnings = left["error"], left["warning"]
    if errors or warnings:
        much = "、".join(_counts(errors, warnings))
        also = f"，{done}" if done else ""
        return f"有 {much}，{back}{also}，{_STEPS_ON_COPY[errors > 0]}"
    return f"{back}，没有必须改的；" + "，".join(filter(None, (done, "请核对退回件后交回")))


def _done(problems: Sequence[Problem]) -> Iterator[str]:
    """What the copy that went back has done for the unit."""
    mended = [one.code == CARRIED for one in problems if one.mended]
    if any(mended):
        yield "已填内容已带入重新下发的表"
    if count := mended.count(False):
        yield f"已为您恢复 {count} 处"


def _is_open(problem: Problem) -> bool:
    """True for what the unit is to mend or to look at."""
    return problem.whose == "unit" and not problem.mended


def _counts(errors: int, warnings: int) -> Iterator[str]:
    """How many problems the unit has, of each kind."""
    for count, word in ((errors, "错误"), (warnings, "提醒")):
        if count:
            yield f"{count} 处{word}"


def _listed(problems: Sequence[Problem], is_sent: bool) -> Iterator[str]:
    """The problems of the unit, a numbered line each, those of one kind on a sheet together; errors first.

    What to do stands there only where no copy says it, in which much is mended already.
    """
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for severity in ("error", "warning"):
        for one in problems:
            if one.severity == severity and _is_open(one):
                key = (severity, one.code, one.sheet, one.message, one.hint)
                groups.setdefault(key, []).append(one)
    every = list(groups.values())
    for number, group in enumerate(every[:_LINES], 1):
        hint = f"{printable(group[0].hint)}。" if group[0].hint and not is_sent else ""
        yield f"{number}. {_place(group)}{printable(group[0].message)}。{hint}"
    if rest := sum(map(len, every[_LINES:])):
        yield f"另有 {rest} 处{'，见退回件' if is_sent else ''}。"


def _place(group: Sequence[Problem]) -> str:
    """Where a problem is, as the unit finds it: sheet, cells, and what stands there in the words of the form."""
    cells = [one.cell for one in group if one.cell]
    more = f"等 {len(cells)} 处" if len(cells) > _CELLS else ""
    where = " ".join(filter(None, (printable(group[0].sheet), "、".join(cells[:_CELLS]) + more)))
    label = f"（{printable(group[0].label)}）" if group[0].label and len(group) == 1 else ""
    return f"{where}{label}：" if where else ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What to write to a unit, and where it stands."""

    status: UnitStatus
    text: str


def reminders(
    campaign: Campaign, statuses: Iterable[UnitStatus], last: LastCheck | None
) -> list[Reminder]:
    """The texts to the units of which something is still expected; `last` is the last check."""
    texts = ((s, text_to(campaign, s, last)) for s in statuses if s.is_open)
    return [Reminder(status, text) for status, text in texts if text]


def text_to(campaign: Campaign, status: UnitStatus, last: LastCheck | None) -> str:
    """What to write to a unit; of problems that were found in other files than its last nothing is said."""
    found = last.units.get(campaign.code_in_log(status.unit)) if last else None
    is_same = found and status.last and status.last.sha256 in found.digests
    whom = f"{status.unit.unit_code} {status.unit.unit_name}"
    if not found or not is_same:
        return Writer.of(campaign).text(whom, status.standing)
    is_sent = status.standing is not None and status.standing.is_sent_back
    problems = found.on_copy if is_sent and found.on_copy else found.problems
    return Writer.of(campaign).text(whom, status.standing, problems, is_unsealed=found.is_unsealed)


def as_text(found: Sequence[Reminder]) -> str:
    """The texts, with blank lines between."""
    return "\n\n".join(reminder.text for reminder in found) or "没有需要催报的单位。"


def write_book(campaign: Campaign, found: Sequence[Reminder], path: Path) -> None:
    """The texts as a workbook, a row for each unit, which a mail merge can take its fields from."""
    deadline = f"{campaign.deadline:%Y 年 %m 月 %d 日}" if campaign.deadline else ""
    rows = [_row(reminder, deadline) for reminder in found]
    write_tables(path, [Sheet("催报", _COLUMNS, rows, wrap=True)])


def _row(reminder: Reminder, deadline: str) -> list[str | int | None]:
    status, unit = reminder.status, reminder.status.unit
    last = status.last
    files = "、".join(v.file for v in status.standing.versions) if status.standing else ""
    return [
        *(unit.unit_code, unit.unit_name, unit.department, status.state),
        *((last.errors, last.warnings) if last else (None, None)),
        *(status.times_returned, files, deadline, reminder.text),
    ]
