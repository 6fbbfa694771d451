"""What is wrong with the two files of a form: all of it at once, each mistake with file and line.

Here it is what the files themselves show: names, constants, fields, formulas and the layout. What shows only
when rules run is said by `checking.inspecting`, what Excel refuses by `write.inspecting`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xltool.errors import MistakesError, OfficeError, each_of
from xltool.form.declared import (
    condition_mistakes,
    constant_mistakes,
    field_mistakes,
    name_mistakes,
)
from xltool.form.layout import Layout
from xltool.form.layout_xml import drawn
from xltool.form.loading import absent, layout_folder, made_of, models_of, validator_file
from xltool.form.model import Form
from xltool.form.placing import placing_mistakes
from xltool.form.source import Source
from xltool.form.trying import Trial, tried


@dataclass
class Inspection:
    """The files of a form as far as they could be read, and the mistakes that were found in them.

    `doubtful` are the tables, by name, whose fields are not those that the author wrote: what else seems wrong
    about them may come from that.
    """

    base: Path
    mistakes: list[OfficeError] = field(default_factory=list)
    source: Source | None = None
    form: Form | None = None
    layout: Layout | None = None
    doubtful: set[str] = field(default_factory=set)

    def note(self, mistakes: Iterator[OfficeError] | Sequence[OfficeError]) -> None:
        """Add mistakes, each one once."""
        known = {mistake.placed() for mistake in self.mistakes}
        for mistake in mistakes:
            if mistake.placed() not in known:
                known.add(mistake.placed())
                self.mistakes.append(mistake)

    def in_order(self) -> list[OfficeError]:
        """The mistakes by file and line."""
        return sorted(self.mistakes, key=lambda one: (str(one.path or ""), one.line or 0))


def inspect(form_id: str, own: Path | None, fy: int = 2000) -> Inspection:
    """Read the files of a form, of the folder of a campaign (`own`) or built in.

    Raises OfficeError where there is no such form at all.
    """
    own = own.resolve() if own else None
    file, folder = validator_file(form_id, own), layout_folder(form_id, own)
    if file is None or folder is None:
        missing = absent(form_id, own)
        if missing.path is None:
            raise missing
        return Inspection(own or Path(missing.path).parent, [missing])
    found = Inspection(file.parent.parent)
    try:
        source = found.source = Source(file)
    except OfficeError as error:
        found.note([error])
        return found
    with tried(source) as trial:
        _read(found, source, trial, form_id, folder)
    if found.form is not None:
        _draw(found, found.form, source, fy)
    return found


def refusal(form_id: str, own: Path, error: Exception) -> Exception:
    """Return what to raise where loading an own form failed: all its mistakes, or else the error itself."""
    found = inspect(form_id, own)
    return error if not found.mistakes else refused(form_id, found)


def refused(form_id: str, found: Inspection) -> OfficeError:
    """Return the mistakes of a form as one error."""
    mistakes = found.in_order()
    heading = f"表「{form_id}」有 {len(mistakes)} 处错误，请改正（改后可用 xltool form check {form_id} 再查）："
    return MistakesError(heading, mistakes, found.base)


def _read(found: Inspection, source: Source, trial: Trial, form_id: str, folder: Path) -> None:
    """Make the form of what could be run, and note what is wrong in its validator."""
    found.note(trial.mistakes)
    found.note(list(name_mistakes(source)))
    found.note(list(constant_mistakes(source, trial.module)))
    models = models_of(trial.module)
    if not all(callable(model.table_name) and callable(model.fields) for model in models):
        return  # a field stands in the place of what tells of the table: that is noted
    found.doubtful = {model.table_name() for model in models if model.__name__ in trial.doubtful}
    found.doubtful |= {name for name in trial.lacking if name in source.classes}
    for model in models:
        try:
            conditions = list(condition_mistakes(source, model))
        except Exception as error:  # pandera's complaint about a class
            if not any(one.path == source.path for one in found.mistakes):
                line = source.field_line(model.__name__, "")
                found.note([source.mistake(f"类 {model.__name__} 的字段写法不对：{error}", line)])
            return
        if conditions:  # no form can be made of it
            found.note(conditions)
            return
    try:
        found.form = made_of(form_id, folder, trial.module)
    except OfficeError as error:
        if not trial.lacking:
            first = source.field_line(models[0].__name__, "") if models else 1
            found.note([source.mistake(error.message, error.line or first)])
        return
    found.note(list(field_mistakes(source, found.form)))


def _draw(found: Inspection, form: Form, source: Source, fy: int) -> None:
    """Draw the layout, and note what is wrong in it."""
    try:
        drawing = drawn(form, fy)
    except OfficeError as error:
        found.note(each_of(error))
        return
    found.note(drawing.mistakes)
    if not drawing.mistakes:
        found.layout = drawing.layout
        found.note(list(placing_mistakes(form, source, drawing)))
