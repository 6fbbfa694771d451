"""The command line: what a clerk types, what is printed, and the exit code."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from commands import Run, Xltool, in_this_process, process, totals
from helpers import EXAMPLES, answers, edit, fill_unit, own_copy, template
from merges import WRITTEN_AND_HELD, saved_at
from openpyxl.workbook import Workbook

from xltool.office.campaign import Campaign


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


@pytest.fixture(scope="module")
def faulty(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A return of unit 238001 with one error and one warning."""
    data = answers("target", "238001")
    data["projects"][0]["项目概况"] = ""
    data["projects"][0]["indicators"][0]["指标内容"] = "长" * 41
    return fill_unit(target, "238001", data, tmp_path_factory.mktemp("faulty") / "238001.xlsx")


@pytest.mark.slow
def test_from_init_to_merge(tmp_path: Path) -> None:
    """The whole way through real processes, each from the folder above."""
    run = process("init", "office", "--form", "longhua_2021_target", "--year", 2027, cwd=tmp_path)
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines() == [
        *[f"已写出 office/{name}" for name in ("campaign.toml", "units.csv", "projects.csv")],
        *("已写出 office/keys/office.key", "已写出 office/keys/office.pub"),
        "下一步：填写 units.csv（单位名册）和 projects.csv（已知项目），再运行 xltool issue。",
        "keys/office.key 是签发密钥，请妥善保管，不要外传。",
    ]
    office = tmp_path / "office"
    empty = process("issue", "office", cwd=tmp_path)
    assert empty.code == 2
    assert empty.err == "错误：office/units.csv：名册里还没有单位；请每行填写一个单位\n"
    for name in ("units.csv", "projects.csv"):
        shutil.copyfile(EXAMPLES / "target" / name, office / name)
    run = process("issue", "office", cwd=tmp_path)
    assert run == Run(
        0, "已写出 4 份工作簿，在 office/issued；清单见 office/issued/manifest.csv\n", ""
    )
    (tmp_path / "back").mkdir()
    for file in sorted((office / "issued").glob("*.xlsx")):
        data = EXAMPLES / "target" / "answers" / f"{file.name[:6]}.json"
        run = process("fill", file, data, "-o", tmp_path / "back" / file.name)
        assert run == Run(0, f"已写出 {tmp_path / 'back' / file.name}\n", "")
    run = process("check", "back", "--campaign", "office", cwd=tmp_path)
    assert (run.code, run.err) == (0, "")
    assert totals(run.out) == "共 4 份：通过 3 份，有提醒 1 份。提醒 1 处。"
    merging = ("merge", "back", "--campaign", "office", "--out", "all")
    run = process(*merging, cwd=tmp_path)
    assert run.code == 1
    assert run.out.splitlines() == [
        "215001_云岭区社区网格管理中心.xlsx：有提醒，未经审核接受，未合并（1 处提醒：AMT-004）",
        "第 1 次合并：合并 3 份，未合并 1 份，在 all",
        WRITTEN,
    ]
    run = process(*merging, "--accept-warnings", cwd=tmp_path)
    assert run == Run(0, f"第 2 次合并：合并 4 份，未合并 0 份，在 all\n{WRITTEN}\n", "")
    run = process(*merging, "--accept-warnings", cwd=tmp_path)
    said = "第 2 次合并：合并 4 份，未合并 0 份，在 all（与上次相同，没有改动）\n"
    assert run == Run(0, said, "")


def test_the_campaign_is_found_from_inside(
    xltool: Xltool, target: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(target.folder, tmp_path / "office")
    (tmp_path / "office" / "deep").mkdir()
    assert xltool("trust", tmp_path / "office").code == 0
    monkeypatch.chdir(tmp_path / "office" / "deep")
    said = f"使用填报文件夹 {tmp_path / 'office'}\n"
    run = xltool("issue", "--unit", "226002")
    assert (run.code, run.err) == (0, said)
    assert run.out.startswith("已写出 1 份工作簿，在 ")
    assert xltool("issue", "-q", "--unit", "226002") == Run(0, "", "")


def test_zip_by(xltool: Xltool, target: Campaign, tmp_path: Path) -> None:
    run = xltool("issue", target.folder, "--out", tmp_path, "--zip-by", "department")
    assert run.out.splitlines()[1:] == [
        f"已写出 {tmp_path / name}"
        for name in ("云岭区社会治理工作局.zip", "云岭区文化体育局.zip", "云岭区生态环境局.zip")
    ]
    run = xltool("issue", target.folder, "--out", tmp_path, "--zip-by", "district")
    assert run.code == 2
    assert run.err == "错误：单位 215001 在 units.csv 中没有填写分包所用的列\n"


def test_fill_says_what_it_did_not_write(
    xltool: Xltool, declaration: Campaign, tmp_path: Path
) -> None:
    data = answers("declaration", "131002")
    data["projects"][0].update({"实施期限": "9", "不存在的栏目": "甲"})
    (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
    out = tmp_path / "a.xlsx"
    run = xltool("fill", template(declaration, "131002"), tmp_path / "a.json", "-o", out)
    assert (run.code, run.out) == (0, f"已写出 {out}\n")
    assert run.err.splitlines() == [
        "注意：数据中的“不存在的栏目”不是本表的栏目，没有写入",
        "注意：项目“城市部件事件信息采集”的“实施期限”已锁定（5），数据中的“9”没有写入",
    ]


def test_fill_converts_by_kind_or_says_what_it_left(
    xltool: Xltool, target: Campaign, tmp_path: Path
) -> None:
    data = answers("target", "226001")
    data["projects"] = [
        data["projects"][0]
        | {"计划开始日期": 20270101, "计划完成日期": "20271301", "其他资金": "约三百"}
    ]
    (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
    out = tmp_path / "a.xlsx"
    run = xltool("fill", template(target, "226001"), tmp_path / "a.json", "-o", out)
    where = f"注意：项目“{data['projects'][0]['项目名称']}”的"
    assert run.err.splitlines() == [
        f"{where}“计划完成日期”应为日期，如 2027-01-01，数据中的“20271301”照原样写入",
        f"{where}“其他资金（万元）”应为数字，单位万元，最多 2 位小数，数据中的“约三百”照原样写入",
    ]
    page = openpyxl.load_workbook(out)["项目1"]
    found = [page[cell].value for cell in ("B4", "E4", "E6")]
    assert found == [datetime(2027, 1, 1), "20271301", "约三百"]


# -- check -------------------------------------------------------------------------------------


# what of the summary says how this run differs from the last one, and who is not in it
SINCE_LAST = {"not_returned", "not_in_this_run", "since_last"}
# what a merge says that it wrote
WRITTEN = (
    "已写出 data/、datapackage.json、proof/、settings/、变更.csv、合并清单.csv、对账.csv、导入文件.xlsx、汇总表.xlsx、"
    "manifest.json、manifest.sig"
)


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_check_as_text(target: Campaign, good_target: Path, faulty: Path) -> None:
    run = process("check", good_target, faulty, "--campaign", target.folder)
    assert (run.code, run.err) == (1, "")
    assert "\x1b" not in run.out
    assert run.out.replace("\n", "").count(str(good_target)) == 1
    lines = run.out.splitlines()
    assert totals(run.out) == "共 2 份：通过 1 份，未通过 1 份。错误 1 处，提醒 1 处。"
    assert "  错误 项目1 B8（空气自动监测站运维） TXT-001" in lines
    assert "       项目概况没有填。" in lines
    assert "       → 请填写；这是必填项。" in lines
    assert "  提醒 项目1 C14（空气自动监测站运维） TXT-002" in lines
    assert "       指标内容有 41 字，限 40 字。" in lines


def test_text_reads_well_at_80_columns(target: Campaign, faulty: Path, tmp_path: Path) -> None:
    shutil.copyfile(faulty, tmp_path / "a.xlsx")
    run = process("check", "a.xlsx", "--campaign", target.folder, cwd=tmp_path)
    assert [line for line in run.out.splitlines() if width(line) > 80] == []
    assert run.out.splitlines()[0] == "未通过  a.xlsx（1 处错误，1 处提醒）"


def test_check_as_json(xltool: Xltool, target: Campaign, good_target: Path, faulty: Path) -> None:
    words = ("check", good_target, faulty, "--campaign", target.folder, "--format", "json")
    run = xltool(*words)
    assert (run.code, run.err) == (1, "")
    document = json.loads(run.out)
    assert list(document) == ["version", "summary", "workbooks", "findings", "left_aside"]
    assert set(document["summary"]) >= SINCE_LAST
    assert {k: v for k, v in document["summary"].items() if k not in SINCE_LAST} == {
        "campaign": str(target.folder),
        "received": 2,
        "read": 2,
        "refused": 0,
        "left_aside": 0,
        "reasons": {},
        "workbooks": 2,
        "passed": 1,
        "warned": 0,
        "failed": 1,
        "pending": 0,
        "unreadable": 0,
        "superseded": 0,
        "records": 7,
        "errors": 1,
        "warnings": 1,
        "infos": 0,
        "waived": 0,
        "offices": 0,
        "verified": True,
        "accepts_unsealed": False,
        "skipped": [
            "XW-005 未执行：缺少部门控制数（部门控制数.csv）",
            "XW-006、XW-007 未执行：缺少项目金额（项目金额.csv）",
        ],
        "log": None,
    }
    assert [list(book) for book in document["workbooks"]] == [
        ["file", "form", "unit", "status", "sha256", "records"]
    ] * 2
    good, bad = document["workbooks"]
    assert (good["file"], good["form"], good["unit"], good["status"], good["records"]) == (
        *(str(good_target), "longhua_2021_target", "226002", "passed", 3),
    )
    assert (bad["unit"], bad["status"], bad["records"]) == ("238001", "failed", 4)
    assert re.fullmatch("[0-9a-f]{64}", bad["sha256"])
    fingerprint = document["findings"][0].pop("fingerprint")
    assert re.fullmatch("[a-p]{12}", fingerprint)
    assert document["findings"][0] == {
        "code": "TXT-001",
        "severity": "error",
        "file": str(faulty),
        "sheet": "项目1",
        "cell": "B8",
        "cells": ["B8"],
        "record": "空气自动监测站运维",
        "field": "overview",
        "label": "项目概况",
        "value": "",
        "expected": "",
        "message": "项目概况没有填",
        "hint": "请填写；这是必填项",
        "waiver": "",
        "workbook": 1,
        "integrity": False,
        "shared": False,
        "whose": "unit",
        "mended": "",
        "refill": "",
        "explanation": "",
    }
    assert [finding["code"] for finding in document["findings"]] == ["TXT-001", "TXT-002"]


def test_check_into_files(xltool: Xltool, target: Campaign, faulty: Path, tmp_path: Path) -> None:
    words = ("check", faulty, "--campaign", target.folder)
    printed = xltool(*words, "--format", "json")
    run = xltool(*words, "--format", "json", "-o", tmp_path / "a.json")
    assert run == Run(1, "", f"已写出 {tmp_path / 'a.json'}\n")
    assert (tmp_path / "a.json").read_text(encoding="utf-8").strip() == printed.out.strip()
    said = f"已写出 {tmp_path / 'a.txt'}\n"
    assert xltool(*words, "-o", tmp_path / "a.txt") == Run(1, "", said)
    text = (tmp_path / "a.txt").read_text(encoding="utf-8")
    assert totals(text) == "共 1 份：未通过 1 份。错误 1 处，提醒 1 处。"
    assert "\x1b" not in text
    assert xltool(*words, "--format", "xlsx", "-o", tmp_path / "a.xlsx").code == 1
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")["问题清单"].iter_rows(values_only=True))
    assert rows[0] == (
        *(
            "文件",
            "单位",
            "单位名称",
            "主管部门",
            "程度",
            "责任",
            "规则",
            "工作表",
            "位置",
            "项目",
            "栏目",
            "问题",
            "怎么改",
            "现值",
            "单位说明",
            "豁免理由",
            "摘要",
        ),
    )
    assert rows[1] == (
        *(
            "238001.xlsx",
            "238001",
            "云岭区生态环境监测站",
            "云岭区生态环境局",
            "错误",
            "单位",
            "TXT-001",
            "项目1",
            "B8",
            "空气自动监测站运维",
        ),
        *("项目概况", "项目概况没有填", "请填写；这是必填项", None, None, None),
        json.loads(printed.out)["findings"][0]["fingerprint"],
    )
    assert len(rows) == 3
    run = xltool(*words, "--format", "xlsx")
    assert run == Run(2, "", "错误：--format xlsx 需要用 -o 指明写到哪个文件\n")


def test_return(xltool: Xltool, target: Campaign, faulty: Path, tmp_path: Path) -> None:
    words = ("check", faulty, "--campaign", target.folder, "--return", tmp_path / "back")
    run = xltool(*words)
    assert run.code == 1
    copy = tmp_path / "back" / "238001_退回1.xlsx"
    name = target.units["238001"].unit_name
    assert run.err.splitlines() == [
        f"已写出 {copy}：238001 {name}，1 处要改，1 处请核对",
        f"已写出 1 份退回件，在 {tmp_path / 'back'}",
    ]
    assert list((tmp_path / "back").iterdir()) == [copy]
    assert xltool(*words, "-q").err == ""


def test_warnings_alone_are_exit_code_0(xltool: Xltool, target: Campaign, tmp_path: Path) -> None:
    path = fill_unit(target, "215001", answers("target", "215001"), tmp_path / "a.xlsx")
    run = xltool("check", path, "--campaign", target.folder)
    assert run.code == 0
    assert totals(run.out) == "共 1 份：有提醒 1 份。提醒 1 处。"
    words = ("check", path, "--campaign", target.folder, "--return", tmp_path / "back")
    assert xltool(*words).err.splitlines() == [
        "只有提醒，未生成退回件（要生成的加 --with-warnings）：a.xlsx",
        f"没有写退回件到 {tmp_path / 'back'}",
    ]
    assert xltool(*words, "--with-warnings").err.splitlines()[-1] == (
        f"已写出 1 份退回件，在 {tmp_path / 'back'}"
    )


def test_with_warnings_needs_a_folder(xltool: Xltool, faulty: Path) -> None:
    assert xltool("check", faulty, "--with-warnings") == Run(
        2, "", "错误：--with-warnings 与 --return 同用：请用 --return 指明退回件写到哪里\n"
    )


def test_merge_without_anything_to_merge(
    xltool: Xltool, target: Campaign, faulty: Path, tmp_path: Path
) -> None:
    office = own_copy(target, tmp_path / "office")
    run = xltool("merge", faulty, "--campaign", office.folder, "--out", tmp_path / "out")
    assert run.code == 2
    assert run.out == "238001.xlsx：有错误，未合并（1 处错误：TXT-001）\n"
    assert run.err == "错误：没有可以合并的工作簿；请先用 xltool check 查看问题\n"
    assert not (tmp_path / "out").exists()


def test_merge_prefers_the_newest_only_when_told(
    xltool: Xltool, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def change(book: Workbook) -> None:
        book["项目1"]["B8"] = "另一种写法"

    (tmp_path / "in").mkdir()
    saved_at(good_target, "2026-11-02T09:00:00Z", tmp_path / "in" / "a.xlsx")
    newer = edit(good_target, change, tmp_path / "in" / "b.xlsx")
    saved_at(newer, "2026-11-03T09:00:00Z", newer)
    office = own_copy(target, tmp_path / "office")
    words = ("merge", tmp_path / "in", "--campaign", office.folder, "--out", tmp_path / "out")
    run = xltool(*words)
    assert run.code == 2
    assert sorted(run.out.splitlines()) == [
        f"{name}.xlsx：与另一份冲突，未合并（同一单位交了 2 份：a.xlsx、b.xlsx）" for name in "ab"
    ]
    run = xltool(*words, "--prefer", "newest")
    assert run.code == 0
    assert run.out.splitlines() == [
        "a.xlsx：已取另一份，未合并（按取舍选用另一份：b.xlsx）",
        f"第 1 次合并：合并 1 份，未合并 1 份，在 {tmp_path / 'out'}",
        WRITTEN_AND_HELD,
    ]
    assert xltool(*words).out == (  # what was decided once is decided
        "a.xlsx：已取另一份，未合并（按取舍选用另一份：b.xlsx）\n"
        f"第 1 次合并：合并 1 份，未合并 1 份，在 {tmp_path / 'out'}（与上次相同，没有改动）\n"
    )
