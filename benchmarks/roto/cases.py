"""The table of cases: what is solved with which preset, and what has to come out.

Class = preset; nothing is set per clip. Gates and goals are those of the project's issue 3. Where
that says "keys on n frames", the frames with a key of a shape are counted ("keyed frames"): the
layer's own motion on the organic shot, piecewise linear, needs more keys than that by itself (the
true outline between the best 15 keys is more than 2 px off on 7 % of its length). Where it says
keys, keys of shapes and of the transform are counted together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .footage import Clip, davis, sav
from .scenes import SHOTS
from .shots import Shot

Source = Shot | Clip
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Bound:
    """``figure`` compared with ``limit``; a text limit is another figure, ``share`` times it."""

    figure: str
    sign: Literal["<=", ">="]
    limit: float | str
    share: float = 1.0
    plus: float = 0.0

    def holds(self, figures: Figures) -> bool:
        value, limit = figures[self.figure], self._limit(figures)
        if value is None or limit is None:
            return False
        return bool(value <= limit if self.sign == "<=" else value >= limit)

    def __str__(self) -> str:
        limit = self.limit if isinstance(self.limit, str) else f"{self.limit:g}"
        times = f"{self.share:g} x " if self.share != 1 else ""
        plus = f" + {self.plus:g}" if self.plus else ""
        return f"{self.figure} {self.sign} {times}{limit}{plus}"

    def _limit(self, figures: Figures) -> float | None:
        limit = figures[self.limit] if isinstance(self.limit, str) else self.limit
        return None if limit is None else self.share * limit + self.plus


@dataclass(frozen=True)
class Case:
    """``kind``: ``generated`` (runs anywhere), ``davis`` or ``sav`` (need the shared footage)."""

    name: str
    preset: str
    kind: Literal["generated", "davis", "sav"]
    gates: tuple[Bound, ...] = ()
    goals: tuple[Bound, ...] = field(default=())

    def source(self, footage: Path | None) -> Source:
        """Raises ValueError for a real clip without footage."""
        if self.kind == "generated":
            return SHOTS[self.name]()
        if footage is None:
            raise ValueError(f"{self.name} needs the shared footage")
        return _REAL[self.kind](footage, self.name)


_REAL: dict[str, Callable[[Path, str], Clip]] = {"davis": davis, "sav": sav}


def at_most(figure: str, limit: float | str, share: float = 1.0, plus: float = 0.0) -> Bound:
    return Bound(figure, "<=", limit, share, plus)


def at_least(figure: str, limit: float) -> Bound:
    return Bound(figure, ">=", limit)


def _real(name: str, preset: str, edit: int, boundary: float, goal: int, *more: Bound) -> Case:
    gates = (at_most("edit", edit), at_least("BF2", boundary), *more)
    return Case(name, preset, "davis", gates, (at_most("edit", goal),))


_WHOLE = at_most("lost", 0)
_EXACT = (at_least("IoU", 0.98), at_least("BF2", 0.95))
_OWN_KEYS = (at_most("keys", "own keys", 1.5),)

EVERY_GATE = (at_most("self-crossing", 0.05),)
EVERY_GOAL = (at_most("self-crossing", 0.01),)
"""What is asked of every case besides its own."""

CASES: tuple[Case, ...] = (
    Case(
        "organic",
        "organic",
        "generated",
        (
            at_most("points", 20),
            at_most("keyed frames", 15),
            at_least("BF2", 0.98),
            at_most("slip", 5),
        ),
        (
            at_least("BF2", 0.99),
            at_most("keyed frames", 12),
            at_most("jitter", "true motion", plus=0.3),
            at_most("s/frame", 0.1),
            at_most("s/frame again", 0.015),
        ),
    ),
    Case("rigid", "hard-surface", "generated", _EXACT, _OWN_KEYS),
    *(
        Case(name, "organic", "generated", _EXACT, _OWN_KEYS)
        for name in ("articulated", "split", "hole", "entering")
    ),
    *(
        Case(name, "organic", "generated", (), (*_EXACT, *_OWN_KEYS))
        for name in ("occlusion", "blurred", "spinning")
    ),
    _real("blackswan", "organic", 160, 0.98, 110),
    _real("car-shadow", "hard-surface", 100, 0.965, 65),
    _real("camel", "organic", 1900, 0.955, 1300, _WHOLE),
    _real("cows", "organic", 2550, 0.95, 2000, _WHOLE),
    _real("dog", "organic", 2100, 0.93, 1500),
    *(
        Case(
            name,
            "organic",
            "sav",
            (at_least("IoU", 0.95), at_most("keys", "frames")),
            (at_most("lives", "at once"),),
        )
        for name in ("object_1", "object_4")
    ),
)
