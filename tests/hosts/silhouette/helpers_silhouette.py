"""Documents to build, and what a fake Silhouette shows, by decoders that share no code with us."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from fake_fx import Application

from megaton_roto_silhouette.choices import Choices
from megaton_roto_silhouette.footage import Footage, footage_of
from megaton_roto_silhouette.paths import Paths
from megaton_roto_silhouette.results import finish, making, work_out
from megaton_roto_silhouette.standing import Standing, our_layers, standing
from roto_shapes.document import ControlPoint, Document, Key, Layer, Shape
from shapes.helpers_draw import silhouette_matte

PLATE = "/plates/plate.[1001-1008].exr"


def ring(cx: float, cy: float, radius: float, points: int = 8, lean: float = 0.0) -> tuple:
    """A smooth closed Bezier, egg-shaped by ``lean``."""
    found = []
    for i in range(points):
        angle = 2 * math.pi * i / points
        r = radius * (1 + lean * math.cos(angle))
        k = 4 / 3 * math.tan(math.pi / 2 / points) * r
        c, s = math.cos(angle), math.sin(angle)
        found.append(ControlPoint(cx + r * c, cy + r * s, k * s, -k * c, -k * s, k * c))
    return tuple(found)


def document(**changes: Any) -> Document:
    """Two objects on 1001-1008 of 160 x 120: ``hero`` with a hole in it, ``prop`` seen in part."""
    body = Shape(
        "s-body",
        "body",
        keys=[
            Key(1001, ring(60, 60, 30, lean=0.2)),
            Key(1004, ring(70, 58, 32, lean=0.1)),
            Key(1008, ring(80, 60, 28)),
        ],
    )
    hole = Shape(
        "s-hole",
        "hole",
        mode="subtract",
        keys=[Key(1001, ring(60, 60, 8)), Key(1008, ring(80, 60, 9))],
    )
    part = Shape(
        "s-part",
        "part",
        visible=[(1003, 1006)],
        keys=[Key(1003, ring(120, 90, 15)), Key(1006, ring(125, 85, 16))],
    )
    layers = [
        Layer("l-hero", "hero", color=(1.0, 0.0, 0.0), shapes=[body, hole]),
        Layer("l-prop", "prop", color=(0.0, 0.5, 1.0), shapes=[part]),
    ]
    fields = {"width": 160, "height": 120, "frame_range": (1001, 1008), "layers": layers}
    return Document(**{**fields, **changes})


class Bench:
    """The plugin's parts on one roto node, every piece of work run to its end at once."""

    def __init__(self, application: Application, plate: str = PLATE, offset: int = 0) -> None:
        self.application, self.fx = application, application.fx
        self.node = application.add_plate(plate, offset)
        self.paths = Paths(self.fx)

    @property
    def footage(self) -> Footage:
        return footage_of(self.fx, self.node)

    def stand(self) -> list[Standing]:
        found: list[Standing] = []
        layers = our_layers(self.node)
        run(standing(self.fx, self.paths, self.node, self.footage, layers, found))
        for each in found:
            each.complete(self.footage, 0)
        return found

    def apply(
        self,
        doc: Document,
        job: str = "job1",
        olds: dict[str, Document] | None = None,
        sent: dict[str, dict[str, str]] | None = None,
        choices: Choices | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[str]:
        """Lay a document in; the remarks. ``meanwhile``: what an artist does before the end."""
        note = {"job": job}
        todo = work_out(
            doc,
            note,
            self.footage,
            self.stand(),
            olds or {},
            sent or {},
            choices or Choices(),
            self.paths.direct,
        )
        run(making(self.fx, self.paths, todo))
        if meanwhile is not None:
            meanwhile()
        return finish(self.fx, self.paths, self.node, todo, f"Megaton Roto: {job}", {"jobs": [job]})

    def file(self, tmp_path: Path) -> str:
        """Our layers in the node, as Silhouette's own exporter writes them."""
        path = tmp_path / "exported.fxs"
        ours = [each for each in self.node.children if not each.label.endswith("box")]
        chosen = [below for each in ours for below in (each, *everything(each))]
        self.fx.select([each for each in chosen if each.type in ("Layer", "Shape")])
        self.fx.io_modules["Silhouette Shapes"].export(str(path))
        self.fx.select([])
        return path.read_text()

    def matte(self, tmp_path: Path, frame: int) -> np.ndarray:
        """What the node shows on a plate frame."""
        session = self.fx.activeSession()
        shown = frame - self.footage.first + session.startFrame
        return silhouette_matte(self.file(tmp_path), shown, session.width, session.height)


def run(steps: Any) -> None:
    for _ in steps:
        pass


def everything(thing: Any) -> list[Any]:
    return [each for child in thing.children or [] for each in (child, *everything(child))]


def named(bench: Bench, label: str) -> Any:
    """The one object of that label."""
    (found,) = [each for each in everything(bench.node) if each.label == label]
    return found


def drag(bench: Bench, label: str, frame: int, index: int, dx: float, dy: float) -> None:
    """An artist drags one vertex of a B-spline, in plate pixels, on a plate frame."""
    fx, footage = bench.fx, bench.footage
    shape, key = named(bench, label), frame - footage.first
    with bench.application.person():
        path = shape.evalPath(key)
        point = path[index]
        path[index] = fx.Point3D(
            point.x + dx * footage.pixel_aspect / footage.height, point.y + dy / footage.height
        )
        shape.setPath(path, key)
