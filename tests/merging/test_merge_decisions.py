"""取舍.csv: which of several returns counts, by unit and by project, decided by people or by --prefer newest."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from commands import in_this_process, refused
from districts import OURS, Region, region
from helpers import answers, edit, fill_unit, own_copy
from merges import frames, lines, saved_at, units_in
from mutations import added, cell

from xltool.checking.running import check, check_files
from xltool.errors import OfficeError
from xltool.merging.conflicts import Decisions, settle_units
from xltool.merging.fates import Fate
from xltool.merging.merge import MergeResult, login_name, merge
from xltool.office.campaign import Campaign
from xltool.office.check_log import read_log
from xltool.office.csv_files import write_csv
from xltool.office.decisions import DECISIONS, HEADER, Decision, read_decisions
from xltool.report.noting import log_check
from xltool.report.reports import make_report
from xltool.returns.reading import read
from xltool.workbook.opening import digest
from xltool.write.returned import write_returned

UNIT, CODE = "226002", "440399271063100100777"


pytestmark = pytest.mark.usefixtures("parts_made_here")


@pytest.fixture
def office(target: Campaign, tmp_path: Path) -> Campaign:
    """A campaign in which nothing was decided yet."""
    return own_copy(target, tmp_path / "office")


@pytest.fixture
def two(good_target: Path, tmp_path: Path) -> dict[str, Path]:
    """Two returns of one unit that were saved at the same moment."""
    paths = {name: tmp_path / f"{name}.xlsx" for name in "ab"}
    saved_at(good_target, "2026-11-02T09:00:00Z", paths["a"])
    edit(good_target, cell("B8", "另一种写法"), paths["b"])
    saved_at(paths["b"], "2026-11-02T09:00:00Z", paths["b"])
    return paths


def decide(folder: Path, *decisions: Sequence[str]) -> None:
    """Write lines of decisions: district, unit, project and the file that counts, and perhaps who."""
    write_csv(folder / DECISIONS, [HEADER, *([*each, "", "", ""][:7] for each in decisions)])


def by_file(result: MergeResult) -> dict[str, tuple[str, str]]:
    """What became of each file, and what is said of it."""
    return {entry.file: (entry.outcome, entry.detail) for entry in result.entries}


CONFLICT = {f"{name}.xlsx": ("conflict", "同一单位交了 2 份：a.xlsx、b.xlsx") for name in "ab"}


# -- by unit --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "other"), ["ab", "ba"])
def test_a_line_decides_for_a_unit(
    office: Campaign, two: dict[str, Path], tmp_path: Path, chosen: str, other: str
) -> None:
    assert by_file(merge([*two.values()], tmp_path / "out", office)) == CONFLICT
    decide(office.folder, [OURS, UNIT, "", digest(two[chosen]), "张三", "2026-11-21", "单位来电"])
    result = merge([*two.values()], tmp_path / "out", office)
    assert by_file(result) == {
        f"{chosen}.xlsx": ("merged", ""),
        f"{other}.xlsx": ("superseded", f"按取舍选用另一份：{chosen}.xlsx"),
    }
    assert result.is_complete
    assert frames(tmp_path / "out")["submission"]["file"].to_list() == [f"{chosen}.xlsx"]
    assert frames(tmp_path / "out", "conflicts")["submission"]["file"].to_list() == [
        f"{other}.xlsx"
    ]
    assert lines(tmp_path / "out" / "proof" / DECISIONS) == lines(office.folder / DECISIONS)


def test_a_line_of_another_unit_or_district_decides_nothing(
    office: Campaign, two: dict[str, Path], tmp_path: Path
) -> None:
    chosen = digest(two["a"])
    decide(office.folder, [OURS, "226001", "", chosen], ["440398", UNIT, "", chosen])
    assert by_file(merge([*two.values()], tmp_path / "out", office)) == CONFLICT


def test_lines_that_contradict_each_other_decide_nothing(
    office: Campaign, two: dict[str, Path], tmp_path: Path
) -> None:
    decide(office.folder, *([OURS, UNIT, "", digest(path)] for path in two.values()))
    assert by_file(merge([*two.values()], tmp_path / "out", office)) == CONFLICT


def test_what_was_decided_against_is_not_taken_alone(
    office: Campaign, two: dict[str, Path], tmp_path: Path
) -> None:
    """Who decided for a file that is missing now did not decide for the other one."""
    decide(office.folder, [OURS, UNIT, "", digest(two["a"])])
    result = merge([two["b"]], tmp_path / "out", office)
    assert by_file(result) == {"b.xlsx": ("superseded", "按取舍选用另一份")}
    assert result.folder is None


def test_a_chosen_file_stands_where_a_check_puts_it(
    office: Campaign, two: dict[str, Path], tmp_path: Path
) -> None:
    """Also after a merge that does not take it, for its warning is not accepted."""
    data = answers("target", UNIT)
    data["projects"][0]["indicators"][0]["指标内容"] = "长" * 41
    fill_unit(office, UNIT, data, two["a"])
    decide(office.folder, [OURS, UNIT, "", digest(two["a"])])
    with check_files([*two.values()], office) as checked:
        log_check(office, make_report(checked.batch, checked.verdict), {}, datetime.now())
    before = [line for line in read_log(office.folder) if line.unit == UNIT]
    assert [(line.file, line.word) for line in before] == [
        ("b.xlsx", "未采用"),
        ("a.xlsx", "有提醒"),
    ]
    result = merge([*two.values()], tmp_path / "out", office)
    assert {name: outcome for name, (outcome, _) in by_file(result).items()} == {
        "a.xlsx": "warnings",
        "b.xlsx": "superseded",
    }
    assert [line for line in read_log(office.folder) if line.unit == UNIT] == before


# -- by project -----------------------------------------------------------------------------------


@pytest.fixture
def declared(declaration: Campaign, tmp_path: Path) -> Campaign:
    return own_copy(declaration, tmp_path / "declared")


@pytest.fixture(scope="module")
def claimed(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The returns of two units that claim the same project code."""
    folder = tmp_path_factory.mktemp("claimed")
    paths = {}
    for unit in ("106002", "106003"):
        data = answers("declaration", unit)
        new = {"项目编码": CODE, "项目名称": f"新项目{unit}", "是否新增项目": "是"}
        added(new)(data)
        paths[unit] = fill_unit(declaration, unit, data, folder / f"{unit}.xlsx")
    return paths


@pytest.mark.parametrize(("chosen", "other"), [("106002", "106003"), ("106003", "106002")])
def test_a_line_decides_for_a_project(
    declared: Campaign, claimed: dict[str, Path], tmp_path: Path, chosen: str, other: str
) -> None:
    decide(declared.folder, ["", "", CODE, digest(claimed[chosen]), "李四"])
    result = merge([*claimed.values()], tmp_path / "out", declared, accept_warnings=True)
    detail = f"与其他单位的表冲突：XW-004 项目编码 {CODE}（106002.xlsx、106003.xlsx）"
    assert by_file(result) == {
        f"{chosen}.xlsx": ("merged", ""),
        f"{other}.xlsx": ("partly", detail),
    }
    assert units_in(tmp_path / "out") == ["106002", "106003"]
    for part, unit in (("data", chosen), ("conflicts", other)):
        rows = frames(tmp_path / "out", part)["project"].filter(project_code=CODE)
        assert rows.select("unit_code", "project_name").rows() == [(unit, f"新项目{unit}")]


# -- this office and those below ------------------------------------------------------------------


def test_the_own_line_comes_before_one_that_was_handed_up(
    two: dict[str, Path], tmp_path: Path
) -> None:
    three: Region = region("target")
    district = own_copy(three.districts[OURS].campaign, tmp_path / "district")
    city = three.city(tmp_path / "city")
    returned = three.districts[OURS].returns / f"{UNIT}.xlsx"
    a = saved_at(returned, "2026-11-02T09:00:00Z", two["a"])
    b = edit(returned, cell("B8", "另一种写法"), two["b"])
    decide(district.folder, [OURS, UNIT, "", digest(a), "张三", "2026-11-21", "区里定的"])
    merge([a, b], tmp_path / "below", district)
    followed = merge([tmp_path / "below"], tmp_path / "all", city)
    assert by_file(followed) == {
        "a.xlsx": ("merged", ""),
        "b.xlsx": ("superseded", "按取舍选用另一份：a.xlsx"),
    }
    assert lines(tmp_path / "all" / "proof" / DECISIONS) == lines(district.folder / DECISIONS)
    assert not (city.folder / DECISIONS).exists()
    decide(city.folder, [OURS, UNIT, "", digest(b), "王五", "2026-11-22", "市里定的"])
    overruled = merge([tmp_path / "below"], tmp_path / "all", city)
    assert by_file(overruled) == {
        "a.xlsx": ("superseded", "按取舍选用另一份：b.xlsx"),
        "b.xlsx": ("merged", ""),
    }
    assert frames(tmp_path / "all")["submission"]["file"].to_list() == ["b.xlsx"]
    carried = lines(tmp_path / "all" / "proof" / DECISIONS)[1:]
    assert sorted(line[4] for line in carried) == ["张三", "王五"]


def test_an_office_below_decides_for_its_own_units_only(
    two: dict[str, Path], tmp_path: Path
) -> None:
    """A line of one district about a unit of another one is void."""
    three: Region = region("target")
    returned = three.districts[OURS].returns / f"{UNIT}.xlsx"
    a = saved_at(returned, "2026-11-02T09:00:00Z", two["a"])
    b = edit(returned, cell("B8", "另一种写法"), two["b"])
    district = own_copy(three.districts[OURS].campaign, tmp_path / "district")
    other = own_copy(three.districts["440398"].campaign, tmp_path / "other")
    merge([a, b, three.districts[OURS].returns / "226001.xlsx"], tmp_path / "r1", district)
    decide(other.folder, [OURS, UNIT, "", digest(a), "邻区"])
    merge([three.districts["440398"].returns / "226001.xlsx"], tmp_path / "r2", other)
    city = three.city(tmp_path / "city")
    result = merge([tmp_path / "r1", tmp_path / "r2"], tmp_path / "all", city, accept_warnings=True)
    found = {e.file: (e.outcome, e.detail) for e in result.entries if e.unit == UNIT}
    assert found == CONFLICT


# -- the newest -----------------------------------------------------------------------------------

X, Y, Z = ("x" * 64, "y" * 64, "z" * 64)


def fate(sha256: str, issued: int = 3, seen: str = "2026-11-02 09:00", saved: str = "") -> Fate:
    """A return of one unit with what says how new it is."""
    return Fate(
        district=OURS,
        unit_code=UNIT,
        file=f"{sha256[0]}.xlsx",
        sha256=sha256,
        issued=issued,
        seen=seen,
        saved=saved,
        outcome="merged",
    )


LATER = "2026-11-03 09:00"
SAVED = ("2026-11-01T09:00:00", "2026-11-02T09:00:00")


@pytest.mark.parametrize(
    ("fates", "chosen", "reason"),
    [
        pytest.param(
            [fate(X, 4, saved=SAVED[0]), fate(Y, 3, LATER, SAVED[1])], X, "下发时间", id="issue"
        ),
        pytest.param(
            [fate(X, seen=LATER, saved=SAVED[0]), fate(Y, saved=SAVED[1])],
            *(X, "收到时间"),
            id="arrival",
        ),
        pytest.param([fate(X, saved=SAVED[1]), fate(Y, saved=SAVED[0])], X, "保存时间", id="saved"),
        pytest.param(
            [fate(X, 4, saved=SAVED[1]), fate(Y, 4, saved=SAVED[0]), fate(Z, 3, LATER)],
            *(X, "保存时间"),
            id="issue-then-saved",
        ),
        pytest.param([fate(X, -1, LATER), fate(Y, 5)], X, "收到时间", id="an-issue-is-unknown"),
        pytest.param(
            [fate(X, seen="", saved=SAVED[1]), fate(Y, seen=LATER, saved=SAVED[0])],
            *(X, "保存时间"),
            id="an-arrival-is-unknown",
        ),
        pytest.param([fate(X, saved=SAVED[0]), fate(Y, saved=SAVED[0])], None, "", id="equal"),
        pytest.param([fate(X, saved=SAVED[0]), fate(Y)], None, "", id="nothing-known"),
        pytest.param(
            [fate(X, 4, saved=SAVED[0]), fate(Y, 4, saved=SAVED[0]), fate(Z, 3, saved=SAVED[1])],
            *(None, ""),
            id="two-are-newest",
        ),
    ],
)
def test_the_newest_is_by_issue_then_arrival_then_saving(
    fates: list[Fate], chosen: str | None, reason: str
) -> None:
    for some in (fates, fates[::-1]):
        numbered = dict(enumerate(some))
        settled = settle_units(numbered, Decisions([]), "newest", "张三", "2026-11-21 10:00")
        found = {each.sha256: each.outcome for each in settled.fates.values()}
        if chosen is None:
            assert set(found.values()) == {"conflict"}
            assert settled.decided == []
        else:
            assert found == {
                each.sha256: "merged" if each.sha256 == chosen else "superseded" for each in some
            }
            why = f"按 --prefer newest：{reason}较晚"
            assert settled.decided == [
                Decision(OURS, UNIT, "", chosen, "张三", "2026-11-21 10:00", why)
            ]


def test_a_line_comes_before_the_newest() -> None:
    decided = Decisions([Decision(OURS, UNIT, "", Y)])
    numbered = dict(enumerate([fate(X, 4), fate(Y, 3)]))
    settled = settle_units(numbered, decided, "newest", "张三", "2026-11-21 10:00")
    assert [settled.fates[n].outcome for n in (0, 1)] == ["superseded", "merged"]
    assert settled.decided == []


def test_the_newest_is_noted_and_stays_decided(
    office: Campaign, two: dict[str, Path], tmp_path: Path
) -> None:
    """By when it first came, as the log says; the time of a file plays no part."""
    merge([two["b"]], tmp_path / "first", office)
    log = office.folder / "检查记录.csv"
    text = log.read_text(encoding="utf-8-sig")
    log.write_text(re.sub(r"(?m)^2\d{3}-\d\d-\d\d \d\d:\d\d", "2026-11-01 09:00", text), "utf-8")
    os.utime(two["b"], (2_000_000_000, 2_000_000_000))
    os.utime(two["a"], (1_000_000_000, 1_000_000_000))
    result = merge([*two.values()], tmp_path / "out", office, prefer="newest")
    assert by_file(result) == {
        "a.xlsx": ("merged", ""),
        "b.xlsx": ("superseded", "按取舍选用另一份：a.xlsx"),
    }
    header, line = lines(office.folder / DECISIONS)
    assert header == ["行政区划", "单位代码", "项目编码", "选用", "决定人", "时间", "理由"]
    assert line[:5] == [OURS, UNIT, "", digest(two["a"]), login_name()]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", line[5])
    assert line[6] == "按 --prefer newest：收到时间较晚"
    again = merge([*two.values()], tmp_path / "out", office)
    assert (again.changed, by_file(again)) == (False, by_file(result))
    merge([*two.values()], tmp_path / "out", office, prefer="newest")
    assert lines(office.folder / DECISIONS) == [header, line]


def test_where_nothing_tells_them_apart_it_stays_a_conflict(
    office: Campaign, two: dict[str, Path], tmp_path: Path
) -> None:
    os.utime(two["a"], (1_000_000_000, 1_000_000_000))
    os.utime(two["b"], (2_000_000_000, 2_000_000_000))
    result = merge([*two.values()], tmp_path / "out", office, prefer="newest")
    assert by_file(result) == CONFLICT
    assert not (office.folder / DECISIONS).exists()


# -- wrong lines ----------------------------------------------------------------------------------

GOOD = f"{OURS},{UNIT},,{X.replace('x', '1')},,,\n"
HEAD = ",".join(HEADER) + "\n"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (HEAD + GOOD + f"{OURS},,,{X},,,\n", "单位代码和项目编码应填写其中一个；请改正", 3),
        (HEAD + f"{OURS},{UNIT},{CODE},{X},,,\n", "单位代码和项目编码应填写其中一个；请改正", 2),
        (
            HEAD + GOOD + GOOD + f"{OURS},{UNIT},,a.xlsx,,,\n",
            "“选用”应为选用的文件的 sha256；请从 合并清单.csv 复制",
            4,
        ),
        (
            HEAD + f"{OURS},{UNIT},,{'1' * 63},,,\n",
            "“选用”应为选用的文件的 sha256；请从 合并清单.csv 复制",
            2,
        ),
        (
            HEAD.replace("项目编码", "项目") + GOOD,
            "缺少列“项目编码”，是不是写成了“项目”？请改这一列的列名",
            1,
        ),
        (
            HEAD + f"{OURS},{UNIT},,,,,,,甲\n",
            "有 9 格，列名只有 7 个；文字里有逗号的，请给这一格加英文双引号",
            2,
        ),
    ],
)
def test_a_wrong_line_is_one_clear_message(
    office: Campaign,
    two: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    message: str,
    line: int,
) -> None:
    path = office.folder / DECISIONS
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OfficeError) as error:
        read_decisions(office.folder)
    assert (error.value.message, error.value.path, error.value.line) == (message, path, line)
    xltool = in_this_process(monkeypatch, capsys)
    words = ("--campaign", office.folder, "--out", tmp_path / "out")
    refused(xltool("merge", two["a"], *words), f"{path} 第 {line} 行：{message}")
    assert not (tmp_path / "out").exists()


def test_what_excel_makes_of_the_file_is_read(office: Campaign) -> None:
    """In GB18030, with other columns in between, without what is optional."""
    text = f"备注,行政区划,单位代码,项目编码,选用\n见邮件,{OURS}, {UNIT} ,,{'1' * 64}\n,,,,\n"
    (office.folder / DECISIONS).write_bytes(text.encode("gb18030"))
    assert read_decisions(office.folder) == [Decision(OURS, UNIT, "", "1" * 64)]
    shutil.rmtree(office.folder)
    assert read_decisions(office.folder) == []


def test_the_mended_copy_of_what_was_chosen_counts(
    office: Campaign, two: dict[str, Path], tmp_path: Path
) -> None:
    """The chosen file had a mistake; what its unit mended counts, with the older ones beside it and alone."""
    edit(two["b"], cell("B8", ""), two["b"])
    decide(office.folder, (OURS, UNIT, "", digest(two["b"])))
    batch = read([two["a"], two["b"]], office)
    written, _ = write_returned(batch, check(batch), tmp_path / "back")
    (copy,) = written.values()
    assert copy.name == "b_退回1.xlsx"
    mended = edit(copy, cell("B8", "采购图书。"), tmp_path / "mended.xlsx")
    for paths in ([two["a"], two["b"], mended], [mended]):
        found = read(paths, office).submissions
        assert [each.is_outdone for each in found] == [*[True] * (len(paths) - 1), False]
        result = merge(paths, tmp_path / f"out{len(paths)}", office)
        assert {each.file: each.outcome for each in result.entries if each.file} == {
            **{path.name: "superseded" for path in paths[:-1]},
            "mended.xlsx": "merged",
        }
    # what was decided against is none of it, nor a copy that is older than what was chosen
    assert [each.is_outdone for each in read([two["a"]], office).submissions] == [True]
    decide(office.folder, (OURS, UNIT, "", digest(mended)))
    assert [each.is_outdone for each in read([copy, mended], office).submissions] == [True, False]
