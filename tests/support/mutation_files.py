"""Mutations as data: what is changed in a correct return, and every line that must then be found.

They stand in `tests/mutations/<form id>/*.toml`, whose README says how they are written. All that a
file makes of one campaign is read and checked as one batch; a mutation that would be compared with
the others of its unit is `alone`. A line is `CODE severity sheet!cell | message`, as in `mutations`.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from helpers import FORMS, ROOT, Data, answers, approve, edit, fill_unit, make_campaign
from in_memory import filled_return, filled_workbook, taken, typed_into
from in_memory import place_of as cell_at
from openpyxl.utils import column_index_from_string
from openpyxl.workbook import Workbook
from small import write_csv

from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding
from xltool.workbook.opening import WorkbookData
from xltool.write.issuing import issue

FOLDER = ROOT / "tests" / "mutations"
EXAMPLE_OF = {form: example for example, form in FORMS.items()}
ALONE = {"XW-001": "off"}  # the returns of a batch are one unit's


@dataclass(frozen=True)
class Mutation:
    """One mistake and what must be found; the README of the folder says what each part means."""

    name: str
    expect: Sequence[str]
    unit: str
    after: str = ""
    projects: Sequence[Mapping[str, Any]] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Data]] = field(default_factory=dict)
    delete: Sequence[str] = ()
    add: Mapping[str, Sequence[Data]] = field(default_factory=dict)
    like: Mapping[str, str] = field(default_factory=dict)
    swap: Sequence[Sequence[str]] = ()
    steps: Sequence[str] = ()
    cells: Mapping[str, Any] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    office: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alone: bool = False

    @property
    def in_workbook(self) -> bool:
        """True if it changes the filled workbook and not only the answers."""
        return bool(self.steps or self.cells or self.formats)

    def change_answers(self, data: Data) -> None:
        """Make the changes to the answers."""
        for given in self.projects:
            number = given.get("like", 1)
            new = another_project(data["projects"][number - 1])
            data["projects"].append({**new, **{k: v for k, v in given.items() if k != "like"}})
        for paths in self.swap:
            (one, a), (other, b) = (place(data, path) for path in paths)
            one[a], other[b] = other[b], one[a]
        for path, rows in self.rows.items():
            _replace_rows(data, path, rows)
        for holder, key in [place(data, path) for path in self.delete][::-1]:
            del holder[key]
        places = [(place(data, path), value) for path, value in self.set.items()]
        for (holder, key), value in places:
            holder[key] = _value(value)
        for path, source in self.like.items():
            holder, key = place(data, path)
            other, name = place(data, source)
            holder[key] = copy.deepcopy(other[name])
        for path, rows in self.add.items():
            holder, key = place(data, path)
            holder[key].extend(copy.deepcopy(list(rows)))

    def change_workbook(self, book: Workbook) -> None:
        """Make the changes to the workbook, as a unit might after unlocking it."""
        for step in self.steps:
            _take(book, step)
        for address, value in self.cells.items():
            sheet, _, cell = address.rpartition("!")
            book[sheet][cell].value = value
        for address, style in self.formats.items():
            sheet, _, cell = address.rpartition("!")
            book[sheet][cell].number_format = style


# -- paths -------------------------------------------------------------------------------------


def place(data: Data, path: str) -> tuple[Any, Any]:
    """The list or object that a path leads into, and the key or number there."""
    *before, last = path.split("/")
    holder: Any = data
    for step in before:
        holder = holder[_key(holder, step)]
    return holder, _key(holder, last)


def _key(holder: Any, step: str) -> str | int:
    """`#2`: the second row; `成本#2`: the second one in which this stands; `年度+成本`: both."""
    if not isinstance(holder, list):
        return step
    text, _, number = step.partition("#")
    rows = [n for n, row in enumerate(holder) if not text or _has(row, text)]
    return rows[int(number or 1) - 1]


def _has(row: Data, text: str) -> bool:
    return all(part in row.values() for part in text.split("+"))


def _value(value: Any) -> Any:
    """A long text is written as {repeat = "数", times = 2001}."""
    if isinstance(value, dict) and value.keys() == {"repeat", "times"}:
        return value["repeat"] * value["times"]
    return value


def _replace_rows(data: Data, path: str, rows: Sequence[Data]) -> None:
    """All rows in which a text stands give way to others, each like the first but for what is given."""
    holder: Any = data
    text = path.rpartition("/")[2]
    for step in path.split("/")[:-1]:
        holder = holder[_key(holder, step)]
    old: Any = [row for row in holder if _has(row, text)]
    kept: Any = [row for row in holder if not _has(row, text)]
    holder[:] = kept + [{**old[0], **row} for row in rows]


def another_project(project: Data) -> Data:
    """A project like another one, but with goals and indicators of its own."""
    new = copy.deepcopy(project)
    for label in new:
        if label.endswith(("目标", "实际完成情况")):
            new[label] = f"在新的片区，{new[label]}"
    for row in new["indicators"]:
        name = list(row)[2]
        row[name] = row[name] if row[name] == "不适用" else f"新片区{row[name]}"
    return new


# -- workbooks ---------------------------------------------------------------------------------


def _take(book: Workbook, step: str) -> None:
    """One step in a workbook: `insert row 项目1!14`, `rename sheet 项目2 政务云`."""
    action, what, name, *more = step.split()
    sheet, _, at = name.partition("!")
    page: Any = book[sheet] if sheet in book.sheetnames else None
    actions: Mapping[str, Callable[[], object]] = {
        "insert row": lambda: page.insert_rows(int(at)),
        "delete row": lambda: page.delete_rows(int(at)),
        "insert column": lambda: page.insert_cols(column_index_from_string(at)),
        "delete column": lambda: page.delete_cols(column_index_from_string(at)),
        "add sheet": lambda: book.create_sheet(name),
        "copy sheet": lambda: book.copy_worksheet(page),
        "move sheet": lambda: book.move_sheet(page, int(more[0])),
        "remove sheet": lambda: book.remove(page),
        "rename sheet": lambda: setattr(page, "title", more[0]),
        "clear cell": lambda: setattr(page[at], "value", None),
        "unmerge sheet": lambda: [
            page.unmerge_cells(str(area)) for area in list(page.merged_cells.ranges)
        ],
        "swap rows": lambda: _swap_rows(page, *map(int, at.split("-"))),
    }
    actions[f"{action} {what}"]()


def _swap_rows(page: Any, first: int, second: int) -> None:
    """What stands on two rows changes places."""
    for column in range(1, page.max_column + 1):
        one, other = page.cell(first, column), page.cell(second, column)
        one.value, other.value = other.value, one.value


def is_only_typed(workbook: WorkbookData, cells: Mapping[str, Any]) -> bool:
    """True if no formula, no error value and nothing but a plain value comes or goes."""
    for address, value in cells.items():
        name, _, cell = address.rpartition("!")
        sheet = workbook.sheet(name)
        if sheet is None or cell_at(cell) in sheet.formulas or str(value).startswith(("=", "#")):
            return False
    return True


# -- files -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MutationFile:
    """The mutations of one file, with the campaign in which they are made."""

    path: Path

    @property
    def id(self) -> str:
        """Form and file."""
        return f"{self.form}/{self.path.stem}"

    @property
    def form(self) -> str:
        """The form's id."""
        return self.path.parent.name

    @property
    def example(self) -> str:
        """The example whose campaign and answers are taken."""
        return EXAMPLE_OF[self.form]

    @cached_property
    def declared(self) -> Mapping[str, Any]:
        """The file as it stands."""
        return tomllib.loads(self.path.read_text(encoding="utf-8"))

    @cached_property
    def mutations(self) -> dict[str, Mutation]:
        """The mutations by name. A part that nobody knows is a TypeError."""
        assert self.declared.keys() <= {"unit", "settings", "issued", "mutation"}, self.path
        unit = self.declared["unit"]
        found = [Mutation(**{"unit": unit, **given}) for given in self.declared["mutation"]]
        names = {mutation.name: mutation for mutation in found}
        assert len(names) == len(found), f"{self.id}: two mutations of one name"
        return names

    def answers(self, mutation: Mutation) -> Data:
        """The unit's answers with the mistake."""
        if mutation.after:
            data = self.answers(self.mutations[mutation.after])
        else:
            data = self.correct(mutation.unit)
        mutation.change_answers(data)
        return data

    def correct(self, unit: str) -> Data:
        """The unit's correct answers."""
        data = answers(self.example, unit)
        return with_goals(data, unit) if self.declared.get("issued") == WITHOUT_TARGETS else data

    def findings(self, folder: Path) -> dict[str, list[Finding]]:
        """What is found after each mistake, by its name."""
        found: dict[str, list[Finding]] = {}
        lists = sorted(self.mutations.values(), key=lambda m: repr(m.office))
        for number, (_, group) in enumerate(groupby(lists, lambda m: m.office)):
            mutations = list(group)
            campaign = self.campaign(folder / f"office{number}", mutations[0])
            for batch in batches(mutations):
                found |= self._checked(campaign, batch, folder)
        return found

    def _checked(
        self, campaign: Campaign, mutations: Sequence[Mutation], folder: Path
    ) -> dict[str, list[Finding]]:
        read = [self._read(campaign, mutation, folder) for mutation in mutations]
        found: dict[str, list[Finding]] = {mutation.name: [] for mutation in mutations}
        for finding in check(Batch(read, campaign)).findings:
            found[finding.file].append(finding)
        return found

    def _read(self, campaign: Campaign, mutation: Mutation, folder: Path) -> Submission:
        data, unit = self.answers(mutation), mutation.unit
        if not mutation.in_workbook:
            return filled_return(campaign, unit, data, mutation.name)
        if not mutation.steps and not mutation.formats:
            workbook = filled_workbook(campaign, unit, data)
            if is_only_typed(workbook, mutation.cells):
                return taken(campaign, typed_into(workbook, mutation.cells), mutation.name)
        good = folder / f"{campaign.folder.name}-{unit}.xlsx"
        if data != self.correct(unit) or not good.exists():
            good = fill_unit(campaign, unit, data, folder / f"{mutation.name}.xlsx").rename(good)
        path = edit(good, mutation.change_workbook, folder / "return.xlsx")
        submission = read_file(path, settings_for(campaign, None))
        submission.file = submission.sha256 = mutation.name
        return submission

    def campaign(self, folder: Path, mutation: Mutation) -> Campaign:
        """The campaign of a file, with the office's lists as a mutation has them."""
        units = sorted({mutation.unit for mutation in self.mutations.values()})
        if self.declared.get("issued") == WITHOUT_TARGETS:
            campaign = issued_without_targets(folder, *units)
        else:
            settings = self.declared.get("settings", "")
            campaign = make_campaign(
                self.example, folder, settings, lists=mutation.office, units=units
            )
        return replace(campaign, severities={**campaign.severities, **ALONE})


def batches(mutations: Sequence[Mutation]) -> Iterator[Sequence[Mutation]]:
    """All that may be checked together, then one by one those that are `alone`."""
    if together := [mutation for mutation in mutations if not mutation.alone]:
        yield together
    for mutation in mutations:
        if mutation.alone:
            yield [mutation]


# -- the one campaign that is set up otherwise -------------------------------------------------

WITHOUT_TARGETS = "without the approved targets"
UNIT_FIELDS = """
[fields]
goal_expected.filled_by = "unit"
lv3.filled_by = "unit"
target.filled_by = "unit"
"""


def issued_without_targets(folder: Path, unit: str) -> Campaign:
    """Self-evaluations whose goals and indicators the units type, checked with the approved ones."""
    make_campaign("selfeval", folder, units=[unit])
    names = [[unit, project["项目名称"]] for project in answers("selfeval", unit)["projects"]]
    write_csv(folder / "projects.csv", [["单位代码", "项目名称"], *names])
    path = folder / "campaign.toml"
    text = path.read_text(encoding="utf-8").replace("spare = 0", "spare = 1")
    path.write_text(text.replace("targets =", "# targets =") + UNIT_FIELDS, encoding="utf-8")
    issue(load_campaign(folder), [unit])
    path.write_text(text + UNIT_FIELDS, encoding="utf-8")
    approve(folder / "批准的目标")
    return load_campaign(folder)


def with_goals(data: Data, unit: str) -> Data:
    """The answers of a self-evaluation with the goals that were approved."""
    for project, source in zip(data["projects"], answers("target", unit)["projects"], strict=True):
        project["预期目标"] = source["年度绩效目标"]
    return data


FILES = [MutationFile(path) for path in sorted(FOLDER.glob("*/*.toml"))]
