"""Every kind of workbook that is written passes the Open XML SDK's validator for Office 2010.

It is the nearest thing to Excel that runs here. `make office` installs it (npm, node_modules/).
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from helpers import FORMS, ROOT, answers, edit, fill_unit, make_campaign, template
from kits import KITS
from merges import parts_here
from mutation_files import Mutation
from test_rules_on_books import SPOTS

from xltool.checking import running
from xltool.checking.running import check
from xltool.merging.merge import merge
from xltool.report.listing import write_list
from xltool.report.reports import make_report
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.returned import write_returned

pytestmark = pytest.mark.slow


def validated(paths: Sequence[Path]) -> Mapping[str, list[str]]:
    """What the validator says of each file, in one run."""
    words = ["node", "tests/tools/validate.mjs", "Office2010", *map(str, paths)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"make office installs the validator: {done.stderr}"
    found: Mapping[str, list[str]] = json.loads(done.stdout)
    return found


def written(letter: str, folder: Path) -> dict[str, Path]:
    """A workbook of each kind, of one form."""
    kit = KITS[letter]
    campaign = make_campaign(kit.example, folder / "office", units=[kit.unit])
    data = answers(kit.example, kit.unit)
    filled = fill_unit(campaign, kit.unit, data, folder / "filled.xlsx")
    mistakes = {f"{kit.sheet}!{SPOTS[letter].label}": "说明", f"{kit.sheet}!{kit.long[1]}": "待定"}
    mistake = Mutation("", [], kit.unit, cells=mistakes)
    wrong = edit(filled, mistake.change_workbook, folder / "wrong.xlsx")
    batch = Batch([read_file(wrong, settings_for(campaign, None))], campaign)
    verdict = check(batch)
    assert len({finding.cell for finding in verdict.findings}) >= 2
    copies, _ = write_returned(batch, verdict, folder / "back", with_warnings=True)
    (returned,) = copies.values()
    write_list(make_report(batch, verdict), batch, folder / "list.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        merged = merge([filled], folder / "merged", campaign, accept_warnings=True).folder
    assert merged is not None
    return {
        "issued": template(campaign, kit.unit),
        "filled": filled,
        "returned": returned,
        "list": folder / "list.xlsx",
        "import file": min(
            merged.glob("导入文件*.xlsx")
        ),  # one for each sheet, where it has several
        "汇总表": merged / "汇总表.xlsx",
    }


def test_every_kind_of_workbook_is_valid(tmp_path: Path) -> None:
    kinds = {
        (letter, kind): path
        for letter in KITS
        for kind, path in written(letter, tmp_path / letter).items()
    }
    assert len(kinds) == 6 * len(FORMS)
    found = validated(list(kinds.values()))
    assert {kind: found[str(path)] for kind, path in kinds.items()} == {kind: [] for kind in kinds}


def test_what_is_wrong_is_found(good_target: Path, tmp_path: Path) -> None:
    """The validator is run, and for Office 2010."""
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(good_target) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet2.xml":
                content = re.sub(rb"(<worksheet[^>]*>)", rb"\1<unknown/>", content)
            target.writestr(name, content)
    (errors,) = validated([broken]).values()
    assert len(errors) == 1
    assert errors[0].startswith("/xl/worksheets/sheet2.xml /x:worksheet[1]")
