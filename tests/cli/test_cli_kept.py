"""Nothing of the office's is lost: no command writes over what came in, or over the office's own files."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from commands import Run, Xltool, in_this_process, refused
from helpers import answers, fill_unit, make_campaign, template

from xltool.office.campaign import Campaign
from xltool.write.issuing import issue

FORM = "longhua_2021_target"
READ = "这是要读的文件，不会覆盖；请写到别的文件"
AMONG = "这里是交回的文件，结果不能写在其中；请写到别的文件夹"
FOLDER = "这里是交回的文件，不会覆盖；请用另一个文件夹"
OF_MERGES = ("取舍.csv", "下级.csv", "下级记录.csv", "合并记录.csv")
OWN = "这是填报文件夹自己的文件，不会覆盖；请写到别的文件"
NO_COPY = (
    "这里已有同名的文件，不是以前写出的退回件，或者写出后改过，不会覆盖；请移走，或用另一个文件夹"
)
NOT_ISSUED = "不是以前下发的原件（不在 manifest.csv 里，或下发后改过），不会覆盖；请移走，或用 --out 换一个文件夹"


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(target: Campaign, tmp_path: Path) -> Path:
    """A campaign of its own, issued."""
    return Path(shutil.copytree(target.folder, tmp_path / "office"))


@pytest.fixture
def back(target: Campaign, tmp_path: Path) -> Path:
    """A folder with one faulty return."""
    data = answers("target", "238001")
    data["projects"][0]["项目概况"] = ""
    path = fill_unit(target, "238001", data, tmp_path / "238001.xlsx")
    (tmp_path / "back").mkdir()
    return path.rename(tmp_path / "back" / path.name).parent


def contents(folder: Path) -> dict[str, bytes]:
    """Everything that lies in a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def untouched(tmp_path: Path) -> Callable[[], bool]:
    """Whether everything lies as it lay when this was first asked."""
    before: list[dict[str, bytes]] = []

    def is_untouched() -> bool:
        before.append(contents(tmp_path))
        return before[0] == before[-1]

    return is_untouched


Untouched = Callable[[], bool]

# -- init ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["campaign.toml", "units.csv", "projects.csv", "keys/office.key", "keys/office.pub"]
)
def test_init_says_what_is_there(
    xltool: Xltool, tmp_path: Path, untouched: Untouched, name: str
) -> None:
    path = tmp_path / "office" / name
    path.parent.mkdir(parents=True)
    path.write_text("dear", encoding="utf-8")
    assert untouched()
    run = xltool("init", tmp_path / "office", "--form", FORM, "--year", 2027)
    refused(run, f"{tmp_path / 'office'}：这里已经有 {name}，不会覆盖；请换一个位置")
    assert untouched()


def test_init_takes_a_link_that_leads_nowhere_for_a_file(xltool: Xltool, tmp_path: Path) -> None:
    (tmp_path / "units.csv").symlink_to(tmp_path / "gone.csv")
    run = xltool("init", tmp_path, "--form", FORM, "--year", 2027)
    refused(run, f"{tmp_path}：这里已经有 units.csv，不会覆盖；请换一个位置")


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize("mask", [0o002, 0o077])
def test_the_key_is_its_owner_s_and_the_rest_as_the_umask_says(
    xltool: Xltool, tmp_path: Path, mask: int
) -> None:
    before = os.umask(mask)
    try:
        assert xltool("init", tmp_path / "office", "--form", FORM, "--year", 2027).code == 0
    finally:
        os.umask(before)
    modes = {
        p.name: stat.S_IMODE(p.stat().st_mode)
        for p in (tmp_path / "office").rglob("*")
        if p.is_file()
    }
    others = ("campaign.toml", "units.csv", "projects.csv", "office.pub")
    assert modes == {"office.key": 0o600, **dict.fromkeys(others, 0o666 & ~mask)}


# -- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["back", "back/../back", "link", "back/deep", "./back/."])
def test_copies_do_not_go_into_the_folder_of_returns(
    xltool: Xltool, office: Path, back: Path, tmp_path: Path, untouched: Untouched,
    monkeypatch: pytest.MonkeyPatch, spelling: str,
) -> None:  # fmt: skip
    (tmp_path / "link").symlink_to(back)
    monkeypatch.chdir(tmp_path)
    assert untouched()
    for given in (back, Path("back"), *([back / "238001.xlsx"] if spelling != "back/deep" else [])):
        run = xltool("check", given, "--campaign", office, "--return", spelling, "-o", "a.txt")
        refused(run, f"{Path(spelling)}：{FOLDER}")
    assert untouched()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("back/238001.xlsx", AMONG),
        ("back/../back/238001.xlsx", AMONG),
        ("link.xlsx", AMONG),
        ("elsewhere.xlsx", READ),
        ("back/new.txt", AMONG),
        ("office/units.csv", OWN),
        ("office/campaign.toml", OWN),
        ("office/keys/office.key", OWN),
        ("office/issued/manifest.csv", OWN),
        ("office/部门控制数.csv", OWN),
        ("office/检查记录.csv", OWN),
        *((f"office/{name}", OWN) for name in OF_MERGES),
        ("sent/manifest.csv", OWN),
    ],
)
@pytest.mark.parametrize("style", ["text", "xlsx"])
def test_the_report_takes_no_other_file_s_place(
    xltool: Xltool, office: Path, back: Path, tmp_path: Path, untouched: Untouched,
    monkeypatch: pytest.MonkeyPatch, name: str, message: str, style: str,
) -> None:  # fmt: skip
    """Neither a return, by any of its names, nor a file of the office's; a link counts as its file."""
    (tmp_path / "link.xlsx").symlink_to(back / "238001.xlsx")
    shutil.copyfile(back / "238001.xlsx", tmp_path / "elsewhere.xlsx")
    (back / "226002.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")
    shutil.copytree(office / "issued", tmp_path / "sent")
    for dear in ("部门控制数.csv", "检查记录.csv", *OF_MERGES):
        (office / dear).write_text("dear", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert untouched()
    run = xltool("check", "back", "--campaign", office, "--format", style, "-o", name)
    refused(run, f"{Path(name)}：{message}")
    run = xltool("check", "back/238001.xlsx", "--campaign", office, "-o", "link.xlsx")
    refused(run, f"link.xlsx：{READ}")
    assert untouched()


def test_the_office_s_files_are_known_by_their_names(
    xltool: Xltool, office: Path, good_target: Path, tmp_path: Path
) -> None:
    """Also where the run uses no campaign; a new file in its folder is nobody's."""
    refused(
        xltool("check", good_target, "-o", office / "units.csv"), f"{office / 'units.csv'}：{OWN}"
    )
    issued = next((office / "issued").glob("*.xlsx"))
    refused(xltool("check", good_target, "-o", issued), f"{issued}：{OWN}")
    for _ in "12":
        out = office / "结果.txt"
        assert xltool("check", good_target, "-o", out) == Run(0, "", f"已写出 {out}\n")
    assert xltool("status", office, "-o", office / "status.txt").code == 0
    refused(xltool("status", office, "-o", office / "units.csv"), f"{office / 'units.csv'}：{OWN}")
    refused(
        xltool("forms", FORM, "--preview", office / "units.csv"), f"{office / 'units.csv'}：{OWN}"
    )


def test_copies_are_written_again_over_those_of_an_earlier_run(
    xltool: Xltool, office: Path, back: Path, tmp_path: Path
) -> None:
    words = ("check", back, "--campaign", office, "--return", tmp_path / "again")
    for _ in "12":
        run = xltool(*words)
        assert run.code == 1
        assert run.err.splitlines()[-1] == f"已写出 1 份退回件，在 {tmp_path / 'again'}"
    (copy,) = (tmp_path / "again").iterdir()
    first = copy.read_bytes()
    book = openpyxl.load_workbook(back / "238001.xlsx")
    book["项目2"]["B8"] = None
    book.save(back / "238001.xlsx")
    assert xltool(*words).code == 1
    assert copy.read_bytes() == first  # what came now is another round
    assert len(list(copy.parent.iterdir())) == 2


def saved_again(path: Path) -> None:
    openpyxl.load_workbook(path).save(path)


def a_return(path: Path) -> None:
    shutil.copyfile(path.parents[1] / "back" / "238001.xlsx", path)


def a_text(path: Path) -> None:
    path.write_text("dear", encoding="utf-8")


def a_broken_package(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("docProps/core.xml", "2000-01-01T00:00:00Z" * 2)


@pytest.mark.parametrize("other", [saved_again, a_return, a_text, a_broken_package])
def test_copies_take_no_other_file_s_place(
    xltool: Xltool, office: Path, back: Path, tmp_path: Path, untouched: Untouched,
    other: Callable[[Path], object],
) -> None:  # fmt: skip
    """A copy that was filled in since, the return of an earlier round: neither the report is written."""
    words = ("check", back, "--campaign", office, "--return", tmp_path / "again")
    assert xltool(*words).code == 1
    (copy,) = (tmp_path / "again").iterdir()
    other(copy)
    assert untouched()
    refused(xltool(*words, "-o", tmp_path / "a.txt"), f"{copy}：{NO_COPY}")
    assert untouched()


# -- issue ---------------------------------------------------------------------------------------


def test_issued_again_after_a_mistake(xltool: Xltool, office: Path) -> None:
    issued = contents(office / "issued")
    (office / "campaign.toml").write_text(
        (office / "campaign.toml").read_text(encoding="utf-8").replace("spare = ", "spare = 1"),
        encoding="utf-8",
    )
    assert xltool("issue", office, "--zip-by", "department").code == 0
    assert contents(office / "issued") != issued
    assert xltool("issue", office, "--unit", "226002", "--zip-by", "department").code == 0
    assert xltool("issue", office, "--zip-by", "department").code == 0


def test_an_issue_replaces_only_what_an_issue_wrote(
    xltool: Xltool, target: Campaign, office: Path, tmp_path: Path, untouched: Untouched
) -> None:
    names = [unit.file_name for unit in target.units.values()]
    path = office / "issued" / names[1]
    saved_again(path)
    assert untouched()
    refused(xltool("issue", office), f"{path}：{NOT_ISSUED}")
    out = tmp_path / "returns"
    out.mkdir()
    for name in names[:2]:
        shutil.copyfile(template(target, name[:6]), out / name)
    (out / names[2]).mkdir()
    run = xltool("issue", office, "--out", out)
    refused(run, f"{out / names[0]}：等 3 个文件{NOT_ISSUED}")
    assert sorted(p.name for p in out.iterdir()) == sorted(names[:3])
    shutil.rmtree(out)
    assert untouched()


def test_an_issue_that_was_interrupted_is_begun_again(target: Campaign, tmp_path: Path) -> None:
    """What it had made appears together or not at all."""

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        issue(target, out=out, progress=interrupt)
    assert list(tmp_path.iterdir()) == []
    assert len(issue(target, out=out)) == 4


def test_archives_and_lists_of_others_are_kept(
    xltool: Xltool, office: Path, tmp_path: Path, untouched: Untouched
) -> None:
    words = ("issue", office, "--out", tmp_path / "out")
    archive = tmp_path / "out" / "云岭区文化体育局.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("226002.xlsx", "a return")
    assert untouched()
    refused(
        xltool(*words, "--zip-by", "department"),
        f"{archive}：不是以前打包的文件，不会覆盖；请移走，或用 --out 换一个文件夹",
    )
    assert untouched()
    manifest = tmp_path / "out" / "manifest.csv"
    manifest.write_text("甲,乙\n1,2\n", encoding="utf-8")
    refused(xltool(*words), f"{manifest} 第 2 行：这不是下发清单，不会覆盖；请移走，或换一个文件夹")
    assert manifest.read_text(encoding="utf-8") == "甲,乙\n1,2\n"


# -- fill ----------------------------------------------------------------------------------------


def test_fill_keeps_its_template_and_its_data(
    xltool: Xltool, office: Path, tmp_path: Path, untouched: Untouched
) -> None:
    issued = sorted((office / "issued").glob("*.xlsx"), key=lambda p: "226002" not in p.name)
    data, copy = tmp_path / "a.json", tmp_path / "a.xlsx"
    data.write_text(json.dumps(answers("target", "226002")), encoding="utf-8")
    shutil.copyfile(issued[0], copy)
    (tmp_path / "link.xlsx").symlink_to(copy)
    assert untouched()
    for out, message in (
        (copy, READ),
        (tmp_path / "link.xlsx", READ),
        (data, READ),
        (issued[1], OWN),
        (office / "projects.csv", OWN),
    ):
        refused(xltool("fill", copy, data, "-o", out), f"{out}：{message}")
    assert untouched()
    for _ in "12":
        assert xltool("fill", copy, data, "-o", tmp_path / "b.xlsx").code == 0


# -- merge ---------------------------------------------------------------------------------------


def test_merge_keeps_what_it_reads(
    xltool: Xltool, office: Path, good_target: Path, tmp_path: Path, untouched: Untouched
) -> None:
    back = tmp_path / "all" / "back"
    back.mkdir(parents=True)
    shutil.copyfile(good_target, back / "226002.xlsx")
    merged = tmp_path / "merged"
    words = ("--campaign", office, "--out")
    assert xltool("merge", back, *words, merged).code == 0
    shutil.copyfile(merged / "合并清单.csv", tmp_path / "all" / "合并清单.csv")  # an earlier result
    shutil.copytree(office, merged / "office")
    assert untouched()
    holds = "要读的文件在这个文件夹里，不会覆盖；请用另一个文件夹"
    for given, out, message in (
        (back, back, FOLDER),
        (back / "226002.xlsx", back, FOLDER),
        (back, back / "merged", FOLDER),
        (back, tmp_path / "all", holds),
        (merged, merged, FOLDER),
    ):
        refused(xltool("merge", given, *words, out), f"{out}：{message}")
    run = xltool("merge", back, "--campaign", merged / "office", "--out", merged)
    refused(run, f"{merged}：填报文件夹在这个文件夹里，不会覆盖；请用另一个文件夹")
    run = xltool("merge", back, *words, office)
    refused(run, f"{office}：填报文件夹在这个文件夹里，不会覆盖；请用另一个文件夹")
    assert untouched()


def test_the_approved_targets_are_kept(
    xltool: Xltool, tmp_path: Path, untouched: Untouched
) -> None:
    """A self-evaluation is measured by an earlier result: its own does not take that one's place."""
    campaign = make_campaign("selfeval", tmp_path / "office", units=["226002"])
    assert campaign.targets is not None
    back = fill_unit(campaign, "226002", answers("selfeval", "226002"), tmp_path / "226002.xlsx")
    assert untouched()
    run = xltool("merge", back, "--campaign", campaign.folder, "--out", campaign.targets)
    message = "这里是批准的绩效目标（targets），不会覆盖；请用另一个文件夹"
    refused(run, f"{campaign.targets}：{message}")
    ledger = campaign.targets / "合并清单.csv"
    refused(xltool("check", back, "--campaign", campaign.folder, "-o", ledger), f"{ledger}：{OWN}")
    assert untouched()
