"""Properties that hold for any content: what is typed is read, what is changed is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from counts import count
from helpers import Data, answers, fill_unit, own_copy, template
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from merges import files, outcomes, parts_here, saved_at, table, units_in
from openpyxl.worksheet.worksheet import Worksheet
from small import PROJECTS, UNIT, small_campaign

from xltool.checking import running
from xltool.checking.running import check
from xltool.form.own_sheets import CHECKS, FRONT
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign, load_campaign
from xltool.prose.unseen import seen
from xltool.report.listing import write_list
from xltool.report.reports import make_report
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.filling import fill
from xltool.write.returned import write_returned

# a campaign is a long argument to print; as an error this would hide the failing case itself
pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]

many = settings(max_examples=count(30, 80), deadline=None, suppress_health_check=list(HealthCheck))
slow = settings(
    max_examples=count(4, 12),
    phases=[Phase.explicit, Phase.generate],  # an example takes a second: no shrinking
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

PIECES = [
    *("=1+1", '=HYPERLINK("http://example.org")', "+1", "-1", "@SUM(A1)", "{=A1}", "'=1", "=cmd|x"),
    *("http://example.org", "https://example.org/甲", "mailto:a@example.org", "internal:项目1!A1"),
    *("external:c:\\a.xlsx", "ftp://example.org", "<&>", "&amp;", "]]>", '"“”', "\n", "\n\n", "\t"),
    *("😀", "𠮷", "　", " ", "é", "_x0041_", "{0}", "{value}", "%s", "甲乙丙", "≥95%", "\u200b"),
]
plain = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
words = st.lists(st.sampled_from(PIECES) | st.text(plain, max_size=8), min_size=1, max_size=6)
texts = words.map("".join).map(seen).filter(lambda text: text.strip(" \t\n\u00a0\u3000") != "")
long_texts = st.tuples(texts, st.integers(1, 300)).map(lambda pair: (pair[0] * pair[1])[:3000])
anything = texts | long_texts.filter(lambda text: text.strip(" \t\n\u00a0\u3000") != "")
amounts = st.decimals(0, 10**12, places=2).map(abs)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
LEVELS = [
    *[("产出目标", "数量"), ("产出目标", "质量"), ("产出目标", "时效"), ("效果目标", "经济效益")],
    *[("效果目标", "社会效益"), ("效果目标", "生态效益"), ("效果目标", "满意度")],
]
TEXTS = ["overview", "purpose", "fixed_asset_items", "goal_midterm", "goal_year"]
AMOUNTS = [
    *("amount_total", "amount_year", "amount_fiscal", "amount_other"),
    *("amount_central_transfer", "amount_purchase_service", "fixed_asset_amount"),
]
optional_answers = {
    **dict.fromkeys(TEXTS, anything),
    **dict.fromkeys(AMOUNTS, amounts),
    **dict.fromkeys(("start_date", "end_date"), days),
    **{
        name: texts.map(lambda text: text.strip(" \t\n\u00a0\u3000"))
        for name in ("project_type", "fund_use")  # choices: nothing that cannot be seen
    },
}
projects = st.fixed_dictionaries({}, optional=optional_answers)
rows = st.lists(st.tuples(st.sampled_from(LEVELS), anything, anything, anything), max_size=3)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """One unit with one known project and a spare sheet of the target form."""
    return small_campaign("longhua_2021_target", tmp_path_factory.mktemp("small"))


def typed(value: Any) -> Any:
    return value if isinstance(value, str) else str(value)


@many
@given(project=projects, indicators=rows)
def test_what_is_typed_is_what_is_read(
    small: Campaign,
    tmp_path_factory: pytest.TempPathFactory,
    project: dict[str, Any],
    indicators: list[tuple[tuple[str, str], str, str, str]],
) -> None:
    folder = tmp_path_factory.mktemp("typed")
    data = {name: typed(value) for name, value in project.items()}
    data["项目名称"] = "图书文献采购"
    keys = ("lv3", "target", "note")
    filled = [
        {"lv1": pair[0], "lv2": pair[1], **dict(zip(keys, cells, strict=True))}
        for pair, *cells in indicators
    ]
    (folder / "a.json").write_text(
        json.dumps({"projects": [{**data, "indicators": filled}]}), encoding="utf-8"
    )
    assert fill(template(small, UNIT), folder / "a.json", folder / "a.xlsx") == []
    found = read_file(folder / "a.xlsx", settings_for(small, None))
    assert (found.seal, found.cells, found.sheets) == ("ok", [], [])
    (main,) = [row for row in found.rows if row.table == "project"]
    read = {name: value for name, value in main.values.items() if value is not None}
    expected = {**project, "project_name": "图书文献采购", "dept_name": "云岭区政务服务局"}
    assert read == expected
    assert all(not isinstance(value, float) for value in read.values())
    used = [row.values for row in found.rows if row.table == "indicator" and row.used]
    assert used == sorted(filled, key=lambda row: LEVELS.index((row["lv1"], row["lv2"])))


GROWS = "=IFERROR(REPT(CHAR(10),"  # how what makes rows grow begins, beside the form


def locked_cells(sheet: Worksheet) -> list[str]:
    """Addresses of locked cells of the form with printed or prefilled content, or reserved for the system."""
    merged = {place for area in sheet.merged_cells.ranges for place in list(area.cells)[1:]}
    return [
        cell.coordinate
        for row in sheet.iter_rows()
        for cell in row
        if cell.protection.locked and (cell.row, cell.column) not in merged and cell.has_style
        if not str(cell.value).startswith(GROWS)
    ]


# form: the example, the unit and the project of the answers, and where the roster has its name
FILLED = {
    "futian_2024_declaration": ("declaration", "106001", 4, 2),
    "longhua_2021_target": ("target", "226002", 0, 1),
}


@pytest.fixture(scope="module", params=FILLED)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Campaign, Path]:
    """A small campaign of either form and a filled workbook of it."""
    folder = tmp_path_factory.mktemp("filled")
    campaign = small_campaign(request.param, folder / "office", spare=0)
    example, unit, number, column = FILLED[request.param]
    name = PROJECTS[request.param][1][column]
    project: Data = {**answers(example, unit)["projects"][number], "项目名称": name}
    project.pop("项目编码", None)
    out = fill_unit(campaign, UNIT, {"projects": [project]}, folder / "filled.xlsx")
    assert check(Batch([read_file(out, settings_for(campaign, None))], campaign)).findings == []
    return campaign, out


@settings(many, max_examples=count(20, 50))
@given(data=st.data())
def test_any_change_of_a_locked_cell_is_found_there(
    filled: tuple[Campaign, Path], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    campaign, path = filled
    book = openpyxl.load_workbook(path)
    sheet = book["项目1"]
    address = data.draw(st.sampled_from(locked_cells(sheet)))
    old = sheet[address].value
    new = data.draw(st.none() | texts.filter(lambda text: not text.startswith("=")))
    assume((new or "").strip() != str(old if old is not None else "").strip())
    sheet[address].value = new
    out = tmp_path_factory.mktemp("changed") / "a.xlsx"
    book.save(out)
    findings = check(Batch([read_file(out, settings_for(campaign, None))], campaign)).findings
    errors = {(f.sheet, f.cell) for f in findings if f.severity == "error"}
    structural = {f.cell for f in findings if f.code.startswith("TPL")}
    assert ("项目1", address) in errors
    assert structural <= {address}


def suspicious(path: Path) -> Iterator[tuple[str, str, str]]:
    """Links that lead out of the workbook, and formulas but ours: on our own sheets, and what makes rows grow."""
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                is_ours = sheet.title in (CHECKS, FRONT) or str(cell.value).startswith(GROWS)
                if cell.data_type == "f" and not is_ours:
                    yield sheet.title, cell.coordinate, str(cell.value)
                if cell.hyperlink is not None and cell.hyperlink.target is not None:
                    yield sheet.title, cell.coordinate, cell.hyperlink.target


@settings(many, max_examples=count(10, 30))
@given(text=texts, short=texts.map(lambda text: text[:30]))
def test_no_text_becomes_a_formula_or_a_link(
    small: Campaign, tmp_path_factory: pytest.TempPathFactory, text: str, short: str
) -> None:
    folder = tmp_path_factory.mktemp("text")
    data = answers("target", "226002")["projects"][0]
    data.update(
        {"项目概况": text, "项目用途": text, "年度绩效目标": text, "项目总(中期)目标": text}
    )
    data.update({"资金用途": short, "项目类型": short, "采购品目": short})
    data["indicators"][0].update({"指标内容": short, "目标值": short, "目标值来源": text})
    out = fill_unit(small, UNIT, {"projects": [data]}, folder / f"{UNIT}.xlsx")
    batch = Batch([read_file(out, settings_for(small, None))], small)
    verdict = check(batch)
    copies, _ = write_returned(batch, verdict, folder / "back", with_warnings=True)
    write_list(make_report(batch, verdict), batch, folder / "list.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        result = merge([out], folder / "out", small, accept_warnings=True)
    written = [out, *copies.values(), folder / "list.xlsx"]
    if result.folder is not None:
        written += [result.folder / "汇总表.xlsx", result.folder / "导入文件.xlsx"]
    assert [found for path in written for found in suspicious(path)] == []
    assert len(copies) == 1  # 资金用途 is not on the list: at least a warning
    for line in (folder / "out" / "合并清单.csv",):
        assert not line.exists() or not line.read_text(encoding="utf-8-sig").startswith("=")


# -- merging -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def versions(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The returns of three units, two versions of a fourth, and one with an error."""
    folder = tmp_path_factory.mktemp("versions")
    paths = [
        fill_unit(declaration, unit, answers("declaration", unit), folder / f"{unit}.xlsx")
        for unit in ("106002", "106003", "131002")
    ]
    for version in ("一", "二"):
        data = answers("declaration", "131001")
        data["projects"][0]["测算依据"] += version
        paths.append(fill_unit(declaration, "131001", data, folder / f"131001{version}.xlsx"))
        saved_at(paths[-1], f"2026-11-{len(paths):02}T09:00:00Z", paths[-1])
    data = answers("declaration", "106001")
    data["projects"][0]["长期目标"] = ""
    paths.append(fill_unit(declaration, "106001", data, folder / "106001.xlsx"))
    return paths


@pytest.fixture(scope="module")
def noted(
    declaration: Campaign, versions: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Campaign:
    """A campaign that knows all these returns since the same minute, and has decided nothing."""
    folder = tmp_path_factory.mktemp("noted")
    campaign = own_copy(declaration, folder / "office")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        merge(versions, folder / "out", campaign)
    return campaign


def result_of(folder: Path) -> Any:
    """What a merge result says, as plain values."""
    if not folder.exists():
        return None
    sheets = ["项目", "指标", "单位合计", "部门合计", "地区合计", "来源"]
    return (
        {name: path for name, path in files(folder).items() if name.startswith("data/")},
        [table(folder / "汇总表.xlsx", sheet) for sheet in sheets],
        table(folder / "导入文件.xlsx", "Sheet1"),
    )


@slow
@given(
    parts=st.lists(st.integers(0, 2), min_size=6, max_size=6),
    order=st.permutations(range(6)),
    newest=st.booleans(),
)
def test_merging_is_associative_and_idempotent_in_any_order(
    noted: Campaign,
    versions: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
    parts: list[int],
    order: list[int],
    newest: bool,
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    groups = [[versions[n] for n in order if parts[n] == part] for part in range(3)]
    assume(all(groups))
    options: dict[str, Any] = {"prefer": "newest"} if newest else {}

    def office(name: str) -> Campaign:
        """An office in which nothing was decided: a merge notes there what it decides."""
        shutil.copytree(noted.folder, folder / "offices" / name)
        return load_campaign(folder / "offices" / name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        whole, first, second = (office(name) for name in ("whole", "first", "second"))
        merge([versions[n] for n in order], folder / "all", whole, **options)
        merge([*groups[0], *groups[1]], folder / "ab", first, **options)
        ab = [folder / "ab"] if (folder / "ab").exists() else []
        merge([*ab, *groups[2]], folder / "ab_c", first, **options)
        assert result_of(folder / "ab_c") == result_of(folder / "all")
        merge([*groups[2][::-1], *ab], folder / "c_ab", second, **options)
        assert result_of(folder / "c_ab") == result_of(folder / "all")
        again = merge([folder / "all", folder / "all"], folder / "twice", whole, **options)
        assert result_of(folder / "twice") == result_of(folder / "all")
    units = ["106002", "106003", *(["131001"] if newest else []), "131002"]
    assert units_in(folder / "all") == units
    other = "superseded" if newest else "conflict"
    merged = [("131001", "merged" if newest else "conflict"), ("131001", other)]
    assert sorted((unit, outcome) for unit, _, outcome in outcomes(again)) == sorted(
        [
            ("106001", "errors"),
            *((unit, "merged") for unit in ("106002", "106003", "131002")),
            *merged,
        ]
    )
