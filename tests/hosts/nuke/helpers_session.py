"""An artist in front of the fake Nuke, with a real farm behind it."""

from __future__ import annotations

import sys
from typing import Any

import cv2
import numpy as np
from helpers_script import plate, roto_under

from shapes import helpers_nk
from shapes.helpers_draw import nuke_matte, overlap


class Artist:
    """``shift``: script frame less plate frame, by the Read node's frame mode."""

    def __init__(self, nuke: Any, host: Any, farm: Any) -> None:
        self.nuke, self.host, self.farm = nuke, host, farm
        self.shift = 0

    def open(self, clip: Any, shift: int = 0, name: str = "creature") -> Any:
        """A script with the clip's plate and a MegatonRoto node that has one object."""
        self.shift = shift
        self.size = clip.width, clip.height
        read = plate(self.nuke, clip.pattern, clip.frame_range, size=self.size)
        if shift:
            read["frame_mode"].setValue("start at")
            read["frame"].setValue(str(clip.frame_range[0] + shift))
        self.roto = roto_under(read)
        self.roto.node["mr1_name"].setValue(name)
        return self.roto

    def prompt(self, clip: Any, key: int = 1) -> None:
        """What the generated clip suggests, placed as an artist does."""
        prompt = clip.prompt
        frame = prompt["frame"] + self.shift
        for point in prompt.get("points", []):
            place = point["x"], clip.height - point["y"]
            self.roto.place_point(key, *place, point.get("positive", True), frame)
        if prompt.get("box"):
            left, top, right, bottom = prompt["box"]
            box = [left, clip.height - bottom, right, clip.height - top]
            self.roto.place_box(key, box, frame)

    def prompt_box(self, clip: Any, frame: int, key: int = 1) -> None:
        """A box around the object on a plate frame, as the clip's truth has it."""
        rows, columns = np.nonzero(clip.truth(frame) >= 0.5)
        top, bottom = clip.height - rows.min(), clip.height - rows.max() - 1
        box = [float(columns.min()), float(bottom), float(columns.max() + 1), float(top)]
        self.roto.place_box(key, box, frame + self.shift)

    def correct(self, node: Any) -> str:
        """Press *Correct from here*; the job's id."""
        before = len(self.roto.jobs())
        self.press("mr_correct", node)
        self.until(lambda: len(self.roto.jobs()) > before, 60)
        return str(self.roto.jobs()[-1]["id"])

    def press(self, button: str, node: Any = None) -> None:
        """A click; whatever it says to the artist is an error here."""
        with self.host.timed(f"press {button}"):
            (node or self.roto.node)[button].execute()
        assert not self.host.messages, self.host.messages

    def submit(self) -> str:
        """Press Submit and wait until the job is in the node; its id."""
        before = len(self.roto.jobs())
        self.press("mr_submit")
        self.until(lambda: len(self.roto.jobs()) > before, 60)
        return str(self.roto.jobs()[-1]["id"])

    def state(self, job_id: str) -> str:
        """The job's state, as the desk tells."""
        from megaton_roto_nuke.session import desk

        return next((row.state for row in desk().state.jobs if row.id == job_id), "")

    def finished(self, job_id: str, seconds: float = 150.0) -> None:
        self.until(lambda: self.state(job_id) in ("succeeded", "failed", "cancelled"), seconds)
        assert self.state(job_id) == "succeeded", self.farm.story(self.farm.client.job(job_id))

    def retry(self, job_id: str) -> None:
        self.press("mr_retry")
        self.until(lambda: self.state(job_id) not in ("failed", "cancelled"), 60)

    def fetch(self) -> Any:
        """Press Fetch result; the Roto node with the newest version."""
        from megaton_roto_nuke import results

        held = results.roto_of(self.roto.uid)
        before = results.Result.of(held).version if held is not None else 0
        self.press("mr_fetch")

        def arrived() -> bool:
            found = results.roto_of(self.roto.uid)
            return found is not None and results.Result.of(found).version > before

        self.until(arrived, 60)
        return results.roto_of(self.roto.uid)

    def until(self, condition: Any, seconds: float) -> None:
        try:
            self.host.pump_until(condition, seconds)
        except AssertionError:
            raise AssertionError(f"status: {self.status()}") from None

    def status(self) -> str:
        return str(self.roto.node["mr_status"].value())

    # -- judging

    def text(self, node: Any) -> str:
        return str(self.nuke.SCRIPT.text([node]))

    def overlaps(self, node: Any, job_id: str, name: str = "creature") -> dict[int, float]:
        """By plate frame, the IoU of what Nuke would draw and the farm's mattes."""
        job = self.farm.client.job(job_id)
        folder = self.farm.shot_folder(job) / "masks" / f"v{job.version:03d}" / name
        text = self.text(node)
        found = {}
        for path in sorted(folder.glob("*.png")):
            matte = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            assert matte is not None
            matte = matte.astype(np.float64) / np.iinfo(matte.dtype).max
            frame = int(path.stem) + self.shift
            if matte.max() > 0.5:
                drawn = nuke_matte(text, frame, *self.size)
                found[int(path.stem)] = overlap(drawn, matte)
        return found

    def keys(self, node: Any) -> dict[str, dict[int, Any]]:
        """Every key of every shape, as the independent reader finds it: all its numbers."""
        (knob,) = helpers_nk.curves_knobs(self.text(node))
        found = {}
        for shape in helpers_nk.shapes_of(knob.root):
            found[shape.name] = {
                round(time): [(x.at(time), y.at(time)) for x, y in shape.main.entries]
                for time in shape.main.times
            }
        return found


def forget_plugin() -> None:
    """As after a restart of Nuke: modules of the plugin keep nothing."""
    main = sys.modules.get("megaton_roto_nuke.mainthread")
    session = sys.modules.get("megaton_roto_nuke.session")
    if session is not None:
        session.close()
    if main is not None:
        main.close()
    for name in [name for name in sys.modules if name.split(".")[0] == "megaton_roto_nuke"]:
        del sys.modules[name]
