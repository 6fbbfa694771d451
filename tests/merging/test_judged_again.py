"""What a district hands up is judged again: by its own settings, with what it waived and accepted."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from districts import DISTRICTS, OURS, District, Region, make_city, region
from helpers import EXAMPLES, FORMS, answers, edit, fill_unit, make_campaign, own_copy
from merges import lines, table
from openpyxl.workbook import Workbook

from xltool.checking.running import check_files
from xltool.form.loading import load_form
from xltool.form.rules_in_force import codes_of_integrity
from xltool.merging.handed_up import HandedUp
from xltool.merging.merge import MergeResult, merge
from xltool.merging.result import open_results, read_proof
from xltool.merging.sealing import files_in, read_seal, seal_folder
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.csv_files import write_csv
from xltool.office.lower import COLUMNS, LOWER, Office, line_for
from xltool.office.waivers import ACCEPTED, WAIVERS, Acceptance
from xltool.rules.findings import Finding
from xltool.workbook.opening import digest

pytestmark = pytest.mark.usefixtures("parts_made_here")


# -- all forms: the same findings -----------------------------------------------------------------

Found = tuple[str, str, str, str, str, str, str]


def mutated(book: Workbook, rng: random.Random) -> None:
    """Texts of the unit that are missing, too long, repeated or not wanted here and there."""
    for page in book.worksheets:
        if page.title in ("填报说明", "填报检查", "_xltool"):
            continue
        for cell in (cell for row in page.iter_rows() for cell in row):
            old = cell.value
            if not isinstance(old, str) or cell.protection.locked or rng.random() > 0.2:
                continue
            if cell.data_type != "f":
                cell.value = rng.choice([None, "不适用", "进一步提升", f"{old}，{old}", old[:3]])


def lax(form_id: str) -> str:
    """Settings that make a warning of every error that an office may call one."""
    form = load_form(form_id)
    codes = {rule.code for rule in form.rules} - codes_of_integrity(form)
    return "\n[severity]\n" + "".join(f'"{code}" = "warning"\n' for code in sorted(codes))


def found_by_check(campaign: Campaign, paths: list[Path]) -> list[Found]:
    """What `check` finds in the files of a district, facts about the workbook itself aside."""
    with check_files(paths, campaign) as checked:
        return listed(checked)


def found_again(city: Campaign, result: Path) -> list[Found]:
    """What the city finds in the result of that district."""
    opened = open_results([result], city)
    parts = (part for each in opened for part in HandedUp(each, city).parts())
    with check_files([], city, with_rows=True, more=parts) as checked:
        return listed(checked)


def listed(checked: Any) -> list[Found]:
    """The findings about values, with the file of each."""
    found = []
    for number, submission in enumerate(checked.batch.submissions):
        found += [as_tuple(submission.sha256, each) for each in checked.verdict.of(number)]
    return sorted(each for each in found if not each[1].startswith("TPL"))


def as_tuple(sha256: str, finding: Finding) -> Found:
    where = (finding.sheet, finding.cell)
    return (sha256, finding.code, finding.severity, *where, finding.message, finding.fingerprint)


@pytest.mark.slow
@pytest.mark.parametrize("example", sorted(FORMS))
def test_the_city_finds_what_the_district_found(example: str, tmp_path: Path) -> None:
    campaign = make_campaign(example, tmp_path / "office", lax(FORMS[example]))
    units = sorted(path.stem for path in (EXAMPLES / example / "answers").glob("*.json"))
    paths = []
    for number, unit in enumerate(units):
        path = fill_unit(campaign, unit, answers(example, unit), tmp_path / f"{unit}.xlsx")
        paths.append(edit(path, partial(mutated, rng=random.Random(number)), path))
    result = merge(paths, tmp_path / "below", campaign, accept_warnings=True)
    merged = {entry.sha256 for entry in result.entries if entry.outcome == "merged"}
    district = District(OURS, "云岭区", campaign, tmp_path)
    city = make_city(example, {OURS: district}, tmp_path / "city")
    found = found_by_check(campaign, [path for path in paths if digest(path) in merged])
    assert len(found) > 15  # of many rules
    assert found_again(city, tmp_path / "below") == found


# -- severities, waivers and acceptances ----------------------------------------------------------

CODE = "440398"
WARNED = "215001"  # its return has a warning, AMT-004
UNITS = ("215001", "226001", "226002", "238001")


@pytest.fixture(scope="module")
def three() -> Region:
    return region("target")


@pytest.fixture
def city(three: Region, tmp_path: Path) -> Campaign:
    return three.city(tmp_path / "city")


@pytest.fixture
def office(three: Region, tmp_path: Path) -> Campaign:
    """One district, which has accepted nothing yet."""
    return own_copy(three.districts[CODE].campaign, tmp_path / "office")


def with_settings(campaign: Campaign, settings: str) -> Campaign:
    """The campaign with more in its campaign.toml."""
    path = campaign.folder / "campaign.toml"
    path.write_text(path.read_text(encoding="utf-8") + settings, encoding="utf-8")
    return load_campaign(campaign.folder)


def by_unit(result: MergeResult) -> dict[str, tuple[str, str]]:
    return {entry.unit: (entry.outcome, entry.detail) for entry in result.entries}


MERGED = dict.fromkeys(UNITS, ("merged", ""))


def sources(folder: Path) -> dict[str, tuple[Any, ...]]:
    """What the sheet of sources says of each unit: warnings, reviewers, reasons, waivers."""
    rows = table(folder / "汇总表.xlsx", "来源")
    assert rows[0][9:] == ("提醒数", "接受提醒的审核人", "理由", "时间", "豁免")
    return {row[1]: (row[9], row[10], row[11], row[13]) for row in rows[1:]}


def test_the_severities_of_a_district_are_its_own(
    three: Region, office: Campaign, city: Campaign, tmp_path: Path
) -> None:
    """Neither are those of the city used, nor those of this district for another one."""
    lax_office = with_settings(office, '\n[severity]\n"AMT-004" = "info"\n')
    below = merge([three.districts[CODE].returns], tmp_path / "below", lax_office)
    assert by_unit(below) == MERGED
    strict = with_settings(city, '\n[severity]\n"AMT-004" = "error"\n"XW-008" = "off"\n')
    found = merge([tmp_path / "below"], tmp_path / "all", strict)
    assert by_unit(found) == MERGED
    assert sources(tmp_path / "all")[WARNED] == (0, None, None, None)
    other = own_copy(three.districts["440397"].campaign, tmp_path / "other")
    whole = [three.districts["440397"].returns]
    merge(whole, tmp_path / "beside", other, acceptance=Acceptance("甲", ""), accept_warnings=True)
    found = merge([tmp_path / "below", tmp_path / "beside"], tmp_path / "both", strict)
    assert [(e.district, e.unit) for e in found.entries] == [
        (district, unit) for district in ("440397", CODE) for unit in UNITS
    ]
    assert {e.outcome for e in found.entries} == {"merged"}
    rows = table(tmp_path / "both" / "汇总表.xlsx", "来源")
    assert [row[9:11] for row in rows if row[1] == WARNED] == [(1, "甲"), (0, None)]


def test_acceptances_travel(
    three: Region, office: Campaign, city: Campaign, tmp_path: Path
) -> None:
    given = Acceptance("甲", "单位有说明")
    back = three.districts[CODE].returns
    merge([back], tmp_path / "below", office, accept_warnings=True, acceptance=given)
    found = merge([tmp_path / "below"], tmp_path / "all", city)
    assert by_unit(found) == MERGED
    assert sources(tmp_path / "all") == {
        **dict.fromkeys(UNITS, (0, None, None, None)),
        WARNED: (1, "甲", "单位有说明", None),
    }
    assert not (city.folder / ACCEPTED).exists()
    (recorded,) = read_proof(tmp_path / "all").acceptances[digest(back / f"{WARNED}.xlsx")]
    assert (recorded.acceptance.reviewer, recorded.acceptance.reason) == ("甲", "单位有说明")
    (seen,) = read_proof(tmp_path / "all").seen
    assert (seen.unit_code, seen.code, seen.accepted_by) == (WARNED, "AMT-004", ("甲",))
    assert recorded.seen == {seen.fingerprint}


def test_they_cover_only_what_was_seen(three: Region, city: Campaign, tmp_path: Path) -> None:
    """The city finds the same texts in three districts: nobody below has seen that."""
    found = merge([*three.results.values()], tmp_path / "all", city)
    assert found.folder is None
    assert {entry.outcome for entry in found.entries} == {"warnings"}
    for entry in found.entries:
        if entry.unit == WARNED:
            assert re.fullmatch(r"另有 \d+ 处提醒没有接受过：XW-008；请审核", entry.detail)
        else:
            assert re.fullmatch(r"\d+ 处提醒：XW-008", entry.detail)


def test_what_two_reviewers_accepted_is_kept_of_both(
    three: Region, office: Campaign, city: Campaign, tmp_path: Path
) -> None:
    back = three.districts[CODE].returns
    merge(
        [back],
        tmp_path / "below",
        office,
        accept_warnings=True,
        acceptance=Acceptance("甲", "区里核过"),
    )
    results = [tmp_path / "below", three.results["440397"]]
    given = Acceptance("乙", "两区项目相同")
    found = merge(results, tmp_path / "all", city, accept_warnings=True, acceptance=given)
    assert {entry.outcome for entry in found.entries} == {"merged"}
    file = digest(back / f"{WARNED}.xlsx")
    proof = read_proof(tmp_path / "all")
    assert sorted(each.acceptance.reviewer for each in proof.acceptances[file]) == ["乙", "甲"]
    who = {(s.code, s.accepted_by) for s in proof.seen if s.sha256 == file}
    assert who == {("AMT-004", ("乙", "甲")), ("XW-008", ("乙",))}
    rows = [row for row in table(tmp_path / "all" / "汇总表.xlsx", "来源") if row[7] == file]
    assert [(set(row[10].split("、")), set(row[11].split("；"))) for row in rows] == [
        ({"甲", "乙"}, {"区里核过", "两区项目相同"})
    ]
    whose = [each.acceptance for each in proof.acceptances[file]]
    assert whose == sorted(whose, key=lambda each: (each.time, each.reviewer))
    recorded = [line[1:6] for line in lines(city.folder / ACCEPTED)[1:]]
    assert ["乙", "两区项目相同", WARNED, f"{WARNED}.xlsx", file] in recorded
    assert merge(results, tmp_path / "all", city).changed is False


def test_what_the_city_accepted_is_accepted_further_up(
    three: Region, city: Campaign, tmp_path: Path
) -> None:
    """In whatever order results come, what is found in them is the same."""
    results = [*three.results.values()]
    merge(results, tmp_path / "all", city, accept_warnings=True)
    again = merge([results[n] for n in (2, 0, 1)], tmp_path / "all", city)
    assert {entry.outcome for entry in again.entries} == {"merged"}
    assert again.changed is False
    office = District("440300", "云海市", city, tmp_path)
    province = make_city("target", {"440300": office}, tmp_path / "province")
    above = merge([tmp_path / "all"], tmp_path / "whole", province)
    assert [(e.district, e.unit, e.outcome) for e in above.entries] == [
        (code, unit, "merged") for code in sorted(three.districts) for unit in UNITS
    ]
    for part in ("data/project.parquet", "data/submission.parquet", "导入文件.xlsx"):
        assert (tmp_path / "whole" / part).read_bytes() == (tmp_path / "all" / part).read_bytes()
    names = [row[:2] for row in table(tmp_path / "whole" / "汇总表.xlsx", "地区合计")[1:-1]]
    assert names == [(code, DISTRICTS[code]) for code in sorted(DISTRICTS)]


def test_a_district_that_the_list_gives_no_code(
    three: Region, city: Campaign, tmp_path: Path
) -> None:
    """下级.csv may leave it out: it is what the seals say, and the name is what the list says."""
    offices = [Office("", district.name, district.key) for district in three.districts.values()]
    write_csv(city.folder / LOWER, [COLUMNS, *(line_for(office) for office in offices)])
    merge([three.results[CODE]], tmp_path / "all", city)
    (row, _) = table(tmp_path / "all" / "汇总表.xlsx", "地区合计")[1:]
    assert row[:3] == (CODE, DISTRICTS[CODE], 15)


def test_waivers_travel_and_cover_only_what_was_seen(
    three: Region, office: Campaign, city: Campaign, tmp_path: Path
) -> None:
    back = three.districts[CODE].returns
    with check_files([back], office) as checked:
        found = [f for number in range(4) for f in checked.verdict.of(number)]
        (warning,) = [each for each in found if each.code == "AMT-004"]
    write_csv(
        office.folder / WAIVERS,
        [
            ["规则", "单位代码", "项目", "理由", "有效期至", "摘要"],
            ["AMT-004", WARNED, "", "按批复", "", warning.fingerprint],
        ],
    )
    below = merge([back], tmp_path / "below", load_campaign(office.folder))
    where = f"AMT-004 {warning.sheet} {warning.cell}（按批复）"
    assert by_unit(below) == {**MERGED, WARNED: ("merged", f"已豁免：{where}")}
    above = merge([tmp_path / "below"], tmp_path / "all", city)
    assert by_unit(above) == {**MERGED, WARNED: ("merged", f"已豁免：{where}")}
    assert [(f.code, f.severity, f.waiver) for f in above.waived] == [("AMT-004", "info", "按批复")]
    assert sources(tmp_path / "all")[WARNED] == (0, None, None, where)
    path = tmp_path / "below" / "proof" / "seen.parquet"
    pl.read_parquet(path).with_columns(fingerprint=pl.lit("a" * 12)).write_parquet(path)
    manifest = read_seal(tmp_path / "below").manifest
    manifest = replace(manifest, number=2, files=files_in(tmp_path / "below"))
    seal_folder(tmp_path / "below", manifest, seal.load_key(office.folder / KEY_FILE))
    again = merge([tmp_path / "below"], tmp_path / "again", city)
    assert by_unit(again) == {**MERGED, WARNED: ("warnings", "1 处提醒：AMT-004")}


# -- a roster of the city -------------------------------------------------------------------------


def test_a_city_that_knows_all_units(three: Region, city: Campaign, tmp_path: Path) -> None:
    """Its roster names the district of each unit: a whole district that is missing is seen."""
    rows = [["行政区划", "单位代码", "单位名称", "主管部门", "部门代码"]]
    rows += [
        [code, unit.unit_code, unit.unit_name, unit.department, unit.department_code]
        for code, district in sorted(three.districts.items())
        for unit in district.campaign.roster
    ]
    write_csv(city.folder / "units.csv", rows)
    campaign = load_campaign(city.folder)
    results = [three.results[code] for code in ("440397", "440398")]
    merge(results, tmp_path / "all", campaign, accept_warnings=True)
    ledger = lines(tmp_path / "all" / "合并清单.csv")[1:]
    names = {unit.unit_code: unit.unit_name for unit in three.districts[OURS].campaign.roster}
    assert ledger[8:] == [[OURS, unit, names[unit], "", "未交", "", ""] for unit in UNITS]
    assert [(line[0], line[1], line[4]) for line in ledger[:8]] == [
        (code, unit, "已合并") for code in ("440397", "440398") for unit in UNITS
    ]
    counted = {
        line[1]: line[4:10]
        for line in lines(tmp_path / "all" / "对账.csv")
        if line[0] in ("合计", "行政区划")
    }
    assert counted == {
        "": ["未交 4 个单位", "12", "8", "8", "8", "4"],
        "440397": ["", "4", "4", "4", "4", "0"],
        "440398": ["", "4", "4", "4", "4", "0"],
        OURS: ["未交 4 个单位", "4", "0", "0", "0", "4"],
    }
