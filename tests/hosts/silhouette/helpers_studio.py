"""A whole studio: the plugin in the fake Silhouette, and a real farm beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fake_fx import Application
from helpers_farm import Farm
from helpers_silhouette import Bench

from megaton_roto_silhouette import start
from megaton_roto_silhouette.edits import edited_layer
from megaton_roto_silhouette.footage import Footage
from roto_shapes.decode import document_from_json
from roto_shapes.document import Document
from roto_worker.synthetic.clip import Clip


class Studio:
    """One artist's machine. `until` is Silhouette's main loop: it ticks the plugin's pump."""

    def __init__(self, application: Application, farm: Farm, clip: Clip) -> None:
        self.application, self.fx, self.farm, self.clip = application, application.fx, farm, clip
        self.open_project()
        self.plugin = start.start(ticking=lambda pump: pump)

    def open_project(self) -> None:
        first, last = self.clip.frame_range
        self.application.open_session(160, 120, first, last - first + 1)
        pattern = str(self.clip.pattern).replace("%04d", f"[{first:04d}-{last:04d}]")
        self.bench = Bench(self.application, pattern)
        self.node = self.bench.node

    @property
    def footage(self) -> Footage:
        return self.bench.footage

    def action(self, name: str, **named: Any) -> None:
        """An artist chooses an action of the Megaton menu."""
        action = self.fx.actions[name]
        action.available()
        action.execute(**named)

    def until(
        self, true: Callable[[], Any], what: str, seconds: float = 120.0, may_fail: bool = False
    ) -> Any:
        """Fails at once when the plugin tells the artist of an error it was not to have."""
        deadline = time.monotonic() + seconds
        troubles = len(self.plugin.flows.troubles)
        while True:
            self.plugin.pump.tick()
            found = true()
            if found:
                return found
            told = self.plugin.flows.troubles
            assert may_fail or len(told) == troubles, told[-1]
            assert time.monotonic() < deadline, (
                f"{what}: {self.application.statuses[-3:]} {self.desk.state}"
            )
            time.sleep(0.005)

    def said(self, words: str) -> bool:
        return any(words in text for text in self.application.statuses)

    def forget_said(self) -> None:
        self.application.statuses.clear()

    @property
    def desk(self) -> Any:
        return self.plugin.farm.desk

    def row(self, job_id: str) -> Any:
        return self.desk.state.job(job_id)

    def jobs(self) -> list[dict[str, Any]]:
        return (self.node.getState("megatonRoto") or {}).get("jobs", [])

    def submit(self) -> str:
        """Submit and wait until the job's id is in the node."""
        before = len(self.jobs())
        self.action("MegatonRotoSubmit")
        self.until(lambda: len(self.jobs()) > before, "submitted")
        return str(self.jobs()[-1]["id"])

    def ended(self, job_id: str, state: str = "succeeded") -> None:
        self.until(lambda: (row := self.row(job_id)) and row.ended, "the job ends", 150)
        assert self.row(job_id).state == state, self.farm.story(self.farm.client.job(job_id))

    def fetch(self) -> None:
        self.forget_said()
        self.action("MegatonRotoFetch")
        self.until(lambda: self.said("The shapes are here."), "the shapes come")

    def correct(self) -> str:
        before = len(self.jobs())
        self.action("MegatonRotoCorrect")
        self.until(lambda: len(self.jobs()) > before, "the correction is sent")
        return str(self.jobs()[-1]["id"])

    def draw(self, label: str, corners: Any, frame: int, inside: Any = None) -> Any:
        """A closed shape with straight sides, in plate pixels, keyed on a plate frame."""
        shape = self.fx.Shape(self.fx.Shape.Bezier, label)
        shape.closed = True
        path = shape.createPath()
        units = [(self.footage.space.x(x), self.footage.space.y(y)) for x, y in corners]
        path._set_rows([(unit, unit, unit) for unit in units])
        shape.setPath(path, self.footage.session_frame(frame))
        with self.application.person():
            (inside or self.node).property("objects").addObjects([shape])
        return shape

    def document(self, job_id: str) -> Document:
        """The shapes of a job, as the server has them."""
        job = self.farm.client.job(job_id)
        return document_from_json(self.farm.client.shapes(job.shot_id, version=job.version))

    def desk_changed(self, job_id: str) -> dict[str, list[list[int]]]:
        """What a correction tracked again, by object."""
        return self.farm.client.job(job_id).raw["changed"]

    def keys(self, layer: Any) -> dict[tuple[str, int], list[tuple[float, float]]]:
        """The vertices of all keys of a layer's shapes, by shape and session frame."""
        return {
            (shape.id, frame): [(p.x, p.y) for p in map(path.__getitem__, range(len(path)))]
            for shape in layer.children
            for frame in shape.property("path").keys
            for path in [shape.evalPath(frame)]
        }

    def touched(self, document: Document) -> tuple[int, ...]:
        """Frames of the node's layers that differ from a document."""
        return tuple(
            frame
            for one in self.bench.stand()
            for frame in edited_layer(document, one.host, self.footage.first).touched
        )
