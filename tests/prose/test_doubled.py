"""TXT-010: what is written twice running, and what only looks like it."""

from __future__ import annotations

import pytest

from xltool.prose.writing_flaws import doubled


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("常态化开展开展巡查", "开展"),
        ("用于用于人员经费", "用于"),
        ("年度年度先进评选", "年度"),
        ("日常维护维护保养设备", "维护"),
        ("完成完成会议筹备", "完成"),
        ("采购打印机打印机10台", "打印机"),
        ("提升服务质量服务质量", "服务质量"),
    ],
)
def test_doubled(text: str, word: str) -> None:
    assert doubled(text) == word


@pytest.mark.parametrize(
    "text",
    [
        "妥善安置安置房住户",
        "研究研究室建设方案",
        "监督监督员履职",
        "发放救助救助站人员物资",
        "支付检测检测站费用",
        "步步推进、层层落实",
        "社会管理管理人员",
        "一步一步推进",
        "评审评审费标准",
        "高高兴兴过年",
    ],
)
def test_a_verb_and_a_name(text: str) -> None:
    assert doubled(text) is None
