"""Jobs of the server as rows of the panel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Mapping, Tuple

from roto_shapes.attention import Stretch, needs_you

from ..api.client import RotoClient
from ..api.models import Job
from .state import JobRow


def row_of(job: Job, shot: str = "") -> JobRow:
    """A job as it stands; its attention is found by `with_attention`."""
    error: Mapping[str, Any] = job.error or {}
    progress = job.progress
    return JobRow(
        id=job.id,
        shot_id=job.shot_id,
        shot=shot,
        version=job.version,
        base_version=job.raw.get("base_version"),
        kind=job.kind,
        state=job.state,
        stage=progress.stage,
        done=progress.done,
        total=progress.total,
        fraction=1.0 if job.state == "succeeded" else progress.fraction,
        eta_seconds=None if job.ended else progress.eta_seconds,
        error=str(error.get("message") or ""),
        hint=str(error.get("hint") or ""),
        objects=tuple(str(one["name"]) for one in job.params.get("objects") or ()),
        created_by=job.created_by,
    )


def with_attention(client: RotoClient, job: Job, row: JobRow) -> JobRow:
    """The row with the stretches that need the artist, from the confidence of every frame."""
    names = {one["id"]: str(one["name"]) for one in job.params.get("objects") or () if "id" in one}
    if not names or job.kind != "roto" or job.state != "succeeded":
        return row
    confidence: Dict[str, Dict[int, float]] = {}
    for mask in client.masks(job.shot_id, job_id=job.id):
        if mask.get("confidence") is not None:
            frames = confidence.setdefault(str(mask["object_id"]), {})
            frames[int(mask["frame"])] = float(mask["confidence"])
    found: Dict[str, Tuple[Stretch, ...]] = {}
    for key, judged in confidence.items():
        stretches = needs_you(judged)
        if stretches:
            found[names.get(key, key)] = tuple(stretches)
    return replace(row, attention=found)
