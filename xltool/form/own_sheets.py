"""The names of the sheets that xltool adds to those of the official form."""

from __future__ import annotations

GUIDE = "填报说明"  # how to fill the form; the first sheet
CHECKS = "填报检查"  # the live checks
FRONT = "退回修改"  # the findings, in a copy that goes back

EXPLANATION = "说明"  # the column in which a unit says why something is as it is
EXPLAINED_IN = 5  # the column of 填报检查, from 0 on, in which it stands
EXPLAINED_HEADS = (
    2  # cells of that column that are issued with a text: the headings of its two lists
)
AREA = "范围"  # the hidden column with all cells that a line of 填报检查 is about
LONGEST_EXPLANATION = 200  # characters of one
