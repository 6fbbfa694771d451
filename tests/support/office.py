"""Play a clerk in LibreOffice Calc: open a workbook, type, look, save.

``office_driver.py`` does the work under Debian's Python; this side needs no UNO. What surprised us
in LibreOffice 7.4 (Debian 12, libreoffice-calc-nogui):

* A file is not recalculated on opening: formulas show their cached values (0 from XlsxWriter)
  until ``recalculate``. After that, typing updates all dependents by itself.
* The structure protection of an .xlsx is not read: ``structure_protected`` is False, ``save_as``
  loses it. Only .ods and .xls files can show True.
* Formulas are in LibreOffice's spelling: ``=IF($填报表.B9>10;"✔";"✘")``.
* Typing a broken formula such as ``=1+`` kills soffice (its dialog is not installed): RuntimeError.
  The next ``Office.open`` starts a new one; documents opened before are gone.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Self, cast

NUMBERS = count(1)
PARTS = ["type", "operator", "formula1", "formula2", "input_title", "input_message"]
PARTS += ["error_title", "error_message", "error_style"]


class Office:
    """One headless LibreOffice with a profile of its own; several can run side by side."""

    def __init__(self, locale: str = "zh-CN", timeout: float = 60) -> None:
        self.locale = locale
        self.timeout = timeout
        self.driver: subprocess.Popen[str] | None = None
        self.folder = Path()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Start LibreOffice; its driver leads a process group, which close() kills as one."""
        self.folder = Path(tempfile.mkdtemp(prefix="xltool-office-"))
        script = Path(__file__).with_name("office_driver.py")
        command, pipe = ["/usr/bin/python3", "-I", "-X", "utf8", str(script)], subprocess.PIPE
        with (self.folder / "log").open("wb") as log:
            self.driver = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=log, text=True, start_new_session=True
            )
        self.ask("start", str(self.folder), self.locale)

    def open(self, path: Path) -> "Document":
        """Open a workbook for editing (in a new LibreOffice, if the last one died)."""
        if self.driver is None:
            self.start()
        number = next(NUMBERS)
        self.ask("open", number, str(path.resolve(strict=True)))
        return Document(self, number)

    def ask(self, *command: str | int | Sequence[object]) -> Any:
        """Send one command to the driver and return its answer."""
        if self.driver is None or not self.driver.stdin or not self.driver.stdout:
            raise RuntimeError("LibreOffice is not running")
        answer: dict[str, Any] = {}
        with contextlib.suppress(BrokenPipeError, json.JSONDecodeError):
            self.driver.stdin.write(json.dumps(command) + "\n")
            self.driver.stdin.flush()
            if select.select([self.driver.stdout], [], [], self.timeout)[0]:
                answer = json.loads(self.driver.stdout.readline())
        if "ok" in answer:
            return answer["ok"]
        why = str(answer.get("error", f"it died or took more than {self.timeout} s"))
        if not answer or command[0] == "start" or "URP bridge" in why:
            why += "\n" + (self.folder / "log").read_text("utf-8", "replace")[-5000:]
            self.close(patience=0)
        raise RuntimeError(f"LibreOffice: {command}: {why}")

    def close(self, patience: float = 15) -> None:
        """Let LibreOffice quit, then kill what is left of its process group."""
        driver, self.driver = self.driver, None
        if driver is None or not driver.stdin or not driver.stdout:
            return
        with contextlib.suppress(BrokenPipeError):
            driver.stdin.close()
        select.select([driver.stdout], [], [], patience)  # readable at its end
        os.killpg(driver.pid, signal.SIGKILL)  # not waited for yet: the number is still its own
        driver.wait()
        driver.stdout.close()
        for left in Path("/tmp").glob(f"OSL_PIPE_*_{self.folder.name}"):
            left.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Document:
    """An open workbook; leaving its ``with`` block closes it without saving."""

    def __init__(self, office: Office, number: int) -> None:
        self.office, self.number = office, number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        if self.office.driver:
            self.office.ask("call", self.number, "close", True)

    def _ask(self, op: str, *args: str) -> Any:
        return self.office.ask(op, self.number, *args)

    def sheets(self) -> list[str]:
        """All sheets, the hidden ones too."""
        return list(self._ask("sheets"))

    def visible_sheets(self) -> list[str]:
        return [name for name, (visible, _) in self._ask("sheets").items() if visible]

    def is_protected(self, sheet: str) -> bool:
        return bool(self._ask("sheets")[sheet][1])

    def structure_protected(self) -> bool:
        return bool(self._ask("call", "isProtected"))

    def recalculate(self) -> None:
        """Calculate every formula anew."""
        self._ask("call", "calculateAll")

    def type_in(self, sheet: str, cell: str, text: str) -> bool:
        """Enter a text past any validation; False if protection (or a hidden sheet) refuses it.

        Any part of a merged cell stands for its first cell. Numbers and dates are recognised as
        in typing, but 12.5 in a percent cell becomes 1250% (with ``key_in`` 12.5%).
        """
        return bool(self._ask("enter", "whole", sheet, cell, text))

    def key_in(self, sheet: str, cell: str, text: str) -> bool:
        """Press the keys and Enter: refused by protection and by validations of every style.

        No one answers a warning's "Yes" here. The column's other cells do not complete the text.
        """
        return bool(self._ask("enter", "keys", sheet, cell, text))

    def clear(self, sheet: str, cell: str) -> bool:
        """Press Delete; False if refused."""
        return bool(self._ask("enter", "keys", sheet, cell, ""))

    def value(self, sheet: str, cell: str) -> str | float:
        """The number or text in a cell, "" if empty; an error is a text such as #DIV/0!."""
        return cast("str | float", self._ask("look", sheet, cell)[0])

    def text(self, sheet: str, cell: str) -> str:
        """What the cell displays."""
        return str(self._ask("look", sheet, cell)[1])

    def formula(self, sheet: str, cell: str) -> str:
        """What the formula bar shows, with English function names."""
        return str(self._ask("look", sheet, cell)[2])

    def comment(self, sheet: str, cell: str) -> str:
        return str(self._ask("look", sheet, cell)[3])

    def put(self, areas: Sequence[tuple[str, str, list[list[str | float]]]]) -> None:
        """Write (sheet, area, rows) into open cells, past validations ("" is blank); calculate all."""
        self.office.ask("put", self.number, list(areas))

    def area(self, sheet: str, name: str) -> list[list[str | float]]:
        """The contents of an area row by row, without errors."""
        return list(self._ask("area", sheet, name))

    def choices(self, sheet: str, cell: str) -> list[str]:
        """The dropdown's entries, 1000 at most; [] without a list, arrow or valid source."""
        return list(self._ask("choices", sheet, cell))

    def validation(self, sheet: str, cell: str) -> dict[str, str]:
        """The PARTS of a rule; type ANY if there is none, error_style "" if not enforced."""
        return dict(zip(PARTS, self._ask("validation", sheet, cell), strict=True))

    def save_as(self, path: Path) -> None:
        """Save a copy as .xlsx, .ods, .xls or .pdf, by the suffix."""
        self._ask("save_as", str(path.parent.resolve(strict=True) / path.name))


def to_pdf(office: Office, source: Path, target: Path) -> None:
    """Recalculate a workbook and print its visible sheets to a PDF file."""
    with office.open(source) as document:
        document.recalculate()
        document.save_as(target)


def pages(pdf: Path, folder: Path, dpi: int = 70) -> list[Path]:
    """Draw each page of a PDF file as a PNG file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{pdf.stem}-*.png"):
        old.unlink()
    command = ["/usr/bin/pdftoppm", "-png", "-r", str(dpi), str(pdf), str(folder / pdf.stem)]
    subprocess.run(command, check=True, timeout=120)
    return sorted(folder.glob(f"{pdf.stem}-*.png"))  # pdftoppm pads the numbers alike
