"""A shot is deleted and purged while a real worker is tracking it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers_lifecycle import Studio, done, soon
from helpers_observing import running_worker, wait_for
from helpers_people import House, running_house

from roto_server.db.models import Attempt, Shot

FRAMES = 200
"""So many that tracking is still at work when it is stopped."""


@pytest.mark.one_database
def test_the_worker_lets_go_and_nothing_is_left(tmp_path: Path) -> None:
    """What it was writing is gone, the plate that was read in place is not, and it works on."""
    # Heartbeats that tell of the first frames, long before the last.
    beats = {"ROTO_HEARTBEAT_SECONDS": "0.3", "ROTO_LEASE_SECONDS": "60"}
    with running_house(tmp_path, f"sqlite:///{tmp_path / 'roto.db'}", **beats) as house:
        plate = write_plate(house, FRAMES)
        studio = Studio.open(house)
        with running_worker(house) as log:
            first = shot_of(studio, "doomed", plate)
            job = submit(studio, first)
            wait_for(lambda: tracked(studio, job) > 0, log.read_text)
            told = done(studio.client.delete(f"/shots/{first}"))
            assert told["cancelled_jobs"] == [job]
            done(studio.client.delete(f"/trash/shot/{first}"), 202)
            soon(lambda: is_gone(house, first), 60)
            assert not studio.folder(first).exists()
            assert len(list(plate.parent.iterdir())) == FRAMES
            second = shot_of(studio, "kept", plate, frame_range=[1001, 1003])
            again = submit(studio, second)
            wait_for(
                lambda: done(studio.client.get(f"/jobs/{again}/status"))["state"] == "succeeded",
                log.read_text,
            )
        with house.database.reading() as session:
            assert session.query(Attempt).filter(Attempt.output_dir.contains(first)).count() == 0
        # The worker did not put anything back.
        assert not studio.folder(first).exists()
        studio.close()


def is_gone(house: House, shot: str) -> bool:
    with house.database.reading() as session:
        return session.get(Shot, shot) is None


def write_plate(house: House, frames: int) -> Path:
    """A bright disc that wanders over noise; the pattern of its files."""
    folder = house.plates / "disc"
    folder.mkdir(parents=True)
    noise = np.random.default_rng(7).integers(0, 60, (180, 320, 3), np.uint8)
    for number in range(frames):
        picture = noise.copy()
        cv2.circle(picture, (40 + number // 2, 90), 30, (220, 200, 180), -1)
        cv2.imwrite(str(folder / f"disc.{1001 + number}.png"), picture)
    return folder / "disc.####.png"


def shot_of(studio: Studio, name: str, plate: Path, **more: object) -> str:
    body = {"name": name, "plate": {"path": str(plate)}, **more}
    made = done(studio.client.post(f"/projects/{studio.project}/shots", json=body), 201)
    return str(made["id"])


def submit(studio: Studio, shot: str) -> str:
    prompt = {"frame": 1001, "points": [{"x": 40.5, "y": 90.5, "positive": True}]}
    body = {
        "objects": [{"name": "disc", "prompts": [prompt]}], "engine": "flow", "outputs": ["mattes"],
    }  # fmt: skip
    return str(done(studio.client.post(f"/shots/{shot}/segment", json=body), 202)["id"])


def tracked(studio: Studio, job: str) -> int:
    """Frames that are tracked while the job still runs."""
    told = done(studio.client.get(f"/jobs/{job}"))
    assert told["state"] in ("queued", "running"), told["error"]
    return int(told["tasks"][0]["progress"].get("done", 0))
