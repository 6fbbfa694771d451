"""Attributes of XML tags in the usual spelling, found by patterns: fast, and linear in their length."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import islice

ATTRIBUTES = rb"([^<]*+)"  # and what follows the tag: ">" may stand in a value, "<" may not
MOST = 100_000  # styles, merges, validations: no form has a thousandth of that
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')


def found_by(pattern: re.Pattern[bytes], xml: bytes) -> Iterator[bytes]:
    """The first group of each match, up to the most that there may be."""
    return (match[1] for match in islice(pattern.finditer(xml), MOST))


def attributes_of(text: bytes) -> dict[str, str]:
    """The attributes that stand in a piece of XML, by their names."""
    return {
        name.decode(): unescaped(value.decode("utf-8", "replace"))
        for name, value in _ATTRIBUTE.findall(text)
    }


def number_in(attributes: Mapping[str, str], name: str) -> int:
    """A number among the attributes; 0 where there is none."""
    text = attributes.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def is_true(text: str | None) -> bool:
    """True for the two ways in which XML says so."""
    return text in ("1", "true")


def unescaped(text: str) -> str:
    """A text of XML without its references; as it stands where it holds a character that there is not."""
    try:
        return unescape(text)
    except (ValueError, OverflowError):  # a number of thousands of digits
        return text
