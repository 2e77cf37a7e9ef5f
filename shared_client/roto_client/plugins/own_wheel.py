"""Our packages as a wheel, for hosts that take wheels (Blender)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Tuple

from ..contract import PRODUCT_VERSION
from .files import Content, own_licence, own_packages, zipped
from .libraries import LIBRARIES

_NAME = "megaton_roto_client"


def own_wheel() -> Tuple[str, bytes]:
    """The name and the bytes of a wheel with roto_shapes and the host's part of roto_client.

    Its version ends in a hash of the files: Blender unpacks a wheel only when no wheel of the same
    name and version was unpacked before, so a build with other files must have another version.
    """
    content = own_packages()
    version = f"{PRODUCT_VERSION}+s{_digest(content)[:10]}"
    info = f"{_NAME}-{version}.dist-info"
    content[f"{info}/METADATA"] = _metadata(version)
    content[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: roto plugins build\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n"
    )
    content[f"{info}/licenses/LICENSE"] = own_licence()
    content[f"{info}/RECORD"] = _record(content, f"{info}/RECORD")
    return f"{_NAME}-{version}-py3-none-any.whl", zipped(content)


def _digest(content: Content) -> str:
    whole = hashlib.sha256()
    for name in sorted(content):
        whole.update(f"{name}\n{len(content[name])}\n".encode())
        whole.update(content[name])
    return whole.hexdigest()


def _metadata(version: str) -> bytes:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {_NAME.replace('_', '-')}",
        f"Version: {version}",
        "Summary: The part of Megaton Roto that runs inside a host.",
        "License: Apache-2.0",
        "Requires-Python: >=3.9",
        *(f"Requires-Dist: {one.name}>={one.version}" for one in LIBRARIES),
    ]
    return ("\n".join(lines) + "\n").encode()


def _record(content: Content, itself: str) -> bytes:
    lines = []
    for name in sorted(content):
        digest = urlsafe_b64encode(hashlib.sha256(content[name]).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content[name])}")
    return ("\n".join([*lines, f"{itself},,"]) + "\n").encode()
