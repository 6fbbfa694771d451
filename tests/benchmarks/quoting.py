"""What the READMEs quote of docs/benchmarks.json: `python quoting.py` writes it between their marks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "docs" / "benchmarks.json"
BEGIN, END = "<!-- benchmarks: make docs -->", "<!-- /benchmarks -->"
READMES = ("README.md", "README.zh-CN.md")
# what is quoted: the question, and the two whose ratio it is
QUOTED = (
    ("issue", "issue_one", "xlsxwriter_one"),
    ("issue", "issue_many", "xlsxwriter_many"),
    ("check", "read", "calamine"),
    ("check", "read", "openpyxl_full"),
    ("check", "read", "openpyxl_read_only"),
    ("check", "check", "openpyxl_full"),
    ("check", "check", "script"),
    ("merge", "merge", "openpyxl"),
    ("merge", "merge", "polars"),
    ("start", "help", "python"),
    ("start", "check_one", "pandera"),
    ("workers", "local_2", "local_1"),
    ("workers", "dask_1", "local_1"),
    ("workers", "dask_2", "local_1"),
)
_TOO_SHORT = ("help",)  # for its memory to be looked at


@dataclass(frozen=True)
class Words:
    """What the tables say in one language."""

    heads: str
    growth_heads: str
    circumstances: str
    names: Mapping[str, str]


_ENGLISH = Words(
    "| what | beside | CPU | wall | peak memory |",
    "| returns | CPU a return | wall a return | peak memory | CPU, × calamine |",
    "Measured on {date} at commit {commit}: {cpu}, {cores} cores, {memory} GiB, Python {python};"
    " medians of {rounds} rounds that take turns, `{command}`. CPU is user time. Growth: {projects} projects a return.",
    {
        "issue_one": "issue 1 workbook",
        "xlsxwriter_one": "the XlsxWriter loop",
        "issue_many": "issue {issue_many} workbooks",
        "xlsxwriter_many": "the XlsxWriter loop",
        "read": "read a return",
        "check": "read and check a return",
        "calamine": "calamine, cells only",
        "openpyxl_full": "openpyxl, cells only",
        "openpyxl_read_only": "openpyxl read-only, cells only",
        "script": "openpyxl and the same schema, a workbook at a time",
        "merge": "`xltool merge`, {merge} returns (checked too)",
        "openpyxl": "openpyxl that appends rows",
        "polars": "calamine and polars",
        "help": "`xltool --help`",
        "python": "`python -c pass`",
        "check_one": "`xltool check`, 1 return",
        "pandera": "importing polars and pandera",
        "local_2": "`xltool check`, {local_1} returns, 2 workers",
        "dask_1": "the same, 1 of Dask's workers",
        "dask_2": "the same, 2 of Dask's workers",
        "local_1": "1 worker",
    },
)
_CHINESE = Words(
    "| 做什么 | 与什么相比 | 处理器时间 | 用时 | 内存峰值 |",
    "| 份数 | 每份处理器时间 | 每份用时 | 内存峰值 | 处理器时间是 calamine 的 |",
    "{date} 测于提交 {commit}：{cpu}，{cores} 核，{memory} GiB 内存，Python {python}；轮流各测 {rounds} 次取中位数，"
    "命令 `{command}`。处理器时间指用户态时间。增长一表每份 {projects} 个项目。",
    {
        "issue_one": "下发 1 份",
        "xlsxwriter_one": "用 XlsxWriter 循环写同样的单元格",
        "issue_many": "下发 {issue_many} 份",
        "xlsxwriter_many": "用 XlsxWriter 循环写同样的单元格",
        "read": "读取一份",
        "check": "读取并检查一份",
        "calamine": "calamine 只读单元格",
        "openpyxl_full": "openpyxl 只读单元格",
        "openpyxl_read_only": "openpyxl（只读模式）只读单元格",
        "script": "openpyxl 加同样的 pandera 检查，逐份进行",
        "merge": "`xltool merge` {merge} 份（含检查）",
        "openpyxl": "openpyxl 逐行追加",
        "polars": "calamine 加 polars",
        "help": "`xltool --help`",
        "python": "`python -c pass`",
        "check_one": "`xltool check` 1 份",
        "pandera": "导入 polars 和 pandera",
        "local_2": "`xltool check` {local_1} 份，2 个进程",
        "dask_1": "同上，Dask 1 个进程",
        "dask_2": "同上，Dask 2 个进程",
        "local_1": "1 个进程",
    },
)
WORDS = dict(zip(READMES, (_ENGLISH, _CHINESE), strict=True))


def quoted(found: Mapping[str, Any], words: Words) -> str:
    """The tables of a README."""
    return "\n".join([*_ratios(found, words), "", *_growth(found, words), "", _where(found, words)])


def _ratios(found: Mapping[str, Any], words: Words) -> Iterator[str]:
    questions = found["questions"]
    counts = {row["key"]: _grouped(row["count"]) for q in questions.values() for row in q["rows"]}
    yield words.heads
    yield "|---|---|--:|--:|--:|"
    for question, of, to in QUOTED:
        for ratio in questions[question]["ratios"]:
            if (ratio["of"], ratio["to"]) == (of, to):
                names = " | ".join(words.names[key].format(**counts) for key in (of, to))
                times = [f"{_short(ratio[name])} ×" for name in ("user", "wall", "peak")]
                if of in _TOO_SHORT:
                    times[-1] = "–"
                yield f"| {names} | {' | '.join(times)} |"


def _growth(found: Mapping[str, Any], words: Words) -> Iterator[str]:
    growth = found["questions"]["growth"]
    yield words.growth_heads
    yield "|--:|--:|--:|--:|--:|"
    for row in growth["rows"]:
        if row["key"].startswith("check_"):
            count = row["count"]
            against = next(r for r in growth["ratios"] if r["of"] == row["key"])
            each = [f"{_short(1000 * row[name] / count)} ms" for name in ("user", "wall")]
            cells = [_grouped(count), *each, f"{row['peak']:.0f} MiB"]
            yield f"| {' | '.join(cells)} | {_short(against['user'])} × |"


def _where(found: Mapping[str, Any], words: Words) -> str:
    machine, sizes = found["machine"], found["sizes"]
    return words.circumstances.format(
        date=found["date"],
        commit=found["commit"],
        cpu=machine["cpu"],
        cores=machine["cores"],
        memory=machine["memory_gib"],
        python=found["versions"]["python"],
        rounds=sizes["rounds"],
        projects=sizes["projects"],
        command=command(sizes),
    )


def command(sizes: Mapping[str, int]) -> str:
    """The command that measures so much."""
    names = ("rounds", "units", "returns")
    return " ".join(["make bench", *(f"{name.upper()}={sizes[name]}" for name in names)])


def _short(value: float) -> str:
    """A number with two digits that tell something, or as many as stand before the point."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _grouped(count: int) -> str:
    return f"{count:,}"


def with_quotation(text: str, found: Mapping[str, Any], words: Words) -> str:
    """A README with the tables between its marks. Raises ValueError where it has none."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"no {BEGIN} … {END}")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{quoted(found, words)}\n\n{END}{after}"


def main(found: Mapping[str, Any]) -> None:
    """Write the tables into both READMEs."""
    for name, words in WORDS.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        (ROOT / name).write_text(with_quotation(text, found, words), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(SOURCE.read_text(encoding="utf-8")))
    sys.stdout.write(f"{', '.join(WORDS)}\n")
