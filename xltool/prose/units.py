"""The units that people count and measure in: one list for every module (docs/domain.md §1.4).

Each unit stands here once, with the other ways to write it; `same` tells the name under which two
are compared: ㎡, m² and 平米 are 平方米.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PERCENT = {"%": "%", "百分比": "%", "‰": "‰", "个百分点": "百分点", "百分点": "百分点"}
MONEY = ("元", "圆", "元人民币")
DURATION = {
    "年": "年",
    "周年": "年",
    "个月": "月",
    "月": "月",
    "周": "周",
    "个星期": "周",
    "星期": "周",
    "天": "天",
    "日": "天",
    "个自然日": "天",
    "自然日": "天",
    "日历天": "天",
    "个工作日": "工作日",
    "工作日": "工作日",
    "个小时": "小时",
    "小时": "小时",
    "h": "小时",
    "H": "小时",
    "分钟": "分钟",
    "min": "分钟",
    "秒": "秒",
    "秒钟": "秒",
    "个季度": "季度",
    "季度": "季度",
}
WRITTEN = {"月": "个月", "工作日": "个工作日", "季度": "个季度"}  # beside a number
# What is measured, under its full name, and the other ways to write it.
_MEASURED = {
    "平方米": "㎡ m² m2 M2 M² 平米 平方",
    "立方米": "㎥ m³ m3 M3 M³ 立方",
    "平方公里": "km² km2 ㎢ 平方千米",
    "米": "m 延米 延长米",
    "公里": "km KM Km 千米",
    "厘米": "cm ㎝ 公分",
    "毫米": "mm ㎜",
    "公斤": "kg KG Kg ㎏ 千克",
    "克": "g",
    "毫克": "mg",
    "微克": "μg ug µg",
    "吨": "t",
    "升": "L",
    "毫升": "mL ml",
    "千瓦": "kW KW kw",
    "兆瓦": "MW",
    "千瓦时": "kWh KWh kwh KWH kW·h 度电",
    "千伏安": "kVA KVA",
    "千伏": "kV KV",
    "兆帕": "MPa Mpa",
    "分贝": "dB db DB dB(A) 分贝(A)",
    "℃": "摄氏度 °C",
    "兆赫": "MHz",
    "毫秒": "ms",
    "公顷": "ha hm² hm2",
    "吨标准煤": "吨标煤",
    "Mbps": "Mbit/s Mb/s",
    "Gbps": "Gbit/s",
    **dict.fromkeys(("亩", "度", "倍", "MB", "GB", "TB", "PB"), ""),
}
_COUNTED = (
    "人 人次 人天 人月 人年 人日 人份 名 家 家次 个 项 项次 件 件次 次 场 场次 期 期次 套 套次 台 台套 台次 部 部分 本 份 篇"
    " 通 起 单 宗 宗地 条 条次 批 批次 节 节课 课时 学时 学分 工日 工时 只 支 张 册 册次 卷 栋 幢 间 户 户次 辆 辆次 车次 班次"
    " 架 架次 艘 座 处 处次 所 所次 株 棵 头 匹 羽 尾 点 点位 站 站点 分 字 块 幅 组 队 班 种 类 门 页 枚 盏 盒 箱 瓶 包 袋 桶 罐"
    " 把 双 面 片 段 轮 届 级 例 位 口 对 卡 樘 榀 根 孔 眼 标段 床 床位 车位 泊位 席 席位 层 核 科 岗 岗位 副 顶 束 盆 丛 粒"
    " 颗 滴 针 剂 剂次 村次 校次 店次 企次"
)
COUNTED = tuple(_COUNTED.split())
_OTHER = (  # 5部门 are no 5 部
    "部门 部委 个性化 场所 场馆 场地(?!震) 台账 台阶 本科 通道 单位 单元 单项 条款 条件 节点 支部 支队(?!伍) 户型 处室 处级"
    " 分之 分公司 分局 分部 组织 队员 队伍 班组 班级 班子 门店 门诊 口岸 家庭 家长 年级 年龄 年代"
    " 年限 月薪 层级 层次 科室 次性 点钟"
)
_OTHER_WORDS = _OTHER.split()
_PERIODS = {
    "个月": "月",
    "季": "季度",
    "年度": "年",
    "星期": "周",
    "个季度": "季度",
    "个星期": "周",
}
PERIODS = (*_PERIODS, "年", "半年", "学年", "学期", "季度", "月", "周", "日", "天", "小时")

_SAME = {
    **{other: name for name, others in _MEASURED.items() for other in others.split()},
    **PERCENT,
    **DURATION,
    **dict.fromkeys(MONEY, "元"),
    "节课": "节",
}
UNITS = frozenset({*PERCENT, *MONEY, *DURATION, *_MEASURED, *_SAME, *COUNTED})


def one_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; what words begin with in common stands once."""
    rests: dict[str, set[str]] = {}
    for word in words:
        rests.setdefault(word[:1], set()).add(word[1:])
    ends = "" in rests
    found = [
        re.escape(first) + (one_of(rest) if rest != {""} else "")
        for first, rest in sorted(rests.items())
        if first
    ]
    return f"(?:{'|'.join(found)}){'?' if ends else ''}" if found else ""


def first_of(words: Iterable[str]) -> str:
    """The characters that any of the words begins with, for use in a class of characters."""
    return "".join(sorted({re.escape(word[0]) for word in words}))


def same(unit: str) -> str:
    """The name under which a unit is compared: ㎡ and 平米 are 平方米, 个月 is 月, 日 is 天."""
    return _SAME.get(unit, unit)


def period(text: str) -> str:
    """The one name of a period: 个月 and 月 are 月."""
    return _PERIODS.get(text, text)


_OTHER_BEGIN = first_of(_OTHER_WORDS)
KNOWN = rf"(?:(?!(?=[{_OTHER_BEGIN}])(?:{'|'.join(_OTHER_WORDS)})){one_of(UNITS)}(?![A-Za-z]))"
