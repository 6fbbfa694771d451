"""The page of a run, in a real Chromium: what it shows, filters, opens, prints, and keeps out."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from browser import Browser, Page
from commands import Run, Xltool, in_this_process, refused
from helpers import ROOT
from pages import A, B, C, assert_quiet, rows, units
from runs import big_run, finding_at

from xltool.checking.running import Verdict, check
from xltool.office.campaign import Campaign
from xltool.report.page import SCRIPTS, as_html, write_html
from xltool.report.reports import make_report
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch, Sender
from xltool.rules.findings import in_order

# -- what it shows -----------------------------------------------------------------------------


def test_the_head_says_what_an_auditor_asks(page: Page) -> None:
    assert page.texts("h1") == ["云岭区 2027 年二级项目支出绩效目标申报"]
    assert page.texts(".facts div") == [
        "预算年度 2027",
        "表 二级项目支出绩效目标申报表（2024.1）",
        "检查日期 2027年01月10日",
        "文件 收到 4 份：读取 3 份，无法读取 1 份",
        page.texts(".facts div")[4],
        "名册 5 家，本次有 3 家",
        "截止日期 2026年12月15日（已过 26 天）",
        page.texts(".facts div")[-1],
    ]
    assert re.fullmatch(r"程序 xltool \d+\.\d+\.\d+", page.texts(".facts div")[-1])
    assert page.texts(".facts div")[4].startswith("填报文件夹 /")
    assert page.texts(".notes li")[-1] == "按 campaign.toml 调整了规则的程度：TPL-006 为错误"


def test_each_file_has_its_line(page: Page) -> None:
    department = "云岭区政务服务和数据管理局"
    shas = page.run("[...document.querySelectorAll('.row .sha')].map(e => e.textContent)")
    assert [
        line.rsplit(" ", 1)[0] if sha else line for line, sha in zip(rows(page), shas, strict=True)
    ] == [
        "? 无法读取 （无签发信息） 坏.xlsx 0 1 – –",
        "✕ 未通过 云岭区数字化城管指挥中心 131002 云岭区城市管理和综合执法局 131002.xlsx 3 3 – –",
        f"! 有提醒 云岭区政务服务中心 106002 {department} 106002.xlsx 4 – 1 –",
        f"✓ 通过 云岭区政务服务和数据管理局（本级） 106001 {department} 106001.xlsx 6 – – –",
    ]
    assert [bool(re.fullmatch("[0-9a-f]{12}", sha)) for sha in shas] == [False, True, True, True]
    assert page.texts(".card") == [
        *("✓ 通过 1 份", "! 有提醒 1 份", "✕ 未通过 1 份", "? 无法读取 1 份"),
        *("还没有交 2 个", "✕ 错误 4 处", "! 提醒 2 处", "i 提示 0 处"),
    ]
    assert page.texts("#found") == ["列出 4 份（共 4 份）：错误 4 处，提醒 2 处"]


def test_a_unit_opens_to_its_findings_with_the_form_around_them(page: Page) -> None:
    page.choose("#unit", C)  # the only one listed opens by itself
    places = [page.texts(f"#books .{name}") for name in ("code", "place", "message")]
    assert list(zip(*places, strict=True)) == [
        ("TPL-002", "项目1!A9", "锁定的内容被改动：应为“年度目标：”，现为“2027年目标：”。"),
        ("TPL-004", "项目1!A14", "表格位置被移动：插入了第 14 行。"),
        ("TXT-005", "项目2!B10", "实施期限 4 年，没有填长期目标。"),
    ]
    assert page.texts("#books .what")[-2:] == [
        "项目：指挥平台信息化运维",
        "栏目：长期目标（跨度多年的项目需填）",
    ]
    assert page.texts("#books .hint")[-1] == "跨度多年的项目，长期目标为必填项，请填写。"
    assert page.texts("#books .faulty") == ["✕ A9 2027年目标：", "✕ B10 （空白）"]
    assert page.texts("#books .involved") == ["B4 4"]
    lines = page.texts("#books .finding:last-child .around tr")
    assert lines[0].startswith("4 实施期限 B4 4 项目类型 ")
    assert lines[1] == "10 长期目标（跨度多年的项目需填） ✕ B10 （空白）"
    (table,) = page.texts("#books .finding:nth-child(2) .around")  # above and below the new row
    assert table.startswith("行 一级指标 二级指标 三级指标 指标值 指标解释 13 产出指标")
    assert " 15 产出指标" in table
    assert re.fullmatch(r".*131002\.xlsx　?\s?sha256 [0-9a-f]{64}", page.texts(".whole")[0])


def test_what_is_about_no_file_stands_above(page: Page) -> None:
    (finding,) = page.texts("#general .finding")
    assert finding.startswith("! 提醒 XW-003")
    assert "截止日期 2026-12-15 已过，还有 2 个单位没有交表。" in finding
    assert "云岭区大数据运营服务中心" not in finding  # the list of those that are missing names it
    assert (
        len([text for text in page.texts("#missing li") if "云岭区大数据运营服务中心" in text]) == 1
    )


def test_first_things_and_the_chart(page: Page) -> None:
    first = page.texts("#first li")
    assert first[0].startswith("✕ 错误 ")
    assert first[-1].startswith("! 提醒 ")
    codes = ["TXT-005", "TXT-002", "TPL-002", "TPL-004", "TPL-008", "XW-003"]
    assert sorted(page.texts("#first .code")) == sorted(codes)
    assert all(line.endswith("1 处") for line in first)
    bars = page.texts("#chart .bar")
    assert all(re.search("(错误|提醒) 1$", bar) for bar in bars)
    assert len(bars) == 6


def test_a_code_opens_its_documentation(page: Page) -> None:
    page.choose("#unit", C)
    page.click("#books .finding:last-child .code")
    (text,) = page.texts("#dialog")
    assert text.startswith("TXT-005 错误：实施期限超过 1 年的项目必须填写长期目标。")
    assert "实施期限 … 年，没有填长期目标。 跨度多年的项目，长期目标为必填项，请填写。" in text
    assert page.texts("#dialog th")[-1] == "结果"
    page.press("Escape")
    assert page.texts("#dialog") == []
    assert page.run("document.getElementById('unit').value") == C  # Esc closed the page only


# -- filters -----------------------------------------------------------------------------------


def test_filters(page: Page) -> None:
    page.choose("#severity", "error")
    assert units(page) == ["", C]
    page.choose("#department", "云岭区政务服务和数据管理局")
    assert rows(page) == []
    assert page.texts("#found") == ["列出 0 份（共 4 份）：没有问题"]
    page.choose("#severity", "")
    assert units(page) == [B, A]
    page.click("#clear")
    page.choose("#code", "TXT-002")
    assert units(page) == [B]
    assert page.texts("#books .code") == ["TXT-002"]
    page.click("#clear")
    page.click(".card.passed")
    assert units(page) == [A]
    page.click(".card.passed")
    assert len(rows(page)) == 4


def test_search(page: Page) -> None:
    page.press("/")
    page.type_in("信息化运维")  # the name of a project
    assert units(page) == [C]
    assert page.texts("#books .code") == ["TXT-005"]
    page.type_in(" 长期目标")
    assert units(page) == [C]
    page.type_in(" 没有这样的字")
    assert units(page) == []
    page.press("Escape")
    assert page.run("document.activeElement.id") == "q"
    page.type_in("TXT-002")
    assert units(page) == [B]
    page.press("Escape")
    page.type_in("政务服务")  # the names of units: passed ones too
    assert units(page) == [B, A]


def test_a_letter_being_composed_is_not_searched(page: Page) -> None:
    page.press("/")
    page.ask("Input.imeSetComposition", {"text": "shirong", "selectionStart": 7, "selectionEnd": 7})
    page.settle()
    assert len(rows(page)) == 4
    page.type_in("信息化运维")
    assert units(page) == [C]


def test_a_bar_and_a_first_thing_filter(page: Page) -> None:
    page.click("#chart .code")
    code = page.texts("#chart .code")[0]
    assert page.run("document.getElementById('code').value") == code
    page.click("#first li:last-child .pick")
    assert page.run("document.getElementById('code').value") == page.texts("#first .code")[-1]


def test_the_address_keeps_the_filter(browser: Browser, page: Page, page_file: Path) -> None:
    page.choose("#severity", "error")
    page.press("/")
    page.type_in("长期 目标&=#")
    page.wait_for("location.hash.includes('q=')")
    fragment = page.run("location.hash")
    assert fragment == "#q=%E9%95%BF%E6%9C%9F%20%E7%9B%AE%E6%A0%87%26%3D%23&severity=error"
    with browser.open(page_file, fragment) as again:
        assert again.run("document.getElementById('q').value") == "长期 目标&=#"
        assert again.run("document.getElementById('severity').value") == "error"
    page.run("location.hash = '#unit=106002'")
    page.settle()
    assert units(page) == [B]


@pytest.mark.parametrize(
    "fragment", ["#q=%E9%A", "#unit=999", "#__proto__=1&x", "#code=<b>&severity=off"]
)
def test_a_broken_address_filters_nothing(browser: Browser, page_file: Path, fragment: str) -> None:
    with browser.open(page_file, fragment) as page:
        assert len(rows(page)) == 4
        assert_quiet(page, page_file)


# -- keyboard ----------------------------------------------------------------------------------


def focused(page: Page) -> str:
    """The code of the unit whose line has the focus."""
    return str(page.run("document.activeElement.closest('.row').querySelector('.id').textContent"))


def test_by_keyboard_alone(page: Page) -> None:
    page.press("/")
    stops = []
    for _ in range(20):
        page.press("Tab")
        stops.append(page.run("document.activeElement.id || document.activeElement.className"))
    assert stops[:8] == [
        "status",
        "department",
        "unit",
        "code",
        "severity",
        "clear",
        "expand",
        "print",
    ]
    assert stops[8:] == [*["copy"] * 3, "code", *["sort"] * 8]  # the missing, what is about no file
    page.press("Tab")
    assert focused(page) == ""
    page.press("ArrowDown")
    assert focused(page) == C
    page.press("Enter")
    assert len(page.texts("#books .finding")) == 3
    assert page.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.press("ArrowDown", "ArrowDown")
    assert focused(page) == A
    page.press("ArrowDown")
    assert focused(page) == A  # the last one
    page.press("Home", "ArrowDown", "ArrowLeft")
    assert page.texts("#books .finding") == []
    page.press("ArrowRight", "Tab")
    assert page.run("document.activeElement.className") == "copy"
    page.press("Tab")
    assert page.run("document.activeElement.textContent") == "TPL-002"
    page.press("Enter")
    assert page.texts("#dialog h3") == ["TPL-002"]
    page.press("Escape")
    assert page.run("document.activeElement.textContent") == "TPL-002"


def test_escape_clears_all_filters(page: Page) -> None:
    page.choose("#severity", "error")
    page.choose("#code", "TPL-002")
    page.press("Escape")
    assert len(rows(page)) == 4
    page.wait_for("location.hash === ''")


# -- print -------------------------------------------------------------------------------------


def printed(page: Page, folder: Path) -> str:
    """The text of the page as printed on A4."""
    pdf = page.pdf(folder / "r.pdf")
    info = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    assert "A4" in info
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True)
    return re.sub(r"\s+", "", done.stdout.decode())


def test_print_has_every_listed_finding_and_no_controls(page: Page, tmp_path: Path) -> None:
    text = printed(page, tmp_path)
    assert {*re.findall("[A-Z]{3}-[0-9]{3}", text)} >= {"TPL-002", "TPL-004", "TXT-002", "TXT-005"}
    assert text.count("怎么改") >= 6
    assert "规则说明" in text
    assert (
        len(re.findall("sha256[0-9a-f]{64}", text)) == 3
    )  # of the one that cannot be read there is none
    for word in ("清除筛选", "键盘", "主管部门全部", "全部展开"):
        assert word not in text
    assert page.texts("#books .finding") == []  # afterwards as before


def test_no_printed_page_ends_with_a_file_whose_findings_come_next(
    page: Page, tmp_path: Path
) -> None:
    """The line of a file, with its digest, stays with the first of its findings."""
    pdf = page.pdf(tmp_path / "r.pdf")
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True)
    pages = [sheet.split("\n") for sheet in done.stdout.decode().split("\f") if sheet.strip()]
    last = [next(line for line in reversed(sheet) if line.strip()) for sheet in pages]
    assert len(last) > 1
    assert [line for line in last if "sha256" in line] == []


def test_print_of_a_filtered_page(page: Page, tmp_path: Path) -> None:
    page.choose("#code", "TXT-002")
    page.press("/")
    page.type_in("窗口")
    text = printed(page, tmp_path)
    assert "列出1份（共4份）：提醒1处。只列出：查找“窗口”，规则TXT-002（1）" in text
    assert "106002.xlsx" in text
    assert "131002.xlsx" not in text


# -- hostile texts -----------------------------------------------------------------------------

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(2)>",
    "]]></style><svg onload=alert(3)>",
    "\"><a href='javascript:alert(4)' autofocus onfocus=alert(5)>x</a>",
    "&lt;b&gt; &#60;i&#62; {{ 7 * 7 }} {% raw %} ${alert(6)} \\u003cb\\u003e",
    "甲\x00乙\x07丙\x1b[31m",
    "\u202e倒过来的\u2066字",
    "\ud800半个",
    "\u2028\u2029分行",
    "长<b>" * 7500,
    "__proto__",
    '=HYPERLINK("http://example.invalid")',
]


@pytest.fixture(scope="module")
def hostile_file(
    office: Campaign, good_declaration: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A page with hostile texts in every place that a file, a unit or a campaign fills."""
    original = read_file(good_declaration, settings_for(office, None))
    issue = original.issue
    assert issue is not None
    submissions, findings = [], []
    for number, text in enumerate(HOSTILE):
        file = f"交回/{number}/{text}.xlsx"
        row = replace(original.rows[0], sheet=text, raw=dict.fromkeys(original.rows[0].raw, text))
        unit = replace(issue, unit=f"u{number}{text}", unit_name=text)
        sender = Sender(unit.unit, text, unit.fy, unit.district, unit.department_code, "")
        submissions.append(replace(original, file=file, issue=unit, sender=sender, rows=[row]))
        found = finding_at(number, file, row, "project_name", "TXT-001", "error", text)
        findings.append(replace(found, record=text, label=text, hint=text))
        findings.append(
            replace(found, code="TXT-002", severity="info", waiver=text, message=f"豁免{text}")
        )
        findings.append(
            replace(found, workbook=None, file="units.csv", sheet="", cell="", cells=(), value=text)
        )
    batch = Batch(submissions, replace(office, title=HOSTILE[0] + HOSTILE[2]))
    report = make_report(batch, Verdict(in_order(findings), HOSTILE))
    path = tmp_path_factory.mktemp("hostile") / "r.html"
    write_html(report, batch, path)
    return path


def test_hostile_texts_are_texts(browser: Browser, hostile_file: Path) -> None:
    with browser.open(hostile_file) as page:
        page.click("#expand")
        for _ in range(40):  # every file comes into view and is filled
            page.run("scrollBy(0, 2000)")
            page.settle()
        assert page.run("[...document.querySelectorAll('#books .finding')].length") == 2 * len(
            HOSTILE
        )
        for name in ("img", "svg", "a", "b:not(.error, .warning, .info, .card b)", "i", "iframe"):
            assert page.run(f"document.querySelectorAll({json.dumps(name)}).length") == 0, name
        assert page.run("document.querySelectorAll('script').length") == 2
        assert page.run("document.querySelectorAll('[onerror], [onload], [onfocus]').length") == 0
        messages = page.run(
            "[...document.querySelectorAll('#books .error .message')].map(e => e.textContent)"
        )
        shown = set(messages)
        for text in HOSTILE[:6]:
            assert f"{text}。" in shown
        assert "甲�乙�丙�[31m。" in shown
        assert "�倒过来的�字。" in shown
        assert "\n\n分行。" in shown
        assert any(
            text.startswith("长<b>长<b>") and text.endswith("……（共 30000 字）。") for text in shown
        )
        assert page.texts("h1") == [HOSTILE[0] + HOSTILE[2]]
        for name in (".faulty", ".place", ".what", ".hint", ".waiver", ".unit", ".whole"):
            texts = page.run(
                f"[...document.querySelectorAll('#books {name}')].map(e => e.textContent).join()"
            )
            assert HOSTILE[0] in texts, name
            assert HOSTILE[2] in texts, name
            assert "\u202e" not in texts
            assert "\x1b" not in texts
        assert HOSTILE[2] in page.run("document.querySelector('#general').textContent")
        assert HOSTILE[2] in page.run("document.querySelector('.notes').textContent")
        assert_quiet(page, hostile_file)


def test_the_policy_admits_nothing_else(browser: Browser, page_file: Path) -> None:
    """What the page's own script may not do, were it ever tricked."""
    with browser.open(page_file) as page:
        refused_all = """(async () => {
          const seen = [];
          document.addEventListener('securitypolicyviolation', e => seen.push(e.effectiveDirective));
          document.body.insertAdjacentHTML('beforeend', '<img src="data:image/gif;base64,AAAA"><p style="color:red" onclick="window.hit = 1">x</p>');
          document.body.lastChild.click();
          const script = document.createElement('script');
          script.textContent = 'window.hit = 2';
          document.body.append(script);
          try { await fetch('data:,x'); } catch (error) { seen.push('fetch'); }
          try { (0, eval)('window.hit = 3'); } catch (error) { seen.push('eval'); }
          await new Promise(done => setTimeout(done, 200));
          return [window.hit || 0, Array.from(new Set(seen)).sort()];
        })()"""
        hit, seen = page.run(refused_all)
        assert hit in (0, 3)  # DevTools may evaluate
        assert {
            "connect-src",
            "img-src",
            "script-src-attr",
            "script-src-elem",
            "style-src-attr",
        } <= set(seen)


def test_old_browsers_and_no_markup_from_texts() -> None:
    """Nothing newer than ES2017 and Chromium 80, and no way for a text to become markup."""
    script = "".join((ROOT / "xltool" / "report" / name).read_text("utf-8") for name in SCRIPTS)
    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\?\.|\?\?|replaceAll|replaceChildren|\.at\(|matchAll|fromEntries|\.flat|import |export |\{ *\.\.\."
    assert re.findall(banned, script) == []
    style = (ROOT / "xltool" / "report" / "report.css").read_text("utf-8")
    assert (
        re.findall(
            r"url\(|@import|:is\(|:where\(|:has\(|inset:|aspect-ratio|(?<!grid-)\bgap:", style
        )
        == []
    )


# -- size, and the command ---------------------------------------------------------------------


@pytest.mark.parametrize("longest", [30, 400])
def test_ten_thousand_findings_below_3_mb(
    office: Campaign, good_declaration: Path, longest: int
) -> None:
    batch, report = big_run(office, good_declaration, files=200, each=50, longest=longest)
    assert report.counts.total() == 10_000
    assert len(as_html(report, batch)) < 3_000_000


def test_many_findings_come_as_they_are_looked_at(
    browser: Browser, office: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    batch, report = big_run(office, good_declaration, files=200, each=50)
    write_html(report, batch, tmp_path / "r.html")
    with browser.open(tmp_path / "r.html") as page:
        assert page.texts("#found") == [
            "列出 200 份（共 200 份）：错误 3400 处，提醒 3400 处，提示 3200 处"
        ]
        assert len(rows(page)) == 50
        page.click("#expand")
        assert 40 <= len(page.run("[...document.querySelectorAll('.finding')].map(e => 1)")) < 400
        for _ in range(3):
            page.run("scrollTo(0, document.documentElement.scrollHeight)")
            page.settle()
        assert len(rows(page)) > 50
        page.press("/")
        page.type_in("0007.xlsx")
        assert len(rows(page)) == 1
        assert len(page.texts("#books .finding")) == 40
        page.click("#books .more")
        assert len(page.texts("#books .finding")) == 50
        assert_quiet(page, tmp_path / "r.html")


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


def test_the_command(
    xltool: Xltool, declaration: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    words = ("check", good_declaration, "--campaign", declaration.folder, "--format", "html")
    refused(xltool(*words), "--format html 需要用 -o 指明写到哪个文件")
    path = tmp_path / "新" / "r.html"
    run = xltool(*words, "-o", path)
    assert run == Run(run.code, "", f"已写出 {path}\n")
    page = path.read_text("utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="zh-CN">')
    assert [file.name for file in path.parent.iterdir()] == ["r.html"]


def test_without_a_campaign_and_without_a_form(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK")
    batch = Batch(
        [read_file(tmp_path / "坏.xlsx", settings_for(None, None))], None, day=date(2027, 1, 10)
    )
    write_html(make_report(batch, check(batch)), batch, tmp_path / "r.html")
    with browser.open(tmp_path / "r.html") as page:
        assert page.texts("h1") == ["绩效申报表"]
        assert page.texts(".facts div")[0] == "检查日期 2027年01月10日"
        assert len(page.texts("#books .finding")) == 1
        assert page.texts("#books .department") == []
        assert_quiet(page, tmp_path / "r.html")
