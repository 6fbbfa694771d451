"""Kinds of field, fields and their tables: how a cell is read, shown, limited and stored.

A kind is one file: `text`, `code`, `amount`, `number`, `integer`, `choice`, `date`. All of them, and what
a kind of one's own needs, are found in `kinds`.
"""

from xltool.fields.amount import Amount
from xltool.fields.choice import Choice
from xltool.fields.code import Code
from xltool.fields.date import Date
from xltool.fields.field import Field
from xltool.fields.integer import Integer
from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.number import Number
from xltool.fields.reading import Reading
from xltool.fields.remarks import Remark
from xltool.fields.text import Text

__all__ = [
    "Amount",
    "Choice",
    "Code",
    "Date",
    "Field",
    "Integer",
    "Kind",
    "LiveTest",
    "Number",
    "Reading",
    "Remark",
    "Text",
]
