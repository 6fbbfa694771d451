"""A system without fork, SIGKILL, `resource` and `/proc`, as far as one can be played here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# What Windows lacks is taken away and what it has instead is played, before any module of xltool is
# loaded; what belongs to others is loaded first, so that it stays what it is.
PROGRAM = """
import ctypes, getpass, multiprocessing.connection, os, pkgutil, signal, socket, subprocess, sys, types
import click, cryptography.hazmat.primitives.asymmetric.ed25519, jinja2, lxml.etree, openpyxl
import pandera.polars, polars, python_calamine, rich.console, rich.progress, xlsxwriter
from pathlib import Path

class Popen(subprocess.Popen):
    def __init__(self, command, *, startupinfo, creationflags, **options):
        super().__init__(command, pass_fds=startupinfo.lpAttributeList["handle_list"], **options)

import psycopg  # it asks for parts of Python that only a real Windows has

sys.platform = "win32"
for module, names in (
    (os, ("fork", "register_at_fork", "getuid", "waitstatus_to_exitcode")),
    (signal, ("SIGHUP", "pthread_sigmask")),
    (socket, ("send_fds", "recv_fds")),
):
    for name in names:
        delattr(module, name)
for name in ("resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules[name] = None
taken = []
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=lambda *given: taken.append(given))
multiprocessing.connection.PipeConnection = multiprocessing.connection.Connection
os.set_handle_inheritable = os.set_inheritable
class Kernel:
    OpenProcess = lambda access, inherit, process: 7 if process == os.getpid() else 0
    GetExitCodeProcess = lambda handle, code: setattr(code._obj, "value", 259) or 1
    GetProcessTimes = lambda handle, *times: setattr(times[0]._obj, "value", 1) or 1
    CloseHandle = lambda handle: 1
ctypes.WinDLL = lambda name, use_last_error: Kernel
ctypes.get_last_error = lambda: 87
subprocess.STARTUPINFO = lambda **given: types.SimpleNamespace(**given)
subprocess.CREATE_NO_WINDOW = 0
subprocess.Popen = Popen

import xltool
for found in pkgutil.walk_packages(xltool.__path__, "xltool."):
    if found.name not in ("xltool.workbook.forking", "xltool.__main__"):
        __import__(found.name)
assert "xltool.workbook.forking" not in sys.modules
from xltool.workbook import workers
workers.start()
batch = xltool.read([Path(sys.argv[1])], jobs=1)
print([found.unit for found in batch.submissions], batch.notes)
print(len(xltool.check(batch).findings))
from xltool.locks import locked
with locked(Path()):
    print([given[1:] for given in taken])
from xltool.files import folder_beside
from xltool.leftovers import remove_leftovers, temporary_name
from xltool.publishing import being_made, publish
for name in ("one", "two"):
    with being_made(Path("out"), ""), folder_beside(Path("out")) as new:
        (new / name).touch()
        publish(new, Path("out"), ["one"])
Path(temporary_name()).touch()  # of a living process, and of one that has ended
Path(temporary_name().replace(f"-{os.getpid()}-", "-99999999-")).touch()
remove_leftovers(Path())
print(sorted(map(str, Path("out").iterdir())), len(list(Path().glob(".xltool-*"))))
"""


def test_every_module_and_a_whole_run(good_target: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-", str(good_target)],
        # there a file that is open cannot be removed: here it would take away what other runs unpacked
        env={**os.environ, "TMPDIR": str(tmp_path)},
        input=PROGRAM,
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "['226002'] []\n1\n[(2, 1)]\n['out/two'] 1\n"
