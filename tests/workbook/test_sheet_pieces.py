"""What the pieces of a sheet say is what its whole XML says, whatever stands in it."""

from __future__ import annotations

import random

import pytest

from xltool.workbook.agreement import without_value
from xltool.workbook.appearance import Appearance
from xltool.workbook.odd_cells import _contents_one_by_one, odd_cells
from xltool.workbook.sheet_pieces import SheetPieces, pieces_of
from xltool.workbook.strings import SharedStrings
from xltool.workbook.styles import Styles

MUTATIONS = 3000
BEGIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols/>'
ROWS = (
    b'<row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="2"/></row>'
    b'<row r="2" hidden="1"/><row r="3"/>'
    b'<row r="4" hidden="0"><c r="A4" t="e"><f>B1</f><v>#REF!</v></c></row>'
    b'<row r="5"><c r="A5"><f t="shared" ref="A5:A6" si="0">B5</f><v></v></c></row>'
    b'<row r="6" hidden="true"><c r="A6"><f t="shared" si="0"/><v/></c><c r="C6"><v>1</v></c></row>'
    b'<row r="7"/> '
)
END = b'<mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>'
SNIPPETS = (
    *(b"</row>", b'<row r="9">', b'<row r="9" hidden="1"/>', b' hidden="true"', b' hidden="&#49;"'),
    *(
        b'<c r="D9"/>',
        b'<c r="D9" s="4"><v>1</v></c>',
        b'<c r="C6"><v>2</v></c>',
        b"<v></v>",
        b"<v/>",
    ),
    *(
        b' t="e"',
        b"<f>A1+1</f>",
        b'<f t="shared" si="0"/>',
        b"<x:f>A1</x:f>",
        b"&amp;",
        b"&",
        b"\x01",
    ),
    *(b"'", b'"', b"<", b">", b" ", b"sheetData", b"</sheetData>", b"<sheetData/>", b"<!-- -->"),
)


def sheet(rows: bytes = ROWS, begin: bytes = BEGIN, end: bytes = END) -> bytes:
    """The XML of a worksheet."""
    return begin + b"<sheetData>" + rows + b"</sheetData>" + end


def mutated(xml: bytes, chance: random.Random) -> bytes:
    """The XML with something put in, taken out or doubled, mostly at the edge of a tag."""
    place = chance.randrange(len(xml))
    if chance.random() < 0.8:
        place = max(0, xml.find(chance.choice((b"<", b" ", b"</row>", b'"')), place))
    if chance.random() < 0.6:
        return xml[:place] + chance.choice(SNIPPETS) + xml[place:]
    end = min(len(xml), place + chance.randrange(1, 60))
    doubled = xml[place:end] if chance.random() < 0.5 else b""
    return xml[:place] + doubled * 2 + xml[end:]


def told(xml: bytes, pieces: SheetPieces | None) -> list[object]:
    """All that is said of the cells."""
    looks = Appearance(xml, Styles(b""), pieces)
    odd = odd_cells(looks, SharedStrings())
    order = [*odd.formulas], [*looks.style_indexes]
    return [looks.hidden_rows, dict(looks.style_indexes), odd, order, without_value(looks)]


def test_the_pieces_say_what_the_whole_says() -> None:
    chance, compared = random.Random(20261128), 0
    for _ in range(MUTATIONS):
        xml = mutated(sheet(), chance)
        pieces = pieces_of(xml)
        if pieces is not None and not pieces.has_cells:
            compared += 1
            assert told(xml, pieces) == told(xml, None), xml
    assert compared > MUTATIONS / 10


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(sheet(ROWS.replace(b'"C6"', b'"A6"')), id="an address twice"),
        pytest.param(sheet(ROWS + b'<row r="9"><c r="A1"><v>1</v></c></row>'), id="in two rows"),
        pytest.param(sheet(ROWS.replace(b' r="B1"', b"")), id="no address"),
        pytest.param(sheet(ROWS.replace(b">0<", b">-1<")), id="no number of a string"),
        pytest.param(sheet(ROWS.replace(b'"B1"', b"'B1'")), id="single quotes"),
        pytest.param(sheet(ROWS.replace(b"</row>", b"<!-- --></row>", 1)), id="a comment"),
        pytest.param(sheet(ROWS + b'<row r="9"><c r="A9"/>'), id="a row without end"),
        pytest.param(sheet(ROWS + b"</row>"), id="an end without row"),
        pytest.param(sheet(ROWS.replace(b"#REF!", b"\xff")), id="no UTF-8"),
        pytest.param(sheet(begin=BEGIN.replace(b"<cols/>", b"<!-- -->")), id="before the cells"),
        pytest.param(sheet(end=END.replace(b'"A1:B1"', b"'A1:B1'")), id="behind the cells"),
        pytest.param(sheet(ROWS.replace(b'"A1"', b'"A' + b"1" * 5000 + b'"')), id="a long number"),
        pytest.param(BEGIN + b"<sheetData>" + ROWS, id="no end"),
        pytest.param(BEGIN + END, id="no cells at all"),
    ],
)
def test_what_is_not_spelt_as_usual_has_no_pieces(xml: bytes) -> None:
    assert pieces_of(xml) is None


def test_what_looks_like_a_cell_outside_of_the_rows_is_told() -> None:
    for tag in (b'<c r="A9"><v>1</v></c>', b'<row r="9" hidden="1"/>', b'<x y="1" t="e"/>'):
        found = pieces_of(sheet(end=tag + END))
        assert found is not None
        assert found.has_cells
    found = pieces_of(sheet(end=b"<xm:f>A1</xm:f>" + END))
    assert found is not None
    assert found.has_formulas


def test_cells_beyond_the_limits_are_seen() -> None:
    found = pieces_of(sheet())
    assert found is not None
    assert found.filled == 5
    assert found.is_within(6, 3)
    assert not found.is_within(5, 3)
    assert not found.is_within(6, 2)
    assert pieces_of(sheet(b"")) is not None
    assert pieces_of(BEGIN + b"<sheetData/>" + END) is not None


def test_the_formula_of_a_list_is_none_of_a_cell() -> None:
    """Excel writes where a list stands behind the cells: it is not the formula of the last one."""
    xml = (
        b'<worksheet><sheetData><row r="1"><c r="A1" t="e"><v>#REF!</v></c>'
        b'<c r="B1"><v>1</v></c></row></sheetData><extLst><ext><x14:dataValidation>'
        b"<x14:formula1><xm:f>Lists!$A$1</xm:f></x14:formula1></x14:dataValidation></ext></extLst>"
        b"</worksheet>"
    )
    odd = _contents_one_by_one(xml)
    assert (odd.errors, odd.formulas) == ({(0, 0): "#REF!"}, {})
