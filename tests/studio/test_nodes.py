"""Farm nodes that see the studio's folders elsewhere, or not at all: real servers and processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_nodes import node, remote_node
from helpers_observing import wait_for
from helpers_people import House, running_house
from helpers_plates import preview_of

from roto_client.api import ObjectPrompts, RotoClient, SubmitRequest, Submitter, UploadNotes
from roto_client.api.models import Shot
from roto_shapes.prompts import FramePrompt
from roto_worker.synthetic.clip import Clip, generate_clip

pytestmark = [pytest.mark.one_database, pytest.mark.timeout(1800)]


@dataclass
class Studio:
    """A house and a clip on an artist's own disk."""

    house: House
    clip: Clip
    api: httpx.Client
    notes: Path

    def uploaded(self, project: str) -> Shot:
        """A ready shot of the clip's files, sent over HTTP; a worker must be there."""
        client = RotoClient(self.house.url, self.house.admin.key)
        submitter = Submitter(client, notes=UploadNotes(self.notes))
        request = SubmitRequest(
            project=project,
            plate=self.clip.pattern,
            objects=(ObjectPrompts("hero", (FramePrompt.from_json(self.clip.prompt),)),),
            transfer="upload",
        )
        return submitter.prepare(request).shot

    def segment(self, shot_id: str, **more: Any) -> str:
        """The id of a job on the clip's own object, with flow."""
        wishes = {"engine": "flow", **more}
        body = {"objects": [{"name": "hero", "prompts": [self.clip.prompt]}], **wishes}
        answer = self.api.post(f"/shots/{shot_id}/segment", json=body)
        assert answer.status_code in (201, 202), answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/jobs/{job_id}").json()
        return found

    def ended(self, job_id: str, why: Any = lambda: "") -> dict[str, Any]:
        """The job once nothing more happens to it."""
        open_states = ("queued", "running")
        wait_for(
            lambda: self.job(job_id)["state"] not in open_states,
            lambda: f"{self.job(job_id)} {why()}",
            400,
        )
        return self.job(job_id)

    def masks(self, job_id: str) -> dict[str, bytes]:
        """Every matte of the job by its name, as the storage has it."""
        version = self.job(job_id)["version"]
        shot = self.job(job_id)
        folder = (
            self.house.folder / "storage/projects" / shot["project_id"] / shot["shot_id"]
            / "masks" / f"v{version:03d}"
        )  # fmt: skip
        return {path.name: path.read_bytes() for path in sorted(folder.glob("hero/*.png"))}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("nodes")
    clip = generate_clip(folder / "artist", 160, 120, 8)
    place = {
        "name": "shows",
        "linux": str(folder / "house" / "plates"),
        "windows": ["Z:\\Shows", "\\\\nas\\shows"],
        "macos": ["/Volumes/shows"],
    }
    with (
        running_house(
            folder / "house",
            f"sqlite:///{folder / 'roto.db'}",
            # What a killed node had is given to another one soon.
            ROTO_HEARTBEAT_SECONDS="0.5",
            ROTO_LEASE_SECONDS="20",
            ROTO_PLACES=json.dumps([place]),
        ) as house,
        house.client(house.admin.key) as api,
    ):
        yield Studio(house, clip, api, folder / "notes.json")


def test_a_node_without_the_storage_does_it_all(studio: Studio) -> None:
    with remote_node(studio.house, "far") as far:
        shot = studio.uploaded("far away")
        there = studio.segment(shot.id)
        ended = studio.ended(there, far.said)
        assert ended["state"] == "succeeded", far.said()
        assert {task["attempts"][-1]["worker_id"] for task in ended["tasks"]} == {"far:0"}

        prompt = dict(studio.clip.prompt)
        click = {"frame": prompt.pop("frame"), "objects": [{"name": "hero", **prompt}]}
        preview = preview_of(studio.api, shot.id, {**click, "engine": "flow"})
        assert preview.status_code == 200, preview.text + far.said()
        log = studio.api.get(f"/jobs/{there}/log")
        assert '"succeeded"' in log.text, log.text
    with node(studio.house, "near", studio.house.folder / "storage"):
        here = studio.segment(shot.id)
        assert studio.ended(here)["state"] == "succeeded"
    far_away, at_hand = studio.masks(there), studio.masks(here)
    assert len(far_away) == 8
    assert far_away == at_hand, "to the bit what a node gives that mounts the storage"


def test_another_node_goes_on_where_a_killed_one_had_sent_to(
    studio: Studio, tmp_path: Path
) -> None:
    long = Studio(
        studio.house, generate_clip(tmp_path, 384, 216, 150), studio.api, tmp_path / "notes.json"
    )
    with remote_node(studio.house, "first") as first:
        shot = long.uploaded("cut short")
        job = long.segment(shot.id, outputs=["mattes"])
        attempts = studio.house.folder / "storage/projects" / shot.project_id / shot.id / "attempts"

        def has_sent() -> bool:
            return any(attempts.glob("*/.checkpoint/state.npz"))

        wait_for(has_sent, first.said, 120)
        first.kill()
        assert long.job(job)["state"] == "running"
    with remote_node(studio.house, "second") as second:
        ended = long.ended(job, second.said)
        assert ended["state"] == "succeeded", second.said()
        track = next(task for task in ended["tasks"] if task["kind"] == "track")
        workers = [attempt["worker_id"] for attempt in track["attempts"]]
        assert workers == ["first:0", "second:0"]
        assert ended["provenance"]["resumed_at"] > 0
        whole = long.segment(shot.id, outputs=["mattes"])
        assert long.ended(whole)["state"] == "succeeded"
    assert len(long.masks(job)) == 150
    assert long.masks(job) == long.masks(whole), "to the bit what an undisturbed node gives"
    left = list((attempts.parent / "masks").glob("v*/.checkpoint/held/**/*.png"))
    assert left == [], "what was sent for others only is not published"


def test_a_plate_by_its_windows_path(studio: Studio) -> None:
    project = studio.house.project()
    generate_clip(studio.house.plates / "sq 01" / "sh010", 160, 120, 8)
    far = studio.house.folder / "far-mount"
    # Another mount of the same share: the node may not touch the server's.
    generate_clip(far / "sq 01" / "sh010", 160, 120, 8)
    at_windows = {"X-Roto-Platform": "windows"}
    path = r"z:\shows\SQ 01\SH010\Plate.%04d.PNG"
    made = studio.api.post(
        f"/projects/{project}/shots",
        json={"name": "sh010", "plate": {"path": path}},
        headers=at_windows,
    )
    assert made.status_code == 201, made.text
    shot = made.json()["id"]
    assert made.json()["plate"]["path"] == r"Z:\Shows\sq 01\sh010\plate.%04d.png"
    told = {
        platform: studio.api.get(f"/shots/{shot}", headers=headers).json()["plate"]["path"]
        for platform, headers in (("none", {}), ("macos", {"X-Roto-Platform": "macos"}))
    }
    assert told == {
        "none": str(studio.house.plates / "sq 01/sh010/plate.%04d.png"),
        "macos": "/Volumes/shows/sq 01/sh010/plate.%04d.png",
    }
    with remote_node(studio.house, "mounted", far, PLACES=f"shows={far}") as mounted:
        wait_for(
            lambda: studio.api.get(f"/shots/{shot}").json()["state"] != "probing", mounted.said, 120
        )
        found = studio.api.get(f"/shots/{shot}").json()
        assert found["state"] == "ready", found
        job = studio.segment(shot)
        assert studio.ended(job, mounted.said)["state"] == "succeeded", mounted.said()
    with node(studio.house, "home", studio.house.plates, studio.house.folder / "storage"):
        again = studio.segment(shot)
        assert studio.ended(again)["state"] == "succeeded"
    assert studio.masks(job) == studio.masks(again)


def test_who_does_not_mount_a_plate_is_not_given_it(studio: Studio) -> None:
    project = studio.house.project()
    generate_clip(studio.house.plates / "sh020", 160, 120, 3)
    made = studio.api.post(
        f"/projects/{project}/shots",
        json={"name": "sh020", "plate": {"path": r"\\NAS\shows\sh020\plate.####.png"}},
    )
    assert made.status_code == 201, made.text
    shot = f"/shots/{made.json()['id']}"
    with remote_node(studio.house, "blind") as blind:
        wait_for(lambda: "registered as blind:0" in blind.said(), blind.said, 120)
        wait_for(lambda: "no node that is connected mounts" in blind.said(), blind.said, 120)

        def ingest() -> dict[str, Any]:
            jobs = studio.api.get("/jobs", params={"shot_id": made.json()["id"]}).json()["items"]
            return dict(jobs[0])

        assert ingest()["progress"]["message"].startswith("Waiting: no node"), "people are told"
        assert studio.api.get(shot).json()["state"] == "probing", "nothing failed, it waits"
        with node(studio.house, "seeing", studio.house.plates, studio.house.folder / "storage"):
            wait_for(lambda: studio.api.get(shot).json()["state"] == "ready", blind.said, 120)
        attempts = [one["worker_id"] for task in ingest()["tasks"] for one in task["attempts"]]
        assert attempts == ["seeing:0"]


def test_a_node_is_drained_and_disabled_under_a_shot(studio: Studio, tmp_path: Path) -> None:
    long = Studio(
        studio.house, generate_clip(tmp_path, 384, 216, 240), studio.api, tmp_path / "notes.json"
    )

    def put(name: str, state: str, reason: str = "") -> None:
        body = {"state": state, "reason": reason}
        answer = studio.api.post(f"/farm/nodes/{name}/state", json=body)
        assert answer.status_code == 200, answer.text

    def tracks_on(name: str) -> bool:
        nodes = studio.api.get("/farm/nodes", params={"limit": 1000}).json()["items"]
        running = [
            worker["current"]
            for one in nodes
            for worker in one["workers"]
            if one["id"] == name and worker["current"]
        ]
        return [(one["job_id"], one["kind"]) for one in running] == [(job, "track")]

    with node(studio.house, "old", studio.house.folder / "storage") as old:
        shot = long.uploaded("under the knife")
        job = long.segment(shot.id, outputs=["mattes"])
        wait_for(lambda: tracks_on("old"), old.said, 120)
        put("old", "disabled", "the fan is loud")
        wait_for(lambda: "given nothing new" in old.said(), old.said, 120)

        def said() -> str:
            return str(long.job(job)["progress"]["message"])

        wanted = "Waiting for a node: node old is disabled: the fan is loud."
        wait_for(lambda: said() == wanted, lambda: f"{said()} {old.said()}", 120)
        assert long.job(job)["state"] == "running", "it waits, nothing has failed"
        prompt = dict(long.clip.prompt)
        click = {"frame": prompt.pop("frame"), "objects": [{"name": "hero", **prompt}]}
        asked = studio.api.post(f"/shots/{shot.id}/preview", json={**click, "engine": "flow"})
        assert asked.status_code == 202, asked.text
        assert "the fan is loud" in asked.json()["message"]
        with node(studio.house, "new", studio.house.folder / "storage") as new:
            wait_for(lambda: tracks_on("new"), new.said, 120)
            put("new", "draining", "a new driver")
            track = long.job(job)["tasks"][0]
            wait_for(lambda: long.job(job)["tasks"][0]["state"] == "succeeded", new.said, 400)
            put("old", "enabled")
            assert long.ended(job, old.said)["state"] == "succeeded", old.said() + new.said()
    ended = long.job(job)
    assert [one["worker_id"] for one in track["attempts"]] == ["old:0", "new:0"]
    assert [one["state"] for one in ended["tasks"][0]["attempts"]] == ["cancelled", "succeeded"]
    assert {one["worker_id"] for one in ended["tasks"][1]["attempts"]} == {"old:0"}
    put("new", "enabled")
