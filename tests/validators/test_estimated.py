"""测算依据 by clause: each text with the amounts of its project, and every word of AMT rules on it.

All texts stand in one return, a project each, which is issued, filled and checked as any other.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from helpers import check_files, fill_unit, make_campaign

from xltool.office.campaign import load_campaign
from xltool.write.issuing import issue

UNIT = "106001"


@dataclass(frozen=True)
class Basis:
    """A 测算依据, the amounts of its project in 万元, and its years; `wrong` is all that is said of it."""

    text: str
    year: str
    total: str
    years: int = 3
    wrong: tuple[str, ...] = ()


def year(said: str, amount: str) -> str:
    return f"AMT-021 B8 测算依据写明“{said}”，本年度项目金额为 {amount} 万元"


def total(said: str, amount: str) -> str:
    return f"AMT-021 B8 测算依据写明“{said}”，项目总金额为 {amount} 万元"


RIGHT = [
    Basis("合计2510万元/三年，即一年费用837万元", "837.00", "2510.00"),
    Basis("合计2510万元/三年，即一年费用837万元", "836.67", "2510.00"),
    Basis("合计2510万元/3年，即一年费用837万元", "837.00", "2511.00"),
    Basis("合同金额100万元，本年支付首款30%即30万元", "30.00", "100.00"),
    Basis("合同金额100万元，本年支付首款30%，即30万元。", "30.00", "160.00"),
    Basis("三年共需30万元，每年10万元", "10.00", "30.00"),
    Basis("每年10万元，三年共需30万元。", "10.00", "30.00"),
    Basis("15人，每人每月8000元，全年144万元", "144.00", "432.00"),
    Basis("项目总费用30万元，2027年支付10万元", "10.00", "30.00"),
    Basis("项目三年总费用30万元，其中2027年9万元、2028年10万元、2029年11万元", "9.00", "30.00"),
    Basis(
        "河道保洁三年合同金额96万元，2027年支付第一期款40万元，2028年支付56万元", "40.00", "96.00"
    ),
    Basis("三年共需207万元，其中本年度安排60万元", "60.00", "207.00"),
    Basis("三年共需207万元", "60.00", "207.00"),
    Basis("三年共需207万元", "69.00", "345.00", 5),
    Basis("月租金1.2万元，年租金14.4万元", "14.40", "43.20"),
    Basis("大屏租赁18万元/年", "18.00", "18.00", 1),
    Basis("电费25万元/年，水费2万元/年", "27.00", "81.00"),
    Basis("本年度聘请讲师12名，每名2000元，共2.4万元", "2.40", "7.20"),
    Basis("支付2026年合同尾款8万元，支付2027年合同首款12万元", "20.00", "60.00"),
    Basis("中标金额85.5万元（三年），2027年支付28.5万元", "28.50", "85.50"),
    Basis("本年支付甲合同10万元，本年支付乙合同20万元", "30.00", "90.00"),
    Basis("2027年5月至2028年4月运维费12万元，本年列支8万元", "8.00", "24.00"),
    Basis("上年结转5万元，本年安排10万元", "15.00", "30.00"),
    Basis("每年24万元，本年实施6个月", "12.00", "60.00"),
    Basis("本年安排30万元，其中设备20万元、安装10万元", "30.00", "90.00"),
    Basis("服务期三年，每年36万元", "36.00", "108.00"),
    Basis("2027年需60万元；2028年需40万元；2029年需20万元", "60.00", "120.00"),
    Basis("2027-2029年共需90万元，年均30万元", "30.00", "90.00"),
    Basis("首年投入50万元，以后每年10万元", "50.00", "70.00"),
    Basis("项目总投资500万元，已支付300万元，本年支付200万元", "200.00", "500.00"),
    Basis("按合同约定，2027年支付第二笔进度款40%，计48万元", "48.00", "120.00"),
    Basis("购置终端60台，共需90万元，分三年支付", "30.00", "120.00"),
]

# one cause, one finding: what contradicts itself is not compared with the project as well
WRONG = [
    Basis(
        "合计90万元：终端60万元，维保20万元",
        "30.00",
        "60.00",
        wrong=(
            "AMT-020 B8 测算依据写明合计 90万元，各项相加为 80万元（60万元＋20万元），相差 10万元",
        ),
    ),
    Basis(
        "15人×8000元×12月＝154万元",
        "144.00",
        "432.00",
        wrong=("AMT-024 B8 测算依据里的算式“15人×8000元×12月＝154万元”应为 144万元",),
    ),
    Basis(
        "合计2510万元/三年，即一年费用837万元",
        "873.00",
        "2510.00",
        wrong=(year("即一年费用837万元", "873.00"),),
    ),
    Basis(
        "合计2510万元/三年，即一年费用837万元",
        "837.00",
        "2610.00",
        wrong=(total("合计2510万元/三年", "2,610.00"),),
    ),
    Basis(
        "合同金额100万元，本年支付首款30%即30万元",
        "40.00",
        "100.00",
        wrong=(year("本年支付首款30%即30万元", "40.00"),),
    ),
    Basis(
        "合同金额100万元，本年支付首款30%，即30万元。",
        "100.00",
        "100.00",
        wrong=(year("本年支付首款30%，即30万元", "100.00"),),
    ),
    Basis("三年共需30万元，每年10万元", "12.00", "30.00", wrong=(year("每年10万元", "12.00"),)),
    Basis(
        "三年共需30万元，每年10万元", "10.00", "36.00", wrong=(total("三年共需30万元", "36.00"),)
    ),
    Basis("每年10万元，三年共需30万元。", "30.00", "90.00", wrong=(year("每年10万元", "30.00"),)),
    Basis(
        "15人，每人每月8000元，全年144万元",
        "150.00",
        "450.00",
        wrong=(year("全年144万元", "150.00"),),
    ),
    Basis(
        "项目总费用30万元，2027年支付10万元",
        "12.00",
        "30.00",
        wrong=(year("2027年支付10万元", "12.00"),),
    ),
    Basis(
        "项目总费用30万元，2027年支付10万元",
        "10.00",
        "36.00",
        wrong=(total("项目总费用30万元", "36.00"),),
    ),
    Basis(
        "项目三年总费用30万元，其中2027年9万元、2028年10万元、2029年11万元",
        "10.00",
        "30.00",
        wrong=(year("其中2027年9万元", "10.00"),),
    ),
    Basis(
        "河道保洁三年合同金额96万元，2027年支付第一期款40万元，2028年支付56万元",
        "56.00",
        "96.00",
        wrong=(year("2027年支付第一期款40万元", "56.00"),),
    ),
    Basis(
        "三年共需207万元，其中本年度安排60万元",
        "69.00",
        "207.00",
        wrong=(year("其中本年度安排60万元", "69.00"),),
    ),
    Basis(
        "三年共需207万元",
        "80.00",
        "240.00",
        wrong=(
            "AMT-021 B8 测算依据写明“三年共需207万元”，平均每年 69万元，本年度项目金额为 80.00 万元",
        ),
    ),
    Basis("三年共需207万元", "69.00", "270.00", wrong=(total("三年共需207万元", "270.00"),)),
    Basis(
        "月租金1.2万元，年租金14.4万元", "12.00", "36.00", wrong=(year("年租金14.4万元", "12.00"),)
    ),
    Basis("大屏租赁18万元/年", "28.00", "28.00", 1, (year("大屏租赁18万元/年", "28.00"),)),
    Basis(
        "电费25万元/年，水费2万元/年",
        "25.50",
        "81.00",
        wrong=("AMT-021 B8 测算依据各项相加为 27万元，本年度项目金额为 25.50 万元",),
    ),
    Basis(
        "中标金额85.5万元（三年），2027年支付28.5万元",
        "25.80",
        "85.50",
        wrong=(year("2027年支付28.5万元", "25.80"),),
    ),
    Basis(
        "本年安排30万元，其中设备20万元、安装10万元",
        "20.00",
        "90.00",
        wrong=(year("本年安排30万元", "20.00"),),
    ),
    Basis(
        "2027年需60万元；2028年需40万元；2029年需20万元",
        "40.00",
        "120.00",
        wrong=(year("2027年需60万元", "40.00"),),
    ),
    Basis(
        "2027-2029年共需90万元，年均30万元",
        "30.00",
        "100.00",
        wrong=(total("2027-2029年共需90万元", "100.00"),),
    ),
    Basis(
        "按合同约定，2027年支付第二笔进度款40%，计48万元",
        "84.00",
        "120.00",
        wrong=(year("2027年支付第二笔进度款40%，计48万元", "84.00"),),
    ),
    Basis(
        "三年共需30万元，每年10元",
        "10.00",
        "30.00",
        wrong=("AMT-013 B8 测算依据的结果为 10元，本年度项目金额为 10.00 万元，相差正好一万倍",),
    ),
]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Basis, Sequence[str]]:
    """What the AMT rules on 测算依据 say of each text."""
    folder = tmp_path_factory.mktemp("estimated")
    campaign = make_campaign("declaration", folder / "campaign", units=[UNIT])
    path = campaign.folder / "projects.csv"
    heading = next(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    cases = {f"测算{number}": case for number, case in enumerate([*RIGHT, *WRONG])}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write = csv.writer(file).writerow
        write(heading)
        for number, (name, case) in enumerate(cases.items(), 1):
            code = f"4403992{number:014}"
            amounts = [str(case.years), "31 履职类项目", "项目法", case.total, case.year, ""]
            write([UNIT, code, name, *amounts])
    campaign = load_campaign(campaign.folder)
    issue(campaign, [UNIT])
    data = {
        "projects": [
            {"项目名称": name, "是否新增项目": "否", "测算依据": case.text}
            for name, case in cases.items()
        ]
    }
    findings = check_files(campaign, fill_unit(campaign, UNIT, data, folder / "filled.xlsx"))
    found: dict[Basis, list[str]] = {case: [] for case in cases.values()}
    for finding in findings:
        if finding.code.startswith("AMT-") and finding.field == "calc_basis":
            found[cases[finding.record]].append(f"{finding.code} {finding.cell} {finding.message}")
    return found


@pytest.mark.parametrize("case", [*RIGHT, *WRONG], ids=lambda case: f"{case.text}-{case.year}")
def test_estimate(said: Mapping[Basis, Sequence[str]], case: Basis) -> None:
    assert tuple(said[case]) == case.wrong
