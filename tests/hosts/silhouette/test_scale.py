"""Sixty objects over three thousand frames: Silhouette is never held for long."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_fx import Application, install
from helpers_silhouette import Bench, drag, everything, ring

from megaton_roto_silhouette import start
from megaton_roto_silhouette.edits import edited_layer
from megaton_roto_silhouette.standing import Standing, our_layers, standing
from roto_shapes.document import Document, Key, Layer, Shape, save

LONGEST = 0.05
"""Seconds: the goal for one piece of work on the main thread."""
FRAMES, OBJECTS = 3000, 60


def big() -> Document:
    """A key every 25 frames, 12 points: 7200 keys, 86 400 points."""
    layers = []
    for number in range(OBJECTS):
        x, y = 100 + 28 * number, 300 + 7 * (number % 30)
        keys = [
            Key(frame, ring(x + frame / 20, y + frame % 50, 60, points=12, lean=0.1))
            for frame in range(1001, 1001 + FRAMES, 25)
        ]
        shape = Shape(f"s{number}", f"shape{number}", keys=keys)
        layers.append(Layer(f"l{number}", f"object{number}", shapes=[shape]))
    last = 1000 + FRAMES
    return Document(1920, 1080, frame_range=(1001, last), layers=layers)


class Loop:
    """Silhouette's main loop: it ticks, and measures how long it was held.

    Python's collector is not counted: here it walks the fake's own objects, a hundred thousand
    points that in Silhouette are none of Python's.
    """

    def __init__(self, plugin: start.Plugin) -> None:
        self.plugin, self.held = plugin, []
        self._collected = self._began = 0.0

    def _collector(self, phase: str, _: object) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self._collected += time.thread_time() - self._began

    def __enter__(self) -> Loop:
        gc.callbacks.append(self._collector)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._collector)

    def until(self, true: Callable[[], object], seconds: float = 200.0) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            started, self._collected = time.thread_time(), 0.0
            self.plugin.pump.tick()
            self.held.append(time.thread_time() - started - self._collected)
            assert time.monotonic() < deadline, self.plugin.flows.troubles
            time.sleep(0.001)


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("ROTO_SERVER", "http://127.0.0.1:9")
    monkeypatch.setenv("ROTO_API_KEY", "none")
    application = install()
    application.open_session(1920, 1080, 1001, FRAMES)
    made = start.start(ticking=lambda pump: pump)
    yield made
    made.close()


def test_sixty_objects_three_thousand_frames(plugin: start.Plugin, tmp_path: Path) -> None:
    application = Application.current
    assert application is not None
    bench = Bench(application, "/plates/plate.[1001-4000].exr")
    save(big(), tmp_path / "big.json")
    with Loop(plugin) as loop:
        application.actions["MegatonRotoImport"].execute(path=str(tmp_path / "big.json"))
        loop.until(lambda: application.undo)
        check_pieces(loop)
        assert application.undo == ["Megaton Roto: shapes"]
        assert len(bench.node.children) == OBJECTS
        shapes = [each for each in everything(bench.node) if each.type == "Shape"]
        keys = sum(each.property("path").numKeys for each in shapes)
        assert keys == OBJECTS * FRAMES // 25

        # Reading it all, as a correction does, is no different.
        drag(bench, "shape7", 1001 + 25 * 40, 3, 20.0, 5.0)
        stand: list[Standing] = []
        read = threading.Event()
        layers = our_layers(bench.node)
        steps = standing(bench.fx, plugin.flows.paths, bench.node, bench.footage, layers, stand)
        plugin.pump.steps(steps, read.set, lambda error: pytest.fail(str(error)))
        loop.until(read.is_set)
        check_pieces(loop)
    assert sum(len(one.host.shapes) for one in stand) == OBJECTS
    edited = edited_layer(big(), stand[7].host, bench.footage.first)
    assert edited.touched == (1001 + 25 * 40,)


def check_pieces(loop: Loop) -> None:
    assert max(loop.held) < LONGEST, sorted(loop.held)[-5:]
    assert len(loop.held) > 50, "in many pieces"
    loop.held.clear()
