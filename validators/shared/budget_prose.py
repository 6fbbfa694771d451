"""部门预算说明里的文字（docs/domain.md §10.8，BD-023…028）：增减的原因、项目名称、车辆数、报送对象。

读文字的规则只是提醒；另有能说明所写方向的话的，不提示。
"""

from __future__ import annotations

import re

import polars as pl
from xltool.validators.shared.budget_tables import RECORD, at_field
from xltool.validators.shared.budget_texts import seems_reversed

from xltool.fields.measures import judged, name_key
from xltool.rules import FormTable, Lookup, Offence, rule

_UP = re.compile("增加|增长|增多|上升|提高")
_DOWN = re.compile("减少|下降|降低|压减|压缩|缩减|核减|调减")
# what explains the direction without a word for it
_WHY_UP = re.compile("新增|新设|新建|新购|恢复|启动|扩大|提标|上调|划入|转入|开展")
_WHY_DOWN = re.compile(
    "划转|划出|移交|取消|不再|停止|终止|完成|完毕|完工|结束|到期|节约|节省|从紧|紧日子|一次性|未安排|暂缓|合并|尾款"
)
_STOCK_UP = re.compile(
    "不受疫情影响|恢复正常|按计划(?:开展|推进|实施)|(?:将|进一步)(?:增强|加强|加大)|新增"
)
_STOCK_DOWN = re.compile("厉行节约|过紧日子|压减|受疫情影响|划转至")


def _bare(reason: str) -> str:
    """A reason without 不再受……: no longer hindered is no end of anything."""
    return reason.replace("不再受", "不受")


def _contradiction(direction: str | None, reason: str | None) -> str | None:
    """The word for the other direction, where nothing in the reason speaks for the stated one."""
    text = _bare(reason or "")
    if direction == "减少" and not (_DOWN.search(text) or _WHY_DOWN.search(text)):
        found = _UP.search(text)
    elif direction == "增加" and not (_UP.search(text) or _WHY_UP.search(text)):
        found = _DOWN.search(text)
    else:
        return None
    return found[0] if found else None


def _stock_sentence(direction: str | None, reason: str | None) -> str | None:
    """What is usually written of the other direction, where nothing speaks for the stated one."""
    text = _bare(reason or "")
    if _contradiction(direction, reason):
        return None
    if direction == "减少" and not (_DOWN.search(text) or _WHY_DOWN.search(text)):
        found = _STOCK_UP.search(text)
    elif direction == "增加" and not (_UP.search(text) or _WHY_UP.search(text)):
        found = _STOCK_DOWN.search(text.replace("不受疫情影响", ""))
    else:
        return None
    return found[0].replace("不受", "不再受") if found else None


@rule(
    "BD-023",
    on="item",
    also=["statement"],
    severity="warning",
    cells=["reason", "direction"],
    message="“{name}”的增减方向为“{direction}”，主要原因里却只说“{found}”",
    hint="请核对增减方向和原因，两者要一致",
)
def reason_contradicts_direction(item: FormTable) -> Offence:
    """主要原因里说的增减与增减方向一致。

    原因里另有能说明这个方向的话（如划转、不再、一次性）的，不提示。

    | name | direction | reason                         |     |
    | 差旅 | 减少      | 压减一般性支出                 | ok  |
    | 差旅 | 减少      | 上年增加一次性采购，本年不再安排 | ok  |
    | 差旅 | 减少      | 业务量增长                     | bad |
    | 差旅 | 增加      | 人员减少                       | bad |
    """
    found = judged(_contradiction, "direction", "reason")
    return Offence(found.is_not_null(), {"found": found})


@rule(
    "BD-024",
    on="item",
    also=["statement"],
    severity="warning",
    cells=["reason"],
    message="“{name}”比上年{direction} {delta} 万元，没有写主要原因",
    hint="请写明增减的主要原因",
)
def change_without_reason(item: FormTable) -> pl.Expr:
    """有增减的要写主要原因。

    | name   | delta | direction | reason       |     |
    | 信息化 | 40    | 增加      | 开展等保测评 | ok  |
    | 信息化 | 0     | 持平      |              | ok  |
    | 信息化 | 40    | 增加      |              | bad |
    """
    return (pl.col("delta") != 0) & pl.col("reason").is_null()


@rule(
    "BD-024",
    on="item",
    also=["statement"],
    severity="warning",
    cells=["reason"],
    message="“{name}”比上年{direction} {delta} 万元，原因“{found}”说的像是相反的方向",
    hint="请核对是不是套用了别处的话；写明为什么{direction}",
)
def reason_is_of_the_other_direction(item: FormTable) -> Offence:
    """主要原因不能套用相反方向的惯用语：减少的写“不再受疫情影响，按计划开展”，增加的写“厉行节约”。

    增减幅度正好是按相反方向算的，是方向写反了，由 BD-022 指出。

    | name | current | delta | direction | percent | reason                     |     |
    | 培训 | 12      | 6     | 增加      | 100     | 不再受疫情影响，按计划开展 | ok  |
    | 宣传 | 21      | 4     | 减少      | 16      | 不再受疫情影响，按计划开展 | bad |
    | 宣传 | 21      | 4     | 减少      | 24      | 不再受疫情影响，按计划开展 | ok  |
    | 宣传 | 21      | 4     | 增加      | 24      | 厉行节约                   | bad |
    | 宣传 | 21      | 4     | 减少      | 16      | 厉行节约                   | ok  |
    """
    found = judged(_stock_sentence, "direction", "reason")
    bad = (pl.col("delta") != 0) & found.is_not_null() & ~seems_reversed()
    return Offence(bad, {"found": found})


_NAMES = pl.List(pl.String())


def _names_of(table: str) -> Lookup:
    return Lookup(table, name_key("name").drop_nulls().implode(), _NAMES)


@rule(
    "BD-025",
    on="item",
    also=["focus"],
    using={"t5": _names_of("t5")},
    severity="warning",
    cells=["name"],
    message="项目“{name}”在表5 中找不到同名的项目",
    hint="同一个项目在各处的名称要一致，请核对",
)
def project_is_not_in_table_5(item: FormTable) -> pl.Expr:
    """说明中的项目名称与表5 相同（空格和全角半角括号不计较）。

    | name           | t5                    |     |
    | 宣传（通用）   | 宣传(通用) 网格管理   | ok  |
    | 修缮与维护     | 宣传(通用) 修缮及维护 | bad |
    """
    listed = pl.col("t5").list.len() > 0
    named = pl.col("name").is_not_null()
    return named & listed & ~pl.col("t5").list.contains(name_key("name"))


@rule(
    "BD-025",
    on="focus",
    using={"t5": _names_of("t5"), "item": _names_of("item")},
    severity="warning",
    cells=["name"],
    message="重点项目“{name}”在项目支出的说明中找不到同名的项目",
    hint="同一个项目在各处的名称要一致，请核对",
)
def focus_is_not_explained(focus: FormTable) -> pl.Expr:
    """表5 没有填写时，重点项目的名称与项目支出说明中列出的相同（空格和全角半角括号不计较）。

    | name           | t5   | item                  |     |
    | 宣传（通用）   |      | 宣传(通用) 网格管理   | ok  |
    | 修缮与维护     |      | 宣传(通用) 修缮及维护 | bad |
    | 修缮与维护     | 宣传 | 宣传(通用) 修缮及维护 | ok  |
    | 修缮与维护     |      |                       | ok  |
    """
    no_table = pl.col("t5").list.len().fill_null(0) == 0
    listed = pl.col("item").list.len() > 0
    return no_table & listed & ~pl.col("item").list.contains(name_key("name"))


@rule(
    "BD-025",
    on="t5",
    using={"item": _names_of("item")},
    severity="warning",
    cells=["name"],
    message="表5 的项目“{name}”在说明中没有列出",
    hint="说明中要逐个列出表5 的项目，请补上",
)
def project_is_not_explained(t5: FormTable) -> pl.Expr:
    """表5 的每个项目在说明中都要列出。说明中个数不少的是名称不同，标在说明中。

    | record | unit | name     | item     |     |
    | 1      | 甲站 |          | 网格管理 | ok  |
    | 1      |      | 网格管理 | 网格管理 | ok  |
    | 1      |      | 宣传     | 网格管理 | bad |
    | 2      |      | 宣传     | 宣传工作 | ok  |
    """
    fewer = pl.col("item").list.len() < pl.col("name").count().over(RECORD)
    named = pl.col("name").is_not_null()
    return named & fewer & ~pl.col("item").list.contains(name_key("name"))


def _prose(table: FormTable) -> list[str]:
    """The names of the fields that hold prose."""
    return [n for n, column in table.fields.items() if column.kind.free and column.multiline]


_FLEET = re.compile(r"(?:公务用车|公车|公务车|车辆)[^，。；、\d]{0,10}(\d{1,4})\s*[辆台]")
_OTHER_CARS = re.compile("购置|新增|计划|租|处置|报废|更新|购买|上年")


def stated_vehicles(text: str | None, vehicles: str | None) -> str | None:
    """The number of official cars that a text states, where it is not `vehicles`."""
    for clause in re.split("[，。；、\n]", text or ""):
        found = _FLEET.search(clause)
        if found and found[1] != vehicles and not _OTHER_CARS.search(clause):
            return found[1]
    return None


@rule(
    "BD-027",
    on="item",
    also=["statement", "focus", "explanation"],
    using={"fleet": Lookup("explanation", pl.col("vehicles").first().cast(pl.String), pl.String())},
    severity="warning",
    message="{label}里说有公务用车 {found} 辆，公务用车实有数填的是 {fleet} 辆",
    hint="请核对车辆数，各处要一致",
)
def vehicles_differ(item: FormTable) -> list[Offence]:
    """文字里说的公务用车辆数，与填的公务用车实有数相同。购置、租用、报废的不算。

    | name | reason                     | fleet |     |
    | 运维 | 保障公务用车3辆的运行      | 3     | ok  |
    | 运维 | 计划新增车辆1辆            | 3     | ok  |
    | 运维 | 保障公务用车5辆的运行      | 3     | bad |
    """
    offences = []
    for name in _prose(item):
        found = judged(stated_vehicles, name, "fleet")
        words = {"found": found, "label": pl.lit(item.fields[name].short_label)}
        bad = pl.col("fleet").is_not_null() & found.is_not_null()
        offences.append(at_field(Offence(bad, words), name))
    return offences


_TITLES = re.compile("《[^》]*》")
_TO_THE_CITY = re.compile(
    "(?:报送?|上报|提交|呈报|报请|向)[^。；，]{0,10}市(?:级)?财政(?:局|委员会|委|部门|主管部门)"
)


def _reports_to_the_city(text: str | None) -> str | None:
    found = _TO_THE_CITY.search(_TITLES.sub("", text or ""))
    return found[0] if found else None


@rule(
    "BD-028",
    on="explanation",
    also=["statement", "item", "focus"],
    severity="warning",
    message="{label}里写着“{found}”，区级部门应报区财政部门",
    hint="请核对是不是套用了市级的文本",
)
def district_reports_to_the_city(explanation: FormTable) -> list[Offence]:
    """区级部门的说明里，不能写成向市财政部门报送。

    行政区划代码末两位是 00 的（市级）不判断。

    | performance_text                 | district |     |
    | 绩效自评结果报区财政部门         | 440399   | ok  |
    | 绩效自评结果报送市财政部门       | 440399   | bad |
    | 绩效自评结果报送市财政部门       | 440300   | ok  |
    """
    of_district = ~pl.col("district").str.ends_with("00").fill_null(value=False)
    offences = []
    for name in _prose(explanation):
        found = judged(_reports_to_the_city, name)
        words = {"found": found, "label": pl.lit(explanation.fields[name].short_label)}
        offences.append(at_field(Offence(of_district & found.is_not_null(), words), name))
    return offences
