"""What a unit says of a warning: read from our own sheets as from strangers, and joined by rule and cell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from helpers import FORMS, make_campaign

from xltool.checking.explaining import explained
from xltool.fields.reading import Raw
from xltool.fields.remarks import Severity
from xltool.form.own_sheets import CHECKS, FRONT
from xltool.returns.explanations import Explanation, explains_nothing, explanations
from xltool.rules.findings import Finding
from xltool.workbook.limits import Limits
from xltool.workbook.opening import SheetData, WorkbookData, open_workbook
from xltool.write.live.open_lines import TO_EXPLAIN

HEAD: list[Raw] = ["状态", "程度", "工作表", "位置", "问题", "怎么改", "说明"]
PLACE, FOUND = ("TXT-002", "项目2", "E12"), "指标解释有 41 字，限 40 字"
LINE: list[Raw] = ["请核对", "提醒", "项目2", "E12", f"{FOUND}（TXT-002）", "请删减"]
CHECK_HEAD: list[Raw] = ["结果", "工作表", "检查内容", "位置", "规则", "说明", None, None, "范围"]


def read(*rows: list[Raw], name: str = FRONT) -> list[Explanation]:
    """What is read of a sheet of ours with these rows."""
    return explanations(WorkbookData([SheetData(name, list(rows))], {}))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("设备型号名称较长，无法删减", "设备型号名称较长，无法删减"),
        ("  两行\n一起  ", "两行 一起"),
        ('=HYPERLINK("http://x")', '=HYPERLINK("http://x")'),  # a text, and no formula anywhere
        ("已\u202e核\x1b[2J对\u200b", "已核[2J对"),
        ("长" * 300, "长" * 199 + "…"),
        (2027, "2027"),
        ("", None),
        ("　", None),
        ("\u202e", None),
        (None, None),
    ],
)
def test_texts(typed: Raw, text: str | None) -> None:
    expected = [] if text is None else [Explanation(*PLACE, text, words=FOUND)]
    assert read(["退回修改"], HEAD, ["请修改（1 处）"], [*LINE, typed]) == expected


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, [*LINE[:4], "没有规则", "请删减", "说明"]],
        [HEAD, [*LINE[:3], "=A1", LINE[4], "请删减", "说明"]],
        [HEAD[:6], [*LINE, "说明"]],
        [[*LINE, "说明"]],
        [HEAD[:5], HEAD[5:], [*LINE, "说明"]],
        [],
    ],
)
def test_what_is_no_line_of_ours_is_nothing(rows: list[list[Raw]]) -> None:
    assert read(*rows) == []


def test_columns_and_lines_that_the_unit_moved() -> None:
    """A line is known by what stands on it."""
    line: list[Raw] = [*LINE, "已核对"]
    turned: list[list[Raw]] = [HEAD[::-1], line[::-1], ["x"]]
    assert read(["甲"], ["乙"], *turned) == [Explanation(*PLACE, "已核对", words=FOUND)]


@pytest.mark.parametrize("name", ["退回修改 (2)", "已改", "Sheet1", "项目1的说明"])
def test_a_sheet_of_ours_that_was_renamed_is_known_by_its_headings(name: str) -> None:
    said = [Explanation(*PLACE, "已核对", words=FOUND)]
    line: list[Raw] = [*LINE, "已核对"]
    assert read(["退回修改"], HEAD, line, name=name) == said
    form, own = SheetData("项目1", [["项目名称", "甲"]]), SheetData(name, [HEAD, line])
    assert explanations(WorkbookData([form, own], {})) == said
    # where ours is there under its own name, another one with such headings says nothing
    assert explanations(WorkbookData([SheetData(FRONT, [HEAD]), own], {})) == []
    checks: list[list[Raw]] = [CHECK_HEAD, [*CHECK, "D12:D73"]]
    assert read(*checks, name=name) == [
        Explanation("IND-008", "项目1", "D12", "型号即名称", CHECKS, "D12:D73")
    ]


CHECK: list[Raw] = ["！", "项目1", "指标值不重复名称", "D12", "IND-008", "型号即名称", 1, None]


@pytest.mark.parametrize(
    ("typed", "area"),
    [
        ("D12:D73", "D12:D73"),
        ("C12:C73 D12 AA5:AB7", "C12:C73 D12 AA5:AB7"),
        (None, ""),
        ("D12:", ""),
        ("D0", ""),
        ("d12", ""),
        ("D12,D13", ""),
        (12, ""),
        ("D99999999", ""),
    ],
)
def test_lines_of_the_checks(typed: Raw, area: str) -> None:
    """The head above them has links where they have their 说明: it is passed over."""
    head: list[Raw] = [*CHECK_HEAD[:5], TO_EXPLAIN]
    link: list[Raw] = [*CHECK[:5], "写说明"]
    assert read(head, link, [], CHECK_HEAD, [*CHECK, typed], name=CHECKS) == [
        Explanation("IND-008", "项目1", "D12", "型号即名称", CHECKS, area)
    ]


def cells(*xml: str) -> bytes:
    """The cells of a sheet as spreadsheet programs write them."""
    return "".join(f"<row>{one}</row>" for one in xml).encode()


HEADS = ('<c r="F5" s="4" t="s"><v>9</v></c>', '<c r="F15" s="4" t="s"><v>10</v></c>')


@pytest.mark.parametrize(
    ("xml", "nothing"),
    [
        (cells(*HEADS), True),
        (cells(*HEADS, '<c r="F16" s="7"/>', '<c r="G16"><v>1</v></c>'), True),
        (cells(*HEADS, '<c r="F6" t="str"><f>IF(A6="","",1)</f><v> </v></c>'), True),
        (cells(*HEADS, '<c r="F16" s="7" t="s"><v>11</v></c>'), False),
        (cells(*HEADS, '<c r="F16" t="inlineStr"><is><t>属实</t></is></c>'), False),
        (cells(*HEADS, '<c r="F16"></c>'), False),  # blank in another spelling: somebody looks
        (cells(HEADS[0]), False),  # a heading was moved, with its column perhaps
        (cells(*(head.replace("F", "H") for head in HEADS)), False),
        (cells(*(head.replace("<c ", "<x:c ") for head in HEADS)), False),
        (b"", False),
    ],
)
def test_whether_anything_is_explained(xml: bytes, nothing: bool) -> None:
    assert explains_nothing(CHECKS, xml) == nothing
    assert not explains_nothing(FRONT, xml)


@pytest.mark.parametrize("form", FORMS)
def test_the_checks_as_issued_are_passed_over(form: str, tmp_path: Path) -> None:
    campaign = make_campaign(form, tmp_path / "campaign")
    unit = next(iter(campaign.units.values()))
    path = campaign.folder / "issued" / unit.file_name
    issued = open_workbook(path, Limits(), explains_nothing)
    assert [sheet.name for sheet in issued.sheets if not sheet.grid] == [CHECKS]
    whole = {sheet.name: sheet.grid for sheet in open_workbook(path, Limits()).sheets}
    assert {sheet.name: sheet.grid for sheet in issued.sheets} == whole | {CHECKS: []}


def test_no_other_sheet_is_read() -> None:
    line: list[Raw] = [*CHECK, "D12"]
    own, other = SheetData(CHECKS, [CHECK_HEAD]), SheetData("别的表", [CHECK_HEAD, line])
    assert explanations(WorkbookData([own, other], {})) == []
    assert read(CHECK_HEAD[:5], line, name="别的表") == []  # without the heading 说明


def found(
    cell: str,
    severity: Severity = "warning",
    code: str = "TXT-002",
    sheet: str = "项目2",
    cells: tuple[str, ...] = (),
    explanation: str = "",
) -> Finding:
    """A finding."""
    place = sheet, cell, cells or (cell,)
    words = "", "note", "指标解释", "", "", "指标解释有 41 字", "请删减"
    return Finding(code, severity, "a.xlsx", *place, *words, explanation=explanation)


SAID = Explanation("TXT-002", "项目2", "E12", "已核对")
WIDE = Explanation("TXT-002", "项目2", "D12", "都是型号", CHECKS, "D12:D73 E12:E73")
ROW = Explanation("TXT-002", "项目2", "B8", "另一行", CHECKS, "B8")


@pytest.mark.parametrize(
    ("finding", "said", "text"),
    [
        (found("E12"), [SAID], "已核对"),
        (found("E13"), [SAID], ""),
        (found("E12", code="TXT-003"), [SAID], ""),
        (found("E12", "error"), [SAID], ""),
        (found("E12", "info"), [SAID], ""),
        (found("E11", cells=("E11", "E12")), [SAID], "已核对"),
        (found("E12", sheet="项目1"), [SAID], ""),
        (found("E12"), [SAID, WIDE], "已核对"),
        (found("E20"), [SAID, WIDE], "都是型号"),
        (found("E20"), [ROW, WIDE], "都是型号"),
        (found("E9"), [ROW, WIDE], ""),
        (found("E74"), [WIDE], ""),
        (found("C20"), [WIDE], ""),
        (found("AE20"), [WIDE], ""),
        (found("B8"), [WIDE, ROW], "另一行"),
        (found("A1", cells=("A1", "D73")), [WIDE], "都是型号"),
        (found(""), [WIDE], ""),
        (found("E20", code="TXT-003"), [WIDE], ""),
        (found("E20", sheet="项目1"), [WIDE], ""),
        (found("E20", "error"), [WIDE], ""),
        (found("E20"), [replace(WIDE, area="")], ""),
        (found("E20"), [replace(WIDE, area="Z1:A1")], ""),
        (found("E20", explanation="以前"), [WIDE], "以前"),
    ],
)
def test_which_finding_it_is_about(finding: Finding, said: list[Explanation], text: str) -> None:
    (told,) = explained([finding], said)
    assert told.explanation == text
    assert told.fingerprint == finding.fingerprint


def test_which_of_several_at_one_place_it_is_about() -> None:
    """By the words that it repeats, however they were broken; by its place where nothing says them now."""
    first, second = (replace(found("", code="TPL-017"), message=m) for m in ("甲 没有带入", "乙"))
    said = replace(SAID, code="TPL-017", cell="", words="甲\n没有带入")
    texts = [
        [one.explanation for one in explained([first, second], [s])]
        for s in (
            said,
            replace(said, words="乙"),
            replace(said, words="丙"),
            replace(said, words=""),
        )
    ]
    assert texts == [["已核对", ""], ["", "已核对"], ["已核对"] * 2, ["已核对"] * 2]
    both = explained([first, second], [said, replace(said, text="另写", words="乙")])
    assert [one.explanation for one in both] == ["已核对", "另写"]
