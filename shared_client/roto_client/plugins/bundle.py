"""Building a plugin's zip: the same bytes from the same sources, whenever and wherever."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Dict, List, Optional

import roto_client
import roto_shapes
from roto_shapes.document import write_atomically
from roto_shapes.errors import RotoError

from ..contract import PRODUCT_VERSION
from .layouts import Layout, layout_of, source_of
from .libraries import LIBRARIES, Library, wheels

_PARTS = ("api", "contract", "hosts")
_PLAIN = frozenset((".py", ".pem", ".json", ".png", ".svg", ".typed"))
_LICENCE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)
_EPOCH = (1980, 1, 1, 0, 0, 0)

Content = Dict[str, bytes]


def build(host: str, folder: Path, wheelhouse: Optional[Path] = None) -> Path:
    """Write ``megaton-roto-<host>-<version>.zip`` into ``folder`` and return its path.

    Raises RotoError: ``bad_request`` for an unknown host, ``not_found`` when the source is
    missing, and what `libraries.wheels` raises; OSError when it cannot be written.
    """
    layout = layout_of(host)
    target = folder / f"megaton-roto-{host}-{PRODUCT_VERSION}.zip"
    content = content_of(layout, wheelhouse)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(target, zipped(content))
    return target


def content_of(layout: Layout, wheelhouse: Optional[Path] = None) -> Content:
    """Every file of the zip, by its path in it."""
    theirs = {library: _unpacked(data) for library, data in wheels(wheelhouse).items()}
    content = {f"{layout.top}/{name}": data for name, data in _files(source_of(layout)).items()}
    vendor = f"{layout.top}/vendor"
    content |= {f"{vendor}/{name}": data for name, data in _ours().items()}
    for library, files in theirs.items():
        content |= {f"{vendor}/{name}": data for name, data in _program(files).items()}
        content |= {
            f"{layout.top}/LICENSES/{library.name}/{name}": data
            for name, data in _licences(library, files).items()
        }
    content[f"{layout.top}/LICENSES/megaton-roto/LICENSE"] = _own_licence()
    content[f"{layout.top}/LICENSES/README.txt"] = _licence_notes().encode()
    content[f"{layout.top}/VERSION"] = f"{PRODUCT_VERSION}\n".encode()
    return content


def zipped(content: Content) -> bytes:
    """The files as a zip without times, owners or an order of chance."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content[name], compresslevel=9)
    return stream.getvalue()


def _ours() -> Content:
    content: Content = {}
    shapes = Path(roto_shapes.__file__).parent
    client = Path(roto_client.__file__).parent
    content |= {f"roto_shapes/{name}": data for name, data in _files(shapes).items()}
    content["roto_client/__init__.py"] = (client / "__init__.py").read_bytes()
    for part in _PARTS:
        for name, data in _files(client / part).items():
            content[f"roto_client/{part}/{name}"] = data
    return content


def _files(folder: Path) -> Content:
    """The files below ``folder`` that belong to a program, by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix in _PLAIN
    }


def _unpacked(wheel: bytes) -> Content:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}


def _program(files: Content) -> Content:
    """A wheel's modules and their data, without what only pip reads."""
    return {
        name: data
        for name, data in files.items()
        if not PurePosixPath(name).parts[0].endswith("-info")
        and "tests" not in PurePosixPath(name).parts
        and PurePosixPath(name).suffix in _PLAIN
    }


def _licences(library: Library, files: Content) -> Content:
    found = {
        PurePosixPath(name).name: data
        for name, data in files.items()
        if "-info/" in name and _LICENCE.search(name)
    }
    if not found:
        raise RotoError(f"The wheel of {library.name} has no licence in it.", code="not_found")
    return found


def _own_licence() -> bytes:
    checkout = Path(roto_client.__file__).resolve().parents[2] / "LICENSE"
    if checkout.is_file():
        return checkout.read_bytes()
    try:
        files = distribution("megaton-roto").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if _LICENCE.search(file.as_posix()):
            return Path(str(file.locate())).read_bytes()
    raise RotoError("The product's own licence is not installed.", code="not_found")


def _licence_notes() -> str:
    lines: List[str] = ["What is in this plugin, and under which licence:", ""]
    lines.append(f"megaton-roto {PRODUCT_VERSION}: Apache-2.0 (megaton-roto/)")
    lines += [f"{one.name} {one.version}: {one.licence} ({one.name}/)" for one in LIBRARIES]
    return "\n".join(lines) + "\n"
