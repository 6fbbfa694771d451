"""A number that an official prints into a cell is one in the formulas that name the cell."""

from __future__ import annotations

from pathlib import Path

from openpyxl.workbook import Workbook
from provinces import draw

from xltool.adopting.adopting import adopt
from xltool.adopting.diffing import diff
from xltool.form.loading import load_form


def test_a_printed_weight_is_a_number(tmp_path: Path) -> None:
    """得分 is 执行率 × 10, where 分值 is printed as 10."""
    book = Workbook()
    sheet = book.worksheets[0]
    draw(sheet, 1, [["执行率", "分值", "得分"], [None, None, None]])
    sheet["B2"], sheet["C2"] = 10, "=ROUND(A2*B2,2)"
    path = tmp_path / "official.xlsx"
    book.save(path)
    adopted = adopt(path, "adopted", tmp_path, 2027)
    form = load_form("adopted", tmp_path)
    fields = {f.label: f for table in form.tables.values() for f in table.fields.values()}
    assert fields["得分"].computed == f"round({fields['执行率'].name} * 10, 2)"
    assert [str(difference) for difference in diff(path, form, 2027)] == []
    assert not any("公式" in doubt for doubt in adopted.doubts)
