"""TXT-012: a year in a text that is not the year of the form. What is settled late is no old plan."""

from __future__ import annotations

import pytest

from xltool.prose.writing_flaws import other_year

SETTLED = [
    "发放2026年度绩效奖金",
    "用于发放2026年度先进个人奖励，共12人",
    "支付2026年度考核优秀人员奖金",
    "兑现2026年招商引资奖励政策",
    "2026年度优秀社区工作者奖金发放到位率100%",
    "支付2026年第四季度物业服务费",
    "拨付2026年下半年运营补贴",
    "补发2026年高温津贴",
    "补缴2026年职业年金",
    "缴纳2026年度残疾人就业保障金",
    "支付2026年12月水电费",
    "对2026年建成的20个驿站开展维护",
    "为2026年采购的设备提供维保",
    "对2026年实施的项目开展绩效评价",
    "完成2026年度部门决算审计",
    "编印2026年年鉴",
    "编制2026年度统计年报",
    "通报2026年完成情况",
    "对2026年度计划执行情况进行总结",
    "2026年新增的5个社区纳入巡查范围",
    "根据2026年开展的调查，安排宣传",
    "支付2026年质保金",
    "归还2026年欠付工程款",
    "2026年度退役士兵一次性补助按标准发放",
    "对2026年获评单位给予奖励",
    "按2026年末在册人数测算",
    "参照2026年标准测算",
    "在2026年的基础上，巡查次数增加10%",
    "2026年度财务报表审计",
    "延续2026年做法",
    "2026年存量问题全部整改",
    "清理2026年遗留问题",
    "2026年毕业生就业补贴",
    "2026年底建成，今年投入使用",
    "评选表彰2026年度十佳志愿者",
    "奖励2026年度纳税大户",
    "验收2026年完成的改造工程",
    "出版2026年卷地方志",
    "报销2026年医疗费用",
    "结清2026年租金",
    "保障2026年启动的平台二期建设",
    "2026年入职的新员工岗前培训",
    "继续实施2026年立项的课题研究",
    "2026年度新招录的人员参加培训",
]
STALE = [
    "2026年完成巡查12次",
    "2026年计划组织培训5场",
    "2026年，开展巡查200次",
    "2026年度采购设备60台",
    "在2026年内完成平台建设",
    "2026年全年开展宣传活动8次",
    "2026年将举办运动会1场",
    "力争2026年建成驿站10个，2026年实现全覆盖",
    "2026年开展巡查、培训",
    "2026年拟新增充电桩20个",
    "2026年继续推进数据治理",
    "2026年保障系统稳定运行",
    "2026年发放慰问金5万元",
    "通过2026年项目的实施，提升巡查质量",
    "保障2026年平台正常运行",
    "2026年巡查12次以上",
    "为2026年网格巡查提供通讯服务",
    "2026年举办奖学金答谢会1场",
    "2026年需完成决算编制培训3次",
    "确保2026年各项工作顺利推进",
    "2026年完成平台的建设",
]
PLANS = [
    "2026年完成巡查12次",
    "2026年计划组织培训5场",
    "2026年度采购设备60台",
    "2026年拟新增充电桩20个",
    "2026年继续推进数据治理",
    "2026年保障系统稳定运行",
    "2026年开展网格的巡查",
]


@pytest.mark.parametrize("goal", [True, False])
@pytest.mark.parametrize("text", SETTLED)
def test_what_is_paid_or_closed_this_year_may_be_of_the_year_before(text: str, goal: bool) -> None:
    assert other_year(text, 2027, goal=goal, long=False) is None


@pytest.mark.parametrize("text", STALE)
def test_a_goal_of_another_year(text: str) -> None:
    assert other_year(text, 2027, goal=True, long=False) == "2026年"


@pytest.mark.parametrize("text", PLANS)
def test_a_plan_of_another_year_in_any_text(text: str) -> None:
    assert other_year(text, 2027, goal=False, long=False) == "2026年"


@pytest.mark.parametrize("text", SETTLED + STALE)
def test_the_year_of_the_form_is_never_another_one(text: str) -> None:
    assert other_year(text, 2026, goal=True, long=False) is None


def test_what_follows_a_line_break_is_no_month_of_the_year_before_it() -> None:
    text = "2026年\n12月完成采购"
    assert other_year(text, 2027, goal=True, long=False) == "2026年"
