"""The packages of others that go into a plugin: which, and where their bytes come from.

A host's Python may be 3.9 (Nuke 14), older than what runs `roto`, so what is installed here cannot
be taken. Each package is one pure-Python wheel, pinned by its hash: from a folder of the user's,
from an earlier build, or fetched by pip.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

from roto_shapes.errors import RotoError

PYTHON = "3.9"
"""The oldest Python of a host."""


@dataclass(frozen=True)
class Library:
    """``licence`` is an SPDX expression."""

    name: str
    version: str
    licence: str
    sha256: str

    @property
    def wheel(self) -> str:
        """The file's name."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


LIBRARIES: Tuple[Library, ...] = (
    Library(
        "certifi",
        "2026.10.18",
        "MPL-2.0",
        "73191c47aaa79da394e8fee2dbc2ec827432cab56311122c9e47abf79e390f62",
    ),
    Library(
        "charset-normalizer",
        "3.5.2",
        "MIT",
        "b6b751274acb69d77b3323d6b7dbaa3c7fdfc1eb829b7eb61d262f32e1af9685",
    ),
    Library(
        "idna",
        "3.20",
        "BSD-3-Clause",
        "ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c",
    ),
    Library(
        "platformdirs",
        "4.4.0",
        "MIT",
        "abd01743f24e5287cd7a5db3752faf1a2d65353f38ec26d98e25a6db65958c85",
    ),
    Library(
        "requests",
        "2.32.5",
        "Apache-2.0",
        "2462f94637a34fd532264295e186976db0f5d453d1cdd31473c85a6a161affb6",
    ),
    Library(
        "urllib3",
        "2.6.3",
        "MIT",
        "bf272323e553dfb2e87d9bfd225ca7b0f467b919d7bbd355436d3fd37cb0acd4",
    ),
    Library(
        "websocket-client",
        "1.9.0",
        "Apache-2.0",
        "af248a825037ef591efbf6ed20cc5faa03d3b47b9e5a2230a529eeee1c1fc3ef",
    ),
)


def wheels(wheelhouse: Optional[Path] = None) -> Dict[Library, bytes]:
    """The bytes of every library's wheel.

    ``wheelhouse``: a folder that holds them all; then nothing is downloaded. Raises RotoError
    ``checksum_mismatch`` for a file of other bytes, ``not_found`` when one is missing there,
    ``internal`` when pip cannot fetch them.
    """
    if wheelhouse is not None:
        return {library: _from_user(wheelhouse / library.wheel, library) for library in LIBRARIES}
    folder = _cache()
    missing = [one for one in LIBRARIES if _read(folder / one.wheel, one) is None]
    if missing:
        _fetch(missing, folder)
    return {library: _from_user(folder / library.wheel, library) for library in LIBRARIES}


def _from_user(path: Path, library: Library) -> bytes:
    data = _read(path, library)
    if data is not None:
        return data
    if not path.exists():
        raise RotoError(
            f"{path} is missing.",
            hint="The folder has to hold: " + ", ".join(one.wheel for one in LIBRARIES),
            code="not_found",
        )
    raise RotoError(
        f"{path} is not the {library.name} {library.version} that was pinned.",
        hint="Fetch it again; do not use this file.",
        code="checksum_mismatch",
    )


def _read(path: Path, library: Library) -> Optional[bytes]:
    """The wheel's bytes, None when they are not there or not the pinned ones."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == library.sha256 else None


def _cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("megaton-roto") / "plugin-wheels"


def _fetch(libraries: Sequence[Library], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(
            "".join(f"{one.name}=={one.version} --hash=sha256:{one.sha256}\n" for one in libraries)
        )
        done = subprocess.run(
            _command(wanted, scratch), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RotoError(
                "pip could not fetch what goes into the plugins: " + _reason(done.stderr),
                hint="Without a network: `--wheelhouse DIR` with "
                + ", ".join(one.wheel for one in LIBRARIES),
                code="internal",
            )
        for library in libraries:
            os.replace(Path(scratch) / library.wheel, folder / library.wheel)


def _command(wanted: Path, folder: str) -> List[str]:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pure = ["--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any"]
    pinned = ["--no-deps", "--require-hashes", "--requirement", str(wanted), "--dest", folder]
    return [*pip, *pure, f"--python-version={PYTHON}", *pinned]


def _reason(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith("ERROR")] or text.splitlines()
    return lines[-1] if lines else "it said nothing."
