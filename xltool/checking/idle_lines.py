"""Lines of the office's own decisions that have no effect on a run: each is told, with its number and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from xltool.office.campaign import Campaign
from xltool.office.decisions import DECISIONS, Decision
from xltool.returns.submissions import Submission


def idle_decisions(campaign: Campaign, submissions: Sequence[Submission]) -> list[str]:
    """A line in Chinese for each line of 取舍.csv that decides nothing."""
    decisions = campaign.decisions
    here = {found.sha256: found for found in submissions if found.sender}
    words = (
        (each.line, _why(each, campaign, decisions, here.get(each.chosen))) for each in decisions
    )
    return [f"{DECISIONS} 第 {line} 行没有起作用：{why}" for line, why in words if why]


def _why(
    decision: Decision, campaign: Campaign, others: Sequence[Decision], chosen: Submission | None
) -> str:
    """Why a decision has no effect; nothing where it has one, or where this run cannot say."""
    if why := campaign.idle_decision(decision):
        return why
    against = "、".join(str(each.line) for each in _against(decision, others))
    if against:
        return f"与第 {against} 行选用的不是同一份；请只留一行"
    if decision.unit and chosen is not None and chosen.unit not in (None, decision.unit):
        name = Path(chosen.file).name
        return f"选用的 {name} 是 {chosen.unit} 的表，不是 {decision.unit} 的；请核对“选用”"
    return ""


def _against(decision: Decision, others: Sequence[Decision]) -> Iterator[Decision]:
    """The lines that choose another file of the same unit, or for the same project code."""
    for other in others:
        same_unit = decision.unit and (other.district, other.unit) == (
            decision.district,
            decision.unit,
        )
        same_project = decision.project and other.project == decision.project
        if (same_unit or same_project) and other.chosen != decision.chosen:
            yield other
