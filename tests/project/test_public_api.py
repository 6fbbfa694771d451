"""What people call: the names, their order, their signatures, their documentation."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys

import pytest

import xltool

SIGNATURES = {
    "load_form": "(form_id: str, own: Path | None = None) -> Form",
    "issue": (
        "(campaign: Campaign, units: Sequence[str] = (), *, out: Path | None = None, "
        "jobs: int | None = None, progress: Callable[[int, int], None] = …, "
        "tell: Callable[[str], None] | None = None, zip_by: str | None = None) -> list[Issued]"
    ),
    "read": (
        "(paths: Iterable[Place], campaign: Campaign | None = None, *, form: str | None = None, "
        "jobs: int | None = None, progress: Callable[[int, int], None] = …) -> Batch"
    ),
    "check": "(batch: Batch) -> Verdict",
    "merge": (
        "(paths: Sequence[Place], out: Path, campaign: Campaign | None = None, *, "
        "accept_warnings: bool = False, accept_units: Sequence[str] = (), "
        "accept_rules: Sequence[str] = (), prefer: Literal['newest'] | None = None, "
        "jobs: int | None = None, cluster: str | None = None, "
        "acceptance: Acceptance | None = None, against: Path | None = None) -> MergeResult"
    ),
    "Finding": (
        "(code: str, severity: Severity, file: str, sheet: str, cell: str, cells: tuple[str, ...], "
        "record: str, field: str, label: str, value: str, expected: str, message: str, hint: str, "
        "waiver: str = '', workbook: int | None = None, integrity: bool = False, "
        "shared: bool = False, whose: Whose = 'unit', mended: str = '', refill: str = '', "
        "explanation: str = '') -> None"
    ),
}


def test_names_in_the_order_of_a_collection() -> None:
    assert list(SIGNATURES) == list(xltool.__all__)
    assert set(SIGNATURES) <= set(dir(xltool))
    for name in SIGNATURES:
        assert f"`{name}" in (xltool.__doc__ or "")
    with pytest.raises(AttributeError, match="nothing"):
        _ = xltool.nothing


def written(name: str) -> str:
    """A signature as it stands in the source; a default that is a function as …"""
    signature = inspect.signature(getattr(xltool, name))
    words: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        default = parameter.default
        value = "" if default is parameter.empty else f" = {default!r}"
        words.append(
            f"{parameter.name}: {parameter.annotation}{' = …' if inspect.isfunction(default) else value}"
        )
    return f"({', '.join(words)}) -> {signature.return_annotation}"


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    assert written(name) == SIGNATURES[name]


@pytest.mark.parametrize("name", ["load_form", "issue", "read", "check", "merge"])
def test_documentation(name: str) -> None:
    function = getattr(xltool, name)
    text = inspect.getdoc(function) or ""
    for parameter in inspect.signature(function).parameters:
        assert f"{parameter}" in text, parameter
    assert "Raises" in text


def test_no_room_takes_the_place_of_a_function() -> None:
    rooms = {module.name for module in pkgutil.iter_modules(xltool.__path__)}
    assert rooms & set(SIGNATURES) == set()


@pytest.mark.parametrize(
    "first", ["checking", "merging", "returns.reading", "cli.main", "report.page"]
)
def test_names_are_functions_after_any_import(first: str) -> None:
    """Importing `xltool.x` sets the attribute `x` of the package: it must be none of the names."""
    names = ", ".join(f"xltool.{name}" for name in SIGNATURES)
    program = (
        f"import xltool.{first}, xltool.form.loading, xltool.write.issuing\n"
        f"import xltool\nprint(all(map(callable, [{names}])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "True\n"
