"""`xltool merge --database`: what it says, and what it refuses before anything is read."""

from __future__ import annotations

from pathlib import Path

import load_many
import pytest
from commands import Xltool, in_this_process, refused

from xltool.office.campaign import Campaign


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


def test_a_result_goes_into_a_database(
    declaration: Campaign, good_declaration: Path, tmp_path: Path, xltool: Xltool
) -> None:
    url = f"sqlite:///{tmp_path / '合并.sqlite'}"
    words = ("merge", good_declaration, "--campaign", declaration.folder, "--out", tmp_path / "out")
    first = xltool(*words, "--database", url)
    assert first.code == 0
    assert first.out.splitlines()[-1] == "已写入数据库：新增 1 份，更新 0 份，未变 0 份"
    again = xltool(*words, "--database", url)
    assert again.out.splitlines()[-1] == "已写入数据库：新增 0 份，更新 0 份，未变 1 份"
    projects = 'SELECT "单位代码", count(*) FROM "汇总_futian_2024_declaration_project" GROUP BY 1'
    assert load_many.reader(url)(projects) == [("106001", 6)]
    assert (tmp_path / "out" / "datapackage.json").is_file()
    assert "已写入" not in xltool(*words, "--database", url, "--quiet").out


def test_an_address_of_no_database_is_refused_at_once(
    declaration: Campaign, good_declaration: Path, tmp_path: Path, xltool: Xltool
) -> None:
    words = ("merge", good_declaration, "--campaign", declaration.folder, "--out", tmp_path / "out")
    run = xltool(*words, "--database", "mysql://root:hush@host/db")
    known = "duckdb:///文件.duckdb、sqlite:///文件.sqlite、postgresql://用户@主机/库"
    refused(run, f"不认识这个数据库地址；可以是 {known}")
    assert not (tmp_path / "out").exists()


def test_a_load_that_fails_leaves_the_result_as_merged(
    declaration: Campaign, good_declaration: Path, tmp_path: Path, xltool: Xltool
) -> None:
    words = ("merge", good_declaration, "--campaign", declaration.folder, "--out", tmp_path / "out")
    run = xltool(*words, "--database", f"sqlite:///{tmp_path}/none/x.sqlite")
    why = "打不开数据库文件；请核对文件夹是否存在、有没有写入权限"
    assert (run.code, run.err) == (2, f"错误：{tmp_path}/none/x.sqlite：{why}\n")
    assert (tmp_path / "out" / "data" / "project.parquet").is_file()
