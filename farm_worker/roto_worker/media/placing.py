"""Which frames of a plate a cut wants, told by the plate's own timecode."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from roto_shapes.timecode import Timecode, nominal

from .faults import PlateError
from .plate import open_reader
from .source import PlateInfo


@dataclass(frozen=True)
class Placed:
    """``frames``: with handles, inclusive plate numbers; ``handles``: those the plate has."""

    frames: tuple[int, int]
    handles: tuple[int, int]


def place(plate: dict[str, Any], colorspace: str | None, placing: dict[str, Any]) -> Placed:
    """The frames of ``plate`` that ``placing`` (``ingest_params`` of the contract) means.

    Raises:
        RotoError: what `open_reader` raises; ``range_outside_plate`` when the plate tells no
            timecode of the cut's rate, counts at another, or lacks frames of the cut.
    """
    reader, _, info = open_reader(plate, colorspace, None)
    reader.close()
    rate = Fraction(*placing["rate"])
    shift = info.frame_range[0] - _start(info, rate)
    first, last = (time + shift for time in placing["times"])
    begins, ends = info.frame_range
    if first < begins or last > ends:
        raise _nowhere(
            f"the cut is frames {first}-{last} by the plate's timecode, which has {begins}-{ends}",
            {"frame_range": [first, last], "plate": [begins, ends]},
        )
    head = min(placing["handles"][0], first - begins)
    tail = min(placing["handles"][1], ends - last)
    return Placed((first - head, last + tail), (head, tail))


def _start(info: PlateInfo, rate: Fraction) -> int:
    """The first frame's timecode, in frames since midnight."""
    timecode = Timecode.parse(str(info.metadata.get("timecode", "")))
    if timecode is None:
        raise _nowhere("the plate tells no timecode, so nobody knows which frames the cut is", {})
    own = Fraction(*info.fps)
    if info.metadata.get("fps_source") != "default" and nominal(own) != nominal(rate):
        raise _nowhere(
            f"the cut counts {float(rate):g} frames per second, the plate {float(own):g}",
            {"cut": list(rate.as_integer_ratio()), "plate": list(info.fps)},
        )
    if not timecode.exists_at(rate):
        raise _nowhere(
            f"the plate's timecode {timecode} does not exist at the cut's {float(rate):g} frames "
            "per second",
            {"cut": list(rate.as_integer_ratio()), "timecode": str(timecode)},
        )
    return timecode.count(rate)


def _nowhere(why: str, detail: dict[str, Any]) -> PlateError:
    return PlateError(
        why,
        hint="Say in the conform when the media begins, or which frames are meant.",
        code="range_outside_plate",
        detail=detail,
    )
