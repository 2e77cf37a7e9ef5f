"""Putting a plugin where its host finds it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Tuple

from .bundle import content_of
from .files import Content
from .layouts import layout_of
from .places import default_bases, notes_for


@dataclass(frozen=True)
class Installed:
    """``folders``: the plugin, once for each version of the host that has a place of its own;
    ``notes``: what is left to do, for people."""

    folders: Tuple[Path, ...]
    notes: Tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The plugin of the host's newest version."""
        return self.folders[-1]


def install(host: str, path: Optional[Path] = None, wheelhouse: Optional[Path] = None) -> Installed:
    """Unpack a plugin below ``path`` (default: where this user's host looks), in place of an older
    one; a plugin that is there stays until the new one is complete.

    Raises RotoError as `bundle.build`, and ``not_found`` when the host has no place for plugins
    here; OSError when the folder cannot be written.
    """
    layout = layout_of(host)
    bases = [path] if path else default_bases(layout)
    content = content_of(layout, wheelhouse)
    for base in bases:
        base.mkdir(parents=True, exist_ok=True)
        _replace(base / layout.top, content)
    notes = notes_for(layout, bases[-1], chosen=path is not None)
    return Installed(tuple(base / layout.top for base in bases), notes)


def _replace(folder: Path, content: Content) -> None:
    """Make ``folder`` hold ``content`` and nothing else, or leave it as it was."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        draft.chmod(0o755)
        for name, data in content.items():
            target = draft / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        _swap(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _swap(draft: Path, folder: Path) -> None:
    old = draft.with_name(f"{draft.name}.old")
    if folder.exists():
        folder.rename(old)
    try:
        draft.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
