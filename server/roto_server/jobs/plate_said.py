"""What people say of a plate that was read: its metadata tells no longer that it is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..db.models import JsonObject

_Remark = Mapping[str, Any]


def with_rate(metadata: JsonObject, fps: tuple[int, int]) -> JsonObject:
    """The metadata once somebody has said ``fps``; what was remarked of another rate is left out.

    That of a plate nobody has read stays as it is: reading takes the rate that was said.
    """
    if "fps_source" not in metadata:
        return metadata
    left = [one for one in metadata.get("report", ()) if not _overtaken(one, Fraction(*fps))]
    return {**metadata, "fps_source": "told", "report": left}


def with_colorspace(metadata: JsonObject) -> JsonObject:
    """The metadata once somebody has said that the colour space that was assumed is right."""
    if metadata.get("colorspace_source") != "rule":
        return metadata
    left = [one for one in metadata.get("report", ()) if one["code"] != "colorspace_assumed"]
    return {**metadata, "colorspace_source": "told", "report": left}


def _overtaken(remark: _Remark, rate: Fraction) -> bool:
    """Whether the remark is of a rate that was assumed, or of another than ``rate``."""
    if remark["code"] == "no_frame_rate":
        return True
    about = {"frame_rate_differs": "told", "non_integer_rate": "fps", "odd_frame_rate": "fps"}
    said = remark["detail"].get(about.get(remark["code"], ""))
    return said is not None and Fraction(*said) != rate
