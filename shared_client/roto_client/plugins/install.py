"""Putting a plugin where its host finds it."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Tuple

from ..api.config import data_dir
from .bundle import Content, content_of
from .layouts import layout_of

_NUKE_LINE = 'nuke.pluginAddPath("./megaton_roto")'


@dataclass(frozen=True)
class Installed:
    """``folder``: the plugin; ``notes``: what is left to do, for people."""

    folder: Path
    notes: Tuple[str, ...]


def install(host: str, path: Optional[Path] = None, wheelhouse: Optional[Path] = None) -> Installed:
    """Unpack a plugin below ``path`` (default: where this user's host looks), in place of an older
    one; a plugin that is there stays until the new one is complete.

    Raises RotoError as `bundle.build`, OSError when the folder cannot be written.
    """
    layout = layout_of(host)
    content = content_of(layout, wheelhouse)
    base = path or _default(host)
    base.mkdir(parents=True, exist_ok=True)
    folder = base / layout.top
    _replace(folder, content, layout.top)
    if host == "nuke":
        return Installed(folder, _nuke_notes(base, folder, chosen=path is not None))
    return Installed(folder, _silhouette_notes(folder))


def _default(host: str) -> Path:
    return Path.home() / ".nuke" if host == "nuke" else data_dir() / "plugins"


def _replace(folder: Path, content: Content, top: str) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        draft.chmod(0o755)
        for name, data in content.items():
            target = draft / Path(name).relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        old = draft.with_name(f"{draft.name}.old")
        if folder.exists():
            folder.rename(old)
        draft.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _nuke_notes(base: Path, folder: Path, *, chosen: bool) -> Tuple[str, ...]:
    if chosen:
        return (f"Add {folder} to NUKE_PATH.", "Restart Nuke: the menu is Megaton Roto.")
    init = base / "init.py"
    text = init.read_text(encoding="utf-8") if init.exists() else ""
    if _NUKE_LINE not in text:
        start = text if not text or text.endswith("\n") else text + "\n"
        head = "" if "import nuke" in text else "import nuke\n"
        draft = init.with_name(".init.py.draft")
        draft.write_text(f"{start}{head}{_NUKE_LINE}\n", encoding="utf-8")
        os.replace(draft, init)
    return (f"{init} loads it.", "Restart Nuke: the menu is Megaton Roto.")


def _silhouette_notes(folder: Path) -> Tuple[str, ...]:
    return (
        f"Add {folder} to the environment variable SFX_SCRIPT_IMPORTS (entries are separated by "
        f"{os.pathsep!r}).",
        "Restart Silhouette: the menu is Actions > Megaton.",
    )
