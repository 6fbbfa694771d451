"""Changes to the answers of longhua_2021_selfeval: results, funds, rows that do not apply."""

from __future__ import annotations

from collections.abc import Callable

from helpers import Data

UNIT = "226002"
FIELDS = """
[fields]
goal_expected.filled_by = "unit"
lv3.filled_by = "unit"
target.filled_by = "unit"
"""


def result(number: int, level: str, row: int, **cells: str) -> Callable[[Data], None]:
    """Change the results of one indicator: actual, weight, score, deviation, lv3, target."""
    labels = {
        "lv3": "三级指标",
        "target": "年度指标值",
        "actual": "实际完成值",
        "weight": "分值",
        "score": "得分",
        "deviation": "偏差原因分析及改进措施",
    }

    def change(data: Data) -> None:
        rows = [r for r in data["projects"][number - 1]["indicators"] if r["二级指标"] == level]
        rows[row - 1].update({labels[name]: text for name, text in cells.items()})

    return change


def not_applicable(level: str, **cells: str) -> Callable[[Data], None]:
    """What 项目1 says beside 不适用."""
    labels = {"actual": "实际完成值", "weight": "分值", "score": "得分"}

    def change(data: Data) -> None:
        row = {"一级指标": "效益指标（40分）", "二级指标": level}
        row |= {"三级指标": "不适用", "年度指标值": "不适用"}
        row |= {labels[name]: text for name, text in cells.items()}
        data["projects"][0]["indicators"].append(row)

    return change


def funds(number: int, *rows: tuple[str, str, str]) -> Callable[[Data], None]:
    """All figures of a project: the total, this year's grant, what was left over, other."""
    names = ("年初预算数", "全年预算数", "全年执行数")

    def change(data: Data) -> None:
        for fund, row in zip(data["projects"][number - 1]["funds"], rows, strict=True):
            fund.update(dict(zip(names, row, strict=True)))

    return change


def paid(number: int, executed: str) -> Callable[[Data], None]:
    """Another 全年执行数 of a project financed by this year's grant only."""

    def change(data: Data) -> None:
        for fund in data["projects"][number - 1]["funds"][:2]:
            fund["全年执行数"] = executed

    return change


def all_of(*changes: Callable[[Data], object]) -> Callable[[Data], None]:
    """Several changes at once."""

    def change(data: Data) -> None:
        for part in changes:
            part(data)

    return change


NONE = ("0.00", "0.00", "0.00")
