"""Which process it is that has a number, and how long it has worked; numbers are given again after an end."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from pathlib import Path

UNKNOWN = "0" * 8  # when a process started, where the system does not say

if sys.platform == "win32":
    _ASK = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
    _NO_SUCH = 87  # ERROR_INVALID_PARAMETER
    _RUNS = 259  # STILL_ACTIVE

    def processor_time(process: int) -> float | None:  # noqa: ARG001
        """Not asked on Windows, where the time of a worker is that of the clock."""
        return None

    def started(process: int) -> str | None:
        """When a process started, as eight digits that are its own; None if it has ended."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = ctypes.c_void_p(kernel.OpenProcess(_ASK, False, process))
        if not handle:
            return None if ctypes.get_last_error() == _NO_SUCH else UNKNOWN
        try:
            code, times = ctypes.c_ulong(), [ctypes.c_ulonglong() for _ in range(4)]
            if not kernel.GetExitCodeProcess(handle, ctypes.byref(code)):
                return UNKNOWN
            if code.value != _RUNS:
                return None
            if not kernel.GetProcessTimes(handle, *map(ctypes.byref, times)):
                return UNKNOWN
            return _digits(str(times[0].value).encode())
        finally:
            kernel.CloseHandle(handle)

else:

    def processor_time(process: int) -> float | None:
        """The seconds of the processor that a process has used; None where the system does not say."""
        try:
            text = Path(f"/proc/{process}/stat").read_bytes()
        except OSError:
            return None
        used = text.rpartition(b")")[2].split()[11:13]  # in the program and in the system
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    def started(process: int) -> str | None:
        """When a process started, as eight digits that are its own; None if it has ended."""
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return None
        except PermissionError:  # somebody else's, but it lives
            pass
        try:
            boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()
            state, *others = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return UNKNOWN
        return None if state in b"ZX" else _digits(boot + others[18])


def _digits(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]
