"""Projects whose 全年预算数 is 0: the policy of the campaign in formulas, rules, pages, and the seal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from commands import in_this_process
from helpers import answers, check_files, edit, fill_unit, make_campaign, template
from office import Office
from openpyxl.workbook import Workbook
from small import small_folder

from xltool.checking.kept import state_of
from xltool.checking.parts import Order
from xltool.form.loading import load_form
from xltool.form.own_sheets import CHECKS, GUIDE
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.new_campaign import create_campaign
from xltool.office.seal import SHEET
from xltool.returns.identifying import settings_for
from xltool.write.issuing import issue
from xltool.write.live.page import FIRST

UNIT = "226002"
NO_MONEY = {
    "projects.csv": ("2600000.00,2600000.00,2548000.00", "2600000.00,0.00,0.00"),
    "执行台账.csv": ("226002,图书文献采购,2548000.00,2521300.40", "226002,图书文献采购,0.00,0.00"),
}
CELLS = ("H4", "H5", "H7", "I4", "H67")  # rates of three rows, 得分, 总分


@dataclass(frozen=True)
class Policy:
    """A policy: what stands in the cells, and what is said."""

    cells: tuple[float | None, ...]
    said: str


# the indicators of the first project earn 90 of 90 points
POLICIES: Mapping[str, Policy] = {
    "scale": Policy((None, None, None, None, 100), "执行率不计分，其余 90 分折算为 100 分"),
    "zero": Policy((None, None, None, 0, 90), "执行率得分按 0 分计"),
    "full": Policy((1, 1, 1, 10, 100), "执行率按 1.00、得分按 10 分计"),
}


def setting(policy: str) -> str:
    return f'\n[zero_budget]\npolicy = "{policy}"\n'


def without_money(project: dict[str, Any]) -> None:
    """Leave a project without any money from its start."""
    for fund in project["funds"]:
        fund |= {"年初预算数": "0.00", "全年预算数": "0.00", "全年执行数": "0.00"}


@pytest.fixture(scope="module", params=POLICIES)
def policy(request: pytest.FixtureRequest) -> str:
    """The name of a policy."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def campaign(policy: str, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example under a policy; its first project has no budget."""
    return make_campaign(
        "selfeval", tmp_path_factory.mktemp(policy), setting(policy), lists=NO_MONEY, units=[UNIT]
    )


@pytest.fixture(scope="module")
def filled(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The return of its unit."""
    data = answers("selfeval", UNIT)
    without_money(data["projects"][0])
    return fill_unit(campaign, UNIT, data, tmp_path_factory.mktemp("returns") / "return.xlsx")


def shown(path: Path) -> tuple[object, ...]:
    """What the workbook holds for its formulas."""
    sheet = openpyxl.load_workbook(path, data_only=True)["项目1"]
    return tuple(sheet[cell].value for cell in CELLS)


def said(campaign: Campaign, *paths: Path) -> list[str]:
    """The findings, in one line each."""
    return [
        f"{f.code} {f.severity} {f.sheet}!{f.cell} | {f.message}"
        for f in check_files(campaign, *paths)
    ]


def expected(policy: str) -> list[str]:
    """What is found in `filled`."""
    done = POLICIES[policy].said
    return [f"SE-003 warning 项目1!E4 | 年度资金总额的全年预算数为 0：{done}"]


def test_what_the_cells_hold(policy: str, filled: Path) -> None:
    assert shown(filled) == POLICIES[policy].cells


def test_it_is_said(policy: str, campaign: Campaign, filled: Path) -> None:
    assert said(campaign, filled) == expected(policy)


def test_libreoffice_works_out_the_same(
    office: Office, policy: str, campaign: Campaign, filled: Path, tmp_path: Path
) -> None:
    blank = tuple("" if value is None else value for value in POLICIES[policy].cells)
    with office.open(filled) as document:
        document.recalculate()
        assert tuple(document.value("项目1", cell) for cell in CELLS) == blank
        lines = [
            tuple(document.value(CHECKS, f"{c}{n}") for c in "ABC")
            for n in range(FIRST + 1, FIRST + 40)
        ]
        words = f"年度资金总额：全年预算数为 0 的，{POLICIES[policy].said}"
        assert [line[:2] for line in lines if line[2] == words][:2] == [
            ("！", "项目1"),
            ("✔", "项目2"),
        ]
        document.save_as(tmp_path / "saved.xlsx")
    assert said(campaign, tmp_path / "saved.xlsx") == expected(policy)


def test_typed_step_by_step(office: Office, policy: str, campaign: Campaign) -> None:
    """Before the budget is known nothing is worked out; a project with money is as ever."""
    with office.open(template(campaign, UNIT)) as document:
        document.recalculate()
        for cell, text in {"F4": "2400000", "H11": "9"}.items():
            assert document.type_in("项目2", cell, text)
        assert [document.value("项目2", cell) for cell in ("H4", "I4", "H67")] == [1, 10, 19]


def test_the_guide_says_so(policy: str, filled: Path) -> None:
    texts = [str(cell.value) for row in openpyxl.load_workbook(filled)[GUIDE] for cell in row]
    assert any(POLICIES[policy].said in text for text in texts)


def test_openpyxl_drops_the_values(
    policy: str, campaign: Campaign, filled: Path, tmp_path: Path
) -> None:
    saved = edit(filled, lambda _: None, tmp_path / "saved.xlsx")
    assert said(campaign, saved) == expected(policy)


@pytest.mark.parametrize("later", [*POLICIES, ""])
def test_a_return_is_judged_by_the_policy_it_was_issued_under(
    policy: str, campaign: Campaign, filled: Path, later: str
) -> None:
    path = campaign.folder / "campaign.toml"
    text = path.read_text(encoding="utf-8")
    try:
        new = setting(later) if later else ""
        path.write_text(text.replace(setting(policy), new), encoding="utf-8")
        changed = load_campaign(campaign.folder)
        assert changed.zero_budget == (later or "scale")
        assert said(changed, filled) == expected(policy)
    finally:
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("cell", "typed", "found"),
    [
        ("H4", 0.5, {"scale": "SE-003", "zero": "SE-003", "full": "SE-001"}),
        ("I4", 9, {"scale": "SE-003", "zero": "SE-002", "full": "SE-002"}),
        ("H67", 95, {"scale": "SE-008", "zero": "SE-008", "full": "SE-008"}),
    ],
)
def test_typed_over(
    policy: str,
    campaign: Campaign,
    filled: Path,
    tmp_path: Path,
    cell: str,
    typed: float,
    found: Mapping[str, str],
) -> None:
    def overwrite(book: Workbook) -> None:
        book["项目1"][cell] = typed

    path = edit(filled, overwrite, tmp_path / "typed.xlsx")
    codes = [f.code for f in check_files(campaign, path) if f.cell == cell]
    assert codes == [found[policy]]


@pytest.mark.parametrize(
    "lines",
    [
        '[zero_budget]\npolicy = "half"',
        '[zero_budget]\npolicy = ""',
        "[zero_budget]\npolicy = 0",
        "[zero_budget]",
        '[zero_budget]\npolicy = "full"\nrate = 1',
        '[zero_budget]\nPolicy = "full"',
    ],
)
def test_another_setting(
    tmp_path: Path, lines: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small_folder("longhua_2021_selfeval", tmp_path, lines)
    run = in_this_process(monkeypatch, capsys)("issue", tmp_path)
    assert (run.code, run.out) == (2, "")
    line = 6 if "olicy" in lines else 5  # that of the setting, or of its section
    assert run.err.splitlines() == [
        f'错误：{tmp_path / "campaign.toml"} 第 {line} 行：[zero_budget] 中只能写 policy，可用："scale"、"zero"、"full"'
    ]


def test_a_form_without_such_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "campaign.toml").write_text(
        'form = "longhua_2021_target"\nyear = 2027\n[zero_budget]\npolicy = "zero"\n',
        encoding="utf-8",
    )
    run = in_this_process(monkeypatch, capsys)("issue", tmp_path)
    assert run.code == 2
    assert "[zero_budget] 表「longhua_2021_target」不计执行率得分，请删去这一节" in run.err


def test_a_new_campaign_names_the_policies(tmp_path: Path) -> None:
    create_campaign(tmp_path / "new", "longhua_2021_selfeval", 2027)
    text = (tmp_path / "new" / "campaign.toml").read_text(encoding="utf-8")
    assert all(f"#   {name}：{policy.said}\n" in text for name, policy in POLICIES.items())
    assert load_campaign(tmp_path / "new").zero_budget == "scale"


def test_what_is_kept_is_new_under_another_policy(campaign: Campaign, policy: str) -> None:
    """What was found in a return without a seal depends on it."""
    states = set()
    for name in POLICIES:
        other = replace(campaign, zero_budget=name)
        states.add(state_of(Order(settings_for(other, None), other)))
    assert len(states) == len(POLICIES)


def test_a_return_without_a_seal(
    policy: str, campaign: Campaign, filled: Path, tmp_path: Path
) -> None:
    """It is judged by the campaign's policy."""

    def forget(book: Any) -> None:
        del book[SHEET]
        for name in [one.name for one in book.custom_doc_props.props]:
            del book.custom_doc_props[name]

    unsealed = edit(filled, forget, tmp_path / "unsealed.xlsx")
    assert expected(policy)[0] in said(campaign, unsealed)


def test_issued_before_there_were_policies(tmp_path: Path) -> None:
    """The workbook has blanks and 90 points at most: so it is judged, and that is said."""
    campaign = make_campaign("selfeval", tmp_path, lists=NO_MONEY, units=[UNIT])
    before = replace(campaign, zero_budget="", form=load_form(campaign.form.id).adapted({}, {}))
    issue(before, [UNIT])
    data = answers("selfeval", UNIT)
    without_money(data["projects"][0])
    path = fill_unit(before, UNIT, data, tmp_path / "return.xlsx")
    assert shown(path) == (None, None, None, None, 90)
    assert said(load_campaign(tmp_path), path) == [
        "SE-003 warning 项目1!E4 | 年度资金总额的全年预算数为 0：执行率和得分留空，总分最多 90 分"
    ]


def test_it_goes_into_the_result(
    policy: str, campaign: Campaign, filled: Path, tmp_path: Path
) -> None:
    """Also from the result of an office below, whose returns were issued under its own policy."""
    merge([filled], tmp_path / "below", campaign, accept_warnings=True, jobs=1)
    upper = make_campaign(
        "selfeval", tmp_path / "upper", setting("zero"), lists=NO_MONEY, units=[UNIT]
    )
    merge([tmp_path / "below"], tmp_path / "all", upper, accept_warnings=True, jobs=1)
    for folder in ("below", "all"):
        totals = pl.read_parquet(tmp_path / folder / "data" / "project.parquet")["total_score"]
        assert totals[0] == POLICIES[policy].cells[-1]
