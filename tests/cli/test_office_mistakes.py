"""What an office does wrong with its own files: each is told in one line, with the next step, and nothing goes out.

A good campaign is changed in one place (or a few), then issued. The whole message is expected; in it {o} stands for
the campaign's folder. Where there are several mistakes, all of them are told at once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process
from merges import files
from small import put_key

from xltool.form.loading import form_ids
from xltool.office.seal import new_key, save_key

xltool = pytest.fixture(in_this_process)
Rows = list[list[str]]

TOML = """\
form = "futian_2024_declaration"
year = 2027
title = "虚构区填报"
district = "440399"
deadline = 2026-12-15
spare = 1

[severity]
"TXT-003" = "info"

[fields.policy_basis]
required = true
"""
UNITS: Rows = [
    ["单位代码", "单位名称", "主管部门", "部门代码"],
    ["106001", "虚构区服务中心", "虚构区服务局", "106"],
    ["106002", "虚构区数据中心", "虚构区服务局", "106"],
    ["106003", "虚构区档案馆", "虚构区服务局", "106"],
]
HEAD = [
    *("单位代码", "项目编码", "项目名称", "实施期限", "项目类型", "分配方式"),
    *("项目总金额（中期规划，万元）", "本年度项目金额（万元）", "政策依据"),
]
PROJECTS: Rows = [
    HEAD,
    *[
        [unit, code, name, "3", "31 履职类项目", "项目法", "207.00", "69.00", "三定方案"]
        for unit, code, name in (
            ("106001", "440399271063100100008", "数据应用研究"),
            ("106001", "440399271063100100009", "大厅设备更新"),
            ("106002", "440399271063100100010", "数据治理服务"),
        )
    ],
]
WAIVERS: Rows = [
    ["规则", "单位代码", "项目", "理由", "有效期至", "摘要"],
    ["TXT-001", "106001", "", "涉密项目", "2027-06-30", "abcdefghijkl"],
]
KEY = "ed25519:ISwa/Hxa7dOGIYTG5RR9YfSgkDCVEiTHgXMlLGGRBvk="
LOWER: Rows = [["行政区划", "名称", "公钥"], ["440398", "虚构东区", KEY]]
CHOICES: Rows = [
    ["行政区划", "单位代码", "项目编码", "选用", "决定人", "时间", "理由"],
    ["440399", "106001", "", "a" * 64, "某人", "", ""],
]
OPINIONS: Rows = [
    ["单位代码", "位置", "项目", "栏目", "意见", "级别"],
    ["106001", "项目2!B9", "", "", "请写明数量", "错误"],
    ["106001", "", "440399271063100100009", "测算依据", "请写清单价", "提醒"],
]
FILES = {
    "units.csv": UNITS, "projects.csv": PROJECTS, "waivers.csv": WAIVERS,
    "下级.csv": LOWER, "取舍.csv": CHOICES, "意见.csv": OPINIONS,
}  # fmt: skip


def text_of(rows: Rows) -> str:
    """Rows as a text of CSV with line breaks of its own."""
    return "\n".join(",".join(row) for row in rows) + "\n"


@dataclass(frozen=True)
class Mistake:
    """Texts of a file that are replaced by others, and what is said then; `without` are files that are not there."""

    file: str
    changes: Sequence[tuple[str, str]]
    said: Sequence[str]
    without: Sequence[str] = ()


def one(file: str, old: str, new: str, said: str, *without: str) -> Mistake:
    """One change, one line."""
    return Mistake(file, [(old, new)], [said], without)


U, P, T, W = "units.csv", "projects.csv", "campaign.toml", "waivers.csv"
AGAIN = "请先把这一列设为文本，再重新输入"
OTHER = "不要的请删去这一列"
LOOKS = "同一个单位的请删去一行，不同的请写出区别"
DISTRICT = "设置项 district 应为 6 位数字的行政区划代码；请改正"

MISTAKES: dict[str, Mistake] = {
    # columns
    "unit column misspelt": one(U, "单位代码", "单位代号",
        "{o}/units.csv 第 1 行：缺少列“单位代码”，是不是写成了“单位代号”？请改这一列的列名"),
    "unit column missing": one(U, "单位名称", "简介",
        "{o}/units.csv 第 1 行：缺少列“单位名称”；请补上这一列"),
    "department misspelt": one(U, "主管部门", "主管部们",
        f"{{o}}/units.csv 第 1 行：没有列“主管部们”，是不是“主管部门”？请改列名；{OTHER}"),
    "code of the department misspelt": one(U, "部门代码", "部门代号",
        f"{{o}}/units.csv 第 1 行：没有列“部门代号”，是不是“部门代码”？请改列名；{OTHER}"),
    "column twice": one(U, "主管部门", "单位名称",
        "{o}/units.csv 第 1 行：列名“单位名称”重复；请改名，或删去多余的列"),
    "project column misspelt": one(P, "政策依据", "政策依椐",
        "{o}/projects.csv 第 1 行：列“政策依椐”不是「二级项目支出绩效目标申报表」的栏目，"
        f"是不是“政策依据”？请改列名，{OTHER}"),
    "project column unknown": one(P, "政策依据", "备注",
        f"{{o}}/projects.csv 第 1 行：列“备注”不是「二级项目支出绩效目标申报表」的栏目；请改列名，{OTHER}"),
    "no unit of the project": one(P, "单位代码", "单位代吗",
        "{o}/projects.csv 第 1 行：缺少列“单位代码”，是不是写成了“单位代吗”？请改这一列的列名"),
    "waiver column misspelt": one(W, "有效期至", "有效期到",
        f"{{o}}/waivers.csv 第 1 行：没有列“有效期到”，是不是“有效期至”？请改列名；{OTHER}"),
    "waiver column missing": one(W, "理由", "原因",
        "{o}/waivers.csv 第 1 行：缺少列“理由”；请补上这一列"),
    "column of the offices below": one("下级.csv", "行政区划", "行政区化",
        "{o}/下级.csv 第 1 行：缺少列“行政区划”，是不是写成了“行政区化”？请改这一列的列名"),
    "column of the choices": one("取舍.csv", "选用", "选择",
        "{o}/取舍.csv 第 1 行：缺少列“选用”；请补上这一列"),
    "full-width commas": one(U, "单位代码,单位名称,主管部门,部门代码", "单位代码，单位名称，主管部门，部门代码",
        "{o}/units.csv 第 1 行：列名之间用了中文的标点；请改成英文逗号，或用 Excel 打开后另存为 CSV UTF-8"),
    "a comma in a cell": one(U, "虚构区档案馆,", "虚构区档案馆,（档案局）,",
        "{o}/units.csv 第 4 行：有 5 格，列名只有 4 个；文字里有逗号的，请给这一格加英文双引号"),
    "a quote": one(U, "虚构区数据中心", '"虚构区数据中心',
        "{o}/units.csv 第 3 行：从这一行起双引号不成对，或后面有多余的文字；"
        "请改正，或用 Excel 打开后另存为 CSV UTF-8"),
    # codes
    "digits that Excel ate": one(P, "440399271063100100009", "440399271063100000000",
        f"{{o}}/projects.csv 第 3 行：项目编码“440399271063100000000”的末尾 6 位都是 0，"
        f"多半已被 Excel 改掉（只保留 15 位）；{AGAIN}"),
    "scientific": one(P, "440399271063100100009", "4.40399E+20",
        f"{{o}}/projects.csv 第 3 行：项目编码“4.40399E+20”变成了科学计数，末尾的数字已经丢失；{AGAIN}"),
    "scientific unit": one(U, "106002", "1.06E+05",
        f"{{o}}/units.csv 第 3 行：单位代码“1.06E+05”变成了科学计数，末尾的数字已经丢失；{AGAIN}", P),
    "unit with decimals": one(U, "106002", "106002.0",
        f"{{o}}/units.csv 第 3 行：单位代码“106002.0”变成了小数；{AGAIN}", P),
    "a digit less": one(P, "440399271063100100009", "44039927106310010000",
        "{o}/projects.csv 第 3 行：项目编码“44039927106310010000”应为 21 位数字，现为 20 位；请核对后重新输入"),
    "a letter in the code": one(P, "440399271063100100009", "44039927106310010000O",
        "{o}/projects.csv 第 3 行：项目编码“44039927106310010000O”应为 21 位数字，不能有别的字符；请核对后重新输入"),
    "code of a project twice": one(P, "440399271063100100010", "440399271063100100008",
        "{o}/projects.csv 第 4 行：项目编码 440399271063100100008 与第 2 行重复；请删去一行，或改正编码"),
    # names and units
    "unit twice": one(U, "106003,虚构区档案馆", "106001,虚构区档案馆",
        "{o}/units.csv 第 4 行：单位代码 106001 重复（第 2 行已有）；请删去一行，或改正代码"),
    "code in another case": Mistake(U, [("106002", "a1"), ("106003", "A1")], [
        "{o}/units.csv 第 4 行：单位代码 A1 与 a1 只差大小写（第 3 行已有）；请删去一行，或改正代码"], [P]),
    "name twice": one(U, "虚构区档案馆", "虚构区数据中心",
        f"{{o}}/units.csv 第 4 行：单位名称“虚构区数据中心”与第 3 行相同；{LOOKS}"),
    "name with spaces": one(U, "虚构区档案馆", "虚构区 数据中心",
        f"{{o}}/units.csv 第 4 行：单位名称“虚构区 数据中心”与第 3 行的“虚构区数据中心”看起来相同；{LOOKS}"),
    "name in another width": Mistake(U, [("虚构区数据中心", "虚构区A(1)站"), ("虚构区档案馆", "虚构区Ａ（１）站")], [
        f"{{o}}/units.csv 第 4 行：单位名称“虚构区Ａ（１）站”与第 3 行的“虚构区A(1)站”看起来相同；{LOOKS}"]),
    "name in Cyrillic": Mistake(U, [("虚构区数据中心", "虚构区AB站"), ("虚构区档案馆", "虚构区АВ站")], [
        f"{{o}}/units.csv 第 4 行：单位名称“虚构区АВ站”与第 3 行的“虚构区AB站”看起来相同；{LOOKS}"]),
    "no code": one(U, "106003,", ",", "{o}/units.csv 第 4 行：没有单位代码；请补上，不要的请删去这一行"),
    "no name": one(U, "虚构区档案馆", "", "{o}/units.csv 第 4 行：单位 106003 没有单位名称；请补上"),
    "a code that is none": one(U, "106003", "106/3",
        "{o}/units.csv 第 4 行：单位代码“106/3”应为 1–32 位字母、数字；请改正"),
    "a direction character": one(U, "虚构区档案馆", "虚构区\u202e档案馆",
        "{o}/units.csv 第 4 行：单位名称里有看不见的控制字符（U+202E）；请删去后重新输入"),
    "no character at all": one(U, "虚构区档案馆", "虚构区\ufffe档案馆",
        "{o}/units.csv 第 4 行：单位名称里有看不见的控制字符（U+FFFE）；请删去后重新输入"),
    "a name without end": one(U, "虚构区档案馆", "长" * 40_000,
        "{o}/units.csv 第 4 行：单位名称有 40000 字，最多 200 字；请写短一些"),
    "a control character in a department": one(U, "虚构区档案馆,虚构区服务局", "虚构区档案馆,虚构区\x07服务局",
        "{o}/units.csv 第 4 行：主管部门里有看不见的控制字符（U+0007）；请删去后重新输入"),
    "no unit at all": Mistake(U, [(text_of(UNITS[1:]), "")],
        ["{o}/units.csv：名册里还没有单位；请每行填写一个单位"], ["下级.csv"]),
    # projects
    "unit misspelt": one(P, "106002,", "106022,",
        "{o}/projects.csv 第 4 行：单位代码“106022”不在 units.csv 中，是不是 106002？请改正"),
    "unit unknown": one(P, "106002,", "999,",
        "{o}/projects.csv 第 4 行：单位代码“999”不在 units.csv 中；请改正，或在名册里加上这个单位"),
    "an amount in words": one(P, "大厅设备更新,3,31 履职类项目,项目法,207.00", "大厅设备更新,3,31 履职类项目,项目法,约二百万",
        "{o}/projects.csv 第 3 行：项目总金额（中期规划，万元）“约二百万”不对，"
        "应为数字，单位万元，最多 2 位小数；请改正"),
    "years in words": one(P, "大厅设备更新,3,", "大厅设备更新,三年,",
        "{o}/projects.csv 第 3 行：实施期限“三年”不对，应为1–99 的整数；请改正"),
    "a control character in a project": one(P, "大厅设备更新", "大厅\x0b设备更新",
        "{o}/projects.csv 第 3 行：项目名称里有看不见的控制字符（U+000B）；请删去后重新输入"),
    # what the rules of the form say of it
    "another district": one(P, "440399271063100100009", "441099271063100100009",
        "{o}/projects.csv 第 3 行：106001 大厅设备更新：项目编码前 6 位 441099 不是本地区的行政区划代码 440399"
        "（COD-002）；请核对项目编码"),
    "no basis, in a locked cell": one(P, "106002,440399271063100100010,数据治理服务,3,31 履职类项目,项目法,207.00,69.00,三定方案", "106002,440399271063100100010,数据治理服务,3,31 履职类项目,项目法,207.00,69.00,", "{o}/projects.csv 第 4 行：106002 数据治理服务：没有政策依据，表中锁定，单位填不了；请补上"),
    # waivers, choices, offices below
    "waiver of no rule": one(W, "TXT-001", "TXT-998",
        "{o}/waivers.csv 第 2 行：这张表没有规则 TXT-998，是不是 TXT-009？"),
    "waiver without reason": one(W, "涉密项目", "",
        "{o}/waivers.csv 第 2 行：单位代码和理由必须填写；请补上"),
    "waiver of no unit": one(W, "106001", "106009",
        "{o}/waivers.csv 第 2 行：单位代码“106009”不在 units.csv 中，是不是 106003？", "下级.csv"),
    "waiver of another day": one(W, "2027-06-30", "明年",
        "{o}/waivers.csv 第 2 行：有效期至“明年”应为日期，如 2027-06-30；请改正"),
    "a key that is none": one("下级.csv", KEY, "ed25519:abc",
        "{o}/下级.csv 第 2 行：公钥“abc”不对；请用下级 xltool key show 显示的那一行"),
    "a choice of no file": one("取舍.csv", "a" * 64, "第二份",
        "{o}/取舍.csv 第 2 行：“选用”应为选用的文件的 sha256；请从 合并清单.csv 复制"),
    # settings
    "no such rule": one(T, "TXT-003", "TXT-999",
        "{o}/campaign.toml 第 9 行：[severity] 这张表没有规则 TXT-999，是不是 TXT-009？"
        "用 xltool rules --form futian_2024_declaration 查看"),
    "no such severity": one(T, '"info"', '"低"',
        "{o}/campaign.toml 第 9 行：[severity] TXT-003 应为 error、warning、info 或 off；请改正"),
    "a setting misspelt": one(T, "deadline", "dead_line",
        "{o}/campaign.toml 第 5 行：没有设置项 dead_line，是不是 deadline？可用：accept、contact、deadline、district、"
        "fields、form、import、limits、password、rows、severity、spare、targets、title、year、yuan_per_head、zero_budget"),
    "Chinese quotes": one(T, 'title = "虚构区填报"', "title = “虚构区填报”",
        '{o}/campaign.toml 第 3 行：用了中文的 “；请改成英文的 "'),
    "no quotes": one(T, 'title = "虚构区填报"', "title = 虚构区填报",
        "{o}/campaign.toml 第 3 行：等号后面应为值；文字请加英文引号，日期写成 2026-12-15，是否写成 true 或 false"),
    "a quote too few": one(T, '"虚构区填报"', '"虚构区填报',
        "{o}/campaign.toml 第 3 行：文字缺少后面的引号，或里面有看不见的字符；请改正"),
    "a setting twice": one(T, "spare = 1", "spare = 1\nyear = 2028",
        "{o}/campaign.toml 第 7 行：这一项写了两次；请只留一个"),
    "no day": one(T, "2026-12-15", "2026-02-30",
        "{o}/campaign.toml 第 5 行：没有这一天；请写成 2026-12-15 这样的日期"),
    "a day in quotes": one(T, "2026-12-15", '"2026-12-15"',
        "{o}/campaign.toml 第 5 行：设置项 deadline 应为日期，如 2026-12-15（不加引号）"),
    "a number in quotes": one(T, "2027", '"2027"', "{o}/campaign.toml 第 2 行：设置项 year 应为整数；请改正"),
    "a title that no cell bears": one(T, "虚构区填报", "虚构区\u202e填报",
        "{o}/campaign.toml 第 3 行：设置项 title 里有看不见的控制字符（U+202E）；请删去后重新输入"),
    "a district too short": one(T, 'district = "440399"', 'district = "4403"', f"{{o}}/campaign.toml 第 4 行：{DISTRICT}"),
    "a district too long": one(T, 'district = "440399"', 'district = "440399001"', f"{{o}}/campaign.toml 第 4 行：{DISTRICT}"),
    "a district by name": one(T, 'district = "440399"', 'district = "虚构区"', f"{{o}}/campaign.toml 第 4 行：{DISTRICT}"),
    "a district in full width": one(T, 'district = "440399"', 'district = "４４０３９９"', f"{{o}}/campaign.toml 第 4 行：{DISTRICT}"),
    "a form that there is not": one(T, "futian_2024_declaration", "futian_2025_declaration",
        "{o}/campaign.toml 第 1 行：没有名为「futian_2025_declaration」的表。可用的表："
        + "、".join(form_ids())),
    # several at once
    "opinions": Mistake("意见.csv", [("项目2!B9", "项目9!B9"), ("440399271063100100009", "4.40399E+20")], [
        "填报文件夹里有 2 处错误，请改正（改后可用 xltool campaign check 再查）：",
        "意见.csv:2: 106001 的表里没有工作表“项目9”，有 项目1 到 项目3；请改正，或改写“项目”和“栏目”",
        "意见.csv:3: 项目编码“4.40399E+20”应为 21 位数字；请改正（用 Excel 填的，先把这一列设为文本）",
    ]),
    "a waiver's project": one("waivers.csv", '106001,,涉密', '106001,44039927,涉密',
        "{o}/waivers.csv 第 2 行：项目编码“44039927”应为 21 位数字；请改正（用 Excel 填的，先把这一列设为文本）"),
    "several files": Mistake(P, [("106002,", "106022,"), ("440399271063100100009", "1")], [
        "填报文件夹里有 2 处错误，请改正（改后可用 xltool campaign check 再查）：",
        "projects.csv:3: 项目编码“1”应为 21 位数字，现为 1 位；请核对后重新输入",
        "projects.csv:4: 单位代码“106022”不在 units.csv 中，是不是 106002？请改正",
    ]),
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A campaign in which nothing is wrong."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "campaign.toml").write_text(TOML, encoding="utf-8")
    for name, rows in FILES.items():
        (folder / name).write_text(text_of(rows), encoding="utf-8")
    put_key(folder)
    return folder


def spoil(office: Path, mistake: Mistake) -> None:
    """Make a mistake in a campaign."""
    path = office / mistake.file
    text = path.read_text(encoding="utf-8")
    for old, new in mistake.changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    for name in mistake.without:
        (office / name).unlink()


def test_the_campaign_is_right(xltool: Xltool, office: Path) -> None:
    run = xltool("campaign", "check", office)
    assert (run.code, run.out) == (0, f"{office}：没有发现错误，有 3 个单位、3 个项目\n")


def test_mistakes_of_the_settings_hide_none_of_the_lists(xltool: Xltool, office: Path) -> None:
    for mistake in ("a district too short", "a choice of no file", "no name"):
        spoil(office, MISTAKES[mistake])
    said = [
        "错误：填报文件夹里有 3 处错误，请改正（改后可用 xltool campaign check 再查）：",
        f"campaign.toml:4: {DISTRICT}",
        "units.csv:4: 单位 106003 没有单位名称；请补上",
        "取舍.csv:2: “选用”应为选用的文件的 sha256；请从 合并清单.csv 复制",
    ]
    for command in (("issue",), ("campaign", "check")):
        run = xltool(*command, office)
        assert (run.code, run.err.splitlines()) == (2, said)


def test_waivers_without_effect_are_told(xltool: Xltool, office: Path) -> None:
    (office / "waivers.csv").write_text(
        text_of([*WAIVERS, ["TXT-001", "106001", "", "涉密", "2020-01-01", "abcdefghijkl"]])
        + "TXT-001,106002,,涉密,,\n",
        encoding="utf-8",
    )
    run = xltool("campaign", "check", office)
    assert run.code == 0
    assert [line for line in run.err.splitlines() if "waivers" in line] == [
        "注意：waivers.csv 第 3 行（106001 的 TXT-001）已过有效期 2020-01-01",
        "注意：waivers.csv 第 4 行（106002 的 TXT-001）没有填写“摘要”，不起作用；"
        "请从问题清单（--format xlsx）的“摘要”列复制",
    ]


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(xltool: Xltool, office: Path, name: str) -> None:
    mistake = MISTAKES[name]
    spoil(office, mistake)
    before = files(office)
    said = [line.replace("{o}", str(office)) for line in mistake.said]
    run = xltool("issue", office)
    assert [line for line in run.err.splitlines() if not line.startswith("注意：")] == [
        f"错误：{said[0]}",
        *said[1:],
    ]
    assert (run.code, run.out) == (2, "")
    assert xltool("campaign", "check", office).err == run.err
    assert files(office) == before


def swap(key: Path) -> None:
    """Put the key of another campaign in its place."""
    save_key(new_key(), key.with_name("new.key"))
    key.with_name("new.key").replace(key)


def damage(key: Path) -> None:
    """Leave something that is no key."""
    key.write_bytes(b"no key")


def never_made(key: Path) -> None:
    """Leave a folder as somebody sends it who keeps his key to himself, and has issued nothing."""
    shutil.rmtree(key.parent)


KEYS: dict[str, tuple[Callable[[Path], None], str]] = {
    "never made": (never_made, "这里还没有签发密钥，也没有下发过；请先用 xltool key new 建一个"),
    "none": (
        Path.unlink,
        "找不到签发密钥；请从备份恢复这个文件（公钥 office.pub 不能代替，请保留）。没有备份的，"
        "只能用 xltool init 另建填报文件夹，全部重新下发：换了密钥，已下发的表都会认不出来",
    ),
    "damaged": (damage, "签发密钥无法读取；请从备份恢复这个文件"),
    "of another campaign": (swap, "签发密钥与公钥（office.pub）不是一对；请从备份恢复"),
}


@pytest.mark.parametrize("name", KEYS)
def test_keys(xltool: Xltool, office: Path, name: str) -> None:
    key = office / "keys" / "office.key"
    change, message = KEYS[name]
    change(key)
    before = files(office)
    assert xltool("issue", office) == Run(2, "", f"错误：{key}：{message}\n")
    assert files(office) == before
