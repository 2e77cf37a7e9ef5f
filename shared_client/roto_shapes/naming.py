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
    if _FORBIDDEN.search(name) or name.strip(". ") == "" or ".." in name:
        raise _bad_template(template, f"gives the file name {name!r}")
    return name


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
