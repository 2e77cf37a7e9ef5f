"""Previews: what a prompt would give on its frame, within a second or two.

Nothing is kept: to roto a shot, submit a job with the prompts that looked right.
"""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any, Mapping

from roto_shapes.errors import PromptError
from roto_shapes.prompts import FramePrompt

from .errors import ServerError, StoppedError
from .request import MAIN_VIEW, view_given

if TYPE_CHECKING:
    from .transport import Transport

Box = tuple[float, float, float, float]

_PAUSE = 0.1
"""Seconds between two questions, should the server not wait by itself."""


@dataclass(frozen=True)
class Candidate:
    """A mask that could be meant.

    ``png``: an 8-bit grey PNG, 255 inside, soft at the edge, of `Preview.width` x
    `Preview.height`. ``score`` 0..1. ``box``: x0, y0, x1, y1 in plate pixels, None if empty.
    """

    png: bytes = field(repr=False)
    score: float
    box: Box | None


@dataclass(frozen=True)
class PreviewedObject:
    """One to three candidates for an object, best first."""

    name: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Preview:
    """The masks of one frame, and what made them.

    ``width``, ``height``: pixels of the masks, which always cover the whole plate; those of a large
    plate are smaller than the plate.
    """

    id: str
    shot_id: str
    frame: int
    width: int
    height: int
    engine: str
    model: str
    objects: tuple[PreviewedObject, ...]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Preview:
        return cls(
            id=body["id"],
            shot_id=body["shot_id"],
            frame=int(body["frame"]),
            width=int(body["width"]),
            height=int(body["height"]),
            engine=str(body["engine"]["engine"]),
            model=str(body["engine"]["model"]),
            objects=tuple(_object(one) for one in body["objects"]),
            raw=body,
        )


@dataclass(frozen=True)
class PreviewOptions:
    """How to ask.

    ``client_key``: of a view that shows one preview at a time; a newer request under the same key
    supersedes the older one. ``image_size``: side of the engine's input in pixels, None = any.
    ``view``: which picture of the shot.
    ``patience``: seconds until the client gives up; the server does so after a minute.
    """

    engine: str = "auto"
    model: str = "auto"
    image_size: int | None = None
    client_key: str = ""
    patience: float = 90.0
    view: str = MAIN_VIEW


def ask(
    transport: Transport,
    shot_id: str,
    frame: int,
    prompts: Mapping[str, FramePrompt],
    options: PreviewOptions,
    stop: Event,
) -> Mapping[str, Any]:
    """The server's answer; see `RotoClient.preview`."""
    deadline = time.monotonic() + options.patience
    body = _body(frame, prompts, options)
    # Safe to send twice: the second one stands beside the first, or supersedes it.
    answer: Mapping[str, Any] = transport.json(
        "POST", f"/shots/{shot_id}/preview", body=body, idempotent=True
    )
    while answer.get("state") != "done":
        if time.monotonic() > deadline or stop.wait(_PAUSE):
            raise StoppedError(
                f"Stopped waiting for the preview of frame {frame}.",
                hint=str(answer.get("message") or ""),
            )
        answer = transport.json("GET", f"/shots/{shot_id}/previews/{_id(answer)}")
    return answer


def _body(
    frame: int, prompts: Mapping[str, FramePrompt], options: PreviewOptions
) -> dict[str, Any]:
    objects = []
    for name, prompt in prompts.items():
        if prompt.frame != frame:
            raise PromptError(
                f"{name}: a prompt on frame {prompt.frame} says nothing about frame {frame}",
                detail={"frame": prompt.frame, "object": name},
            )
        if prompt.absent:
            raise PromptError(
                f"{name}: an object that is absent cannot be previewed",
                detail={"frame": frame, "object": name},
            )
        said = prompt.to_json()
        del said["frame"]
        objects.append({"name": name, **said})
    asked = {
        "frame": frame,
        "view": view_given(options.view),
        "objects": objects,
        "engine": options.engine,
        "model": options.model,
        "image_size": options.image_size,
        "client_key": options.client_key or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _object(body: Mapping[str, Any]) -> PreviewedObject:
    return PreviewedObject(body["name"], tuple(_candidate(one) for one in body["candidates"]))


def _candidate(body: Mapping[str, Any]) -> Candidate:
    box = body["box"]
    return Candidate(
        png=base64.b64decode(body["png"], validate=True),
        score=float(body["score"]),
        box=None if box is None else (box[0], box[1], box[2], box[3]),
    )


def _id(answer: Mapping[str, Any]) -> str:
    if not isinstance(answer.get("id"), str):
        raise ServerError("The server's answer to a preview names no preview.")
    return str(answer["id"])
