"""Building a plugin's zip: the same bytes from the same sources, whenever and wherever."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from roto_shapes.document import write_atomically

from ..contract import PRODUCT_VERSION
from .extension import extension_content
from .files import (
    Content,
    below,
    library_licences,
    own_packages,
    program_files,
    program_of,
    unpacked,
    version_file,
    zipped,
)
from .layouts import Layout, layout_of, source_of
from .libraries import wheels
from .panel import panel_content, wrapping


def build(host: str, folder: Path, wheelhouse: Optional[Path] = None) -> Path:
    """Write ``megaton-roto-<host>-<version>.zip`` into ``folder`` and return its path.

    Raises RotoError: ``bad_request`` for an unknown host, ``not_found`` when the source is
    missing, and what `libraries.wheels` and `panel.panel_content` raise; OSError when it cannot be
    written.
    """
    layout = layout_of(host)
    target = folder / f"megaton-roto-{host}-{PRODUCT_VERSION}.zip"
    content = archive_of(layout, wheelhouse)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(target, zipped(content))
    return target


def archive_of(layout: Layout, wheelhouse: Optional[Path] = None) -> Content:
    """Every file of the zip, by its path in it."""
    content = content_of(layout, wheelhouse)
    if layout.flat:
        return content
    content = below(layout.top, content)
    if layout.kind == "panel":
        content |= wrapping(source_of(layout))
    return content


def content_of(layout: Layout, wheelhouse: Optional[Path] = None) -> Content:
    """Every file of the plugin, by its path in the plugin's own folder."""
    source = source_of(layout)
    if layout.kind == "extension":
        return extension_content(source, wheelhouse)
    if layout.kind == "panel":
        return panel_content(source)
    return _vendored(source, wheelhouse)


def _vendored(source: Path, wheelhouse: Optional[Path]) -> Content:
    """A plugin with everything it imports in ``vendor/``."""
    theirs = {library: unpacked(data) for library, data in wheels(wheelhouse).items()}
    content = program_files(source)
    content |= below("vendor", own_packages())
    for files in theirs.values():
        content |= below("vendor", program_of(files))
    content |= library_licences(theirs)
    content["VERSION"] = version_file()
    return content
