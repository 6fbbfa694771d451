"""What looks odd in the lists without being a mistake.

Codes that may have lost zeros, columns that nothing uses, cells of a few projects that stay blank and locked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from xltool.form.model import Form
from xltool.office.csv_files import each_row
from xltool.office.projects import Project
from xltool.office.roster import HEADINGS, ROSTER

_NAMED = 5  # units that a note names
_KIND_OF_CODE = re.compile("(代码|编码|编号|代号|号码)$")


def short_codes(codes: Collection[str]) -> Iterator[str]:
    """Yield a line for codes of digits that are shorter than all others, which have one length.

    They may have lost their zeros in Excel. The beginning of another code is one of a higher level, and whole.
    """
    lengths = Counter(map(len, codes))
    if len(lengths) != 2 or not all(code.isdigit() for code in codes):
        return
    few, usual = sorted(lengths)
    short = [code for code in codes if len(code) == few]
    others = [code for code in codes if len(code) == usual]
    is_level = any(other.startswith(code) for code in short for other in others)
    if len(short) < len(others) and len(others) > 1 and not is_level:
        more = f" 等 {len(short)} 个单位" if len(short) > _NAMED else " "
        yield (
            f"单位代码 {'、'.join(short[:_NAMED])}{more}只有 {few} 位，其余都是 {usual} 位；"
            "前面的 0 是否被 Excel 去掉了？"
        )


def unused_columns(path: Path, form: Form) -> Iterator[str]:
    """Yield a line for the columns of the roster that nothing reads, each with the one that it may be meant for."""
    there = list(next(each_row(path), (0, {}))[1])
    known = {word for word, some in HEADINGS.items() for word in (word, *some)} | _used_by(form)
    lacking = [some for word, some in HEADINGS.items() if not {word, *some} & {*there}]
    unused = [heading for heading in there if heading not in known]
    others = []
    for heading in unused:
        if meant := _meant(heading, lacking):
            yield f"{path.name} 没有用到的列：{heading}，是不是 {meant}？"
        else:
            others.append(heading)
    if others:
        yield f"{path.name} 没有用到的列：{'、'.join(others)}"


def blank_cells(form: Form, projects: Mapping[str, Sequence[Project]]) -> Iterator[str]:
    """Yield a line for each field that most projects have from the office and a few have not: no unit can fill it."""
    every = [(unit, project) for unit, some in projects.items() for project in some]
    for name, column in form.prefillable(once=False).items():
        is_ours = column.filled_by == "system" or column.new_only
        if not is_ours or column.required or column.prefill or column.computed or column.looked_up:
            continue
        blank = [(unit, project) for unit, project in every if not project.values.get(name)]
        if 0 < len(blank) < len(every) / 2:
            named = "、".join(_named(unit, project) for unit, project in blank[:_NAMED])
            more = "等" if len(blank) > _NAMED else ""
            yield (
                f"{len(blank)} 个项目没有预填“{column.short_label}”，表中锁定，单位填不了：{named}{more}"
            )


def _named(unit: str, project: Project) -> str:
    """The unit, the project and its line."""
    name = project.values.get("project_name") or project.values.get("project_code", "")
    return f"{unit} {name}" + (f"（第 {project.line} 行）" if project.line else "")


def _used_by(form: Form) -> set[str]:
    """The columns of the roster that a form's fields are prefilled from, or its rules compare with."""
    files = [f.prefill_file for t in form.tables.values() for f in t.fields.values()]
    used = {found[1] for found in files if found is not None and found[0] == ROSTER}
    references = [wanted for wanted in form.references if wanted.file == ROSTER]
    return used | {f.label for wanted in references for f in wanted.model.fields().values()}


def _meant(heading: str, lacking: Sequence[Sequence[str]]) -> str | None:
    """The column that a heading says in another word for a code: 部门编号 is 部门代码."""
    stem = _KIND_OF_CODE.sub("", heading)
    return next(
        (
            some[0]
            for some in lacking
            if stem != heading and stem in {_KIND_OF_CODE.sub("", word) for word in some}
        ),
        None,
    )
