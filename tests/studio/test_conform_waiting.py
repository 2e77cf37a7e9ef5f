"""What a conform waits for it waits for in threads, and what it found late it does not write."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, cast

import opentimelineio as otio
import pytest

from roto_server.api import conform, conform_matching, scan
from roto_server.api.schemas.conform import ConformIn, MatchIn
from roto_server.api.schemas.plates import ScanIn
from roto_server.db.media import Conform
from roto_server.db.models import Project
from roto_server.settings import Settings
from roto_shapes.errors import RotoError

NO_REQUEST = cast("Any", None)


@pytest.fixture
def project() -> Project:
    """Its place is in no root."""
    places = [{"name": "s", "linux": "/nowhere/s", "windows": ["S:\\"]}]
    return Project(id="0" * 32, name="p", allowed_roots=[], settings={"places": places})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Paths of which the disk was asked, and in which thread; nothing reaches a database."""
    asked: list[tuple[str, int]] = []

    def as_on_disk(path: str, *_: object) -> str:
        asked.append((path, threading.get_ident()))
        return path

    async def transact(*_: object, writing: bool) -> None:
        assert not writing

    monkeypatch.setattr("roto_server.places.as_on_disk", as_on_disk)
    for module in (conform, conform_matching):
        monkeypatch.setattr(module, "transact", transact)
    return asked


def refused(answer: Coroutine[Any, Any, object]) -> str:
    with pytest.raises(RotoError) as error:
        asyncio.run(answer)
    return error.value.code


def test_the_disk_is_never_asked_on_the_event_loop(
    project: Project, asked: list[tuple[str, int]]
) -> None:
    settings = Settings()
    body = ScanIn(path="S:\\in")
    assert refused(
        scan.scan(project=project, body=body, request=NO_REQUEST, settings=settings)
    ) == "path_refused"  # fmt: skip

    timeline = otio.schema.Timeline("t")
    timeline.tracks.append(otio.schema.Track("V1", kind="Video"))
    time = otio.opentime.RationalTime
    whole = otio.opentime.TimeRange(time(0, 24), time(60, 24))
    media = otio.schema.ExternalReference("S:/a.mov", whole)
    timeline.tracks[0].append(otio.schema.Clip("a", media, whole))
    text = otio.adapters.write_to_string(timeline, "otio_json")
    told = ConformIn(name="r", text=text, file_name="r.otio", folders=["S:\\media"])
    assert refused(
        conform.create_conform(project=project, body=told, request=NO_REQUEST, settings=settings)
    ) == "path_refused"  # fmt: skip

    row = Conform(id="1" * 32, name="r", options={"folders": ["S:\\again"], "depth": 1})
    again = conform.match_again(
        found=(row, project), body=MatchIn(), request=NO_REQUEST, settings=settings
    )
    assert refused(again) == "path_refused"

    paths = [f"/nowhere/s/{name}" for name in ("in", "a.mov", "media", "again")]
    assert [path for path, _ in asked] == paths
    assert threading.get_ident() not in {thread for _, thread in asked}


def test_matching_again_never_undoes_what_was_said_meanwhile(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody skips an event while the media of it are looked for."""
    options = {"folders": [], "depth": 1, "handles": 0}
    row, now = (
        Conform(id="1" * 32, name="r", project_id=project.id, options=options, events=events)
        for events in ([], [{"state": "skipped"}])
    )
    answers = iter([(row, project), ([], conform_matching.Around([], set()))])

    async def transact(_: object, work: Any, *, writing: bool) -> object:
        return work(None) if writing else next(answers)

    for module in (conform, conform_matching):
        monkeypatch.setattr(module, "transact", transact)
    monkeypatch.setattr(conform, "conform_for_change", lambda *_: (now, project))
    again = conform.match_again(
        found=(row, project), body=MatchIn(handles=4), request=NO_REQUEST, settings=Settings()
    )
    assert refused(again) == "conflict"
    assert (now.events, now.options["handles"]) == ([{"state": "skipped"}], 0)
