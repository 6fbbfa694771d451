"""From a field that must be filled on a condition (`required_when`) to the rule on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xltool.fields.field import Field
from xltool.language.claims import Claim
from xltool.language.nodes import names_in
from xltool.language.parser import parse
from xltool.language.words import words_of
from xltool.rules.declaring import FormTable, Rule, rule


def rules_on_conditions(table: str, fields: Mapping[str, Field]) -> list[Rule]:
    """Return a rule for each field of a table that must be filled on a condition.

    Raises ValueError where a condition is none of the language, or names a field that the table lacks.
    """
    return [_rule_on(table, field, fields) for field in fields.values() if field.required_when]


def _rule_on(table: str, field: Field, fields: Mapping[str, Field]) -> Rule:
    condition = parse(field.required_when)
    unknown = [name for name in names_in(condition) if name not in fields]
    if unknown:
        raise ValueError(f"{field.name}：required_when 用到没有的字段 {'、'.join(unknown)}")
    words, label = words_of(condition, lambda name: fields[name].short_label), field.short_label
    declare = rule(
        "TXT-001",
        on=table,
        cells=[field.name],
        message=_plain(f"{label}没有填；{words}时必填"),
        hint="请填写",
    )
    return declare(_finds(field, f"{words}时，{label}必须填写。"))


def _plain(text: str) -> str:
    """A text as a message that shows no values."""
    return text.replace("{", "{{").replace("}", "}}")


def _finds(field: Field, documentation: str) -> Callable[[FormTable], list[Claim]]:
    """The function of the rule; a campaign may fill the field itself."""

    def finds(table: FormTable) -> list[Claim]:
        if table.fields[field.name].filled_by != "unit":
            return []
        return [Claim(f"filled({field.name})", when=field.required_when)]

    finds.__name__ = f"{field.name}_is_blank"
    finds.__doc__ = documentation
    return finds
