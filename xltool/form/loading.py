"""Finding and loading a form by its two files, built in or an office's own.

They are `templates/<form>/layout.xml.j2` and `validators/<form>.py`.

A form is found by its files, so that adding one changes nothing here.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType

from xltool.errors import OfficeError
from xltool.fields.tables import Table
from xltool.form.declared import is_misshapen
from xltool.form.former_names import provide_former_names
from xltool.form.model import Form, TableView
from xltool.form.rules_in_force import rules_in_force, rules_on_every_file
from xltool.rules.blame import OWN_MODULES
from xltool.rules.declaring import Reference

_PACKAGE = Path(__file__).parents[1]


def builtin_folder(kind: str) -> Path:
    """Return the folder `templates`, `validators` or `examples`.

    It stands in the package as installed, beside it in a checkout.
    """
    installed = _PACKAGE / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def form_ids(own: Path | None = None) -> list[str]:
    """Return the ids of all forms that have both files, sorted.

    `own` is the folder of a campaign, whose own forms count too.
    """
    found = {
        file.stem
        for base in _bases(own)
        for file in (base / "validators").glob("*.py")
        if layout_folder(file.stem, own) is not None
    }
    return sorted(found)


def load_shared_rules() -> None:
    """Import the rule families that the built-in forms share."""
    for file in sorted((builtin_folder("validators") / "shared").glob("*.py")):
        importlib.import_module(f"xltool.validators.shared.{file.stem}")


@cache
def builtin_rules() -> frozenset[tuple[str, str]]:
    """Return all our rules, those of the built-in forms and those on every file, as (code, name)."""
    rules = [rule for form_id in form_ids() for rule in load_form(form_id).rules]
    return frozenset((r.code, r.function.__name__) for r in [*rules, *rules_on_every_file()])


def load_form(form_id: str, own: Path | None = None) -> Form:
    """Load a form: its tables, fields, rules and layout, built in or a campaign's own.

    Args:
        form_id: The id of the form, such as `futian_2024_declaration`.
        own: The folder of a campaign, whose own `templates/` and `validators/` come first.

    Returns:
        The form as its files declare it, without any office's changes (`Form.adapted`). The same
        arguments give the same object.

    Raises:
        OfficeError: There is no such form, or an office's own has mistakes: all that can be told
            are told at once. An error inside a validator of ours surfaces as it is.

    """
    return _load(form_id, own.resolve() if own else None)


@cache
def _load(form_id: str, own: Path | None) -> Form:
    file, folder = validator_file(form_id, own), layout_folder(form_id, own)
    if not form_id.isidentifier() or file is None or folder is None:
        raise absent(form_id, own)
    try:
        return made_of(form_id, folder, _execute(file, own))
    except Exception as error:
        if own is None or not file.is_relative_to(own):
            raise
        from xltool.form.inspecting import refusal  # noqa: PLC0415  # only where something is wrong

        raise refusal(form_id, own, error) from error


def absent(form_id: str, own: Path | None) -> OfficeError:
    """Return what to raise where a form has not both of its files."""
    file, folder = validator_file(form_id, own), layout_folder(form_id, own)
    if form_id.isidentifier() and file is not None:
        missing = file.parent.parent / "templates" / form_id / "layout.xml.j2"
        return OfficeError("缺少版面文件；请写一份，或核对文件夹的名字", missing, 1)
    if form_id.isidentifier() and folder is not None:
        missing = folder.parent.parent / "validators" / f"{form_id}.py"
        return OfficeError("缺少校验文件；请写一份，或核对文件的名字", missing, 1)
    known = "、".join(form_ids(own))
    return OfficeError(f"没有名为「{form_id}」的表。可用的表：{known}")


def made_of(form_id: str, folder: Path, module: ModuleType) -> Form:
    """Return the form that the module of a validator declares; its layout lies in `folder`.

    Raises OfficeError where its first table is no record, and whatever an incomplete module leads to.
    """
    file = Path(str(module.__file__))
    if is_misshapen(module):
        raise OfficeError("TITLE、VERSION、CATALOGUE、CAPACITY 或 ZERO_BUDGET 写法不对", file)
    catalogue = getattr(module, "CATALOGUE", ())
    tables = {}
    for model in models_of(module):
        fields = model.fields()
        own_catalogue = catalogue if "lv2" in fields else ()
        tables[model.table_name()] = TableView(
            model.table_name(), model, fields, tuple(own_catalogue)
        )
    if not tables or next(iter(tables.values())).is_rows:
        raise OfficeError("第一个数据表应为记录（Table 的子类）", file)
    related = {
        f"{table.name}.{name}": column.short_label
        for table in tables.values()
        for name, column in table.fields.items()
    }
    once = _once(module, tables, file)
    levels = [once, tables.keys() - once]
    tables = {
        name: replace(
            table, related=related, apart=frozenset().union(*(x for x in levels if name not in x))
        )
        for name, table in tables.items()
    }
    is_own = module.__name__.startswith(OWN_MODULES)
    found = rules_in_force(module, tables, file, is_own=is_own)
    return Form(
        id=form_id,
        title=module.TITLE,
        version=module.VERSION,
        folder=folder,
        module=module,
        tables=tables,
        rules=found.rules,
        left_out=found.left_out,
        capacity=getattr(module, "CAPACITY", {}),
        roster_rows=getattr(module, "ROSTER_ROWS", {}),
        whole=getattr(module, "WHOLE", False) is True,
        once=once,
        zero_budgets=getattr(module, "ZERO_BUDGET", {}),
    )


def _once(module: ModuleType, tables: Mapping[str, TableView], file: Path) -> frozenset[str]:
    """The tables that stand once in a workbook beside its projects."""
    once = frozenset(getattr(module, "ONCE", ()))
    for name in sorted(once - tables.keys()):
        known = "、".join(tables)
        raise OfficeError(f"ONCE 里的“{name}”不是数据表；可用的数据表：{known}", file)
    if next(iter(tables)) in once:
        raise OfficeError("ONCE 里不能有第一个数据表：它是每个项目一张的记录", file)
    for table in tables.values() if once else ():
        for column in table.fields.values():
            named = set(re.findall(r"(\w+)\.", column.computed or "")) & tables.keys()
            for other in sorted(
                name for name in named if (name in once) is not (table.name in once)
            ):
                raise OfficeError(
                    f"{table.name}.{column.name} 的公式用到 {other}：公式不能跨单位的表和项目的表，"
                    "请让单位填写，再用规则核对",
                    file,
                )
    return once


def models_of(module: ModuleType) -> list[type[Table]]:
    """Return the tables that a validator declares for its form, without those of the office's lists."""
    declared = list(vars(module).values())
    lists = [value.model for value in declared if isinstance(value, Reference)]
    return [
        value
        for value in declared
        if isinstance(value, type)
        and issubclass(value, Table)
        and value.__module__ == module.__name__
        and value not in lists
    ]


class _SourceOnly(importlib.machinery.SourceFileLoader):
    """Runs what stands in a file, never what a file beside it says that it was compiled to."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the file; nothing is taken from `__pycache__`, and nothing put there."""
        path = self.get_filename(fullname)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # it becomes a mistake when it runs
            code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def validator_file(form_id: str, own: Path | None) -> Path | None:
    """Return the validator of a form, an office's own before one of ours; None where there is none."""
    files = (base / "validators" / f"{form_id}.py" for base in _bases(own))
    return next((path for path in files if path.is_file()), None)


def module_name(file: Path, own: Path | None) -> str:
    """Return the name under which a validator is loaded: it says whether it is an office's own."""
    if own is not None and file.is_relative_to(own):
        return f"{OWN_MODULES}{file.stem}_{abs(hash(own)):x}"
    return f"xltool.validators.{file.stem}"


def _execute(file: Path, own: Path | None) -> ModuleType:
    """Run a validator file as a module."""
    name = module_name(file, own)
    loader = _SourceOnly(name, str(file)) if name.startswith(OWN_MODULES) else None
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    if spec is None or spec.loader is None:
        raise OfficeError("无法读取", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _bases(own: Path | None) -> list[Path]:
    builtin = builtin_folder("validators").parent
    return [own, builtin] if own else [builtin]


def layout_folder(form_id: str, own: Path | None) -> Path | None:
    """Return the folder of a form's layout, an office's own before one of ours; None where there is none."""
    for base in _bases(own):
        folder = base / "templates" / form_id
        if (folder / "layout.xml.j2").is_file():
            return folder
    return None


def template_file(form: Form, name: str) -> Path | None:
    """Return the file that a layout means by a name: its own, the office's or one that all share; None without."""
    for base in (form.folder, form.folder.parent, builtin_folder("templates")):
        path = (base / name).resolve()
        if path.is_file() and path.is_relative_to(base.resolve()):
            return path
    return None


def _provide_validators() -> None:
    """Let `from xltool.validators import …` work in a checkout as in the installed package."""
    name = "xltool.validators"
    if importlib.util.find_spec(name) is None:
        module = ModuleType(name)
        module.__path__ = [str(builtin_folder("validators"))]
        sys.modules[name] = module


_provide_validators()
provide_former_names()
