"""Approved targets: what a campaign takes over from a merge result, and what is wrong with one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner
from helpers import answers, approve, fill_unit, make_campaign, template
from small import put_key, write_csv

from xltool.cli.main import cli
from xltool.errors import OfficeError
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.new_campaign import create_campaign
from xltool.write.issuing import issue

FORM = "longhua_2021_selfeval"
ROSTER = [["单位代码", "单位名称", "主管部门"], ["226002", "云岭区图书馆", "云岭区文化体育局"]]


def campaign_with(
    folder: Path,
    targets: str = "目标",
    settings: str = "",
    roster: Sequence[Sequence[str]] = ROSTER,
    projects: Sequence[Sequence[str]] = (["单位代码", "项目名称", "预期目标"],),
    year: int = 2027,
) -> Campaign:
    """A campaign of this form, not yet issued."""
    text = f'form = "{FORM}"\nyear = {year}\ntargets = "{targets}"\nspare = 0\n{settings}\n'
    (folder / "campaign.toml").write_text(text, encoding="utf-8")
    write_csv(folder / "units.csv", roster)
    write_csv(folder / "projects.csv", projects)
    put_key(folder)
    return load_campaign(folder)


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    """The targets of 226002 and 238001 of the example, to be changed freely."""
    approve(tmp_path / "目标")
    return tmp_path / "目标"


def change(folder: Path, table: str, *columns: pl.Expr, rows: pl.Expr | None = None) -> None:
    """Change columns of a table of a merge result, where `rows`."""
    path = folder / "data" / f"{table}.parquet"
    frame = pl.read_parquet(path)
    where = pl.lit(value=True) if rows is None else rows
    changed = [
        pl.when(where).then(c).otherwise(pl.col(c.meta.output_name())).alias(c.meta.output_name())
        for c in columns
    ]
    frame.with_columns(changed).write_parquet(path)


def mistake(campaign: Campaign) -> str:
    """What the office is told when it issues; nothing has been written then."""
    with pytest.raises(OfficeError) as caught:
        issue(campaign)
    assert not (campaign.folder / "issued").exists()
    where = f"{caught.value.path}".removeprefix(f"{campaign.folder}/")
    return f"{where}：{caught.value.message}"


def test_projects_of_both_lists(tmp_path: Path, targets: Path) -> None:
    """projects.csv adds figures to what was approved, and projects of its own."""
    campaign = campaign_with(
        tmp_path,
        projects=[
            ["单位代码", "项目名称", "项目金额", "预期目标", "当年财政拨款.全年预算数"],
            ["226002", "全民 阅读推广活动", "785000", "", "600000.00"],
            ["226002", "防汛应急", "50000", "备齐防汛物资。", ""],
        ],
    )
    known = campaign.projects["226002"]
    assert [p.values.get("project_name") for p in known] == [
        *("图书文献采购", "社区分馆一体化服务", "全民阅读推广活动", "防汛应急"),
    ]
    assert known[2].values["amount_project"] == "785000.00"
    assert known[2].lines["fund"] == [
        {"source": "其中：当年财政拨款", "weight": "—", "budget_final": "600000.00"}
    ]
    assert len(known[2].lines["indicator"]) == 9 + 3  # 不适用: 成本, 经济效益, 生态效益
    assert known[3].lines == {}
    assert campaign.notes == [
        "批准的绩效目标中的单位 238001 不在 units.csv 中，没有下发",
        "单位 226002 的项目 防汛应急 没有批准的绩效目标",
    ]


def test_rows_that_say_nothing_are_one_row(tmp_path: Path, targets: Path) -> None:
    """Blank rows are left out; 不适用 in any words is one row 不适用 of its 二级指标."""
    lv2 = pl.col("lv2").is_in(["满意度", "时效"])
    change(targets, "indicator", pl.lit("无").alias("lv3"), pl.lit("/").alias("target"), rows=lv2)
    nothing = [pl.lit(None, pl.String).alias(name) for name in ("lv3", "target")]
    change(targets, "indicator", *nothing, rows=pl.col("lv2") == "质量")
    (first, *_) = campaign_with(tmp_path).projects["226002"]
    said = [(row["lv2"], row["lv3"]) for row in first.lines["indicator"]]
    assert said == [
        ("数量指标", "采购中文图书册数"),
        ("数量指标", "采购少儿绘本册数"),
        ("数量指标", "更新数字阅读设备数量"),
        ("质量指标", "不适用"),
        ("时效指标", "不适用"),
        ("成本指标", "不适用"),
        ("经济效益指标", "不适用"),
        ("社会效益指标", "读者荐购采纳率"),
        ("生态效益指标", "不适用"),
        ("满意度指标", "不适用"),
    ]


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The merge result of a unit of futian_2024_declaration."""
    base = tmp_path_factory.mktemp("declared")
    campaign = make_campaign("declaration", base / "campaign")
    path = fill_unit(campaign, "106001", answers("declaration", "106001"), base / "106001.xlsx")
    merge([path], base / "merged", campaign, accept_warnings=True, jobs=1)
    return base / "merged"


def test_targets_of_another_form(declared: Path, tmp_path: Path) -> None:
    """Stars and names of levels differ; 可持续影响 has no place, 其他满意度 joins 满意度: all is said."""
    shutil.copytree(declared, tmp_path / "目标")
    other = pl.col("lv2") == "其他满意度指标"
    name = pl.lit("协办单位满意度").alias("lv3")
    change(tmp_path / "目标", "indicator", name, pl.lit("≥90%").alias("target"), rows=other)
    roster = [["单位代码", "单位名称"], ["106001", "云岭区政务服务中心"]]
    campaign = campaign_with(tmp_path, roster=roster)
    sources = answers("declaration", "106001")["projects"]
    for project, source in zip(campaign.projects["106001"], sources, strict=True):
        assert project.values == {
            "project_name": pl.read_parquet(declared / "data" / "project.parquet").row(
                sources.index(source), named=True
            )["project_name"],
            "goal_expected": source["年度目标"],
        }
        rows = project.lines["indicator"]
        real = {row["lv3"] for row in rows if row["lv3"] != "不适用"}
        wanted = {
            row["三级指标"]
            for row in source["indicators"]
            if row["三级指标"] != "不适用" and not row["二级指标"].startswith("可持续")
        }
        assert real - {"协办单位满意度"} == wanted
    homeless = [
        (number, row)
        for number, source in enumerate(sources)
        for row in source["indicators"]
        if row["二级指标"].startswith("可持续") and row["三级指标"] != "不适用"
    ]
    assert homeless
    assert len(campaign.notes) == len({number for number, _ in homeless})
    number, row = homeless[0]
    name_of = campaign.projects["106001"][number].values["project_name"]
    assert campaign.notes[0] == (
        f"单位 106001 项目“{name_of}”：可持续影响指标“{row['三级指标']}：{row['指标值']}”"
        "在本表没有对应的二级指标，没有带入"
    )


def test_notes_are_printed_when_issuing(tmp_path: Path, targets: Path) -> None:
    campaign_with(tmp_path)
    result = CliRunner().invoke(cli, ["issue", str(tmp_path)])
    assert "注意：批准的绩效目标中的单位 238001 不在 units.csv 中，没有下发" in result.output


def test_a_unit_without_targets_gets_a_blank_form(tmp_path: Path, targets: Path) -> None:
    roster = [*ROSTER, ["319001", "云岭区应急救援指导中心", ""]]
    campaign = campaign_with(tmp_path, roster=roster)
    assert campaign.notes[1:] == ["单位 319001 没有批准的绩效目标"]
    issue(campaign)
    page = openpyxl.load_workbook(template(campaign, "319001"))["项目1"]
    assert (page["B1"].value, page["D11"].value) == (None, None)


# What is wrong with a merge result


def test_no_such_folder(tmp_path: Path) -> None:
    said = mistake(campaign_with(tmp_path, "没有"))
    assert said == "没有：targets 应为 xltool merge 写出的结果文件夹，这里没有合并结果"


def test_another_year(tmp_path: Path, targets: Path) -> None:
    said = mistake(campaign_with(tmp_path, year=2028))
    assert said == "目标：targets 应为 2028 年度的绩效目标，这里是 2027 年度的"


def test_damaged(tmp_path: Path, targets: Path) -> None:
    (targets / "data" / "indicator.parquet").write_bytes(b"PAR1")
    said = mistake(campaign_with(tmp_path))
    assert said == "目标：合并结果已损坏，或由另一版本生成；请重新合并"


def test_a_form_without_targets(tmp_path: Path, targets: Path) -> None:
    change(targets, "submission", pl.lit("longgang_2023_unit").alias("form"))
    said = mistake(campaign_with(tmp_path))
    assert said == "目标：「单位整体支出绩效目标表」没有年度目标或逐项指标，不能作为自评的依据"


def test_a_form_that_takes_none(tmp_path: Path, targets: Path) -> None:
    campaign_with(tmp_path)
    path = tmp_path / "campaign.toml"
    text = path.read_text(encoding="utf-8").replace(FORM, "longhua_2021_target")
    path.write_text(text, encoding="utf-8")
    write_csv(tmp_path / "projects.csv", [["单位代码", "项目名称"]])
    said = mistake(load_campaign(tmp_path))
    assert said.endswith("「项目支出绩效目标表」不取批准的绩效目标，请删去 targets 这一项设置")


def test_more_rows_than_the_template_offers(tmp_path: Path, targets: Path) -> None:
    settings = '[rows]\n"数量指标" = 2\n'
    said = mistake(campaign_with(tmp_path, settings=settings))
    assert said == (
        "目标：单位 226002 项目“图书文献采购”批准了 3 行数量指标，模板只有 2 行；"
        '请在 campaign.toml 的 [rows] 中写 "数量指标" = 3'
    )


def test_projects_csv_contradicts(tmp_path: Path, targets: Path) -> None:
    projects = [["单位代码", "项目名称", "预期目标"], ["226002", "图书文献采购", "采购图书"]]
    said = mistake(campaign_with(tmp_path, projects=projects))
    assert said == (
        "projects.csv：单位 226002 项目“图书文献采购”的预期目标与批准的绩效目标不同，请留空"
    )


def test_projects_csv_names_a_project_twice(tmp_path: Path, targets: Path) -> None:
    names = ["图书文献采购", "图书 文献采购"]
    projects = [["单位代码", "项目名称"], *(["226002", name] for name in names)]
    said = mistake(campaign_with(tmp_path, projects=projects))
    assert (
        said
        == "projects.csv：单位 226002 的项目“图书 文献采购”与第 2 行看起来相同；请删去一行，或改名"
    )


@pytest.mark.parametrize(
    ("heading", "text", "said"),
    [
        (
            "年度资金总额.执行率",
            "1",
            "projects.csv：列“年度资金总额.执行率”不是「项目支出绩效自评表」的栏目；请改列名，不要的请删去这一列",
        ),
        (
            "利息.全年预算数",
            "1",
            "projects.csv：列“利息.全年预算数”不是「项目支出绩效自评表」的栏目；请改列名，不要的请删去这一列",
        ),
        (
            "其他资金.全年预算数",
            "若干",
            "projects.csv：全年预算数“若干”不对，应为数字，单位元，最多 2 位小数；请改正",
        ),
    ],
)
def test_figures_in_projects_csv(
    tmp_path: Path, targets: Path, heading: str, text: str, said: str
) -> None:
    projects = [["单位代码", "项目名称", heading], ["226002", "图书文献采购", text]]
    assert mistake(campaign_with(tmp_path, projects=projects)) == said


def test_setting_must_be_text(tmp_path: Path) -> None:
    (tmp_path / "campaign.toml").write_text(
        f'form = "{FORM}"\nyear = 2027\ntargets = 5\n', encoding="utf-8"
    )
    with pytest.raises(OfficeError, match="设置项 targets 应为文字"):
        load_campaign(tmp_path)


# What `xltool init` says of it


def settings_of(folder: Path, form: str) -> Any:
    create_campaign(folder, form, 2027)
    return (folder / "campaign.toml").read_text(encoding="utf-8")


def test_init_mentions_targets(tmp_path: Path) -> None:
    text = settings_of(tmp_path / "new", FORM)
    assert 'targets = "../合并结果"' in text
    assert "spare = 0" in text
    by_hand = text.replace("# [fields]\n", "[fields]\n")
    for name in ("goal_expected", "lv3", "target"):
        by_hand = by_hand.replace(f"# {name}.filled_by", f"{name}.filled_by")
    (tmp_path / "new" / "campaign.toml").write_text(by_hand, encoding="utf-8")
    form = load_campaign(tmp_path / "new").form
    assert form.record_fields["goal_expected"].filled_by == "unit"
    assert {"lv3", "target"} <= set(form.tables["indicator"].inputs)


def test_init_of_other_forms_does_not(tmp_path: Path) -> None:
    text = settings_of(tmp_path / "new", "longhua_2021_target")
    assert "targets" not in text
    assert "spare = 2" in text
