"""目标和依据：只有几张表有的栏目之间的规则（docs/domain.md §10.2）。各表按名字引用自己需要的规则。"""

from __future__ import annotations

import re
from collections import Counter

import polars as pl

from xltool.fields.measures import judged
from xltool.prose.item_lists import differing_items
from xltool.prose.quoting import quoted
from xltool.prose.text import name_key
from xltool.rules import FormTable, Offence, rule

_LISTS = {"overview": "项目概况", "purpose": "项目用途", "goal_year": "年度绩效目标"}


def _other_items(*texts: str | None) -> str | None:
    """How two of the texts differ in their titled items, where both are the same list."""
    return differing_items(dict(zip(_LISTS.values(), texts, strict=True)))


@rule(
    "TXT-011",
    on="project",
    severity="warning",
    cells=["overview", "purpose", "goal_year"],
    message="{found}",
    hint="同一个项目的几项内容，请在各栏用同样的编号和名称",
)
def numbered_items_differ(project: FormTable) -> Offence:
    """项目概况、项目用途、年度绩效目标中编号的条目应当一致。

    只比较带名称的条目（“1、培训经费：……”），且至少一半的名称相同才看作同一份清单。名称的意思相同就行：
    “慰问费用”和“慰问经费”、“宣传费”和“宣传工作经费”不算不同。

    | 项目概况                             | 项目用途                             | 年度绩效目标 |     |
    | 1.培训费：甲；2.宣传费：乙           | 1.培训费：丙；2.宣传费：丁           | 全年巡查     | ok  |
    | 1.培训费：甲；2.宣传费：乙；3.稿费：丙 | 1.培训费：丙；2.宣传费：丁           | 全年巡查     | bad |
    | 1.培训费：甲；2.宣传费：乙           | 1.培训费：丙；2.宣传费：丁；3.稿费：戊 | 全年巡查   | bad |
    | 1.培训费：甲；2.宣传费：乙           | 1.租车：丙；2.印刷：丁               | 全年巡查     | ok  |
    | 1.培训费：甲；2.慰问费用：乙         | 1.培训费：丙；2.慰问经费：丁         | 全年巡查     | ok  |
    | 1.培训费：甲；2.宣传费：乙           | 1.培训经费：丙；2.宣传工作经费：丁   | 全年巡查     | ok  |
    | 1.培训费：甲；2.购置设备：乙         | 1.培训费（线下）：丙；2.设备采购：丁 | 全年巡查     | ok  |
    | 1.培训费：甲；2.评选活动：乙         | 1.培训费：丙；2.年度先进评选费：丁   | 全年巡查     | ok  |
    | 1.培训费：甲；2.慰问费：乙           | 1.培训费：丙；2.印刷费：丁           | 全年巡查     | bad |
    """
    found = judged(_other_items, *_LISTS)
    return Offence(found.is_not_null(), {"found": found})


def _speaks_of_the_year(text: str | None, fy: int | None) -> str | None:
    year = rf"|(?<![\d\-—~～至到]){fy}年(?:度)?(?!\s*[\-—~～至到起以])"
    match = re.search(rf"本年度|今年|(?<![各分逐])年度目标{year if fy else ''}", text or "")
    return match[0] if match else None


@rule(
    "TXT-015",
    on="project",
    severity="warning",
    cells=["goal_long"],
    message="长期目标里写到“{found}”",
    hint="长期目标请写整个实施期限要达到的结果；当年的安排写在年度目标里",
)
def long_goal_speaks_of_the_year(project: FormTable) -> Offence:
    """长期目标不应写“本年度”“年度目标”或填报年度的安排。

    起止年份（“2027年至2029年”“2027年起”）不算。

    | goal_long                  | fy   |     |
    | 三年建成巡查体系           | 2027 | ok  |
    | 2027年至2029年建成巡查体系 | 2027 | ok  |
    | 为2027年巡查提供服务       | 2027 | bad |
    | 完成本年度巡查             | 2027 | bad |
    """
    found = judged(_speaks_of_the_year, "goal_long", "fy")
    return Offence(found.is_not_null(), {"found": found})


_NUMBER = re.compile(r"[（(]?[^（(）)\n]{1,20}[〔﹝\[【]\d{4}[〕﹞\]】]\s*第?\d+号")


_DRAFT = r"(?:征求意见|讨论|送审|报审|报批|审议|代拟|起草|初)稿|(?<!预算)草案"
_CITED_DRAFT = re.compile(
    rf"《([^《》]{{2,80}})》\s*[（(〔【\[]?\s*({_DRAFT})"
    rf"|《([^《》]{{2,80}}?)[（(〔【\[]?({_DRAFT})[）)〕】\]]?》"
)
_BASIS = re.compile("根据|依据|按照|遵照|依照|落实|贯彻|按")
_DRAFTING = re.compile(
    "编制|编写|起草|形成|修订|修改|制定|制订|完善|完成|出台|印制|论证|研究|提交|报送|撰写|征求"
)


def cited_draft(text: str | None, *, basis: bool) -> tuple[str, str] | None:
    """The first document that a text relies on and that is a draft still: its title, and what it says it is.

    `basis`: the text is a list of what is relied on; elsewhere it must say so (根据《……》). A draft that
    is to be written is work, not a source.
    """
    for match in _CITED_DRAFT.finditer(text or ""):
        before = re.split("[。；;\n]", match.string[: match.start()])[-1]
        if (basis or _BASIS.search(before)) and not _DRAFTING.search(before):
            title, word = match[1] or match[3], match[2] or match[4]
            return title, word
    return None


def _draft_of_basis(text: str | None) -> str | None:
    return _said_of(cited_draft(text, basis=True))


def _draft_of_overview(text: str | None) -> str | None:
    return _said_of(cited_draft(text, basis=False))


def _said_of(draft: tuple[str, str] | None) -> str | None:
    """《title》 and what it is still."""
    if draft is None:
        return None
    title, word = draft
    return f"《{quoted(title, most=24)}》还是{word}"


@rule(
    "TXT-021",
    on="project",
    severity="warning",
    cells=["policy_basis"],
    message="政策依据所引的{found}",
    hint="请改引正式印发的文件；还没有印发的，请向预算部门说明",
)
def draft_as_policy_basis(project: FormTable) -> Offence:
    """政策依据应是正式印发的文件，不是征求意见稿、讨论稿、送审稿、草案。

    写要编制、修订这些稿子的不算，预算草案不算。

    | policy_basis                               |     |
    | 《巡查办法》（云岭〔2026〕1号）            | ok  |
    | 《巡查评分标准》（征求意见稿）             | bad |
    | 《巡查办法（送审稿）》                     | bad |
    | 《巡查条例（草案）》                       | bad |
    | 《巡查办法》讨论稿                         | bad |
    | 1.《巡查办法》；2.《巡查办法[报批稿]》     | bad |
    | 《巡查办法（试行）》                       | ok  |
    | 《关于2027年预算草案的报告》               | ok  |
    | 《关于预算草案（草案）审查办法》           | ok  |
    | 《稿件管理办法》                           | ok  |
    | 关于编制《巡查标准》（征求意见稿）的批复   | ok  |
    """
    found = judged(_draft_of_basis, "policy_basis")
    return Offence(found.is_not_null(), {"found": found})


@rule(
    "TXT-021",
    on="project",
    severity="warning",
    cells=["overview"],
    message="项目概况所依据的{found}",
    hint="请改引正式印发的文件；还没有印发的，请向预算部门说明",
)
def draft_in_overview(project: FormTable) -> Offence:
    """项目概况里所依据的，应是正式印发的文件，不是征求意见稿、讨论稿、送审稿、草案。

    没有写“根据”“按照”的，和写要编制、修订这些稿子的，不算。

    | overview                                           |     |
    | 根据《巡查标准（征求意见稿）》开展巡查             | bad |
    | 按照《巡查条例》（草案）的要求开展巡查             | bad |
    | 根据《巡查办法》开展巡查                           | ok  |
    | 编制《巡查标准（征求意见稿）》                     | ok  |
    | 根据《巡查办法》修订《巡查标准》（征求意见稿）     | ok  |
    | 项目成果为《巡查标准（送审稿）》                   | ok  |
    """
    found = judged(_draft_of_overview, "overview")
    return Offence(found.is_not_null(), {"found": found})


def _documents(text: str) -> list[tuple[str, str]]:
    """(title, number) of the documents in a text; a title may hold another one."""
    found = []
    depth, start = 0, 0
    for at, sign in enumerate(text):
        if sign == "《":
            start = start if depth else at + 1
            depth += 1
        elif sign == "》" and depth:
            depth -= 1
            if not depth:
                number = _NUMBER.match(text, at + 1)
                found.append((name_key(text[start:at]), name_key(number[0]) if number else ""))
    return found


def _listed_twice(text: str | None) -> str | None:
    documents = _documents(text or "")
    for title, count in Counter(title for title, _ in documents).items():
        numbers = [number for other, number in documents if other == title and number]
        if title and count > max(1, len(set(numbers))):
            return title[:40]
    return None


@rule(
    "TXT-016",
    on="project",
    severity="warning",
    cells=["policy_basis"],
    message="政策依据中《{found}》列了两次",
    hint="请删去重复的文件",
)
def document_listed_twice(project: FormTable) -> Offence:
    """政策依据中同一份文件不应列两次。

    名称相同、文号不同的是两份文件。

    | policy_basis                                    |     |
    | 《巡查办法》；《巡查标准》                      | ok  |
    | 《巡查办法》；《巡查标准》；《巡查办法》        | bad |
    | 《补充通知》（云岭〔2026〕1号）；《补充通知》（云岭〔2027〕2号） | ok |
    """
    found = judged(_listed_twice, "policy_basis")
    return Offence(found.is_not_null(), {"found": found})
