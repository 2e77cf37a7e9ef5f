"""Claims tasks over HTTP as a node without the storage does; nothing is worked on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from helpers_people import House

from roto_client.contract import PRODUCT_VERSION, TASK_TOKEN_HEADER
from roto_client.contract.stored import stored_key
from roto_server.db.media import Plate

PROMPT = {"frame": 1001, "points": [{"x": 5, "y": 5, "positive": True}]}


@dataclass
class Attempt:
    """A claimed task of a node without the storage, and what its token opens."""

    house: House
    spec: dict[str, Any]
    api: httpx.Client

    @property
    def output(self) -> str:
        key = stored_key(self.spec["output_dir"])
        assert key is not None
        return key

    @property
    def project_key(self) -> str:
        return "/".join(self.output.split("/")[:2])

    def locate(self, api: httpx.Client | None = None, **body: Any) -> httpx.Response:
        return (api or self.api).post(
            f"/farm/attempts/{self.spec['attempt_id']}/locations", json=body
        )

    def published(self, *names: str) -> str:
        """The key of a published folder of the project, with these files."""
        key = f"{self.project_key}/{uuid.uuid4().hex}/masks/v001"
        for name in names:
            path = self.house.folder / "storage" / key / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
        return key


@dataclass
class Nodes:
    """Claims tasks for a node that registered as one without the storage."""

    house: House
    farm: httpx.Client
    stack: ExitStack
    me: dict[str, str]

    def claim(self) -> Attempt:
        """A new task of a new project, whose plate is one that was uploaded."""
        house = self.house
        project = house.project()
        shot = house.shot(project, house.admin)
        self._as_uploaded(project, shot)
        with house.client(house.admin.key) as client:
            job = client.post(
                f"/shots/{shot}/segment", json={"objects": [{"name": "a", "prompts": [PROMPT]}]}
            ).json()
        answer = self.farm.post(f"/farm/tasks/{job['tasks'][0]['id']}/claim", json=self.me)
        assert answer.status_code == 200, answer.text
        token = answer.headers[TASK_TOKEN_HEADER]
        return Attempt(house, answer.json(), self.stack.enter_context(house.client(token)))

    def _as_uploaded(self, project: str, shot: str) -> None:
        with self.house.database.session() as session:
            plate = session.get_one(Plate, shot)
            plate.source = f"projects/{project}/{shot}/source/v001"


@contextmanager
def claiming_node(house: House) -> Iterator[Nodes]:
    """A node that has registered."""
    name, boot = f"far-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    card = {
        "node": name, "slot": 0, "boot_id": boot, "version": PRODUCT_VERSION, "queues": ["gpu"],
        "kinds": ["track"], "engines": [{"engine": "flow", "model": "flow"}], "device": "cpu",
        "reach": {"platform": "macos", "storage": "remote", "mounts": {}},
    }  # fmt: skip
    with ExitStack() as stack:
        farm = stack.enter_context(house.client(house.farm_token))
        assert farm.post("/farm/workers", json=card).status_code == 200
        yield Nodes(house, farm, stack, {"worker_id": f"{name}:0", "boot_id": boot})
