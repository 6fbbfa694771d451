"""What is wrong with what the office prefilled: said to the office, from `issue` to `merge`, never to the unit."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import answers, fill_unit, make_campaign

from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.issuing import issue

xltool = pytest.fixture(in_this_process)
UNIT = "106001"
CODE = ("440399251063100205002", "441099251063100205002")  # another district
YEAR = (",69.00,", ",690000.00,")  # yuan where 10,000 yuan are meant
TWICE = ("《云岭区离退休干部服务管理若干规定》", "《甲办法》《乙办法》《甲办法》")
TRAILING = ("基层党建工作,", "基层党建工作 ,")
_SAID = {
    "COD-002": "项目编码前 6 位 441099 不是本地区的行政区划代码 440399",
    "AMT-002": "本年度项目金额（万元）为 690,000.00，项目总金额（中期规划，万元）为 207.00；"
    "应满足 本年度项目金额（万元） ≤ 项目总金额（中期规划，万元），相差 689,793.00",
    "AMT-013": "本年度项目金额（万元）为 690000.00 万元，超过 10 亿元",
    "TXT-016": "政策依据中《甲办法》列了两次",
}
_LINES = {"COD-002": (4, "政务服务事项标准化管理"), "TXT-016": (9, "离退休干部节日慰问")}


def campaign_with(folder: Path, *changes: tuple[str, str]) -> Campaign:
    """The example with something wrong in projects.csv, issued."""
    campaign = make_campaign("declaration", folder, units=(UNIT,))
    path = folder / "projects.csv"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return campaign


@pytest.mark.parametrize(
    ("changes", "told", "refused"),
    [
        ((), (), ()),
        ((TRAILING,), (), ()),  # nobody means a blank at the end
        ((TWICE,), ("TXT-016",), ()),
        ((CODE,), (), ("COD-002",)),
        ((TWICE, CODE), ("TXT-016",), ("COD-002",)),
    ],
)
def test_issue_names_the_list_and_the_line(
    changes: Sequence[tuple[str, str]],
    told: Sequence[str],
    refused: Sequence[str],
    tmp_path: Path,
    xltool: Xltool,
) -> None:
    campaign_with(tmp_path / "office", *changes)
    issued = tmp_path / "office" / "issued" / "manifest.csv"
    before = issued.read_bytes()
    run = xltool("issue", tmp_path / "office", "--unit", UNIT)
    lines = [
        f"注意：projects.csv 第 {_LINES[code][0]} 行（{UNIT} {_LINES[code][1]}）："
        f"{_SAID[code]}（提醒 {code}）"
        for code in told
    ]
    for code in refused:
        line, name = _LINES[code]
        place = f"{tmp_path / 'office' / 'projects.csv'} 第 {line} 行"
        lines.append(f"错误：{place}：{UNIT} {name}：{_SAID[code]}（{code}）；请核对项目编码")
    warned = [line for line in run.err.splitlines() if "提示" not in line]
    assert (run.code, warned) == (2 if refused else 0, lines)
    if refused:
        assert issued.read_bytes() == before


def handed_in(folder: Path, *changes: tuple[str, str]) -> tuple[Path, Path]:
    """A campaign with something wrong in its list, and the good return of a unit."""
    campaign = campaign_with(folder / "office", *changes)
    campaign = load_campaign(campaign.folder)
    issue(campaign, (UNIT,))
    back = fill_unit(campaign, UNIT, answers("declaration", UNIT), folder / f"{UNIT}.xlsx")
    return campaign.folder, back


def test_who_issues_and_checks_with_one_campaign_knows_what_was_issued(tmp_path: Path) -> None:
    """The look at what is prefilled reads the register before there is anything in it."""
    campaign = load_campaign(campaign_with(tmp_path / "office", TWICE).folder)
    said: list[str] = []
    (issued,) = issue(campaign, (UNIT,), tell=said.append)
    assert len(said) == 1
    assert campaign.issue_ids == {UNIT: issued.issue_id}
    batch = Batch([read_file(issued.path, settings_for(campaign, None))], campaign)
    assert [f for f in check(batch).findings if f.code == "TPL-001"] == []


def test_an_error_of_the_office_is_pending_everywhere(tmp_path: Path, xltool: Xltool) -> None:
    office, back = handed_in(tmp_path, CODE, YEAR)
    words = ("check", back, "--campaign", office)
    run = xltool(*words, "--return", tmp_path / "copies")
    assert run.code == 1
    said = run.out.replace("\n", "").replace(" ", "")
    assert "其中3处是本级预填或锁定的，单位改不了，请改正名单或设置。" in said
    lines = [line.strip() for line in run.out.splitlines()]
    assert lines[0] == f"待本级处理  {back}（1 处提醒；本级：2 处错误，1 处提醒）"
    assert [line for line in lines if line.startswith(("错误 项目", "提醒 项目"))] == [
        "错误 项目2 B2（政务服务事项标准化管理） COD-002 本级",
        "错误 项目5 E6（数据要素流通应用课题研究） AMT-002 本级",
        "提醒 项目5 E6（数据要素流通应用课题研究） AMT-013 本级",
        "提醒 项目5 B8（数据要素流通应用课题研究） AMT-013",
    ]
    assert "未生成退回件" in run.err
    assert not (tmp_path / "copies").exists()
    document = json.loads(xltool(*words, "--format", "json").out)
    (book,) = document["workbooks"]
    assert (book["status"], document["summary"]["pending"], document["summary"]["offices"]) == (
        "pending",
        1,
        3,
    )
    owners = [(f["code"], f["cell"], f["whose"]) for f in document["findings"]]
    assert ("COD-002", "B2", "office") in owners
    assert ("AMT-013", "B8", "unit") in owners  # 测算依据 is the unit's
    assert f"【{UNIT} " not in xltool("status", office, "--format", "remind").out
    status = xltool("status", office, "--format", "csv").out
    assert (
        f"{UNIT},云岭区政务服务和数据管理局（本级）,云岭区政务服务和数据管理局,待本级处理,0,1,0,"
        in status
    )
    merged = xltool("merge", back, "--campaign", office, "--out", tmp_path / "merged")
    assert merged.code == 2
    assert merged.out.splitlines()[0] == (
        f"{UNIT}.xlsx：待本级处理，未合并（本级预填或锁定的内容有 2 处错误：AMT-002、COD-002）"
    )


def test_a_warning_of_the_office_keeps_no_unit(tmp_path: Path, xltool: Xltool) -> None:
    office, back = handed_in(tmp_path, TWICE)
    words = ("check", back, "--campaign", office)
    run = xltool(*words, "--return", tmp_path / "copies")
    assert run.code == 0
    assert run.out.splitlines()[0] == f"通过  {back}（本级：1 处提醒）"
    assert not (tmp_path / "copies").exists()
    assert xltool(*words, "--format", "xlsx", "-o", tmp_path / "list.xlsx").code == 0
    rows = list(openpyxl.load_workbook(tmp_path / "list.xlsx")["问题清单"].values)
    assert [row[4:7] for row in rows[1:] if row[4] == "提醒"] == [("提醒", "本级", "TXT-016")]
    merged = xltool("merge", back, "--campaign", office, "--out", tmp_path / "merged")
    assert merged.code == 0
    with (tmp_path / "merged" / "对账.csv").open(encoding="utf-8-sig") as file:
        lines: Sequence[Mapping[str, str]] = list(csv.DictReader(file))
    unit = next(line for line in lines if (line["层级"], line["代码"]) == ("单位", UNIT))
    assert (unit["情况"], unit["通过单位"], unit["已合并单位"]) == ("", "1", "1")
