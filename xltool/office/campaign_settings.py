"""The settings of a campaign: each read from campaign.toml, checked, and turned into what a campaign holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from xltool.errors import MistakesError, OfficeError
from xltool.form.changes import misfits
from xltool.form.loading import load_form
from xltool.form.model import Form
from xltool.form.rules_in_force import codes_of_integrity, known_codes
from xltool.office import approved_targets, head_costs
from xltool.office.import_plan import ImportPlan
from xltool.office.mistakes import Mistakes
from xltool.office.settings import Settings
from xltool.prose.bearing import unbearable
from xltool.prose.nearest import nearest
from xltool.rules.declaring import SEVERITIES

YEARS = range(2000, 2100)
SETTINGS = {
    "form", "year", "title", "district", "deadline", "contact", "spare", "password",
    "targets", "rows", "fields", "severity", "limits", "accept", "import", "zero_budget",
    head_costs.SETTING,
}  # fmt: skip
_DISTRICT = re.compile("[0-9]{6}")
_LONGEST = 200  # characters of a setting that is printed


def form_of(given: Settings, folder: Path) -> Form | None:
    """The form that campaign.toml names; None where it names none. What is wrong in its own files is raised."""
    name = given.taken(lambda: given.one("form", str), "")
    if not name:
        return None
    try:
        return load_form(name, folder)
    except OfficeError as error:
        if error.path is not None or isinstance(error, MistakesError):
            raise
        given.mistakes.take([given.wrong(error.message, "form")])
        return None


def adapted(
    given: Settings, form: Form, changes: Mapping[str, Any], rows: Mapping[str, int]
) -> Form:
    """The form as the campaign wants it; what it does not take is noted."""
    wrong = [given.wrong(words, *where) for *where, words in misfits(form, changes, rows)]
    policy = zero_budget_of(given, form)
    given.mistakes.take(wrong)
    return form if wrong else form.adapted(changes, rows, policy)


def text_of(given: Settings, key: str) -> str:
    """A setting that is printed on the workbooks, or goes into them."""
    text: str = given.one(key, str, "")
    if problem := unbearable(text, _LONGEST):
        raise given.wrong(f"设置项 {key} {problem}", key)
    return text


def changes_of(given: Settings) -> Mapping[str, Any]:
    """The section [fields]: what this campaign changes in the form's fields."""
    return given.section("fields")


def severities_of(given: Settings, form: Form) -> Mapping[str, str]:
    """The section [severity]; rules of integrity do not belong there."""
    severities = given.section("severity")
    fixed, known = codes_of_integrity(form), known_codes(form)
    wrong = Mistakes(given.path.parent)
    for code, severity in severities.items():
        if severity not in (*SEVERITIES, "off"):
            words = f"[severity] {code} 应为 error、warning、info 或 off；请改正"
        elif code not in known:
            meant = nearest(code, sorted(known)) or "；"
            hint = f"用 xltool rules --form {form.id} 查看"
            words = f"[severity] 这张表没有规则 {code}{meant}{hint}"
        elif code in fixed:
            unsealed = "；接受没有签发信息的表，请写 [accept] unsealed = true"
            words = (
                f"[severity] {code} 查的是交回的表是否原样读到，不能调整或关闭，请删去这一行"
                + (unsealed if code == "TPL-001" else "")
            )
        else:
            continue
        wrong.take([given.wrong(words, "severity", code)])
    wrong.insist()
    return severities


def head_costs_in(given: Settings, form: Form) -> Mapping[str, Decimal]:
    """The section [yuan_per_head]."""
    return head_costs.head_costs_of(given.section(head_costs.SETTING), form, given.path)


def import_plan_of(given: Settings, form: Form, folder: Path) -> ImportPlan | None:
    """The section [import], and the columns of the import file."""
    return ImportPlan.of_office(form, folder, given.section("import"), given.path)


def accepts_unsealed(given: Settings) -> bool:
    """The section [accept]: what this office takes although it is not as issued."""
    accept = given.section("accept")
    for key, value in accept.items():
        if key != "unsealed" or not isinstance(value, bool):
            words = "[accept] 中只能写 unsealed = true 或 unsealed = false；请改正"
            raise given.wrong(words, "accept", key)
    return bool(accept.get("unsealed", False))


def zero_budget_of(given: Settings, form: Form) -> str:
    """The section [zero_budget]: the policy for projects whose budget is 0; the form's usual one."""
    section = given.section("zero_budget")
    if "zero_budget" not in given.values:
        return next(iter(form.zero_budgets), "")
    policy = section.get("policy")
    if set(section) != {"policy"} or not isinstance(policy, str) or not policy:
        raise given.wrong(form.wrong_zero_budget, "zero_budget")
    return policy


def year_in(given: Settings) -> int:
    """The budget year."""
    year: int = given.one("year", int)
    if year not in YEARS:
        raise given.wrong("设置项 year 应为 2000–2099；请改正", "year")
    return year


def spare_in(given: Settings) -> int:
    """How many spare sheets a workbook has."""
    spare: int = given.one("spare", int, 2)
    if not 0 <= spare <= 100:
        raise given.wrong("设置项 spare（备用表张数）应为 0–100；请改正", "spare")
    return spare


def district_in(given: Settings) -> str:
    """The code of the district; an empty text where none is given."""
    district: str = given.one("district", str, "")
    if district and not _DISTRICT.fullmatch(district):
        raise given.wrong("设置项 district 应为 6 位数字的行政区划代码；请改正", "district")
    return district


def targets_in(given: Settings) -> Path | None:
    """The merge result with the approved targets, from the campaign's folder."""
    value: str = given.one(approved_targets.SETTING, str, "")
    return given.path.parent / value if value else None


def deadline_in(given: Settings) -> date | None:
    """The last day on which returns are awaited, if there is one."""
    value = given.get("deadline")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise given.wrong("设置项 deadline 应为日期，如 2026-12-15（不加引号）", "deadline")
