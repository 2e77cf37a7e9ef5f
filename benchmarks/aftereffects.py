"""What results cost After Effects, by the emulator: how long a script of the panel holds it.

The emulator is JavaScript in Node, so times are those of the host script's own work, not After
Effects'; how they grow with a piece's size is what they tell.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.helpers_ae_session import Session  # noqa: E402
from roto_shapes.document import Document, Key, Layer, Shape  # noqa: E402
from roto_shapes.formats import write  # noqa: E402
from shapes.helpers_shapes import blob  # noqa: E402

PANEL = ROOT / "plugins" / "aftereffects" / "build" / "megaton-roto"
ARTIST = ROOT / "tests" / "browser" / "artist.jsx"
HANDED, DRAWN = 4, 41
"""What the panel does: it hands over 4 such masks at once (256 KiB of text) and draws up to 41
(60 000 points) as one undo step."""
PIECES = (1, HANDED, 10, 20, DRAWN)
"""Masks in one script, of 120 keys with 12 points each."""
BUDGET_MS = 500.0
"""A pause an artist does not mind while masks come in."""
JOB = {"job": "j1", "shot": "s1", "version": 1}


@dataclass(frozen=True)
class Piece:
    """Milliseconds for scripts with ``masks`` masks: the longest of each kind, and all together.

    ``update`` is the one script of a correction of all 60 masks on 101 frames.
    """

    masks: int
    stage: float
    apply: float
    update: float
    total: float


def longest(found: Sequence[Piece]) -> dict[str, float]:
    """What -> the longest script of the panel as it is, in milliseconds."""
    by_size = {one.masks: one for one in found}
    return {
        "masks handed over": by_size[HANDED].stage,
        "masks drawn": by_size[DRAWN].apply,
        "correction": max(one.update for one in found),
    }


def big() -> Document:
    """60 objects over 3000 frames: a key every 25 frames, 12 points: 7200 keys, 86 400 points."""
    layers = []
    for number in range(60):
        keys = [
            Key(frame, blob(12, 100 + 28 * number + frame % 50, 540, 60, frame / 500))
            for frame in range(1001, 4001, 25)
        ]
        shape = Shape(f"s{number}", f"shape{number}", keys=keys)
        layers.append(Layer(f"l{number}", f"object{number}", shapes=[shape]))
    return Document(1920, 1080, frame_range=(1001, 4000), layers=layers)


def pieces(sizes: Sequence[int] = PIECES) -> list[Piece]:
    """60 masks with 7200 keys, staged and drawn in pieces of each size."""
    if not (PANEL / "host" / "host.jsx").exists():
        sys.exit("the panel is not built: make panel")
    data = json.loads(write(big(), "aftereffects-data").text)
    return [_measured(data, size) for size in sizes]


def _measured(data: dict[str, Any], size: int) -> Piece:
    session = Session()
    try:
        _open(session, data)
        masks = data["masks"]
        starts = range(0, len(masks), size)
        head = {name: value for name, value in data.items() if name != "masks"}
        staged = []
        for start in starts:
            piece = {"token": "t", "masks": masks[start : start + size]}
            staged.append(
                _called(session, "stage", {**piece, **({"head": head} if not start else {})})
            )
        drawn = [
            _called(session, "applyMasks", {"token": "t", "job": JOB, "from": start, "count": size})
            for start in starts
        ]
        changed = {mask["layer_id"]: [[1500, 1600]] for mask in masks}
        newer = {"token": "t", "job": {**JOB, "job": "j2", "version": 2}, "base": JOB["job"]}
        update = _called(session, "updateMasks", {**newer, "changed": changed})
        return Piece(size, max(staged), max(drawn), update, sum(staged) + sum(drawn))
    finally:
        session.close()


def _open(session: Session, data: dict[str, Any]) -> None:
    """A composition of the document's plate, which is told and not there."""
    with tempfile.TemporaryDirectory() as folder:
        first = f"{folder}/plate.{data['first_frame']}.exr"
        frames = data["last_frame"] - data["first_frame"] + 1
        told = {"width": data["width"], "height": data["height"], "frames": frames, "fps": 24}
        session.ask({"footage": {first: told}})
        session.run(ARTIST.read_text())
        session.run(f"artist.open({json.dumps(first)}, 24, ''); ''")
    session.load(PANEL / "host" / "host.jsx")


def _called(session: Session, name: str, given: dict[str, Any]) -> float:
    """Milliseconds of a call that must go well."""
    before = len(session.times)
    answer = json.loads(
        session.panel_asks(f"MegatonRoto.call({json.dumps(name)}, {json.dumps(given)})")
    )
    if not answer["ok"]:
        sys.exit(f"{name}: {answer['error']}")
    return session.times[before]
