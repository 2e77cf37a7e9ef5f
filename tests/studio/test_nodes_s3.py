"""Farm nodes of a server that keeps its files in an object store (moto over HTTP)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from helpers_nodes import node, remote_node
from helpers_observing import wait_for
from helpers_people import House, running_house
from helpers_plates import preview_of
from helpers_s3 import CREDENTIALS, Store, running_store

from roto_client.api import RotoClient
from roto_worker.synthetic.clip import Clip, generate_clip

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as made:
        yield made


@pytest.fixture(scope="module")
def cloud(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house without a disk for its files."""
    folder = tmp_path_factory.mktemp("cloud")
    database = f"sqlite:///{folder / 'roto.db'}"
    with running_house(folder / "house", database, **store.environment) as house:
        yield house


def test_a_node_that_means_to_mount_a_bucket_is_told(cloud: House) -> None:
    with node(cloud, "mounting") as mounting:
        wait_for(lambda: "--storage remote" in mounting.said(), mounting.said, 120)


def test_one_command_serves_from_a_bucket_with_its_own_worker(store: Store, tmp_path: Path) -> None:
    data = tmp_path / "d"
    outside = {key: value for key, value in os.environ.items() if not key.startswith("ROTO_")}
    serving = subprocess.Popen(
        [sys.executable, "-m", "roto_client.cli", "serve", "--embedded", "--data-dir", str(data),
         "--port", "0"],
        env={**outside, **store.environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    log = data / "logs" / "worker-0.log"
    try:
        wait_for(lambda: log.exists() and "registered" in log.read_text(), log.read_text, 120)
    finally:
        serving.terminate()
        told, _ = serving.communicate(timeout=60)
    assert "does not stay up" not in told
    assert "--storage remote" not in log.read_text()


def uploaded_shot(api: httpx.Client, clip: Clip) -> str:
    """The id of a shot of the clip's frames, each sent in one piece."""
    project = api.post("/projects", json={"name": "in the cloud"}).json()["id"]
    frames = sorted(Path(clip.pattern).parent.glob("plate.*.png"))
    sent = [
        {"name": path.name, "size": path.stat().st_size,
         "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in frames
    ]  # fmt: skip
    upload = api.post("/uploads", json={"project_id": project, "files": sent}).json()
    for index, path in enumerate(frames):
        put = f"/uploads/{upload['id']}/files/{index}/pieces/0"
        assert api.put(put, content=path.read_bytes()).status_code == 204
    complete = api.post(f"/uploads/{upload['id']}/complete")
    assert complete.status_code == 200, complete.text
    made = api.post(
        f"/projects/{project}/shots",
        json={"name": "sh010", "plate": {"upload_id": upload["id"]}},
    )
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_a_job_on_an_object_store(cloud: House, store: Store, tmp_path: Path) -> None:
    clip = generate_clip(tmp_path / "artist", 160, 120, 6)
    client = RotoClient(cloud.url, cloud.admin.key)
    with remote_node(cloud, "far") as far, cloud.client(cloud.admin.key) as api:
        shot = uploaded_shot(api, clip)
        wait_for(lambda: client.shot(shot).state != "probing", far.said, 120)
        body = {"objects": [{"name": "hero", "prompts": [clip.prompt]}], "engine": "flow"}
        made = api.post(f"/shots/{shot}/segment", json=body)
        job_id = made.json()["id"]
        wait_for(lambda: client.job(job_id).ended, far.said, 200)
        assert client.job(job_id).state == "succeeded", far.said()

        environment = Path(f"/proc/{far.process.pid}/environ").read_bytes().decode()
        keys = [value for name, value in CREDENTIALS.items() if "KEY" in name]
        assert len(keys) == 2
        for secret in (*keys, "ROTO_S3"):
            assert secret not in environment, "the node holds no key of the store"
        assert "X-Amz" not in far.log.read_text(encoding="utf-8")
        prompt = dict(clip.prompt)
        click = {"frame": prompt.pop("frame"), "objects": [{"name": "hero", **prompt}]}
        preview = preview_of(api, shot, click)
        assert preview.status_code == 200, preview.text + far.said()
        assert '"succeeded"' in api.get(f"/jobs/{job_id}/log").text
    outputs = client.outputs(job_id)
    assert {one.role for one in outputs} >= {"matte", "shape_export"}
    client.download_all(job_id, tmp_path / "out")
    assert len(list((tmp_path / "out").rglob("*.json"))) >= 1
    assert len(list((tmp_path / "out").rglob("*.exr"))) == 6
    assert not (cloud.folder / "storage/projects").exists(), "nothing on the server's own disk"
    there = store.names()
    assert any(name.endswith(".exr") for name in there)
