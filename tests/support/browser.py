"""Play a reviewer in Chromium: load a page, type, click, look. DevTools over a pipe, no driver.

Debian's chromium answers on file descriptors 4 and reads from 3, one JSON text per NUL byte
(`--remote-debugging-pipe`), so nothing listens on a port.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

KEYS = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35, "Tab": 9}
KEYS |= {"ArrowLeft": 37, "ArrowRight": 39}
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
FLAGS += ["--no-first-run", "--lang=zh-CN", "--remote-debugging-pipe", "--hide-scrollbars"]


class Browser:
    """One headless Chromium with a profile of its own."""

    def __init__(self, timeout: float = 60) -> None:
        self.timeout = timeout
        self.folder = Path(tempfile.mkdtemp(prefix="xltool-browser-"))
        self.number = 0
        self.events: list[dict[str, Any]] = []
        self.unread = b""

    def __enter__(self) -> Self:
        theirs, self.out = os.pipe()
        self.back, their_out = os.pipe()
        # the shell puts the pipes where Chromium looks for them, whatever numbers they have here
        script = f'exec "$0" "$@" 3<&{theirs} 4>&{their_out}'
        command = ["chromium", *FLAGS, f"--user-data-dir={self.folder}", "about:blank"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", script, *command],
                pass_fds=(theirs, their_out),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        os.close(theirs)
        os.close(their_out)
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # not waited for yet: still its own number
        self.process.wait()
        os.close(self.out)
        os.close(self.back)
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, path: Path, fragment: str = "") -> Page:
        """Load a file in a new tab and wait until it is there."""
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        page = Page(self, session["sessionId"], target)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.ask(f"{domain}.enable")
        page.resize(1280, 900)
        page.ask("Page.navigate", {"url": path.resolve(strict=True).as_uri() + fragment})
        page.wait_for("document.readyState === 'complete'")
        return page

    def ask(self, method: str, params: dict[str, Any] | None = None, session: str = "") -> Any:
        """One command and its result; events on the way are kept."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next_message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"Chromium: {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def next_message(self) -> dict[str, Any]:
        """What Chromium says next."""
        while b"\0" not in self.unread:
            if not select.select([self.back], [], [], self.timeout)[0]:
                raise RuntimeError(f"Chromium said nothing for {self.timeout} s")
            chunk = os.read(self.back, 1 << 20)
            if not chunk:
                log = (self.folder / "log").read_text("utf-8", "replace")
                raise RuntimeError(f"Chromium died:\n{log[-3000:]}")
            self.unread += chunk
        first, _, self.unread = self.unread.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message


class Page:
    """One tab. What it asks of the network, and what it complains about, is noted by the browser."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self.browser, self.session, self.target = browser, session, target

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.browser.ask("Target.closeTarget", {"targetId": self.target})

    def ask(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """One DevTools command to this tab."""
        return self.browser.ask(method, params, self.session)

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; DevTools is above the page's policy."""
        found = self.ask(
            "Runtime.evaluate",
            {"expression": expression, "returnByValue": True, "awaitPromise": True},
        )
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"].get("description", found))
        return found["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Until an expression is true."""
        script = f"new Promise(done => {{ const look = () => ({expression}) ? done(true) : setTimeout(look, 10); look(); }})"
        self.run(script)

    def texts(self, selector: str) -> list[str]:
        """What a reader sees of the elements that are shown."""
        script = f"[...document.querySelectorAll({json.dumps(selector)})].filter(e => e.getClientRects().length).map(e => e.innerText.trim().replace(/\\s+/g, ' '))"
        return list(self.run(script))

    def click(self, selector: str) -> None:
        """Click the first element."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")
        self.settle()

    def choose(self, selector: str, value: str) -> None:
        """Choose in a drop-down list."""
        script = f"{{ const e = document.querySelector({json.dumps(selector)}); e.value = {json.dumps(value)}; e.dispatchEvent(new Event('change', {{bubbles: true}})); }}"
        self.run(script)
        self.settle()

    def press(self, *keys: str) -> None:
        """Press keys, by name or letter by letter, as a keyboard does."""
        for key in keys:
            code = KEYS.get(key, 0)
            text = "\r" if key == "Enter" else key if len(key) == 1 else ""
            params = {"key": key, "windowsVirtualKeyCode": code, "text": text}
            if key == "/":
                params["code"] = "Slash"
            down = "keyDown" if text else "rawKeyDown"
            self.ask("Input.dispatchKeyEvent", {"type": down, **params})
            self.ask("Input.dispatchKeyEvent", {"type": "keyUp", **params, "text": ""})
        self.settle()

    def type_in(self, text: str) -> None:
        """Type a text where the cursor is."""
        self.ask("Input.insertText", {"text": text})
        self.settle()

    def settle(self) -> None:
        """Wait until the page is drawn and what comes into view is filled."""
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))")

    def resize(self, width: int, height: int) -> None:
        """The size of the window."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", size)

    def screenshot(self, path: Path, whole: bool = False) -> Path:
        """What is in the window, or the whole page, as PNG."""
        if whole:
            self.resize(1280, self.run("document.documentElement.scrollHeight"))
            self.settle()
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))
        return path

    def pdf(self, path: Path) -> Path:
        """Print the page as its style sheet wants."""
        found = self.ask("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
        path.write_bytes(base64.b64decode(found["data"]))
        return path

    def heard(self, method: str) -> list[dict[str, Any]]:
        """The events of one kind so far."""
        return [
            event["params"]
            for event in self.browser.events
            if event.get("sessionId") == self.session and event.get("method") == method
        ]
