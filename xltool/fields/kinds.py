"""The kinds of field that come with the toolkit, and what every kind needs, under one name."""

from __future__ import annotations

from xltool.fields.amount import Amount
from xltool.fields.choice import Choice
from xltool.fields.code import Code
from xltool.fields.date import Date
from xltool.fields.field import ANYTHING, Field, FilledBy
from xltool.fields.integer import Integer
from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.number import Number
from xltool.fields.reading import BLANK, Raw, Reading, Value, shown
from xltool.fields.remarks import Remark
from xltool.fields.text import Text

__all__ = [
    "ANYTHING",
    "BLANK",
    "Amount",
    "Choice",
    "Code",
    "Date",
    "Field",
    "FilledBy",
    "Integer",
    "Kind",
    "LiveTest",
    "Number",
    "Raw",
    "Reading",
    "Remark",
    "Text",
    "Value",
    "shown",
]
