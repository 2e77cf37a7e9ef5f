"""Previews through every room: client, server, Redis, a worker idle or in the middle of a shot."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers_farm import Farm, Job, Shot
from helpers_runtime import wait_until

from roto_client.api import Preview, PreviewOptions
from roto_client.api.errors import PlateError, SupersededError
from roto_shapes.prompts import FramePrompt
from roto_worker.synthetic.clip import Clip
from shapes.helpers_draw import overlap

pytestmark = [pytest.mark.farm, pytest.mark.timeout(900)]

FLOW = PreviewOptions(engine="flow", patience=300)


def on(clip: Clip, frame: int = 1001) -> dict[str, FramePrompt]:
    """The clip's own prompt, said on another frame."""
    return {"hero": FramePrompt.from_json({**clip.prompt, "frame": frame})}


def first_mask(found: Preview) -> np.ndarray[Any, np.dtype[np.uint8]]:
    data = np.frombuffer(found.objects[0].candidates[0].png, np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


def ready(farm: Farm, clip: Clip) -> Shot:
    """The clip's shot, probed by a worker that is gone afterwards."""
    shot = farm.shot(clip.pattern)
    worker = farm.start_worker()
    wait_until(lambda: farm.client.shot(shot.id).state == "ready", "the plate is probed", 120)
    worker.terminate()
    worker.wait()
    return shot


def test_an_idle_worker_answers_the_client_and_the_command_line(farm: Farm, tmp_path: Path) -> None:
    clip = farm.clip()
    shot = farm.shot(clip.pattern)
    farm.start_worker()
    wait_until(lambda: farm.client.shot(shot.id).state == "ready", "the plate is probed", 120)

    found = farm.client.preview(shot.id, 1001, on(clip), FLOW)
    assert (found.engine, found.width, found.height) == ("flow", 160, 120)
    mask = first_mask(found)
    assert overlap(mask >= 128, clip.truth(1001) >= 0.5) > 0.7
    box = found.objects[0].candidates[0].box
    assert box is not None
    rows, columns = np.nonzero(mask >= 128)
    assert box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)

    prompt = on(clip)["hero"]
    at = ",".join(map(str, prompt.box or ()))
    said = ["--box", at] if at else []
    for point in prompt.points:
        said += ["--point" if point.positive else "--negative", f"{point.x},{point.y}"]
    out = tmp_path / "mask.png"
    told = farm.roto("preview", shot.id, "--frame", "1001", *said, "--out", str(out))
    assert "made by flow" in told
    assert np.array_equal(cv2.imread(str(out), cv2.IMREAD_UNCHANGED), mask), "the same every time"


def published(farm: Farm, job: Job) -> tuple[dict[str, bytes], Any]:
    """Mattes byte for byte, and the shapes without what names the job."""
    document = json.loads(
        (farm.shot_folder(job) / "shapes" / f"v{job.version:03d}" / "shapes.json").read_text()
    )
    return farm.mattes(job), [layer["shapes"] for layer in document["layers"]]


def test_a_busy_worker_answers_between_two_frames_and_changes_no_bit(farm: Farm) -> None:
    clip = farm.clip(frames=24)
    shot = farm.shot(clip.pattern)
    undisturbed = farm.start_worker()
    quiet = farm.ended(farm.submit(shot, clip))
    assert quiet.state == "succeeded", farm.story(quiet)
    undisturbed.terminate()
    undisturbed.wait()

    farm.start_worker(slow=0.6)
    job = farm.submit(shot, clip)
    farm.tracking(job, frames=1)
    masks = [first_mask(farm.client.preview(shot.id, frame, on(clip, frame), FLOW))
             for frame in (1002, 1001, 1002)]  # fmt: skip
    assert farm.task(job, "track").state == "running", "answered while the shot was tracked"
    assert np.array_equal(masks[0], masks[2])
    farm.tracking(job, frames=6)  # or the track itself would miss what is taken away here
    gone = Path(clip.pattern % 1004)
    aside = gone.rename(gone.with_suffix(".aside"))
    with pytest.raises(PlateError, match="1004") as caught:
        farm.client.preview(shot.id, 1004, on(clip, 1004), FLOW)
    aside.rename(gone)
    assert caught.value.code == "missing_frame"

    job = farm.ended(job)
    assert job.state == "succeeded", farm.story(job)
    assert [len(task.attempts) for task in job.tasks] == [1, 1, 1]
    assert len(farm.mattes(job)) == 24
    assert published(farm, job) == published(farm, quiet)
    alone = farm.client.preview(shot.id, 1002, on(clip, 1002), FLOW)
    assert np.array_equal(first_mask(alone), masks[0]), "busy or idle, the answer is the same"


def test_no_worker_a_newer_question_and_a_redis_that_forgets(farm: Farm) -> None:
    clip = farm.clip(frames=3)
    shot = ready(farm, clip)
    answers: dict[str, Any] = {}

    def show(name: str, frame: int) -> None:
        options = replace(FLOW, client_key="one view")
        try:
            answers[name] = farm.client.preview(shot.id, frame, on(clip, frame), options)
        except SupersededError as error:
            answers[name] = error

    old = threading.Thread(target=show, args=("old", 1001))
    old.start()
    with farm.redis_client() as redis:
        wait_until(lambda: redis.keys("roto-preview*"), "the first question is rung for", 60)
        new = threading.Thread(target=show, args=("new", 1002))
        new.start()
        old.join()
        assert isinstance(answers["old"], SupersededError)
        assert not answers.get("new"), "nobody is there to answer"
        redis.flushall()
    farm.start_worker()
    new.join()
    assert answers["new"].frame == 1002
    assert answers["new"].objects[0].candidates[0].box


def test_a_worker_killed_over_a_preview(farm: Farm) -> None:
    clip = farm.clip(frames=3)
    shot = ready(farm, clip)
    trap = farm.folder / "trap"
    trap.touch()
    farm.start_worker(preview_dies=trap)
    found = farm.client.preview(shot.id, 1001, on(clip), FLOW)
    assert not trap.exists()
    assert found.objects[0].candidates[0].box
