"""The seal: what was signed is read again, and whatever was altered does not count."""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from helpers import TEST_KEY, check_files, edit, places, template
from hypothesis import given, settings
from hypothesis import strategies as st

from xltool.errors import OfficeError
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.office.seal import Issue, Seal, sign, unseal
from xltool.returns.identifying import find_seal, settings_for
from xltool.returns.reading import read_file
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook

KEY = seal.new_key()
ISSUE = Issue(
    form="longhua_2021_target",
    version="2021.1",
    layout="0123456789abcdef",
    fy=2027,
    district="440399",
    unit="106001",
    unit_name="云岭区“政务”服务中心",
    department_code="106",
    records=[{"project_name": "甲\n乙"}, {}],
    notice={"title": "填报", "deadline": "", "contact": ""},
    changes={"fund_use": {"choices": ["甲", "乙"]}},
    rows={"数量": 12},
)
TEXT = sign(ISSUE, KEY)


def packed(payload: bytes, key: Ed25519PrivateKey = KEY) -> str:
    """A properly signed seal of any payload, as a forger with a key of his own makes it."""
    parts = [payload_head(key), base64.b64encode(key.sign(payload)).decode()]
    return ".".join([*parts, base64.b64encode(zlib.compress(payload, 9)).decode()])


def payload_head(key: Ed25519PrivateKey) -> str:
    return f"xltool-seal-1.{seal.public_text(key.public_key())}"


def content(**changes: Any) -> bytes:
    """The payload of ISSUE with changes; None takes a key out."""
    data = {**json.loads(ISSUE.canonical), **changes}
    return json.dumps({k: v for k, v in data.items() if v is not None}).encode()


def test_round_trip() -> None:
    assert unseal(TEXT) == Seal(ISSUE, seal.public_text(KEY.public_key()), True, TEXT)


def test_signing_twice_gives_the_same_text() -> None:
    assert sign(ISSUE, KEY) == TEXT
    assert ISSUE.issue_id == Issue(**json.loads(ISSUE.canonical)).issue_id
    assert len(ISSUE.issue_id) == 12


texts = st.text(st.characters(codec="utf-8"), max_size=50)
records = st.lists(st.dictionaries(texts, texts, max_size=4), max_size=4)


@settings(max_examples=100, deadline=None)
@given(texts, texts, records)
def test_any_issue_survives(unit: str, name: str, some: list[dict[str, str]]) -> None:
    issue = Issue("f", "1", "0", 2027, "", unit, name, "", some)
    found = unseal(sign(issue, KEY))
    assert found is not None
    assert (found.issue, found.intact) == (issue, True)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
def test_no_altered_text_is_intact(place: int, character: str) -> None:
    altered = TEXT[:place] + character + TEXT[place + 1 :]
    found = unseal(altered)
    # base64 leaves a few bits unused: what was signed must still be what is read
    assert found is None or not found.intact or found.issue == ISSUE


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.integers(1, 200))
def test_no_shortened_text_is_intact(place: int, length: int) -> None:
    found = unseal(TEXT[:place] + TEXT[place + length :])
    assert found is None or not found.intact


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_altered_payload_is_intact(data: st.DataObject) -> None:
    payload = bytearray(ISSUE.canonical)
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    head, key, signature, _ = TEXT.split(".")
    content = base64.b64encode(zlib.compress(bytes(payload))).decode()
    found = unseal(".".join([head, key, signature, content]))
    assert found is None or not found.intact


def test_a_changed_value_under_the_old_signature_is_altered() -> None:
    head, key, signature, _ = TEXT.split(".")
    content = base64.b64encode(zlib.compress(ISSUE.canonical.replace(b"2027", b"2026")))
    found = unseal(".".join([head, key, signature, content.decode()]))
    assert found is not None
    assert (found.intact, found.issue.fy) == (False, 2026)


NO_SEALS = {
    "nothing": "",
    "words": "这不是签发信息",
    "four parts": "a.b.c.d",
    "another head": TEXT.replace("xltool-seal-1", "xltool-seal-2"),
    "no base64": ".".join([*TEXT.split(".")[:3], "%%%%"]),
    "no zlib": ".".join([*TEXT.split(".")[:3], base64.b64encode(b"abc").decode()]),
    "bomb": packed(b"[" + b" " * 40_000_000 + b"]"),
    "bomb in a value": packed(content(unit="a" * 40_000_000)),
    "too long": TEXT + "A" * 4_000_000,
    "no JSON": packed(b"{"),
    "no UTF-8": packed(b"\xff\xfe"),
    "recursion": packed(b"[" * 200_000 + b"]" * 200_000),
    "number too long": packed(b'{"fy": ' + b"9" * 5_000 + b"}"),
    "a list": packed(b"[1, 2]"),
    "a number": packed(b"1"),
    "unknown key": packed(content(more="1")),
    "missing key": packed(content(unit=None)),
    "unit is a number": packed(content(unit=106001)),
    "unit is null": packed(content().replace(b'"106001"', b"null")),
    "year is text": packed(content(fy="2027")),
    "year is a float": packed(content(fy=2027.5)),
    "year is true": packed(content(fy=True)),
    "year is no year": packed(content(fy=10**30)),
    "records are a mapping": packed(content(records={"a": "b"})),
    "record is a list": packed(content(records=[["a"]])),
    "value is a number": packed(content(records=[{"project_name": 1}])),
    "notice is a list": packed(content(notice=["a"])),
    "notice is nested": packed(content(notice={"title": {}})),
    "changes are a list": packed(content(changes=[1])),
    "half a character": packed(content(unit="\ud800")),
}


@pytest.mark.parametrize("name", NO_SEALS)
def test_hostile_texts_are_no_seals(name: str) -> None:
    assert unseal(NO_SEALS[name]) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    assert unseal(text) is None
    assert unseal(f"{payload_head(KEY)}.{text}") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(vars(ISSUE))), json_values)
def test_no_signed_value_raises(name: str, value: Any) -> None:
    found = unseal(packed(content(**{name: value})))
    assert found is None or found.intact


def hostile(campaign: Campaign, folder: Path, **changes: Any) -> Path:
    """A workbook of unit 226002 with a seal that a forger signed with a key of his own."""

    def swap(book: Any) -> None:
        issue = campaign.issue_for(campaign.units["226002"])
        data = {**json.loads(issue.canonical), **changes}
        text = packed(json.dumps(data).encode(), Ed25519PrivateKey.generate())
        for row in range(1, 4):
            book[seal.SHEET].cell(row, 1).value = None
        for row, chunk in enumerate(seal.cells(text), 1):
            book[seal.SHEET].cell(row, 1).value = chunk
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]

    return edit(template(campaign, "226002"), swap, folder / "forged.xlsx")


FORGED: list[dict[str, Any]] = [
    {"fy": 10**12},
    {"unit": "\ud800"},
    {"unit_name": "\x1b[31m\x00"},
    {"unit_name": "长" * 32_768},
    {"version": "9"},
    {"layout": "9" * 16},
    {"records": []},
    {"records": [{"project_name": "\x00"}] * 400},
    {"records": [{"amount_total": "不是数"}]},
    {"records": [{"no_field": "1"}]},
    {"changes": {"fund_use": {"choices": 5}}},
    {"changes": {"fund_use": {"choices": [1, None]}}},
    {"changes": {"fund_use": {"kind": "text"}}},
    {"changes": {"overview": {"max_chars": "many"}}},
    {"changes": {"overview": {"max_chars": -1}}},
    {"changes": {"overview": {"required": "yes"}}},
    {"changes": {"overview": {"filled_by": "nobody"}}},
    {"changes": {"overview": {"label": "{0.__class__}"}}},
    {"changes": {"amount_total": {"places": 99}}},
    {"changes": {"nothing": {}}},
    {"changes": {"fund_use": "a"}},
    {"rows": {"数量": "many"}},
    {"rows": {"数量": 10**9}},
    {"rows": {"没有这一级": 3}},
    {"rows": {"数量": 1000, "质量": 1000}},
]


@pytest.mark.slow
@pytest.mark.parametrize("changes", FORGED, ids=lambda changes: str(changes)[:80])
def test_a_forged_seal_is_a_finding(
    target: Campaign, tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = hostile(target, tmp_path, **changes)
    assert ("TPL-001", "", "") in places(check_files(target, path), least="error")


@pytest.mark.slow
@pytest.mark.parametrize("changes", FORGED, ids=lambda changes: str(changes)[:80])
def test_a_forged_seal_harms_nobody_without_a_campaign(
    target: Campaign, tmp_path: Path, changes: dict[str, Any]
) -> None:
    """No key to compare with: whatever the seal says, the run must end with findings."""
    check_files(None, hostile(target, tmp_path, **changes), template(target, "226002"))


def without_sheet(book: Any) -> None:
    del book[seal.SHEET]


def without_properties(book: Any) -> None:
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]


def without_both(book: Any) -> None:
    without_sheet(book)
    without_properties(book)


@pytest.mark.parametrize("change", [without_sheet, without_properties])
def test_either_carrier_is_enough(
    target: Campaign, good_target: Path, tmp_path: Path, change: Any
) -> None:
    path = edit(good_target, change, tmp_path / "a.xlsx")
    found = find_seal(open_workbook(path, Limits()))
    assert found is not None
    assert (found.intact, found.issue.unit) == (True, "226002")
    assert check_files(target, path) == []


def test_without_both_carriers_it_is_missing(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    path = edit(good_target, without_both, tmp_path / "a.xlsx")
    findings = check_files(target, path)
    assert places(findings, least="error") == [("TPL-001", "", "")]
    assert findings[0].message == "找不到签发信息：这不是下发的原表，或隐藏的签发页被删除"


def test_an_altered_sheet_beside_intact_properties(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def alter(book: Any) -> None:
        cell = book[seal.SHEET]["A1"]
        cell.value = str(cell.value)[:-9] + "AAAAAAAA="

    path = edit(good_target, alter, tmp_path / "a.xlsx")
    assert check_files(target, path) == []


def test_an_altered_seal_in_both_carriers(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def alter(book: Any) -> None:
        without_properties(book)
        cell = book[seal.SHEET]["A1"]
        head, key, signature, _ = str(cell.value).split(".")
        issue = target.issue_for(target.units["226002"])
        other = issue.canonical.replace("图书文献采购".encode(), "图书文献采访".encode())
        cell.value = ".".join(
            [head, key, signature, base64.b64encode(zlib.compress(other)).decode()]
        )

    path = edit(good_target, alter, tmp_path / "a.xlsx")
    findings = check_files(target, path)
    assert places(findings, least="error") == [("TPL-001", "", "")]
    assert findings[0].message.startswith("签发信息被改动，数字签名不符")


def test_a_seal_of_another_key(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    path = hostile(target, tmp_path)
    errors = [f for f in check_files(target, path) if f.code == "TPL-001"]
    assert [f.message for f in errors] == [
        "签名完好，但不是本次填报的签发密钥"
        "（2027 年度 longhua_2021_target，单位 226002 云岭区图书馆）"
    ]


def test_carriers_of_an_issued_workbook(target: Campaign) -> None:
    path = template(target, "226002")
    book: Any = openpyxl.load_workbook(path)
    cells = "".join(
        str(row[0].value) for row in book[seal.SHEET].iter_rows(max_col=1) if row[0].value
    )
    with zipfile.ZipFile(path) as archive:
        assert "docProps/custom.xml" in archive.namelist()
    properties = {prop.name: str(prop.value) for prop in book.custom_doc_props.props}
    assert max(map(len, properties.values())) <= 255
    assert cells == seal.from_properties(properties)
    issue = target.issue_for(target.units["226002"])
    assert cells == sign(issue, seal.load_key(target.folder / "keys" / "office.key"))


def test_cutting_and_joining() -> None:
    long = "ab" * 40_000
    assert "".join(seal.cells(long)) == long
    assert max(map(len, seal.cells(long))) == 30_000
    assert seal.from_properties(seal.properties(long)) == long
    assert seal.from_properties({"xltool1": "a", "xltool3": "c", "other": "x"}) == "a"


def test_key_files(tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    seal.save_key(KEY, path)
    assert path.stat().st_mode & 0o777 == 0o600
    public = path.with_suffix(".pub").read_text(encoding="ascii").strip()
    assert public == seal.public_text(KEY.public_key())
    assert seal.public_text(seal.load_key(path).public_key()) == public
    with pytest.raises(OfficeError, match=r"找不到签发密钥；请从备份恢复这个文件"):
        seal.load_key(tmp_path / "none.key")
    path.write_bytes(b"no key")
    with pytest.raises(OfficeError, match=r"签发密钥无法读取"):
        seal.load_key(path)
    path.write_bytes(TEST_KEY[:60])
    with pytest.raises(OfficeError, match=r"签发密钥无法读取"):
        seal.load_key(path)


def test_the_private_key_is_in_no_workbook(target: Campaign) -> None:
    secret = TEST_KEY.splitlines()[1]
    for path in (target.folder / "issued").iterdir():
        assert secret not in path.read_bytes()
    settings = settings_for(target, None)
    assert read_file(template(target, "226002"), settings).seal == "ok"
