"""The report for programs: one document, or a line for each finding; written in pieces."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from helpers import answers, fill_unit

from xltool.checking.running import Verdict, check
from xltool.office.campaign import Campaign
from xltool.report.json_document import VERSION, as_json
from xltool.report.json_lines import as_lines
from xltool.report.outputs import Run
from xltool.report.reports import Report, make_report
from xltool.returns.accounting import LeftAside
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch


@pytest.fixture(scope="module")
def run(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with findings whose texts hold breaks, quotes and half a pair of surrogates."""
    folder = tmp_path_factory.mktemp("json")
    answer = answers("declaration", "106001")
    answer["projects"][0]["测算依据"] = "按“往年”水平\n测算\u2028\\"
    path = fill_unit(declaration, "106001", answer, folder / "a.xlsx")
    submission = read_file(path, settings_for(declaration, None))
    aside = [LeftAside("b\nc", "隐藏文件"), LeftAside("d", "锁文件")]
    batch = Batch([submission], declaration, left_aside=aside)
    verdict = check(batch)
    assert verdict.findings
    return Run(make_report(batch, verdict), batch)


def test_the_document_is_one_json_text(run: Run) -> None:
    """Written in pieces, it is what a dump of the whole would be."""
    text = as_json(run.report)
    document = json.loads(text)
    assert text == json.dumps(document, ensure_ascii=False, indent=1)
    assert list(document) == ["version", "summary", "workbooks", "findings", "left_aside"]
    assert document["version"] == VERSION == 2
    assert document["findings"] == [as_json_has(f.as_dict()) for f in run.report.findings]
    assert document["left_aside"] == [asdict(each) for each in run.report.left_aside]
    summary = document["summary"]
    counts = [summary[name] for name in ("errors", "warnings", "infos")]
    assert sum(counts) == len(document["findings"])
    assert (summary["received"], summary["read"], summary["left_aside"]) == (3, 1, 2)


def test_an_empty_document() -> None:
    text = as_json(make_report(Batch([]), Verdict([], [])))
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    assert json.loads(text)["findings"] == []


def test_lines_of_json(run: Run) -> None:
    lines = "".join(as_lines(run)).split("\n")
    expected = json.loads(as_json(run.report))["findings"]
    assert [json.loads(line) for line in lines] == expected
    assert list(as_lines(Run(Report([], []), run.batch))) == []


def as_json_has(found: dict[str, Any]) -> Any:
    """A value as it comes back from JSON: tuples are lists there."""
    return json.loads(json.dumps(found))
