"""Play a clerk in LibreOffice Calc: open a workbook, type, look, save.

``office_driver.py`` does the work under Debian's Python; this side needs no UNO. What surprised us
in LibreOffice 7.4 (Debian 12, libreoffice-calc-nogui):

* A file is not recalculated on opening: formulas show their cached values (0 from XlsxWriter)
  until ``recalculate``. After that, typing updates all dependents by itself.
* The structure protection of an .xlsx is not read: ``structure_protected`` is False, ``save_as``
  loses it. Only .ods and .xls files can show True.
* Formulas come in LibreOffice's spelling: ``=IF($填报表.B9>10;"✔";"✘")``.
* Typing a broken formula such as ``=1+`` kills soffice (its dialog is not installed): RuntimeError.
  The next ``Office.open`` starts a new one; documents opened before are gone.
* A file without write permission refuses all typing.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Self

NUMBERS = count(1)


class Office:
    """One headless LibreOffice with a profile of its own; several can run side by side."""

    def __init__(self, locale: str = "zh-CN", timeout: float = 60) -> None:
        self.locale = locale
        self.timeout = timeout
        self._driver: subprocess.Popen[str] | None = None
        self._folder = Path()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xltool-office-"))
        script = Path(__file__).with_name("office_driver.py")
        with (self._folder / "log").open("wb") as log:
            self._driver = subprocess.Popen(
                ["/usr/bin/python3", "-I", "-X", "utf8", str(script), str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                start_new_session=True,  # leads a process group, which close() kills as one
            )
        self.ask(self.locale, self.timeout)

    def open(self, path: Path) -> "Document":
        """Open a workbook for editing (in a new LibreOffice, if the last one died)."""
        if self._driver is None:
            self._start()
        number = next(NUMBERS)
        self.ask("open", number, str(path.resolve()))
        return Document(self, number)

    @property
    def running(self) -> bool:
        return self._driver is not None

    def ask(self, *command: str | float) -> Any:
        """Send one command to the driver and return its answer."""
        if self._driver is None or not self._driver.stdin or not self._driver.stdout:
            raise RuntimeError("LibreOffice is not running")
        line = ""
        try:
            self._driver.stdin.write(json.dumps(command) + "\n")
            self._driver.stdin.flush()
            if not select.select([self._driver.stdout], [], [], self.timeout)[0]:
                self.close(patience=0)
                raise TimeoutError(f"LibreOffice: no answer in {self.timeout} s to {command}")
            line = self._driver.stdout.readline()
        except BrokenPipeError:
            pass
        if not line:
            output = (self._folder / "log").read_text("utf-8", "replace")[-5000:]
            self.close(patience=0)
            raise RuntimeError(f"LibreOffice did not survive {command}:\n{output}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"LibreOffice: {command}: {answer['error']}")
        return answer["ok"]

    def close(self, patience: float = 15) -> None:
        """Let LibreOffice quit, then kill what is left of its process group."""
        driver, self._driver = self._driver, None
        if driver is None or not driver.stdin or not driver.stdout:
            return
        try:
            driver.stdin.close()
        except BrokenPipeError:
            pass
        select.select([driver.stdout], [], [], patience)  # readable at its end
        os.killpg(driver.pid, signal.SIGKILL)  # not waited for yet, so its number is still its own
        driver.wait()
        driver.stdout.close()
        for pipe in Path("/tmp").glob(f"OSL_PIPE_*_{self._folder.name}"):
            pipe.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)


class Document:
    """An open workbook; leaving its ``with`` block closes it without saving."""

    def __init__(self, office: Office, number: int) -> None:
        self._office = office
        self._number = number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        if self._office.running:
            self._office.ask("close", self._number)

    def _ask(self, op: str, *args: str) -> Any:
        return self._office.ask(op, self._number, *args)

    def sheets(self) -> list[str]:
        """All sheets, the hidden ones too."""
        return list(self._ask("sheets"))

    def visible_sheets(self) -> list[str]:
        return [name for name, (visible, _) in self._ask("sheets").items() if visible]

    def is_protected(self, sheet: str) -> bool:
        return bool(self._ask("sheets")[sheet][1])

    def structure_protected(self) -> bool:
        return bool(self._ask("structure_protected"))

    def type_in(self, sheet: str, cell: str, text: str) -> bool:
        """Enter a text past any validation, as pasting does; False if protection refuses it.

        Typing into any part of a merged cell fills its first cell. A hidden sheet refuses.
        Unlike ``key_in``, 12.5 in a percent cell is 1250%. What is entered is read as when typed.
        """
        return bool(self._ask("enter", "whole", sheet, cell, text))

    def key_in(self, sheet: str, cell: str, text: str) -> bool:
        """Press the keys and Enter: refused by protection, and by validation of every style.

        No one can answer a warning's "Yes" here, so it too counts as a refusal. Autocorrection
        works, completion from the column's other cells is off.
        """
        return bool(self._ask("enter", "keys", sheet, cell, text))

    def clear(self, sheet: str, cell: str) -> bool:
        """Press Delete; False if refused."""
        return bool(self._ask("enter", "keys", sheet, cell, ""))

    def value(self, sheet: str, cell: str) -> str | float:
        """The number or text in a cell, "" if empty; an error is a text such as #DIV/0!."""
        found: str | float = self._ask("look", sheet, cell)["value"]
        return found

    def text(self, sheet: str, cell: str) -> str:
        """What the cell displays."""
        return str(self._ask("look", sheet, cell)["text"])

    def formula(self, sheet: str, cell: str) -> str:
        """What the formula bar shows, in English; a constant's own spelling if none."""
        return str(self._ask("look", sheet, cell)["formula"])

    def comment(self, sheet: str, cell: str) -> str:
        return str(self._ask("look", sheet, cell)["comment"])

    def choices(self, sheet: str, cell: str) -> list[str]:
        """The dropdown's entries; [] without a list, a dropdown arrow or a valid source."""
        return list(self._ask("choices", sheet, cell))

    def validation(self, sheet: str, cell: str) -> dict[str, str]:
        """type, operator, formula1/2, input_title/message, error_title/message, error_style."""
        return dict(self._ask("validation", sheet, cell))

    def recalculate(self) -> None:
        """Calculate every formula anew."""
        self._ask("recalculate")

    def save_as(self, path: Path) -> None:
        """Save a copy as .xlsx, .ods, .xls or .pdf, by the suffix."""
        self._ask("save_as", str(path.resolve()))


def to_pdf(office: Office, source: Path, target: Path) -> None:
    """Print a workbook's visible sheets to a PDF file, formulas as cached in the source."""
    with office.open(source) as document:
        document.save_as(target)


def pages(pdf: Path, folder: Path, dpi: int = 70) -> list[Path]:
    """Draw each page of a PDF file as a PNG file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    start = folder / pdf.stem
    command = ["/usr/bin/pdftoppm", "-png", "-r", str(dpi), str(pdf), str(start)]
    subprocess.run(command, check=True, timeout=120)
    return sorted(folder.glob(f"{pdf.stem}-*.png"))  # pdftoppm pads the numbers alike
