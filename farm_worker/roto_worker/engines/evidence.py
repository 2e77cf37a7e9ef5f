"""What an object's series of signals says about its frames: the evidence `confidence` weighs.

Every piece is oriented so that more of it speaks for the frame; 0 is neutral where one does not
apply. Frames are looked at in runs outward from the nearest prompted one, because that is the way
mistakes travel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Series = Mapping[int, Mapping[str, float]]

SMOOTH = 3
"""Frames to each side over which a signal's median is taken: one odd frame is no verdict."""
AROUND = 7
"""Frames to each side that say how large an object is and where, against a jump."""
_NEAR_ONE = 0.02
"""Shares are told apart down to this distance from 1 and from 0."""


@dataclass(frozen=True)
class Evidence:
    """``frames`` that were tracked and are not empty, ascending; ``values``: name -> one per frame;
    ``empty``: frames that were tracked and have nothing inside."""

    frames: list[int]
    values: dict[str, Values]
    empty: list[int]


def gather(signals: Series, *, box: bool = False, mask: bool = False) -> Evidence:
    """All the evidence there is in one object's ``signals`` (see `base.Signals`).

    ``box``, ``mask``: the artist drew a box, or a mask, of the object somewhere. What there is:

    - ``match``, ``contrast``, ``motion``: the flow engine's signals, smoothed;
    - ``stability``, ``present``, ``quality``: log-odds, smoothed;
    - ``lowest_<signal>``: the least of it on the way here from the prompt: what was lost on the way
      stays lost;
    - ``agreement``: log-odds against an everyday 0.9, where two directions were merged;
    - ``size``: - |log| of the area against the prompted frame's; ``area_jump``, ``box_jump``: how
      far area and box leave what is usual around the frame, per size;
    - ``distance``: - log(1 + frames from the nearest prompt);
    - ``shown``: 1.0 with a box or a mask; ``mask``: 1.0 with a mask.
    """
    tracked = sorted(frame for frame, one in signals.items() if "blank" not in one)
    frames = [frame for frame in tracked if signals[frame].get("area", 0) > 0]
    empty = [frame for frame in tracked if signals[frame].get("area", 0) <= 0]
    if not frames:
        return Evidence([], {}, empty)
    series = _Series(signals, frames, tracked)
    values = {
        "distance": -np.log1p(series.distance),
        "shown": np.full(len(frames), float(box or mask)),
        "mask": np.full(len(frames), float(mask)),
        "agreement": series.agreement(),
    }
    return Evidence(frames, values | series.levels() | series.changes(), empty)


class _Series:
    def __init__(self, signals: Series, frames: list[int], tracked: list[int]) -> None:
        self._signals = [signals[frame] for frame in frames]
        at = np.array(frames, float)
        prompted = [frame for frame in tracked if signals[frame].get("prompted")] or tracked[:1]
        away = np.abs(at[:, None] - np.array(prompted, float)[None])
        nearest = away.argmin(axis=1)
        self.distance = away.min(axis=1)
        sides = zip(nearest, np.sign(at - np.array(prompted)[nearest]), strict=True)
        runs: dict[tuple[int, float], list[int]] = {}
        for index, (prompt, side) in enumerate(sides):
            runs.setdefault((int(prompt), float(side)), []).append(index)
        self._outward = [run if side >= 0 else run[::-1] for (_, side), run in runs.items()]
        self._start = np.array([int(np.abs(at - prompted[n]).argmin()) for n in nearest])

    def levels(self) -> dict[str, Values]:
        """The engine's own signals, smoothed, and the lowest since the prompt."""
        found: dict[str, Values] = {}
        for name, scale in _SCALES.items():
            values = self._values(name)
            if values is not None:
                found[name] = _median(scale(values), SMOOTH)
                found[f"lowest_{name}"] = self._lowest(found[name])
        return found

    def changes(self) -> dict[str, Values]:
        area = np.log(self._known("area"))
        width, height = np.log(self._known("width")), np.log(self._known("height"))
        x, y = self._known("centre_x"), self._known("centre_y")
        usual = np.exp((_median(width, AROUND) + _median(height, AROUND)) / 2)
        moved = np.hypot(x - _median(x, SMOOTH), y - _median(y, SMOOTH)) / usual
        grown = np.abs(width - _median(width, SMOOTH)) + np.abs(height - _median(height, SMOOTH))
        return {
            "size": -np.abs(area - area[self._start]),
            "area_jump": -np.abs(area - _median(area, AROUND)),
            "box_jump": -(moved + grown),
        }

    def agreement(self) -> Values:
        given = np.array([one.get("agreement", np.nan) for one in self._signals], float)
        return np.where(np.isnan(given), 0.0, log_odds(given) - log_odds(np.array(0.9)))

    def _values(self, name: str) -> Values | None:
        """A signal; where it is missing (on prompted frames) the nearest frame's; None without."""
        values = np.array([one.get(name, np.nan) for one in self._signals], float)
        known = np.flatnonzero(~np.isnan(values))
        if not len(known):
            return None
        places = np.arange(len(values))
        return np.asarray(np.interp(places, known, values[known]))

    def _known(self, name: str) -> Values:
        return np.array([one[name] for one in self._signals], float)

    def _lowest(self, values: Values) -> Values:
        lowest = values.copy()
        for run in self._outward:
            lowest[run] = np.minimum.accumulate(values[run])
        return lowest


def log_odds(share: Values) -> Values:
    """log(p / (1 - p)) of 0..1, limited."""
    p = np.clip(share, _NEAR_ONE, 1 - _NEAR_ONE)
    return np.asarray(np.log(p / (1 - p)))


def _plain(values: Values) -> Values:
    return values


_SCALES: dict[str, Callable[[Values], Values]] = {
    "match": _plain,
    "contrast": _plain,
    "motion": _plain,
    "stability": log_odds,
    "present": log_odds,
    "quality": log_odds,
}


def _median(values: Values, reach: int) -> Values:
    """Of each value and up to ``reach`` to each side; fewer at the ends."""
    padded = np.pad(values, reach, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(np.nanmedian(windows, axis=1))
