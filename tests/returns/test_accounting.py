"""Everything handed in has an outcome: read, refused, or left aside; the count sums to what lies there."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import openpyxl
import pytest
from commands import Xltool, in_this_process, process, refused, totals
from foreign import packed
from helpers import own_copy
from merges import WRITTEN

from xltool.errors import OfficeError
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign
from xltool.returns.accounting import Accounts, LeftAside, named
from xltool.returns.reading import read

COUNT = (
    "收到 16 份：读取 2 份，无法读取 3 份，未读取 11 份"
    "（隐藏文件 2、系统文件 2、断开的链接 2、下发清单 1、管道 1、套接字 1、锁文件 1、指向文件夹的链接 1）。"
)
REASONS = {
    ".hidden": "隐藏文件",
    ".git/config": "隐藏文件",
    "Thumbs.db": "系统文件",
    "__MACOSX/._good.xlsx": "系统文件",
    "gone.xlsx": "断开的链接",
    "round": "断开的链接",
    "manifest.csv": "下发清单",
    "~$good.xlsx": "锁文件",
    "pipe.xlsx": "管道",
    "plug.xlsx": "套接字",
    "区/up": "指向文件夹的链接",
}


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def everything(good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of everything."""
    folder = tmp_path / "back"
    for inside in ("区", ".git", "__MACOSX"):
        (folder / inside).mkdir(parents=True)
    shutil.copyfile(good_target, folder / "good.xlsx")
    shutil.copyfile(good_target, folder / "区" / "same.xlsx")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7")
    (folder / "empty.zip").write_bytes(packed({}))
    (folder / "letters.zip").write_bytes(packed({"a.txt": b"a"}))
    for name in (".hidden", ".git/config", "Thumbs.db", "__MACOSX/._good.xlsx"):
        (folder / name).write_bytes(b"x")
    for name in ("manifest.csv", "~$good.xlsx"):
        (folder / name).write_bytes(b"x")
    (folder / "gone.xlsx").symlink_to(folder / "nowhere.xlsx")
    (folder / "round").symlink_to(folder / "round")
    (folder / "区" / "up").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.xlsx")
    monkeypatch.chdir(folder)  # the path of a socket has room for a hundred characters
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind("plug.xlsx")
    return folder


def test_one_of_everything(target: Campaign, everything: Path) -> None:
    batch = read([everything], target)
    assert {(each.name, each.reason) for each in batch.left_aside} == {
        (str(everything / name), reason) for name, reason in REASONS.items()
    }
    assert [
        (Path(s.file).relative_to(everything), s.problem, s.same_as) for s in batch.submissions
    ] == [
        (Path("empty.zip"), "压缩包里没有工作簿", None),
        (Path("good.xlsx"), None, None),
        (Path("letter.pdf"), "是 PDF 文件，不是工作簿", None),
        (Path("letters.zip/a.txt"), "是文本文件（如 CSV），不是工作簿", None),
        (Path("区/same.xlsx"), None, "good.xlsx"),
    ]
    lying = sum(len(files) for _, _, files in os.walk(everything))
    links = 1  # os.walk counts a link to a folder among the folders
    assert batch.accounts.received == lying + links == 16
    assert batch.accounts.words == COUNT


def test_every_output_says_it(
    xltool: Xltool, target: Campaign, everything: Path, tmp_path: Path
) -> None:
    words = ("check", everything, "--campaign", target.folder)
    run = xltool(*words)
    assert (run.code, run.err) == (1, "")
    lines = run.out.splitlines()
    assert totals(run.out) == "共 5 份：通过 2 份，无法读取 3 份。错误 3 处，提示 1 处。"
    said = "".join(lines).replace(" ", "")  # on as many lines as a terminal needs
    assert COUNT.replace(" ", "") + "共5份：" in said
    assert f"注意：未读取（管道）：{everything}/pipe.xlsx" in run.out.replace("\n", "")
    document = json.loads(xltool(*words, "--format", "json").out)
    summary = document["summary"]
    assert [summary[key] for key in ("received", "read", "refused", "left_aside")] == [16, 2, 3, 11]
    assert sum(summary["reasons"].values()) == 11
    assert {(each["name"], each["reason"]) for each in document["left_aside"]} == {
        (str(everything / name), reason) for name, reason in REASONS.items()
    }
    listed = tmp_path / "list.xlsx"
    assert xltool(*words, "--format", "xlsx", "-o", listed).code == 1
    rows = list(openpyxl.load_workbook(listed)["收到的文件"].iter_rows(values_only=True))
    assert rows[0] == ("文件", "单位", "单位名称", "主管部门", "结果", "说明")
    assert len(rows) == 17
    assert rows[1:6] == [
        ("empty.zip", None, None, None, "无法读取", "压缩包里没有工作簿"),
        ("good.xlsx", "226002", "云岭区图书馆", "云岭区文化体育局", "通过", None),
        ("letter.pdf", None, None, None, "无法读取", "是 PDF 文件，不是工作簿"),
        ("a.txt", None, None, None, "无法读取", "是文本文件（如 CSV），不是工作簿"),
        (
            "same.xlsx",
            "226002",
            "云岭区图书馆",
            "云岭区文化体育局",
            "通过",
            "与 good.xlsx 内容完全相同，只计一次",
        ),
    ]
    assert (str(everything / "pipe.xlsx"), None, None, None, "未读取", "管道") in rows


def test_the_page_says_it(
    xltool: Xltool, target: Campaign, everything: Path, tmp_path: Path
) -> None:
    path = tmp_path / "r.html"
    words = ("--campaign", target.folder, "--format", "html", "-o", path)
    assert xltool("check", everything, *words).code == 1
    page = path.read_text(encoding="utf-8")
    assert f"<dd>{COUNT.rstrip('。')}</dd>" in page
    assert f"<li>未读取（管道）：{everything}/pipe.xlsx</li>" in page


def test_merge_says_it(xltool: Xltool, target: Campaign, everything: Path, tmp_path: Path) -> None:
    office = own_copy(target, tmp_path / "office")
    run = xltool("merge", everything, "--campaign", office.folder, "--out", tmp_path / "out")
    assert (run.code, run.err) == (1, "")
    assert run.out.splitlines()[-3:] == [
        COUNT,
        f"第 1 次合并：合并 1 份，未合并 4 份，在 {tmp_path / 'out'}",
        WRITTEN,
    ]
    assert f"注意：未读取（管道）：{everything}/pipe.xlsx" in run.out
    (tmp_path / "results").mkdir()
    again = merge([tmp_path / "out"], tmp_path / "results", office)
    assert again.batch is not None
    assert again.batch.accounts == Accounts(0, 0, [])


def test_left_aside_alone_leaves_the_exit_code(
    xltool: Xltool, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    folder, empty = tmp_path / "back", tmp_path / "empty"
    folder.mkdir()
    empty.mkdir()
    shutil.copyfile(good_target, folder / "a.xlsx")
    (folder / ".hidden").write_bytes(b"x")
    os.mkfifo(folder / "pipe")
    run = xltool("check", folder, empty, "--campaign", target.folder)
    assert (run.code, run.err) == (0, "")
    assert [line for line in run.out.splitlines() if line.startswith(("收到", "共 "))] == [
        "收到 4 份：读取 1 份，未读取 3 份（隐藏文件 1、管道 1、空文件夹 1）。",
        "共 1 份：通过 1 份。没有发现问题。",
    ]
    assert f"未读取（空文件夹）：{empty}" in run.out.replace("\n", "")


@pytest.mark.parametrize("name", ["pipe.xlsx", "~$a.xlsx", "Thumbs.db", "gone.xlsx"])
def test_given_by_name(
    target: Campaign, good_target: Path, everything: Path, tmp_path: Path, name: str
) -> None:
    """As a shell gives all that lies in a folder."""
    (everything / "~$a.xlsx").write_bytes(b"x")
    batch = read([everything / name, good_target], target)
    reason = REASONS.get(name, "锁文件")
    assert batch.left_aside == [LeftAside(str(everything / name), reason)]
    assert [s.file for s in batch.submissions] == [str(good_target)]


def test_the_same_named_in_two_ways_counts_once(
    target: Campaign, everything: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(everything / "区")
    paths = [everything, Path(".."), everything / "good.xlsx", everything / ".hidden", Path("up")]
    batch = read(paths, target)
    # a hidden file that is given by name is read
    assert str(everything / ".hidden") in [s.file for s in batch.submissions]
    assert len(batch.submissions) == 6
    assert batch.accounts.received == 16
    pipes = [each for each in batch.left_aside if each.reason == "管道"]
    assert len(pipes) == 1


def test_nothing_to_read_is_the_offices_mistake(
    xltool: Xltool, target: Campaign, tmp_path: Path
) -> None:
    empty, hidden = tmp_path / "empty", tmp_path / "hidden"
    for folder in (empty, hidden):
        folder.mkdir()
    (hidden / "~$a.xlsx").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    with_campaign = ("--campaign", target.folder)
    refused(xltool("check", empty, *with_campaign), f"{empty}：文件夹里没有可检查的文件")
    refused(
        xltool("check", hidden, *with_campaign),
        f"{hidden}：文件夹里没有可检查的文件（未读取：锁文件 1）",
    )
    refused(
        xltool("check", empty, hidden, *with_campaign),
        "这些位置没有可检查的文件（未读取：锁文件 1）",
    )
    refused(
        xltool("check", tmp_path / "pipe", *with_campaign), f"{tmp_path}/pipe：是管道，不能检查"
    )
    refused(
        xltool("merge", empty, *with_campaign, "--out", tmp_path / "out"),
        f"{empty}：文件夹里没有可检查的文件",
    )


def test_a_pipe_does_not_block(target: Campaign, everything: Path) -> None:
    run = process("check", everything, everything / "pipe.xlsx", "--campaign", target.folder)
    assert (run.code, run.err) == (1, "")


def test_a_folder_that_may_not_be_read(
    target: Campaign, everything: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.scandir

    def scan(path: Path) -> object:
        if isinstance(path, Path) and path.name == "区":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(os, "scandir", scan)
    batch = read([everything], target)
    assert LeftAside(str(everything / "区"), "打不开的文件夹") in batch.left_aside
    assert batch.accounts.received == 15
    with pytest.raises(OfficeError, match=r"文件夹里没有可检查的文件（未读取：打不开的文件夹 1）"):
        read([everything / "区"], target)


def test_members_of_archives_are_counted(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    members = ["甲.xlsx", "~$甲.xlsx", "__MACOSX/._甲.xlsx", ".DS_Store", "manifest.csv"]
    path.write_bytes(packed(dict.fromkeys(members, good_target.read_bytes())))
    batch = read([path], target)
    assert batch.accounts.words == (
        "收到 5 份：读取 1 份，未读取 4 份（系统文件 2、锁文件 1、下发清单 1）。"
    )
    assert batch.left_aside[0] == LeftAside(f"{path}/~$甲.xlsx", "锁文件")


def test_words() -> None:
    assert Accounts(3, 0).words == "收到 3 份：读取 3 份。"
    assert Accounts(0, 1).words == "收到 1 份：读取 0 份，无法读取 1 份。"
    many = [LeftAside(f"a{n}", "隐藏文件") for n in range(5)]
    assert named(many) == ["未读取（隐藏文件）：a0、a1、a2等 5 个"]
    assert named(many[:3]) == ["未读取（隐藏文件）：a0、a1、a2"]
    assert named([]) == []
