"""A job's objects on another version of the plate: frames shifted, pixels scaled. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from roto_shapes.errors import RotoError

from ..db.models import JsonObject


@dataclass(frozen=True)
class Move:
    """``frames`` are added to every frame; places are multiplied by ``x`` and ``y``."""

    frames: int = 0
    x: float = 1.0
    y: float = 1.0

    def range(self, first_last: Sequence[int] | None) -> tuple[int, int] | None:
        """A frame range, moved."""
        if first_last is None:
            return None
        return first_last[0] + self.frames, first_last[1] + self.frames

    def objects(self, objects: Sequence[JsonObject]) -> list[JsonObject]:
        """Objects in the contract's form, moved with their ranges and prompts.

        Raises:
            RotoError: ``bad_prompt`` for a drawn mask that would have to be scaled.
        """
        return [self._object(one) for one in objects]

    def _object(self, item: JsonObject) -> JsonObject:
        moved = {**item, "prompts": [self._prompt(item["name"], one) for one in item["prompts"]]}
        if item.get("frame_range") is not None:
            moved["frame_range"] = list(self.range(item["frame_range"]) or ())
        return moved

    def _prompt(self, name: str, prompt: JsonObject) -> JsonObject:
        moved = {**prompt, "frame": prompt["frame"] + self.frames}
        if (self.x, self.y) == (1.0, 1.0):
            return moved
        if prompt.get("mask") is not None:
            raise RotoError(
                f"frame {prompt['frame']}: the mask drawn of {name!r} cannot be scaled",
                code="bad_prompt",
                hint="Draw it anew on the new plate, or submit the shot with other prompts.",
                detail={"frame": prompt["frame"], "object": name},
            )
        if prompt.get("points"):
            moved["points"] = [self._click(one) for one in prompt["points"]]
        if prompt.get("box") is not None:
            moved["box"] = self._numbers(prompt["box"])
        if prompt.get("outline"):
            moved["outline"] = [self._curve(one) for one in prompt["outline"]]
        return moved

    def _click(self, click: JsonObject) -> JsonObject:
        return {**click, "x": click["x"] * self.x, "y": click["y"] * self.y}

    def _curve(self, curve: JsonObject) -> JsonObject:
        return {**curve, "points": [self._point(one) for one in curve["points"]]}

    def _point(self, point: Sequence[Any]) -> list[Any]:
        """x, y, in handle, out handle, corner: the first six are lengths along x and y."""
        return [*self._numbers(point[:6]), *point[6:]]

    def _numbers(self, pairs: Sequence[float]) -> list[float]:
        return [value * (self.y if index % 2 else self.x) for index, value in enumerate(pairs)]
