"""What the office makes of a rule in campaign.toml is what the workbook tells the unit."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from small import UNIT, small_campaign

from xltool.form.own_sheets import CHECKS, GUIDE
from xltool.write.live.page import FIRST

FORM = "futian_2022_declaration"


def lines_and_guide(folder: Path, severities: str) -> tuple[dict[str, set[str]], str]:
    """The signs that the lines of each code can show, and the text of 填报说明."""
    settings = f"[severity]\n{severities}\n" if severities else ""
    campaign = small_campaign(FORM, folder, settings)
    book = openpyxl.load_workbook(campaign.folder / "issued" / campaign.units[UNIT].file_name)
    signs: dict[str, set[str]] = {}
    for formula, *_, code in book[CHECKS].iter_rows(min_row=FIRST + 1, max_col=5):
        text = str(getattr(formula.value, "text", ""))
        found = {sign for sign in "✘！" if f'"{sign}"' in text}
        signs.setdefault(str(code.value), set()).update(found)
    rows = book[GUIDE].iter_rows(values_only=True)
    return signs, "\n".join(str(cell) for row in rows for cell in row if cell)


def test_as_the_rules_have_it(tmp_path: Path) -> None:
    signs, guide = lines_and_guide(tmp_path, "")
    assert signs["COD-006"] == {"✘"}
    assert signs["COD-008"] == {"！"}
    assert signs["TXT-001"] == {"✘"}
    assert signs["IND-001"] == {"✘"}
    assert "新增项目的编码必须是本年度入库的编码。" in guide


@pytest.mark.parametrize("code", ["COD-006", "TXT-001", "IND-001", "IND-004", "AMT-002"])
@pytest.mark.parametrize("severity", ["off", "info"])
def test_what_is_off_has_no_line(tmp_path: Path, code: str, severity: str) -> None:
    signs, guide = lines_and_guide(tmp_path, f'"{code}" = "{severity}"')
    assert code not in signs
    assert "COD-008" in signs
    assert ("新增项目的编码必须是本年度入库的编码。" in guide) == (code != "COD-006")


def test_an_error_made_a_warning_and_a_warning_an_error(tmp_path: Path) -> None:
    wanted = {"COD-008": "error", "COD-006": "warning", "TXT-001": "warning", "IND-008": "error"}
    severities = "\n".join(f'"{code}" = "{severity}"' for code, severity in wanted.items())
    signs, guide = lines_and_guide(tmp_path, severities)
    assert signs["COD-008"] == {"✘"}
    assert signs["COD-006"] == {"！"}
    assert signs["TXT-001"] == {"！"}
    assert "新增项目的编码必须是本年度入库的编码。" not in guide
    must = guide[: guide.index("指标值怎样写")]
    assert "指标值不能只是重复指标名称。" in must
