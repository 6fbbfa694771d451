"""Every way in which a seal can be wrong: what is said, and what the unit is told to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import FORMS, answers, check_files, edit, fill_unit, make_campaign, template
from mutations import described
from test_mutations_files import LOST, carry, resealed, words

from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file

REFILL = "请用下发给本单位的原表重新填报；原表遗失的，请向财政部门索取"
NEWEST = "请把内容填到最新下发的表里再交"
CARRIED = "已填的内容不必重填：本级用 check --return 带进最新下发的表，单位核对后交回"
WHOSE = "2027 年度 longhua_2021_target，单位 226002 云岭区图书馆"

Change = Callable[[Campaign, Path, Path], Path]


def missing(campaign: Campaign, good: Path, out: Path) -> Path:
    return edit(good, carry(""), out)


def altered(campaign: Campaign, good: Path, out: Path) -> Path:
    head, key, signature, payload = words(good).split(".")
    return edit(good, carry(".".join([head, key, signature[:-4] + "AAA=", payload])), out)


def of_another_campaign(campaign: Campaign, good: Path, out: Path) -> Path:
    seal.save_key(seal.new_key(), out.with_suffix(".key"))
    return resealed(good, out, out.with_suffix(".key"))


def of_an_unknown_unit(campaign: Campaign, good: Path, out: Path) -> Path:
    return resealed(good, out, campaign.folder / KEY_FILE, unit="999001")


def of_another_year(campaign: Campaign, good: Path, out: Path) -> Path:
    return resealed(good, out, campaign.folder / KEY_FILE, fy=2026)


def of_an_older_version(campaign: Campaign, good: Path, out: Path) -> Path:
    return resealed(good, out, campaign.folder / KEY_FILE, version="2020.1")


def of_another_layout(campaign: Campaign, good: Path, out: Path) -> Path:
    return resealed(good, out, campaign.folder / KEY_FILE, layout="0" * 16)


def of_a_form_of_an_endless_name(campaign: Campaign, good: Path, out: Path) -> Path:
    return resealed(good, out, campaign.folder / KEY_FILE, form="a" * 5000)


def of_an_older_issue(campaign: Campaign, good: Path, out: Path) -> Path:
    return resealed(good, out, campaign.folder / KEY_FILE, notice={})


CASES: list[tuple[Change, str, str, str]] = [
    (missing, "TPL-001", LOST, REFILL),
    (altered, "TPL-001", "签发信息被改动，数字签名不符（内容无法确认）", REFILL),
    (
        of_another_campaign,
        "TPL-001",
        f"签名完好，但不是本次填报的签发密钥（{WHOSE}）",
        "请确认是否把其他地区或往年的表交来了；用本次下发的表重新填报",
    ),
    (
        of_an_unknown_unit,
        "XW-002",
        "单位 999001 不在本次填报的名册中",
        "请核对 units.csv，或把文件交给相应的财政部门",
    ),
    (
        of_another_year,
        "XW-002",
        "这是 2026 年度的表，本次填报为 2027 年度",
        "请改交 2027 年度下发的表",
    ),
    (
        of_an_older_version,
        "TPL-001",
        f"版面与现在的表不同（版本 2020.1 改为 2021.1），下发时的没有留存：{WHOSE}",
        NEWEST,
    ),
    (
        of_another_layout,
        "TPL-001",
        f"版面与现在的表不同（同为版本 2021.1），下发时的没有留存：{WHOSE}",
        NEWEST,
    ),
    (
        of_a_form_of_an_endless_name,
        "TPL-001",
        "交来的是另一张表：{endless}，本次应为 longhua_2021_target",
        "请改交本次下发的表",
    ),
    (of_an_older_issue, "TPL-001", "这份表后来重新下发过：签发编号 {old}，最新为 {new}", CARRIED),
]


@pytest.mark.parametrize(
    ("change", "code", "message", "hint"), CASES, ids=[c[0].__name__ for c in CASES]
)
def test_a_seal_that_is_not_in_order(
    target: Campaign,
    good_target: Path,
    tmp_path: Path,
    change: Change,
    code: str,
    message: str,
    hint: str,
) -> None:
    path = change(target, good_target, tmp_path / "a.xlsx")
    found = [f for f in check_files(target, path) if f.code in ("TPL-001", "XW-002")]
    carried, new = (
        seal.unseal(words(path)) if "{old}" in message else None,
        target.issue_ids["226002"],
    )
    whose = f"2027 年度 {'a' * 5000}，单位 226002 云岭区图书馆"
    expected = message.format(
        old=carried.issue.issue_id if carried else "",
        new=new,
        endless=f"{whose[:300]}……（共 {len(whose)} 字）",
    )
    assert [(f.code, f.severity, f.sheet, f.cell, f.message, f.hint) for f in found] == [
        (code, "error", "", "", expected, hint)
    ]


def test_the_seal_of_another_unit(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """A seal that was copied into another unit's workbook: what it says was prefilled is not there."""
    path = fill_unit(target, "226001", answers("target", "226001"), tmp_path / "226001.xlsx")
    replayed = edit(path, carry(words(good_target)), tmp_path / "a.xlsx")
    assert described(check_files(target, replayed)) == [
        f"TPL-002 error 项目{number}!B2 | 锁定的内容被改动：项目名称应为“{own}”，现为“{other}”"
        for number, own, other in (
            (1, "图书文献采购", "全民健身场馆公益开放"),
            (2, "社区分馆一体化服务", "群众文艺惠民演出季"),
            (3, "全民阅读推广活动", "文体中心消防设施改造"),
        )
    ]


def test_the_seal_of_a_blank_template(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """The issued workbook carries the same seal: handed in beside the return, it is a second one."""
    issued = template(target, "226002")
    line = f"XW-001 error | 单位 226002 交了 2 份不同的表：{good_target.name}、{issued.name}"
    found = [f for f in check_files(target, good_target, issued) if f.code == "XW-001"]
    assert (described(found), [f.file for f in found]) == (
        [line, line],
        sorted([str(issued), str(good_target)]),
    )


@pytest.mark.parametrize("example", FORMS)
@pytest.mark.parametrize("records", [[], [{}] * 3])
def test_a_seal_with_too_few_or_too_many_records(
    tmp_path: Path, example: str, records: list[dict[str, str]]
) -> None:
    """Anyone can sign anything: what no form was issued with is no issue of ours, and ends nothing."""
    campaign = make_campaign(example, tmp_path / "office")
    issued = template(campaign, next(iter(campaign.units)))
    stranger = tmp_path / "stranger.key"
    seal.save_key(seal.new_key(), stranger)
    path = resealed(issued, tmp_path / "a.xlsx", stranger, records=records, lines=[])
    found = read_file(path, settings_for(campaign, None))
    wrong = not records or campaign.layout.single
    assert (found.problem, found.seal) == (None, "other_form" if wrong else "unknown_key")
