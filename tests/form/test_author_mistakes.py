"""Whatever an author writes wrong in a form is a line with file and line, before anything is issued."""

from __future__ import annotations

from pathlib import Path

import pytest
from author_mistakes import FORM, VALIDATOR, AuthorMistake, author_mistakes, write_form
from commands import Run, Xltool, in_this_process
from helpers import fill_unit
from small import UNIT

from xltool.errors import MistakesError, OfficeError, each_of
from xltool.form.loading import form_ids, load_form
from xltool.office.campaign import load_campaign
from xltool.write.inspecting import mistakes_of

MISTAKES = author_mistakes()
each_mistake = pytest.mark.parametrize("mistake", MISTAKES, ids=[m.what for m in MISTAKES])


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


@each_mistake
def test_form_check_says_where_and_what(
    xltool: Xltool, tmp_path: Path, mistake: AuthorMistake
) -> None:
    write_form(tmp_path, {mistake.file: (mistake.find, mistake.put)})
    run = xltool("form", "check", FORM, "--campaign", tmp_path)
    end = f"错误：表「{FORM}」有 {len(mistake.lines)} 处错误，请改正后再查\n"
    assert (run.out.splitlines(), run.err, run.code) == ([*mistake.lines], end, 2)


@each_mistake
def test_nothing_is_issued(xltool: Xltool, tmp_path: Path, mistake: AuthorMistake) -> None:
    write_form(tmp_path, {mistake.file: (mistake.find, mistake.put)})
    run = xltool("issue", tmp_path)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("错误：")
    for line in mistake.lines:
        place, _, words = line.partition(": ")
        file, _, number = place.partition(":")
        assert words in run.err
        assert f"{place}: " in run.err or f"{file} 第 {number} 行：" in run.err
    assert not (tmp_path / "issued").exists()


def test_there_are_many() -> None:
    assert len(MISTAKES) >= 60
    assert all(mistake.lines for mistake in MISTAKES)


def test_the_form_itself_is_right(xltool: Xltool, tmp_path: Path) -> None:
    write_form(tmp_path)
    run = xltool("form", "check", FORM, "--campaign", tmp_path)
    assert run == Run(0, f"表「{FORM}」没有发现问题\n", "")
    assert xltool("issue", "-q", tmp_path) == Run(0, "", "")


@pytest.mark.parametrize("form_id", form_ids())
def test_our_forms_are_right(form_id: str) -> None:
    assert mistakes_of(form_id, None).mistakes == []


def test_all_mistakes_at_once(xltool: Xltool, tmp_path: Path) -> None:
    edits = {
        "layout": ('<row lines="4"><label>总体目标', '<row line="4"><label align="up">总体目标'),
        "import": ("task.fiscal", "task.fiscl"),
        "validator": (VALIDATOR, VALIDATOR.replace("max_chars=500", "max_char=500")),
    }
    write_form(tmp_path, edits)
    lines = [
        f"templates/{FORM}/layout.xml.j2:12: <row> 没有属性 line，可用：break、height、lines、repeat",
        f"templates/{FORM}/layout.xml.j2:12: align 应为 left、center 或 right，现为“up”",
        f"validators/{FORM}.py:24: 没有选项 max_char，是不是 max_chars？请改正或删去",
    ]
    assert xltool("form", "check", FORM, "--campaign", tmp_path).out.splitlines() == lines
    heading = "填报文件夹里有 3 处错误，请改正（改后可用 xltool campaign check 再查）："
    run = xltool("issue", tmp_path)
    assert run == Run(2, "", "\n".join([f"错误：{heading}", *lines]) + "\n")


@pytest.mark.parametrize("command", [("rules", "--form", FORM), ("forms",), ("form", "show", FORM)])
def test_every_command_says_it(xltool: Xltool, tmp_path: Path, command: tuple[str, ...]) -> None:
    write_form(tmp_path, {"validator": ("import Claim, Equation", "import Equation")})
    run = xltool(*command, "--campaign", tmp_path)
    assert run.code == 2
    assert f"validators/{FORM}.py:57: 没有定义 Claim；请检查拼写，或在文件开头导入\n" in run.err
    assert "Traceback" not in run.err


def test_debug_shows_the_traceback(xltool: Xltool, tmp_path: Path) -> None:
    write_form(tmp_path, {"validator": ("import Claim, Equation", "import Equation")})
    for words in (("--debug", "issue", tmp_path), ("issue", tmp_path, "--debug")):
        run = xltool(*words)
        assert "Traceback" in run.err
        assert "NameError: name 'Claim' is not defined" in run.err
        assert f"validators/{FORM}.py:57: 没有定义 Claim" in run.err


@pytest.mark.parametrize(
    ("put", "line", "words"),
    [
        ('pl.col("amonut") * 2', 83, "没有栏目 amonut，是不是 amount？请改正"),
        ('task.fields["amonut"] * 2', 83, "没有“amonut”；请检查拼写"),
    ],
)
def test_a_rule_that_fails_at_a_check(
    xltool: Xltool, tmp_path: Path, put: str, line: int, words: str
) -> None:
    """The form was edited after it was issued."""
    office = write_form(tmp_path / "right")
    assert xltool("issue", "-q", office).code == 0
    data = {"联系人": "甲", "总体目标": "做好", "tasks": [{"任务名称": "甲", "总额": "1"}]}
    path = fill_unit(load_campaign(office), UNIT, data, tmp_path / "return.xlsx")
    broken = write_form(tmp_path / "broken", {"validator": ('pl.col("amount") * 2', put)})
    run = xltool("check", path, "--campaign", broken, "--jobs", "1")
    assert run.err == f"错误：{broken}/validators/{FORM}.py 第 {line} 行：{words}\n"
    assert (run.code, run.out) == (2, "")


def test_a_bug_of_ours_stays_a_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("ours")

    write_form(tmp_path)
    monkeypatch.setattr("xltool.form.rules_in_force.rules_on_remarks", broken)
    with pytest.raises(RuntimeError, match="ours"):
        load_form(FORM, tmp_path)


def test_rules_that_every_form_has_are_not_blamed_on_an_import(tmp_path: Path) -> None:
    """Validators of earlier versions import the modules of the rules that fields bring along."""
    write_form(tmp_path, {"validator": ("sum(task.fiscal)", "sum(task.fiscl)")})
    file = tmp_path / "validators" / f"{FORM}.py"
    text = file.read_text(encoding="utf-8")
    imports = "from xltool.validators import submissions, template, texts\n"
    file.write_text(
        text.replace("from xltool.form import", f"{imports}from xltool.form import", 1),
        encoding="utf-8",
    )
    found = mistakes_of(FORM, tmp_path)
    assert [one.placed(found.base) for one in found.in_order()] == [
        f"validators/{FORM}.py:23: fiscal_total 的 computed：数据表 task 没有字段 fiscl，是不是 fiscal？请改正"
    ]


def test_an_imported_rule_that_wants_another_type(tmp_path: Path) -> None:
    put = '    year = fields.text("年度金额")\n    goal = '
    write_form(tmp_path, {"validator": ("    goal = ", put.replace("year", "amount_year"))})
    file = tmp_path / "validators" / f"{FORM}.py"
    text = file.read_text(encoding="utf-8").replace("class Plan(", "class Project(")
    head = "from xltool.validators.shared.amounts import year_within_total\n\nTITLE = "
    file.write_text(text.replace("TITLE = ", head, 1), encoding="utf-8")
    layout = tmp_path / "templates" / FORM / "layout.xml.j2"
    layout.write_text(
        layout.read_text(encoding="utf-8").replace("plan", "project"), encoding="utf-8"
    )
    found = mistakes_of(FORM, tmp_path)
    words = [one.placed(found.base) for one in found.in_order()]
    assert (
        f"validators/{FORM}.py:7: 规则 AMT-002（year_within_total）在本表用不了：栏目的类型不是它要的"
        "（arithmetic on dtypes str and decimal[24,2] is not allowed (lhs: column 'amount_year',"
        " rhs: column 'amount_total')）；请不导入它"
    ) in words


def test_mistakes_travel_between_processes() -> None:
    import pickle

    one = OfficeError("没有栏目", Path("validators/甲.py"), 3)
    several = MistakesError("有 2 处错误：", [one, OfficeError("没有标题")], Path("validators"))
    for error in (one, several):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again)) == (type(error), str(error))
        assert [e.placed() for e in each_of(again)] == [e.placed() for e in each_of(error)]
