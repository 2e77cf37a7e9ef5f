"""What a job is made of, and everything that can be wrong with it before a server is asked.

Pixels of the full-size plate, origin top left, y down; plate frame numbers, ranges inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roto_shapes.errors import PromptError
from roto_shapes.naming import check_name, check_template
from roto_shapes.prompts import FramePrompt, check_prompts, object_range

from .errors import InputError
from .models import Shot
from .plates import LocalPlate, check_inside

TRANSFERS = ("auto", "path", "upload")
MAIN_VIEW = "main"
OUTPUTS = ("mattes", "cryptomatte", "shapes", "overlay", "contact_sheet")
MATTES = ("exr", "png8", "png16")

_ANY_SIZE = 2**31
_ANY_RANGE = (-(2**31), 2**31 - 1)


@dataclass(frozen=True)
class ObjectPrompts:
    """One thing to isolate and what is said about it.

    ``color``: r, g, b in 0..1. ``frame_range``: its in and out frame, outside which its matte is
    empty; None = all frames.
    """

    name: str
    prompts: tuple[FramePrompt, ...]
    label: str = ""
    color: tuple[float, float, float] | None = None
    frame_range: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """The form ``POST shots/{id}/segment`` takes."""
        body: dict[str, Any] = {
            "name": self.name,
            "prompts": [prompt.to_json() for prompt in self.prompts],
        }
        if self.label:
            body["label"] = self.label
        if self.color:
            body["color"] = list(self.color)
        if self.frame_range:
            body["frame_range"] = list(self.frame_range)
        return body


@dataclass(frozen=True)
class SubmitRequest:
    """All a job is made of.

    ``plate``: see `plates.find_plate`; empty = the one that ``shot``, which is there, has in
    ``view``. ``shot``: a name, None = after the plate. ``frame_range``: inclusive plate frames,
    None = all. ``first_frame``: of a movie. ``transfer``: ``path`` (the
    server reads the plate in place), ``upload``, or ``auto`` (path, upload if refused).
    ``tolerance``: allowed outline error in plate pixels. ``detail``: a second look at every object
    at full plate resolution; ``refine``: edges laid by the picture; None is the server's choice.
    ``layer_transform``: ``off`` lets shapes carry all motion, for hosts without a layer transform.
    ``quality``: draft, standard or final, a preset of what is not given; None is the project's.
    ``videos``: movies to make (see `outputs.video`). ``publish``: into the project's folder.
    The same ``key`` never makes two jobs.
    """

    plate: str
    objects: tuple[ObjectPrompts, ...]
    project: str = "default"
    shot: str | None = None
    view: str = MAIN_VIEW
    frame_range: tuple[int, int] | None = None
    first_frame: int | None = None
    colorspace: str | None = None
    fps: tuple[int, int] | None = None
    outputs: tuple[str, ...] = ("mattes", "shapes")
    exports: tuple[str, ...] = ("nuke", "silhouette", "json")
    mattes: str = "exr"
    engine: str = "auto"
    model: str = "auto"
    image_size: int | None = None
    direction: str | None = None
    tolerance: float | None = None
    layer_transform: str | None = None
    detail: bool | None = None
    refine: bool | None = None
    template: str | None = None
    quality: str | None = None
    videos: tuple[dict[str, Any], ...] = ()
    publish: bool = False
    priority: str = "normal"
    transfer: str = "auto"
    key: str = ""

    def body(self) -> dict[str, Any]:
        """The body of ``POST shots/{id}/segment``."""
        edges = {"detail": self.detail, "refine": self.refine}
        body = {
            "objects": [thing.to_json() for thing in self.objects],
            "view": view_given(self.view),
            "frame_range": self.frame_range and list(self.frame_range),
            "outputs": list(self.outputs),
            "exports": list(self.exports),
            "mattes": self.mattes,
            "engine": self.engine,
            "model": self.model,
            "image_size": self.image_size,
            "direction": self.direction,
            "tolerance": self.tolerance,
            "layer_transform": self.layer_transform,
            "edges": {what: asked for what, asked in edges.items() if asked is not None} or None,
            "template": self.template,
            "quality": self.quality,
            "videos": list(self.videos) or None,
            "publish": self.publish or None,
            "priority": self.priority,
        }
        return {name: value for name, value in body.items() if value is not None}


def view_given(view: str) -> str | None:
    """``view`` as a request names it: servers of before know the main one only, and not by name."""
    return None if view == MAIN_VIEW else view


def check(request: SubmitRequest, plate: LocalPlate | None) -> None:
    """What can be known before anything is sent. ``plate``: None = the shot's own.

    Raises InputError, PlateError, and of roto_shapes PromptError, TemplateError, RotoError.
    """
    from roto_shapes.formats import FORMATS

    check_choice("transfer", (request.transfer,), TRANSFERS)
    check_choice("outputs", request.outputs, OUTPUTS)
    check_choice("mattes", (request.mattes,), MATTES)
    check_choice("exports", request.exports, tuple(FORMATS), code="unknown_format")
    check_name(request.project)
    if request.shot is not None:
        check_name(request.shot)
    if request.template is not None:
        check_template(request.template)
    _check_objects(request)
    if plate is None:
        _check_own_plate(request)
        wanted = request.frame_range
    else:
        _check_named_plate(request, plate)
        wanted = plate.range(request.frame_range)
    _check_prompts(request, _ANY_SIZE, _ANY_SIZE, wanted or _ANY_RANGE)


def check_against_shot(request: SubmitRequest, shot: Shot) -> None:
    """What the plate's size and range decide. Raises InputError or PromptError."""
    wanted = request.frame_range or shot.frame_range
    if shot.frame_range and wanted:
        check_inside(wanted, shot.frame_range)
    _check_prompts(request, shot.width or _ANY_SIZE, shot.height or _ANY_SIZE, wanted or _ANY_RANGE)


def _check_own_plate(request: SubmitRequest) -> None:
    if request.shot is None:
        raise InputError(
            "Neither a plate nor a shot is named.",
            hint="Name a plate, or with --shot a shot that is there, to work on its plate.",
        )
    of_new_plates = (request.first_frame, request.colorspace, request.fps)
    if request.transfer != "auto" or any(one is not None for one in of_new_plates):
        raise InputError(
            "How a plate is sent and read is said of one that is named, not of the shot's own.",
            hint="`roto shots set` and `roto shots new-plate` change the plate of a shot.",
        )


def _check_named_plate(request: SubmitRequest, plate: LocalPlate) -> None:
    if request.view != MAIN_VIEW:
        raise InputError(
            f"The view {request.view} is of a shot that is there.",
            hint="Name no plate, but with --shot the shot: it has one for each of its views.",
        )
    plate.check_complete(request.frame_range)


def _check_prompts(
    request: SubmitRequest, width: int, height: int, frame_range: tuple[int, int]
) -> None:
    for thing in request.objects:
        try:
            within = object_range(frame_range, thing.frame_range)
            check_prompts(thing.prompts, width, height, within)
        except PromptError as error:
            raise PromptError(
                f"{thing.name}: {error.message}",
                hint=error.hint,
                code=error.code,
                detail={**error.detail, "object": thing.name},
            ) from None


def _check_objects(request: SubmitRequest) -> None:
    if not request.objects:
        raise InputError(
            "There is no object to track.",
            code="no_objects",
            hint="Give at least one positive click, a box or a mask.",
        )
    names = [check_name(thing.name) for thing in request.objects]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"There are two objects called {twice[0]!r}.")


def check_choice(
    what: str, given: tuple[str, ...], known: tuple[str, ...], code: str = "bad_request"
) -> None:
    """Raise InputError for a value that is not known."""
    for value in given:
        if value not in known:
            raise InputError(
                f"{value!r} is no value for {what}.",
                code=code,
                hint=f"There are: {', '.join(known)}.",
            )
