"""What an office is told of its lists before it issues: files that would not be seen, and what looks odd in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process
from helpers import make_campaign
from merges import files
from small import put_key

xltool = pytest.fixture(in_this_process)

TOML = 'form = "futian_2024_declaration"\nyear = 2027\ndistrict = "440399"\nspare = 1\n'
UNITS = "单位代码,单位名称,主管部门\n006001,虚构区服务中心,虚构区服务局\n006002,虚构区档案馆,虚构区服务局\n"
PROJECTS = (
    "单位代码,项目编码,项目名称,实施期限,项目类型,分配方式,项目总金额（中期规划，万元）,本年度项目金额（万元）,政策依据\n"
    "006001,440399271063100100008,数据应用研究,3,31 履职类项目,项目法,207.00,69.00,三定方案\n"
)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A campaign with two units and one project."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "campaign.toml").write_text(TOML, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    put_key(folder)
    return folder


def save_as(book: str) -> str:
    """What to do with a file of a kind that is not read."""
    return f"这种文件不读取，请另存为 {book}.xlsx 或 CSV UTF-8"


UNSEEN = [  # the list, what lies there instead, and what to do
    ("projects.csv", "projects.xls", save_as("projects")),
    ("projects.csv", "projects.et", save_as("projects")),
    ("projects.csv", "projects.ods", save_as("projects")),
    ("projects.csv", "projects.txt", save_as("projects")),
    ("projects.csv", "Projects.XLS", save_as("projects")),
    ("projects.csv", "projects.xlsm", save_as("projects")),
    ("projects.csv", "projects.csv.txt", save_as("projects")),
    ("projects.csv", "Projects.xlsx", "请改名为 projects.xlsx"),
    ("projects.csv", "projects.XLSX", "请改名为 projects.xlsx"),
    ("projects.csv", "PROJECTS.CSV", "请改名为 projects.csv"),
    ("projects.csv", "projects.csv.csv", "请改名为 projects.csv"),
    ("projects.csv", "projects.xlsx.xlsx", "请改名为 projects.xlsx"),
    ("units.csv", "units.xls", save_as("units")),
    ("units.csv", "Units.csv", "请改名为 units.csv"),
    ("waivers.csv", "waivers.xls", save_as("waivers")),
    ("下级.csv", "下级.ods", save_as("下级")),
    ("部门控制数.csv", "部门控制数.et", save_as("部门控制数")),
    ("项目金额.csv", "项目金额.XLSX", "请改名为 项目金额.xlsx"),
]


@pytest.mark.parametrize(("name", "other", "step"), UNSEEN)
def test_lists_that_are_not_seen(
    xltool: Xltool, office: Path, name: str, other: str, step: str
) -> None:
    (office / name).unlink(missing_ok=True)
    (office / other).write_bytes(b"x")
    if (office / name).exists() or (office / name).with_suffix(".xlsx").exists():
        pytest.skip("this disk does not tell names of another case apart")
    before = files(office)
    run = xltool("issue", office)
    assert run == Run(2, "", f"错误：{office}：没有 {name}；这里有 {other}，{step}\n")
    assert xltool("campaign", "check", office) == run
    assert files(office) == before


SEEN = ["projects.xls", "units.ods", "Units.txt", "projects.docx", "projects_old.xls", "waivers.md"]


@pytest.mark.parametrize("other", SEEN)
def test_files_that_nobody_means(xltool: Xltool, office: Path, other: str) -> None:
    """The list is there; or the file is no table, or has another name."""
    (office / other).write_bytes(b"x")
    assert xltool("campaign", "check", office) == Run(
        0, f"{office}：没有发现错误，有 2 个单位、1 个项目\n", ""
    )


def notes(run: Run) -> list[str]:
    """The lines that a command tells the office, without their first word."""
    return [line.removeprefix("注意：") for line in run.err.splitlines()]


def test_no_projects_at_all(xltool: Xltool, office: Path) -> None:
    (office / "projects.csv").unlink()
    said = ["没有项目（projects.csv）：每份只有备用表"]
    assert notes(xltool("campaign", "check", office)) == said
    run = xltool("issue", office)
    assert (run.code, notes(run)) == (0, said)


def test_a_form_without_projects(xltool: Xltool, office: Path) -> None:
    (office / "projects.csv").unlink()
    toml = TOML.replace("futian_2024_declaration", "longgang_2023_unit")
    (office / "campaign.toml").write_text(toml, encoding="utf-8")
    assert notes(xltool("campaign", "check", office)) == []


CODES: list[tuple[Sequence[str], list[str]]] = [
    (("006001", "006002", "7001"), ["7001 只有 4 位，其余都是 6 位"]),
    (("006001", "006002", "007003", "7001", "7002"), ["7001、7002 只有 4 位，其余都是 6 位"]),
    (("016001001", "016001002", "16002001"), ["16002001 只有 8 位，其余都是 9 位"]),
    (("006001", "006002"), []),
    (("006001", "7001"), []),  # which of the two is the usual one?
    (("006001", "7001", "7002"), []),
    (("106001", "106002", "106"), []),  # a department, and what belongs to it
    (("006001", "006002", "7001", "80"), []),
    (("006001", "006002", "A001"), []),
    (("00600A", "006002", "7001"), []),
]


@pytest.mark.parametrize(("codes", "said"), CODES)
def test_codes_without_their_zeros(
    xltool: Xltool, office: Path, codes: Sequence[str], said: list[str]
) -> None:
    lines = [f"{code},虚构区第{number}中心" for number, code in enumerate(codes)]
    (office / "units.csv").write_text("\n".join(["单位代码,单位名称", *lines]), encoding="utf-8")
    projects = PROJECTS.replace("\n006001", f"\n{codes[0]}")
    (office / "projects.csv").write_text(projects, encoding="utf-8")
    run = xltool("campaign", "check", office)
    wanted = [f"单位代码 {words}；前面的 0 是否被 Excel 去掉了？" for words in said]
    assert (run.code, notes(run)) == (0, wanted)


def test_many_codes_without_their_zeros(xltool: Xltool, office: Path) -> None:
    codes = [*range(7001, 7008), *(f"00600{n}" for n in range(1, 10))]
    lines = [f"{code},虚构区第{number}中心" for number, code in enumerate(codes)]
    (office / "units.csv").write_text("\n".join(["单位代码,单位名称", *lines]), encoding="utf-8")
    assert notes(xltool("campaign", "check", office)) == [
        "单位代码 7001、7002、7003、7004、7005 等 7 个单位只有 4 位，其余都是 6 位；前面的 0 是否被 Excel 去掉了？"
    ]


COLUMNS = {
    "部门编号": ["units.csv 没有用到的列：部门编号，是不是 部门代码？"],
    "单位编号": ["units.csv 没有用到的列：单位编号"],
    "部门编码": [],
    "department_code": [],
    "联系人": ["units.csv 没有用到的列：联系人"],
    "联系人,部门编号,电话": [
        "units.csv 没有用到的列：部门编号，是不是 部门代码？",
        "units.csv 没有用到的列：联系人、电话",
    ],
    "部门代码,部门编号": ["units.csv 没有用到的列：部门编号"],
}


@pytest.mark.parametrize("columns", COLUMNS)
def test_columns_that_nothing_uses(xltool: Xltool, office: Path, columns: str) -> None:
    blank = ",106" * len(columns.split(","))
    head, *lines = UNITS.splitlines()
    text = "\n".join([f"{head},{columns}", *(line + blank for line in lines)])
    (office / "units.csv").write_text(text, encoding="utf-8")
    run = xltool("campaign", "check", office)
    assert (run.code, notes(run)) == (0, COLUMNS[columns])


def test_a_blank_that_no_unit_can_fill(xltool: Xltool, tmp_path: Path) -> None:
    office = make_campaign("declaration", tmp_path / "office").folder
    lists = office / "projects.csv"
    text = lists.read_text(encoding="utf-8-sig")
    assert text.count(",1248.29,312.40,") == 1
    lists.write_text(text.replace(",1248.29,312.40,", ",1248.29,,"), encoding="utf-8")
    run = xltool("campaign", "check", office)
    assert run.code == 0
    assert run.err.splitlines() == [
        "注意：1 个项目没有预填“本年度项目金额（万元）”，表中锁定，单位填不了："
        "106001 政务信息系统运行维护（第 2 行）"
    ]


@pytest.mark.parametrize(("spare", "code"), [(2, 0), (0, 2)])
def test_new_projects_may_fill_up_a_control_figure(
    xltool: Xltool, tmp_path: Path, spare: int, code: int
) -> None:
    """What is prefilled may be less than the department is given, as long as there are spare sheets."""
    office = make_campaign("declaration", tmp_path / "office").folder
    settings = (office / "campaign.toml").read_text(encoding="utf-8")
    text = settings.replace("spare = 2", f"spare = {spare}")
    (office / "campaign.toml").write_text(text, encoding="utf-8")
    figures = "部门代码,单位数,控制数（万元）\n106,3,99999.00\n"
    (office / "部门控制数.csv").write_text(figures, encoding="utf-8")
    run = xltool("campaign", "check", office)
    assert run.code == code
    assert ("XW-005" in run.err) == (code == 2)
