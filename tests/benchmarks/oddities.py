"""What is odd in a file of measurements: what is missing, and numbers that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from measuring import Ratio, Row
from run import QUESTIONS


def what_is_odd(found: Mapping[str, Any]) -> list[str]:
    """What is missing in a file of measurements, or is no number above 0; nothing of how large they are."""
    wanted = {"date", "commit", "machine", "versions", "sizes", "returns", "questions"}
    odd = [f"no {name}" for name in wanted - found.keys()]
    machine = found["machine"]
    odd += [f"no {name}" for name in ("cpu", "cores", "memory_gib") if not machine.get(name)]
    odd += [f"no {name}" for name in set(QUESTIONS) - found["questions"].keys()]
    for name, answer in found["questions"].items():
        for kind, model in (("rows", Row), ("ratios", Ratio)):
            if not answer[kind]:
                odd.append(f"{name}: no {kind}")
            odd += [f"{name}: {entry}" for entry in answer[kind] if not _is_sane(entry, model)]
        keys = {row["key"] for row in answer["rows"]}
        odd += [f"{name}: {r}" for r in answer["ratios"] if not {r["of"], r["to"]} <= keys]
    return odd


def _is_sane(entry: Mapping[str, Any], model: type[Row | Ratio]) -> bool:
    numbers = {key: n for key, n in entry.items() if isinstance(n, int | float)}
    may_be_nothing = {"system", "result"}  # too short for the clock; a program that does not say
    return entry.keys() == {each.name for each in fields(model)} and all(
        value > 0 or (key in may_be_nothing and value == 0) for key, value in numbers.items()
    )
