"""`xltool form check`, and before every issue: everything that is wrong with a form, at once.

Each room says what is wrong in its own matters; here a workbook is written in memory, to see what Excel would
refuse.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from xltool.checking.inspecting import inspect_rules
from xltool.errors import OfficeError, each_of
from xltool.fields.field import Field
from xltool.form.computed_cells import formulas_of
from xltool.form.inspecting import Inspection, inspect, refused
from xltool.form.layout import Layout
from xltool.form.loading import validator_file
from xltool.form.model import Form
from xltool.form.source import Source
from xltool.language.formulas import beyond_excel
from xltool.office.campaign import Campaign, form_named, load_campaign
from xltool.office.inspecting import inspect_office
from xltool.office.lists import with_lists
from xltool.office.seal import Issue
from xltool.write.book import book_into
from xltool.write.submission import Contents, pages_of, write_pages

_PROMPT = 255  # characters of a prompt


def mistakes_of(form_id: str, folder: Path | None) -> Inspection:
    """Find what is wrong with a form, built in or of the campaign in `folder`, as its settings adapt it.

    Raises OfficeError where there is no such form.
    """
    found = inspect(form_id, folder)
    inspect_office(found)
    inspect_rules(found)
    if found.mistakes or found.form is None or found.layout is None:
        return found
    form, layout = found.form, found.layout
    if folder is not None and form_named(folder) == form_id:
        try:
            campaign = load_campaign(folder)
            form, layout = campaign.form, campaign.layout
        except OfficeError as error:
            found.note(each_of(error))
            return found
    _write(found, form, layout, folder)
    return found


def insist(campaign: Campaign) -> None:
    """Raise OfficeError with all that is wrong with the form of a campaign, if it is the office's own.

    Built-in forms are right; what settings make of one that Excel refuses shows when its first workbook is written.
    """
    folder = campaign.folder.resolve()
    file = validator_file(campaign.form.id, folder)
    if file is None or not file.is_relative_to(folder):
        return
    found = mistakes_of(campaign.form.id, folder)
    if found.mistakes:
        raise refused(campaign.form.id, found)


def _write(found: Inspection, form: Form, layout: Layout, folder: Path | None) -> None:
    """Write a workbook of a form in memory, and note what Excel would refuse.

    The lists of its fields lie in the `folder` of the campaign.
    """
    source = found.source or Source(Path(str(form.module.__file__)))
    try:
        form = with_lists(form, folder)
    except OfficeError as error:
        found.note([error])
        return
    found.note(list(_computed(form, layout, source)))
    found.note(list(_prompts(form, source)))
    if found.mistakes:
        return
    record: dict[str, str] = {}
    records = [record] if layout.single else [record, record]
    issue = Issue(form.id, form.version, layout.digest, 2000, "", "1", "", "", records)
    try:
        with book_into(io.BytesIO()) as book:
            write_pages(book, form, layout, issue, "", pages_of(form, layout, issue, Contents()))
    except OfficeError as error:
        found.note([source.mistake(error.message, _line_of(error.message, form, source))])
    except (ValueError, UserWarning) as error:
        found.note([source.mistake(f"Excel 不接受：{error}；请改正", 1)])


def _line_of(message: str, form: Form, source: Source) -> int | None:
    """The line of the author's rule whose code a message names, else that of the rows offered."""
    for rule in form.rules:
        own = rule.function.__code__.co_filename == str(source.path)
        if own and f"（{rule.code}）" in message:
            return source.rule_line(rule.function.__name__)
    return source.constants.get("CAPACITY", 1)


def _computed(form: Form, layout: Layout, source: Source) -> Iterator[OfficeError]:
    """Formulas of computed cells over the limits of Excel."""
    for sheet in layout.sheets:
        for place, formula in formulas_of(form, layout, sheet).items():
            if place in sheet.block_cells:
                block, name = sheet.block_cells[place]
                table = form.tables[block.table]
            else:
                table = form.tables[sheet.record]
                name = next(n for n, c in sheet.fields.items() if (c.row, c.column) == place)
            if problem := beyond_excel(formula):
                line = source.field_line(table.model.__name__, name, "computed")
                yield source.mistake(
                    f"{name} 的 computed 太长：{problem}；请用几个 computed 栏目分步计算", line
                )


def _prompts(form: Form, source: Source) -> Iterator[OfficeError]:
    """Examples that leave a prompt no room."""
    for table in form.tables.values():
        for name, column in table.fields.items():
            if column.examples and len(prompt := _prompt(column)) > _PROMPT:
                words = f"{name} 的提示有 {len(prompt)} 字，Excel 最多 {_PROMPT}；请少写几个例子"
                line = source.field_line(table.model.__name__, name, "examples")
                yield source.mistake(words, line)


def _prompt(column: Field) -> str:
    must = "必填。" if column.required else ""
    return f"{must}{column.advice}。"
