"""How a validator declares the fields of a table: `fields.text("项目名称")`, one function for each kind.

An author has this module as `fields` (`from xltool.form import fields`). A name that is declared in a class hides the same
name outside for the rest of it: `amount = fields.amount("金额")` hides nothing that the next line needs.
"""

from xltool.fields.tables import amount, choice, code, date, integer, number, of_kind, text

__all__ = ["amount", "choice", "code", "date", "integer", "number", "of_kind", "text"]
