"""Building a plugin's zip: the same bytes from the same sources, whenever and wherever."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Dict, Iterator, List, Tuple

import roto_client
import roto_shapes
from roto_shapes.document import write_atomically
from roto_shapes.errors import RotoError

from ..contract import PRODUCT_VERSION
from .layouts import Layout, layout_of, source_of

BUNDLED = (
    "requests",
    "urllib3",
    "idna",
    "certifi",
    "charset-normalizer",
    "platformdirs",
    "websocket-client",
)
"""Distributions whose pure-Python files go into every zip."""

_PARTS = ("api", "contract", "hosts")
_PLAIN = frozenset((".py", ".pem", ".json", ".png", ".svg", ".typed"))
_LICENCE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)
_EPOCH = (1980, 1, 1, 0, 0, 0)

Content = Dict[str, bytes]


def build(host: str, folder: Path) -> Path:
    """Write ``megaton-roto-<host>-<version>.zip`` into ``folder`` and return its path.

    Raises RotoError: ``bad_request`` for an unknown host, ``not_found`` when a source or a package
    to bundle is missing; OSError when it cannot be written.
    """
    layout = layout_of(host)
    target = folder / f"megaton-roto-{host}-{PRODUCT_VERSION}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(target, zipped(content_of(layout)))
    return target


def content_of(layout: Layout) -> Content:
    """Every file of the zip, by its path in it."""
    content = {f"{layout.top}/{name}": data for name, data in _files(source_of(layout)).items()}
    vendor = f"{layout.top}/vendor"
    content |= {f"{vendor}/{name}": data for name, data in _libraries().items()}
    content |= {f"{layout.top}/LICENSES/{name}": data for name, data in _licences().items()}
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


def _libraries() -> Content:
    content: Content = {}
    shapes = Path(roto_shapes.__file__).parent
    client = Path(roto_client.__file__).parent
    content |= {f"roto_shapes/{name}": data for name, data in _files(shapes).items()}
    content["roto_client/__init__.py"] = (client / "__init__.py").read_bytes()
    for part in _PARTS:
        for name, data in _files(client / part).items():
            content[f"roto_client/{part}/{name}"] = data
    for name in BUNDLED:
        content |= dict(_package_files(_distribution(name)))
    return content


def _files(folder: Path) -> Content:
    """The files below ``folder`` that belong to a program, by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix in _PLAIN
    }


def _distribution(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise RotoError(
            f"The package {name} has to go into the plugin and is not installed.",
            hint="pip install 'megaton-roto[client]' brings it.",
            code="not_found",
        ) from error


def _package_files(found: Distribution) -> Iterator[Tuple[str, bytes]]:
    """A distribution's plain files; compiled ones have pure-Python twins in what we bundle."""
    for file in found.files or []:
        path = PurePosixPath(file.as_posix())
        inside = path.parts and ".." not in path.parts and not path.parts[0].endswith("-info")
        program = path.suffix in _PLAIN and "tests" not in path.parts
        if inside and program and "__pycache__" not in path.parts and len(path.parts) > 1:
            yield path.as_posix(), Path(str(file.locate())).read_bytes()


def _licences() -> Content:
    content: Content = {"README.txt": _licence_notes().encode()}
    for name in BUNDLED:
        found = _distribution(name)
        for file in found.files or []:
            if _LICENCE.search(file.as_posix()) and "-info" in file.as_posix():
                path = Path(str(file.locate()))
                content[f"{name}/{path.name}"] = path.read_bytes()
    content["megaton-roto/LICENSE"] = _own_licence()
    return content


def _own_licence() -> bytes:
    checkout = Path(roto_client.__file__).resolve().parents[2] / "LICENSE"
    if checkout.is_file():
        return checkout.read_bytes()
    for file in _distribution("megaton-roto").files or []:
        if _LICENCE.search(file.as_posix()):
            return Path(str(file.locate())).read_bytes()
    raise RotoError("The product's own licence is not installed.", code="not_found")


def _licence_notes() -> str:
    lines: List[str] = ["What is in this plugin, and under which licence:", ""]
    lines.append(f"megaton-roto {PRODUCT_VERSION}: Apache-2.0 (megaton-roto/)")
    for name in BUNDLED:
        found = _distribution(name)
        about = found.metadata
        named = [field for field in ("License-Expression", "License") if field in about]
        told = about[named[0]].splitlines()[0] if named else "see"
        lines.append(f"{name} {found.version}: {told} ({name}/)")
    return "\n".join(lines) + "\n"
