"""Two small workbooks kept part by part: every change of what is written shows as a difference.

They lie under `golden/<form>/` as XML, one element a line. After an intended change write them anew
and read the difference:

    XLTOOL_UPDATE_GOLDEN=1 pytest tests/write/test_golden.py
"""

from __future__ import annotations

import difflib
import os
import re
import zipfile
from pathlib import Path

import pytest
from helpers import FORMS, template
from small import UNIT, small_campaign

from xltool.form.loading import load_form
from xltool.office import seal

GOLDEN = Path(__file__).parent / "golden"
BREAK = re.compile(r">(?=<(?!/|(?:v|f|t)[ />]))")
SHARED = "xl/sharedStrings.xml"


def parts(path: Path) -> dict[str, str]:
    """The XML parts, one element a line, with texts in place of their numbers.

    The seal is replaced by what it says, because zlib libraries compress differently.
    """
    with zipfile.ZipFile(path) as archive:
        raw = {name: archive.read(name).decode() for name in archive.namelist()}
    texts = re.findall(r"<si><t[^>]*>(.*?)</t></si>", raw.pop(SHARED), re.DOTALL)
    (text,) = [text for text in texts if text.startswith("xltool-seal-1.")]
    found = seal.unseal(text)
    assert found is not None
    raw["seal.json"] = re.sub(r"([,{])", r"\1\n", found.issue.canonical.decode())
    properties = re.sub("<property .*</property>", "<property/>", raw["docProps/custom.xml"])
    raw["docProps/custom.xml"] = properties
    result = {}
    for name, part in raw.items():
        inlined = re.sub(
            r't="s"><v>(\d+)<', lambda found: f't="s"><v>{texts[int(found[1])]}<', part
        )
        result[name] = BREAK.sub(">\n", inlined.replace(text, "seal")).rstrip("\n") + "\n"
    return result


@pytest.mark.parametrize("example", FORMS)
def test_golden(tmp_path: Path, example: str) -> None:
    form = FORMS[example]
    loaded = load_form(form)
    levels = [lv2 for table in loaded.tables.values() for _, lv2, _ in table.catalogue]
    names = dict.fromkeys([*loaded.capacity, *levels])
    rows = "[rows]\n" + "\n".join(f'"{name}" = 1' for name in names)
    campaign = small_campaign(form, tmp_path, rows)
    now = parts(template(campaign, UNIT))
    folder = GOLDEN / form
    if os.environ.get("XLTOOL_UPDATE_GOLDEN"):
        for old in sorted(folder.rglob("*"), reverse=True):
            old.rmdir() if old.is_dir() else old.unlink()
        for name, text in now.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    then = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert sorted(now) == sorted(then)
    for name, text in now.items():
        difference = difflib.unified_diff(
            then[name].split("\n"), text.split("\n"), name, "now", n=1
        )
        assert not (lines := list(difference)), "\n".join(lines[:80])
