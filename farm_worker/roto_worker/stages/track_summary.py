"""``track.json``: what the track stage says of its mattes to the stages, and the jobs, that follow.

``frame_range``, ``objects`` (id, name), ``engine`` (an `EngineInfo`), ``settings`` (what else the
mattes depend on, apart from plate and prompts), and by object id: ``confidence`` and ``signals`` by
frame, ``kinds`` (what each prompted frame was to the plan), and of a correction ``changed`` (the
inclusive stretches that were tracked again).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from roto_shapes.errors import RotoError

from ..engines.base import Signals
from ..engines.plan import Kind
from ..media.masks import write_bytes

Confidence = dict[str, dict[int, float]]
"""Object id -> plate frame -> 0..1."""

SUMMARY_FILE = "track.json"
_DECIMALS = 4


def write_summary(
    folder: Path,
    facts: Mapping[str, Any],
    confidence: Confidence,
    signals: Signals,
    kinds: Mapping[str, Mapping[int, Kind]],
) -> None:
    """``facts``: everything that is JSON as it is."""
    summary = {
        **facts,
        "confidence": {
            key: {str(frame): rounded(values[frame]) for frame in sorted(values)}
            for key, values in confidence.items()
        },
        "signals": {
            key: {
                str(frame): {name: rounded(value) for name, value in sorted(values[frame].items())}
                for frame in sorted(values)
            }
            for key, values in signals.items()
        },
        "kinds": {
            key: {str(frame): kind.value for frame, kind in sorted(values.items())}
            for key, values in kinds.items()
        },
    }
    text = json.dumps(summary, separators=(",", ":")) + "\n"
    write_bytes(folder / SUMMARY_FILE, text.encode())


def read_summary(folder: Path) -> dict[str, Any]:
    """The summary of a track task's published directory.

    Raises:
        RotoError: ``storage_failed``.
    """
    try:
        summary: dict[str, Any] = json.loads((folder / SUMMARY_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RotoError(
            f"the track result cannot be read: {error}",
            code="storage_failed",
            hint="Check that this node sees the storage.",
        ) from error
    return summary


def mask_files(
    folder: Path, names: Mapping[str, str], confidence: Confidence
) -> Sequence[dict[str, Any]]:
    """The result's entries: a mask per object and frame; ``names``: object id -> its folder."""
    listed = []
    for object_id, values in confidence.items():
        for frame in sorted(values):
            path = f"{names[object_id]}/{frame}.png"
            listed.append(
                {
                    "role": "mask",
                    "path": path,
                    "size": (folder / path).stat().st_size,
                    "object_id": object_id,
                    "frame": frame,
                    "confidence": rounded(values[frame]),
                }
            )
    return listed


def rounded(value: float) -> float:
    """As it is written."""
    return round(value, _DECIMALS)
