"""A result put right over a real farm: what was not wrong stays to the last bit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers_farm import Farm

from roto_client.api.errors import ConflictError, NotFoundError
from roto_client.api.models import Job
from roto_shapes.document import Document, Key, Layer, Shape, loads
from roto_shapes.evaluate import interpolated_points, is_visible
from roto_shapes.formats import write
from roto_shapes.formats.nuke_read import read
from roto_worker.media.masks import read_mask16
from roto_worker.synthetic.clip import Clip
from shapes.helpers_draw import overlap

pytestmark = [pytest.mark.farm, pytest.mark.timeout(900)]

FRAMES = 24
FIRST, LAST = 1001, 1024
EARLIER, WRONG = 1008, 1016
"""A frame that was prompted before, and one that is to be corrected."""
STRETCH = (EARLIER + 1, LAST)
"""What can change: after the frame prompted before, to the end."""


@dataclass
class Scene:
    """A clip, its first result, and the farm that made it."""

    farm: Farm
    clip: Clip
    job: Job

    def document(self, version: int) -> Document:
        return loads(json.dumps(self.farm.client.shapes(self.job.shot_id, version=version)))

    def mattes(self, job: Job) -> dict[int, bytes]:
        return {int(Path(name).stem): data for name, data in self.farm.mattes(job).items()}

    def fit(self, job: Job, frames: range) -> float:
        folder = self.farm.shot_folder(job) / "masks" / f"v{job.version:03d}" / "hero"
        return float(
            np.mean(
                [
                    overlap(
                        read_mask16(folder / f"{frame}.png") >= 0.5, self.clip.truth(frame) >= 0.5
                    )
                    for frame in frames
                ]
            )
        )


def shown(clip: Clip, frame: int) -> dict[str, Any]:
    """A box around where the object really is on a frame."""
    rows, columns = np.nonzero(clip.truth(frame) >= 0.5)
    box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    return {"frame": frame, "box": [float(number) for number in box]}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A tracked shot, prompted on its first frame and in the middle. Corrections chain on it."""
    farm = Farm(tmp_path_factory.mktemp("farm"))
    try:
        farm.open()
        farm.start_worker()
        clip = farm.clip(FRAMES)
        body = {"objects": [{"name": "hero", "prompts": [clip.prompt, shown(clip, EARLIER)]}]}
        job = farm.ended(farm.submit(farm.shot(clip.pattern), clip, **body))
        assert job.state == "succeeded", farm.story(job)
        assert (job.base_version, job.changed) == (None, None)
        yield Scene(farm, clip, job)
    finally:
        farm.close()


def corrected(scene: Scene, base: Job, edit: dict[str, Any]) -> Job:
    farm = scene.farm
    body = {"base_version": base.version, "edits": [{"object": "hero", **edit}]}
    job = farm.ended(farm.client.correct(base.shot_id, body))
    assert job.state == "succeeded", farm.story(job)
    assert (job.version, job.base_version) == (base.version + 1, base.version)
    return job


def only_inside(was: Layer, now: Layer, spans: tuple[tuple[int, int], ...]) -> None:
    """Keys outside the spans, and the frames beside them that stay, are equal to the last bit."""

    def outside(frame: int) -> bool:
        return all(not first - 1 < frame < last + 1 for first, last in spans)

    kept = {shape.id: shape for shape in now.shapes}
    checked = 0
    for shape in was.shapes:
        mine = [key for key in shape.keys if outside(key.frame)]
        if mine:
            there = {key.frame: key for key in kept[shape.id].keys}
            assert [there[key.frame] for key in mine] == mine
            checked += len(mine)
    assert checked


def nudged(document: Document, frame: int) -> Document:
    """Every shape that is seen on a frame, drawn a little further down there by hand."""
    layers = [
        replace(layer, shapes=[_nudged(shape, frame) for shape in layer.shapes])
        for layer in document.layers
    ]
    return replace(document, layers=layers)


def _nudged(shape: Shape, frame: int) -> Shape:
    if not is_visible(shape, frame):
        return shape
    there = interpolated_points(shape.keys, frame)
    points = tuple(point._replace(y=point.y + 1.5) for point in there)
    others = [key for key in shape.keys if key.frame != frame]
    keys = sorted([*others, Key(frame, points)], key=lambda key: key.frame)
    return replace(shape, keys=keys)


def test_by_click_and_then_by_an_edited_script(scene: Scene, tmp_path: Path) -> None:
    farm, base = scene.farm, scene.job
    # By what is said on a wrong frame.
    second = corrected(scene, base, {"prompts": [shown(scene.clip, WRONG)]})
    assert second.changed is not None
    (span,) = second.changed["hero"]
    assert STRETCH[0] <= span[0] <= WRONG <= span[1] <= STRETCH[1]
    before, after = scene.mattes(base), scene.mattes(second)
    stay = [frame for frame in range(FIRST, LAST + 1) if not span[0] <= frame <= span[1]]
    assert len(stay) >= EARLIER - FIRST
    assert {frame: after[frame] for frame in stay} == {frame: before[frame] for frame in stay}
    assert after[WRONG] != before[WRONG]
    assert scene.fit(second, range(FIRST, LAST + 1)) > 0.8
    was, now = scene.document(1), scene.document(2)
    only_inside(was.layers[0], now.layers[0], second.changed["hero"])
    assert was.layers[0].id == now.layers[0].id

    # By the shapes themselves, changed in Nuke's script on an earlier frame.
    frame = 1004
    script = write(now, "nuke").text
    edited = read(script, now.width, now.height, now.frame_range).document
    file = tmp_path / "edited.nk"
    file.write_text(write(nudged(edited, frame), "nuke").text)
    out = tmp_path / "out"
    told = farm.roto("correct", second.id, "--shapes", str(file), "--frame", str(frame),
                     "--out", str(out))  # fmt: skip
    third = next(job for job in farm.client.jobs(shot_id=base.shot_id) if job.version == 3)
    assert (third.state, third.base_version) == ("succeeded", 2), farm.story(third)
    assert third.changed is not None
    spans = third.changed["hero"]
    assert all(FIRST < first <= last < EARLIER for first, last in spans)
    assert f"tracked again: hero: {spans[0][0]}-" in told
    assert list((out / "shapes").glob("*_v003.nk"))
    again = scene.mattes(third)
    stay = [f for f in range(FIRST, LAST + 1) if not any(a <= f <= b for a, b in spans)]
    assert {f: again[f] for f in stay} == {f: after[f] for f in stay}
    last = scene.document(3)
    only_inside(now.layers[0], last.layers[0], (*spans, (frame, frame)))
    locked = [key for shape in last.layers[0].shapes for key in shape.keys if key.locked]
    assert locked
    assert {(key.frame, key.origin) for key in locked} == {(frame, "artist")}
    # Corrections chain: all that was said is still there.
    prompts = third.params["objects"][0]["prompts"]
    assert [prompt["frame"] for prompt in prompts] == [FIRST, frame, EARLIER, WRONG]

    # A hand-made key is still his after the next correction, elsewhere.
    fourth = corrected(scene, third, {"prompts": [shown(scene.clip, LAST - 3)]})
    assert fourth.changed is not None
    assert all(first > WRONG for first, _ in fourth.changed["hero"])
    newest = scene.document(4)
    only_inside(last.layers[0], newest.layers[0], fourth.changed["hero"])
    his = {(shape.id, key.frame): key for shape in newest.layers[0].shapes for key in shape.keys}
    assert [
        his[shape.id, key.frame] for shape in last.layers[0].shapes for key in shape.keys
        if key.locked
    ] == locked  # fmt: skip

    # What is no longer the latest cannot be corrected.
    edit = {"object": "hero", "prompts": [shown(scene.clip, WRONG)]}
    with pytest.raises(ConflictError) as refused:
        farm.client.correct(base.shot_id, {"base_version": 2, "edits": [edit]})
    assert refused.value.detail["latest"] == 4
    with pytest.raises(NotFoundError):
        farm.client.correct(base.shot_id, {"base_version": 9, "edits": [edit]})
