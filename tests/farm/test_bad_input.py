"""Bad plates and full disks: the right code, a hint, and no half result."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers_farm import Farm, Job, Shot
from helpers_runtime import wait_until

from roto_client.api.errors import RotoError

pytestmark = [pytest.mark.farm, pytest.mark.timeout(900)]


def probed(farm: Farm, shot: Shot) -> Shot:
    """The shot once its plate was looked at."""
    return wait_until(
        lambda: _unless_probing(farm.client.shot(shot.id)), "the plate is probed", 120
    )


def _unless_probing(shot: Shot) -> Shot | None:
    return None if shot.state == "probing" else shot


def refused_plate(farm: Farm, path: Path) -> str:
    """The error code an invalid shot of this plate ends with."""
    shot = probed(farm, farm.shot(str(path)))
    assert shot.state == "invalid"
    assert shot.error is not None
    assert shot.error["message"]
    assert not (farm.data / "storage" / "projects" / shot.project_id / shot.id / "proxies").exists()
    return str(shot.error["code"])


def test_plates_that_cannot_be_decoded(farm: Farm) -> None:
    farm.start_worker()
    empty = farm.plates / "empty.mov"
    empty.touch()
    assert refused_plate(farm, empty) == "bad_plate"

    clip = farm.clip(frames=4, format="exr")
    middle = Path(clip.pattern % 1003)
    middle.write_bytes(middle.read_bytes()[: middle.stat().st_size // 2])
    assert refused_plate(farm, Path(clip.pattern)) == "bad_plate"


def test_a_gap_is_refused_at_once_and_one_that_opens_later_ends_the_job(farm: Farm) -> None:
    farm.start_worker()
    clip = farm.clip(frames=6)
    shot = probed(farm, farm.shot(clip.pattern))
    assert shot.state == "ready"
    Path(clip.pattern % 1003).unlink()

    with pytest.raises(RotoError) as caught:
        farm.shot(clip.pattern)
    assert caught.value.code == "missing_frame"
    assert caught.value.detail["missing"] == [1003]

    job = farm.ended(farm.submit(shot, clip))
    assert failed_with(farm, job) == "missing_frame"
    assert len(farm.task(job, "track").attempts) == 1, "a permanent error is not tried again"
    assert not farm.mattes(job)


def test_a_link_out_of_the_roots_made_after_the_shot_is_refused_by_the_worker(farm: Farm) -> None:
    farm.start_worker()
    clip = farm.clip(frames=4)
    shot = probed(farm, farm.shot(clip.pattern))
    outside = farm.folder / "outside.png"
    frame = Path(clip.pattern % 1002)
    shutil.move(frame, outside)
    frame.symlink_to(outside)
    job = farm.ended(farm.submit(shot, clip))
    assert failed_with(farm, job) == "path_refused"


def test_a_model_nobody_knows(farm: Farm) -> None:
    farm.start_worker()
    clip = farm.clip(frames=3)
    shot = probed(farm, farm.shot(clip.pattern))
    with pytest.raises(RotoError) as caught:
        farm.submit(shot, clip, engine="flow", model="no-such-model")
    assert caught.value.code == "unknown_model"


def failed_with(farm: Farm, job: Job) -> str:
    """The error code of a failed job, after checking that it left nothing behind."""
    assert job.state == "failed", farm.story(job)
    assert job.error is not None
    assert job.error["message"]
    assert not farm.client.outputs(job.id)
    farm.wait_swept(job)
    return str(job.error["code"])


ALONE = ("unshare", "--user", "--map-root-user", "--mount")
"""Runs a command as root of a namespace of its own, where it may mount."""


def _can_mount() -> bool:
    probe = [*ALONE, "mount", "-t", "tmpfs", "small", "/mnt"]
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _can_mount(), reason="needs unprivileged mount namespaces (Linux)")
def test_the_disk_fills_up_while_mattes_are_written(tmp_path: Path) -> None:
    """The storage is a real disk of 4 MB, seen by this server and its worker alone."""
    farm = Farm(tmp_path)
    farm.storage = tmp_path / "small"
    farm.storage.mkdir()
    # With a reserve nothing would be begun on it.
    mount = (
        'mount -t tmpfs -o size=4m small "$ROTO_STORAGE_ROOT" && '
        'exec env ROTO_WORKER_DISK_RESERVE_MB=0 "$@"'
    )
    try:
        farm.open_embedded(*ALONE, "sh", "-c", mount, "sh", fill=1)
        clip = farm.clip()
        job = farm.submit(farm.shot(clip.pattern), clip, outputs=["mattes"])
        job = farm.ended(job)

        assert job.state == "failed", farm.story(job)
        assert job.error is not None
        assert job.error["code"] == "disk_full", farm.story(job)
        assert farm.task(job, "track").state == "succeeded"
        assert not farm.client.outputs(job.id)
        assert farm.server is not None
        seen = Path(f"/proc/{farm.server.pid}/root") / farm.shot_folder(job).relative_to("/")
        assert not (seen / "exports").exists() or not os.listdir(seen / "exports")
        wait_until(lambda: os.listdir(seen / "attempts") == ["filler"], "the rest is removed", 30)
    finally:
        farm.close()
