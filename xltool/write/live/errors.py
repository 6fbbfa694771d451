"""The live check of error values: #N/A and the like in a cell of the form, of which no other line can judge."""

from __future__ import annotations

from collections.abc import Mapping

from xltool.form.layout import a1
from xltool.language.verdicts import Verdict
from xltool.write.live.lines import LiveCheck, Mark, Place, RawAt, cells_at

_CODE = "TPL-007"
_SPAN = 1000  # more than the columns of a form: a row and a column are one number


def no_errors(place: Place) -> LiveCheck:
    """Return the line that no cell of a form sheet holds an error value; it leads to the first that does."""
    sheet = place.sheet
    height, width = sheet.height, len(sheet.widths)
    inputs = (sheet.fields[name] for name in place.inputs)
    first = a1(*min(((cell.row, cell.column) for cell in inputs), default=(0, 0)))
    corner, end = cells_at(place.name, 0, 0), cells_at(place.name, height - 1, width - 1)
    area = f"{corner}:{end.rpartition('!')[2]}"
    found = f"MIN(IF(ISERROR({area}),ROW({area})*{_SPAN}+COLUMN({area}),9^9))"
    address = f"ADDRESS(INT({found}/{_SPAN}),MOD({found},{_SPAN}),4)"

    def judge(raw: RawAt, others: Mapping[str, RawAt] | None = None, /) -> Verdict:  # noqa: ARG001
        return "✔"  # we write none

    return LiveCheck(
        _CODE,
        "error",
        "没有 #N/A、#REF! 这样的错误值",
        first,
        (f"A1:{a1(height - 1, width - 1)}",),
        f'=IF(SUM(ISERROR({area})*1)>0,"✘","✔")',
        judge,
        (Mark(f"A1:{a1(height - 1, width - 1)}", "=ISERROR(A1)"),),
        whereabouts=f'=IF({found}=9^9,"{first}",{address})',
    )
