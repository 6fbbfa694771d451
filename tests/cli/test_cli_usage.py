"""Words that the command line does not understand: one line in Chinese, and where to read on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import Xltool, in_this_process, refused


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


USAGE: list[tuple[list[str], str]] = [
    (["nothing"], "没有命令 nothing；用 xltool --help 查看用法"),
    (["check"], "缺少参数 '文件或文件夹…'；用 xltool check --help 查看用法"),
    (["check", "--nothing", "a"], "没有选项 --nothing；用 xltool check --help 查看用法"),
    (
        ["check", "a", "--jobs", "0"],
        "'--jobs' 的值不对：0 应在 x>=1 的范围内；用 xltool check --help 查看用法",
    ),
    (
        ["check", "a", "--jobs", "x"],
        "'--jobs' 的值不对：'x' 应为整数；用 xltool check --help 查看用法",
    ),
    (["merge", "a"], "缺少选项 '--out'；用 xltool merge --help 查看用法"),
    (["merge", "a", "--out"], "选项 --out 缺少值；用 xltool merge --help 查看用法"),
    (["init", "a", "--form", "b"], "缺少选项 '--year'；用 xltool init --help 查看用法"),
    (
        ["init", "a", "--form", "b", "--year", "x"],
        "'--year' 的值不对：'x' 应为整数；用 xltool init --help 查看用法",
    ),
    (["chek"], "没有命令 chek （是否要写 'check'？）；用 xltool --help 查看用法"),
    (
        ["check", "a", "--fomat", "x"],
        "没有选项 --fomat （是否要写 '--form', '--format', '--out'？）；用 xltool check --help 查看用法",
    ),
    (["rules", "a", "b"], "多出参数 b；用 xltool rules --help 查看用法"),
    (["check", "a", "--quiet=1"], "选项 --quiet 不带值；用 xltool check --help 查看用法"),
    (
        ["merge", "a", "--out", "b", "--prefer", "oldest"],
        "'--prefer' 的值不对：'oldest' 不在其中，可选 'newest'；用 xltool merge --help 查看用法",
    ),
]


@pytest.mark.parametrize(("words", "message"), USAGE, ids=range(len(USAGE)))
def test_usage(xltool: Xltool, words: list[str], message: str) -> None:
    refused(xltool(*words), message)


def test_unknown_format_names_the_choices(xltool: Xltool) -> None:
    run = xltool("check", "a", "--format", "pdf")
    assert (run.code, run.out) == (2, "")
    assert re.fullmatch(
        r"错误：'--format' 的值不对：'pdf' 不在其中，可选 'text', 'json', 'jsonl'(, 'html')?, 'xlsx'；用 xltool check --help 查看用法\n",
        run.err,
    )


def test_output_folders_that_are_taken(xltool: Xltool, good_target: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("dear", encoding="utf-8")
    refused(
        xltool("merge", good_target, "--out", tmp_path),
        f"{tmp_path}：输出文件夹里有别的文件，不会覆盖；请换一个空文件夹",
    )
    refused(xltool("demo", tmp_path), f"{tmp_path}：文件夹里有别的文件，不会覆盖；请换一个空文件夹")
    for words, wrong in (
        (
            ("merge", good_target, "--out", tmp_path / "a.txt"),
            f"'--out' 的值不对：'{tmp_path}/a.txt' 是文件，应为文件夹",
        ),
        (
            ("demo", tmp_path / "a.txt"),
            f"'[文件夹]' 的值不对：'{tmp_path}/a.txt' 是文件，应为文件夹",
        ),
        (
            ("check", good_target, "-o", tmp_path),
            f"'-o' / '--out' 的值不对：'{tmp_path}' 是文件夹，应为文件",
        ),
        (
            ("check", good_target, "--return", tmp_path / "a.txt"),
            f"'--return' 的值不对：'{tmp_path}/a.txt' 是文件，应为文件夹",
        ),
    ):
        refused(xltool(*words), f"{wrong}；用 xltool {words[0]} --help 查看用法")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "dear"
