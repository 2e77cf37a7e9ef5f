"""Scripts that run inside Blender, and what they need: a plate on disk, an editor that shows it."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import traceback
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PATHS = ("shared_client", "plugins/blender", "tests", "tests/hosts/blender")


def run_case(script: str, case: str, folder: Path) -> str:
    """Run ``case`` of a script in a Blender of its own; its output. A fault ends no test run."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in PATHS),
        "BLENDER_USER_RESOURCES": str(folder / "user"),
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), case, str(folder)],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if "No OpenGL vendor" in done.stderr:
        pytest.skip("no OpenGL on this machine (Debian: libegl1 libgl1-mesa-dri)")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "all is well" in done.stdout
    return done.stdout


def png(rows: list[bytes]) -> bytes:
    """An 8-bit grey PNG of rows from the top."""
    raw = b"".join(b"\0" + row for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def sequence(folder: Path, frames: range, width: int = 64, height: int = 32) -> Path:
    """A plate whose every pixel is the frame's number modulo 200; its first file."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        picture = png([bytes([frame % 200]) * width] * height)
        (folder / f"plate.{frame:04d}.png").write_bytes(picture)
    return folder / f"plate.{frames[0]:04d}.png"


def main(cases: dict) -> None:
    """Run the case that was asked for, in an empty Blender, and leave without tidying up: a timer
    that is left would keep Blender's module from ending."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    try:
        cases[sys.argv[1]](Path(sys.argv[2]))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    print("all is well", flush=True)  # noqa: T201 (to the test)
    os._exit(0)
