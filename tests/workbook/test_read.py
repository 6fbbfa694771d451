"""Reading many files: workers that hang or die cost one file; order, folders, copies."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import hostile
import pytest

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.office.campaign import Campaign
from xltool.returns.collecting import collect
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read, read_file
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding
from xltool.workbook.limits import Limits


def test_a_file_that_hangs_costs_only_itself(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    office = replace(target, limits=Limits(seconds=2))
    bad = hostile.blank_sheets(tmp_path / "a_slow.xlsx", good_target)
    good = shutil.copyfile(good_target, tmp_path / "b_good.xlsx")
    batch = read([tmp_path], office, jobs=1)
    assert [(found.file, found.problem) for found in batch.submissions] == [
        (str(bad), "读取超过 2 秒"),
        (str(good), None),
    ]
    assert (batch.submissions[1].seal, batch.submissions[1].unit) == ("ok", "226002")


@pytest.fixture(scope="module")
def judged(
    target: Campaign, good_target: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Batch, list[Finding]]:
    """Every hostile file with a good one after it, in one run."""
    folder = tmp_path_factory.mktemp("hostile")
    for builder in hostile.EVERY:
        builder(folder / f"{builder.__name__}.xlsx", good_target)
        shutil.copyfile(good_target, folder / f"{builder.__name__}_good.xlsx")
    batch = read([folder], target)
    return batch, check(batch).findings


@pytest.mark.parametrize("builder", hostile.EVERY, ids=lambda builder: builder.__name__)
def test_a_hostile_file_is_a_finding_and_costs_only_itself(
    judged: tuple[Batch, list[Finding]], builder: hostile.Builder
) -> None:
    batch, findings = judged
    found = {Path(each.file).stem: each for each in batch.submissions}
    bad, good = found[builder.__name__], found[f"{builder.__name__}_good"]
    assert bad.problem in hostile.EVERY[builder]
    assert (good.problem, good.unit, len(good.rows)) == (
        None,
        "226002",
        len(found["blank_rows_good"].rows),
    )
    said = [finding for finding in findings if finding.file == bad.file]
    if bad.problem is not None:
        assert [finding.code for finding in said] == ["TPL-008"]
    elif bad.unit is None:
        assert [finding.code for finding in said] == ["TPL-013"]
    assert all("passwd" not in str(each) and "root:" not in str(each) for each in (bad, *said))
    assert not Path("/tmp/xltool_hostile").exists()


def test_the_far_corner_is_refused_before_it_is_read(target: Campaign, tmp_path: Path) -> None:
    path = hostile.far_corner(tmp_path / "a.xlsx", tmp_path)
    assert read_file(path, settings_for(target, None)).problem == hostile.LARGE


def test_order_of_results_is_the_order_of_paths(
    declaration: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    issued = sorted((declaration.folder / "issued").glob("*.xlsx"), reverse=True)
    progress: list[tuple[int, int]] = []
    batch = read(
        [*issued, good_declaration],
        declaration,
        jobs=2,
        progress=lambda done, total: progress.append((done, total)),
    )
    assert [found.file for found in batch.submissions] == [
        str(p) for p in [*issued, good_declaration]
    ]
    assert [found.unit for found in batch.submissions] == [
        *("131002", "131001", "106003", "106002", "106001", "106001")
    ]
    assert progress == [(n, 6) for n in range(7)]


def test_workers_and_this_process_read_the_same(target: Campaign, good_target: Path) -> None:
    (found,) = read([good_target], target).submissions
    assert found == read_file(good_target, settings_for(target, None))


def test_copies_count_once(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b/副本.xlsx", "c.xlsx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(good_target, tmp_path / name)
    batch = read([tmp_path], target)
    assert [(Path(s.file).name, s.same_as) for s in batch.submissions] == [
        ("a.xlsx", None),
        ("副本.xlsx", "a.xlsx"),
        ("c.xlsx", "a.xlsx"),
    ]
    assert [number for number, _ in batch.counted()] == [0]
    assert sum(row.table == "project" for _, found in batch.counted() for row in found.rows) == 3


def test_unreadable_copies_are_each_unreadable(target: Campaign, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        (tmp_path / name).write_bytes(b"")
    batch = read([tmp_path], target)
    assert [(s.problem, s.same_as) for s in batch.submissions] == [
        ("文件是空的（0 字节）", None)
    ] * 2


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files that a run would read."""
    with collect(paths, Limits()) as found:
        return [file.path for file in found.files]


def test_files_in_folders(tmp_path: Path) -> None:
    names = [
        *(
            "b.xlsx",
            "a.xlsx",
            "区/子/c.xlsx",
            "区/d.ods",
            "~$a.xlsx",
            ".hidden.xlsx",
            ".git/e.xlsx",
        ),
        *("区/~$d.ods", "manifest.csv", "区/Thumbs.db", "note.txt"),
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in files_in([tmp_path])]
    assert [name for name in found if name not in ("区/Thumbs.db", "note.txt")] == [
        *("a.xlsx", "b.xlsx", "区/d.ods", "区/子/c.xlsx")
    ]
    assert files_in([tmp_path / "b.xlsx", tmp_path / "a.xlsx"]) == [
        tmp_path / "b.xlsx",
        tmp_path / "a.xlsx",
    ]
    # named twice, or by itself and through its folder: once
    twice = files_in([tmp_path / "b.xlsx", tmp_path, tmp_path / "b.xlsx"])
    assert len(twice) == len(found)
    assert twice[0] == tmp_path / "b.xlsx"
    # a file that is given by name is read, whatever it is called
    assert files_in([tmp_path / "manifest.csv"]) == [tmp_path / "manifest.csv"]


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(OfficeError, match=r"none\.xlsx：找不到这个文件或文件夹"):
        files_in([tmp_path / "none.xlsx"])
    with pytest.raises(OfficeError, match=r"文件夹里没有可检查的文件"):
        files_in([tmp_path])
    (tmp_path / "~$a.xlsx").write_bytes(b"x")
    with pytest.raises(OfficeError, match=r"文件夹里没有可检查的文件"):
        files_in([tmp_path])


def test_a_link_to_itself_ends(tmp_path: Path, good_target: Path) -> None:
    (tmp_path / "a").mkdir()
    shutil.copyfile(good_target, tmp_path / "a" / "a.xlsx")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "gone.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    assert [path.name for path in files_in([tmp_path])] == ["a.xlsx"]


def test_a_file_that_may_not_be_read_is_a_problem(
    target: Campaign, good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shutil.copyfile(good_target, tmp_path / "a.xlsx")
    settings = settings_for(target, None)

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert read_file(path, settings).problem == "文件打不开：没有权限，或正被别的程序打开"


def test_an_unknown_form_is_the_offices_mistake(good_target: Path) -> None:
    with pytest.raises(OfficeError, match=r"没有名为「nothing」的表。可用的表："):
        read([good_target], None, form="nothing")


def test_names_that_are_no_text(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """Archives from Windows unpack to names in another encoding; the file is read all the same."""
    name = "图书馆.xlsx".encode("gb18030")
    path = Path(str(tmp_path)) / name.decode("utf-8", "surrogateescape")
    shutil.copyfile(good_target, path)

    batch = read([tmp_path], target)
    assert [(found.problem, found.seal) for found in batch.submissions] == [(None, "ok")]
    assert check(batch).findings == []
