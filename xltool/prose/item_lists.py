"""Numbered lists of titled items: `1、培训经费：用于……`. Are two texts the same list, with the same items?

Units name an item a little otherwise in each text (慰问费用 and 慰问经费, 宣传费 and 宣传工作经费): that is
the same item. Careful rather than complete: where two titles could mean the same, they do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations

from xltool.prose.quoting import quoted

_ITEM = re.compile(
    r"(?:\A|(?<=[\n。；;]))[\s\"“]{0,4}\d{1,2}[.、．][ \u3000]{0,4}([^\n：:。；，,]{2,30})[：:]"
)
_REMARK = re.compile(r"[（(][^（()）]*[)）]|[\s“”\"《》、和及与]")
_YEAR = re.compile(r"^(?:20\d\d年度?|本?年度|全年|当年)")
# words that say only that it costs money, or that it is done
_KIND = re.compile(
    r"(?<=..)(?:专项|项目|工作|活动|服务|业务|相关|日常|经费|费用|资金|支出|开支|款项|费|款|金|类|等)+$"
)
_MOST_SAID = 12  # characters of a title in a message


def titles(text: str | None) -> list[str]:
    """The titles of numbered items, each once, in their order."""
    return list(dict.fromkeys(match[1].strip() for match in _ITEM.finditer(text or "")))


def differing_items(texts: Mapping[str, str | None]) -> str | None:
    """How two of the texts differ in their titled items, where both are the same list; by label."""
    lists = [(label, titles(text)) for label, text in texts.items()]
    for (label, one), (other_label, other) in combinations(lists, 2):
        only_one, only_other = _missing(one, other)
        shared = len(one) - len(only_one)
        fewest = min(len(one), len(other))
        if fewest < 2 or shared * 2 < fewest or not (only_one or only_other):
            continue
        said = [
            f"{_some(only)}只写在{place}中"
            for place, only in ((label, only_one), (other_label, only_other))
            if only
        ]
        return f"{label}与{other_label}的编号条目不一致：{'，'.join(said)}"
    return None


def _missing(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """The titles of each list that have no partner in the other one."""
    left, right = list(one), list(other)
    for same in (_equal, _alike):
        for title in tuple(left):
            partner = next((t for t in right if same(_core(title), _core(t))), None)
            if partner is not None:
                left.remove(title)
                right.remove(partner)
    return left, right


def _core(title: str) -> str:
    """What a title is about: without a year, a remark in brackets and words such as 经费."""
    bare = _YEAR.sub("", _REMARK.sub("", title))
    return _KIND.sub("", bare) or bare


def _equal(one: str, other: str) -> bool:
    return one == other


def _alike(one: str, other: str) -> bool:
    """True where one title holds the other, or most of its characters: 设备购置 and 采购设备."""
    short, long = sorted((one, other), key=len)
    common = sum(character in long for character in set(short))
    return short in long or common * 3 >= len(set(short)) * 2


def _some(names: Sequence[str]) -> str:
    """The first of the titles in quotes, and how many there are."""
    more = f"等 {len(names)} 项" if len(names) > 1 else ""
    return f"“{quoted(names[0], most=_MOST_SAID)}”{more}"
