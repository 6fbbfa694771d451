"""`Field`: one input of a form, as its validator declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.reading import Raw, Reading, Value
from xltool.fields.remarks import Remark, Severity

ANYTHING = "文字"  # the advice of a text without limit
FilledBy = Literal["unit", "system"]


class UndeclaredRemarkError(TypeError):
    """A kind remarks something that is none of its `remarks`: a bug of whoever wrote the kind."""

    def __init__(self, field: Field, remark: str) -> None:
        kind = type(field.kind).__name__
        super().__init__(f"{field.name}: {kind} remarks “{remark}” but declares no rule for it")


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form, as its validator declares it; its `kind` knows what its values are.

    `label` is printed text and therefore a format (docs/domain.md §1–§8). `prefill` names a column of
    the roster whose value stands in the cell from the start, or that of a CSV (`上年.csv:执行数`), `approved` a field of the approved target
    form (see `xltool.office.approved_targets`); `comment` is the official cell comment.
    `required_when` is a condition on other fields of the row, in the language of statements, on which it
    must be filled (see `rules.conditions`). `own_blank_rule`: a blank is judged by a rule of the form, not by TXT-001. `choices_open`: the
    list is not official, so another value is only a warning. `computed` is the formula of a cell that
    the workbook works out by itself (see `xltool.form.computed_cells`): locked, and never trusted.
    `lists` names a list of the office, a CSV in the campaign's folder, and `column` the column of it that
    this field is, by default the one that is headed like its label. `of` is the field whose value says
    which entries of the list may be chosen; `looked_up` the one whose value the workbook looks up, so
    that the cell is locked and shows the entry (see `xltool.form.lists`). `entries` are those of the list
    by the value of that other field, as far as somebody read it for writing workbooks.
    `new_only`: the unit fills it on spare sheets only, of a project of its own; where the office knows the
    project, the cell is locked, with or without a value.
    `examples` are good values, for prompt and guide. `max_chars` counts 字, `max_bytes` the bytes of a
    GBK database, `places` decimals; `shown` is how a day is shown (see `date.SHOWN`).
    """

    name: str
    label: str
    kind: Kind
    required: bool = False
    required_when: str = ""
    own_blank_rule: bool = False
    filled_by: FilledBy = "unit"
    new_only: bool = False
    prefill: str | None = None
    approved: str | None = None
    comment: str | None = None
    unit: str | None = None
    places: int = 0
    digits: int | None = None
    max_chars: int | None = None
    max_chars_severity: str = "error"
    max_bytes: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    choices_open: bool = False
    multiline: bool = False
    signed: bool = False
    shown: str = ""
    computed: str | None = None
    examples: tuple[str, ...] = ()
    lists: str | None = None
    column: str | None = None
    of: str | None = None
    looked_up: str | None = None
    entries: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False, repr=False)

    def read(self, raw: Raw) -> Reading:
        """Return what stands in a cell, read as this field.

        Raises UndeclaredRemarkError where its kind remarks something for which it declares no rule:
        nobody would hear of it.
        """
        reading = self.kind.read(raw, self)
        remark = reading.remark
        if remark is not None and all(remark != declared.name for declared in self.remarks):
            raise UndeclaredRemarkError(self, remark)
        return reading

    @property
    def remarks(self) -> Sequence[Remark]:
        """The remarks that reading its cells can give, each with the rule for it."""
        return self.kind.remarks(self)

    @property
    def live_tests(self) -> Sequence[LiveTest]:
        """What the workbook tells of one of its cells while the unit types."""
        tests = self.kind.live_tests(self)
        if not self.required or self.own_blank_rule:
            return tests
        return [LiveTest("TXT-001", f"whole({self.name})", "已填写"), *tests]

    def show(self, value: Value) -> str:
        """Return the value as the form shows it."""
        return self.kind.show(value, self)

    @property
    def number_format(self) -> str:
        """Excel's number format of its cells."""
        return self.kind.number_format(self)

    @property
    def key(self) -> str | None:
        """The field whose value says which entries of the list this one may show."""
        return self.of or self.looked_up

    @property
    def prefill_file(self) -> tuple[str, str] | None:
        """The CSV of the campaign that prefills it, and the column there; None for one of the roster."""
        file, sign, column = (self.prefill or "").partition(":")
        return (file, column) if sign else None

    @property
    def heading(self) -> str:
        """The heading of its column in a list of the office."""
        return self.column or self.short_label

    @property
    def short_label(self) -> str:
        """The label without closing colon and star, for messages."""
        return self.label.strip().strip("*").rstrip("：:")

    @property
    def severity_of_length(self) -> Severity:
        """How grave it is when its text is longer than `max_chars`."""
        return "error" if self.max_chars_severity == "error" else "warning"

    @property
    def severity_of_choice(self) -> Severity:
        """How grave it is when its value is none of the choices."""
        return "warning" if self.choices_open else "error"

    @property
    def advice(self) -> str:
        """What may stand in its cells, with examples, in one phrase for prompt and guide."""
        advice = self.kind.advice(self)
        if not self.examples:
            return advice
        examples = f"如：{'、'.join(self.examples)}"
        return examples if advice == ANYTHING else f"{advice}，{examples}"
