"""Whatever an official workbook has in its cells stays text: nothing of it becomes XML, Jinja or Python."""

from __future__ import annotations

from pathlib import Path

from openpyxl.comments import Comment
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from provinces import draw

from xltool.adopting.adopting import adopt
from xltool.adopting.diffing import diff
from xltool.form.layout_xml import render
from xltool.form.loading import load_form

WORDS = [
    "{{ 7 * x }}",
    "{% raise %}{# gone #}",
    "</label><field/>&amp;",
    "''' \"\"\" ' \" \\ \\n",
    '"); import os; ("',
    '\'"] + [print("x")] + ["\'',
    "#} {{ '{{' }} {%",
    "一行\n二行",
]


def test_nothing_that_is_printed_is_run(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "{fy} 表"
    draw(sheet, 1, [[word, None] for word in WORDS])
    draw(sheet, len(WORDS) + 1, [[WORDS[0], WORDS[3]], [None, None], [None, None]])
    for row, word in enumerate(WORDS, 1):
        sheet.cell(row, 2).comment = Comment(word, "office")
    rule = DataValidation(type="list", formula1="".join(['"', "甲'", ",{{ 乙 }}", '"']))
    rule.add("B1")
    sheet.add_data_validation(rule)
    path = tmp_path / "''' \"\"\" {{ x }}.xlsx"
    book.save(path)
    adopt(path, "adopted", tmp_path, 2027)
    form = load_form("adopted", tmp_path)
    (layout,) = render(form, 2027).sheets
    assert layout.name == "（fy） 表"
    labels = [field.label for field in form.record_fields.values()]
    assert labels == WORDS
    comments = [field.comment for field in form.record_fields.values()]
    assert comments == WORDS
    assert form.record_fields[next(iter(form.record_fields))].choices == ("甲'", "{{ 乙 }}")
    told = [str(difference) for difference in diff(path, form, 2027)]
    assert told == [
        "{fy} 表 工作表：官方为“有”，这张表为“没有”",
        "（fy） 表 工作表：官方为“没有”，这张表为“有”",
    ]
