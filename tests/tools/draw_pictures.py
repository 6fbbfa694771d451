"""Draw the pictures of the READMEs anew: `make pictures` (LibreOffice and Chromium, real ones).

workbook.png   a returned project sheet: what the unit sees
report.png     the page of a run: what the reviewer sees
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from browser import Browser

HERE = Path(*sys.argv[1:]).absolute()
RETURNED = "106002_云岭区政务服务中心_退回1.xlsx"
PROJECT = "大厅物业与设施维护"  # its sheet has a problem
# 宋体 and 黑体 as they look where they are missing; LibreOffice's own choice mixes scripts
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
{}</fontconfig>"""
FONT = """<match target="pattern"><test name="family"><string>{}</string></test>
<edit name="family" mode="assign" binding="strong"><string>{}</string></edit></match>"""
# what makes room for the findings
CHART = "document.querySelectorAll('.two, .notes').forEach(part => part.style.display = 'none')"
OPEN_FIRST = "document.querySelector('#books tbody tr').click()"


def xltool(folder: Path, *words: object) -> None:
    """Run a command in a folder; `check` ends with 1 where it found errors."""
    command = [sys.executable, "-m", "xltool", *map(str, words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)


def workbook(source: Path, folder: Path) -> None:
    """The upper part of one sheet, through LibreOffice."""
    fonts = folder / "fonts.conf"
    rules = "".join(
        FONT.format(*pair) for pair in (("宋体", "Noto Serif CJK SC"), ("黑体", "Noto Sans CJK SC"))
    )
    fonts.write_text(FONTS.format(rules), encoding="utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder)]
    environment = {**os.environ, "FONTCONFIG_FILE": str(fonts), "LC_ALL": "C.UTF-8"}
    subprocess.run([*command, str(source)], check=True, capture_output=True, env=environment)
    pdf = folder / f"{source.stem}.pdf"
    area = ["-r", "90", "-x", "40", "-y", "40", "-W", "665", "-H", "590"]
    number = str(page_of(pdf, PROJECT))
    page = ["-f", number, "-l", number, "-png", "-singlefile"]
    subprocess.run(["pdftoppm", *page, *area, str(pdf), str(HERE / "workbook")], check=True)


def page_of(pdf: Path, text: str) -> int:
    """The page where the form sheet of a project begins."""
    texts = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True, text=True)
    found = texts.stdout.split("\f")
    return 1 + next(n for n, page in enumerate(found) if text in page and "项目编码" in page)


def report(source: Path) -> None:
    """The head of the page and the first workbook with its findings, in Chromium."""
    with Browser() as browser:
        page = browser.open(source)
        page.resize(1000, 800)
        page.run(CHART)
        page.run(OPEN_FIRST)
        page.settle()
        page.screenshot(HERE / "report.png")


def main() -> None:
    """Play the demonstration and draw what comes of it."""
    os.environ["XLTOOL_TODAY"] = "2026-11-21"  # the same picture on every day
    HERE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        xltool(folder, "demo", "demo")
        base = Path("demo", "二级项目申报表")
        run = ["check", base / "交回", "--campaign", base / "填报"]
        xltool(folder, *run, "--format", "html", "-o", "检查结果.html")
        workbook(folder / base / "退回" / RETURNED, folder)
        report(folder / "检查结果.html")


if __name__ == "__main__":
    main()
