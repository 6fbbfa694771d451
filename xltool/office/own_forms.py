"""An office's own forms: the three files of a new one, or of a copy, in the folder of its campaign.

`templates/<form>/layout.xml.j2` and `import.csv`, `validators/<form>.py` (templates/README.md). Files that are there
are never written over. The validator comes last: a form is there only when it is whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from xltool.errors import OfficeError
from xltool.files import replace_file
from xltool.form.loading import builtin_folder, form_ids

LAYOUT, IMPORT = "layout.xml.j2", "import.csv"


def write_form(folder: Path, form_id: str, files: Mapping[str, str]) -> list[Path]:
    """Write the files of a form into a campaign's folder, which need not exist.

    Args:
        folder: The folder of the campaign.
        form_id: The id of the form: lower-case letters, digits and strokes below.
        files: The texts, by `layout.xml.j2`, `import.csv` and `validator.py`.

    Returns:
        The paths of the files, the validator last.

    Raises:
        OfficeError: The id is none, or one of the files is there already.

    """
    paths = form_files(folder, form_id)
    for name, path in paths.items():
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, files[name].encode())
    return [path for name, path in paths.items() if name in files]


def form_files(folder: Path, form_id: str) -> dict[str, Path]:
    """Where the files of a new form will stand, by `layout.xml.j2`, `import.csv` and `validator.py`.

    Raises OfficeError where the id is none, or where one of them is there already.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", form_id):
        raise OfficeError(f"表的代号「{form_id}」应由小写字母、数字、下划线组成，以字母开头")
    base = folder / "templates" / form_id
    paths = {
        LAYOUT: base / LAYOUT,
        IMPORT: base / IMPORT,
        "validator.py": folder / "validators" / f"{form_id}.py",
    }
    for path in paths.values():
        if os.path.lexists(path):
            raise OfficeError("已经有这个文件，不会覆盖；请换一个代号", path)
    return paths


def new_form(folder: Path, form_id: str, title: str, year: int) -> list[Path]:
    """Write a small form that works as it stands, for its author to change; returns its files.

    Raises OfficeError as `write_form` does.
    """
    words = {"标题": title, "版本": f"{year}.1"}
    files = {LAYOUT: _LAYOUT, IMPORT: _IMPORT, "validator.py": _VALIDATOR}
    filled = {name: _with(text, words) for name, text in files.items()}
    return write_form(folder, form_id, filled)


def copy_form(folder: Path, source: str, form_id: str) -> list[Path]:
    """Write a copy of a form, built in or the folder's own, under another id; returns its files.

    Raises OfficeError where there is no such form, and as `write_form` does.
    """
    bases = [folder, builtin_folder("templates").parent]
    base = next((b for b in bases if source in form_ids(b) and _is_there(b, source)), None)
    if base is None:
        known = "、".join(form_ids(folder))
        raise OfficeError(f"没有名为「{source}」的表。可用的表：{known}")
    found = {
        LAYOUT: base / "templates" / source / LAYOUT,
        IMPORT: base / "templates" / source / IMPORT,
        "validator.py": base / "validators" / f"{source}.py",
    }
    files = {n: path.read_text(encoding="utf-8-sig") for n, path in found.items() if path.is_file()}
    return write_form(folder, form_id, files)


def _is_there(base: Path, form_id: str) -> bool:
    return (base / "validators" / f"{form_id}.py").is_file()


def _with(text: str, words: Mapping[str, str]) -> str:
    """A text with its marks 〔…〕 filled in."""
    for name, word in words.items():
        text = text.replace(f"〔{name}〕", word)
    return text


_VALIDATOR = '''\
"""〔标题〕。写法见 templates/README.md；写好后用 xltool form check 检查。"""

from xltool.form import Claim, Equation, FormTable, Rows, Table, fields, rule

TITLE = "〔标题〕"
VERSION = "〔版本〕"  # 版面或规则有变时加一
CAPACITY = {"task": 5}  # 重复的行给几行
CATALOGUE = (  # 一级指标、二级指标、给几行
    ("产出指标", "数量指标", 3),
    ("产出指标", "质量指标", 2),
    ("效益指标", "社会效益指标", 2),
    ("满意度指标", "服务对象满意度指标", 1),
)


class Unit(Table):
    """单位：一个单位一张。"""

    unit_name = fields.text("单位名称", filled_by="system", prefill="unit_name")
    contact = fields.text("联系人", max_chars=20, required=True)
    amount_total = fields.amount("金额合计（万元）", computed="sum(task.amount)")
    goal_year = fields.text("年度总体目标", max_chars=500, required=True, multiline=True)


class Task(Rows):
    """任务：每行一项。"""

    name = fields.text("任务名称", max_chars=40)
    amount_fiscal = fields.amount("财政拨款（万元）")
    amount_other = fields.amount("其他资金（万元）")
    amount = fields.amount("金额（万元）", computed="amount_fiscal + amount_other")


class Indicator(Rows):
    """指标：一级、二级指标已印好，每行一个。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("三级指标", max_chars=40)
    target = fields.text("指标值", max_chars=40, examples=("≥95%", "20次"))


@rule("OWN-001", on="task", message="“{name}”没有金额", hint="请填写财政拨款或其他资金")
def task_without_amount(task: FormTable) -> Claim:
    """写了任务名称的，要有金额。

    | name     | amount |     |
    | 网格巡查 | 12.00  | ok  |
    | 网格巡查 | 0.00   | bad |
    """
    return Claim("amount > 0", when="filled(name)")


@rule("OWN-002", on="task", severity="warning", hint="请核对两项资金")
def other_within_fiscal(task: FormTable) -> Equation:
    """其他资金一般不超过财政拨款。

    | amount_other | amount_fiscal |     |
    | 2.00         | 12.00         | ok  |
    | 13.00        | 12.00         | bad |
    """
    return Equation("amount_other <= amount_fiscal")
'''
_LAYOUT = """\
{# 版面：与官方表样一致，标签就是格式；写法见 templates/README.md #}
<form paper="A4" orientation="portrait">
<sheet record="unit" name="〔标题〕" columns="14 18 24 14 14 14">
  <row lines="2"><title colspan="6">〔标题〕</title></row>
  <row><text align="center" colspan="6">（{{ fy }} 年度）</text></row>
  <row lines="2"><label>{{ label("unit", "unit_name") }}</label><field name="unit_name" colspan="2"/><label>{{ label("unit", "contact") }}</label><field name="contact" colspan="2"/></row>
  <row lines="6"><label>{{ label("unit", "goal_year") }}</label><field name="goal_year" colspan="5"/></row>
  <row><label rowspan="{{ rows.task + 2 }}">年度任务</label><head colspan="2">任务名称</head><head>财政拨款（万元）</head><head>其他资金（万元）</head><head>金额（万元）</head></row>
  <block table="task" rows="{{ rows.task }}">
    <row><field name="name" colspan="2"/><field name="amount_fiscal"/><field name="amount_other"/><field name="amount"/></row>
  </block>
  <row><label colspan="4">{{ label("unit", "amount_total") }}</label><field name="amount_total"/></row>
  <row repeat="yes"><head>一级指标</head><head>二级指标</head><head>三级指标</head><head colspan="3">指标值</head></row>
  {% for lv1, lv2, count in catalogue %}
  <block table="indicator" rows="{{ count }}" lv1="{{ lv1 }}" lv2="{{ lv2 }}">
    <row><key name="lv1" merge="down"/><key name="lv2" merge="down"/><field name="lv3"/><field name="target" colspan="3"/></row>
  </block>
  {% endfor %}
</sheet>
</form>
"""
_IMPORT = """\
列名,栏目
单位代码,单位代码
单位名称,unit_name
任务名称,task.name
财政拨款（万元）,task.amount_fiscal
其他资金（万元）,task.amount_other
金额（万元）,task.amount
"""
