"""Publishing from where no storage is mounted: by nodes that mount the studio's folder alone.

The server itself mounts nothing of the studio's, and keeps its files on a disk or in a bucket.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from helpers_nodes import Node, remote_node
from helpers_observing import wait_for
from helpers_outputs import FIRST, FRAMES, TEMPLATE, Studio, write_plate
from helpers_people import running_house
from helpers_s3 import running_store

from roto_client.api import RotoClient, Uploader, UploadNotes

pytestmark = pytest.mark.one_database


@dataclass
class Delivery(Studio):
    """A studio whose server calls the delivery folder ``known_as`` and does not see it; nodes mount
    it as ``mount``."""

    known_as: Path
    mount: Path

    def uploaded(self, notes: Path, **settings: Any) -> str:
        """The id of a shot of an uploaded movie, not read yet, in a project that publishes."""
        rule = {"folder": str(self.known_as / "roto"), "template": TEMPLATE}
        project = self.project(publish=rule, **settings)
        write_plate(notes / "plate.mov")
        client = RotoClient(self.house.url, self.person.key)
        sending = Uploader(client.transport, notes=UploadNotes(notes / "notes"))
        upload = sending.send(project, sending.look_at([notes / "plate.mov"]))
        plate = {"upload_id": upload.id, "first_frame": FIRST}
        body = {"name": "sh010", "plate": plate}
        made = self.client.post(f"/projects/{project}/shots", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def delivered(self) -> dict[str, str]:
        """Every file of the folder by its name as the server knows it, with its SHA-256."""
        return {
            str(self.known_as / path.relative_to(self.mount)): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            for path in self.mount.rglob("*")
            if path.is_file()
        }

    def published(self, shot: str) -> dict[str, str]:
        """What the server tells of it."""
        items = self.client.get(f"/shots/{shot}/publications").json()["items"]
        return {one["path"]: one["sha256"] for one in items}

    def workers(self, job: dict[str, Any]) -> dict[str, list[str]]:
        """Who had a hand in each task."""
        tasks = self.client.get(f"/jobs/{job['id']}").json()["tasks"]
        return {one["kind"]: [each["worker_id"] for each in one["attempts"]] for one in tasks}


@pytest.fixture(scope="module", params=["directory", "bucket"])
def studio(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Delivery]:
    folder = tmp_path_factory.mktemp(request.param)
    known_as, mount = folder / "mnt" / "delivery", folder / "node" / "delivery"
    place = {"name": "delivery", "linux": str(known_as), "windows": ["P:\\"]}
    with ExitStack() as stack:
        settings: dict[str, str] = {"ROTO_PLACES": json.dumps([place])}
        settings["ROTO_ALLOWED_ROOTS"] = str(known_as)
        if request.param == "bucket":
            settings |= stack.enter_context(running_store()).environment
        url = f"sqlite:///{folder / 'roto.db'}"
        house = stack.enter_context(running_house(folder / "house", url, **settings))
        person = house.person("supervisor")
        client = stack.enter_context(house.client(person.key))
        yield Delivery(house, person, client, known_as, mount)


@pytest.fixture(autouse=True)
def delivery(studio: Delivery, tmp_path: Path) -> None:
    """An empty folder for each test."""
    studio.mount.parent.mkdir(exist_ok=True)
    studio.mount.unlink(missing_ok=True)
    (tmp_path / "share" / "roto").mkdir(parents=True)
    studio.mount.symlink_to(tmp_path / "share")


def mounting(studio: Delivery, name: str) -> Any:
    """A node that mounts the folder, and no storage."""
    return remote_node(studio.house, name, studio.mount, PLACES=f"delivery={studio.mount}")


def test_a_node_without_the_storage_publishes(studio: Delivery, tmp_path: Path) -> None:
    shot = studio.uploaded(tmp_path)
    with mounting(studio, "far") as far:
        studio.ready(shot)
        job = studio.succeeded(studio.segment(shot, outputs=["mattes"], publish=True))
        outputs = {one["sha256"] for one in studio.outputs(job).values()}
        found = studio.delivered()
        assert set(found.values()) == outputs
        assert len(found) == 2 * FRAMES + 1
        assert studio.published(shot) == found, "told by the server's own name of the folder"
        headers = {"X-Roto-Platform": "windows"}
        told = studio.client.get(f"/shots/{shot}/publications", headers=headers).json()["items"]
        assert all(one["path"].startswith("P:\\roto\\") for one in told)
        assert studio.workers(job)["publish"] == ["far:0"]

        matte = next(path for path in sorted(studio.mount.rglob("*.exr")))
        matte.write_bytes(b"painted over by the studio")
        before = studio.delivered()
        again = studio.ended(studio.accepted(f"/jobs/{job['id']}/publish", {}))
        assert (again["state"], again["error"]["code"]) == ("failed", "conflict"), far.said()
        assert studio.delivered() == before
        matte.unlink()
        studio.client.post(f"/jobs/{again['id']}/retry").raise_for_status()
        studio.succeeded(again)
        assert studio.delivered() == found
    assert not studio.known_as.exists(), "a folder that is not mounted is made by nobody"


def waits(studio: Delivery, job: dict[str, Any], blind: Node) -> bool:
    """Whether people are told that ``job`` waits for a node that mounts the folder."""
    now = studio.client.get(f"/jobs/{job['id']}").json()
    assert now["state"] in ("queued", "running"), f"{now} {blind.said()}"
    return str(now["progress"].get("message", "")).startswith("Waiting: no node")


def test_who_does_not_mount_the_folder_is_not_given_the_task(
    studio: Delivery, tmp_path: Path
) -> None:
    shot = studio.uploaded(tmp_path)
    with remote_node(studio.house, "blind") as blind:
        studio.ready(shot)
        job = studio.segment(shot, outputs=["mattes"], publish=True)
        wait_for(lambda: waits(studio, job, blind), blind.said, 90)
        assert studio.workers(job)["export"] == ["blind:0"]
        assert studio.delivered() == {}
        with mounting(studio, "seeing"):
            done = studio.succeeded(job)
        assert studio.workers(done)["publish"] == ["seeing:0"], "nothing failed, it waited"
    assert studio.published(shot) == studio.delivered()
    assert len(studio.delivered()) == 2 * FRAMES + 1
