"""`campaign.toml` as it is written: what is no TOML is told in Chinese with its line, and so is each setting.

What the settings mean is said by `office.campaign` and the modules that own the sections.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from xltool.errors import OfficeError
from xltool.office.mistakes import Mistakes
from xltool.prose.nearest import nearest

T = TypeVar("T")

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_CHINESE_SIGNS = re.compile("[“”‘’＝＃［］，]")
_MEANT = str.maketrans("“”‘’＝＃［］，", "\"\"''=#[],")
_WORDS = (  # of tomllib → what is wrong, and what to do
    ("Cannot overwrite a value", "这一项写了两次；请只留一个"),
    ("Cannot declare", "这一小节写了两次；请合成一个"),
    ("Cannot mutate", "这一小节写了两次；请合成一个"),
    ("Duplicate inline table key", "这一项写了两次；请只留一个"),
    ("Expected '=' after a key", "名称后面应为等号和值；请写成 名称 = 值"),
    ("Expected newline or end of document", "一行只能写一项，后面有多余的内容；请删去，说明前加 #"),
    ("Invalid statement", "这一行不是设置；请写成 名称 = 值，说明前加 #"),
    ("Invalid initial character for a key part", "等号前面的名称写法不对；请写成 名称 = 值"),
    ("Invalid value", "等号后面应为值；文字请加英文引号，日期写成 2026-12-15，是否写成 true 或 false"),
    ("Unterminated string", "文字缺少后面的引号；请补上"),
    ("Illegal character", "文字缺少后面的引号，或里面有看不见的字符；请改正"),
    ("Found invalid character", "文字里有不能用的字符；请改正"),
    ("Unescaped '\\'", "引号里的 \\ 要写成 \\\\，或把双引号换成单引号"),
    ("Invalid hex value", "引号里的 \\ 要写成 \\\\，或把双引号换成单引号"),
    ("Unclosed array", "列表缺少后面的 ]；请补上"),
    ("Unclosed inline table", "缺少后面的 }；请补上"),
    ("Expected ']'", "小节的名称应写在 [ ] 里；请补上 ]"),
    ("Invalid date or datetime", "没有这一天；请写成 2026-12-15 这样的日期"),
)  # fmt: skip


class Settings:
    """The settings of a campaign, by key, and the lines that they stand on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = _text(path)
        self.values = _parsed(self.text, path)
        self.mistakes = Mistakes(path.parent)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key."""
        return self.values.get(key, default)

    def wrong(self, message: str, *words: str) -> OfficeError:
        """The mistake of a setting; `words` are its section, if it has one, and its key."""
        return OfficeError(message, self.path, self._line(*words))

    def one(self, key: str, kind: type, default: Any = None) -> Any:
        """A setting of a kind. Raises OfficeError where it is of another kind, or missing without default."""
        value = self.get(key, default)
        if value is None:
            raise OfficeError(f"缺少设置项 {key}；请补上一行 {key} = …", self.path)
        if not isinstance(value, kind) or isinstance(value, bool):
            what = "文字（加引号）" if kind is str else "整数"
            raise self.wrong(f"设置项 {key} 应为{what}；请改正", key)
        return value

    def section(self, key: str) -> dict[str, Any]:
        """A section; an empty one where there is none. Raises OfficeError for what is no section."""
        value = self.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(f"{key} 应为 [{key}] 小节；请改正", key)
        return value

    def refuse_unknown(self, known: set[str]) -> None:
        """Note settings that there are not."""
        for key in self.values:
            if key not in known:
                meant = nearest(key, known) or "；"
                words = f"没有设置项 {key}{meant}可用：{'、'.join(sorted(known))}"
                self.mistakes.take([self.wrong(words, key)])

    def taken(self, read: Callable[[], T], stand_in: T) -> T:
        """What `read` makes of a setting; where it is wrong, that is noted, and a stand-in given."""
        try:
            return read()
        except OfficeError as error:
            self.mistakes.take([self._placed(error)])
            return stand_in

    def _placed(self, error: OfficeError) -> OfficeError:
        """A mistake; one in this file that has no line yet gets that of what it names."""
        if type(error) is not OfficeError or error.line or error.path not in (None, self.path):
            return error
        return OfficeError(error.message, self.path, self._line_named(error.message))

    def _line_named(self, message: str) -> int | None:
        """The line of the section, or the key, that a message begins with: `[limits] rows …`."""
        found = re.match(
            r"\[([\w.]+)\](?: (?:没有 |中只能写 )?([^\s，；]+))?|设置项 (\w+)", message
        )
        if found is None:
            return None
        return self._line(*filter(None, found.groups()))

    def _line(self, *words: str) -> int | None:
        """The line of a key, in its section where one is given; of the section where it is not there."""
        section = ""
        begins = None
        for number, line in enumerate(self.text.splitlines(), 1):
            if head := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
                section = head[1].replace('"', "").replace("'", "")
                if section == words[0]:
                    begins = number
                continue
            key = re.match(r"""\s*["']?([^"'=]+?)["']?\s*=""", line)
            path = [*filter(None, section.split(".")), *(key[1].split(".") if key else [])]
            if key and path[: len(words)] == list(words):
                return number
        return begins


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise OfficeError(
            "找不到 campaign.toml；请先用 xltool init 建立填报文件夹，或用 --campaign 指明位置",
            path.parent,
        ) from None
    except UnicodeDecodeError as error:
        raise OfficeError("编码不是 UTF-8；请用记事本打开，另存为 UTF-8", path) from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        lines = text.splitlines()
        found = _AT.search(str(error))
        line = int(found[1]) if found and found[1] else max(len(lines), 1)
        said = lines[line - 1] if line <= len(lines) else ""
        raise OfficeError(_toml_words(str(error), said), path, line) from error


def _toml_words(error: str, line: str) -> str:
    """What is wrong with a line, and what to do."""
    outside = re.sub(r'"[^"]*"|\'[^\']*\'|#.*', "", line)
    if sign := _CHINESE_SIGNS.search(outside):
        return f"用了中文的 {sign[0]}；请改成英文的 {sign[0].translate(_MEANT)}"
    if re.match(r"""\s*[^\x00-\x7f][^"'=]*=""", line):
        return '中文的名称要加英文引号；请写成 "名称" = 值'
    for english, chinese in _WORDS:
        if error.startswith(english):
            return chinese
    return "写法不对；请与 xltool init 写的样子核对"
