"""Rounds of a campaign at the command line: what each run says is new, missing, shown and not shown."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from commands import Xltool, in_this_process, refused
from helpers import answers, fill_unit, make_campaign

from xltool.office.campaign import PRIVATE, Campaign

UNIT, OTHER = "238001", "226002"


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Campaign, Path]:
    """A campaign, and returns to take: good and faulty ones of two units."""
    base = tmp_path_factory.mktemp("standing")
    campaign = make_campaign("target", base / "office")
    for unit in (UNIT, OTHER):
        data = answers("target", unit)
        fill_unit(campaign, unit, data, base / f"{unit}-good.xlsx")
        data["projects"][0]["项目概况"] = ""
        fill_unit(campaign, unit, data, base / f"{unit}-bad.xlsx")
    return campaign, base


def end_of(out: str) -> list[str]:
    """What a check says after its totals."""
    lines = out.splitlines()
    totals = max(n for n, line in enumerate(lines) if line.startswith("共 "))
    return [line for line in lines[totals + 1 :] if not line.startswith("错误 ")]


def test_rounds(issued: tuple[Campaign, Path], tmp_path: Path, xltool: Xltool) -> None:
    campaign, base = issued
    office, back = tmp_path / "office", tmp_path / "back"
    shutil.copytree(campaign.folder, office)
    back.mkdir()
    words = ("check", back, "--campaign", office)

    shutil.copy(base / f"{UNIT}-bad.xlsx", back / "a.xlsx")
    run = xltool(*words)
    assert end_of(run.out) == [
        "这是第一次检查，没有可比的；以后在这里说明与上次检查的不同",
    ]

    shutil.copy(base / f"{OTHER}-bad.xlsx", back / "b.xlsx")
    shutil.copy(base / f"{UNIT}-good.xlsx", back / "a.xlsx")
    run = xltool(*words, "--format", "json")
    summary = json.loads(run.out)["summary"]
    assert [unit["unit_code"] for unit in summary["not_returned"]] == ["215001", "226001"]
    assert [(u["unit"], u["first"], u["changed"]) for u in summary["since_last"]["units"]] == [
        (UNIT, False, True),
        (OTHER, True, False),
    ]
    gone = summary["since_last"]["units"][0]["gone"]
    assert [(p["code"], p["cell"]) for p in gone] == [("TXT-001", "B8")]

    (back / "a.xlsx").unlink()
    lines = end_of(xltool(*words).out)
    assert lines[1:] == [
        "  没有变化 1 个单位",
        "以前交过、这次不在其中 1 个单位：238001 云岭区生态环境监测站",
    ]

    shutil.rmtree(office / PRIVATE)
    lines = end_of(xltool(*words).out)
    assert lines[0] == "这是第一次检查，没有可比的；以后在这里说明与上次检查的不同"


def test_status_and_copies_count_the_same_rounds_after_the_log_was_lost(
    issued: tuple[Campaign, Path], tmp_path: Path, xltool: Xltool
) -> None:
    campaign, base = issued
    office, came = tmp_path / "office", base / f"{UNIT}-bad.xlsx"
    shutil.copytree(campaign.folder, office)
    for number in (1, 2, 3):
        folder = tmp_path / str(number)
        xltool("check", came, "--campaign", office, "--return", folder)
        (came,) = folder.iterdir()
        assert came.stem.endswith(f"_退回{number}")
        status = xltool("status", office, "--format", "csv").out
        (line,) = (
            row
            for row in csv.DictReader(status.lstrip("\ufeff").splitlines())
            if row["单位代码"] == UNIT
        )
        assert (line["状态"], line["退回次数"]) == (f"已退回（第 {number} 次）", str(number))
        (office / "检查记录.csv").unlink()


def test_a_log_that_was_cut_off_is_named(
    issued: tuple[Campaign, Path], tmp_path: Path, xltool: Xltool
) -> None:
    campaign, base = issued
    office = tmp_path / "office"
    shutil.copytree(campaign.folder, office)
    words = ("check", base / f"{UNIT}-bad.xlsx", "--campaign", office)
    xltool(*words)
    log = office / "检查记录.csv"
    log.write_text(log.read_text("utf-8") + "2026-11-21 09:30,2380", encoding="utf-8")
    said = "注意：检查记录.csv 第 3 行没有写完，或看不懂，没有采用"
    for command in (
        words,
        ("status", office),
        ("merge", base / f"{UNIT}-good.xlsx", "--campaign", office, "--out", tmp_path / "merged"),
    ):
        assert xltool(*command).err.count(said) == 1


def test_the_status_as_a_workbook(
    issued: tuple[Campaign, Path], tmp_path: Path, xltool: Xltool
) -> None:
    campaign, base = issued
    office, back, out = tmp_path / "office", tmp_path / "back", tmp_path / "报送情况.xlsx"
    shutil.copytree(campaign.folder, office)
    back.mkdir()
    shutil.copy(base / f"{UNIT}-bad.xlsx", back / "a.xlsx")
    xltool("check", back, "--campaign", office)
    run = xltool("status", office, "--format", "xlsx", "-o", out)
    assert (run.code, run.out, run.err) == (0, "", f"已写出 {out}\n")
    sheet = openpyxl.load_workbook(out)["报送情况"]
    head, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    as_csv = list(
        csv.reader(xltool("status", office, "--format", "csv").out.lstrip("\ufeff").splitlines())
    )
    assert head == as_csv[0]
    count = len(as_csv) - 1
    assert [["" if c is None else str(c) for c in row] for row in rows[:count]] == as_csv[1:]
    (foot,) = (row[0] for row in rows[count:] if row[0])
    assert str(foot).startswith("共 4 个单位：未通过 1 个，未交 3 个。截止日期 2026-12-15，")
    (found,) = (row for row in rows if row[0] == UNIT)
    assert found[3:7] == ["未通过", 1, 0, 0]  # numbers, by which one can sort
    assert sheet.auto_filter.ref == f"A1:I{count + 1}"
    refused(
        xltool("status", office, "--format", "xlsx"), "--format xlsx 需要用 -o 指明写到哪个文件"
    )
    refused(
        xltool("status", office, "--format", "xlsx", "-o", "a.csv"),
        "a.csv：扩展名 .csv 不合 --format xlsx；请用 --format csv，或把文件名改为 a.xlsx",
    )


def test_only_part_is_shown(issued: tuple[Campaign, Path], tmp_path: Path, xltool: Xltool) -> None:
    campaign, base = issued
    office, back = tmp_path / "office", tmp_path / "back"
    shutil.copytree(campaign.folder, office)
    back.mkdir()
    shutil.copy(base / f"{UNIT}-bad.xlsx", back / "a.xlsx")
    shutil.copy(base / f"{OTHER}-good.xlsx", back / "b.xlsx")
    words = ("check", back, "--campaign", office)

    def notes(*more: str, code: int = 1) -> list[str]:
        run = xltool(*words, *more)
        assert run.code == code
        return [line for line in run.out.splitlines() if "只显示" in line]

    def shown(*more: str) -> list[tuple[str, str]]:
        found = json.loads(xltool(*words, *more, "--format", "json").out)
        files = [Path(book["file"]).name for book in found["workbooks"]]
        return [(files[f["workbook"]], f["code"]) for f in found["findings"]]

    every = shown()
    assert ("a.xlsx", "TXT-001") in every
    rest = len(every)
    line = "注意：只显示：{}。另有 {} 处未列出，没有列出不等于通过"
    assert notes("--unit", OTHER) == [line.format(f"单位 {OTHER}", rest)]
    assert shown("--unit", OTHER) == []
    assert notes("--unit", UNIT, "--unit", OTHER) == [line.format(f"单位 {UNIT}、{OTHER}", 0)]
    errors = [each for each in every if each[1] == "TXT-001"]
    assert notes("--rule", "txt-001") == [line.format("规则 TXT-001", rest - len(errors))]
    assert shown("--rule", "TXT-001", "--errors-only") == errors
    assert notes("--new") == [line.format("新交的表和新增的问题", rest)]
    assert shown("--new") == []
    out = xltool(*words, "--unit", "215001").out  # nothing came of it
    assert "215001 云岭区社区网格管理中心" in out.splitlines()[0]
    assert "收到" not in out
    run = xltool(*words, "--unit", OTHER, "--format", "jsonl")
    assert run.out.strip() == ""
    assert line.format(f"单位 {OTHER}", rest) in run.err.splitlines()
    shutil.copy(base / f"{OTHER}-bad.xlsx", back / "b.xlsx")
    assert ("b.xlsx", "TXT-001") in shown("--new")
    assert shown("--new") == []  # now it is known
    log = (office / "检查记录.csv").read_text("utf-8-sig")
    assert log.count("未通过") == 2


def test_copies_of_some_units_only(
    issued: tuple[Campaign, Path], tmp_path: Path, xltool: Xltool
) -> None:
    campaign, base = issued
    office, back, out = tmp_path / "office", tmp_path / "back", tmp_path / "out"
    shutil.copytree(campaign.folder, office)
    back.mkdir()
    for unit in (UNIT, OTHER):
        shutil.copy(base / f"{unit}-bad.xlsx", back / f"{unit}.xlsx")
    words = ("check", back, "--campaign", office, "--return", out)
    assert xltool(*words, "--unit", UNIT).err.splitlines()[-1] == f"已写出 1 份退回件，在 {out}"
    assert [path.name for path in out.iterdir()] == [f"{UNIT}_退回1.xlsx"]
    assert xltool(*words).err.splitlines()[-1] == f"已写出 2 份退回件，在 {out}"
    assert sorted(path.name for path in out.iterdir()) == [
        f"{OTHER}_退回1.xlsx",
        f"{UNIT}_退回1.xlsx",
    ]


def test_what_is_refused(issued: tuple[Campaign, Path], xltool: Xltool) -> None:
    campaign, base = issued
    path = base / f"{UNIT}-good.xlsx"
    words = ("check", path, "--campaign", campaign.folder)
    refused(xltool(*words, "--unit", "238002"), "名册里没有单位 238002，是不是 238001？")
    refused(xltool(*words, "--unit", "9"), "名册里没有单位 9，请核对 units.csv")
    refused(xltool(*words, "--rule", "TXT-999"), "没有规则 TXT-999；用 xltool rules 查看全部规则")


def test_a_merge_says_the_same_of_units_that_are_not_in_it(
    issued: tuple[Campaign, Path], tmp_path: Path, xltool: Xltool
) -> None:
    """One came and was taken away, one cannot be read, one never came: 对账, 合并清单 and status agree."""
    campaign, base = issued
    office, back, out = tmp_path / "office", tmp_path / "back", tmp_path / "合并"
    shutil.copytree(campaign.folder, office)
    back.mkdir()
    shutil.copy(base / f"{UNIT}-bad.xlsx", back / "a.xlsx")
    xltool("check", back, "--campaign", office, "--return", tmp_path / "退回")
    (back / "a.xlsx").unlink()
    shutil.copy(base / f"{OTHER}-good.xlsx", back / "b.xlsx")
    (back / "226001_申报表.xlsx").write_bytes(b"PK")
    for _ in range(2):  # the merge itself changes nothing of it
        xltool("merge", back, "--campaign", office, "--out", out)
        ledger = {row["单位代码"]: row["结果"] for row in table(out / "合并清单.csv")}
        assert ledger == {
            "226001": "无法读取，未合并",
            OTHER: "已合并",
            UNIT: "以前交过，不在这次合并中",
            "215001": "未交",
        }
        rows = table(out / "对账.csv")
        units = {row["代码"]: row for row in rows if row["层级"] == "单位"}
        assert {code: row["情况"] for code, row in units.items()} == {
            **ledger,
            OTHER: "",
        }
        (whole,) = (row for row in rows if row["层级"] == "合计")
        assert whole["情况"] == "未交 1 个单位；1 个单位以前交过，不在这次合并中"
        counts = ("应交单位", "已交单位", "通过单位", "已合并单位", "未交单位")
        assert [whole[name] for name in counts] == ["4", "2", "1", "1", "1"]
    states = {
        row["单位代码"]: row["状态"]
        for row in of_csv(xltool("status", office, "--format", "csv").out)
    }
    assert states[UNIT] == "已退回（第 1 次）"
    assert states["215001"] == "未交"


def table(path: Path) -> list[dict[str, str]]:
    return of_csv(path.read_text(encoding="utf-8"))


def of_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.lstrip("\ufeff").splitlines()))
