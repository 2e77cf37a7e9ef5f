"""Results of a job on this machine, where a host can read them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from roto_shapes.decode import document_from_json
from roto_shapes.document import Document, validate

from ..api.client import RotoClient, raise_unless_succeeded
from ..api.config import data_dir
from ..api.errors import NotFoundError, StoppedError
from ..api.models import Job, Output
from .rows import Attention, row_of
from .state import HostResult, Mattes

_FRAME = re.compile(r"(-?\d+)(\.[A-Za-z0-9]+)$")


def fetch(
    client: RotoClient,
    job_id: str,
    folder: Optional[Path],
    stop: Event,
    tell: Callable[[int, int], None],
    attention: Attention,
    *,
    mattes: bool = True,
) -> HostResult:
    """Everything a host applies of a job that has succeeded.

    ``folder``: where mattes go, None = `default_folder`; without ``mattes`` none are fetched, since
    long shots of many objects weigh gigabytes. ``tell`` gets bytes done and in all. Files
    that are there already are not fetched again. Raises JobError for a job that did not succeed,
    StoppedError when ``stop`` is set.
    """
    job = raise_unless_succeeded(client.job(job_id))
    shot = client.shot(job.shot_id)
    target = folder or default_folder(shot.name, job)
    listed = client.outputs(job.id) if mattes else []
    wanted = [output for output in listed if output.role == "matte"]
    total, done = sum(output.size for output in wanted), 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        if stop.is_set():
            raise StoppedError("Fetching was stopped.")
        tell(done, total)

    if wanted:
        client.download_all(
            job.id, target, wanted=lambda output: output.role == "matte", progress=count
        )
    if stop.is_set():
        raise StoppedError("Fetching was stopped.")
    found = attention.of(client, job)
    return HostResult(
        row=replace(row_of(job, shot.name), attention=found),
        document=document_of(client, job),
        mattes=_mattes(target, wanted, job),
        changed=_changed(job),
        folder=str(target),
    )


def default_folder(shot: str, job: Job) -> Path:
    """Where results go unless the artist chose: beside the user's own data, by shot and version."""
    return data_dir() / "results" / f"{shot}-{job.shot_id[:8]}" / f"v{job.version:03d}"


def document_of(client: RotoClient, job: Job) -> Optional[Document]:
    """The shapes a job made; None where none were wanted."""
    try:
        return shapes_of(client, job.shot_id, job.version)
    except NotFoundError:
        return None


def shapes_of(client: RotoClient, shot_id: str, version: int) -> Document:
    """A version of a shot's shapes. Raises NotFoundError, DocumentError."""
    document = document_from_json(client.shapes(shot_id, version=version))
    validate(document)
    return document


def _mattes(folder: Path, outputs: List[Output], job: Job) -> Dict[str, Mattes]:
    names = {one["id"]: str(one["name"]) for one in job.params.get("objects") or () if "id" in one}
    found: Dict[str, List[Output]] = {}
    for output in outputs:
        if output.frame is not None and output.object_id in names:
            found.setdefault(names[str(output.object_id)], []).append(output)
    return {name: _sequence(folder, files) for name, files in found.items()}


def _sequence(folder: Path, files: List[Output]) -> Mattes:
    frames = sorted(file.frame for file in files if file.frame is not None)
    name = _FRAME.sub(lambda match: f"%0{len(match.group(1))}d{match.group(2)}", files[0].name)
    return Mattes(str(folder.joinpath(*name.split("/"))), frames[0], frames[-1])


def _changed(job: Job) -> Optional[Mapping[str, Tuple[Tuple[int, int], ...]]]:
    changed: Any = job.raw.get("changed")
    if job.raw.get("base_version") is None or not isinstance(changed, dict):
        return None
    return {str(k): tuple((int(a), int(b)) for a, b in spans) for k, spans in changed.items()}
