"""`xltool demo`: a whole collection on an embedded example, in front of the reader.

The units are played: their answers lie in `examples/`, and some of them make the mistakes that
units really make. Everything after that is the ordinary tool.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.form.loading import builtin_folder
from xltool.merging.fates import OUTCOME_WORDS
from xltool.merging.merge import merge
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.report.listing import write_list
from xltool.report.reports import make_report
from xltool.report.text import as_text
from xltool.returns.reading import read
from xltool.write.filling import fill
from xltool.write.issuing import Issued, issue
from xltool.write.returned import write_returned

Data = dict[str, Any]


@dataclass(frozen=True)
class Mistake:
    """What one unit does wrong: in what it types, or to the workbook afterwards."""

    words: str
    answers: Callable[[Data], None] | None = None
    workbook: Callable[[Worksheet], None] | None = None


def _forget_long_goal(data: Data) -> None:
    data["projects"][1]["长期目标"] = ""


def _name_too_long(data: Data) -> None:
    file = builtin_folder("examples") / "declaration" / "further" / "106002.json"
    data["projects"].append(json.loads(file.read_text(encoding="utf-8")))


def _wrong_sum(data: Data) -> None:
    data["projects"][0]["财政拨款资金"] = "560.30"


def _change_label(sheet: Worksheet) -> None:
    sheet["A9"] = "2027年目标："


def _insert_row(sheet: Worksheet) -> None:
    sheet.insert_rows(14)


def _amount_as_text(sheet: Worksheet) -> None:
    for cell in ("B5", "E5"):
        sheet[cell] = f"{sheet[cell].value:,.2f}"
        sheet[cell].number_format = "@"


MISTAKES: dict[str, list[Mistake]] = {
    "106002": [
        Mistake("有一个项目没有填长期目标", answers=_forget_long_goal),
        Mistake("在备用表上新增的项目，名称有 41 个字", answers=_name_too_long),
    ],
    "131002": [
        Mistake("解除保护，改了一个标签", workbook=_change_label),
        Mistake("在指标中间插入了一行", workbook=_insert_row),
    ],
    "215001": [Mistake("财政拨款与其他资金之和不等于总金额", answers=_wrong_sum)],
    "226001": [Mistake("金额存成了文本", workbook=_amount_as_text)],
}


def run_demo(folder: Path, program: str = "xltool") -> Iterator[str]:
    """Run the demo in `folder`; yields the lines to print for the reader, who calls us by `program`.

    Raises OfficeError if the folder holds something else.
    """
    if folder.exists() and not (folder / ".xltool-demo").is_file() and any(folder.iterdir()):
        raise OfficeError("文件夹里有别的文件，不会覆盖；请换一个空文件夹", folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / ".xltool-demo").touch()
    for example, name in (("declaration", "二级项目申报表"), ("target", "项目支出绩效目标表")):
        yield from _collection(builtin_folder("examples") / example, folder / name)
    yield ""
    yield "先打开这几个文件看看："
    yield f"  {folder}/二级项目申报表/填报/issued/  下发的空表（锁定，浅黄处可填）"
    yield f"  {folder}/二级项目申报表/退回/  退回件：有问题的单元格已着色、加批注"
    yield f"  {folder}/二级项目申报表/问题清单.xlsx  全部问题，可筛选"
    yield f"  {folder}/二级项目申报表/合并/汇总表.xlsx  合并结果；导入文件.xlsx 供财政系统导入"
    yield f"再试一遍检查：{program} check {folder}/二级项目申报表/交回 --campaign {folder}/二级项目申报表/填报"


def _collection(example: Path, folder: Path) -> Iterator[str]:
    """One collection from issue to merge."""
    office, back = folder / "填报", folder / "交回"
    office.mkdir(parents=True)
    for path in example.iterdir():
        if path.is_file():
            shutil.copyfile(path, office / path.name)
    (office / KEY_FILE).parent.mkdir()
    seal.save_key(seal.new_key(), office / KEY_FILE)
    campaign = load_campaign(office)
    yield f"\n== {campaign.title} =="
    issued = issue(campaign)
    projects = sum(item.projects for item in issued)
    yield f"1. 下发：{len(issued)} 个单位、{projects} 个项目的工作簿，在 {office / 'issued'}"
    back.mkdir()
    wrong = []
    for item in issued:
        mistakes = MISTAKES.get(item.unit.unit_code, [])
        answers = example / "answers" / f"{item.unit.unit_code}.json"
        play_unit(item, answers, back, mistakes, campaign, keep=folder / "数据")
        wrong += [f"   · {item.unit.unit_name}：{mistake.words}" for mistake in mistakes]
    yield f"2. 各单位填报后交回，在 {back}。其中有单位出了错："
    yield from wrong
    yield from _check_and_merge(campaign, folder, back)


def _check_and_merge(campaign: Campaign, folder: Path, back: Path) -> Iterator[str]:
    batch = read([back], campaign)
    verdict = check(batch)
    report = make_report(batch, verdict)
    yield "3. 检查（xltool check）："
    yield as_text(report, width=96).rstrip()
    write_list(report, batch, folder / "问题清单.xlsx")
    returned, notes = write_returned(batch, verdict, folder / "退回")
    yield f"4. 退回：{len(returned)} 份标好问题的工作簿，在 {folder / '退回'}"
    yield from notes
    result = merge([back], folder / "合并", campaign)
    merged = sum(entry.outcome == "merged" for entry in result.entries)
    yield f"5. 合并：{merged} 份合格的，在 {folder / '合并'}；未合并的："
    for entry in result.entries:
        if entry.outcome != "merged":
            yield f"   · {entry.file}：{OUTCOME_WORDS[entry.outcome]}（{entry.detail}）"


def play_unit(
    item: Issued,
    answers: Path,
    back: Path,
    mistakes: list[Mistake],
    campaign: Campaign,
    *,
    keep: Path | None = None,
) -> Path:
    """Fill one unit's workbook from its answers, with its mistakes; returns the file handed in.

    What it typed is kept in the folder `keep`, for the reader to fill workbooks of his own with.
    """
    data = json.loads(answers.read_text(encoding="utf-8"))
    for mistake in mistakes:
        if mistake.answers:
            mistake.answers(data)
    out = back / item.path.name
    with tempfile.TemporaryDirectory() as scratch:
        typed = keep or Path(scratch)
        typed.mkdir(exist_ok=True)
        source = typed / answers.name
        source.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
        fill(item.path, source, out, campaign)
    edits = [mistake.workbook for mistake in mistakes if mistake.workbook]
    if edits:
        book = openpyxl.load_workbook(out)
        for edit in edits:
            edit(book["项目1"])
        book.save(out)
    return out
