"""Sixty objects over three thousand frames: Nuke never waits for us.

What is measured is the plugin's own time on the main thread, and how often it calls Nuke: both must
not grow with frames and keys. ``ROTO_BENCH=1`` prints what was measured.
"""

from __future__ import annotations

import math
import os
import threading
from typing import Any

import pytest
from helpers_script import plate, roto_under

from roto_shapes.attention import Stretch
from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape

OBJECTS, FRAMES, KEYS, POINTS = 60, 3000, 25, 6
CHUNK = 0.05
"""Seconds the main thread may be held by one call."""


@pytest.fixture(scope="module")
def document() -> Document:
    def key(frame: int, i: int) -> Key:
        points = []
        for at in range(POINTS):
            angle = 2 * math.pi * at / POINTS + 0.001 * frame
            x = 100 + 25 * i + 40 * math.cos(angle)
            points.append(ControlPoint(x, 500 + 40 * math.sin(angle), -3.0, 1.0, 3.0, -1.0))
        return Key(frame, tuple(points))

    frames = [1001 + round(i * (FRAMES - 1) / (KEYS - 1)) for i in range(KEYS)]
    layers = [
        Layer(
            f"l{i}",
            f"object{i}",
            shapes=[Shape(f"s{i}", f"object{i} a", keys=[key(f, i) for f in frames])],
        )
        for i in range(OBJECTS)
    ]
    return Document(1920, 1080, frame_range=(1001, 1000 + FRAMES), layers=layers)


@pytest.fixture
def roto(nuke: Any, host: Any) -> Any:
    host.keeps_undo = False
    made = roto_under(plate(nuke, "/show/plate.%04d.exr", (1001, 1000 + FRAMES), size=(1920, 1080)))
    made.node["mr1_name"].setValue("object0")
    for i in range(1, OBJECTS):
        made.add_object(f"object{i}")
    for key in made.object_keys():
        for frame in range(1001, 1001 + FRAMES, 100):
            made.place_point(key, 100.0, 200.0, True, frame)
            made.place_point(key, 110.0, 200.0, True, frame)
            made.place_point(key, 400.0, 200.0, False, frame)
    return made


def on_a_thread(work: Any) -> Any:
    """As the runner does it: nothing of Nuke may be touched."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def report(host: Any, what: str, calls: int) -> None:
    if os.environ.get("ROTO_BENCH"):
        name, seconds = host.longest()
        text = f"{what}: {calls} calls of Nuke, longest own stretch {1000 * seconds:.1f} ms"
        print(f"{text} ({name})")  # noqa: T201


def test_reading_the_prompts(nuke: Any, host: Any, roto: Any) -> None:
    from megaton_roto_nuke import outgoing
    from megaton_roto_nuke.plate import behind
    from megaton_roto_nuke.prompts import said

    host.main_calls.clear()
    with host.timed("said"):
        objects = said(roto, 1080)
    with host.timed("request"):
        source = behind(roto)
        request = outgoing.submit_request(
            objects, source, source.frame_range, outgoing.settings_of(roto)
        )
    assert len(request.objects) == OBJECTS
    assert len(request.objects[0].prompts) == FRAMES // 100
    report(host, "prompts", host.api_calls)
    assert host.longest()[1] < CHUNK


def test_a_version_arrives(nuke: Any, host: Any, roto: Any, document: Document) -> None:
    from megaton_roto_nuke import arriving, results
    from roto_client.hosts import HostResult, JobRow, Mattes

    stretches = tuple(Stretch(1100 + i, 1110 + i, 1105 + i, 0.1) for i in range(0, 1000, 20))
    fetched = HostResult(
        row=JobRow("job1", "shot1", attention={"object0": stretches}),
        document=document,
        mattes={
            f"object{i}": Mattes(f"/out/object{i}.%04d.exr", 1001, 1000 + FRAMES)
            for i in range(OBJECTS)
        },
    )
    note = {"id": "job1", "shot": "shot1", "version": 1, "offset": 0}
    roto.note_job(note)
    uid = roto.uid
    arrived = on_a_thread(lambda: arriving.arrive(fetched, note, uid, "MegatonRoto1", "", None))
    host.main_calls.clear()
    calls = host.api_calls
    with host.timed("apply"):
        arriving.apply_to(uid, None, arrived)
    calls = host.api_calls - calls
    report(host, "apply", calls)
    assert len(nuke.allNodes("Read")) == OBJECTS + 1
    assert results.roto_of(uid) is not None
    assert host.longest()[1] < CHUNK
    assert calls < 40 * OBJECTS


def test_choosing_another_object(nuke: Any, host: Any, roto: Any) -> None:
    host.main_calls.clear()
    with host.timed("show"):
        roto.show("object30")
    with host.timed("point"):
        roto.place_point(roto.current(), 1.0, 2.0, True, 1500)
    assert host.longest()[1] < CHUNK
