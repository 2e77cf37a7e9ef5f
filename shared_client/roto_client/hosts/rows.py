"""Jobs of the server as rows of the panel."""

from __future__ import annotations

import threading
from typing import Any, Dict, List, Mapping, Tuple

from roto_shapes.attention import Stretch, needs_you

from ..api.client import RotoClient
from ..api.models import Job
from .hints import plain
from .state import JobRow

Stretches = Mapping[str, Tuple[Stretch, ...]]

_FAILED_HINT = "The job's log shows what the worker wrote."


def row_of(job: Job, shot: str = "") -> JobRow:
    """A job as it stands, without its attention."""
    error: Mapping[str, Any] = job.error or {}
    progress = job.progress
    hint = plain(str(error.get("hint") or "")) or (_FAILED_HINT if error else "")
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
        hint=hint,
        objects=tuple(_names(job).values()),
        created_by=job.created_by,
    )


class Attention:
    """The stretches of jobs that need the artist, found once per job.

    They are made of the confidence of every frame, which is a lot to ask for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Dict[str, Stretches] = {}

    def known(self, job_id: str) -> Stretches:
        """What was found before; empty if nothing was looked for."""
        return self._found.get(job_id, {})

    def of(self, client: RotoClient, job: Job) -> Stretches:
        """By object name, worst first; empty for a job that has not succeeded."""
        if job.kind != "roto" or job.state != "succeeded":
            return {}
        with self._lock:
            if job.id not in self._found:
                self._found[job.id] = _stretches(client, job)
            return self._found[job.id]


def _stretches(client: RotoClient, job: Job) -> Stretches:
    names = _names(job)
    confidence: Dict[str, Dict[int, float]] = {}
    for mask in client.masks(job.shot_id, job_id=job.id):
        if mask.get("confidence") is not None:
            frames = confidence.setdefault(str(mask["object_id"]), {})
            frames[int(mask["frame"])] = float(mask["confidence"])
    found: Dict[str, Tuple[Stretch, ...]] = {}
    for key, judged in confidence.items():
        stretches: List[Stretch] = needs_you(judged)
        if stretches:
            found[names.get(key, key)] = tuple(stretches)
    return found


def _names(job: Job) -> Dict[str, str]:
    """Object id (or name, where no id is told) -> name, in the order they were given."""
    return {
        str(one.get("id") or one["name"]): str(one["name"])
        for one in job.params.get("objects") or ()
    }
