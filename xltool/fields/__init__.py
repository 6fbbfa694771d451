"""Kinds of field, fields and their tables: how a cell is read, shown, limited and stored."""

from xltool.fields.kinds import Amount, Choice, Code, Date, Field, Integer, Kind, Number, Text

__all__ = ["Amount", "Choice", "Code", "Date", "Field", "Integer", "Kind", "Number", "Text"]
