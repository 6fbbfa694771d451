"""What the command line tells about itself: rules, forms, help, the demonstration."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process, process

from xltool.cli.main import cli
from xltool.form.loading import form_ids, load_form
from xltool.office.campaign import Campaign


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


def test_rules(xltool: Xltool) -> None:
    run = xltool("rules")
    lines = run.out.splitlines()
    assert run.code == 0
    assert "AMT-001  错误    项目总金额必须等于财政拨款资金与其他资金之和。" in lines
    codes = [line.split()[0] for line in lines]
    assert codes == sorted(set(codes))
    fewer = xltool("rules", "--form", "longhua_2021_target").out.splitlines()
    assert {line.split()[0] for line in fewer} < set(codes)
    assert not any(line.startswith("COD-") for line in fewer)


def test_one_rule(xltool: Xltool) -> None:
    run = xltool("rules", "AMT-001")
    assert run.code == 0
    assert run.out.startswith("AMT-001（错误）  适用：longhua_2021_target\n")
    assert "例：\n" in run.out
    assert "不通过" in run.out
    assert xltool("rules", "amt-001") == run
    assert xltool("rules", "AMT-999") == Run(
        2, "", "错误：没有规则 AMT-999；用 xltool rules 查看全部规则\n"
    )


@pytest.mark.parametrize("group", ["form", "key"])
def test_a_group_without_a_command_shows_its_help(xltool: Xltool, group: str) -> None:
    run = xltool(group)
    assert (run.code, run.err) == (0, "")
    assert run == xltool(group, "--help")


def test_forms(xltool: Xltool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = xltool("forms")
    assert run.code == 0
    listed = [line.split(maxsplit=1) for line in run.out.splitlines()]
    named = {
        name: f"{load_form(name).title}（版本 {load_form(name).version}）" for name in form_ids()
    }
    assert listed == [[form_id, words] for form_id, words in named.items()]
    for year in (2022, 2024):
        words = f"二级项目支出绩效目标申报表（版本 {year}.1）"
        assert [f"futian_{year}_declaration", words] in listed
    one = xltool("forms", "longhua_2021_target")
    assert one.out.splitlines()[0] == "longhua_2021_target  项目支出绩效目标表（版本 2021.1）"
    overview = r" +B8 +overview +项目概况 +单位 +text，必填，不超过 2000 字"
    assert any(re.fullmatch(overview, line) for line in one.out.splitlines())
    run = xltool("forms", "longhua_2021_target", "--preview", "a.html")
    assert run == Run(0, "已写出 a.html\n", "")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "项目总(中期)目标" in page
    assert not re.search(r'(?:src|href)="?https?:', page)
    assert xltool("forms", "--preview", "a.html") == Run(
        2, "", "错误：--preview 需要指明哪一张表\n"
    )


@pytest.mark.slow
def test_demo(tmp_path: Path) -> None:
    run = process("demo", "d", cwd=tmp_path)
    assert (run.code, run.err) == (0, "")
    assert len(list((tmp_path / "d").rglob("汇总表.xlsx"))) == 2
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear", encoding="utf-8")
    refused = process("demo", "other", cwd=tmp_path)
    assert refused == Run(2, "", "错误：other：文件夹里有别的文件，不会覆盖；请换一个空文件夹\n")


@pytest.mark.parametrize("name", ["", *sorted(cli.commands)])
def test_help_is_chinese(xltool: Xltool, name: str) -> None:
    run = xltool(*([name] if name else []), "--help")
    assert (run.code, run.err) == (0, "")
    for english in ("Usage", "Options", "Commands", "Show this", "default", "OPTIONS", "ARGS"):
        assert english not in run.out
    assert run.out.startswith("用法：")
    assert "显示帮助" in run.out
    if name:
        assert "例：" in run.out
    assert xltool(*([name] if name else []), "-h") == run
    assert name or xltool() == run


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['xltool', '--help']\n"
        "from xltool.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = ('polars', 'pandera', 'xlsxwriter', 'openpyxl', 'rich', 'lxml', 'jinja2', 'pebble')\n"
        "print('loaded:', *[name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines()[-1].strip() == "loaded:"


def test_check_loads_nothing_needless_before_the_workers_have_their_tasks(
    target: Campaign, good_target: Path
) -> None:
    code = (
        "import sys; sys.argv = ['xltool', 'check', *sys.argv[1:]]\n"
        "from xltool.cli import meanwhile\n"
        "heavy = ('hypothesis', 'jinja2', 'openpyxl', 'rich', 'xlsxwriter')\n"
        "def load(modules, progress):\n"
        "    def note(done, total):\n"
        "        if not done: print('loaded:', *[name for name in heavy if sys.modules.get(name)])\n"
        "    return note\n"
        "meanwhile.loading = load\n"
        "from xltool.cli.main import main\n"
        "main()\n"
    )
    words = [str(good_target), "--campaign", str(target.folder), "--fresh"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "loaded:" in map(str.strip, done.stdout.splitlines())


def test_check_loads_nothing_heavy_before_the_workers_start(
    target: Campaign, good_target: Path
) -> None:
    """They load the same, at the same time: what is loaded before is waited for twice."""
    code = (
        "import sys; sys.argv = ['xltool', 'check', *sys.argv[1:]]\n"
        "from xltool.workbook import workers\n"
        "heavy = ('polars', 'pandera', 'lxml', 'python_calamine', 'cryptography')\n"
        "start = workers.start\n"
        "def started():\n"
        "    print('loaded:', *[name for name in heavy if name in sys.modules])\n"
        "    start()\n"
        "workers.start = started\n"
        "from xltool.cli.main import main\n"
        "main()\n"
    )
    words = [str(good_target), "--campaign", str(target.folder), "--fresh"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "loaded:" in map(str.strip, done.stdout.splitlines())


def test_version(xltool: Xltool) -> None:
    run = xltool("--version")
    assert run.code == 0
    assert re.fullmatch(r"xltool \d+\.\d+\.\d+\n", run.out)
