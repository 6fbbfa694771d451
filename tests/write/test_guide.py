"""填报说明: what it says is what the fields and rules of the form say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import FORMS, make_campaign, template

from xltool.form.loading import load_form
from xltool.office.campaign import Campaign
from xltool.prose.targets import parse

RULES = "必须满足的规则（不满足的会退回修改）"
ADVICE = "指标值怎样写（不影响上报，审核人员会核对）"


def guide(campaign: Campaign, unit: str) -> list[list[str]]:
    """The rows of 填报说明, without empty cells."""
    sheet: Any = openpyxl.load_workbook(template(campaign, unit))["填报说明"]
    rows = [[text for text in row if text] for row in sheet.iter_rows(values_only=True)]
    return [row for row in rows if row]


def test_steps_and_fields(declaration: Campaign) -> None:
    rows = guide(declaration, "131002")
    first = rows.index([RULES])
    assert rows[:first] == [
        ["云岭区 2027 年二级项目支出绩效目标申报"],
        ["填报单位：131002 云岭区数字化城管指挥中心"],
        ["截止日期：2026 年 12 月 15 日"],
        ["联系方式：云岭区财政局绩效科 0000-88880000"],
        [
            "一、每个项目填一张工作表（项目1 至 项目5）。最后 2 张是备用表，供新增项目使用，用不到的留空。"
        ],
        [
            "二、只填浅黄色单元格（点到时显示要求）；灰色的已锁定，不用填，内容有误请与上面的联系人联系。"
        ],
        ["三、从别处复制内容时，请用“选择性粘贴 → 数值”（WPS：“粘贴为数值”），以免改掉格式。"],
        [
            "四、请不要插入或删除行、列和工作表。用不到的行留空（打印前点表头的箭头，去掉“空白”，就不印）；"
            "行数不够，请与上面的联系人联系。"
        ],
        ["五、随时看前面的“填报检查”页，没有 ✘ 再交。Excel、WPS、LibreOffice 均可使用，不需要宏。"],
        ["填写内容"],
        ["栏目", "谁填", "要求"],
        ["项目"],
        ["项目编码", "单位，灰色的除外", "必填，21 位数字，按文本填写"],
        ["项目名称", "单位，灰色的除外", "必填，不超过 40 字"],
        ["申请单位", "已带出", "导入模板无需填写"],
        ["一级预算单位", "已带出", "系统自动带出，无需填写"],
        ["实施期限", "单位，只填新增项目", "1–99 的整数"],
        ["项目类型", "单位，只填新增项目", "从下拉列表中选择：31 履职类项目／15 履职类(运转)项目"],
        ["是否新增项目", "单位", "必填，从下拉列表中选择：是／否"],
        ["分配方式", "单位，只填新增项目", "从下拉列表中选择：因素法和项目法／项目法"],
        [
            "项目总金额（中期规划，万元）、本年度项目金额（万元）",
            "单位，只填新增项目",
            "数字，单位万元，最多 2 位小数",
        ],
        ["政策依据", "单位，只填新增项目", "文字"],
        ["测算依据", "单位", "必填"],
        ["年度目标", "单位", "不超过 2000 字；新增项目年度目标为必填项"],
        ["长期目标（跨度多年的项目需填）", "单位", "不超过 2000 字；多年度项目长期目标为必填项"],
        ["指标"],
        ["三级指标", "单位", "不超过 40 字"],
        ["指标值", "单位", "不超过 40 字，如：≥95%、20次、≤3天、≤32万元、12月31日前"],
        ["指标解释", "单位", "不超过 40 字"],
    ]


def test_rules_for_the_unit(declaration: Campaign) -> None:
    rows = [row[0] for row in guide(declaration, "131002")]
    first, last = rows.index(RULES), rows.index(ADVICE)
    assert rows[first + 1 : last] == [
        "1. 本年度项目金额不能大于项目总金额。",
        "2. 项目编码的前 6 位必须是本地区的行政区划代码。",
        "3. 项目编码第 7–8 位是入库年份：不晚于填报年度，不早于十年前。",
        "4. 项目编码第 9–11 位必须是一级预算单位在名册中登记的部门代码。",
        "5. 同一工作簿里各项目编码的部门代码（第 9–11 位）必须一致。",
        "6. 新增项目的编码必须是本年度入库的编码。",
        "7. 项目编码在一份工作簿内不能重复。",
        "8. 同一单位的同一份表里，项目名称不能重复（忽略空格和全角半角括号之别）。",
        "9. 带 * 的二级指标至少有一行适用的指标（不填“不适用”）。",
        "10. “不适用”要么整行都填，要么整行都不填。",
        "11. 填了的指标行，各栏都要填；整行空白的行不算。",
        "12. 同一项目、同一二级指标下，指标名称不能重复。",
        "13. 新增项目必须填写年度目标。",
        "14. 实施期限超过 1 年的项目必须填写长期目标。",
    ]
    assert rows[last + 1] == "1. 指标值不能只是重复指标名称。"


@pytest.mark.parametrize("example", FORMS)
def test_nothing_in_it_is_the_offices_business(tmp_path: Path, example: str) -> None:
    campaign = make_campaign(example, tmp_path)
    text = "\n".join("".join(row) for row in guide(campaign, next(iter(campaign.units))))
    for word in ("campaign", ".csv", "XW-", "由 TXT", "台账", "控制数"):
        assert word not in text, word
    assert "；；" not in text
    assert "()" not in text
    assert "（）" not in text


def test_without_a_contact_it_names_the_bureau(tmp_path: Path) -> None:
    campaign = make_campaign("unit", tmp_path, "")
    toml = (tmp_path / "campaign.toml").read_text(encoding="utf-8")
    lines = [line for line in toml.splitlines() if not line.startswith(("contact", "deadline"))]
    (tmp_path / "campaign.toml").write_text("\n".join(lines), encoding="utf-8")
    from xltool.office.campaign import load_campaign
    from xltool.write.issuing import issue

    campaign = load_campaign(tmp_path)
    issue(campaign)
    rows = [row[0] for row in guide(campaign, "319001")]
    assert rows[2] == "一、请填写工作表“单位整体支出绩效目标表”。"
    assert rows[3].endswith("内容有误请与财政部门联系。")


@pytest.mark.parametrize("form", FORMS.values())
def test_examples_of_target_values_are_quantities(form: str) -> None:
    """Every example is what the rules call quantified, and written as they want it."""
    for table in load_form(form).tables.values():
        for field in table.fields.values():
            for example in field.examples:
                number = "≥20" if field.name == "target_unit" else ""  # its own column
                found = parse(number + example, fy=2027)
                assert found.quantified, (form, example)
                assert found.notes == (), (form, example)
