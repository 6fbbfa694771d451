"""What a line of 退回修改 says of itself: to mend, mended, explained, or changed and to be looked at again.

Where 填报检查 has the rule, its sign at the cell decides: ✔ as soon as it holds. Of all else the workbook can only
tell that a cell holds something else than what was sent back: these values stand in a hidden column,
so that no formula holds anything that a unit wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from xltool.fields.reading import Raw
from xltool.form.own_sheets import CHECKS
from xltool.rules.findings import Finding
from xltool.write.live.at_cells import At, Watch, watch
from xltool.write.live.lines import Place
from xltool.write.live.page import FIRST, Line

Section = Literal["carried", "mend", "refill", "mended"]
CARRIED = (
    "TPL-001"  # its finding is mended where what the unit filled in was carried into a newer form
)
MEND, LOOK, REFILL, EXPLAINED = "待改", "请核对", "待填", "已说明"
DONE, CHANGED, MENDED = "✔", "已改，待核", "已恢复"
PUT_RIGHT = "随其他内容恢复，已经对了，请核对"


@dataclass(frozen=True, slots=True)
class FrontLine:
    """A finding on the page. `finding` is at its place in the copy.

    `cells` are the cells that the unit can change there, by sheet, the one to mend first; `about` all that the
    finding is about, its own first.
    """

    finding: Finding
    cells: Sequence[At] = ()
    about: Sequence[At] = ()

    @property
    def section(self) -> Section:
        """Where it stands."""
        if self.finding.mended:
            return "carried" if self.finding.code == CARRIED else "mended"
        return "refill" if self.finding.refill else "mend"

    @property
    def state(self) -> str:
        """What it says of itself as it goes back."""
        if self.section == "mend":
            return EXPLAINED if self.is_explainable and self.finding.explanation else self.wanted
        return REFILL if self.section == "refill" else MENDED  # also what was carried over

    @property
    def wanted(self) -> str:
        """What the unit is to do about it, where that is not yet done."""
        return MEND if self.finding.severity == "error" else LOOK

    @property
    def is_explainable(self) -> bool:
        """True where the unit may say why it stays as it is."""
        return self.section == "mend" and self.finding.severity == "warning"

    @property
    def as_sent(self) -> Finding:
        """The finding, mended where all that it is about is the office's: that stands there as issued."""
        is_right = self.section == "mend" and bool(self.about) and not self.cells
        return replace(self.finding, mended=PUT_RIGHT) if is_right else self.finding

    @property
    def remedy(self) -> str:
        """What was done, or is to be done about it."""
        return self.finding.mended or self.finding.refill or self.finding.hint


class Sheets:
    """The form sheets of a copy: what stands there, and what 填报检查 says of them."""

    def __init__(self, places: Sequence[Place], lines: Sequence[Line]):
        self.places = {place.name: place for place in places}
        self.lines = lines

    @property
    def names(self) -> list[str]:
        """Their names, in their order."""
        return list(self.places)

    def value(self, at: At) -> Raw:
        """What stands in a cell."""
        return self.places[at[0]].raw(at[1])

    def watch(self, line: FrontLine) -> Watch | None:
        """What watches a finding that the unit is to mend; None where no live rule finds it."""
        found = watch(self.lines, line.finding.code, line.about)
        return found if found is not None and found.fails else None

    def failing(self) -> int:
        """How many lines of 填报检查 fail."""
        return sum(line.verdict == "✘" for line in self.lines)

    def is_put_right(self, line: FrontLine) -> bool:
        """True for a finding about cells that are none of the unit's and hold again what they should."""
        if line.section != "mend" or not line.about or line.about[0] in line.cells:
            return False
        found = watch(self.lines, line.finding.code, line.about)
        return not line.cells or (found is not None and found.now in ("✔", "≈"))


def live_state(line: FrontLine, sign: str, changes: Sequence[str], said: str) -> str:
    """The formula of a state: `sign` is a cell with the sign of its rule, `changes` count changed cells.

    `said` is the cell in which the unit may explain it.
    """
    left = f'"{line.state}"'
    if line.is_explainable:
        left = f'IF(TRIM({said})="","{line.wanted}","{EXPLAINED}")'
    state = left
    if changes:
        state = f'IF({"+".join(changes)}>0,"{CHANGED}",{left})'
    if not sign:
        return f"={state}"
    fails = f'OR({sign}="✘",{sign}="！")'
    holds = f'OR({sign}="✔",{sign}="≈")'
    return f'=IF({fails},{left},IF({holds},"{DONE}",{state}))'


def differs(cell: str, returned: str) -> str:
    """The formula that is 1 where a cell holds something else than another one, 0 where the same.

    A number is not the text of its digits.
    """
    same = f"IF(ISNUMBER({cell}),{cell}={returned},EXACT({cell},{returned}))"
    return f"=IFERROR(IF(ISNUMBER({cell})<>ISNUMBER({returned}),1,IF({same},0,1)),1)"


def filled_again(used: str, sheet: str, lines: int) -> str:
    """The formula of the sign of a sheet that was put back blank.

    `used` is the formula that is 1 where something stands there, `sheet` the cell with its name, `lines`
    the number of lines of 填报检查.
    """
    first, last = FIRST + 1, FIRST + max(lines, 1)
    signs, names = (f"'{CHECKS}'!${column}${first}:${column}${last}" for column in "AB")
    fails = f'COUNTIFS({names},{sheet},{signs},"✘")'
    return f'=IF(({used.removeprefix("=")})*({fails}=0)>0,"✔","✘")'


def open_words(states: Sequence[str], failing: int, known: int) -> str:
    """How much is left to do, in one sentence; `failing` are the lines of 填报检查 that fail, more than `known`.

    The same as the formula of `open_formula`.
    """
    must, looks = states.count(MEND) + states.count(REFILL), states.count(LOOK)
    if must:
        return f"还有 {must} 处要改" + (f"，{looks} 处提醒请核对" if looks else "") + "。"
    if failing > known:
        return f"下面要改的都改过了，但“{CHECKS}”还有 {failing} 处需要修改。"
    if looks:
        return f"没有必须改的了。{looks} 处提醒请核对，属实的可以不改，核对后请交回。"
    return _all_done(states)


def open_formula(states: Sequence[str], area: str, lines: int, known: int) -> str:
    """The formula of that sentence: `area` are the cells of the states, `lines` those of 填报检查."""
    must = f'(COUNTIF({area},"{MEND}")+COUNTIF({area},"{REFILL}"))'
    looks = f'COUNTIF({area},"{LOOK}")'
    failing = f"COUNTIF('{CHECKS}'!$A${FIRST + 1}:$A${FIRST + max(lines, 1)},\"✘\")"
    also = f'IF({looks}>0,"，"&{looks}&" 处提醒请核对","")'
    left = f'"还有 "&{must}&" 处要改"&{also}&"。"'
    live = f'"下面要改的都改过了，但“{CHECKS}”还有 "&{failing}&" 处需要修改。"'
    look = f'"没有必须改的了。"&{looks}&" 处提醒请核对，属实的可以不改，核对后请交回。"'
    rest = f'IF({looks}>0,{look},"{_all_done(states)}")'
    return f"=IF({must}>0,{left},IF({failing}>{known},{live},{rest}))"


def _all_done(states: Sequence[str]) -> str:
    """What is said when nothing is left to do."""
    if set(states) <= {MENDED}:
        return "没有要您改的：下面各项已为您恢复，请核对后直接交回。"
    return "已全部改完，请交回。"
