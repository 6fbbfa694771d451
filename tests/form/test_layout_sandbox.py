"""A layout cannot leave its sandbox: it gets plain data, changes none of it, and reads no other file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from xltool.errors import OfficeError
from xltool.form.layout_names import names
from xltool.form.layout_xml import render
from xltool.form.loading import form_ids, load_form
from xltool.form.model import Form

VALIDATOR = '''
"""A small form."""
import os
from decimal import Decimal
from pathlib import Path
from xltool.fields.tables import Table, text

TITLE = "小表"
VERSION = "1"
WORDS = ["甲", ("乙", 2)]
BY_NAME = {"丙": [True, None, 1.5]}
PLACE = Path("/")
MIXED = ["甲", os]
EXACT = Decimal(1)
lower = "丁"


class Plan(Table):
    """One record."""

    one: str = text("第一栏")
'''
SHEET = (
    '<form><sheet record="plan" name="表" columns="10"><row><head>{}</head></row></sheet></form>'
)


@pytest.fixture
def form(tmp_path: Path) -> Form:
    """A small form of an office's own."""
    (tmp_path / "validators").mkdir()
    (tmp_path / "validators" / "small.py").write_text(VALIDATOR, encoding="utf-8")
    (tmp_path / "templates" / "small").mkdir(parents=True)
    (tmp_path / "templates" / "small" / "layout.xml.j2").write_text("<form/>", encoding="utf-8")
    (tmp_path / "secret.j2").write_text("secret", encoding="utf-8")
    return load_form("small", tmp_path)


def printed(form: Form, text: str) -> str:
    """What a layout with this text prints into its one cell."""
    path = form.folder / "layout.xml.j2"
    path.write_text(SHEET.format(text), encoding="utf-8")
    return render(form).record_sheet.cells[0].text


def inside(value: Any) -> Iterator[object]:
    """A value and everything in it."""
    yield value
    if isinstance(value, dict):
        value = (*value, *value.values())
    if isinstance(value, tuple):
        for item in value:
            yield from inside(item)


@pytest.mark.parametrize("form_id", form_ids())
def test_layouts_get_plain_data(form_id: str) -> None:
    given = names(load_form(form_id), 2027)
    label = given.pop("label")
    assert type(label) is FunctionType
    kinds = {type(value) for value in inside(given)}
    assert kinds <= {str, int, float, bool, type(None), tuple, dict}


def test_the_constants_of_the_validator(form: Form) -> None:
    assert names(form, 2027)["form"] == {
        "id": "small",
        "title": "小表",
        "version": "1",
        "module": {
            "TITLE": "小表",
            "VERSION": "1",
            "WORDS": ("甲", ("乙", 2)),
            "BY_NAME": {"丙": (True, None, 1.5)},
        },
    }
    words = "{{ form.module.WORDS[1][0] }}{{ form.title }}{{ label('plan', 'one') }}"
    assert printed(form, words) == "乙小表第一栏"


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ ().__class__.__base__.__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr('\\x5f_class__') }}",
    "{{ [''] | map(attribute='__class__') | first }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ lipsum(n=1) }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ namespace(a=1).__init__.__globals__ }}",
    "{{ range.__self__ }}",
    "{{ dict.__init__.__self__ }}",
    "{{ label.__globals__ }}",
    "{{ label.__closure__ }}",
    "{{ label.__code__.co_consts }}",
    "{{ label.__wrapped__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ form.module.__builtins__ }}",
    "{{ form.module.os.system('true') }}",
    "{{ form.module.Path('/') }}",
    "{{ form.module.PLACE }}",
    "{{ form.module.MIXED }}",
    "{{ form.module.EXACT }}",
    "{{ form.module.lower }}",
    "{{ form.folder }}",
    "{{ form.rules }}",
    "{{ form.tables }}",
    "{{ form.__class__ }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ '{a.__class__}'.format_map({'a': ''}) }}",
    "{{ ('{0.__class__}'|attr('format'))('') }}",
    "{{ ['{0.__class__.__mro__}'] | map('attr', 'format') | list }}{{ 1 // 0 }}",
    "{% set f = '{0.__class__}'.format %}{{ f('') }}",
    "{{ '%s' | format(label.__globals__) }}",
    "{{ range(10**9) | list }}",
    "{{ form.update({'id': 1}) }}",
    "{{ form.module.clear() }}",
    "{{ rows.setdefault('a', 1) }}",
    "{{ form.pop('id') }}",
    "{% set x = [] %}{{ x.append(1) }}",
    "{% do form.update({}) %}",
    "{% for x in ''.__class__.__mro__ %}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% include '../../secret.j2' %}",
    "{% include 'small/../../../secret.j2' %}",
    "{% include 'link.j2' %}",
    "{% import '/etc/passwd' as x %}",
    "{% import '../../validators/small.py' as x %}",
    "{% extends '../../secret.j2' %}",
    "{% include 'a\\x00b' %}",
    "{% include 'layout.xml.j2' %}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_way_out(form: Form, text: str) -> None:
    """Each is the office's mistake, with the file; what it would have shown is not in the message."""
    path = form.folder / "layout.xml.j2"
    (form.folder / "link.j2").symlink_to(form.folder.parents[1] / "secret.j2")
    with pytest.raises(OfficeError) as caught:
        printed(form, text)
    assert caught.value.path in (str(path), path)
    assert not any(word in caught.value.message for word in ("<class", "secret\n", "root:"))


def test_nothing_that_is_given_can_be_changed(form: Form) -> None:
    before = dict(vars(form.module))
    assert printed(form, "{% set ns = namespace(n=1) %}{% set ns.n = 2 %}{{ ns.n }}") == "2"
    assert printed(form, "{{ range(3) | list | length }}{{ dict(a=1).a }}") == "31"
    assert vars(form.module) == before
