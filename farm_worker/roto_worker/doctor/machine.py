"""What this machine has: Python, packages, GPU, checkpoints, disk."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..runtime.config import default_scratch
from ..runtime.device import CPU, device_name
from ..runtime.roots import ENVIRONMENT as ROOTS_VARIABLE
from .finding import Finding

_OLDEST = (3, 11)
_PACKAGES = {
    "av": "av",
    "numpy": "numpy",
    "OpenEXR": "OpenEXR",
    "OpenImageIO": "OpenImageIO",
    "opencolorio": "PyOpenColorIO",
    "opencv-python-headless": "cv2",
    "redis": "redis",
    "rq": "rq",
    "scipy": "scipy",
}
_LEAST_FREE = 5 * 10**9


def look_at_python() -> Iterator[Finding]:
    """The interpreter's version."""
    running = ".".join(map(str, sys.version_info[:3]))
    fix = ""
    if sys.version_info < _OLDEST:
        fix = "Make the venv anew with Python 3.11 or later: python3.11 -m venv .venv"
    yield Finding("python", f"{running} at {sys.executable}", fix)


def look_at_packages() -> Iterator[Finding]:
    """The worker's packages, imported: a missing system library only shows then."""
    good = []
    for distribution, module in _PACKAGES.items():
        try:
            import_module(module)
            good.append(f"{distribution} {version(distribution)}")
        except (ImportError, OSError, PackageNotFoundError) as error:
            yield Finding(
                "packages",
                f"{distribution} cannot be used: {error}",
                "pip install 'megaton-roto[worker]' in this environment",
            )
    yield Finding("packages", ", ".join(good))


def look_at_gpu() -> Iterator[Finding]:
    """The driver's card, and whether torch can use it."""
    device = device_name()
    try:
        torch = import_module("torch")
    except (ImportError, OSError) as error:
        text = f"{device}; engine sam2 is not installed ({error}), engine flow works without it"
        missing = isinstance(error, ModuleNotFoundError)
        yield Finding("gpu", text, "" if missing else "roto engines install sam2")
        return
    text = f"{device}; torch {torch.__version__}"
    if device != CPU and not torch.cuda.is_available():
        fix = "Install the torch build for this driver: roto engines install sam2"
        yield Finding("gpu", f"{text} cannot use the card", fix)
        return
    yield Finding("gpu", text)


def look_at_models() -> Iterator[Finding]:
    """Engines and the checkpoint each would use."""
    try:
        from ..engines import registry

        engines = registry.available()
    except Exception as error:  # a broken engine must not keep the doctor from the rest
        fix = "roto models verify NAME, or remove the file and fetch it again"
        yield Finding("engines", f"cannot be listed: {error}", fix)
        return
    for engine in engines:
        sha256 = engine.get("checkpoint_sha256")
        checkpoint = f"checkpoint sha256 {sha256}" if sha256 else "needs no checkpoint"
        yield Finding("engines", f"{engine['engine']} {engine['model']}: {checkpoint}")
    if engines[0]["engine"] != "sam2":  # `auto` falls back to flow; nano is for trials only
        yield Finding("engines", "no sam2 checkpoint fetched: `roto models fetch NAME` gets one")


def look_at_disk() -> Iterator[Finding]:
    """Scratch space and the roots this node may touch."""
    scratch = Path(os.environ.get("ROTO_WORKER_SCRATCH") or default_scratch())
    existing = next(folder for folder in (scratch, *scratch.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    text = f"{scratch}: {free / 1e9:.1f} GB free"
    if not os.access(existing, os.W_OK):
        yield Finding("scratch", f"{text}, not writable", "Give --scratch a writable directory")
    elif free < _LEAST_FREE:
        yield Finding("scratch", text, "Free space, or give --scratch a larger disk")
    else:
        yield Finding("scratch", text)
    for part in filter(None, os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep)):
        readable = os.access(part, os.R_OK | os.X_OK)
        fix = "" if readable else f"Mount it, or take it out of {ROOTS_VARIABLE}"
        yield Finding("roots", f"{part} {'is' if readable else 'is not'} readable", fix)
