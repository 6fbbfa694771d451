"""XW-005 to XW-007: what the units hand in, against the lists of the office in the campaign folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers import Data, answers, fill_unit, make_campaign
from mutations import described
from small import write_csv

from xltool.checking.running import Verdict, check
from xltool.errors import OfficeError
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding

CONTROL = ["部门代码", "单位数", "控制数（万元）"]
AMOUNTS = ["单位代码", "项目名称", "本年度金额（万元）"]
BUDGETED = [
    ["226002", "图书文献采购", "260.00"],
    ["226002", "社区分馆一体化服务", "240.00"],
    ["226002", "全民阅读 推广活动", "78.50"],
]


@pytest.fixture(scope="module")
def returns(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The correct returns of the two units of department 226."""
    folder = tmp_path_factory.mktemp("returns")
    return {
        unit: fill_unit(target, unit, answers("target", unit), folder / f"{unit}.xlsx")
        for unit in ("226001", "226002")
    }


def total(unit: str) -> float:
    data: Data = answers("target", unit)
    return sum(float(project["本年度项目金额"].replace(",", "")) for project in data["projects"])


def judged(
    campaign: Campaign,
    folder: Path,
    paths: Sequence[Path],
    control: Sequence[Sequence[str]] = (),
    amounts: Sequence[Sequence[str]] = (),
) -> Verdict:
    """Check as in a campaign whose folder has these lists."""
    for name in ("campaign.toml", "units.csv", "projects.csv"):
        (folder / name).write_bytes((campaign.folder / name).read_bytes())
    if control:
        write_csv(folder / "部门控制数.csv", [CONTROL, *control])
    if amounts:
        write_csv(folder / "项目金额.csv", [AMOUNTS, *amounts])
    with_lists = load_campaign(folder)
    settings = settings_for(campaign, None)
    return check(Batch([read_file(path, settings) for path in paths], with_lists))


def lines(findings: Sequence[Finding]) -> list[str]:
    return described([finding for finding in findings if finding.code.startswith("XW-")])


def test_without_lists_the_rules_are_not_run(
    target: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    verdict = judged(target, tmp_path, [returns["226002"]])
    assert [line for line in verdict.skipped if line.startswith("XW")] == [
        "XW-005 未执行：缺少部门控制数（部门控制数.csv）",
        "XW-006、XW-007 未执行：缺少项目金额（项目金额.csv）",
    ]
    assert lines(verdict.findings) == []


def test_a_department_that_keeps_to_its_total(
    target: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    whole = f"{total('226001') + total('226002'):.2f}"
    verdict = judged(target, tmp_path, list(returns.values()), [["226", "2", whole]])
    assert lines(verdict.findings) == []


def test_a_department_over_its_total(
    target: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    whole = total("226001") + total("226002")
    control = [["226", "2", f"{whole - 100:.2f}"]]
    verdict = judged(target, tmp_path, list(returns.values()), control)
    assert lines(verdict.findings) == [
        "XW-005 error 项目1!E5 | 部门 226 的 2 个单位，本年度项目金额合计 "
        f"{whole:,.2f} 万元，控制数为 {whole - 100:,.2f} 万元，相差 100.00"
    ]
    assert verdict.findings[0].file.endswith("226001.xlsx")


def test_a_department_that_is_not_complete_is_not_judged(
    target: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    verdict = judged(target, tmp_path, [returns["226001"]], [["226", "2", "1.00"]])
    assert lines(verdict.findings) == []


def test_amounts_of_table_5(target: Campaign, returns: dict[str, Path], tmp_path: Path) -> None:
    verdict = judged(target, tmp_path, [returns["226002"]], amounts=BUDGETED)
    assert lines(verdict.findings) == []


def test_another_amount_than_in_table_5(
    target: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    amounts = [BUDGETED[0], ["226002", "社区分馆一体化服务", "486.00"], BUDGETED[2]]
    verdict = judged(target, tmp_path, [returns["226002"]], amounts=amounts)
    assert lines(verdict.findings) == [
        "XW-006 error 项目2!E5 | “社区分馆一体化服务”本年度项目金额为 240.00 万元，"
        "表5 中为 486.00 万元，相差 246.00"
    ]


def test_a_project_of_table_5_is_missing(
    target: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    amounts = [*BUDGETED, ["226002", "古籍数字化", "12.00"]]
    verdict = judged(target, tmp_path, [returns["226002"]], amounts=amounts)
    assert lines(verdict.findings) == [
        "XW-007 error 项目1!B2 | 本单位填报了 3 个项目，表5 中有 4 个"
    ]


def test_units_as_a_whole(tmp_path: Path) -> None:
    campaign = make_campaign("unit", tmp_path / "campaign")
    path = fill_unit(campaign, "319001", answers("unit", "319001"), tmp_path / "319001.xlsx")
    code = campaign.units["319001"].department_code
    submission = read_file(path, settings_for(campaign, None))
    amount = next(row.values["amount_total"] for row in submission.rows if row.table == "unit")
    write_csv(campaign.folder / "部门控制数.csv", [CONTROL, [code, "1", "1.00"]])
    verdict = check(Batch([submission], load_campaign(campaign.folder)))
    assert [finding.code for finding in verdict.findings] == ["XW-005"]
    assert f"金额合计 {amount:,.2f} 万元，控制数为 1.00 万元" in verdict.findings[0].message


def test_a_wrong_list_is_the_office_s_mistake(
    target: Campaign, returns: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(OfficeError) as error:
        judged(target, tmp_path, [returns["226002"]], [["226", "二", "1.00"]])
    assert (error.value.message, error.value.line) == (
        "单位数“二”不对，应为1–9999 的整数；请改正",
        2,
    )
