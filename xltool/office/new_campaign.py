"""`xltool init`: a new campaign folder with settings, empty lists and the signing key."""

from __future__ import annotations

import os
from pathlib import Path

from xltool.errors import OfficeError
from xltool.fields.kinds import Field
from xltool.files import replace_file
from xltool.form.loading import load_form
from xltool.form.model import Form
from xltool.office import seal
from xltool.office.campaign import CAMPAIGN_FILE, KEY_FILE, PUBLIC_KEY
from xltool.office.campaign_settings import YEARS
from xltool.office.csv_files import write_csv

_NAMES = (CAMPAIGN_FILE, "units.csv", "projects.csv", KEY_FILE, PUBLIC_KEY)


def create_campaign(folder: Path, form_id: str, year: int) -> list[Path]:
    """Make a campaign folder: settings, empty lists with the right headings, the signing key.

    Returns the files written. Raises OfficeError if the folder already holds any of them, for an
    unknown form, and for a year that is none.
    """
    there = [str(name) for name in _NAMES if os.path.lexists(folder / name)]
    if there:
        raise OfficeError(f"这里已经有 {'、'.join(there)}，不会覆盖；请换一个位置", folder)
    if year not in YEARS:
        raise OfficeError(f"预算年度应为 2000–2099，现为 {year}")
    form = load_form(form_id, folder)
    (folder / KEY_FILE).parent.mkdir(parents=True, exist_ok=True)
    prefilled = [column.label.rstrip("：") for column in _prefillable(form)]
    write_csv(folder / "units.csv", [["单位代码", "单位名称", "主管部门", "部门代码"]])
    write_csv(folder / "projects.csv", [["单位代码", *prefilled]])
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    taken = [name for t in form.tables.values() for name, c in t.fields.items() if c.approved]
    settings = _SETTINGS.format(
        form=form,
        year=year,
        spare=0 if taken else 2,
        zero_budget=_ZERO_BUDGET.format(
            usual=next(iter(form.zero_budgets)),
            policies="\n".join(
                f"#   {n}：{policy.said}" for n, policy in form.zero_budgets.items()
            ),
        )
        if form.zero_budgets
        else "",
        targets=_TARGETS.format(fields=_unit_filled(form)) if taken else "",
    )
    replace_file(folder / CAMPAIGN_FILE, settings.encode())
    return [folder / name for name in _NAMES]


def _prefillable(form: Form) -> list[Field]:
    fields = list(form.prefillable(once=False).values())
    name = [f for f in fields if f.name in ("project_code", "project_name")]
    ours = (f for f in fields if f.filled_by == "system" or f.new_only)
    return name + [f for f in ours if not (f.prefill or f.computed)]


def _unit_filled(form: Form) -> str:
    """The settings that let the unit fill what otherwise comes from the approved targets."""
    locked = [
        name
        for table in form.tables.values()
        for name, column in table.fields.items()
        if column.approved and column.filled_by == "system"
    ]
    return "".join(f'# {name}.filled_by = "unit"\n' for name in locked)


_TARGETS = """\

# 批准的绩效目标：同年度目标表用 xltool merge 合并的结果文件夹；项目名称、目标和指标由此带出并锁定：
# targets = "../合并结果"
# 没有合并结果的，由单位自己填写：
# [fields]
{fields}"""
_ZERO_BUDGET = """\

# 全年预算数为 0 的怎样计分，请在下发前定：
{policies}
# [zero_budget]
# policy = "{usual}"
"""
_SETTINGS = """\
# {form.title}
form = "{form.id}"
year = {year}                  # 预算年度
title = "{year} 年{form.title}填报"
district = ""                # 行政区划代码 6 位；填了才核对项目编码
contact = ""                 # 联系人和电话，印在填报说明上
# deadline = {year}-01-15      # 截止日期
spare = {spare}                    # 每份工作簿附几张备用表，供新增项目用
password = ""                # 工作表保护密码，可不设
{targets}{zero_budget}
# 某个二级指标多给几行：
# [rows]
# "二级指标名称" = 15

# 改由单位填写，或更换下拉列表：
# [fields.字段名]
# filled_by = "unit"
# choices = ["甲", "乙"]

# 调整某条规则的严重程度（error、warning、info、off）；查交回的表是否原样读到的规则不能调整：
# [severity]
# "TXT-003" = "info"

# 用人、慰问、补助等项目每人每年最多多少元，项目名称里有这个词的才核对（AMT-026）：
# [yuan_per_head]
# "劳务派遣" = 150000

# 接受没有签发信息的表（不是下发的原表，内容可能被换过）；每份都会提醒：
# [accept]
# unsealed = true

# 导入文件的列：在本文件夹里写一份 import.csv（列名、栏目、工作表、格式），没有的用表自带的：
# [import]
# rows = 65000               # 一个文件最多几行（不算列名行），多的分成几个
# one_sheet = false          # 几张工作表写在一个文件里；默认一张一个文件，导入只读第一张
# csv = true                 # 另写 GB18030 的 CSV

# 放宽对交回文件的限制（文件特别大的）：
# [limits]
# file_mb = 30               # 一个文件的大小（MB）；unpacked_mb = 100 解压后的大小
# rows = 20000               # 一张工作表的行数；columns = 500 列数；sheets = 300 工作表张数
# characters = 32767         # 一个单元格的字符数
# seconds = 8                # 读一个文件的秒数；memory_mb = 512 所用内存（MB）
# files = 5000               # 一个压缩包里的文件数；parts = 2000 一个工作簿内部的部件数
"""
