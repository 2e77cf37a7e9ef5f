"""After Effects with the built host script in it: the emulator, driven as a panel drives it."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path

from roto_shapes.document import Key, ValueKey
from roto_shapes.formats import write
from shapes.helpers_shapes import document, l_points, layer, moving_blob

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "plugins/aftereffects"
SESSION = Path(__file__).parent / "emulator/session.js"
NODE = Path(sysconfig.get_path("scripts")) / "node"

PLATE = "/plates/a.1001.exr"
TOLD = {"width": 1920, "height": 1080, "frames": 40, "fps": 24}
"""The plate's files, which are told to the emulator instead of written."""

LAYER = "var layer = app.project.activeItem.layer(1);"
"""The plate's layer, for a script of an artist's."""

_OPEN = """(function () {
    app.beginUndoGroup("artist");
    var options = new ImportOptions(new File(%(file)s));
    options.sequence = %(sequence)s;
    var plate = app.project.importFile(options);
    plate.mainSource.conformFrameRate = %(fps)r;
    var comp = app.project.items.addComp("shot", 1920, 1080, 1, 10, %(fps)r);
    var layer = comp.layers.add(plate);
    layer.startTime = %(start)r * comp.frameDuration;
    layer.selected = true;
    comp.openInViewer();
    app.endUndoGroup();
    return layer.id;
}())"""


class HostError(Exception):
    """What the host refused: its problem in ``problem``."""

    def __init__(self, problem):
        super().__init__(problem["message"])
        self.problem = problem


class Session:
    """One After Effects. ``call`` is the panel's way, ``script`` and ``hand`` an artist's."""

    def __init__(self, host: Path, **world) -> None:
        command = [NODE, "--expose-internals", SESSION, json.dumps(world)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        loaded = self.order(load=str(host))
        assert "error" not in loaded, loaded

    def order(self, **order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(120) == 0

    def script(self, text: str) -> str:
        answer = self.order(eval=text)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def hand(self, text: str) -> str:
        """As an artist's hand: no undo group is asked for, keys may lie between frames."""
        answer = self.order(eval=f"(function () {{ {text} }}())", artist=True)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def call(self, name, /, **given):
        """What the host answers; HostError where it refuses. No undo group may stay open."""
        reply = json.loads(
            self.script(f"MegatonRoto.call({json.dumps(name)}, {json.dumps(given)})")
        )
        assert not any(step["leftOpen"] for step in self.state()["undo"])
        if not reply["ok"]:
            raise HostError(reply["error"])
        return reply["value"]

    def state(self):
        return self.order(state=True)["result"]

    def comp(self):
        return next(item for item in self.state()["items"] if item["kind"] == "comp")

    def layer(self):
        """The plate's layer, which is the lowest."""
        return self.comp()["layers"][-1]

    def steps(self):
        """Names of the undo steps so far that changed anything."""
        return [step["name"] for step in self.state()["undo"] if step["changes"]]

    def open(self, file=PLATE, fps=24.0, start=0, sequence=True, **told):
        """The plate in a composition of its own, its layer selected."""
        self.order(footage={file: {**TOLD, **told}})
        given = {"file": json.dumps(file), "fps": fps, "start": start}
        self.script(_OPEN % {**given, "sequence": str(sequence).lower()})

    def stage(self, data, token="t", pieces=2):
        """Hand masks over in pieces, as a panel does."""
        masks = data["masks"]
        head = {key: value for key, value in data.items() if key != "masks"}
        self.call("stage", token=token, head=head, masks=masks[:pieces])
        self.call("stage", token=token, masks=masks[pieces:])

    def apply(self, data, job="j1", version=1, **more):
        self.stage(data)
        return self.call("applyMasks", token="t", job=job_of(job, version), **more)


def job_of(job, version=1):
    return {"job": job, "shot": "s1", "version": version}


def data_of(document):
    return json.loads(write(document, "aftereffects-data").text)


def two_layers():
    """Two objects: one of two shapes, of which one cuts and jumps, and one still."""
    keys = [
        Key(1001, l_points()),
        Key(1011, l_points(9), interpolation="hold"),
        Key(1012, l_points(50)),
        Key(1030, l_points(60)),
    ]
    cut = replace(moving_blob("b"), id="b", mode="subtract", keys=keys, name="hole")
    fade = [ValueKey(1001, 1.0), ValueKey(1020, 0.5)]
    return document(
        layer(moving_blob("a", frames=(1001, 1011, 1020, 1030), feather=4.0, opacity=fade), cut),
        layer(moving_blob("c", frames=(1005,)), layer_id="l2", name="car"),
    )


def masks_by_name(session):
    return {mask["name"]: mask for mask in session.layer()["masks"]}


def path_keys(mask):
    return mask["properties"]["ADBE Mask Shape"]["keys"]
