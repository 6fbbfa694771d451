"""A small correct return of each form, and where on it stands what every form has.

A mutation of a shared rule is described once, in these terms, and made on every form that carries
the rule: "the name of an indicator of quality", "a text of several lines", "the first sheet".
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpers import EXAMPLES, FORMS, Data, answers, fill_unit
from in_memory import filled_return
from mutations import described
from small import put_key, write_csv

from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding
from xltool.write.issuing import issue

Change = Callable[["Kit", Data], object]
GOALS = ("年度目标", "年度绩效目标")
EXAMPLE_OF = {form: example for example, form in FORMS.items()}


@dataclass(frozen=True)
class Place:
    """The cells of an indicator row."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Kit:
    """One form: its example unit with one project, and the cells that the mutations change.

    `levels`: role → the printed 二级指标 and its first row. `columns`: those of the name, the value
    and the note. `long` and `later`: two texts of several lines, label and cell; `title`: the cell
    of the project's name.
    """

    letter: str
    form: str
    unit: str
    levels: Mapping[str, tuple[str, int]]
    columns: str
    long: tuple[str, str]
    later: tuple[str, str] = ("", "")
    title: str = ""
    sheet: str = "项目1"
    settings: str = ""
    coded: tuple[str, str] = ("", "")  # department and type in the codes of the projects

    @property
    def example(self) -> str:
        """The folder of its examples."""
        return EXAMPLE_OF[self.form]

    @property
    def places(self) -> dict[str, object]:
        """What the lines of expected findings may name in braces.

        A 2 behind it means the second sheet, `_next` the row below.
        """
        goal = next((c for label, c in (self.long, self.later) if label in GOALS), "")
        cells = {"long": self.long[1], "later": self.later[1], "goal": goal, "title": self.title}
        found: dict[str, object] = {"sheet": self.sheet}
        for mark, sheet in (("", self.sheet), ("2", "项目2")):
            found |= {f"{name}{mark}": f"{sheet}!{cell}" for name, cell in cells.items()}
            for role, (_, row) in self.levels.items():
                for next_to, number in (("", row), ("_next", row + 1)):
                    place = Place(*(f"{sheet}!{column}{number}" for column in self.columns))
                    found[f"{role}{next_to}{mark}"] = place
        return found

    def data(self) -> Data:
        """Correct answers."""
        data = answers(self.example, self.unit)
        if "projects" not in data:
            return data
        project = data["projects"][0]
        if self.example == "selfeval":
            project = {"预期目标": "全年完成采购，按期投入使用。", **project}
        return {**data, "projects": [project]}

    def campaign(
        self, folder: Path, settings: str = "", others: Sequence[str] = (), spare: int = 0
    ) -> Campaign:
        """A campaign that issues the one project to the unit, and all of theirs to `others`."""
        folder.mkdir(parents=True)
        for path in EXAMPLES.joinpath(self.example).glob("*.csv"):
            shutil.copyfile(path, folder / path.name)
        toml = (EXAMPLES / self.example / "campaign.toml").read_text(encoding="utf-8")
        lines = [line for line in toml.splitlines() if not line.startswith(("spare", "targets"))]
        text = "\n".join([f"spare = {spare}", *lines, self.settings, settings])
        (folder / "campaign.toml").write_text(text, encoding="utf-8")
        self._keep_projects(folder / "projects.csv", others)
        put_key(folder)
        campaign = load_campaign(folder)
        issue(campaign, [self.unit, *others])
        return campaign

    def _keep_projects(self, path: Path, others: Sequence[str]) -> None:
        if not path.exists():
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *rows = csv.reader(file)
        first = next(row for row in rows if row[0] == self.unit)
        write_csv(path, [head, first, *(row for row in rows if row[0] in others)])

    def fill(self, campaign: Campaign, data: Data, out: Path) -> Path:
        """The unit's return with these answers."""
        return fill_unit(campaign, self.unit, data, out)


@dataclass(frozen=True)
class Case:
    """A mistake, the forms on which it is made, and the findings that it must lead to.

    `more`: what the mistake entails on one form beside that, with the reason in a comment there.
    """

    change: Change
    forms: str
    expected: Sequence[str]
    more: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def lines(self, kit: Kit) -> list[str]:
        """The lines expected on a form."""
        more = self.more.get(kit.letter, ())
        return [line.format_map(kit.places) for line in (*self.expected, *more)]


ALONE = '\n[severity]\n"XW-001" = "off"\n'  # the returns of a batch are one unit's


def has_cases(letter: str, cases: Mapping[str, Case]) -> bool:
    """True if one of the mistakes is made on this form."""
    return any(letter in case.forms for case in cases.values())


def outcome(
    kit: Kit,
    cases: Mapping[str, Case],
    folder: Path,
    *,
    settings: str = "",
    base: Change | None = None,
    spare: int = 0,
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What is found in a correct return and after each mistake, checked as one batch, and what should be.

    A single mistake is checked without the correct return: it may be one that compares returns.
    `base`: what the correct return has beyond the example.
    """
    campaign = kit.campaign(folder / "office", settings + ALONE, spare=spare)
    expected = {name: case.lines(kit) for name, case in cases.items() if kit.letter in case.forms}
    names = [*([] if len(expected) == 1 else ["nothing"]), *expected]
    returns = []
    for name in names:
        data = kit.data()
        for change in [base, cases[name].change if name in cases else None]:
            if change is not None:
                change(kit, data)
        returns.append(filled_return(campaign, kit.unit, data, name))
    found = check(Batch(returns, campaign)).findings
    lines = dict(zip(names, by_path(found, [Path(name) for name in names]), strict=True))
    return lines, {"nothing": [], **expected} if "nothing" in names else expected


def by_path(found: Sequence[Finding], paths: Sequence[Path]) -> list[list[str]]:
    """The lines of each return, without messages."""
    mine = [[f for f in found if f.file == str(path)] for path in paths]
    return [[line.split(" |")[0] for line in described(findings)] for findings in mine]


def owner(kit: Kit, data: Data) -> Data:
    """Where the texts of a return lie."""
    found: Data = data["projects"][0] if "projects" in data else data.get("explanation", data)
    return found


def says(text: str, which: str = "long") -> Change:
    """Write a text of several lines."""

    def change(kit: Kit, data: Data) -> None:
        label = kit.later[0] if which == "later" else kit.long[0]
        owner(kit, data)[label] = text

    return change


def row(role: str, name: str, value: str, note: str | None = None) -> Change:
    """Write the first row of a level; `value` in parts, `≥|95|%`, where the form has columns for them."""

    def change(kit: Kit, data: Data) -> None:
        rows, level = _indicators(data), kit.levels[role][0]
        found = next((r for r in reversed(rows) if _is_first(rows, r, level)), None)
        if found is None:
            found = {
                **dict.fromkeys(rows[-1], ""),
                "一级指标": "效益指标（40分）",
                "二级指标": level,
            }
            rows.append(found)
        found.update(cells(found, name, value, note))

    return change


def rows(role: str, count: int, same: str | None = None) -> Change:
    """Fill a level with so many rows, of different names or of the same."""

    def change(kit: Kit, data: Data) -> None:
        found, level = _indicators(data), kit.levels[role][0]
        old = next(r for r in reversed(found) if r["二级指标"] == level)
        period = old.get("期间")
        found[:] = [r for r in found if (r["二级指标"], r.get("期间")) != (level, period)]
        scores = {"分值": "1.75", "得分": "1.75"} if "分值" in old else {}
        for number in range(1, count + 1):
            name = same or f"第{number}类{level.strip('*')}成果"
            note = f"反映第{number}类{name}" if same else None
            found.append({**old, **cells(old, name, f"≥|{number}|份", note), **scores})

    return change


def cells(row: Data, name: str, value: str, note: str | None) -> dict[str, str]:
    """The answers of an indicator row by label."""
    labels, parts = list(row)[2:], value.split("|")
    whole = "".join(parts)
    if "计算符号" in row:
        sign, number, unit = parts if len(parts) == 3 else ("", whole, "")
        return {"三级指标": name, "计算符号": sign, "指标值": number, "计量单位": unit}
    found = {labels[0]: name, labels[1]: whole}
    if "实际完成值" in row:
        return {**found, "实际完成值": "".join(parts[1:]) or whole}
    says = note or f"反映{''.join(name.split())}的情况"
    return {**found, labels[2]: says} if len(labels) > 2 else found


def _indicators(data: Data) -> list[Data]:
    found: list[Data] = (
        data["projects"][0]["indicators"] if "projects" in data else data["indicators"]
    )
    return found


def _is_first(rows: Sequence[Data], row: Data, level: str) -> bool:
    """True for the first row of a level; where there are two periods, of each."""
    same = [r for r in rows if (r["二级指标"], r.get("期间")) == (level, row.get("期间"))]
    return bool(same) and same[0] is row


def together(*changes: Change) -> Change:
    """Several changes that make one mistake."""

    def change(kit: Kit, data: Data) -> None:
        for single in changes:
            single(kit, data)

    return change


def levels(texts: str, *first: int) -> dict[str, tuple[str, int]]:
    """The levels by role, as the form prints them, with their first rows."""
    roles = ("quantity", "quality", "time", "cost", "social", "ecology", "satisfied")
    pairs = zip(texts.split(), first, strict=True)
    return dict(zip(roles, pairs, strict=True))


_ALL = [
    Kit(
        "A",
        "longhua_2021_target",
        "226002",
        levels("数量 质量 时效 成本 社会效益 生态效益 满意度", 14, 24, 34, 0, 47, 57, 60),
        "CDE",
        ("项目用途", "B9"),
        ("年度绩效目标", "B12"),
        "B2",
    ),
    Kit(
        "B",
        "longgang_2023_unit",
        "319001",
        levels("数量 质量 时效 成本 社会效益 生态效益 服务对象满意度", 29, 39, 49, 59, 72, 85, 88),
        "DE",
        ("年度总体目标", "B27"),
        sheet="单位整体支出绩效目标表",
    ),
    Kit(
        "C",
        "longgang_2023_budget",
        "301001",
        {},
        "",
        ("预算绩效管理情况说明", "B55"),
        sheet="增减变动说明",
    ),
    Kit(
        "D",
        "futian_2022_declaration",
        "142001",
        levels(
            "*数量 *质量 *时效 *成本 *社会效益 生态效益 *服务对象满意度", 11, 21, 31, 41, 49, 59, 65
        ),
        "CDE",
        ("项目概况", "B7"),
        ("年度目标", "B8"),
        "E2",
        coded=("142", "15"),
    ),
    Kit(
        "E",
        "futian_2024_declaration",
        "106003",
        levels(
            "*数量指标 *质量指标 *时效指标 *成本指标 *社会效益指标 生态效益指标 *服务对象满意度指标",
            *(12, 22, 32, 42, 50, 60, 66),
        ),
        "CDE",
        ("年度目标", "B9"),
        ("长期目标", "B10"),
        "E2",
        coded=("106", "31"),
    ),
    Kit(
        "F",
        "longhua_2021_selfeval",
        "226002",
        levels(
            "数量指标 质量指标 时效指标 成本指标 社会效益指标 生态效益指标 满意度指标",
            *(11, 21, 31, 41, 49, 59, 62),
        ),
        "DE",
        ("实际完成情况", "F9"),
        title="B1",
        settings="[fields]\n"
        + "\n".join(f'{n}.filled_by = "unit"' for n in ("goal_expected", "lv3", "target")),
    ),
    Kit(
        "G",
        "national_2015_declaration",
        "517001",
        levels(
            "数量指标 质量指标 时效指标 成本指标 社会效益指标 生态效益指标 服务对象满意度指标",
            *(13, 23, 33, 43, 51, 61, 67),
        ),
        "IK",
        ("中期目标", "C10"),
        ("年度目标", "H10"),
        "C3",
    ),
]
KITS = {kit.letter: kit for kit in _ALL}
