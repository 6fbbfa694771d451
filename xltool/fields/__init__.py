"""Kinds of field, fields and their tables: how a cell is read, shown, limited and stored.

A kind is one file: `text`, `code`, `amount`, `number`, `integer`, `choice`, `date`. A form may bring its
own: a subclass of `Kind` in its validator file.
"""

from xltool.fields.kinds import (
    Amount,
    Choice,
    Code,
    Date,
    Field,
    Integer,
    Kind,
    LiveTest,
    Number,
    Reading,
    Remark,
    Text,
)

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
