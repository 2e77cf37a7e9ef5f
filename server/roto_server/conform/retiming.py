"""Speed changes: how much of its media an event plays. Runs in the child process only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import opentimelineio as otio

from .events import ListEvent, Remark


def speed_in(clip: Any) -> tuple[float, str | None]:
    """The speed of a clip by its effects, and why that is not all there is to say of it."""
    speed, doubt = 1.0, None
    for effect in clip.effects:
        if isinstance(effect, otio.schema.FreezeFrame):
            speed = 0.0
        elif isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= effect.time_scalar
        elif isinstance(effect, otio.schema.TimeEffect):
            doubt = "Its speed changes while it plays."
        else:
            found, varies = _final_cut_speed(effect)
            speed *= found
            doubt = "Its speed changes while it plays." if varies else doubt
    return speed, doubt


def retimed(event: ListEvent, lasts: int, speed: float, doubt: str | None = None) -> ListEvent:
    """``event`` with the frames of the media that it plays at ``speed``, and a remark on it.

    ``lasts``: how many frames of the media's rate long it is in the edit. ``doubt``: as of
    `speed_in`.
    """
    if speed == 1.0 and doubt is None:
        return event
    played = max(1, math.ceil(lasts * abs(speed) - 1e-6))
    remarks = [*event.remarks, _remark(speed)] if speed != 1.0 else [*event.remarks]
    if doubt:
        remarks.append(Remark("variable_speed", f"{doubt} The frames it plays are not known."))
    return replace(
        event,
        speed=speed,
        source_out=event.source_in + played,
        head=math.ceil(event.head * abs(speed)),
        tail=math.ceil(event.tail * abs(speed)),
        remarks=tuple(remarks),
    )


def _remark(speed: float) -> Remark:
    if speed == 0:
        return Remark("freeze", "One frame of it stands.")
    backwards = ", backwards" if speed < 0 else ""
    return Remark("speed", f"It plays at {abs(speed) * 100:.6g} %{backwards}.")


def _final_cut_speed(effect: Any) -> tuple[float, bool]:
    """Speed of a ``timeremap`` filter, and whether it varies; (1, False) for other effects."""
    told = effect.metadata.get("fcp_xml", {})
    if told.get("effectid") != "timeremap":
        return 1.0, False
    values = {
        str(one.get("parameterid")): one.get("value") for one in _parameters(told.get("parameter"))
    }
    try:
        speed = float(values.get("speed") or 100.0) / 100
    except (TypeError, ValueError):
        return 1.0, True
    backwards = str(values.get("reverse", "")).upper() == "TRUE"
    varies = str(values.get("variablespeed", "0")) not in ("0", "FALSE", "None")
    return (-abs(speed) if backwards else speed), varies


def _parameters(told: Any) -> Iterable[Mapping[str, Any]]:
    """One parameter, or several, as the adapter's metadata hold them."""
    found = [told] if hasattr(told, "keys") else list(told or [])
    return [one for one in found if hasattr(one, "keys")]
