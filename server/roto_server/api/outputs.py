"""What is wanted of a result: checked against the job's objects, the project and its folders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from roto_shapes.errors import RotoError

from ..db.media import Plate
from ..db.models import JsonObject, Project, Shot
from ..errors import BadRequestError, ConflictError
from ..jobs.publications import check_names
from ..jobs.quality import with_quality
from ..paths import plate_roots, refused
from ..places import to_server
from ..settings import Settings
from .schemas.project_settings import ProjectSettings
from .schemas.segment import MOST_H264, ExportIn, SegmentIn, VideoIn


def requested(
    body: SegmentIn | ExportIn,
    shot: Shot,
    plate: Plate | None,
    settings: Settings,
    objects: Sequence[str],
) -> JsonObject:
    """``body`` as a job keeps it: presets applied, the project's publish rule in place of a yes.

    ``objects``: names of the job's, which works on ``plate`` (None: the shot's first). Raises
    `RotoError`: ``bad_request`` (a video of none of them, or larger than its codec is),
    what `publish_rule` raises, ``bad_template`` (published files would share names).
    """
    _check_videos(body.videos, objects)
    project = shot.project
    told = ProjectSettings.model_validate(project.settings)
    wanted = body.model_dump(
        mode="json", exclude={"objects", "publish", "version"}, exclude_none=True
    )
    made = with_quality(wanted, body.model_fields_set, body.quality, told.quality)
    _check_sizes(made["videos"], plate or shot)
    if body.publish:
        made["publish"] = publish_rule(project, settings)
        check_names(made, objects, project=project.name, shot=shot.name)
    return made


def publish_rule(project: Project, settings: Settings) -> JsonObject:
    """Where and by which names the project publishes, ``{folder, template}``, checked again now.

    Raises:
        RotoError: ``conflict`` when it does not say; ``path_refused`` when its folder is outside
            the roots (any more), or in the storage itself.
    """
    rule = ProjectSettings.model_validate(project.settings).publish
    if rule is None:
        raise ConflictError(
            "The project does not say where to publish.",
            hint="A supervisor sets `publish` in its settings: a folder and a template.",
        )
    folder = Path(to_server(str(rule.folder), project, settings))
    if not folder.is_absolute() or not plate_roots(project, settings).holds(folder):
        raise refused(folder)
    return {"folder": str(folder), "template": rule.template}


def _check_videos(videos: Collection[VideoIn], objects: Collection[str]) -> None:
    for video in videos:
        for name in video.objects or ():
            if name not in objects:
                raise BadRequestError(
                    f"A video is wanted of {name!r}, which is no object of the job.",
                    detail={"object": name, "known": sorted(objects)},
                )


def _check_sizes(videos: Collection[JsonObject], plate: Plate | Shot) -> None:
    """Of a plate nobody has read yet, a worker shrinks what is too large."""
    longest = max(plate.width or 0, plate.height or 0)
    for video in videos:
        if video["codec"] == "h264" and (video.get("longest_side") or longest) > MOST_H264:
            raise BadRequestError(
                f"The plate is {plate.width} x {plate.height} pixels, and H.264 has at most "
                f"{MOST_H264} on a side.",
                hint="Say a longest_side for the video, or take prores4444.",
                detail={"size": [plate.width, plate.height], "most": MOST_H264},
            )


def check_asked_for(body: ExportIn) -> None:
    """Raise `RotoError` ``bad_request`` unless something is to be written."""
    if not (body.formats or body.outputs or body.videos):
        raise RotoError(
            "The export asks for nothing.",
            code="bad_request",
            hint="Name formats, outputs or videos.",
        )
