"""Target values made up from the grammar: what an operator, a number, a unit and the rest may look like."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_PIECES = {
    "sign": "≥ ≤ > < ≧ ≦ ⩾ ⩽ ＞ ＜ ﹥ ﹤ 〉 〈 ≮ ≯ >= <=",
    "word": "至少 不低于 不少于 不超过 不高于 不多于 控制在 达到 达 约 大于等于 小于 低于 超过 不得超过 最多 未达到 降至 提升至 不足",
    "filler": "培训 开展 完成巡查 新增泊位 组织居民参加活动 其中 每季度 每月开展 每半年组织",
    "basis": "年初预算 合同额 总用户量 上年 项目总投资 2026年预算 参训人员",
    "unit": "% ％ ﹪ ‰ 个百分点 元 万元 亿元 千元 人 人次 个 次 场 台 套 部分 ㎡ m² m2 平方米 ㎥ m3 ℃ t kW kWh km kg dB 分贝 倍 樘 亩"
    " 公顷 天 日 个月 月 年 小时 h 个工作日 分钟 季度 节课 点位 标段",
    "per": "年 月 周 日 季度 人 ㎡ 次 台 公里 两周 3个月 学期",
    "ending": "以上 以下 以内 及以上 左右 内 完成 。 ； （含）以上 封顶",
    "chinese": "三 十二 二十五 一百零五 一百五 三千五 两万三 一亿零五百万 贰佰陆拾 半 九十七点五 一百二十 五千零三十",
    "date": "2027年12月31日前 12月底前 每月20日前 每季度末前 第三季度结束前 2027-6-30 2027年内 年底前 于本年度内完成 自合同签订后6个月内"
    " 不晚于9月30日 2027年上半年 每年6月30日前 每季度首月15日前",
    "other": "不适用 略 零投诉 无安全事故 控制在匡算价内 按照标准要求发放 验收合格 1∶3 ≥3/4 三分之二以上 6部分建设内容",
    "subject": "全年 满意度 投诉单数 每周 每人每月 总投资",
}
_WORDS = {kind: words.split() for kind, words in _PIECES.items()}


def target_texts(seed: int, count: int) -> Iterator[str]:
    """So many values, the same for the same seed."""
    random = Random(seed)
    for _ in range(count):
        made = [_value(random) for _ in range(random.choice((1, 1, 1, 1, 1, 2, 3)))]
        yield random.choice(("、", "；", "，", "或")).join(made)


def _value(random: Random) -> str:
    def some(kind: str, share: float = 1) -> str:
        return random.choice(_WORDS[kind]) if random.random() < share else ""

    kind = random.random()
    if kind < 0.18:
        return some("date" if kind < 0.12 else "other")
    operator = some(random.choice(("sign", "word")), 0.9)
    between = random.choice(("", "", some("filler"), f"{some('basis')}的"))
    many = f"{random.choice('-～至')}{_number(random)}" if random.random() < 0.08 else ""
    per = f"/{some('per')}" if random.random() < 0.15 else ""
    quantity = f"{_number(random)}{many}{some('unit', 0.95)}{per}"
    return f"{some('subject', 0.6)}{operator}{between}{quantity}{some('ending', 0.5)}"


def _number(random: Random) -> str:
    kind = random.random()
    if kind < 0.15:
        return random.choice(_WORDS["chinese"])
    if kind < 0.2:
        return f"百分之{random.choice((*_WORDS['chinese'], '95'))}"
    value = random.randrange(10 ** random.randint(1, 7))
    decimals = f".{random.randrange(100):02}" if random.random() < 0.2 else ""
    text = f"{value:,}" if random.random() < 0.2 else f"{value}"
    return f"{text}{decimals}{random.choice(('', '', '', '', '万', '百', '亿', '余'))}"
