"""The live checks of levels: a row that a level needs, figures of a level that add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.fields import cell_formulas
from xltool.fields.kinds import Field
from xltool.fields.reading import Raw
from xltool.form.layout import Block, a1
from xltool.language.claims import Claim
from xltool.language.row_claims import RowsClaim, SumClaim
from xltool.language.verdicts import Verdict, sign_formula, sign_of
from xltool.rules.declaring import Offence, Severity
from xltool.write.live.lines import Contents, LiveCheck, Place
from xltool.write.live.row_tests import Judgements


@dataclass(frozen=True)
class _Group:
    """The blocks of a level, or of several that count together, in one period."""

    words: str
    level: str
    blocks: Sequence[Block]

    @property
    def runs(self) -> list[tuple[int, int, Mapping[str, int]]]:
        """First row, last row and columns of adjoining blocks with the same columns."""
        found: list[tuple[int, int, Mapping[str, int]]] = []
        for block in self.blocks:
            first, last = block.first, block.span.stop - 1
            if found and found[-1][1] + 1 == first and found[-1][2] == block.columns:
                found[-1] = (found[-1][0], last, block.columns)
            else:
                found.append((first, last, block.columns))
        return found


def level_checks(judgements: Judgements, place: Place) -> Iterator[LiveCheck]:
    """The lines about the levels of the tables on a form sheet."""
    for table in judgements.form.tables.values():
        blocks = [b for b in place.sheet.blocks if b.table == table.name and not b.always]
        for rule, judgement in judgements.of(table) if blocks else ():
            for claim in judgement.live if isinstance(judgement, Offence) else ():
                severity = rule.severity_of(None)
                if severity == "info" or isinstance(claim, Claim):
                    continue
                if _is_about_levels(claim):
                    for group in _groups(claim, blocks):
                        yield _line((rule.code, severity), claim, group, place, table.fields)


def _is_about_levels(claim: RowsClaim | SumClaim) -> bool:
    return isinstance(claim, SumClaim) or claim.kind != "whole"


def _groups(claim: RowsClaim | SumClaim, blocks: Sequence[Block]) -> list[_Group]:
    """The blocks of its levels, in each period; without levels all of them."""
    if not claim.levels:
        return [_Group("", "", blocks)]
    groups: dict[tuple[str, ...], list[Block]] = {}
    for block in blocks:
        level = block.keys.get(claim.by, "")
        if level in claim.levels:
            period = [text for name, text in block.keys.items() if name not in ("lv1", "lv2")]
            alone = [level] if isinstance(claim, SumClaim) else []
            groups.setdefault((*period, *alone), []).append(block)
    return [_group(claim, found) for found in groups.values()]


def _group(claim: RowsClaim | SumClaim, blocks: Sequence[Block]) -> _Group:
    keys = blocks[0].keys
    said = [text for name, text in keys.items() if name == claim.by or name not in ("lv1", "lv2")]
    return _Group("".join(said).replace("*", ""), keys.get(claim.by, ""), blocks)


def _line(
    rule: tuple[str, Severity],
    claim: RowsClaim | SumClaim,
    group: _Group,
    place: Place,
    fields: Mapping[str, Field],
) -> LiveCheck:
    names = [name for name in claim.columns if name in group.blocks[0].columns]
    ranges = [
        [place.at(first, columns[name], last) for name in names]
        for first, last, columns in group.runs
    ]

    summed = claim.column if isinstance(claim, SumClaim) else ""

    def judge(raw: Contents) -> Verdict:
        rows = [
            [_text(raw((row, block.columns[name])), fields[name], name == summed) for name in names]
            for block in group.blocks
            for row in block.span
        ]
        return sign_of(claim.judge(rows, group.level), rule[1])

    column = [block.columns[names[0]] for block in group.blocks]
    cells = [a1(block.first, c) for block, c in zip(group.blocks, column, strict=True)]
    if isinstance(claim, SumClaim):  # its finding is at the first row with a figure
        ends = (a1(b.span.stop - 1, c) for b, c in zip(group.blocks, column, strict=True))
        area = [f"{cell}:{end}" for cell, end in zip(cells, ends, strict=True)]
    else:
        area = cells[:1]
    grade = claim.grade(ranges, [fields[name] for name in names], group.level)
    words = claim.words.format(level=group.words)
    return LiveCheck(*rule, words, cells[0], tuple(area), sign_formula(grade, rule[1]), judge)


def _text(raw: Raw, field: Field, summed: bool) -> str | None:
    """What stands in a cell, readable or not; of figures that are summed what a formula can use."""
    value = cell_formulas.used_value(raw, field) if summed else field.read(raw).value
    if value is None and not summed and cell_formulas.is_filled(raw, field):
        return str(raw)
    return None if value is None else str(value)
