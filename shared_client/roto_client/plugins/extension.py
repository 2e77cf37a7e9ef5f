"""Blender's extension: the add-on, its manifest, and wheels that Blender unpacks itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import List, Optional, Pattern

from roto_shapes.errors import RotoError

from ..contract import PRODUCT_VERSION
from .files import Content, below, library_licences, program_files, unpacked, version_file
from .libraries import wheels
from .own_wheel import own_wheel

PACKAGE = "megaton_roto"
_MANIFEST = "blender_manifest.toml"
_VERSION = re.compile(r'^version = ".*"$', re.MULTILINE)
_WHEELS = re.compile(r"^wheels = \[\]$", re.MULTILINE)


def extension_content(source: Path, wheelhouse: Optional[Path] = None) -> Content:
    """Every file of the extension; ``source`` holds the manifest, the licence and the package.

    Raises what `libraries.wheels` raises, RotoError ``internal`` for a manifest without the lines
    that the build fills in.
    """
    theirs = wheels(wheelhouse)
    ours, data = own_wheel()
    bundled = {ours: data, **{library.wheel: wheel for library, wheel in theirs.items()}}
    content = program_files(source / PACKAGE)
    content |= below("wheels", bundled)
    content |= library_licences({library: unpacked(wheel) for library, wheel in theirs.items()})
    content["LICENSES/README.txt"] += b"The add-on itself: GPL-3.0-or-later (LICENSE beside it)\n"
    content["LICENSE"] = (source / "LICENSE").read_bytes()
    content[_MANIFEST] = _manifest(source / _MANIFEST, sorted(bundled)).encode()
    content["VERSION"] = version_file()
    return content


def _manifest(path: Path, names: List[str]) -> str:
    text = path.read_text(encoding="utf-8")
    listed = json.dumps([f"./wheels/{name}" for name in names], indent=2)
    text = _filled_in(text, _VERSION, f'version = "{PRODUCT_VERSION}"', path)
    return _filled_in(text, _WHEELS, f"wheels = {listed}", path)


def _filled_in(text: str, pattern: Pattern[str], line: str, path: Path) -> str:
    parts = pattern.split(text)
    if len(parts) != 2:
        raise RotoError(
            f"{path} needs exactly one line like {pattern.pattern!r}.",
            hint="The build writes the version and the wheels there.",
            code="internal",
        )
    return line.join(parts)
