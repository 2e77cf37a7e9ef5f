"""Where each host looks for plugins on this machine, and what is left to do for it to load one."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Dict, List, Tuple

from roto_shapes.errors import RotoError

from ..api.config import data_dir
from .layouts import Layout

_NUKE_LINE = 'nuke.pluginAddPath("./megaton_roto")'
_OLDEST_BLENDER = (4, 2)
_BLENDERS_REPOSITORY = "user_default"
"""The repository for what users install from files, there from the start."""


def default_bases(layout: Layout) -> List[Path]:
    """The folders that this user's host reads plugins from.

    Raises RotoError ``not_found`` when the host has none here.
    """
    if layout.host == "nuke":
        return [Path.home() / ".nuke"]
    if layout.host == "blender":
        return _blenders()
    if layout.host == "aftereffects":
        return [_adobe_extensions()]
    return [data_dir() / "plugins"]


def notes_for(layout: Layout, base: Path, *, chosen: bool) -> Tuple[str, ...]:
    """What is left to do once the plugin lies in ``base``; ``chosen``: people named that folder."""
    folder = base / layout.top
    if layout.host == "nuke":
        return _nuke_notes(base, folder, chosen=chosen)
    if layout.host == "blender":
        return _blender_notes(base, chosen=chosen)
    if layout.host == "aftereffects":
        return _adobe_notes()
    return (
        f"Add {folder} to the environment variable SFX_SCRIPT_IMPORTS (entries are separated by "
        f"{os.pathsep!r}).",
        "Restart Silhouette: the menu is Actions > Megaton.",
    )


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


def _system() -> str:
    """The platform, past type checkers that know only their own."""
    return sys.platform


def _blenders() -> List[Path]:
    """The user's own repository of every Blender that this user has started."""
    extensions = os.environ.get("BLENDER_USER_EXTENSIONS")
    if extensions:
        return [Path(extensions) / _BLENDERS_REPOSITORY]
    resources = os.environ.get("BLENDER_USER_RESOURCES")
    if resources:
        return [Path(resources) / "extensions" / _BLENDERS_REPOSITORY]
    settings = _blender_settings()
    versions: Dict[Tuple[int, int], Path] = {}
    for folder in settings.iterdir() if settings.is_dir() else ():
        match = re.fullmatch(r"(\d+)\.(\d+)", folder.name)
        if match and (int(match[1]), int(match[2])) >= _OLDEST_BLENDER:
            versions[int(match[1]), int(match[2])] = folder
    if not versions:
        raise RotoError(
            f"No Blender 4.2 or later was started by this user yet: {settings} knows of none.",
            hint="Start Blender once and try again; or build the zip (`roto plugins build "
            "blender`) and drop it onto Blender's window; or name a repository's folder: --path.",
            code="not_found",
        )
    return [versions[one] / "extensions" / _BLENDERS_REPOSITORY for one in sorted(versions)]


def _blender_settings() -> Path:
    if _system() == "darwin":
        return Path.home() / "Library" / "Application Support" / "Blender"
    if _system() == "win32":
        roaming = os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming"
        return Path(roaming) / "Blender Foundation" / "Blender"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "blender"


def _blender_notes(base: Path, *, chosen: bool) -> Tuple[str, ...]:
    switch_on = "Restart Blender and switch it on: Edit > Preferences > Add-ons > Megaton Roto."
    if chosen:
        return (
            f"Add {base} in Blender: Edit > Preferences > Get Extensions > Repositories > + > "
            "Add Local Repository, with Custom Directory.",
            switch_on,
        )
    return (switch_on, "It talks to your server when System > Network > Allow Online Access is on.")


def _adobe_extensions() -> Path:
    if _system() == "darwin":
        settings = Path.home() / "Library" / "Application Support"
    elif _system() == "win32":
        settings = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    else:
        raise RotoError(
            "After Effects runs on Windows and macOS, not here.",
            hint="`roto plugins build aftereffects` makes a zip with installers to carry there; or "
            "name a folder that those machines read: --path.",
            code="not_found",
        )
    return settings / "Adobe" / "CEP" / "extensions"


def _adobe_notes() -> Tuple[str, ...]:
    allow = {
        "darwin": "defaults write com.adobe.CSXS.12 PlayerDebugMode 1",
        "win32": r"reg add HKCU\Software\Adobe\CSXS.12 /v PlayerDebugMode /t REG_SZ /d 1 /f",
    }
    command = allow.get(_system(), "install.sh and install.bat of the zip do it")
    return (
        "The panel is not signed. Each artist allows that once, for After Effects 25 and later: "
        f"{command} (24 and earlier: the same with CSXS.11).",
        "Restart After Effects: Window > Extensions > Megaton Roto.",
    )
