"""本级意见：填报文件夹的 意见.csv 里，审核人员自己写的意见（docs/domain.md §10.11）。"""

from __future__ import annotations

import polars as pl

from xltool.rules import FormTable, Offence, rule

_IS_CHANGED = pl.col("before").is_not_null()


@rule(
    "OPI-001",
    on="opinion",
    message="本级意见：{opinion}",
    hint="请按意见修改{asked}",
)
def opinion_is_an_error(opinion: FormTable) -> Offence:
    """本级写在 意见.csv 里、级别为“错误”的意见，在单元格的内容改动之前一直有效。

    | opinion        | grade | before |     |
    | 请附测算明细   | 错误  |        | bad |
    | 请附测算明细   | 提醒  |        | ok  |
    | 请附测算明细   | 错误  | 按实际 | ok  |
    """
    return Offence(~_IS_CHANGED & (pl.col("grade") == "错误"), _asked())


@rule(
    "OPI-002",
    on="opinion",
    severity="warning",
    message="本级意见：{opinion}",
    hint="请核对；不需要改的，请说明理由{asked}",
)
def opinion_is_a_warning(opinion: FormTable) -> Offence:
    """本级写在 意见.csv 里、级别为“提醒”的意见，在单元格的内容改动之前一直有效。

    | opinion        | grade | before |     |
    | 数量比上年翻番 | 提醒  |        | bad |
    | 数量比上年翻番 | 错误  |        | ok  |
    | 数量比上年翻番 | 提醒  | 10 次  | ok  |
    """
    return Offence(~_IS_CHANGED & (pl.col("grade") == "提醒"), _asked())


@rule(
    "OPI-003",
    on="opinion",
    severity="info",
    message="已改，待核：本级意见“{brief}”；原为“{before}”，现为“{now}”",
    hint="请本级核对：认可的，在 意见.csv 的“状态”填“已解决”；不认可的，请改写意见",
)
def opinion_is_to_be_looked_at_again(opinion: FormTable) -> pl.Expr:
    """本级意见所指的单元格，内容与第一次提出时不同：是否解决，由本级核对后决定。

    | opinion        | grade | before | now    |     |
    | 请附测算明细   | 错误  |        | 按实际 | ok  |
    | 请附测算明细   | 错误  | 按实际 | 20 人  | bad |
    """
    return _IS_CHANGED


def _asked() -> dict[str, pl.Expr]:
    """Who asks, in brackets."""
    who = pl.format("（{}）", pl.col("asked"))
    return {"asked": pl.when(pl.col("asked").is_null()).then(pl.lit("")).otherwise(who)}
