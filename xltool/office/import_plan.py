"""How an office wants its import files: the columns, and the section `[import]` of campaign.toml.

The columns are those of `import.csv` in the campaign's folder, else of the form. A plan is plain data, so
that it can travel with a merge result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.office.csv_files import read_csv
from xltool.office.import_map import HEADINGS, Line, Sheets, check_headings, sheets_of

MAP_FILE = "import.csv"
MOST_ROWS = 1_048_575  # of a sheet of Excel, below the heading
LEAST_ROWS = 1_000  # that a campaign may ask for: few enough for any system, more than a record has
_SWITCHES = ("one_sheet", "csv")


@dataclass(frozen=True)
class ImportPlan:
    """The columns of each sheet of the import file, and into which files they go.

    No file has more than `rows` lines on a sheet, its heading not counted. With `one_sheet` each sheet has
    a file of its own, since an import reads only the first; with `csv` each is also written as CSV.
    `own`: the office said something of it. `lines` are the lines of the map.
    """

    sheets: Sheets
    lines: Sequence[Line] = ()
    rows: int = MOST_ROWS
    one_sheet: bool = True
    csv: bool = False
    own: bool = False

    @classmethod
    def of_form(cls, form: Form) -> Self:
        """The plan of a form for which no office said anything. Raises OfficeError without a map."""
        plan = cls.of_office(form, None)
        if plan is None:
            raise OfficeError("找不到导入文件的列对照表", form.folder / MAP_FILE)
        return plan

    @classmethod
    def of_office(
        cls,
        form: Form,
        folder: Path | None,
        settings: Mapping[str, Any] | None = None,
        path: Path | None = None,
    ) -> Self | None:
        """The plan of an office: its own map, if it has one in `folder`, else that of the form.

        `settings` are those of the section `[import]` in the file `path`. None where there is no map.
        Raises OfficeError, with file and line, for what is wrong.
        """
        given = _settings(settings or {}, path)
        for place in (folder, form.folder):
            if place is not None and (place / MAP_FILE).is_file():
                lines = _lines(place / MAP_FILE)
                sheets = sheets_of(lines, form, place / MAP_FILE)
                own = bool(given) or place == folder
                return cls(sheets, [line for _, line in lines], own=own, **given)
        return None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], form: Form, path: Path | None = None) -> Self:
        """The plan that `to_dict` gave; `path` is where it was kept.

        Raises OfficeError for what is no plan, or none of this form.
        """
        columns = data.get("columns")
        if not isinstance(columns, list) or not all(map(_is_line, columns)):
            raise OfficeError("导入文件的列对照表已损坏", path)
        given = _settings({key: data.get(key) for key in ("rows", *_SWITCHES)}, path, least=1)
        sheets = sheets_of(enumerate(columns, 2), form, path)
        return cls(sheets, columns, own=data.get("own") is True, **given)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data, for JSON."""
        columns = [dict(line) for line in self.lines]
        given = {"rows": self.rows, "one_sheet": self.one_sheet, "csv": self.csv}
        return {"columns": columns, **given, "own": self.own}


def _lines(path: Path) -> list[tuple[int, Line]]:
    """The lines of a map with their numbers. Raises OfficeError where it is none."""
    lines = read_csv(path)
    if lines:
        check_headings(lines[0][1], path)
    words = [{word: line.get(word, "") for word in HEADINGS} for _, line in lines]
    return list(zip((number for number, _ in lines), words, strict=True))


def _is_line(line: object) -> bool:
    """True for a line of a map as plain data."""
    return isinstance(line, dict) and all(isinstance(line.get(word), str) for word in HEADINGS)


def _settings(
    settings: Mapping[str, Any], path: Path | None, least: int = LEAST_ROWS
) -> dict[str, Any]:
    """The settings, checked. Raises OfficeError for an unknown one or an impossible value."""
    for name, value in settings.items():
        if name == "rows":
            if type(value) is not int or not least <= value <= MOST_ROWS:
                words = f"[import] rows 应为 {least}–{MOST_ROWS} 的整数，现为 {value}"
                raise OfficeError(words, path)
        elif name not in _SWITCHES:
            known = "、".join(("rows", *_SWITCHES))
            raise OfficeError(f"[import] 没有 {name}；可用：{known}", path)
        elif not isinstance(value, bool):
            raise OfficeError(f"[import] {name} 应为 true 或 false，现为 {value}", path)
    return dict(settings)
