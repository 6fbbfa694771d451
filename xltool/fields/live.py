"""What a workbook can tell of a cell while the unit types: a statement of the language, as text.

A kind declares its live tests with these; `language` makes a statement of the text, and that gives
the formula on 填报检查, the colour on the form and the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from xltool.fields.remarks import Severity


@dataclass(frozen=True, slots=True)
class LiveTest:
    """A statement about one field that must hold, perhaps only `when` another one does.

    `statement` and `when` are texts of the language (see `xltool.language.functions`) that name the
    field. `words` say it after the field's label: 项目名称 ＋ 不超过 40 字. `code` and `severity` are
    those of the rule that finds the same fault in a returned workbook.
    """

    code: str
    statement: str
    words: str
    severity: Severity = "error"
    when: str = ""
