"""Quality presets: how much work goes into mattes and shapes, said in one word."""

from __future__ import annotations

from collections.abc import Collection

from ..db.models import JsonObject

DRAFT_SIDE = 960
"""Longest side of a draft's movies, in pixels."""

PRESETS: dict[str, JsonObject] = {
    "draft": {
        "image_size": 512,
        "edges": {"detail": False, "refine": False},
        "tolerance": 2.0,
    },
    "standard": {},
    "final": {"edges": {"detail": True, "refine": True}, "tolerance": 0.5},
}
"""By quality, fields of a roto job's request; standard is what is done when nothing is said."""

GREEN = [0.0, 0.694, 0.251]
"""sRGB of the fabric's green that keyers know."""


def with_quality(
    request: JsonObject, explicit: Collection[str], quality: str | None, default: str
) -> JsonObject:
    """``request`` with what the preset says wherever the request itself said nothing.

    ``explicit``: the names of the fields that were given. ``quality`` None takes ``default`` (the
    project's), whose name is kept in the request either way.
    """
    chosen = quality or default
    preset = {name: value for name, value in PRESETS[chosen].items() if name not in explicit}
    return {
        **request,
        **preset,
        "quality": chosen,
        "videos": [_resolved(one, chosen) for one in request.get("videos") or []],
    }


def _resolved(video: JsonObject, quality: str) -> JsonObject:
    """A video with codec, quality, size and colour: its own, else what ``quality`` and kind stand
    for: what is cut out has an alpha, unless it is put over a colour."""
    own = video.get("quality") or quality
    side = video.get("longest_side") or (DRAFT_SIDE if own == "draft" else None)
    color = video.get("color") or (GREEN if video["kind"] == "greenscreen" else None)
    plain = "prores4444" if video["kind"] == "cutout" and color is None else "h264"
    codec = video.get("codec") or plain
    told = {**video, "codec": codec, "quality": own, "longest_side": side, "color": color}
    return {name: value for name, value in told.items() if value is not None}
