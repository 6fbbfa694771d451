"""Kinds of field, fields and their tables: how a cell is read, shown, limited and stored."""

from xltool.fields.kinds import Field

__all__ = ["Field"]
