"""The page of a run as a reviewer uses it: sorted, on a phone, in the dark, and what it has to copy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from browser import Browser, Page
from pages import LONG, A, B, C, assert_quiet, rows, units
from runs import big_run

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.report.page import write_html
from xltool.report.reports import make_report
from xltool.returns.submissions import Batch

# -- the order of the files --------------------------------------------------------------------


def sort(page: Page, key: str) -> tuple[list[str], str]:
    """Click a column: the units as they are listed then, and what the column says of the order."""
    page.click(f"th[data-key={key}] button")
    return units(page), page.run(
        f"document.querySelector('th[data-key={key}]').getAttribute('aria-sort')"
    )


def test_sorted_by_column(page: Page) -> None:
    first = units(page)
    assert first == ["", C, B, A]
    assert sort(page, "unit") == ([A, B, C, ""], "ascending")
    assert sort(page, "unit") == (["", C, B, A], "descending")
    assert sort(page, "unit") == (first, "none")
    assert sort(page, "error") == ([C, "", B, A], "descending")
    assert sort(page, "error")[1] == "ascending"
    assert sort(page, "records")[0] == [A, B, C, ""]
    assert sort(page, "warning")[0][0] == B
    assert sort(page, "file")[0] == [A, B, C, ""]
    assert sort(page, "status") == (first, "ascending")
    assert sort(page, "department")[0][-1] == ""
    states = "[...document.querySelectorAll('th[aria-sort]')].map(e => e.getAttribute('aria-sort'))"
    assert page.run(states) == ["none"] * 2 + ["ascending"] + ["none"] * 5


def test_sorted_by_keyboard_and_address(browser: Browser, page: Page, page_file: Path) -> None:
    page.run("document.querySelector('th[data-key=file] button').focus()")
    page.press("Enter")
    assert page.run("document.activeElement.textContent") == "文件"
    assert units(page) == [A, B, C, ""]
    page.press("Enter")
    page.wait_for("location.hash.includes('.desc')")
    assert page.run("location.hash") == "#sort=file.desc"
    with browser.open(page_file, "#status=passed&sort=unit.desc") as again:
        assert units(again) == [A]
        again.press("Escape")
        assert units(again) == ["", C, B, A]


@pytest.mark.parametrize("words", ["sort=", "sort=x", "sort=__proto__", "sort=toString.desc"])
def test_an_unknown_order_is_none(browser: Browser, page_file: Path, words: str) -> None:
    with browser.open(page_file, f"#{words}") as page:
        assert units(page) == ["", C, B, A]
        assert page.run("document.querySelectorAll('[aria-sort=none]').length") == 8
        assert_quiet(page, page_file)


# -- what it has to copy -----------------------------------------------------------------------

CLIPBOARD = (
    "navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }"
)
LETTER = """\
【131002 云岭区数字化城管指挥中心】
贵单位交来的“云岭区 2027 年二级项目支出绩效目标申报”（131002.xlsx）有 3 处错误，请逐处改正后交回，截止日期 2026 年 12 月 15 日：
1. 项目1 A9：锁定的内容被改动：应为“年度目标：”，现为“2027年目标：”。请恢复原样；预填内容有误的，请联系财政部门更正后重新下发。
2. 项目1 A14：表格位置被移动：插入了第 14 行。请不要插入或删除行、列；把内容填到下发的原表里再交。
3. 项目2 B10（长期目标（跨度多年的项目需填））：实施期限 4 年，没有填长期目标。跨度多年的项目，长期目标为必填项，请填写。
如有疑问，请联系 云岭区财政局绩效科 0000-88880000。谢谢配合。"""
WARNING = f"""\
【106002 云岭区政务服务中心】
贵单位交来的“云岭区 2027 年二级项目支出绩效目标申报”（106002.xlsx）有 1 处提醒，请核对；确有问题的，请改正后交回，截止日期 2026 年 12 月 15 日：
1. 项目1 C12（三级指标）：三级指标有 {len(LONG)} 字，限 40 字。请删减到 40 字以内。
如有疑问，请联系 云岭区财政局绩效科 0000-88880000。谢谢配合。"""
REMINDER = """\
【106003 云岭区大数据运营服务中心】
贵单位的“云岭区 2027 年二级项目支出绩效目标申报”尚未收到，请填写下发的工作簿后交回，截止日期 2026 年 12 月 15 日。如有疑问，请联系 云岭区财政局绩效科 0000-88880000。谢谢配合。"""


def test_the_text_for_one_unit(page: Page) -> None:
    page.run(CLIPBOARD)
    page.choose("#unit", C)
    page.click("#books .copy")
    assert page.run("window.copied") == LETTER
    assert page.texts("#books .copy") == ["已复制"]
    assert page.texts("#said") == ["已复制，可以直接粘贴"]
    assert page.texts("#books .finding") != []  # the click on the button did not close the file
    page.choose("#unit", B)
    page.click("#books .copy")
    assert page.run("window.copied") == WARNING
    page.choose("#unit", A)
    assert page.texts("#books .copy") == []  # nothing to say


def test_copying_without_a_clipboard(page: Page) -> None:
    page.run("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.run(
        "document.execCommand = () => { window.copied = document.activeElement.value; return true; }; 1"
    )
    page.choose("#unit", C)
    page.click("#books .copy")
    assert page.run("window.copied") == LETTER
    page.run("document.execCommand = () => false; 1")
    page.choose("#unit", B)
    page.click("#books .copy")
    assert page.run("document.getElementById('by-hand').value") == WARNING
    selected = "(e => e.value.slice(e.selectionStart, e.selectionEnd))"
    assert page.run(f"{selected}(document.getElementById('by-hand'))") == WARNING


def test_a_refused_clipboard_falls_back(page: Page) -> None:
    page.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no')); 1")
    page.run(
        "document.execCommand = () => { window.copied = document.activeElement.value; return true; }; 1"
    )
    page.choose("#unit", C)
    page.click("#books .copy")
    page.wait_for("window.copied")
    assert page.run("window.copied") == LETTER


def test_units_of_which_nothing_came(page: Page) -> None:
    assert page.texts("#missing h2") == ["还没有交的单位（2 个）"]
    assert page.texts("#missing li span:first-child") == [
        "106003 云岭区大数据运营服务中心",
        "106003",
        "131001 云岭区城市管理和综合执法局（本级）",
        "131001",
    ]
    page.run(CLIPBOARD)
    page.click("#missing .copy")
    assert page.run("window.copied") == REMINDER
    page.click("#missing > .copy")
    other = REMINDER.replace(
        "106003 云岭区大数据运营服务中心", "131001 云岭区城市管理和综合执法局（本级）"
    )
    assert page.run("window.copied") == f"{REMINDER}\n\n{other}"
    page.choose("#department", "云岭区城市管理和综合执法局")
    assert page.texts("#missing h2") == ["还没有交的单位（1 个）"]
    page.choose("#severity", "error")
    assert page.texts("#missing") == []
    page.press("Escape")
    page.choose("#unit", "131001")
    assert rows(page) == []
    assert page.texts("#missing h2") == ["还没有交的单位（1 个）"]


# -- on a phone, and in the dark ---------------------------------------------------------------

WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.mark.parametrize("width", [390, 360, 641, 768, 1280])
def test_no_width_scrolls_sideways(browser: Browser, page_file: Path, width: int) -> None:
    with browser.open(page_file) as page:
        page.resize(width, 844)
        page.click("#expand")
        for _ in range(6):
            page.run("scrollBy(0, 800)")
            page.settle()
        needed, there = page.run(WIDTHS)
        assert needed <= there == width
        outside = f"[...document.querySelectorAll('body *')].filter(e => !e.closest('.around') && e.getBoundingClientRect().right > {width} + 1).map(e => e.className || e.tagName)"
        assert page.run(outside) == []
        assert_quiet(page, page_file)


def test_codes_of_rules_are_not_broken(page: Page) -> None:
    codes = "[...document.querySelectorAll('.notes .rule-code')]"
    assert "TPL-006" in page.run(f"{codes}.map(e => e.textContent)")
    for width in (320, 345, 370, 390):
        page.resize(width, 844)
        page.settle()
        assert page.run(f"{codes}.filter(e => e.getClientRects().length > 1).length") == 0


def test_what_changed_stands_above_the_files(
    browser: Browser, office: Campaign, tmp_path: Path
) -> None:
    batch = Batch([], office, day=date(2027, 1, 10))
    report = make_report(batch, check(batch))
    path = tmp_path / "r.html"
    changes = ["与上次检查（2026-11-21 09:30）相比：", "  新交回 1 个单位：<b>甲</b>（没有问题）"]
    write_html(report, batch, path, changes=changes)
    with browser.open(path) as page:
        assert page.texts(".changes h2") == ["与上次检查（2026-11-21 09:30）相比："]
        assert page.texts(".changes li") == ["新交回 1 个单位：<b>甲</b>（没有问题）"]
        assert_quiet(page, path)
    write_html(report, batch, path)
    with browser.open(path) as page:
        assert page.texts(".changes") == []


def test_a_phone_shows_what_a_screen_does(page: Page) -> None:
    page.resize(390, 844)
    page.settle()
    assert rows(page)[1] == (
        "✕ 未通过 云岭区数字化城管指挥中心 131002 云岭区城市管理和综合执法局 131002.xlsx 3 3"
    )
    assert sort(page, "unit")[0] == [A, B, C, ""]
    labels = "document.querySelector('.row').querySelectorAll('.number')"
    assert page.run(f"[...{labels}].map(e => e.dataset.label)") == ["项目", "错误", "提醒", "提示"]


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def prefer(page: Page, theme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": theme}]
    page.ask("Emulation.setEmulatedMedia", {"features": features})
    page.settle()


CONTRASTS = """(() => {
  const parse = words => words.match(/[\\d.]+/g).map(Number);
  const light = rgb => { const [r, g, b] = rgb.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
  const seen = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) seen.push([e.tagName, e.className, e.textContent.slice(0, 20), ratio.toFixed(2)].join(' '));
  }
  return seen;
})()"""


def test_every_text_has_contrast(page: Page, theme: str) -> None:
    prefer(page, theme)
    assert page.run("document.documentElement.dataset.theme") == theme
    page.click("#expand")
    assert page.run(CONTRASTS) == []
    page.click("#books .code")
    assert page.run(CONTRASTS) == []


def test_the_switch_is_remembered(browser: Browser, page: Page, page_file: Path) -> None:
    prefer(page, "light")
    assert page.texts("#theme") == ["深色"]
    page.click("#theme")
    assert page.run("document.documentElement.dataset.theme") == "dark"
    assert page.texts("#theme") == ["浅色"]
    dark = page.run("getComputedStyle(document.body).backgroundColor")
    with browser.open(page_file) as again:
        assert again.run("getComputedStyle(document.body).backgroundColor") == dark
        again.click("#theme")
        assert again.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        again.run("localStorage.clear()")


def test_the_dark_is_not_printed(page: Page) -> None:
    prefer(page, "dark")
    page.ask("Emulation.setEmulatedMedia", {"media": "print"})
    page.settle()
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.texts("#theme, .copy") == []


def test_many_stay_sorted_to_the_end(
    browser: Browser, office: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    batch, report = big_run(office, good_declaration, files=120, each=3)
    write_html(report, batch, tmp_path / "r.html")
    with browser.open(tmp_path / "r.html", "#sort=file.desc") as page:
        for _ in range(3):
            page.run("scrollTo(0, document.documentElement.scrollHeight)")
            page.settle()
        files = page.texts("#books .file")
        assert files == [f"{number:04}.xlsx" for number in reversed(range(120))]
