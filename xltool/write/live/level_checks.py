"""The live checks of levels: a row that a level needs, figures of a level that add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.fields.field import Field
from xltool.fields.remarks import Severity
from xltool.form.adjoining import Run, runs_of
from xltool.form.layout import Block, a1
from xltool.language.excel import Address
from xltool.language.statements import LevelStatement
from xltool.language.values import TypedRow
from xltool.language.verdicts import VERDICTS, Verdict, sign_formula, sign_of
from xltool.write.live.lines import LiveCheck, Mark, Place, RawAt
from xltool.write.live.row_tests import LiveRules


@dataclass(frozen=True)
class _Group:
    """The blocks of a level, or of several that count together, in one period."""

    words: str
    level: str
    blocks: Sequence[Block]


def level_checks(rules: LiveRules, place: Place) -> Iterator[LiveCheck]:
    """Yield the lines about the levels of the tables on a form sheet."""
    for table in rules.form.tables.values():
        blocks = [b for b in place.sheet.blocks if b.table == table.name and not b.always]
        for code, severity, statement in rules.of_levels(table) if blocks else ():
            for group in _groups(statement, blocks):
                yield _line((code, severity), statement, group, place, table.fields)


def _groups(statement: LevelStatement, blocks: Sequence[Block]) -> list[_Group]:
    """The blocks of its levels, in each period; without levels all of them."""
    if not statement.levels:
        return [_Group("", "", blocks)]
    groups: dict[tuple[str, ...], list[Block]] = {}
    for block in blocks:
        level = block.keys.get(statement.by, "")
        if level in statement.levels:
            period = [text for name, text in block.keys.items() if name not in ("lv1", "lv2")]
            alone = [level] if statement.each_level else []
            groups.setdefault((*period, *alone), []).append(block)
    return [_group(statement, found) for found in groups.values()]


def _group(statement: LevelStatement, blocks: Sequence[Block]) -> _Group:
    keys, by = blocks[0].keys, statement.by
    said = [text for name, text in keys.items() if name == by or name not in ("lv1", "lv2")]
    return _Group("".join(said).replace("*", ""), keys.get(by, ""), blocks)


def _line(
    rule: tuple[str, Severity],
    statement: LevelStatement,
    group: _Group,
    place: Place,
    fields: Mapping[str, Field],
) -> LiveCheck:
    names = [name for name in statement.all_names if name in group.blocks[0].columns]

    def judge(raw: RawAt, others: Mapping[str, RawAt] | None = None, /) -> Verdict:  # noqa: ARG001
        rows = [
            TypedRow({name: raw((row, block.columns[name])) for name in names}, fields)
            for block in group.blocks
            for row in block.span
        ]
        return sign_of(VERDICTS.index(statement.judge(rows, names, group.level)), rule[1])

    column = [block.columns[names[0]] for block in group.blocks]
    cells = [a1(block.first, c) for block, c in zip(group.blocks, column, strict=True)]
    if statement.spans_rows:
        ends = (a1(b.span.stop - 1, c) for b, c in zip(group.blocks, column, strict=True))
        area = [f"{cell}:{end}" for cell, end in zip(cells, ends, strict=True)]
    else:
        area = cells[:1]
    marks = () if statement.spans_rows else _blanks(group.blocks[0], names, fields)
    runs = [_address(place, run) for run in runs_of(group.blocks, names)]
    grade = statement.grade(runs, fields, names, group.level)
    words = statement.words(lambda name: fields[name].short_label).format(level=group.words)
    formula = sign_formula(grade, rule[1])
    return LiveCheck(*rule, words, cells[0], tuple(area), formula, judge, tuple(marks))


def _blanks(block: Block, names: Sequence[str], fields: Mapping[str, Field]) -> Iterator[Mark]:
    """The blank cells of the first row of a block in which a row is still to be filled."""
    own = {block.columns[name]: fields[name] for name in names if fields[name].filled_by == "unit"}
    columns = sorted(own)
    adjoin = columns == list(range(columns[0], columns[0] + len(columns))) if columns else False
    if adjoin and not any(field.kind.numeric for field in own.values()):
        spans = [(columns[0], columns[-1])]  # texts are blank alike: one format for all
    else:
        spans = [(column, column) for column in columns]
    for first, last in spans:
        cell, end = a1(block.first, first), a1(block.first, last)
        filled = own[first].kind.filled(cell, own[first])
        yield Mark(cell if cell == end else f"{cell}:{end}", f"=NOT({filled})", to_fill=True)


def _address(place: Place, run: Run) -> Address:
    """The columns of a run of rows."""
    return lambda name: place.at(run.first, run.columns[name], run.last)
