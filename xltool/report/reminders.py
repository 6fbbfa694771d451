"""催报: what to write to each unit of which something is still expected, by where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from xltool.office.campaign import Campaign
from xltool.prose.text import printable
from xltool.report.status import UnitStatus


def reminders(campaign: Campaign, statuses: Iterable[UnitStatus]) -> str:
    """A text to send to each unit of which something is still expected, with blank lines between."""
    return "\n\n".join(_reminder(campaign, status) for status in statuses if status.is_open)


def _reminder(campaign: Campaign, status: UnitStatus) -> str:
    if status.last is None:
        what = f"贵单位的“{campaign.title}”尚未收到，请填写下发的工作簿后交回"
    else:
        what = (
            f"贵单位交来的“{campaign.title}”（{printable(status.last.file)}）有 {status.last.errors} 处错误，"
            "请按退回件“退回修改”页逐处修改后交回"
        )
    limit = f"，截止日期 {campaign.deadline:%Y 年 %m 月 %d 日}" if campaign.deadline else ""
    contact = f"如有疑问，请联系 {campaign.contact}。" if campaign.contact else ""
    unit = status.unit
    return f"【{unit.unit_code} {unit.unit_name}】\n{what}{limit}。{contact}谢谢配合。"
