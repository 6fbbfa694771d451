"""The form of every issue is kept in the campaign's folder, under its digest."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from author_mistakes import FORM, write_form
from helpers import FORMS, make_campaign
from reissued import with_changed

from xltool.errors import OfficeError
from xltool.form.loading import load_form
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.csv_files import read_csv, write_csv
from xltool.office.issued import REGISTER, forms_issued
from xltool.office.kept_forms import FOLDER, earlier_forms, kept_folder
from xltool.office.trust import Record
from xltool.write.issuing import issue

COMMON = '{% macro note() %}<row><text colspan="5">说明</text></row>{% endmacro %}\n'
WITH_COMMON = (
    '<form paper="A4"',
    '{% import "_common/note.j2" as common %}\n<form paper="A4"',
)


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign with a form of its own, which takes a fragment; issued."""
    folder = write_form(tmp_path / "office", {"layout": WITH_COMMON})
    (folder / "templates" / "_common").mkdir()
    (folder / "templates" / "_common" / "note.j2").write_text(COMMON, encoding="utf-8")
    campaign = load_campaign(folder)
    issue(campaign)
    return campaign


def names(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def digests(campaign: Campaign) -> list[str]:
    """The digests in the register, in the order of the issues."""
    return list(dict.fromkeys(forms_issued(campaign.folder).values()))


def test_what_is_kept(office: Campaign) -> None:
    (digest,) = digests(office)
    assert names(office.folder / FOLDER) == [
        f"{digest}/templates/{FORM}/_common/note.j2",
        f"{digest}/templates/{FORM}/layout.xml.j2",
        f"{digest}/validators/{FORM}.py",
        "说明.txt",
    ]
    kept = load_form(FORM, kept_folder(office.folder, digest))
    assert (kept.title, list(kept.tables)) == (office.form.title, list(office.form.tables))


@pytest.mark.parametrize("example", FORMS)
def test_built_in_forms_are_kept_too(example: str, tmp_path: Path) -> None:
    campaign = make_campaign(example, tmp_path / "office")
    (digest,) = digests(campaign)
    kept = load_form(campaign.form.id, kept_folder(campaign.folder, digest))
    assert [rule.code for rule in kept.rules] == [rule.code for rule in campaign.form.rules]
    assert earlier_forms(campaign.folder, campaign.form, forms_issued(campaign.folder)) == {}


def test_the_same_form_is_kept_once(office: Campaign) -> None:
    before = names(office.folder)
    issue(office)
    assert names(office.folder) == before
    assert len(read_csv(office.folder / REGISTER)) == len(office.units)


EDITS = [
    (f"templates/{FORM}/layout.xml.j2", "工作任务", "年度任务"),
    (f"validators/{FORM}.py", "max_chars=500", "max_chars=300"),
    ("templates/_common/note.j2", "说明", "备注"),
]


@pytest.mark.parametrize("edit", EDITS, ids=["layout", "validator", "fragment"])
def test_a_form_that_changed_is_kept_beside_the_earlier_one(
    office: Campaign, edit: tuple[str, str, str]
) -> None:
    first = forms_issued(office.folder)
    assert earlier_forms(office.folder, office.form, first) == {}
    changed = with_changed(office, *edit)
    assert earlier_forms(office.folder, changed.form, first) == first
    issue(changed)
    later = digests(changed)  # what the seal does not say counts for all that bear it
    assert len(later) == (2 if edit == EDITS[0] else 1)
    kept = [path for path in (office.folder / FOLDER).iterdir() if path.is_dir()]
    assert len(kept) == 2
    back = with_changed(changed, edit[0], edit[2], edit[1])
    issue(back)
    assert sorted((office.folder / FOLDER).iterdir()) == sorted(
        [*kept, office.folder / FOLDER / "说明.txt"]
    )


def add_a_file(place: Path) -> None:
    (place / "validators" / "more.py").write_text("print(1)\n", encoding="utf-8")


def change_the_validator(place: Path) -> None:
    with (place / "validators" / f"{FORM}.py").open("a", encoding="utf-8") as file:
        file.write("\nprint(1)\n")


def lose_the_layout(place: Path) -> None:
    (place / "templates" / FORM / "layout.xml.j2").unlink()


def lose_it(place: Path) -> None:
    shutil.rmtree(place)


@pytest.mark.parametrize("damage", [add_a_file, change_the_validator, lose_the_layout, lose_it])
def test_a_copy_counts_only_with_its_digest(
    office: Campaign, damage: Callable[[Path], None]
) -> None:
    changed = with_changed(office, *EDITS[0])
    (digest,) = digests(office)
    damage(kept_folder(office.folder, digest))
    assert earlier_forms(office.folder, changed.form, forms_issued(office.folder)) == {}


def test_issuing_mends_a_copy(office: Campaign) -> None:
    (digest,) = digests(office)
    place = kept_folder(office.folder, digest)
    before = names(place)
    change_the_validator(place)
    issue(office)
    assert names(place) == before
    assert load_form(FORM, place).title == office.form.title


def test_issuing_refuses_a_copy_with_other_files(office: Campaign) -> None:
    (digest,) = digests(office)
    place = kept_folder(office.folder, digest)
    add_a_file(place)
    with pytest.raises(OfficeError) as caught:
        issue(office)
    assert str(caught.value) == f"{place}：这里有不是下发时保存的文件；请移走多出的文件，再下发"


def test_kept_forms_are_program_code(office: Campaign, tmp_path: Path) -> None:
    record = Record(tmp_path / "settings")
    record.note_trusted(office.folder)
    assert record.standing(office.folder) == "trusted"
    (digest,) = digests(office)
    change_the_validator(kept_folder(office.folder, digest))
    assert record.standing(office.folder) == "changed"


def test_issuing_ends_no_trust(office: Campaign, tmp_path: Path) -> None:
    """What `issue` keeps was trusted already; what had changed before was not."""
    record = Record(tmp_path / "settings")
    record.note_trusted(office.folder)
    with record.keeping(office.folder):
        issue(load_campaign(office.folder))
        (office.folder / FOLDER / "a.txt").write_text("1", encoding="utf-8")
    assert record.standing(office.folder) == "trusted"
    (office.folder / FOLDER / "a.txt").write_text("2", encoding="utf-8")
    with record.keeping(office.folder):
        issue(load_campaign(office.folder))
    assert record.standing(office.folder) == "changed"


def test_a_register_of_an_earlier_version(office: Campaign) -> None:
    """It has no column for the form: lines of then have none, later ones do."""
    path = office.folder / REGISTER
    rows = [row for _, row in read_csv(path)]
    heading = ("时间", "单位代码", "签发编号", "文件")
    write_csv(path, [heading, *([row[name] for name in heading] for row in rows)])
    assert forms_issued(office.folder) == {}
    issue(office)
    now = [row for _, row in read_csv(path)]
    assert [row["表"] for row in now] == ["" for _ in rows] + [rows[0]["表"] for _ in rows]
    assert list(now[0]) == [*heading, "表"]
