"""Drive one headless LibreOffice: JSON commands on stdin, one JSON answer per line on stdout.

Runs under Debian's /usr/bin/python3 (python3-uno); started only by ``office.py``. Its one argument
is a private folder for the profile, the log and LibreOffice's temporary files. The first line of
stdin is ``{"locale": ..., "timeout": ...}``, each further one ``{"op": ..., "args": [...]}``; at
the end of stdin LibreOffice is told to quit.

Debian's *-nogui* packages leave out the dialogs' .ui files, and a missing one kills soffice. The
window must nevertheless be a shown one (``Hidden=True`` dies on the second refused input), so the
profile switches off the formula bar (child window 26100), whose inputbar.ui is missing.
"""

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

uno: Any = importlib.import_module("uno")

FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".ods": "calc8",
    ".xls": "MS Excel 97",
    ".pdf": "calc_pdf_Export",
}
ENTER, CTRL = 1280, 2  # com.sun.star.awt.Key.RETURN, KeyModifier.MOD1
STRINGS = re.compile(r'"(?:[^"]|"")*"(?:;"(?:[^"]|"")*")*')
SETTINGS = (
    ("Setup/L10N", "ooSetupSystemLocale", "{locale}"),
    ("Office.Common/Misc", "UseLocking", "false"),  # no .~lock files beside the tests' files
    ("Office.Calc/Input", "AutoInput", "false"),  # no completion from the cells above
    ("Office.Views/Windows", "26100", "false"),
)


def profile(folder: Path, locale: str) -> None:
    """Write the settings of a new LibreOffice profile."""
    items = ""
    for path, name, value in SETTINGS:
        prop = "Visible" if name.isdigit() else name
        item = f'<prop oor:name="{prop}" oor:op="fuse"><value>{value}</value></prop>'
        if name.isdigit():
            item = f'<node oor:name="{name}" oor:op="replace">{item}</node>'
        items += f'<item oor:path="/org.openoffice.{path}">{item}</item>'
    target = folder / "profile" / "user" / "registrymodifications.xcu"
    target.parent.mkdir(parents=True)
    target.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items'
        ' xmlns:oor="http://openoffice.org/2001/registry">'
        + items.replace("{locale}", locale)
        + "</oor:items>",
        encoding="utf-8",
    )


def struct(name: str, **fields: Any) -> Any:
    """Make one UNO struct of com.sun.star."""
    made = uno.createUnoStruct(f"com.sun.star.{name}")
    for key, content in fields.items():
        setattr(made, key, content)
    return made


def props(**values: Any) -> tuple[Any, ...]:
    return tuple(struct("beans.PropertyValue", Name=k, Value=v) for k, v in values.items())


class Driver:
    """The commands, one method each; a document is known by the number its caller gave it."""

    def __init__(self, folder: Path, locale: str, timeout: float) -> None:
        self.docs: dict[int, Any] = {}
        self.folder = folder
        profile(folder, locale)
        pipe = f"xltool-{folder.name}"
        with (folder / "soffice.log").open("wb") as log:
            self.soffice = subprocess.Popen(
                [
                    "/usr/bin/soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                    "--headless", "--norestore", "--nologo", "--nodefault",
                    f"--accept=pipe,name={pipe};urp;",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"},
            )  # fmt: skip
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        give_up = time.monotonic() + timeout
        while True:
            try:
                self.context = resolver.resolve(
                    f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
                )
                break
            except Exception as error:  # NoConnectException until the pipe is there
                if self.soffice.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(f"soffice did not start: {error}") from error
                time.sleep(0.02)
        self.desktop = self.service("frame.Desktop")
        self.dispatcher = self.service("frame.DispatchHelper")
        self.toolkit = self.service("awt.Toolkit")

    def service(self, name: str) -> Any:
        return self.context.ServiceManager.createInstanceWithContext(
            f"com.sun.star.{name}", self.context
        )

    def quit(self) -> None:
        for key in list(self.docs):
            self.close(key)
        try:
            self.desktop.terminate()
        except Exception:  # noqa: S110  # the bridge goes down under the call
            pass
        self.soffice.wait(10)

    def open(self, key: int, path: str) -> None:
        doc = self.desktop.loadComponentFromURL(
            Path(path).as_uri(), "_blank", 0, props(Hidden=False)
        )
        if doc is None or not hasattr(doc, "Sheets"):
            raise RuntimeError(f"LibreOffice cannot open {path}")
        self.docs[key] = doc

    def close(self, key: int) -> None:
        self.docs.pop(key).close(True)

    def sheets(self, key: int, hidden: bool) -> list[str]:
        return [s.Name for s in self.docs[key].Sheets if hidden or s.IsVisible]

    def cell(self, key: int, sheet: str, name: str) -> Any:
        return self.docs[key].Sheets[sheet].getCellRangeByName(name).getCellByPosition(0, 0)

    def dispatch(self, key: int, command: str, **values: Any) -> None:
        frame = self.docs[key].CurrentController.Frame
        self.dispatcher.executeDispatch(frame, f".uno:{command}", "", 0, props(**values))

    def go_to(self, key: int, sheet: str, name: str) -> bool:
        """Put the cursor on a cell, or on the merged cell it is a part of."""
        doc = self.docs[key]
        target = doc.Sheets[sheet].createCursorByRange(self.cell(key, sheet, name))
        doc.CurrentController.setActiveSheet(doc.Sheets[sheet])
        if doc.CurrentController.ActiveSheet.Name != sheet:
            return False  # a hidden sheet
        self.dispatch(key, "GoToCell", ToPoint=name)
        target.collapseToMergedArea()
        there = doc.CurrentController.Selection.RangeAddress
        wanted = target.RangeAddress
        doc.UndoManager.clear()
        return (there.Sheet, there.StartColumn, there.StartRow) == (
            wanted.Sheet, wanted.StartColumn, wanted.StartRow,
        )  # fmt: skip

    def changed(self, key: int) -> bool:
        """Was there an edit since go_to? Typing what is there already counts as one."""
        return bool(self.docs[key].UndoManager.getAllUndoActionTitles())

    def type_in(self, key: int, sheet: str, name: str, text: str) -> bool:
        if not self.go_to(key, sheet, name):
            return False
        self.dispatch(key, "EnterString", StringName=text)
        return self.changed(key)

    def key_in(self, key: int, sheet: str, name: str, text: str) -> bool:
        if not self.go_to(key, sheet, name):
            return False
        window = self.docs[key].CurrentController.Frame.ContainerWindow
        window.setFocus()
        for char in [*text, ""]:
            code, held = (0, 0) if char not in ("", "\n") else (ENTER, CTRL if char else 0)
            event = struct("awt.KeyEvent", Source=window, KeyCode=code, Modifiers=held)
            if not code:
                event.KeyChar = uno.Char(char)
            self.toolkit.keyPress(event)
            self.toolkit.keyRelease(event)
        self.toolkit.processEventsToIdle()
        return self.changed(key)

    def clear(self, key: int, sheet: str, name: str) -> bool:
        if not self.go_to(key, sheet, name):
            return False
        self.dispatch(key, "ClearContents")
        return self.changed(key)

    def value(self, key: int, sheet: str, name: str) -> str | float:
        cell = self.cell(key, sheet, name)
        content: str | float | None = cell.DataArray[0][0]
        return cell.String if content is None else content  # None: an error, shown as #DIV/0!

    def text(self, key: int, sheet: str, name: str) -> str:
        return str(self.cell(key, sheet, name).String)

    def formula(self, key: int, sheet: str, name: str) -> str:
        return str(self.cell(key, sheet, name).Formula)

    def comment(self, key: int, sheet: str, name: str) -> str:
        return str(self.cell(key, sheet, name).Annotation.String)

    def validation(self, key: int, sheet: str, name: str) -> dict[str, str | bool]:
        cell = self.cell(key, sheet, name)
        rule = cell.Validation
        return {
            "type": rule.Type.value,
            "operator": rule.getOperator().value,
            "formula1": self.moved(key, rule, rule.getFormula1(), cell),
            "formula2": self.moved(key, rule, rule.getFormula2(), cell),
            "input_title": rule.InputTitle,
            "input_message": rule.InputMessage,
            "error_title": rule.ErrorTitle,
            "error_message": rule.ErrorMessage,
            "error_style": rule.ErrorAlertStyle.value,
            "show_input": rule.ShowInputMessage,
            "show_error": rule.ShowErrorMessage,
            "ignore_blank": rule.IgnoreBlankCells,
        }

    def moved(self, key: int, rule: Any, formula: str, cell: Any) -> str:
        """Give a validation's formula as seen from the cell, not from the rule's first cell."""
        if not formula or STRINGS.fullmatch(formula):
            return formula
        parser = self.docs[key].createInstance("com.sun.star.sheet.FormulaParser")
        parser.CompileEnglish = True
        tokens = parser.parseFormula(formula, rule.getSourcePosition())
        return str(parser.printFormula(tokens, cell.CellAddress))

    def choices(self, key: int, sheet: str, name: str) -> list[str]:
        cell = self.cell(key, sheet, name)
        rule = cell.Validation
        if rule.Type.value != "LIST" or rule.ShowList == 0:
            return []
        source = rule.getFormula1()
        if STRINGS.fullmatch(source):
            found = re.findall(r'"((?:[^"]|"")*)"', source)
            return [part.replace('""', '"') for part in found]
        source = self.moved(key, rule, source, cell)
        # LibreOffice itself works the source out, in the cell, but in a copy of the document: a
        # formula can be written through protection but not be taken away again.
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            path = Path(scratch, "copy.ods")
            self.save_as(key, str(path))
            copy = self.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, props(Hidden=True))
            try:
                return listed(copy, copy.Sheets[sheet].getCellRangeByName(name), source)
            finally:
                copy.close(True)

    def is_protected(self, key: int, sheet: str) -> bool:
        return bool(self.docs[key].Sheets[sheet].isProtected())

    def structure_protected(self, key: int) -> bool:
        return bool(self.docs[key].isProtected())

    def recalculate(self, key: int) -> None:
        self.docs[key].calculateAll()

    def save_as(self, key: int, path: str) -> None:
        chosen = FILTERS[Path(path).suffix.lower()]
        self.docs[key].storeToURL(Path(path).as_uri(), props(FilterName=chosen))


def listed(copy: Any, cell: Any, source: str) -> list[str]:
    """Evaluate a list source item by item in a cell, row by row, as the dropdown shows it."""
    last_row, last_column = 0, 0
    for sheet in copy.Sheets:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last_row = max(last_row, cursor.RangeAddress.EndRow)
        last_column = max(last_column, cursor.RangeAddress.EndColumn)
    sizes = []
    for function, last in ("ROWS", last_row), ("COLUMNS", last_column):
        cell.setFormula(f"={function}({source})")
        sizes.append(0 if cell.getError() else min(int(cell.Value), last + 2))
    texts: list[str] = []
    for row in range(1, sizes[0] + 1):
        for column in range(1, sizes[1] + 1):
            cell.setFormula(f'=IF(ISBLANK(INDEX({source};{row};{column}));"";1)')
            empty = cell.String == ""
            cell.setFormula(f"=INDEX({source};{row};{column})")
            text = "" if empty else cell.String
            if text or "" not in texts:  # the dropdown shows one empty entry at most
                texts.append(text)
    return texts


def say(**answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    os.environ["LC_ALL"] = "C.UTF-8"  # or soffice cannot open a file with a Chinese name
    settings = json.loads(sys.stdin.readline())
    driver = Driver(folder, settings["locale"], settings["timeout"])
    say(ok=None)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            say(ok=getattr(driver, command["op"])(*command["args"]))
        except Exception as error:
            say(error=f"{command['op']}{tuple(command['args'])}: {error!r}")
            if driver.soffice.poll() is not None or "DisposedException" in repr(type(error)):
                return
    driver.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
