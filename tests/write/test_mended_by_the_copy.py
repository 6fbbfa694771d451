"""What rules say that the copy mends is gone when the copy comes back untouched.

Tried with the mistakes of tests/mutations that people make in the workbook itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import check_files
from mutation_files import FILES, MutationFile

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.returns.submissions import Batch
from xltool.write.returned import write_returned

WORKBOOKS = [
    file
    for file in FILES
    if file.id in ("futian_2024_declaration/workbook", "longhua_2021_target/workbook")
]


@pytest.mark.parametrize("file", WORKBOOKS, ids=[file.form for file in WORKBOOKS])
def test_the_copy_mends_what_its_rule_says(file: MutationFile, tmp_path: Path) -> None:
    campaigns: dict[str, Campaign] = {}
    mended: set[str] = set()
    left: dict[str, list[str]] = {}
    for name, mutation in file.mutations.items():
        if not any(line.startswith(("TPL", "DAT-003")) for line in mutation.expect):
            continue
        lists = repr(mutation.office)
        if lists not in campaigns:
            campaigns[lists] = file.campaign(tmp_path / f"office{len(campaigns)}", mutation)
        batch = Batch([file._read(campaigns[lists], mutation, tmp_path)], campaigns[lists])
        verdict = check(batch)
        copies, _ = write_returned(batch, verdict, tmp_path / "back", with_warnings=True)
        for copy in copies.values():
            said = {f.message for f in verdict.findings if f.mended or f.refill}
            again = {f.message for f in check_files(campaigns[lists], copy)}
            mended |= {f.code for f in verdict.findings if f.mended or f.refill}
            if said & again:
                left[name] = sorted(said & again)
    assert left == {}
    assert mended >= {"TPL-002", "TPL-003", "TPL-004", "TPL-006"}
