"""A result that was altered on its way, or that its own office made up, is refused in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from districts import DISTRICTS, Region, make_city, make_district, region
from helpers import own_copy

from xltool.errors import OfficeError
from xltool.merging.merge import MergeResult, merge
from xltool.merging.sealing import files_in, read_seal, seal_folder
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.lower import LOWER, Office, Seen, note_seen, refuse_older

CODE, OTHER = "440398", "440397"


pytestmark = pytest.mark.usefixtures("parts_made_here")


@pytest.fixture(scope="module")
def three() -> Region:
    return region("target")


@pytest.fixture
def city(three: Region, tmp_path: Path) -> Campaign:
    return three.city(tmp_path / "city")


@pytest.fixture
def result(three: Region, tmp_path: Path) -> Path:
    """A copy of what one district handed up."""
    return shutil.copytree(three.results[CODE], tmp_path / "result")


def refusal(city: Campaign, *results: Path) -> tuple[str, Path | str | None]:
    """The message with which a merge refuses, and the path that it names; nothing is written."""
    out = city.folder.parent / "out"
    with pytest.raises(OfficeError) as error:
        merge(list(results), out, city, accept_warnings=True)
    assert not out.exists()
    assert not (city.folder / "合并记录.csv").exists()
    return error.value.message, error.value.path


def rewrite(path: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change a Parquet file as anybody can with polars."""
    before = pl.read_parquet(path)
    after = change(before)
    assert not after.equals(before)
    after.write_parquet(path)


def sign(folder: Path, office: Campaign) -> None:
    """Name all files of a result anew, and sign that with the key of an office."""
    manifest = read_seal(folder).manifest
    key = seal.load_key(office.folder / KEY_FILE)
    seal_folder(folder, replace(manifest, files=files_in(folder)), key)


def test_what_nobody_altered_is_taken(city: Campaign, result: Path, tmp_path: Path) -> None:
    found: MergeResult = merge([result], tmp_path / "out", city, accept_warnings=True)
    assert [entry.outcome for entry in found.entries] == ["merged"] * 4


# -- altered files --------------------------------------------------------------------------------


def more(frame: pl.DataFrame) -> pl.DataFrame:
    """The first project costs more."""
    first = pl.int_range(pl.len()) == 0
    year = pl.col("amount_year")
    return frame.with_columns(amount_year=pl.when(first).then(year + 1).otherwise(year))


def invented(frame: pl.DataFrame) -> pl.DataFrame:
    """A unit more, made of the first one."""
    return pl.concat([frame, frame.head(1).with_columns(unit_code=pl.lit("999001"))])


def shortened(frame: pl.DataFrame) -> pl.DataFrame:
    """A row less."""
    return frame.slice(1)


def by_another(frame: pl.DataFrame) -> pl.DataFrame:
    """Accepted by somebody else."""
    return frame.with_columns(reviewer=pl.lit("局长"))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("data/project.parquet", more, id="a value"),
        pytest.param("data/indicator.parquet", shortened, id="a row less"),
        pytest.param("data/submission.parquet", invented, id="an invented unit"),
        pytest.param("data/project.parquet", invented, id="an invented project"),
        pytest.param("proof/acceptance.parquet", by_another, id="an acceptance"),
        pytest.param("proof/submission.parquet", shortened, id="what became of a return"),
    ],
)
def test_an_altered_file(
    city: Campaign, result: Path, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    rewrite(result / name, change)
    assert refusal(city, result) == (
        f"合并结果与写出时不同：改动过的 {name}；请向报送的单位重新索取",
        result,
    )


def test_a_file_that_polars_only_wrote_again(city: Campaign, result: Path) -> None:
    """The bytes are sealed, not what they mean."""
    path = result / "data" / "project.parquet"
    pl.read_parquet(path).write_parquet(path, compression="uncompressed")
    assert refusal(city, result)[0] == (
        "合并结果与写出时不同：改动过的 data/project.parquet；请向报送的单位重新索取"
    )


def test_bytes_of_a_file(city: Campaign, result: Path) -> None:
    path = result / "data" / "project.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert refusal(city, result)[0] == (
        "合并结果与写出时不同：改动过的 data/project.parquet；请向报送的单位重新索取"
    )


def test_files_of_another_district(three: Region, city: Campaign, result: Path) -> None:
    for name in ("project", "indicator"):
        path = Path("data") / f"{name}.parquet"
        shutil.copyfile(three.results[OTHER] / path, result / path)
    assert refusal(city, result, three.results[OTHER])[0] == (
        "合并结果与写出时不同：改动过的 data/indicator.parquet、data/project.parquet；"
        "请向报送的单位重新索取"
    )


@pytest.mark.parametrize(
    "name", ["data/indicator.parquet", "proof/seen.parquet", "合并清单.csv", "汇总表.xlsx"]
)
def test_a_missing_file(city: Campaign, result: Path, name: str) -> None:
    (result / name).unlink()
    assert refusal(city, result)[0] == (
        f"合并结果与写出时不同：缺少 {name}；请向报送的单位重新索取"
    )


def test_a_further_file_among_the_data(city: Campaign, result: Path, tmp_path: Path) -> None:
    """A letter beside them is foreign and stays unread."""
    (result / "说明.docx").write_bytes(b"dear")
    assert merge([result], tmp_path / "taken", city, accept_warnings=True).number == 1
    (city.folder / "合并记录.csv").unlink()
    shutil.copyfile(result / "data" / "project.parquet", result / "data" / "project-2.parquet")
    assert refusal(city, result)[0] == (
        "合并结果与写出时不同：多出 data/project-2.parquet；请向报送的单位重新索取"
    )


def test_several_things_at_once(city: Campaign, result: Path) -> None:
    (result / "data" / "indicator.parquet").unlink()
    rewrite(result / "data" / "project.parquet", more)
    (result / "data" / "x.parquet").write_bytes(b"PAR1")
    assert refusal(city, result)[0] == (
        "合并结果与写出时不同：缺少 data/indicator.parquet；改动过的 data/project.parquet；"
        "多出 data/x.parquet；请向报送的单位重新索取"
    )


# -- the manifest and its signature ---------------------------------------------------------------

ALTERED = "合并结果的 manifest.json 与签名不符：写出后被改动过；请向报送的单位重新索取"


def test_an_altered_manifest(city: Campaign, result: Path) -> None:
    path = result / "manifest.json"
    text = path.read_text(encoding="utf-8")
    assert '"number": 1' in text
    path.write_text(text.replace('"number": 1', '"number": 2'), encoding="utf-8")
    assert refusal(city, result) == (ALTERED, result)


def test_an_altered_value_that_the_manifest_names(city: Campaign, result: Path) -> None:
    """All hashes are right again, but nobody signed them."""
    rewrite(result / "data" / "project.parquet", more)
    manifest = read_seal(result).manifest
    seal_folder(result, replace(manifest, files=files_in(result)), None)
    assert refusal(city, result) == (ALTERED, result)


@pytest.mark.parametrize("content", ["", "a b", "甲", "x"])
def test_a_signature_that_is_none(city: Campaign, result: Path, content: str) -> None:
    (result / "manifest.sig").write_text(content, encoding="utf-8")
    assert refusal(city, result) == (ALTERED, result)


def test_the_signature_of_another_district(three: Region, city: Campaign, result: Path) -> None:
    shutil.copyfile(three.results[OTHER] / "manifest.sig", result / "manifest.sig")
    assert refusal(city, result) == (ALTERED, result)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_a_manifest_that_is_none(city: Campaign, result: Path, content: bytes) -> None:
    (result / "manifest.json").write_bytes(content)
    assert refusal(city, result) == (
        "合并结果的 manifest.json 已损坏，或由另一版本生成；请重新合并",
        result,
    )


def test_a_manifest_of_another_layout(three: Region, city: Campaign, result: Path) -> None:
    manifest = replace(read_seal(result).manifest, layout=2)
    key = seal.load_key(three.districts[CODE].campaign.folder / KEY_FILE)
    seal_folder(result, manifest, key)
    assert refusal(city, result)[0] == (
        "合并结果的 manifest.json 已损坏，或由另一版本生成；请重新合并"
    )


def test_nobody_signed(three: Region, city: Campaign, tmp_path: Path) -> None:
    district = three.districts[CODE]
    office = own_copy(district.campaign, tmp_path / "office")
    (office.folder / KEY_FILE).unlink()
    merge([district.returns], tmp_path / "unsigned", office, accept_warnings=True)
    assert refusal(city, tmp_path / "unsigned") == (
        "合并结果没有签名（合并时没有签发密钥），不能汇总；请报送的单位用自己的密钥重新合并",
        tmp_path / "unsigned",
    )


def test_signed_by_somebody_unknown(
    three: Region, city: Campaign, result: Path, tmp_path: Path
) -> None:
    forger = own_copy(three.districts[CODE].campaign, tmp_path / "forger")
    key = seal.new_key()
    seal.save_key(key, forger.folder / KEY_FILE)
    rewrite(result / "data" / "project.parquet", more)
    sign(result, forger)
    assert refusal(city, result) == (
        f"合并结果由不认识的单位签名（公钥 ed25519:{seal.public_text(key.public_key())}）；"
        f"核对后请把它的行政区划、名称和公钥写入 {city.folder / LOWER}",
        result,
    )


def test_signed_by_another_district_that_is_known(
    three: Region, city: Campaign, result: Path
) -> None:
    """It can take over the result of a neighbour as it is, since seals speak for the units; no value."""
    rewrite(result / "data" / "project.parquet", invented)
    sign(result, three.districts[OTHER].campaign)
    assert refusal(city, result)[0] == (
        "合并结果的 project 里有不在清单中的单位 999001；请报送的单位重新合并"
    )


# -- numbers, years and forms ---------------------------------------------------------------------


def test_an_older_result_after_a_newer_one(three: Region, city: Campaign, tmp_path: Path) -> None:
    district = three.districts[CODE]
    office = own_copy(district.campaign, tmp_path / "office")
    returns = sorted(district.returns.iterdir())
    merge(returns[:3], tmp_path / "result", office, accept_warnings=True)
    older = shutil.copytree(tmp_path / "result", tmp_path / "older")
    assert merge([older], tmp_path / "all", city, accept_warnings=True).number == 1
    merge(returns, tmp_path / "result", office, accept_warnings=True)
    newer = tmp_path / "result"
    assert merge([newer], tmp_path / "all", city, accept_warnings=True).number == 2
    assert merge([newer], tmp_path / "all", city, accept_warnings=True).number == 2
    name = DISTRICTS[CODE]
    with pytest.raises(OfficeError) as error:
        merge([older], tmp_path / "all", city, accept_warnings=True)
    assert (error.value.message, error.value.path) == (
        f"{name}的这个合并结果是第 1 次的，已合并过第 2 次的；请用最新的结果",
        older,
    )
    sign(newer, office)
    rewrite(
        newer / "proof" / "submission.parquet",
        lambda frame: frame.with_columns(detail=pl.lit("新")),
    )
    sign(newer, office)
    with pytest.raises(OfficeError) as error:
        merge([newer], tmp_path / "all", city, accept_warnings=True)
    assert (error.value.message, error.value.path) == (
        f"{name}的这个合并结果与合并过的第 2 次不是同一个；请{name}重新合并后报送",
        newer,
    )


def test_another_year(three: Region, city: Campaign) -> None:
    path = city.folder / "campaign.toml"
    text = path.read_text(encoding="utf-8")
    assert "year = 2027" in text
    path.write_text(text.replace("year = 2027", "year = 2028"), encoding="utf-8")
    assert refusal(load_campaign(city.folder), three.results[CODE]) == (
        "合并结果是 2027 年度的，本次填报是 2028 年度",
        three.results[CODE],
    )


def test_another_form(three: Region, tmp_path: Path) -> None:
    city = make_city("national", three.districts, tmp_path / "city")
    assert refusal(city, three.results[CODE]) == (
        "合并结果是 longhua_2021_target 的，本次填报是 national_2015_declaration",
        three.results[CODE],
    )


def test_two_offices_of_one_district(three: Region, tmp_path: Path) -> None:
    """They could give the same codes to different units."""
    double = make_district("target", CODE, tmp_path)
    merge([double.returns], tmp_path / "double", double.campaign, accept_warnings=True)
    offices = {**three.districts, "": replace(double, code="")}
    city = make_city("target", offices, tmp_path / "city")
    # both say in their settings that they are of this district
    assert refusal(city, three.results[CODE], tmp_path / "double") == (
        f"行政区划 {CODE} 有两个签发单位（另一个在 {three.results[CODE]}）；"
        "请核对 下级.csv 和各自的 district",
        tmp_path / "double",
    )


# -- what a district makes up and signs with its own key ------------------------------------------


def test_another_district_than_we_know(three: Region, city: Campaign, result: Path) -> None:
    """The code in 下级.csv and that in the result are one district's."""
    lines = (city.folder / LOWER).read_text(encoding="utf-8-sig")
    (city.folder / LOWER).write_text(lines.replace(f"{CODE},", "440311,"), encoding="utf-8")
    assert refusal(city, result) == (
        f"合并结果里“{DISTRICTS[CODE]}”的行政区划是 {CODE}，"
        f"{city.folder / LOWER} 里写的是 440311；请核对",
        result,
    )


def test_a_seal_of_another_unit(three: Region, city: Campaign, result: Path) -> None:
    """The seals of the units were made when they were issued to: they cannot be moved."""
    seals = pl.read_parquet(result / "proof" / "submission.parquet")["seal"].to_list()

    def moved(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(seal=pl.Series([seals[1], *seals[1:]]))

    rewrite(result / "proof" / "submission.parquet", moved)
    sign(result, three.districts[CODE].campaign)
    assert refusal(city, result) == (
        "合并结果里单位 215001（215001.xlsx）的签发信息不符；请报送的单位重新合并",
        result,
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [("unit_code", "999001"), ("issue_id", "000000000000"), ("district", OTHER), ("key", "AAAA")],
)
def test_what_a_seal_does_not_say(
    three: Region, city: Campaign, result: Path, column: str, value: str
) -> None:
    """A return moved to an invented unit, another issue, another district or another office."""
    first = pl.int_range(pl.len()) == 0

    def changed(frame: pl.DataFrame) -> pl.DataFrame:
        other = pl.when(first).then(pl.lit(value)).otherwise(column).alias(column)
        return frame.with_columns(other)

    rewrite(result / "proof" / "submission.parquet", changed)
    if column in ("unit_code", "district"):  # the rows go with it
        digest = pl.read_parquet(result / "proof" / "submission.parquet")["sha256"][0]
        for path in (result / "data").iterdir():
            moved = pl.when(sha256=digest).then(pl.lit(value)).otherwise(column).alias(column)
            rewrite(path, lambda frame, moved=moved: frame.with_columns(moved))  # type: ignore[misc]
    sign(result, three.districts[CODE].campaign)
    unit = value if column == "unit_code" else "215001"
    assert refusal(city, result)[0] == (
        f"合并结果里单位 {unit}（215001.xlsx）的签发信息不符；请报送的单位重新合并"
    )


@pytest.mark.parametrize("table", ["project", "indicator"])
def test_rows_of_nobody(three: Region, city: Campaign, result: Path, table: str) -> None:
    """Rows of a unit that the list of returns does not know."""
    rewrite(result / "data" / f"{table}.parquet", invented)
    sign(result, three.districts[CODE].campaign)
    assert refusal(city, result) == (
        f"合并结果的 {table} 里有不在清单中的单位 999001；请报送的单位重新合并",
        result,
    )


def test_an_error_that_a_district_lets_pass_is_found_again(
    three: Region, city: Campaign, result: Path, tmp_path: Path
) -> None:
    """A value that breaks a rule, put into the data and signed by the district itself."""

    def broken(frame: pl.DataFrame) -> pl.DataFrame:
        first = pl.int_range(pl.len()) == 0
        return frame.with_columns(overview=pl.when(~first).then("overview"))

    rewrite(result / "data" / "project.parquet", broken)
    sign(result, three.districts[CODE].campaign)
    found = merge([result], tmp_path / "out", city, accept_warnings=True)
    assert [(entry.unit, entry.outcome, entry.detail) for entry in found.entries] == [
        ("215001", "errors", "1 处错误：TXT-001"),
        *((unit, "merged", "") for unit in ("226001", "226002", "238001")),
    ]


def test_an_acceptance_that_names_nothing_seen(
    three: Region, city: Campaign, result: Path, tmp_path: Path
) -> None:
    """An acceptance covers what its reviewer saw: one without is worth nothing."""
    rewrite(
        result / "proof" / "acceptance.parquet",
        lambda frame: frame.with_columns(fingerprints=pl.lit("a" * 12)),
    )
    sign(result, three.districts[CODE].campaign)
    found = merge([result], tmp_path / "out", city)
    assert [(entry.unit, entry.outcome, entry.detail) for entry in found.entries] == [
        ("215001", "warnings", "另有 1 处提醒没有接受过：AMT-004；请审核"),
        *((unit, "merged", "") for unit in ("226001", "226002", "238001")),
    ]


def test_settings_that_are_none(three: Region, city: Campaign, result: Path) -> None:
    (path,) = result.glob("settings/*/settings.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "units": "alle"}), encoding="utf-8")
    sign(result, three.districts[CODE].campaign)
    assert refusal(city, result) == ("合并结果的 settings 已损坏；请重新合并", path.parent)


def test_two_merges_within_a_second(tmp_path: Path) -> None:
    """The results of the later one are the newest all the same."""
    office = Office(CODE, DISTRICTS[CODE], seal.public_text(seal.new_key().public_key()))
    older, newer = (Seen(office.key, number, str(number) * 64) for number in (1, 2))
    now = datetime(2026, 11, 21, 9, 30, 0)
    note_seen(tmp_path, [older], now)
    note_seen(tmp_path, [newer], now + timedelta(milliseconds=200))
    refuse_older(tmp_path, [(newer, tmp_path, office)])
    with pytest.raises(OfficeError) as error:
        refuse_older(tmp_path, [(older, tmp_path, office)])
    assert error.value.message == (
        f"{DISTRICTS[CODE]}的这个合并结果是第 1 次的，已合并过第 2 次的；请用最新的结果"
    )
