"""Mistakes of the office: one clear line on stderr, exit code 2, never a traceback."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from commands import Run, Xltool, in_this_process, refused
from helpers import answers, template
from small import PROJECTS, ROSTER, UNIT, put_key, write_csv

from xltool.form.loading import builtin_folder, form_ids
from xltool.office.campaign import Campaign

FORM = "longhua_2021_target"
TOML = f'form = "{FORM}"\nyear = 2027\nspare = 1\n'


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A correct campaign, ready to be spoilt and issued."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "campaign.toml").write_text(TOML, encoding="utf-8")
    write_csv(folder / "units.csv", ROSTER)
    write_csv(folder / "projects.csv", PROJECTS[FORM])
    put_key(folder)
    return folder


def test_the_office_is_correct(xltool: Xltool, office: Path) -> None:
    assert xltool("issue", "-q", office) == Run(0, "", "")


SETTINGS = {
    "year = 2027": "缺少设置项 form；请补上一行 form = …",
    TOML + "wrong = 1": "没有设置项 wrong；可用：",
    TOML + "=": "这一行不是设置；请写成 名称 = 值，说明前加 #",
    TOML + "\udcff": "编码不是 UTF-8；请用记事本打开，另存为 UTF-8",
    f'form = "{FORM}"': "缺少设置项 year",
    TOML.replace("2027", "27"): "设置项 year 应为 2000–2099",
    TOML.replace("2027", '"2027"'): "设置项 year 应为整数",
    TOML.replace("spare = 1", "spare = 101"): "设置项 spare（备用表张数）应为 0–100",
    TOML.replace("spare = 1", "spare = true"): "设置项 spare 应为整数",
    TOML + "title = 5": "设置项 title 应为文字（加引号）",
    TOML + 'deadline = "2026-12-15"': "设置项 deadline 应为日期，如 2026-12-15（不加引号）",
    TOML + "rows = 5": "rows 应为 [rows] 小节",
    TOML + "[rows]\n数量 = 0": '中文的名称要加英文引号；请写成 "名称" = 值',
    TOML + '[rows]\n"数量" = 0': "[rows] 数量 应为 1–200 的整数",
    TOML + '[severity]\n"TXT-001" = "fatal"': "[severity] TXT-001 应为 error、warning、info 或 off",
    TOML + "limits = 5": "limits 应为 [limits] 小节",
    TOML + "[limits]\nfile_gb = 1": "[limits] 没有 file_gb；可用：file_mb、unpacked_mb、parts、",
    TOML + "[limits]\nfile_mb = 0": "[limits] file_mb 应为 1–2000 的整数，现为 0",
    TOML + "[limits]\nseconds = true": "[limits] seconds 应为 1–3600 的整数，现为 True",
    TOML + '[limits]\nrows = "many"': "[limits] rows 应为 100–1048576 的整数，现为 many",
    TOML + "[fields.overview]\nlabel = 1": "[fields.overview] 只能有：",
    TOML + '[fields.overview]\nfilled_by = "all"': (
        '[fields.overview] filled_by 应为 "unit" 或 "system"'
    ),
}


@pytest.mark.parametrize("text", SETTINGS, ids=range(len(SETTINGS)))
def test_settings(xltool: Xltool, office: Path, text: str) -> None:
    path = office / "campaign.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    run = xltool("issue", office)
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert re.sub(" 第 [0-9]+ 行", "", run.err).startswith(f"错误：{path}：{SETTINGS[text]}")


def test_settings_that_the_form_does_not_know(xltool: Xltool, office: Path) -> None:
    path = office / "campaign.toml"
    for more, message in (
        (
            "[fields.nothing]\nrequired = true",
            f"[fields.nothing] 表「{FORM}」没有字段 nothing；可用的字段：",
        ),
        ('[rows]\n"没有" = 3', f"[rows] 表「{FORM}」没有二级指标「没有」；可用的："),
        ('[rows]\n"数" = 3', f"[rows] 表「{FORM}」没有二级指标「数」，是不是 数量？可用的："),
    ):
        path.write_text(TOML + more, encoding="utf-8")
        run = xltool("issue", office)
        assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
        assert re.sub(" 第 [0-9]+ 行", "", run.err).startswith(f"错误：{path}：{message}")
    path.write_text(TOML.replace(FORM, "nothing"), encoding="utf-8")
    message = f"{path} 第 1 行：没有名为「nothing」的表。可用的表：{'、'.join(form_ids())}"
    refused(xltool("issue", office), message)


LISTS: dict[str, tuple[str, str, str]] = {
    "no unit code": ("units.csv", "单位名称\n甲\n", " 第 1 行：缺少列“单位代码”"),
    "no unit name": ("units.csv", "单位代码\n1\n", " 第 1 行：缺少列“单位名称”"),
    "unit twice": (
        "units.csv",
        "单位代码,单位名称\n1,甲\n\n1,乙\n",
        " 第 4 行：单位代码 1 重复（第 2 行已有）；请删去一行，或改正代码",
    ),
    "blank name": ("units.csv", "单位代码,单位名称\n1,\n", " 第 2 行：单位 1 没有单位名称"),
    "odd code": ("units.csv", "单位代码,单位名称\n1/2,甲\n", "1–32 位字母、数字"),
    "column twice": ("units.csv", "单位代码,单位代码\n1,2\n", " 第 1 行：列名“单位代码”重复"),
    "cell too many": (
        *("units.csv", "单位代码,单位名称\n1,甲,乙\n", " 第 2 行：有 3 格，列名只有 2 个"),
    ),
    "open quote": ("units.csv", '单位代码,单位名称\n1,"甲\n', " 第 2 行：从这一行起双引号不成对"),
    "empty": ("units.csv", "", "：文件是空的，第一行应为列名"),
    "heading only": ("units.csv", "单位代码,单位名称\n", "：名册里还没有单位；请每行填写一个单位"),
    "unknown unit": (
        *(
            "projects.csv",
            "单位代码,项目名称\n999,甲\n",
            " 第 2 行：单位代码“999”不在 units.csv 中",
        ),
    ),
    "unknown column": (
        *(
            "projects.csv",
            f"单位代码,别的\n{UNIT},甲\n",
            " 第 1 行：列“别的”不是「项目支出绩效目标表」的栏目",
        ),
    ),
    "no unit column": ("projects.csv", "项目名称\n甲\n", " 第 1 行：缺少列“单位代码”"),
    "bad amount": (
        *("projects.csv", f"单位代码,项目名称,项目总金额\n{UNIT},甲,1\n{UNIT},乙,三百万\n"),
        " 第 3 行：项目总金额（万元）“三百万”不对，应为数字，单位万元，最多 2 位小数",
    ),
    "amount with unit": (
        *("projects.csv", f"单位代码,项目名称,项目总金额\n{UNIT},甲,5万\n"),
        " 第 2 行：项目总金额（万元）“5万”不对，应为数字，单位万元，最多 2 位小数",
    ),
    "bad date": (
        *("projects.csv", f"单位代码,项目名称,计划开始日期\n{UNIT},甲,明年\n"),
        " 第 2 行：计划开始日期“明年”不对，应为日期，如 2027-01-01",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists(xltool: Xltool, office: Path, name: str) -> None:
    file, text, message = LISTS[name]
    (office / file).write_text(text, encoding="utf-8")
    run = xltool("issue", office)
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert run.err.startswith(f"错误：{office / file}")
    assert message in run.err
    assert not (office / "issued").exists()


def test_lists_from_excel_in_china(xltool: Xltool, office: Path) -> None:
    (office / "units.csv").write_bytes("单位代码,单位名称\r\n1,甲局\r\n".encode("gb18030"))
    (office / "projects.csv").unlink()
    assert xltool("issue", "-q", office).code == 0
    assert (office / "issued" / "1_甲局.xlsx").is_file()
    (office / "units.csv").write_bytes(b"\x81\xff\xff")
    refused(xltool("issue", office), f"{office / 'units.csv'}：编码无法识别；请另存为 CSV UTF-8")


LAYOUTS: dict[str, tuple[str, str, int | None, str]] = {
    "element": (
        "<label>项目名称</label>",
        "<lable>项目名称</lable>",
        5,
        "这里不能用 <lable>，可用：",
    ),
    "attribute": (
        *("<label>项目名称</label>", '<label span="2">项目名称</label>', 5),
        "<label> 没有属性 span，可用：align、colspan、rowspan",
    ),
    "field": ('name="dept_name"', 'name="nothing"', 5, "数据表 project 没有字段 nothing"),
    "record": (
        'record="project"',
        'record="works"',
        3,
        "record 应为数据表名（project），现为“works”",
    ),
    "no XML": ("<label>项目名称</label>", "<label>项目名称", 5, "展开后不是完整的 XML："),
    "syntax": ("{{ frame.merged(", "{{ frame.merged((", 17, "模板语法错误："),
    "block": ("{{ frame.merged", "{% if %}{{ frame.merged", 17, "模板语法错误："),
    "name": (
        "<label>项目名称</label>",
        "<label>{{ nothing }}</label>",
        5,
        "模板中用了没有定义的名字：",
    ),
    "label": (
        *("<label>项目名称</label>", "<label>{{ label('project', 'x') }}</label>", 5),
        "数据表 project 没有字段 x",
    ),
    "table": (
        *("<label>项目名称</label>", "<label>{{ label('works', 'x') }}</label>", 5),
        "没有数据表 works",
    ),
    "division": ("<label>项目名称</label>", "<label>{{ 1 // 0 }}</label>", 5, "模板无法展开："),
    "type": ("<label>项目名称</label>", "<label>{{ 1 + 'a' }}</label>", 5, "模板无法展开："),
    "file": ("_common/indicators.xml.j2", "_common/nothing.xml.j2", 1, "模板无法展开："),
    "sandbox": (
        *("<label>项目名称</label>", "<label>{{ ''.__class__.__mro__ }}</label>", 5),
        "模板无法展开：",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(xltool: Xltool, office: Path, name: str) -> None:
    old, new, line, message = LAYOUTS[name]
    own = office / "templates" / FORM
    shutil.copytree(builtin_folder("templates") / FORM, own)
    path = own / "layout.xml.j2"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    run = xltool("issue", office)
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert message in run.err
    assert run.err.startswith(f"错误：{path} 第 {line} 行：")


def test_layouts_with_parts(xltool: Xltool, office: Path) -> None:
    """A mistake in a part that the layout imports is named there, by the part's own line."""
    own = office / "templates"
    shutil.copytree(builtin_folder("templates") / FORM, own / FORM)
    part = own / "_common" / "indicators.xml.j2"
    part.parent.mkdir()
    text = (builtin_folder("templates") / "_common" / part.name).read_text(encoding="utf-8")
    line = text[: text.index("{% macro merged")].count("\n") + 2
    for new, message in (
        ("{{ 1 // 0 }}", "模板无法展开：integer division or modulo by zero"),
        ("{{ nothing }}", "模板中用了没有定义的名字：nothing；请检查拼写，或先用 import 取得"),
        ("{{ 1 }", "模板语法错误：unexpected '}'"),
    ):
        lines = text.splitlines()
        part.write_text("\n".join([*lines[: line - 1], new, *lines[line - 1 :]]), encoding="utf-8")
        refused(xltool("issue", office), f"{part} 第 {line} 行：{message}")
    part.write_bytes("{# 指标 #}".encode("gb18030"))
    refused(xltool("issue", office), f"{part}：编码无法识别；请存为 UTF-8")


def test_missing_things(xltool: Xltool, office: Path, tmp_path: Path) -> None:
    units = office / "units.csv"
    refused(
        xltool("issue", office, "--unit", "9"), f"{office}：单位代码“9”不在 units.csv 中；请核对"
    )
    units.rename(office / "elsewhere.csv")
    refused(xltool("issue", office), f"{units}：找不到这个文件；请放进填报文件夹")
    (office / "elsewhere.csv").rename(units)
    run = xltool("issue", tmp_path / "nowhere")
    message = "找不到 campaign.toml；请先用 xltool init 建立填报文件夹，或用 --campaign 指明位置"
    refused(run, f"{tmp_path / 'nowhere'}：{message}")
    (tmp_path / "empty").mkdir()
    refused(xltool("check", tmp_path / "empty"), f"{tmp_path / 'empty'}：文件夹里没有可检查的文件")
    refused(
        xltool("check", tmp_path / "no.xlsx"), f"{tmp_path / 'no.xlsx'}：找不到这个文件或文件夹"
    )
    run = xltool("check", template_like(tmp_path), "--campaign", tmp_path)
    refused(run, f"{tmp_path}：这里没有 campaign.toml")
    run = xltool("init", office, "--form", FORM, "--year", 2027)
    there = "campaign.toml、units.csv、projects.csv、keys/office.key、keys/office.pub"
    refused(run, f"{office}：这里已经有 {there}，不会覆盖；请换一个位置")
    run = xltool("init", tmp_path / "new", "--form", "nothing", "--year", 2027)
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert not (tmp_path / "new").exists()
    run = xltool("init", tmp_path / "new", "--form", FORM, "--year", 27)
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert not (tmp_path / "new").exists()


def template_like(folder: Path) -> Path:
    path = folder / "a.xlsx"
    path.write_bytes(b"")
    return path


def test_fill(xltool: Xltool, target: Campaign, tmp_path: Path) -> None:
    source, data, out = template(target, "226002"), tmp_path / "a.json", tmp_path / "out.xlsx"
    projects = answers("target", "226002")["projects"]

    def fill_with(text: str, book: Path = source) -> Run:
        data.write_text(text, encoding="utf-8")
        return xltool("fill", book, data, "-o", out)

    refused(
        fill_with('{"项目名称": "甲"', source),
        f"{data} 第 1 行：第 13 个字符处应为逗号，或后面的括号；请补上",
    )
    for text in ("5", "[1]", '{"projects": 5}', '{"projects": [[]]}'):
        refused(fill_with(text), f'{data}：JSON 应为 {{"projects": [{{…}}, …]}}；请改正')
    refused(fill_with('{"indicators": 5}'), f"{data}：indicators 应为列表；请改正")
    new = [{**projects[0], "项目名称": f"新项目{n}", "indicators": []} for n in range(3)]
    refused(
        fill_with(json.dumps({"projects": new})),
        f"{data}：模板里没有项目“新项目2”的工作表，备用表也已用完",
    )
    many = {**projects[0], "indicators": projects[0]["indicators"][:1] * 11}
    refused(
        fill_with(json.dumps(many)),
        f"{data}：项目“图书文献采购”的“数量”超过模板的 10 行，"
        "请在 campaign.toml 的 [rows] 中加大后重新下发",
    )
    odd = {**projects[0], "indicators": [{"一级指标": "产出目标", "二级指标": "没有"}]}
    refused(
        fill_with(json.dumps(odd)),
        f"{data}：项目“图书文献采购”的指标“产出目标／没有”不在本表的框架内",
    )
    place = f"{data}：项目“图书文献采购”的"
    refused(
        fill_with(json.dumps({**projects[0], "项目概况": "长" * 40_000})),
        f"{place}“项目概况”有 40000 字，超过一个单元格的上限 32767 字",
    )
    refused(
        fill_with(json.dumps({**projects[0], "项目概况": "甲\udc80"})),
        f"{place}“项目概况”里有残缺的字符（单独的代理码位）",
    )
    indicator = {**projects[0]["indicators"][0], "目标值": "9" * 40_000}
    refused(
        fill_with(json.dumps({**projects[0], "indicators": [indicator]})),
        f"{place}“目标值”有 40000 字，超过一个单元格的上限 32767 字",
    )
    (tmp_path / "b.xlsx").write_bytes(b"no workbook")
    refused(
        fill_with("{}", tmp_path / "b.xlsx"),
        f"{tmp_path / 'b.xlsx'}：模板无法读取：是文本文件（如 CSV），不是工作簿",
    )
    openpyxl.Workbook().save(tmp_path / "c.xlsx")
    message = "不是下发的模板（没有签发信息或签名不符）"
    refused(fill_with("{}", tmp_path / "c.xlsx"), f"{tmp_path / 'c.xlsx'}：{message}")
    run = xltool("fill", source, tmp_path / "none.json", "-o", out)
    refused(run, f"{tmp_path / 'none.json'}：找不到这个文件；请核对位置")
    run = xltool("fill", tmp_path / "none.xlsx", data, "-o", out)
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert not out.exists()


@pytest.mark.parametrize(
    ("whose", "key"),
    [
        ({"unit": "226001"}, "unit"),
        ({"unit_code": 226001}, "unit_code"),
        ({"单位代码": "226001"}, "单位代码"),
        ({"单位名称": "别的单位"}, "单位名称"),
        ({"unit_name": "别的单位"}, "unit_name"),
    ],
)
@pytest.mark.parametrize("is_inside", [False, True])
def test_data_of_another_unit_fill_nothing(
    xltool: Xltool,
    target: Campaign,
    tmp_path: Path,
    whose: dict[str, object],
    key: str,
    is_inside: bool,
) -> None:
    data, source, out = answers("target", "226002"), tmp_path / "a.json", tmp_path / "out.xlsx"
    name = target.units["226002"].unit_name
    (data["projects"][0] if is_inside else data).update(whose)
    source.write_text(json.dumps(data), encoding="utf-8")
    refused(
        xltool("fill", template(target, "226002"), source, "-o", out),
        f"{source}：数据是“{whose[key]}”的（{key}），模板是 226002 {name} 的；请核对，换成同一个单位的",
    )
    assert not out.exists()
    data = {**answers("target", "226002"), "单位名称": f" {name} ", "单位代码": "226002"}
    source.write_text(json.dumps(data), encoding="utf-8")
    assert xltool("fill", template(target, "226002"), source, "-o", out).code == 0


SUFFIXES = {
    ("check", "text", "a.html"): "扩展名 .html 不合 --format text；请用 --format html，或把文件名改为 a.txt",
    ("check", "text", "a.HTM"): "扩展名 .HTM 不合 --format text；请用 --format html，或把文件名改为 a.txt",
    ("check", "xlsx", "a.html"): "扩展名 .html 不合 --format xlsx；请用 --format html，或把文件名改为 a.xlsx",
    ("check", "html", "清单.xlsx"): "扩展名 .xlsx 不合 --format html；请用 --format xlsx，或把文件名改为 清单.html",
    ("check", "json", "a.jsonl"): "扩展名 .jsonl 不合 --format json；请用 --format jsonl，或把文件名改为 a.json",
    ("check", "jsonl", "清单.txt"): "扩展名 .txt 不合 --format jsonl；请用 --format text，或把文件名改为 清单.jsonl",
    ("check", "xlsx", "a.csv"): "扩展名 .csv 不合 --format xlsx；请把文件名改为 a.xlsx",
    ("status", "text", "a.csv"): "扩展名 .csv 不合 --format text；请用 --format csv，或把文件名改为 a.txt",
    ("status", "csv", "a.txt"): "扩展名 .txt 不合 --format csv；请用 --format text，或把文件名改为 a.csv",
    ("status", "csv", "a.html"): "扩展名 .html 不合 --format csv；请把文件名改为 a.csv",
    ("status", "remind", "a.json"): "扩展名 .json 不合 --format remind；请把文件名改为 a.txt",
}  # fmt: skip


@pytest.mark.parametrize("words", SUFFIXES, ids="-".join)
def test_a_name_that_belongs_to_another_form(
    xltool: Xltool, office: Path, tmp_path: Path, words: tuple[str, str, str]
) -> None:
    command, style, name = words
    out, what = tmp_path / name, office if command == "status" else template_like(tmp_path)
    run = xltool(command, what, "--format", style, "-o", out)
    refused(run, f"{out}：{SUFFIXES[words]}")
    assert not out.exists()


def test_a_preview_is_a_page(xltool: Xltool, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    message = f"{out}：扩展名 .xlsx 不合这里写的 .html；请把文件名改为 a.html"
    refused(xltool("forms", FORM, "--preview", out), message)


def test_output_paths_that_cannot_be(
    xltool: Xltool, office: Path, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """A missing folder is made; where none can be made, one line names it."""
    (tmp_path / "a.txt").write_text("dear", encoding="utf-8")
    said = f"已写出 {tmp_path / 'none' / 'a.txt'}\n"
    assert xltool("check", good_target, "-o", tmp_path / "none" / "a.txt") == Run(0, "", said)
    assert (tmp_path / "none" / "a.txt").read_text(encoding="utf-8").endswith("\n")
    under = tmp_path / "a.txt" / "b"
    for words, where in (
        (("check", good_target, "-o", under / "c"), under),
        (("check", good_target, "--format", "xlsx", "-o", under / "c"), under),
        (("merge", good_target, "--campaign", target.folder, "--out", under / "c"), under),
        (("issue", office, "--out", under), under),
        (("init", under, "--form", FORM, "--year", 2027), under / "keys"),
    ):
        refused(xltool(*words), f"{where}：上级不是文件夹；请换一个位置")
