"""`[yuan_per_head]` of campaign.toml: what it may say, and that nothing is asked without it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from xltool.errors import OfficeError
from xltool.office.campaign import Campaign, load_campaign


def campaign(folder: Path, section: str, form: str = "futian_2024_declaration") -> Campaign:
    text = f'form = "{form}"\nyear = 2027\n{section}'
    (folder / "campaign.toml").write_text(text, encoding="utf-8")
    return load_campaign(folder)


def test_switches_the_rule_on(tmp_path: Path) -> None:
    found = campaign(tmp_path, '[yuan_per_head]\n"劳务派遣" = 150000\n"慰问" = 3000.5\n')
    assert found.head_costs == {"劳务派遣": Decimal(150000), "慰问": Decimal("3000.5")}
    assert found.severities == {"AMT-026": "warning"}


def test_severity_of_the_office_counts(tmp_path: Path) -> None:
    section = '[yuan_per_head]\n"劳务派遣" = 150000\n[severity]\n"AMT-026" = "info"\n'
    assert campaign(tmp_path, section).severities == {"AMT-026": "info"}


def test_off_without_the_section(tmp_path: Path) -> None:
    assert campaign(tmp_path, "").severities == {}


NUMBER = "应为大于 0 的数，单位元（每人每年），如 150000，现为"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("yuan_per_head = 150000", "yuan_per_head 应为 [yuan_per_head] 小节；请改正"),
        ('[yuan_per_head]\n"劳务派遣" = "15万元"', f"[yuan_per_head] 劳务派遣 {NUMBER} 15万元"),
        ('[yuan_per_head]\n"劳务派遣" = 0', f"[yuan_per_head] 劳务派遣 {NUMBER} 0"),
        ('[yuan_per_head]\n"劳务派遣" = -3', f"[yuan_per_head] 劳务派遣 {NUMBER} -3"),
        ('[yuan_per_head]\n"劳务派遣" = true', f"[yuan_per_head] 劳务派遣 {NUMBER} True"),
        ('[yuan_per_head]\n"劳务派遣" = nan', f"[yuan_per_head] 劳务派遣 {NUMBER} nan"),
        ('[yuan_per_head]\n"劳务派遣" = inf', f"[yuan_per_head] 劳务派遣 {NUMBER} inf"),
        ('[yuan_per_head]\n"劳务派遣" = [1]', f"[yuan_per_head] 劳务派遣 {NUMBER} [1]"),
        ('[yuan_per_head]\n" " = 1', "[yuan_per_head] 的项目名称用词不能是空的"),
    ],
)
def test_refused(tmp_path: Path, section: str, message: str) -> None:
    with pytest.raises(OfficeError) as caught:
        campaign(tmp_path, section)
    assert (caught.value.message, caught.value.path) == (message, tmp_path / "campaign.toml")


def test_refused_where_nobody_counts_people(tmp_path: Path) -> None:
    section = '[yuan_per_head]\n"劳务派遣" = 150000'
    with pytest.raises(OfficeError) as caught:
        campaign(tmp_path, section, "longgang_2023_budget")
    assert caught.value.message == "这张表没有按人数核对的规则（AMT-026），请删去 [yuan_per_head]"
