"""The form of every issue, kept in the campaign's folder, so that a return is read and judged as it was issued.

`下发过的表/<digest>/` holds the validator of a form and its layout, with all that the layout takes from other files,
as they were when workbooks were issued; the register says which issue had which (`office.issued`). Such a
folder looks like a campaign with a form of its own, and `load_form` takes it for one. It holds program code
(`office.trust`), and counts only while its contents have the digest that it is named after. What forms take of the
program itself, such as the rules that they share, is that of the program that runs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from xltool.errors import OfficeError
from xltool.files import replace_file
from xltool.form.loading import template_file
from xltool.form.model import Form

FOLDER = "下发过的表"
_NOTICE, _SAID = (
    "说明.txt",
    "这里是历次下发时所用的表样和校验文件，由 xltool issue 保存。\r\n"
    "重新下发以后，检查、退回早先下发的表要用到，请不要删除，也不要改动。\r\n",
)
_LAYOUT = "layout.xml.j2"


def keep_form(form: Form, fy: int, folder: Path) -> str:
    """Keep a form as it is issued for a budget year, in the folder of its campaign; returns its digest.

    What is there whole stays as it is. Raises OfficeError where something else stands in its place.
    """
    files = _files_of(form, fy)
    digest = _digest(files)
    place = kept_folder(folder, digest)
    if not _is_whole(place):
        for name, content in files.items():
            replace_file(place / name, content)
        if not _is_whole(place):
            raise OfficeError("这里有不是下发时保存的文件；请移走多出的文件，再下发", place)
    if not (place.parent / _NOTICE).exists():
        replace_file(place.parent / _NOTICE, _SAID.encode("utf-8-sig"))
    return digest


def kept_folder(folder: Path, digest: str) -> Path:
    """The folder of a kept form, in that of its campaign: it looks like a campaign with a form of its own."""
    return folder / FOLDER / digest


def earlier_forms(folder: Path, form: Form, issued: Mapping[str, str]) -> dict[str, str]:
    """Those issues whose form was another one than `form` is today, and is kept whole: id → digest.

    `folder` is that of the campaign, `issued` what its register says (`office.issued.forms_issued`).
    """
    digests = {digest for digest in issued.values() if re.fullmatch("[0-9a-f]{16}", digest)}
    usable = {digest for digest in digests if _is_of_another(kept_folder(folder, digest), form)}
    return {issue_id: digest for issue_id, digest in issued.items() if digest in usable}


def _is_of_another(place: Path, form: Form) -> bool:
    """True for a whole copy that differs from what the form is made of today."""
    if not _is_whole(place):
        return False
    kept = _files_in(place)
    return any(_today(form, name) != content for name, content in kept.items())


def _today(form: Form, name: str) -> bytes | None:
    """What a kept file would hold today."""
    prefix = f"templates/{form.id}/"
    if name.startswith(prefix):
        path = template_file(form, name.removeprefix(prefix))
        return path.read_bytes() if path else None
    return _validator(form).read_bytes() if name == _validator_name(form) else None


def _files_of(form: Form, fy: int) -> dict[str, bytes]:
    """What a form is made of: its validator, and all files that its layout takes; by their names in a kept folder."""
    from xltool.form.layout_template import expand  # noqa: PLC0415  # Jinja, for who issues

    used: dict[str, Path] = {}
    expand(form, fy, form.folder / _LAYOUT, used)
    files = {f"templates/{form.id}/{name}": path.read_bytes() for name, path in used.items()}
    return {**files, _validator_name(form): _validator(form).read_bytes()}


def _validator(form: Form) -> Path:
    return Path(str(form.module.__file__))


def _validator_name(form: Form) -> str:
    return f"validators/{form.id}.py"


def _files_in(place: Path) -> dict[str, bytes]:
    """The files of a kept folder by their names in it, without what Python itself keeps there."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }


def _is_whole(place: Path) -> bool:
    """True for a folder whose contents have the digest that it is named after."""
    return place.is_dir() and _digest(_files_in(place)) == place.name


def _digest(files: Mapping[str, bytes]) -> str:
    """16 hexadecimal digits of the names and contents of files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]
