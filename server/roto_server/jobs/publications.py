"""Results in the studio's own folders: what each file is called there, and what became of it.

Names are made here, once, from the rule and names a job was made with, so that every attempt at a
task writes the same files. A worker copies; it knows no templates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError
from roto_shapes.formats import FORMATS
from roto_shapes.naming import DEFAULT_TEMPLATE, check_template, format_publish_name

from ..db.media import Publication
from ..db.models import Export, Job, JsonObject, Task

LONGEST_NAME = 255
"""Bytes of a file's or folder's name, as file systems have it."""

LONGEST_PATH = 1000

EXTENSIONS = {"h264": "mp4", "prores4444": "mov"}
"""Of movies, by codec."""

_VIDEO_KIND = re.compile(r"_(greenscreen|cutout|overlay)(_\d+)?_v\d+\.\w+$")


@dataclass(frozen=True)
class Part:
    """A file to publish. ``object``: what the template's field says; ``frame`` None: of all."""

    object: str
    frame: int | None
    ext: str


def names_of(parts: Sequence[Part], params: JsonObject) -> list[str]:
    """The path of each part below the folder, by the publish task's ``params``.

    Files of the whole shot that would share a name are numbered from the second on, which takes a
    template that names the object.

    Raises:
        RotoError: ``bad_template`` when files would share a name, or one is too long.
    """
    taken: set[str] = set()
    names = []
    for part in parts:
        count, before = 1, ""
        while (name := _name(part, count, params)).casefold() in taken:
            if part.frame is not None or name == before:
                raise _bad_template(f"The project's publish template gives two files {name!r}.")
            count, before = count + 1, name
        taken.add(name.casefold())
        names.append(name)
    return names


def check_names(request: JsonObject, objects: Sequence[str], *, project: str, shot: str) -> None:
    """Refuse a job whose published files would share names; errors as `names_of`.

    ``request`` as jobs keep it, with ``publish``; ``objects``: the names of the job's.
    """
    params = {**request["publish"], "project": project, "shot": shot, "version": 1}
    names_of(_planned(request, objects), params)


def _planned(request: JsonObject, objects: Sequence[str]) -> list[Part]:
    """What a job will write, with one frame for every sequence."""
    outputs = request["outputs"]
    parts: list[Part] = []
    if "mattes" in outputs:
        apart = "object" in check_template(request.get("template") or DEFAULT_TEMPLATE)
        names = list(objects) if apart else [_TOGETHER]
        parts += [Part(name, 1, request["mattes"][:3]) for name in names]
    if "cryptomatte" in outputs:
        parts.append(Part("cryptomatte", 1, "exr"))
    formats = request.get("exports") or request.get("formats") or []
    parts += [Part("shapes", None, FORMATS[name].extension) for name in formats]
    parts += [
        Part(name, None, ext)
        for name, ext in (("overlay", "mp4"), ("contact_sheet", "png"))
        if name in outputs
    ]
    videos = request.get("videos") or []
    return parts + [Part(one["kind"], None, EXTENSIONS[one["codec"]]) for one in videos]


def files_of(session: Session, source: Job, params: JsonObject) -> list[JsonObject]:
    """``publish_params.files`` of the contract: every file that ``source`` has exported, and its
    name by the publish task's ``params``; errors as `names_of`."""
    rows = exports_of(session, source)
    names = names_of([_part(source, row) for row in rows], params)
    return [
        {"source": row.name, "name": name, "size": row.size, "sha256": row.sha256}
        for row, name in zip(rows, names, strict=True)
    ]


def exporter(session: Session, job: Job) -> Job:
    """The job whose files ``job`` publishes: itself, but for a job that only publishes."""
    return session.get_one(Job, job.params["source_job_id"]) if job.kind == "publish" else job


def exports_of(session: Session, job: Job) -> list[Export]:
    """The files a job has exported, by name."""
    query = select(Export).where(Export.job_id == job.id).order_by(Export.name, Export.id)
    return list(session.scalars(query))


def record(session: Session, job: Job, task: Task) -> None:
    """A row for every file that lies in the studio's folder now, of the version it belongs to.

    One that was there already, to the bit, stays the publication of whose it was.
    """
    source = exporter(session, job)
    by_name = {row.name: row for row in exports_of(session, source)}
    rows = []
    for file in files_of(session, source, task.params):
        path = str(PurePosixPath(task.params["folder"]) / file["name"])
        export = by_name[file["source"]]
        rows.append((path, export))
    known = _known(session, [path for path, _ in rows])
    session.add_all(
        Publication(
            shot_id=job.shot_id,
            job_id=source.id,
            export_id=export.id,
            path=path,
            size=export.size,
            sha256=export.sha256,
            created_by=job.created_by,
        )
        for path, export in rows
        if path not in known
    )


def _known(session: Session, paths: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for begin in range(0, len(paths), 500):
        part = paths[begin : begin + 500]
        found |= set(session.scalars(select(Publication.path).where(Publication.path.in_(part))))
    return found


_TOGETHER = "mattes"
"""The ``object`` of an EXR that holds all of them."""


def _part(job: Job, row: Export) -> Part:
    ext = PurePosixPath(row.name).suffix[1:]
    if row.role == "shape_export":
        return Part("shapes", None, FORMATS[row.format or ""].extension)
    if row.role == "video":
        match = _VIDEO_KIND.search(row.name)
        return Part(match[1] if match else "video", None, ext)
    if row.role != "matte":
        return Part(row.role, row.frame, ext)
    if row.format == "cryptomatte":
        return Part("cryptomatte", row.frame, ext)
    named: dict[str, Any] = {one["id"]: one["name"] for one in job.params["objects"]}
    return Part(named.get(row.object_id or "", _TOGETHER), row.frame, ext)


def _name(part: Part, count: int, params: JsonObject) -> str:
    name = format_publish_name(
        params["template"],
        project=params["project"],
        shot=params["shot"],
        object=part.object if count == 1 else f"{part.object}_{count}",
        version=params["version"],
        frame=part.frame,
        ext=part.ext,
    )
    longest = max(len(one.encode()) for one in name.split("/"))
    if longest > LONGEST_NAME or len(params["folder"]) + len(name) + 1 > LONGEST_PATH:
        raise _bad_template("The project's publish template gives names that are too long.")
    return name


def _bad_template(message: str) -> RotoError:
    return RotoError(
        message, code="bad_template", hint="A supervisor can change it in the project's settings."
    )
