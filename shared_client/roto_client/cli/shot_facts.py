"""`roto shots show`: all that is known of a shot, on one page."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from ..api import RotoClient, Shot
from ..api.members import assignees
from ..api.shots import PlateVersion, plates
from .connect import Server, connect
from .finding import ShotName, find_shot
from .options import AsJson, print_json


def show(shot: ShotName, server: Server = None, as_json: AsJson = False) -> None:
    """Show a shot: its plate in every view, its frames, its objects, who works on it."""
    client = connect(server)
    found = find_shot(client, shot)
    if as_json:
        print_json(found.raw)
        return
    typer.echo(f"{found.id}  {client.project(found.project_id).name}/{found.name}")
    for what, told in _facts(client, found):
        typer.echo(f"  {what:<13} {told}")
    for warning in found.warnings:
        typer.echo(f"  {'warning':<13} {warning}")


def _facts(client: RotoClient, shot: Shot) -> Iterator[tuple[str, str]]:
    archived = ", archived" if shot.raw.get("archived_at") else ""
    yield "state", f"{shot.state}{archived}"
    if shot.error:
        yield "error", str(shot.error.get("message", ""))
    yield "review", str(shot.raw.get("review", "waiting"))
    for plate in plates(client.transport, shot.id):
        if plate.current:
            yield "plate", _plate(plate)
    yield from _picture(shot)
    objects = [str(one["name"]) for one in client.objects(shot.id)]
    yield "objects", ", ".join(objects) or "none"
    people = [one.name for one in assignees(client.transport, shot.id)]
    yield "assigned to", ", ".join(people) or "nobody"


def _picture(shot: Shot) -> Iterator[tuple[str, str]]:
    """What is known once a worker has read the plate."""
    if shot.frame_range:
        first, last = shot.frame_range
        head, tail = shot.raw.get("handles") or (0, 0)
        cut = f", in the cut {first + head}-{last - tail}" if head or tail else ""
        yield "frames", f"{first}-{last}{cut}"
    if shot.width and shot.height:
        squeeze = shot.pixel_aspect or 1.0
        aspect = "" if squeeze == 1.0 else f", pixel aspect {squeeze:g}"
        yield "size", f"{shot.width}x{shot.height}{aspect}"
    if shot.fps:
        yield "rate", "{}/{}".format(*shot.fps) if shot.fps[1] != 1 else str(shot.fps[0])
    if shot.colorspace:
        yield "colour space", shot.colorspace


def _plate(plate: PlateVersion) -> str:
    return f"{plate.view} v{plate.version:03d}  {plate.path}"
