"""Drive one headless LibreOffice: a JSON command per line of stdin, a JSON answer on stdout.

Runs under Debian's /usr/bin/python3 (python3-uno), started only by ``office.py``. A command is
[method, argument, ...], "start" the first; at the end of stdin LibreOffice quits.

Debian's -nogui packages lack Calc's .ui files, and each missing one kills soffice. Still the
documents need a shown window (``Hidden=True`` dies at the second refused input), so the profile
switches off the formula bar (child window 26100), whose inputbar.ui is missing.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found,unused-ignore]

STAR = "com.sun.star"
FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".ods": "calc8",
    ".xls": "MS Excel 97",
    ".pdf": "calc_pdf_Export",
}
STRINGS = re.compile(r'"((?:[^"]|"")*)"(?:;|$)')
PROFILE = """<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale">
<value>LOCALE</value></prop></item><item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="UseLocking"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Input"><prop oor:name="AutoInput">
<value>false</value></prop></item><item oor:path="/org.openoffice.Office.Views/Windows">
<node oor:name="26100" oor:op="replace"><prop oor:name="Visible"><value>false</value></prop></node>
</item></oor:items>"""


def prop(name: str, value: str | bool) -> tuple[Any]:
    direct = uno.Enum(f"{STAR}.beans.PropertyState", "DIRECT_VALUE")
    return (uno.createUnoStruct(f"{STAR}.beans.PropertyValue", name, 0, value, direct),)


class Driver:
    """The commands, a method each; a document goes by the number its caller gave it."""

    def start(self, private: str, locale: str) -> None:
        self.docs: dict[int, Any] = {}
        self.known: dict[tuple[int, str, str], Any] = {}  # areas that were written to
        self.folder = Path(private)
        settings = self.folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(PROFILE.replace("LOCALE", locale), encoding="utf-8")
        command = ["/usr/bin/soffice", "--headless", "--norestore", "--nologo", "--nodefault"]
        command.append(f"-env:UserInstallation={(self.folder / 'profile').as_uri()}")
        command.append(f"--accept=pipe,name={self.folder.name};urp;")
        # Without a UTF-8 locale soffice cannot open a file with a Chinese name.
        env = {**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": private, "SAL_USE_VCLPLUGIN": "svp"}
        self.soffice = subprocess.Popen(command, stdin=-3, stdout=sys.stderr, env=env)
        local = uno.getComponentContext().ServiceManager
        resolver = local.createInstance(f"{STAR}.bridge.UnoUrlResolver")
        address = f"uno:pipe,name={self.folder.name};urp;StarOffice.ServiceManager"
        while True:
            try:
                make = resolver.resolve(address).createInstance
                break
            except Exception:  # NoConnectException until the pipe is there
                if self.soffice.poll() is not None:
                    sys.exit("soffice did not start")
                time.sleep(0.02)
        self.desktop = make(f"{STAR}.frame.Desktop")
        self.dispatcher = make(f"{STAR}.frame.DispatchHelper")
        self.toolkit = make(f"{STAR}.awt.Toolkit")

    def open(self, key: int, path: str) -> None:
        url = uno.systemPathToFileUrl(path)
        doc = self.desktop.loadComponentFromURL(url, "_blank", 0, prop("Hidden", False))
        if doc is None:
            raise ValueError("cannot be opened as a spreadsheet")
        self.docs[key] = doc

    def save_as(self, key: int, path: str) -> None:
        chosen = prop("FilterName", FILTERS[Path(path).suffix.lower()])
        self.docs[key].storeToURL(uno.systemPathToFileUrl(path), chosen)

    def call(self, key: int, method: str, *args: bool) -> Any:
        return getattr(self.docs[key], method)(*args)

    def sheets(self, key: int) -> dict[str, tuple[bool, bool]]:
        return {s.Name: (s.IsVisible, s.isProtected()) for s in self.docs[key].Sheets}

    def cell(self, key: int, sheet: str, name: str) -> Any:
        return self.docs[key].Sheets[sheet].getCellRangeByName(name)

    def enter(self, key: int, how: str, sheet: str, name: str, text: str) -> bool:
        """Type into a cell, or into the merged cell it is a part of. Was that accepted?"""
        doc = self.docs[key]
        frame = doc.CurrentController.Frame
        dispatch = self.dispatcher.executeDispatch
        doc.CurrentController.setActiveSheet(doc.Sheets[sheet])
        dispatch(frame, ".uno:GoToCell", "", 0, prop("ToPoint", name))
        target = doc.Sheets[sheet].createCursorByRange(self.cell(key, sheet, name))
        target.collapseToMergedArea()
        if doc.CurrentController.Selection.AbsoluteName != target.AbsoluteName:
            return False  # on a hidden sheet
        before = (first := target.getCellByPosition(0, 0)).Formula
        doc.UndoManager.clear()
        if not text:
            dispatch(frame, ".uno:ClearContents", "", 0, ())
        elif how == "keys":
            self.press(frame.ContainerWindow, text)
        else:
            dispatch(frame, ".uno:EnterString", "", 0, prop("StringName", text))
        # Typing what is there already counts as an edit; one of several lines is not listed.
        return bool(doc.UndoManager.getAllUndoActionTitles() or first.Formula != before)

    def press(self, window: Any, text: str) -> None:
        window.setFocus()
        self.toolkit.processEventsToIdle()  # or, on a busy machine, the keys get lost
        for char in [*text, ""]:
            event = uno.createUnoStruct(f"{STAR}.awt.KeyEvent")
            event.Source = window
            if char in ("", "\n"):
                event.KeyCode, event.Modifiers = 1280, len(char) * 2  # Enter or Ctrl+Enter
            else:
                event.KeyChar = uno.Char(char)
            self.toolkit.keyPress(event)
            self.toolkit.keyRelease(event)
        self.toolkit.processEventsToIdle()

    def look(self, key: int, sheet: str, name: str) -> list[str | float]:
        cell = self.cell(key, sheet, name)
        shown, content = cell.String, cell.DataArray[0][0]  # content is None for an error
        return [shown if content is None else content, shown, cell.Formula, cell.Annotation.String]

    def put(self, key: int, areas: list[tuple[str, str, list[list[str | float]]]]) -> None:
        """Write rows of contents into areas, past protection and validations, then calculate all."""
        doc = self.docs[key]
        doc.enableAutomaticCalculation(False)
        names = {sheet for sheet, _, _ in areas if doc.Sheets[sheet].isProtected()}
        for name in names:
            doc.Sheets[name].unprotect("")
        for sheet, name, rows in areas:
            area, formats = self.formats(key, sheet, name)
            area.setDataArray(tuple(tuple(row) for row in rows))
            for (r, c), known in formats.items():  # a text makes its cell a text cell
                if rows[r][c] and isinstance(rows[r][c], str):
                    area.getCellByPosition(c, r).NumberFormat = known
        for name in names:
            doc.Sheets[name].protect("")
        doc.calculateAll()

    def formats(self, key: int, sheet: str, name: str) -> tuple[Any, dict[tuple[int, int], int]]:
        """An area, and the number formats that its cells had at first, but for text cells."""
        if (key, sheet, name) not in self.known:
            area, kinds = self.cell(key, sheet, name), self.docs[key].NumberFormats
            size = area.Rows.Count, area.Columns.Count
            places = [(r, c) for r in range(size[0]) for c in range(size[1])]
            first = {(r, c): int(area.getCellByPosition(c, r).NumberFormat) for r, c in places}
            texts = {k for k in set(first.values()) if kinds.getByKey(k).FormatString == "@"}
            kept = {place: k for place, k in first.items() if k not in texts}
            self.known[key, sheet, name] = area, kept
        area, formats = self.known[key, sheet, name]
        return area, formats

    def area(self, key: int, sheet: str, name: str) -> list[list[str | float]]:
        return [list(row) for row in self.cell(key, sheet, name).DataArray]

    def validation(self, key: int, sheet: str, name: str) -> list[str]:
        rule = self.cell(key, sheet, name).Validation
        what = [rule.Type.value, rule.getOperator().value]
        what += [self.moved(key, sheet, name, number) for number in (1, 2)]
        what += [rule.InputTitle, rule.InputMessage] if rule.ShowInputMessage else ["", ""]
        style = rule.ErrorAlertStyle.value if rule.ShowErrorMessage else ""
        return [*what, rule.ErrorTitle, rule.ErrorMessage, style]

    def moved(self, key: int, sheet: str, name: str, number: int) -> str:
        """Spell a validation's formula as seen from the cell, not from its rule's first cell."""
        cell = self.cell(key, sheet, name)
        formula = str(getattr(cell.Validation, f"getFormula{number}")())
        if not formula or STRINGS.match(formula):
            return formula
        parser = self.docs[key].createInstance(f"{STAR}.sheet.FormulaParser")
        parser.CompileEnglish = True
        tokens = parser.parseFormula(formula, cell.Validation.getSourcePosition())
        return str(parser.printFormula(tokens, cell.CellAddress))

    def choices(self, key: int, sheet: str, name: str) -> list[str]:
        rule = self.cell(key, sheet, name).Validation
        if rule.Type.value != "LIST" or not rule.ShowList:
            return []
        source = self.moved(key, sheet, name, 1)
        if STRINGS.match(source):
            return [text.replace('""', '"') for text in STRINGS.findall(source)]
        # LibreOffice itself works the source out, in the cell, but in a copy of the document: a
        # formula can be written through sheet protection but not be taken away again.
        copy = str(self.folder / "copy.ods")
        self.save_as(key, copy)
        self.open(-key, copy)
        cell = self.cell(-key, sheet, name)
        cell.setFormula(f"=ROWS({source})*COLUMNS({source})")
        texts: list[str] = []
        for number in range(1, 1 + (0 if cell.getError() else min(int(cell.Value), 1000))):
            item = f"INDEX({source};{number})"
            cell.NumberFormat = 0  # or a former item's format stays
            cell.setFormula(f'=IF(ISBLANK({item});"";{item})')
            if cell.String or "" not in texts:  # the dropdown has one empty entry at most
                texts.append(cell.String)
        self.docs.pop(-key).close(True)
        return texts


def main() -> None:
    driver = Driver()
    for line in sys.stdin:
        method, *args = json.loads(line)
        try:
            answer = {"ok": getattr(driver, method)(*args)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for doc in list(driver.desktop.Components):
        doc.close(True)
    driver.desktop.terminate()
    driver.soffice.wait(10)
    shutil.rmtree(driver.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
