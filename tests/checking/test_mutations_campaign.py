"""futian_2024_declaration in campaigns set otherwise: faulty lists of the office, opened cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import EXAMPLES, Data, answers, check_files, fill_unit, make_campaign
from mutations import Mutation, added, described, each, indicator
from small import put_key

from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue

UNIT = "106003"
NEW = {
    "项目编码": "440399271063100100008",
    "项目名称": "数据标准贯标",
    "是否新增项目": "是",
    "实施期限": "3",
    "项目类型": "31 履职类项目",
    "项目总金额": "12.00",
    "本年度项目金额": "4.00",
}
OPEN = "".join(
    f'\n[fields.{name}]\nfilled_by = "unit"\n'
    for name in ("period_years", "project_type", "amount_total", "amount_year")
)


def opened(values: dict[str, str], cost: str = "4.00") -> Callable[[Data], None]:
    """A new project whose unit fills the period, the type and the amounts itself.

    Its 测算依据 comes to `cost` 万元, as the year's amount should.
    """
    basis = f"贯标培训 1 项×{cost} 万元＝{cost} 万元。合计 {cost} 万元。"

    def change(data: Data) -> None:
        added({**NEW, "测算依据": basis, **values})(data)
        rows = data["projects"][-1]["indicators"]
        costs = [row for row in rows if row["二级指标"] == "*成本指标"]
        for row in costs[1:]:
            rows.remove(row)
        costs[0].update({"三级指标": "每场培训成本", "指标值": "≤0.50万元/场"})
        costs[0]["指标解释"] = "反映每场培训的支出水平"

    return change


OPENED: list[Mutation[Data]] = [
    Mutation("nothing", opened({})),
    Mutation(
        "year over total",
        opened({"本年度项目金额": "12.02"}, "12.02"),
        [
            "AMT-002 error 项目4!E6 | 本年度项目金额（万元）为 12.02，"
            "项目总金额（中期规划，万元）为 12.00；应满足 本年度项目金额（万元） ≤ "
            "项目总金额（中期规划，万元），相差 0.02"
        ],
    ),
    Mutation("year over total by rounding", opened({"本年度项目金额": "12.01"}, "12.01")),
    Mutation(
        "no number",
        opened({"本年度项目金额": "约四"}),
        ["AMT-011 error 项目4!E6 | 本年度项目金额（万元）“约四”不是数字"],
    ),
    Mutation(
        "negative",
        opened({"本年度项目金额": "-4"}),
        ["AMT-011 error 项目4!E6 | 本年度项目金额（万元）为负数：-4"],
    ),
    Mutation(
        "three decimals",
        opened({"项目总金额": "12.345"}),
        ["AMT-011 error 项目4!B6 | 项目总金额（中期规划，万元）“12.345”的小数位过多"],
    ),
    Mutation(
        "nothing this year",
        opened({"本年度项目金额": "0"}),
        ["AMT-012 warning 项目4!E6 | 本年度项目金额（万元）为 0 或空白"],
    ),
    Mutation(
        "this year blank",
        opened({"本年度项目金额": ""}),
        ["AMT-012 warning 项目4!E6 | 本年度项目金额（万元）为 0 或空白"],
    ),
    Mutation(
        "type differs from the code",
        opened({"项目类型": "15 履职类(运转)项目"}),
        ["COD-005 warning 项目4!B2 | 项目编码第 12–13 位 31 与项目类型“15 履职类(运转)项目”不一致"],
    ),
    Mutation(
        "type differs from an old code",
        opened(
            {
                "项目编码": "440399261061500100008",
                "是否新增项目": "否",
                "实施期限": "4",
            }
        ),
    ),
    Mutation(
        "period differs from the code",
        opened({"实施期限": "5"}),
        ["COD-008 warning 项目4!B4 | 实施期限 5 年，按入库年份 2027 推算应为 3 年"],
    ),
    Mutation(
        "no years at all",
        opened({"实施期限": "0"}),
        ["AMT-011 error 项目4!B4 | 实施期限为 0，超出可填的范围"],
    ),
    Mutation(
        "one year without goal_long",
        opened({"实施期限": "1", "长期目标": ""}),
        ["COD-008 warning 项目4!B4"],
    ),
    Mutation(
        "three years without goal_long",
        opened({"长期目标": ""}),
        ["TXT-005 error 项目4!B10 | 实施期限 3 年，没有填长期目标"],
    ),
]


@pytest.fixture(scope="module")
def open_campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return make_campaign("declaration", tmp_path_factory.mktemp("open"), OPEN)


@each(OPENED)
def test_opened_cells(open_campaign: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("declaration", UNIT)
    mutation.change(data)
    path = fill_unit(open_campaign, UNIT, data, tmp_path / "return.xlsx")
    found = check_files(open_campaign, path)
    assert described(found, mutation.expected) == list(mutation.expected)


def test_bytes_count_where_the_limit_in_characters_is_raised(tmp_path: Path) -> None:
    settings = "\n[fields.lv3]\nmax_chars = 60\n"
    campaign = make_campaign("declaration", tmp_path / "campaign", settings)
    data = answers("declaration", UNIT)
    name = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥金木水火土春夏秋冬目录编制库表清洗比"
    indicator(1, "*数量指标", 1, name + "a")(data)
    indicator(1, "*数量指标", 2, name)(data)
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    assert described(check_files(campaign, path)) == [
        "TXT-003 warning 项目1!C12 | 三级指标按数据库字节计为 81，限 80"
    ]


# The office's own lists: what it prefills is checked like the rest.


def campaign_with(folder: Path, file: str, old: str, new: str) -> Campaign:
    """The example campaign with one text of a list replaced, issued to one unit."""
    for name in ("campaign.toml", "units.csv", "projects.csv"):
        text = (EXAMPLES / "declaration" / name).read_text(encoding="utf-8")
        assert name != file or old in text
        changed = text.replace(old, new) if name == file else text
        (folder / name).write_text(changed, encoding="utf-8")
    put_key(folder)
    campaign = load_campaign(folder)
    issue(campaign, [UNIT])
    return campaign


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "3938.84,536.76",
            "536.74,536.76",
            [
                "AMT-002 error 项目1!E6 | 本年度项目金额（万元）为 536.76，项目总金额（中期规划，"
                "万元）为 536.74；应满足 本年度项目金额（万元） ≤ 项目总金额（中期规划，万元），"
                "相差 0.02",
                "AMT-023 warning 项目1!D42",
            ],
        ),
        ("3938.84,536.76", "3938.84,0", ["AMT-012 warning 项目1!E6"]),
        (
            "031,数据安全监测与应急演练,3,31 履职类项目",
            "031,数据安全监测与应急演练,3,15 履职类(运转)项目",
            ["COD-005 warning 项目3!B2"],
        ),
        ("公共数据资源治理,4,", "公共数据资源治理,5,", ["COD-008 warning 项目1!B4"]),
        ("440399261063100205004", "440398261063100205004", ["COD-002 error 项目1!B2"]),
        ("440399261063100205004", "440399261073100205004", ["COD-004 error 项目1!B2"]),
    ],
)
def test_prefilled_values(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    campaign = campaign_with(tmp_path, "projects.csv", old, new)
    data = answers("declaration", UNIT)
    if old.isdigit():
        data["projects"][0]["项目编码"] = new
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    assert described(check_files(campaign, path), expected) == expected


def test_departments_agree_where_none_is_registered(tmp_path: Path) -> None:
    campaign = campaign_with(tmp_path, "units.csv", "理局,106\n", "理局,\n")
    data = answers("declaration", UNIT)
    path = fill_unit(campaign, UNIT, data, tmp_path / "good.xlsx")
    assert check_files(campaign, path) == []
    code = {"项目编码": "440399271073100100008", "项目名称": "贯标", "是否新增项目": "是"}
    added(code)(data)
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    assert described(check_files(campaign, path)) == [
        "COD-004 error 项目4!B2 | 项目编码第 9–11 位 107 与本表其他项目（106）不一致"
    ]


def test_roster_corrected_after_the_issue(tmp_path: Path) -> None:
    campaign = make_campaign("declaration", tmp_path / "office")
    path = fill_unit(campaign, UNIT, answers("declaration", UNIT), tmp_path / "return.xlsx")
    roster = campaign.folder / "units.csv"
    text = roster.read_text(encoding="utf-8-sig")
    old = campaign.units[UNIT].unit_name
    roster.write_text(text.replace(old, f"{old}（本级）"), encoding="utf-8-sig")
    found = check_files(load_campaign(campaign.folder), path)
    assert described(found) == [
        f"XW-011 warning 项目{n}!B3 | 申请单位“{old}”与名册中的名称不一致" for n in (1, 2, 3)
    ]
