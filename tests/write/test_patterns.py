"""Patterns give the bytes of the ordinary path, whatever stands in the roster and the lists."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from helpers import FORMS, make_campaign, template
from random_forms import CODE
from small import small_campaign

from xltool.fields.kinds import Choice, Code, Date, Field, Integer
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign
from xltool.office.seal import Issue
from xltool.write import patterns
from xltool.write.issuing import issue as issue_all
from xltool.write.patterns import Workbooks
from xltool.write.submission import write_submission

STRUCTURES, UNITS = 3, 6
KEY = seal.new_key()
LINE = "全年开展网格巡查十二次，办结率不低于百分之九十五；"
TEXTS = (
    *(
        "甲项目",
        "甲项目",
        "乙",
        "单位",
        "项目名称",
        "✔",
        "0",
        "12",
        "=1+1",
        "TRUE",
        "#N/A",
        "\ue000",
    ),
    *(
        " 前后有空格 ",
        "两行\n文字",
        "<b>&\"'</b>",
        "]]>",
        "_x0041_",
        "控\x0b制",
        "https://a.cn",
        "𠀀",
    ),
    *(LINE, LINE * 3, LINE * 8, "\n" * 12 + "尾", "长" * 31, "W" * 90, "9" * 15, "x"),
)
NAMES = ("甲中心", "“乙”<局>&'处'", "长" * 70, "甲项目", "\ue000")
AMOUNTS = ("0", "0.01", "12.50", "1234567.89", "100")


def given(field: Field, random: Random) -> str:
    """What an office may prefill in a field."""
    kind = field.kind
    if isinstance(kind, Choice):
        return random.choice(field.choices)
    if isinstance(kind, Code):
        return CODE if field.digits else "2013601"
    if isinstance(kind, Date):
        return random.choice(("2027-03-01", "2027-12-31"))
    if isinstance(kind, Integer):
        return random.choice(("1", "2", "3"))
    return random.choice(AMOUNTS if kind.numeric else TEXTS)


def unit_of(base: Issue, campaign: Campaign, random: Random) -> Issue:
    """Another unit with the same fields prefilled."""
    fields = campaign.form.record_fields

    keys = {name for sheet in campaign.layout.sheets for b in sheet.blocks for name in b.keys}

    def varied(columns: Mapping[str, Field], row: Mapping[str, str]) -> dict[str, str]:
        """Other texts and numbers; days and keys stay, and by chance anything else."""
        return {
            name: text
            if name in keys or isinstance(columns[name].kind, Date) or random.random() < 0.1
            else given(columns[name], random)
            for name, text in row.items()
        }

    return replace(
        base,
        unit=random.choice(("106001", "238001", "&<")),
        unit_name=random.choice(NAMES),
        records=[varied(fields, record) for record in base.records],
        lines=[
            {
                table: [varied(campaign.form.tables[table].fields, row) for row in rows]
                for table, rows in lines.items()
            }
            for lines in base.lines
        ],
    )


def issues(campaign: Campaign, random: Random) -> Iterator[Issue]:
    """Units of several structures: as many sheets as the campaign gives one, and other fields."""
    fields = campaign.form.record_fields
    for _ in range(STRUCTURES):
        issued = campaign.issue_for(random.choice(list(campaign.units.values())))
        count = random.randint(1, min(3, len(issued.records)))
        extra = [
            {n: given(f, random) for n, f in fields.items() if random.random() < 0.1}
            for _ in range(count)
        ]
        records = [
            {**record} | {n: text for n, text in more.items() if campaign.form.is_known(record)}
            for record, more in zip(issued.records[-count:], extra, strict=True)
        ]
        base = replace(issued, records=records, lines=issued.lines[-count:])
        yield from [unit_of(base, campaign, random) for _ in range(UNITS)]


def parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook, in their order."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.slow
@pytest.mark.parametrize("example", FORMS)
def test_equal_to_the_ordinary_path(
    tmp_path: Path, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign(example, tmp_path)
    maker = Workbooks(campaign.form, campaign.layout, campaign.password)
    filled: list[bytes] = []
    fill = patterns._Pattern.filled

    def noted(pattern: patterns._Pattern, unit: patterns._Unit) -> bytes:
        filled.append(fill(pattern, unit))
        return filled[-1]

    monkeypatch.setattr(patterns._Pattern, "filled", noted)
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    for issue in issues(campaign, Random(example)):
        text = seal.sign(issue, KEY)
        one.write_bytes(maker.make(issue, text))
        write_submission(other, campaign.form, campaign.layout, issue, text, campaign.password)
        assert list(parts(one).items()) == list(parts(other).items())
        assert one.read_bytes() == other.read_bytes()
    assert len(filled) > len(maker.patterns)  # used, not only compared


def test_patterns_are_dropped_when_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign("unit", tmp_path)
    monkeypatch.setattr(patterns, "_MOST", 1)
    maker = Workbooks(campaign.form, campaign.layout, campaign.password)
    base = campaign.issue_for(next(iter(campaign.units.values())))
    kept = []
    for name in ("甲", "乙", "长" * 70, "久" * 70, "甲", "乙", "丙"):
        issue = replace(base, unit_name=name)
        text = seal.sign(issue, KEY)
        write_submission(tmp_path / "x.xlsx", campaign.form, campaign.layout, issue, text)
        assert maker.make(issue, text) == (tmp_path / "x.xlsx").read_bytes()
        kept.append(list(maker.patterns))
    assert [len(keys) for keys in kept] == [0, 1, 1, 1, 1, 1, 1]
    assert kept[1] == kept[2] != kept[3] == kept[4]
    assert kept[5] == kept[6] == kept[1]  # learnt anew


def test_a_pattern_that_gives_something_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign("unit", tmp_path)
    monkeypatch.setattr(patterns, "height_attributes", lambda _: "")
    maker = Workbooks(campaign.form, campaign.layout, campaign.password)
    issue = campaign.issue_for(next(iter(campaign.units.values())))
    issued = template(campaign, issue.unit).read_bytes()
    text = seal.sign(issue, seal.load_key(tmp_path / KEY_FILE))
    assert [maker.make(issue, text) == issued for _ in range(3)] == [True] * 3
    assert not maker.patterns


@pytest.mark.slow
def test_a_whole_roster_gets_the_bytes_of_single_issues(tmp_path: Path) -> None:
    """The first units are written in the ordinary way, the last ones by a pattern."""
    roster = [["单位代码", "单位名称"], *([f"10600{n}", f"甲{n}中心" * n] for n in range(1, 6))]
    campaign = small_campaign(
        "futian_2022_declaration",
        tmp_path,
        'district = "440399"',
        roster=roster,
        projects=[["单位代码"]],
    )
    before = {path.name: path.read_bytes() for path in (tmp_path / "issued").glob("*.xlsx")}
    for code in campaign.units:
        issue_all(campaign, [code], out=tmp_path / "single")
    after = {path.name: path.read_bytes() for path in (tmp_path / "single").glob("*.xlsx")}
    assert len(after) == 5
    assert after == before
