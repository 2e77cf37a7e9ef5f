"""What can be known about a roto job before any worker looks at it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from roto_shapes.errors import RotoError
from roto_shapes.formats import FORMATS
from roto_shapes.naming import DEFAULT_TEMPLATE, check_name, format_output_name
from roto_shapes.prompts import FramePrompt, check_prompts, object_range

from ..db.media import Plate
from ..db.models import JsonObject, Shot
from ..errors import BadRequestError
from ..jobs.readiness import check_fits
from ..paths import range_outside_plate
from .schemas.segment import PromptedObject, SegmentIn

_MAX_FILE_NAME = 255
_ANYWHERE = 2**31 - 1


def check_objects(body: SegmentIn) -> list[tuple[PromptedObject, list[JsonObject]]]:
    """Each object of ``body`` with its prompts in the contract's form.

    Raises `RotoError` ``no_objects``, ``bad_prompt``, ``bad_request`` (names), and
    ``prompt_outside_plate`` / ``prompt_outside_range`` as far as they show without the plate.
    """
    if not body.objects:
        raise RotoError(
            "The job has no objects.", code="no_objects", hint="Name at least one and prompt it."
        )
    names: set[str] = set()
    described = []
    for item in body.objects:
        check_name(item.name)
        folded = unicodedata.normalize("NFC", item.name).casefold()
        if folded in names:
            raise BadRequestError(f"Two objects of the job are called {item.name!r}.")
        names.add(folded)
        described.append((item, _prompts_of(item, body.frame_range)))
    return described


def check_formats(formats: list[str]) -> None:
    """Raise `RotoError` ``unknown_format`` unless every one can be written."""
    for name in formats:
        if name not in FORMATS:
            raise RotoError(
                f"There is no export format {name!r}.",
                code="unknown_format",
                hint=f"Known: {', '.join(sorted(FORMATS))}.",
                detail={"known": sorted(FORMATS)},
            )


def check_template(wanted: str | None, objects: Iterable[str], project: str, shot: str) -> None:
    """Raise `RotoError` ``bad_template`` unless ``wanted`` (None: the default) names a file for
    every object."""
    template = wanted or DEFAULT_TEMPLATE
    for item in objects:
        name = format_output_name(
            template, project=project, shot=shot, object=item, version=1, frame=1001
        )
        if len(name.encode()) > _MAX_FILE_NAME:
            raise RotoError(
                f"The output template gives file names longer than {_MAX_FILE_NAME} bytes.",
                code="bad_template",
                detail={"name": name},
            )


def check_against_plate(
    plate: Shot | Plate,
    described: list[tuple[PromptedObject, list[JsonObject]]],
    frame_range: tuple[int, int] | None,
) -> None:
    """As `check_objects_fit`, of objects as they were sent."""
    objects = [
        {"name": item.name, "prompts": prompts, "frame_range": item.frame_range}
        for item, prompts in described
    ]
    check_objects_fit(plate, objects, frame_range)


def check_objects_fit(
    plate: Shot | Plate, objects: Sequence[JsonObject], frame_range: Sequence[int] | None
) -> None:
    """Raise what `check_fits` raises for a ready plate; a probing one is checked again later.

    A sequence's frames are known while it is being probed, so they are checked at once. ``objects``
    are the contract's.
    """
    if plate.state == "ready":
        for item in objects:
            check_mask_sizes(item["name"], plate, item["prompts"])
        check_fits(plate, objects, frame_range)
        return
    if plate.first_frame is None or plate.last_frame is None:
        return
    there = (plate.first_frame, plate.last_frame)
    first, last = frame_range or there
    if first < there[0] or last > there[1]:
        raise range_outside_plate((first, last), there)
    for item in objects:
        prompts = [FramePrompt.from_json(prompt) for prompt in item["prompts"]]
        _check_prompts(item["name"], item.get("frame_range"), prompts, (first, last))


def check_mask_sizes(name: str, plate: Shot | Plate, prompts: list[JsonObject]) -> None:
    """Raise `RotoError` ``bad_prompt`` for a drawn mask that is not of the plate's size."""
    for prompt in map(FramePrompt.from_json, prompts):
        size = prompt.mask_size
        if size is not None and size != (plate.width, plate.height):
            raise RotoError(
                f"frame {prompt.frame}: the mask is {size[0]} x {size[1]} pixels, "
                f"the plate {plate.width} x {plate.height}",
                code="bad_prompt",
                hint="A mask prompt is a PNG of the plate's full size.",
                detail={"frame": prompt.frame, "object": name},
            )


def _prompts_of(item: PromptedObject, frame_range: tuple[int, int] | None) -> list[JsonObject]:
    prompts = [
        FramePrompt.from_json(prompt.model_dump(mode="json", exclude_unset=True))
        for prompt in item.prompts
    ]
    anywhere = (-_ANYWHERE, _ANYWHERE)
    _check_prompts(item.name, item.frame_range, prompts, frame_range or anywhere)
    told: list[dict[str, Any]] = [prompt.to_json() for prompt in prompts]
    return told


def _check_prompts(
    name: str, own: Sequence[int] | None, prompts: list[FramePrompt], frames: tuple[int, int]
) -> None:
    """What can be said without the plate's size: only its top-left edges are known.

    ``own``: the object's in and out frame.
    """
    try:
        check_prompts(prompts, _ANYWHERE, _ANYWHERE, object_range(frames, own))
    except RotoError as error:
        error.detail.setdefault("object", name)
        raise
