"""The names of results and of things: output templates, and what a name may contain."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Any, Dict, FrozenSet, List, Optional

from .errors import RotoError

DEFAULT_TEMPLATE = "{object}_matte_v{version:03d}.{frame:04d}.{ext}"
MAX_NAME = 100
# Folders and files are named after things: file systems take 255 bytes, numbers and all.
MAX_NAME_BYTES = 200

_TEXT_FIELDS = frozenset(("project", "shot", "object", "ext"))
_NUMBER_FIELDS = frozenset(("version", "frame"))
_PADDING = re.compile(r"(0[1-9])?d")
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
# Windows opens a device for these names, whatever the extension.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


class TemplateError(RotoError):
    """An output name template is malformed."""

    code = "bad_template"


def check_name(name: str) -> str:
    """``name`` itself, if a project, shot or object may be called so; else RotoError.

    Letters of any script, digits, ``_ - .`` and space; 1 to 100 characters, at most 200 bytes in
    UTF-8; no dot or space at either end (file systems drop or hide those).
    """
    if not 1 <= len(name) <= MAX_NAME:
        raise _bad_name(name, f"is not 1 to {MAX_NAME} characters long")
    if len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise _bad_name(name, f"is longer than {MAX_NAME_BYTES} bytes in UTF-8")
    if name[0] in ". " or name[-1] in ". ":
        raise _bad_name(name, "begins or ends with a dot or a space")
    for character in name:
        if not (character.isalnum() or _is_mark(character) or character in "_-. "):
            raise _bad_name(name, f"holds {character!r}")
    if _DEVICES.fullmatch(name):
        raise _bad_name(name, "is a device name on Windows")
    return name


def is_usable_on_windows(name: str) -> bool:
    """Whether a share that Windows mounts can show a file or folder called ``name``."""
    return name[-1:] not in (".", " ") and _DEVICES.fullmatch(name) is None


def name_from(text: str) -> str:
    """The nearest name to ``text`` that `check_name` takes; "" where nothing is left of it.

    Odd characters become ``_``, and at the ends nothing is kept but letters and digits.
    """
    text = unicodedata.normalize("NFC", text)
    kept = "".join(
        each if each.isalnum() or _is_mark(each) or each in "_-. " else "_" for each in text
    )
    name = kept.strip(" ._-")[:MAX_NAME]
    while len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        name = name[:-1]
    name = name.rstrip(" ._-")
    return f"_{name}"[:MAX_NAME] if _DEVICES.fullmatch(name) else name


def _is_mark(character: str) -> bool:
    """Combining marks: many scripts write one letter with several code points."""
    return unicodedata.category(character).startswith("M")


def _bad_name(name: str, problem: str) -> RotoError:
    return RotoError(
        f"name {name!r} {problem}",
        code="bad_request",
        hint="Use letters, digits, _ - . and spaces (not at the ends).",
    )


def format_output_name(
    template: str = DEFAULT_TEMPLATE,
    *,
    project: str = "",
    shot: str = "",
    object: str = "",
    version: int = 1,
    frame: int = 0,
    ext: str = "exr",
) -> str:
    """The file name a template gives, as ``hero_matte_v001.1001.exr``.

    Fields: ``{project} {shot} {object} {version:03d} {frame:04d} {ext}``. The result is one file
    name, never a path. Raises TemplateError (code ``bad_template``).
    """
    check_template(template)
    name = template.format(
        project=project, shot=shot, object=object, version=version, frame=frame, ext=ext
    )
    if _is_no_name(name):
        raise _bad_template(template, f"gives the file name {name!r}")
    return name


def check_publish_template(template: str) -> None:
    """Raise TemplateError unless ``template`` can name published files: see `format_publish_name`.

    It is a path below the folder published into: file names as `check_template` has them, with
    ``/`` between. Without ``{version}`` a second version would have the first one's names.
    """
    parts = template.split("/")
    used: Dict[str, None] = {}
    for folder in parts[:-1]:
        fields = _fields(folder)
        if "frame" in fields or "ext" in fields:
            raise _bad_template(template, "has {frame} or {ext} in the name of a folder")
        used.update(fields)
    used.update(_fields(parts[-1]))
    for needed in ("version", "ext"):
        if needed not in used:
            raise _bad_template(template, f"has no {{{needed}}} field")
    check_template(parts[-1])
    for frame in (1001, None):
        format_publish_name(
            template, project="p", shot="s", object="o", version=1, frame=frame, ext="exr"
        )


def format_publish_name(
    template: str,
    *,
    project: str,
    shot: str,
    object: str,
    version: int,
    frame: Optional[int],
    ext: str,
) -> str:
    """The path below the folder published into that a template gives, with ``/`` between names.

    ``frame`` None is for a file of the whole shot: the field goes, with the dot, dash or underscore
    before it. Raises TemplateError when a part would be no plain name.
    """
    values: Dict[str, Any] = {
        "project": project, "shot": shot, "object": object,
        "version": version, "frame": frame, "ext": ext,
    }  # fmt: skip
    names = []
    for part in template.split("/"):
        name = _filled(part, values)
        if _is_no_name(name) or name[0] == "." or name[-1] in ". " or _DEVICES.fullmatch(name):
            raise _bad_template(template, f"gives the name {name!r}")
        names.append(name)
    return "/".join(names)


def _filled(template: str, values: Dict[str, Any]) -> str:
    """One name of a path; what is None is left out with the separator before it."""
    made = ""
    for literal, field, spec, _ in _parsed(template):
        made += literal
        if field is None:
            continue
        if values[field] is None:
            made = made[:-1] if made[-1:] in ("-", "_", ".") else made
        else:
            made += format(values[field], spec or "")
    return made.lstrip("-_.") if values["frame"] is None else made


def _fields(template: str) -> Dict[str, None]:
    """The fields of one name of a path, checked."""
    used: Dict[str, None] = {}
    before = None
    for literal, field, spec, conversion in _parsed(template):
        if _FORBIDDEN.search(literal):
            raise _bad_template(template, f"holds {literal!r}")
        if field is not None:
            _check_field(template, field, spec or "", conversion)
            used[field] = None
        if not literal and before in _NUMBER_FIELDS and field in _NUMBER_FIELDS:
            raise _bad_template(template, "has nothing between two numbers, 1 11 is 11 1")
        before = field
    return used


def check_template(template: str) -> FrozenSet[str]:
    """The names of the fields a template uses. Raises TemplateError unless it is sound."""
    used: Dict[str, None] = {}
    for literal, field, spec, conversion in _parsed(template):
        if _FORBIDDEN.search(literal) or ".." in literal:
            raise _bad_template(template, f"holds {literal!r}: it names a file, not a path")
        if field is None:
            continue
        _check_field(template, field, spec or "", conversion)
        used[field] = None
    if "frame" not in used:
        raise _bad_template(template, "has no {frame} field")
    return frozenset(used)


def _is_no_name(name: str) -> bool:
    """Whether it names no file of a folder: empty, dots, or a path."""
    return bool(_FORBIDDEN.search(name)) or name.strip(". ") == "" or ".." in name


def _parsed(template: str) -> List[Any]:
    try:
        return list(string.Formatter().parse(template))
    except ValueError as error:
        raise _bad_template(template, str(error)) from error


def _check_field(template: str, field: str, spec: str, conversion: Optional[str]) -> None:
    if field not in _TEXT_FIELDS | _NUMBER_FIELDS:
        raise _bad_template(template, f"has an unknown field {{{field}}}")
    allowed = not spec or (field in _NUMBER_FIELDS and _PADDING.fullmatch(spec))
    if conversion or not allowed:
        raise _bad_template(template, f"formats {{{field}}} in a way that is not allowed")


def _bad_template(template: str, problem: str) -> TemplateError:
    return TemplateError(
        f"output template {template!r} {problem}",
        hint="Fields: {project} {shot} {object} {version:03d} {frame:04d} {ext}.",
    )
