"""What an artist can ask of the vectorizer, and the presets."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal, get_args

from roto_shapes.errors import RotoError

Parts = Literal["auto", "on", "off"]
LayerTransform = Literal["auto", "off"]


@dataclass(frozen=True)
class Settings:
    """How closely, and with how much to edit, shapes follow their mattes. Pixels are plate pixels.

    ``tolerance``: outline error, in pixels, that is as good as none. ``looseness``: how much error
    a point or a key has to save to be worth its place; 2 trades twice as much. ``detail``: more
    (2) or fewer (0.5) control points for the same tolerance. ``most_points`` per shape.
    ``most_keys`` per shape, or None. ``key_spacing``: least frames between two keys of a shape.
    ``smooth``: outlines are smoothed by this many pixels before anything is fitted.
    ``corner_angle``: an outline that turns by more than this many degrees at one spot may get a
    corner there. ``offset``: the shapes are grown (or shrunk, negative) by this many pixels.
    ``parts``: whether a body and its limbs become shapes of their own; ``auto`` takes what is
    cheaper to edit. ``ignored_area``: fragments and holes below this many square pixels are left
    out; None is 9 on a plate 480 pixels high, scaled to the plate. ``ignored_life``: so are those
    that live fewer frames. ``hard_surface``: the object is rigid; its own motion goes into the
    layer's transform and its points hold their place. ``layer_transform``: ``auto``
    splits common motion off where that leaves less to edit; ``off`` leaves all motion to the
    shapes, for hosts without such a transform: they bake it into a key on every frame.
    """

    tolerance: float = 1.0
    looseness: float = 1.0
    detail: float = 1.0
    most_points: int = 64
    most_keys: int | None = None
    key_spacing: int = 1
    smooth: float = 0.0
    corner_angle: float = 50.0
    offset: float = 0.0
    parts: Parts = "auto"
    ignored_area: float | None = None
    ignored_life: int = 1
    hard_surface: bool = False
    layer_transform: LayerTransform = "auto"

    def __post_init__(self) -> None:
        """Raises RotoError ``bad_request`` naming the setting that makes no sense."""
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if value is None:
                continue
            if not (math.isfinite(value) and low <= value <= high):
                raise RotoError(
                    f"{name} is {value}; it must be from {low:g} to {high:g}", code="bad_request"
                )
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise RotoError(
                    f"{name} is {getattr(self, name)!r}",
                    code="bad_request",
                    hint=f"Say {', '.join(words[:-1])} or {words[-1]}.",
                )


_LIMITS: dict[str, tuple[float, float]] = {
    "tolerance": (0.05, 100),
    "looseness": (0.01, 100),
    "detail": (0.1, 10),
    "most_points": (3, 400),
    "most_keys": (1, 1_000_000),
    "key_spacing": (1, 10_000),
    "smooth": (0, 100),
    "corner_angle": (5, 180),
    "offset": (-200, 200),
    "ignored_area": (0, 1e9),
    "ignored_life": (1, 10_000),
}
_WORDS: dict[str, tuple[str, ...]] = {
    "parts": get_args(Parts),
    "layer_transform": get_args(LayerTransform),
}

PRESETS: dict[str, Settings] = {
    "organic": Settings(),
    "hard-surface": Settings(looseness=7.0, hard_surface=True, parts="off"),
    "fine": Settings(tolerance=0.6, looseness=0.5),
}


def preset(name: str) -> Settings:
    """The settings of that name. Raises RotoError ``bad_request``."""
    if name not in PRESETS:
        raise RotoError(
            f"there is no preset {name!r}",
            code="bad_request",
            hint=f"Presets: {', '.join(PRESETS)}.",
        )
    return PRESETS[name]


NAMES = tuple(field.name for field in fields(Settings))
