"""What the header of one picture of a sequence says, from OpenImageIO's spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roto_shapes.timecode import Timecode

from .header import FrameHeader, clean_metadata, exact_fps, sane_aspect

_REELS = ("reelName", "dpx:InputDevice")
_RATES = ("framesPerSecond", "FramesPerSecond", "dpx:FrameRate")
_CRUMBS = frozenset({"smpte:TimeCode", "dpx:TimeCode"})
"""Told in a form of our own."""


def header_of(container: str, spec: Any) -> FrameHeader:
    """The header of an open picture. ``container``: the format's name by OpenImageIO."""
    attributes = _attributes(spec)
    said = {
        "container": container,
        "pixel_type": _pixel_type(spec, attributes),
        "channels": ",".join(spec.channelnames),
        "data_window": f"{spec.x},{spec.y} {spec.width}x{spec.height}",
        "display_window": f"{spec.full_x},{spec.full_y} {spec.full_width}x{spec.full_height}",
        "alpha": _alpha(container, spec, attributes),
        **_timing(attributes),
    }
    kept = {name: value for name, value in attributes.items() if name not in _CRUMBS}
    return FrameHeader(
        width=spec.full_width,
        height=spec.full_height,
        pixel_aspect=sane_aspect(attributes.get("PixelAspectRatio")),
        fps=exact_fps(_rate(attributes)),
        metadata=clean_metadata(said, kept),
    )


def _attributes(spec: Any) -> dict[str, Any]:
    """Single values and pairs; without what is no text, though the file calls it so."""
    found = {}
    for item in spec.extra_attribs:
        try:
            name, value = item.name, item.value
        except UnicodeDecodeError:
            continue
        if isinstance(value, str | int | float | tuple):
            found[name] = value
    return found


def _pixel_type(spec: Any, attributes: Mapping[str, Any]) -> str:
    """``half``, ``uint16``, or ``uint16 (10 bits)`` where the file holds fewer than that."""
    bits = attributes.get("oiio:BitsPerSample")
    bits = bits if isinstance(bits, int) else 0
    named = str(spec.format)
    whole = {"uint8": 8, "uint16": 16}.get(named)
    return f"{named} ({bits} bits)" if whole and bits and bits != whole else named


def _alpha(container: str, spec: Any, attributes: Mapping[str, Any]) -> str:
    if spec.alpha_channel < 0:
        return "none"
    straight = container == "png" or attributes.get("oiio:UnassociatedAlpha")
    return "straight" if straight else "premultiplied"


def _timing(attributes: Mapping[str, Any]) -> dict[str, str]:
    """``timecode``, ``drop_frame`` and ``reel``, as far as the header tells them."""
    found = {}
    words = attributes.get("smpte:TimeCode")
    bits = words[0] if isinstance(words, tuple) and words else None
    timecode = Timecode.from_bits(bits) if isinstance(bits, int) else None
    if timecode:
        found["timecode"] = str(timecode)
        found["drop_frame"] = "yes" if timecode.drop else "no"
    reel = next((attributes[name] for name in _REELS if name in attributes), None)
    if isinstance(reel, str) and reel:
        found["reel"] = reel
    return found


def _rate(attributes: Mapping[str, Any]) -> float | None:
    # framesPerSecond is OpenEXR's own name, FramesPerSecond that of OpenImageIO.
    rate = next((attributes[name] for name in _RATES if name in attributes), None)
    if isinstance(rate, tuple):
        whole = len(rate) == 2 and all(isinstance(part, int) for part in rate)
        return rate[0] / rate[1] if whole and rate[1] else None
    return rate if isinstance(rate, int | float) else None
