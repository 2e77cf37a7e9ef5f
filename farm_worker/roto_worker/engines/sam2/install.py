"""Installs torch and sam2, which no extra of the package can name safely.

sam2 is published as source only; built the ordinary way pip would fetch a CUDA torch of several
gigabytes to build it with, and its unpinned torchvision would bring another. So: torch first,
pinned; the pure-Python helpers; then sam2 without isolation, without dependencies, and only if its
bytes have the pinned hash. torchvision is left out: the video predictor does not need it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from roto_shapes.errors import RotoError

TORCH = "torch==2.13.0"
HELPERS = (
    "antlr4-python3-runtime==4.9.3",
    "hydra-core==1.3.8",
    "iopath==0.1.10",
    "omegaconf==2.3.1",
    "pillow==13.0.0",
    "portalocker==4.4.2",
    "safetensors==0.8.0",
    "tqdm==4.70.1",
)
SAM2 = "sam2==1.1.0"
SAM2_SHA256 = "7e0ea252d43c10d853e3acfce0b5770ac683c30481bd6de311300e9d44f45b74"
BUILD_TOOLS = ("setuptools==84.2.1", "wheel==0.48.0")
SUMS = "SHA256SUMS"

Say = Callable[[str], None]


class InstallError(RotoError):
    """pip failed, or a file is not the one that was pinned."""

    code = "internal"


def is_installed() -> bool:
    """Whether the pinned torch and sam2 are in this environment."""
    try:
        torch_version, sam2_version = version("torch"), version("sam2")
    except PackageNotFoundError:
        return False
    return (
        torch_version.partition("+")[0] == TORCH.partition("==")[2]
        and sam2_version == SAM2.partition("==")[2]
    )


def install(say: Say, wheelhouse: Path | None = None) -> None:
    """Install the engine into the running Python's environment.

    From ``wheelhouse`` (made by `bundle` on a machine with a network) nothing is downloaded and
    every file is first checked against its ``SHA256SUMS``.

    Raises:
        InstallError: pip failed (its last lines are in the message), or a hash does not match.
    """
    if is_installed():
        say(f"{TORCH} and {SAM2} are already installed")
        return
    if wheelhouse is not None:
        check_sums(wheelhouse)
        say(f"installing from {wheelhouse}")
        offline = ("--no-index", "--find-links", str(wheelhouse))
        _pip("install", *offline, TORCH, *HELPERS)
        _pip("install", *offline, "--no-deps", SAM2)
        return
    say(f"installing {TORCH}")
    _pip("install", TORCH, *HELPERS, *BUILD_TOOLS)
    say(f"building {SAM2} (hash-checked)")
    with tempfile.TemporaryDirectory() as scratch:
        _pip("install", "--no-deps", "--no-build-isolation", "-r", _pinned_sam2(Path(scratch)))


def bundle(say: Say, wheelhouse: Path) -> None:
    """Collect everything `install` needs into ``wheelhouse``, for nodes without a network.

    Raises:
        InstallError: pip failed.
    """
    wheelhouse.mkdir(parents=True, exist_ok=True)
    say(f"collecting {TORCH} and its parts")
    target = ("--wheel-dir", str(wheelhouse))
    _pip("wheel", *target, TORCH, *HELPERS)
    _pip("install", TORCH, *BUILD_TOOLS)
    say(f"building {SAM2} (hash-checked)")
    with tempfile.TemporaryDirectory() as scratch:
        pinned = _pinned_sam2(Path(scratch))
        _pip("wheel", *target, "--no-deps", "--no-build-isolation", "-r", pinned)
    sums = [f"{_sha256(path)}  {path.name}\n" for path in sorted(wheelhouse.glob("*.whl"))]
    (wheelhouse / SUMS).write_text("".join(sums), encoding="ascii")


def check_sums(wheelhouse: Path) -> None:
    """Compare every wheel with the wheelhouse's ``SHA256SUMS``.

    Raises:
        InstallError: no such list, a wheel it does not name, or other bytes than it names.
    """
    listing = wheelhouse / SUMS
    if not listing.is_file():
        raise InstallError(
            f"{wheelhouse} holds no {SUMS}",
            hint="Make the wheelhouse with `roto engines bundle sam2 --wheelhouse DIR`.",
        )
    lines = (line.split(maxsplit=1) for line in listing.read_text(encoding="ascii").splitlines())
    named = {name: digest for digest, name in lines}
    for wheel in sorted(wheelhouse.glob("*.whl")):
        if named.get(wheel.name) != _sha256(wheel):
            raise InstallError(
                f"{wheel.name} is not the file that {SUMS} names",
                hint="Copy the wheelhouse again; do not add files to it by hand.",
            )


def _pinned_sam2(folder: Path) -> str:
    requirements = folder / "sam2.txt"
    requirements.write_text(f"{SAM2} --hash=sha256:{SAM2_SHA256}\n", encoding="ascii")
    return str(requirements)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pip(command: str, *arguments: str) -> None:
    line: Sequence[str] = (
        sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments,
    )  # fmt: skip
    result = subprocess.run(
        line,
        env={**os.environ, "SAM2_BUILD_CUDA": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        tail = "\n".join(result.stderr.strip().splitlines()[-6:])
        raise InstallError(
            f"pip {command} failed:\n{tail}",
            hint="Without a network, use --wheelhouse (see `roto engines bundle --help`).",
        )
