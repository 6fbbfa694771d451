"""Which campaign counts: given, or found from the current folder upwards and made or trusted by this user."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import click
import pytest
from commands import Run, Xltool, in_this_process, refused
from helpers import answers, fill_unit, make_campaign, template

from xltool.cli.options import settings_folder
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.office.trust import FILE
from xltool.write.issuing import issue

FORM = "longhua_2021_target"
# a validator and a layout that write a file as soon as they are used
VALIDATOR = """
from pathlib import Path
Path(r"{proof}").write_text("run")
"""
LAYOUT = """<form>{{% set x = cycler.__init__.__globals__.os.system("touch '{proof}'") %}}</form>"""
SETTINGS = """
form = "{form}"
year = 2027
[severity]
"TXT-001" = "off"
"TPL-001" = "off"
"TPL-007" = "off"
"""


@pytest.fixture
def xltool(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Xltool:
    """The command line in this process, of a user who has trusted nothing yet."""
    monkeypatch.setenv("XLTOOL_CONFIG", str(tmp_path / "settings"))
    return in_this_process(monkeypatch, capsys)


def make_hostile(folder: Path, proof: Path) -> Path:
    """A campaign that writes `proof` when anything of it is used, and switches findings off."""
    for form in (FORM, "futian_2024_declaration"):
        for path, text in (
            (folder / "validators" / f"{form}.py", VALIDATOR),
            (folder / "templates" / form / "layout.xml.j2", LAYOUT),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(proof=proof), encoding="utf-8")
    (folder / "campaign.toml").write_text(SETTINGS.format(form=FORM), encoding="utf-8")
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    return folder


def forged(target: Campaign, folder: Path, key: Path) -> Path:
    """A return without a mistake that was sealed with another key than the office's."""
    office = folder / "forger"
    shutil.copytree(target.folder, office, ignore=shutil.ignore_patterns("issued"))
    shutil.copytree(key.parent, office / "keys", dirs_exist_ok=True)
    campaign = load_campaign(office)
    issue(campaign, ["226002"])
    return fill_unit(campaign, "226002", answers("target", "226002"), folder / "forged.xlsx")


@pytest.fixture
def faulty(target: Campaign, tmp_path: Path) -> Path:
    """A return with one error, TXT-001."""
    data = answers("target", "238001")
    data["projects"][0]["项目概况"] = ""
    return fill_unit(target, "238001", data, tmp_path / "238001.xlsx")


def kept(office: Path) -> str:
    """The lines that name the kept forms of what was issued: they are program code too."""
    (path,) = office.glob("下发过的表/*/validators/*.py")
    return f"  程序代码：{path.relative_to(office)}\n"


def passed_over(folder: Path) -> str:
    return (
        f"注意：{folder} 的 campaign.toml 不是您建立的，也没有信任过，没有使用；"
        f"核对后如要使用，请运行 xltool trust {folder}\n"
    )


def codes(run: Run) -> list[str]:
    return [finding["code"] for finding in json.loads(run.out)["findings"]]


@pytest.mark.parametrize("where", ["outside", "inside", "below"])
def test_nothing_of_a_hostile_folder_of_returns_counts(
    xltool: Xltool, target: Campaign, faulty: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, where: str,
) -> None:  # fmt: skip
    """No code of it runs, no finding is switched off, from wherever one looks at it."""
    proof = tmp_path / "proof"
    hostile = make_hostile(tmp_path / "back", proof)
    (hostile / "deep").mkdir()
    back, sheet = hostile / "deep" / "238001.xlsx", hostile / "deep" / "226002.xlsx"
    shutil.copyfile(faulty, back)
    shutil.copyfile(template(target, "226002"), sheet)
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    folders = {"outside": tmp_path, "inside": hostile, "below": hostile / "deep"}
    monkeypatch.chdir(folders[where])
    said = "" if where == "outside" else passed_over(hostile)
    run = xltool("check", back, "--format", "json")
    assert (run.code, run.err, codes(run)) == (1, said, ["TXT-001", "TPL-001"])
    assert json.loads(run.out)["summary"]["campaign"] is None
    run = xltool("forms")
    assert (run.code, run.err) == (0, said)
    assert xltool("forms", FORM).out.startswith(f"{FORM}  项目支出绩效目标表（版本 ")
    assert xltool("rules", "--form", FORM).err == said
    run = xltool("fill", sheet, tmp_path / "a.json", "-o", tmp_path / "out.xlsx")
    assert run == Run(0, f"已写出 {tmp_path / 'out.xlsx'}\n", said)
    run = xltool("merge", back, "--out", tmp_path / "merged")
    assert (run.code, run.err.startswith(said)) == (2, True)
    for command in ("issue", "status"):
        assert xltool(command) == Run(
            2, "",
            f"{said}错误：从当前位置向上没有可用的填报文件夹；"
            f"请指明它的位置，如 xltool {command} 填报，或先用 xltool init 建立\n",
        )  # fmt: skip
    assert not (hostile / "issued").exists()
    assert not proof.exists()


def test_the_hostile_campaign_would_have_done_it(
    xltool: Xltool, faulty: Path, tmp_path: Path
) -> None:
    """The proof of the test above: once it is given, its code runs."""
    hostile = make_hostile(tmp_path / "back", tmp_path / "proof")
    assert xltool("check", faulty, "--campaign", hostile).code == 2
    assert (tmp_path / "proof").read_text() == "run"


def test_the_search_goes_on_upwards_to_the_office_s_own(
    xltool: Xltool, target: Campaign, faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Returns unpacked in the campaign's folder: its own key and settings judge, not theirs."""
    office = tmp_path / "office"
    shutil.copytree(target.folder, office)
    assert xltool("trust", office) == Run(0, f"已信任 {office}\n{kept(office)}", "")
    hostile = make_hostile(office / "back" / "unit", tmp_path / "proof")
    shutil.copyfile(forged(target, tmp_path, hostile / KEY_FILE), hostile / "forged.xlsx")
    shutil.copyfile(faulty, hostile / "faulty.xlsx")
    monkeypatch.chdir(hostile)
    run = xltool("check", hostile / "faulty.xlsx", hostile / "forged.xlsx", "--format", "json")
    said = f"{passed_over(hostile)}使用填报文件夹 {office}\n"
    assert (run.code, run.err) == (1, said)
    document = json.loads(run.out)
    assert document["summary"]["campaign"] == str(office)
    assert [(Path(book["file"]).name, book["status"]) for book in document["workbooks"]] == [
        ("faulty.xlsx", "failed"),
        ("forged.xlsx", "failed"),
    ]
    found = {(Path(finding["file"]).name, finding["code"]) for finding in document["findings"]}
    assert found >= {("faulty.xlsx", "TXT-001"), ("forged.xlsx", "TPL-001")}
    assert not (tmp_path / "proof").exists()


def test_trust_ends_with_a_change_of_the_code(
    xltool: Xltool, target: Campaign, good_target: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    office = tmp_path / "our office"
    shutil.copytree(target.folder, office)
    (office / "validators").mkdir()
    (office / "validators" / "other.py").write_text("", encoding="utf-8")
    run = xltool("trust", office)
    own = "  程序代码：validators/other.py\n"
    assert run == Run(0, f"已信任 {office}\n{own}{kept(office)}", "")
    monkeypatch.chdir(office)
    assert xltool("status").err == f"使用填报文件夹 {office}\n"
    with (office / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write("\n")  # the settings are the office's daily work
    assert xltool("status").err == f"使用填报文件夹 {office}\n"
    (office / "validators" / "other.py").write_text("pass", encoding="utf-8")
    run = xltool("check", good_target)
    assert (run.code, run.err) == (
        0,
        f"注意：{office} 的 validators 或 templates 在您信任之后有改动，没有使用；"
        f"核对后如要使用，请运行 xltool trust '{office}'\n",
    )
    assert xltool("trust", ".").code == 0
    assert xltool("status").err == f"使用填报文件夹 {office}\n"


def test_what_init_made_stays_trusted(
    xltool: Xltool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert xltool("init", "office", "--form", FORM, "--year", 2027).code == 0
    office = tmp_path / "office"
    (office / "validators").mkdir()
    (office / "validators" / "other.py").write_text("", encoding="utf-8")
    (office / "deep").mkdir()
    monkeypatch.chdir(office / "deep")
    run = xltool("forms", FORM)
    assert (run.code, run.err) == (0, f"使用填报文件夹 {office}\n")
    monkeypatch.chdir(tmp_path)
    office.rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    assert xltool("forms", FORM).err == passed_over(tmp_path / "moved")


def test_a_record_that_cannot_be_written_does_not_stop_init(xltool: Xltool, tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("", encoding="utf-8")
    run = xltool("init", tmp_path / "office", "--form", FORM, "--year", 2027)
    assert run.code == 0
    assert run.err == (
        f"注意：没能记住这个填报文件夹是您建立的（{tmp_path / 'settings'}：已有同名的文件）；"
        "使用时请用 --campaign 指明\n"
    )
    assert (tmp_path / "office" / "campaign.toml").is_file()


def test_a_campaign_that_is_given_needs_no_trust(
    xltool: Xltool, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    run = xltool("check", good_target, "--campaign", target.folder)
    assert (run.code, run.err) == (0, "")
    assert f"填报文件夹：{target.folder}" in run.out.splitlines()
    assert xltool("status", target.folder).err == ""
    assert not (tmp_path / "settings").exists()


def test_trust_wants_a_campaign(xltool: Xltool, tmp_path: Path) -> None:
    refused(xltool("trust", tmp_path), f"{tmp_path}：这里没有 campaign.toml")
    assert not (tmp_path / "settings").exists()


def test_a_hostile_name_is_no_command(
    xltool: Xltool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is to be copied into a terminal is one word, and nothing in it drives the terminal."""
    hostile = make_hostile(tmp_path / "$(touch x); \x1b[31m", tmp_path / "proof")
    monkeypatch.chdir(hostile)
    said = xltool("forms").err
    assert said.count("\n") == 1
    assert said.endswith(f"xltool trust '{tmp_path}/$(touch x); �[31m'\n")


def test_fill_takes_the_office_s_own_form_where_it_is_told(xltool: Xltool, tmp_path: Path) -> None:
    """The password of the office is on the sheets only if its campaign was given."""
    campaign = make_campaign("target", tmp_path / "office", units=["226002"])
    settings = campaign.folder / "campaign.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('password = ""', 'password = "x"'), encoding="utf-8")
    assert text != settings.read_text(encoding="utf-8")
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    words = ("fill", template(campaign, "226002"), tmp_path / "a.json")
    assert xltool(*words, "-o", tmp_path / "a.xlsx", "--campaign", campaign.folder).code == 0
    assert xltool(*words, "-o", tmp_path / "b.xlsx").code == 0
    assert (tmp_path / "a.xlsx").read_bytes() != (tmp_path / "b.xlsx").read_bytes()


def test_where_the_settings_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTOOL_CONFIG", "/somewhere")
    assert settings_folder() == Path("/somewhere")
    monkeypatch.delenv("XLTOOL_CONFIG")
    assert settings_folder() == Path(click.get_app_dir("xltool"))
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CONFIG_HOME", "/home/a/.config")
        assert settings_folder() / FILE == Path("/home/a/.config/xltool/trusted.json")
    assert os.environ.get("XLTOOL_CONFIG") is None


def test_what_was_compiled_before_does_not_run(
    xltool: Xltool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A validator runs as it stands: a forged `__pycache__` beside it is neither read nor written."""
    import importlib.util
    import marshal

    office = make_hostile(tmp_path / "office", tmp_path / "proof")
    shutil.rmtree(office / "templates")
    shutil.rmtree(office / "validators")
    source = office / "validators" / "own.py"
    source.parent.mkdir()
    source.write_text("TITLE = 1\n", encoding="utf-8")
    (office / "templates" / "own").mkdir(parents=True)
    (office / "templates" / "own" / "layout.xml.j2").write_text("<form/>", encoding="utf-8")
    cached = Path(importlib.util.cache_from_source(str(source)))
    cached.parent.mkdir()
    code = compile(VALIDATOR.format(proof=tmp_path / "proof"), str(source), "exec")
    stat = source.stat()
    head = importlib.util.MAGIC_NUMBER + bytes(4)
    head += int(stat.st_mtime).to_bytes(4, "little") + stat.st_size.to_bytes(4, "little")
    cached.write_bytes(head + marshal.dumps(code))
    run = xltool("forms", "own", "--campaign", office)
    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines() == [
        "错误：表「own」有 3 处错误，请改正（改后可用 xltool form check own 再查）：",
        'validators/own.py:1: TITLE（表名）应为文字；请写 TITLE = "……"',
        'validators/own.py:1: 缺少 VERSION（版本）；请写一行 VERSION = "……"',
        "validators/own.py:1: 第一个数据表应为记录（Table 的子类）",
    ]
    assert not (tmp_path / "proof").exists()
    assert cached.read_bytes() == head + marshal.dumps(code)
