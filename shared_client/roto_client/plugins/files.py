"""What the builders share: files by their path in a zip, wheels, licences, the zip itself."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Dict

import roto_client
import roto_shapes
from roto_shapes.errors import RotoError

from ..contract import PRODUCT_VERSION
from .libraries import LIBRARIES, Library

Content = Dict[str, bytes]
"""Files by their path."""

_PARTS = ("api", "contract", "hosts")
_PLAIN = frozenset((".py", ".pem", ".json", ".png", ".svg", ".typed"))
_LICENCE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def zipped(content: Content) -> bytes:
    """The files as a zip without times, owners or an order of chance; scripts can be started."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = (0o755 if name.endswith((".sh", ".command")) else 0o644) << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content[name], compresslevel=9)
    return stream.getvalue()


def below(folder: str, content: Content) -> Content:
    """The same files in a folder."""
    return {f"{folder}/{name}": data for name, data in content.items()}


def program_files(folder: Path) -> Content:
    """The files below ``folder`` that belong to a Python program, by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix in _PLAIN
    }


def own_packages() -> Content:
    """roto_shapes, and roto_client without what only a terminal needs."""
    shapes = Path(roto_shapes.__file__).parent
    client = Path(roto_client.__file__).parent
    content = below("roto_shapes", program_files(shapes))
    content["roto_client/__init__.py"] = (client / "__init__.py").read_bytes()
    for part in _PARTS:
        content |= below(f"roto_client/{part}", program_files(client / part))
    return content


def unpacked(wheel: bytes) -> Content:
    """Every file of a wheel."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}


def program_of(files: Content) -> Content:
    """A wheel's modules and their data, without what only pip reads."""
    return {
        name: data
        for name, data in files.items()
        if not PurePosixPath(name).parts[0].endswith("-info")
        and "tests" not in PurePosixPath(name).parts
        and PurePosixPath(name).suffix in _PLAIN
    }


def is_licence(name: str) -> bool:
    """Whether a file is a licence, by its name."""
    return _LICENCE.search(name) is not None


def licences_of(library: Library, files: Content) -> Content:
    """The licences in a wheel. Raises RotoError ``not_found`` when there is none."""
    found = {
        PurePosixPath(name).name: data
        for name, data in files.items()
        if "-info/" in name and is_licence(name)
    }
    if not found:
        raise RotoError(f"The wheel of {library.name} has no licence in it.", code="not_found")
    return found


def library_licences(theirs: Dict[Library, Content]) -> Content:
    """``LICENSES/`` of what is written in Python: ours, theirs, and a list of them."""
    content: Content = {}
    for library, files in theirs.items():
        content |= below(f"LICENSES/{library.name}", licences_of(library, files))
    content["LICENSES/megaton-roto/LICENSE"] = own_licence()
    lines = [f"{one.name} {one.version}: {one.licence} ({one.name}/)" for one in LIBRARIES]
    content["LICENSES/README.txt"] = licence_notes(lines)
    return content


def licence_notes(lines: list[str]) -> bytes:
    """The list that lies beside the licences; ``lines`` name the parts of others."""
    head = ["What is in this plugin, and under which licence:", ""]
    own = f"megaton-roto {PRODUCT_VERSION}: Apache-2.0 (megaton-roto/)"
    return ("\n".join([*head, own, *lines]) + "\n").encode()


def version_file() -> bytes:
    """What the file VERSION of a plugin holds."""
    return f"{PRODUCT_VERSION}\n".encode()


def own_licence() -> bytes:
    """The product's licence, of the checkout or of the installed package.

    Raises RotoError ``not_found`` when neither is there.
    """
    checkout = Path(roto_client.__file__).resolve().parents[2] / "LICENSE"
    if checkout.is_file():
        return checkout.read_bytes()
    try:
        files = distribution("megaton-roto").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if is_licence(file.as_posix()):
            return Path(str(file.locate())).read_bytes()
    raise RotoError("The product's own licence is not installed.", code="not_found")
