"""Kinds of field, fields and their tables: how a cell is read, shown, limited and stored.

A kind is one file: `text`, `code`, `amount`, `number`, `integer`, `choice`, `date`. All of them, and what
a kind of one's own needs, are found in `kinds`.
"""

from xltool.fields.field import Field
from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.reading import Reading
from xltool.fields.remarks import Remark

__all__ = ["Field", "Kind", "LiveTest", "Reading", "Remark"]
