"""`xltool form new`, `copy` and `show`: a form that works as it stands, and what there is to know of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process, refused
from helpers import check_files, fill_unit
from small import PROJECTS, ROSTER, UNIT, put_key, write_csv

from xltool.form.loading import form_ids
from xltool.office.campaign import load_campaign


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process, in the year 2026."""
    monkeypatch.setenv("XLTOOL_TODAY", "2026-11-21")
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the campaign will lie."""
    return tmp_path / "office"


def use(folder: Path, form: str, projects: list[list[str]]) -> None:
    """Make a campaign of one unit that uses a form."""
    toml = f'form = "{form}"\nyear = 2027\nspare = 1\n'
    (folder / "campaign.toml").write_text(toml, encoding="utf-8")
    write_csv(folder / "units.csv", ROSTER)
    write_csv(folder / "projects.csv", projects)
    put_key(folder)


NEW = {
    "联系人": "办公室",
    "年度总体目标": "完成网格巡查。",
    "tasks": [{"任务名称": "网格巡查", "财政拨款": "12", "其他资金": "0"}],
    "indicators": [{"二级指标": "数量指标", "三级指标": "巡查次数", "指标值": "≥20次"}],
}
SHOWN = """\
training  培训计划表（版本 2027.1）

unit  单位（培训计划表）
  B3   unit_name     单位名称          系统  text
  E3   contact       联系人            单位  text，必填，不超过 20 字
  F11  amount_total  金额合计（万元）  系统  amount，公式 sum(task.amount)
  B4   goal_year     年度总体目标      单位  text，必填，不超过 500 字

task  任务（培训计划表）
  B6:B10  name           任务名称          单位  text，不超过 40 字
  D6:D10  amount_fiscal  财政拨款（万元）  单位  amount，数字，单位万元，最多 2 位小数
  E6:E10  amount_other   其他资金（万元）  单位  amount，数字，单位万元，最多 2 位小数
  F6:F10  amount         金额（万元）      系统  amount，公式 amount_fiscal + amount_other

indicator  指标（培训计划表）
  A13:A20  lv1     一级指标  系统  text
  B13:B20  lv2     二级指标  系统  text
  C13:C20  lv3     三级指标  单位  text，不超过 40 字
  D13:D20  target  指标值    单位  text，不超过 40 字，如：≥95%、20次
"""


def test_a_new_form_works_as_it_stands(xltool: Xltool, folder: Path, tmp_path: Path) -> None:
    run = xltool("form", "new", "training", "--title", "培训计划表", "--campaign", folder)
    files = [
        *(folder / "templates" / "training" / name for name in ("layout.xml.j2", "import.csv")),
        folder / "validators" / "training.py",
    ]
    said = [f"已写出 {path}" for path in files]
    step = f"下一步：照官方表样改这几个文件；要用它下发的，xltool init {folder} --form training --year 年度。"
    assert run == Run(0, "\n".join([*said, step, ""]), "")
    assert xltool("form", "show", "training", "--campaign", folder) == Run(0, SHOWN, "")
    use(folder, "training", [["单位代码"]])
    assert xltool("issue", "-q", folder) == Run(0, "", "")
    campaign = load_campaign(folder)
    path = fill_unit(campaign, UNIT, NEW, tmp_path / "return.xlsx")
    assert check_files(campaign, path) == []


def test_a_new_form_keeps_what_is_there(xltool: Xltool, folder: Path) -> None:
    xltool("form", "new", "training", "--campaign", folder)
    again = xltool("form", "new", "training", "--campaign", folder)
    layout = folder / "templates" / "training" / "layout.xml.j2"
    refused(again, f"{layout}：已经有这个文件，不会覆盖；请换一个代号")
    wrong = xltool("form", "new", "培训", "--campaign", folder)
    refused(wrong, "表的代号「培训」应由小写字母、数字、下划线组成，以字母开头")
    assert len(list((folder / "validators").iterdir())) == 1


def test_a_form_needs_a_folder(
    xltool: Xltool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = xltool("form", "new", "training")
    refused(run, "请用 --campaign 指明填报文件夹；还没有的，写一个新名字，会建立")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", sorted(form_ids()))
def test_a_copy_works_as_it_stands(xltool: Xltool, folder: Path, form: str) -> None:
    assert xltool("form", "copy", form, "own_2027", "--campaign", folder).code == 0
    use(folder, "own_2027", PROJECTS[form])
    assert xltool("issue", "-q", folder) == Run(0, "", "")
    assert xltool("form", "copy", "own_2027", "own_2028", "--campaign", folder) == Run(
        0,
        "".join(
            f"已写出 {folder / path}\n"
            for path in (
                "templates/own_2028/layout.xml.j2",
                "templates/own_2028/import.csv",
                "validators/own_2028.py",
            )
        )
        + '下一步：照官方表样改这几个文件；要用它下发的，在 campaign.toml 中写 form = "own_2028"。\n',
        "",
    )


def test_a_copy_of_nothing(xltool: Xltool, folder: Path) -> None:
    run = xltool("form", "copy", "training", "own_2027", "--campaign", folder)
    known = "、".join(form_ids())
    refused(run, f"没有名为「training」的表。可用的表：{known}")
    assert not folder.exists()


def test_show_has_what_the_campaign_changes(xltool: Xltool, folder: Path) -> None:
    xltool("form", "new", "training", "--campaign", folder)
    use(folder, "training", [["单位代码"]])
    with (folder / "campaign.toml").open("a", encoding="utf-8") as settings:
        settings.write("[rows]\ntask = 7\n[fields.contact]\nmax_chars = 11\n")
    shown = xltool("form", "show", "training", "--campaign", folder).out
    assert "  E3   contact       联系人            单位  text，必填，不超过 11 字" in shown
    assert "  B6:B12  name           任务名称          单位  text，不超过 40 字" in shown
    assert xltool("forms", "training", "--campaign", folder).out == shown
