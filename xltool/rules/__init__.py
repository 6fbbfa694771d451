"""Rules and their findings: what a rule is, what it returns, what it looks up."""

from xltool.fields.remarks import Severity
from xltool.rules.declaring import (
    FormTable,
    Judgement,
    Lookup,
    Offence,
    Reference,
    Rule,
    at_most,
    rule,
    rules_of,
    three_valued,
)

__all__ = [
    "FormTable",
    "Judgement",
    "Lookup",
    "Offence",
    "Reference",
    "Rule",
    "Severity",
    "at_most",
    "rule",
    "rules_of",
    "three_valued",
]
