"""A task from claim to end on a real server: what its token reaches, and what nothing else does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_people import House

from roto_client.contract import PRODUCT_VERSION, TASK_TOKEN_HEADER

PROMPT = {"frame": 1001, "points": [{"x": 5, "y": 5, "positive": True}]}
BEAT = {"progress": {"done": 1, "total": 10}}


@dataclass
class Node:
    """A registered worker and what it has claimed."""

    house: House
    farm: httpx.Client
    stack: ExitStack
    me: dict[str, str]

    def claim(self, project: str) -> tuple[dict[str, Any], httpx.Client]:
        """The spec of a new job's first task, and a client with its token."""
        shot = self.house.shot(project, self.house.admin)
        with self.house.client(self.house.admin.key) as client:
            job = client.post(
                f"/shots/{shot}/segment", json={"objects": [{"name": "a", "prompts": [PROMPT]}]}
            ).json()
        answer = self.farm.post(f"/farm/tasks/{job['tasks'][0]['id']}/claim", json=self.me)
        assert answer.status_code == 200, answer.text
        token = answer.headers[TASK_TOKEN_HEADER]
        return answer.json(), self.stack.enter_context(self.house.client(token))

    def folder(self, spec: dict[str, Any]) -> str:
        """Key of the attempt's folder."""
        return Path(spec["output_dir"]).relative_to(self.house.folder / "storage").as_posix()


@pytest.fixture
def node(house: House) -> Iterator[Node]:
    name, boot = f"node-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    card = {
        "node": name, "slot": 0, "boot_id": boot, "version": PRODUCT_VERSION, "queues": ["gpu"],
        "kinds": ["track"], "engines": [{"engine": "flow", "model": "flow"}], "device": "cpu",
    }  # fmt: skip
    with ExitStack() as stack:
        farm = stack.enter_context(house.client(house.farm_token))
        assert farm.post("/farm/workers", json=card).status_code == 200
        yield Node(house, farm, stack, {"worker_id": f"{name}:0", "boot_id": boot})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_task_token_is_its_attempts_and_nobody_elses(house: House, node: Node) -> None:
    spec, mine = node.claim(house.project())
    _, other = node.claim(house.project())
    beat = f"/farm/attempts/{spec['attempt_id']}/heartbeat"
    assert mine.post(beat, json=BEAT).json()["action"] == "continue"
    for stranger in (other, node.farm):
        assert refused(stranger.post(beat, json=BEAT)) == (403, "forbidden")
    with house.client(house.admin.key) as admin:
        assert refused(admin.post(beat, json=BEAT)) == (403, "forbidden")
    for address in ("/projects", "/users/me", "/jobs"):
        assert refused(mine.get(address)) == (403, "forbidden")


def test_it_reaches_the_storage_of_its_own_project_alone(house: House, node: Node) -> None:
    spec, mine = node.claim(house.project())
    theirs, other = node.claim(house.project())
    own = f"/farm/storage/{node.folder(spec)}/mask.png"
    assert mine.put(own, content=b"a mask").status_code == 204
    assert mine.get(own, headers={"Range": "bytes=2-"}).content == b"mask"
    assert other.put(f"/farm/storage/{node.folder(theirs)}/x", content=b"x").status_code == 204
    there, nowhere = (
        mine.get(f"/farm/storage/{node.folder(theirs)}/{name}") for name in ("x", "never")
    )
    assert refused(there) == refused(nowhere) == (404, "not_found")
    assert there.json()["message"].replace("/x'", "") == nowhere.json()["message"].replace(
        "/never'", ""
    ), "what is another project's and what never was are told alike"
    over = mine.put(f"/farm/storage/{node.folder(theirs)}/x", content=b"mine")
    assert refused(over) == (404, "not_found")
    assert other.get(f"/farm/storage/{node.folder(theirs)}/x").content == b"x"


def test_it_ends_with_the_attempt(house: House, node: Node) -> None:
    spec, mine = node.claim(house.project())
    own = f"/farm/storage/{node.folder(spec)}/mask.png"
    assert mine.put(own, content=b"a mask").status_code == 204
    attempt = f"/farm/attempts/{spec['attempt_id']}"
    assert mine.post(f"{attempt}/release", json={"reason": "drain"}).status_code == 200
    late = (
        mine.post(f"{attempt}/heartbeat", json=BEAT),
        mine.put(own, content=b"late"),
        mine.get(own),
    )
    assert {refused(answer) for answer in late} == {(409, "stale_attempt")}
