"""Play a clerk in LibreOffice Calc: open a workbook, type, look, save.

``office_driver.py`` does the work under Debian's Python; this side needs no UNO. What surprised us
in LibreOffice 7.4 (Debian 12, libreoffice-calc-nogui):

* It does not recalculate a file on opening, so formulas show the cached values (0 from XlsxWriter)
  until ``recalculate``; after that every typed input updates its dependents by itself.
* The structure protection of an .xlsx is not read at all: ``structure_protected`` is False and
  ``save_as`` loses it. Only .ods and .xls files can show True.
* Formulas come in LibreOffice's spelling: ``=IF($填报表.B9>10;"✔";"✘")``.
* Typing a formula with an error, such as ``=1+``, kills this soffice: its dialog is not installed.
  The call raises RuntimeError, the next ``Office.open`` starts anew, older documents are gone.
* A file without write permission, or marked read-only, refuses all typing.
"""

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Office:
    """One headless LibreOffice with a profile of its own; any number can run side by side."""

    def __init__(self, locale: str = "zh-CN", timeout: float = 60) -> None:
        self.locale = locale
        self.timeout = timeout
        self._numbers = count(1)
        self._driver: subprocess.Popen[str] | None = None
        self._folder = Path()
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self, path: Path) -> "Document":
        """Open a workbook for editing, in a LibreOffice started anew if the last one died."""
        if self._driver is None:
            self._start()
        number = next(self._numbers)
        self.ask("open", number, str(path.resolve()))
        return Document(self, number)

    @property
    def running(self) -> bool:
        return self._driver is not None

    def ask(self, op: str, *args: str | int | bool) -> Any:
        """Send one command to the driver and wait for its answer."""
        if self._driver is None:
            raise RuntimeError("LibreOffice is not running")
        return self._exchange({"op": op, "args": args})

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="office-"))
        self._answers = queue.SimpleQueue()
        script = Path(__file__).with_name("office_driver.py")
        with (self._folder / "driver.log").open("wb") as log:
            self._driver = subprocess.Popen(
                ["/usr/bin/python3", "-I", "-X", "utf8", str(script), str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                start_new_session=True,  # a process group of its own, killed as one in close
            )
        threading.Thread(
            target=_forward, args=(self._driver, self._answers), daemon=True, name="office"
        ).start()
        self._exchange({"locale": self.locale, "timeout": self.timeout * 0.9})

    def _exchange(self, message: dict[str, Any]) -> Any:
        assert self._driver is not None
        assert self._driver.stdin is not None
        try:
            self._driver.stdin.write(json.dumps(message) + "\n")
            self._driver.stdin.flush()
            line = self._answers.get(timeout=self.timeout)
        except BrokenPipeError:
            line = ""
        except queue.Empty:
            self.close(patience=0)
            raise TimeoutError(f"no answer in {self.timeout} s to {message}") from None
        answer = json.loads(line) if line else {}
        if "ok" in answer:
            return answer["ok"]
        why = answer.get("error", f"LibreOffice did not survive {message}")
        if not line or "DisposedException" in why:
            why += "\n" + self._output()
            self.close(patience=0)
        raise RuntimeError(why)

    def _output(self) -> str:
        logs = [self._folder / "driver.log", self._folder / "soffice.log"]
        return "\n".join(p.read_text("utf-8", "replace")[-3000:] for p in logs if p.exists())

    def close(self, patience: float = 15) -> None:
        """Let LibreOffice quit, then kill what is left of its process group."""
        driver, self._driver = self._driver, None
        if driver is None:
            return
        assert driver.stdin is not None
        try:
            driver.stdin.close()
            while patience and self._answers.get(timeout=patience):
                pass
        except (BrokenPipeError, queue.Empty):
            pass
        # The driver leads the group and is not waited for yet: its number cannot be another's.
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
        for left in Path("/tmp").glob(f"OSL_PIPE_*_xltool-{self._folder.name}"):
            left.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def _forward(driver: subprocess.Popen[str], answers: queue.SimpleQueue[str]) -> None:
    """Hand on the driver's lines, and an empty one at the end."""
    assert driver.stdout is not None
    with driver.stdout as lines:
        for line in lines:
            answers.put(line)
    answers.put("")
