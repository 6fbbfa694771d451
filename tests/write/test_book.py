"""Every text is written as it is."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from xltool.write.tables import Sheet, write_tables


@pytest.mark.parametrize("text", ["<r>5 < 6 & 7</r>", "<r></r>", "<r><t>甲</t></r>", "_x003C_r>"])
def test_a_text_that_looks_like_xml_is_a_text(tmp_path: Path, text: str) -> None:
    """XlsxWriter takes a text between <r> and </r> for XML of its own."""
    write_tables(tmp_path / "a.xlsx", [Sheet("表", ["列"], [[text], ["乙"]])])
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["表"]
    assert [cell.value for (cell,) in page.iter_rows()] == ["列", text, "乙"]
