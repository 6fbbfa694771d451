"""What the XML of a sheet says beside the values, however it was written, and however much there is."""

from __future__ import annotations

import pytest
from hostile import MAIN

from xltool.workbook.appearance import Appearance
from xltool.workbook.styles import Styles, plain_format


def look(after: str = "", cells: str = "", before: str = "", styles: str = "") -> Appearance:
    """A sheet of this XML before, in and after its cells, in a workbook of these styles."""
    xml = f'<worksheet xmlns="{MAIN}">{before}<sheetData>{cells}</sheetData>{after}</worksheet>'
    return Appearance(xml.encode(), Styles(styles.encode()))


STYLES = """<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd;@"/>
<numFmt formatCode="&quot;约&quot;0" numFmtId="165"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164" applyProtection="1"><alignment/>
<protection locked="0"/></xf><x:xf numFmtId="165"><x:protection locked="false"/></x:xf>
<xf numFmtId="49"><protection hidden="1"/></xf></cellXfs></styleSheet>"""


def test_styles() -> None:
    row = (
        '<row r="1"><c r="A1"/><c r="B1" s="1"/><c r="C1" t="s" s="2"><v>0</v></c><c r="D1" s="3"/>'
    )
    found = look(cells=f'{row}<c r="E1" s="4"/></row>', styles=STYLES)
    styles = [found.styles_of(column, [0])[0] for column in range(6)]
    assert styles == [
        ("general", True),
        ("yyyy-mm-dd", False),
        ("约0", False),
        ("@", True),
        None,  # no such style
        None,  # no such cell
    ]


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("General", "general"),
        ("yyyy\\-mm\\-dd;@", "yyyy-mm-dd"),
        ("[$-804]yyyy-mm-dd", "yyyy-mm-dd"),
        ("YYYY-MM-DD", "yyyy-mm-dd"),
        ('yyyy"年"m"月"', "yyyy年m月"),
        ("#,##0.00_ ;[Red]\\-#,##0.00\\ ", "#,##0.00"),
        ("_ * #,##0.00_ ;_ * \\-#,##0.00_ ", "#,##0.00"),
        ("[[[[", "[[[["),
    ],
)
def test_plain_format(code: str, plain: str) -> None:
    assert plain_format(code) == plain


def test_validations() -> None:
    found = look(
        '<dataValidations count="3"><dataValidation sqref="A1:A3 C2" type="list" prompt="a > b">'
        '<formula1>"甲,乙"</formula1></dataValidation>'
        '<dataValidation promptTitle="type" sqref="B1"/>'
        '<dataValidation type="decimal" sqref="A2:B2"/></dataValidations>'
        "<extLst><ext><x14:conditionalFormattings><xm:sqref>B3</xm:sqref>"
        '</x14:conditionalFormattings><x14:dataValidations><x14:dataValidation type="list">'
        "<x14:formula1><xm:f>表!$A$1</xm:f></x14:formula1><xm:sqref>C3</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations><xm:sqref>C1</xm:sqref></ext></extLst>"
    )
    assert found.validations({0: [0, 1, 2], 1: [0, 1, 2], 2: [0, 1, 2]}) == {
        (0, 0): "list",
        (1, 0): "list",
        (2, 0): "list",
        (1, 2): "list",
        (1, 1): "decimal",
        (2, 2): "list",
    }


@pytest.mark.parametrize(
    ("tag", "protected"),
    [
        ("", False),
        ('<sheetProtection sheet="1" objects="1"/>', True),
        ('<sheetProtection objects="true" sheet="true"/>', True),
        ('<sheetProtection sheet="0"/>', False),
        ('<sheetProtection password="CC1A"/>', False),
    ],
)
def test_protection(tag: str, protected: bool) -> None:
    assert look(tag).is_protected is protected


def test_hidden() -> None:
    found = look(
        cells='<row r="2" hidden="1"><c r="A2"/></row><row r="3" hidden="0"/><x:row hidden="true" r="5"/>',
        before='<cols><col min="2" max="3" hidden="true"/><col min="4" max="4" hidden="0"/></cols>',
    )
    assert found.hidden_rows == {1, 4}
    assert found.hidden_columns == [range(1, 3)]


MANY = 100_000


def merges(count: int) -> str:
    inside = "".join(f'<mergeCell ref="A{n}:E{n}"/>' for n in range(1, count + 1))
    return f"<mergeCells>{inside}</mergeCells>"


@pytest.mark.parametrize(
    ("after", "covered", "merged"),
    [
        (merges(MANY), 0, MANY),
        ('<dataValidation type="list" sqref="A1:A9999"/>' * MANY, 1000, 0),
        (f'<dataValidation type="list" sqref="{"B1:XFD1048576 " * MANY}"/>', 0, 0),
        ("".join(f'<dataValidation type="list" sqref="A{n}"/>' for n in range(MANY)), 1000, 0),
        ("<mergeCell " * MANY, 0, 0),
        ('<dataValidation type="' * MANY, 0, 0),
        ('<mergeCell ref="' + "A1:" * MANY, 0, 0),
    ],
    ids=["merges", "overlapping", "wide", "many", "cut merges", "cut validations", "cut reference"],
)
def test_many_of_a_kind_do_not_hang(after: str, covered: int, merged: int) -> None:
    found = look(after)
    assert len(found.validations({0: range(1000)})) == covered
    assert len(found.merged) == merged


def test_many_hidden_rows_columns_and_styles_do_not_hang() -> None:
    found = look(
        cells='<row hidden="1" ' * MANY,
        before='<col min="1" max="16384" hidden="1"/>' * MANY,
        styles="<cellXfs>" + '<xf numFmtId="165">' * MANY + "</cellXfs>" + "<numFmt " * MANY,
    )
    assert found.hidden_rows == {-1}
    assert len(found.hidden_columns) == MANY
    assert found.styles_of(0, [0]) == [None]
