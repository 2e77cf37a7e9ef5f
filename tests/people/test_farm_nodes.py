"""The farm's nodes for people: what supervisors see, what administrators change."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers_admin import Shell
from helpers_people import House, Person
from sqlalchemy import select

from roto_server.access.tokens import create_key
from roto_server.db.farm import Node
from roto_server.db.models import Attempt, Job, Task, Worker, new_id
from roto_server.db.people import User
from roto_server.db.types import utc_now

SAID = "the secret creature: outlines"
"""What a stage says it is at."""


def new_node(house: House) -> str:
    """A node with one living worker."""
    name, boot = f"node-{uuid.uuid4().hex[:8]}", new_id()
    with house.database.session() as session:
        session.add(Node(name=name))
        session.add(
            Worker(
                id=f"{name}:0", node=name, slot=0, boot_id=boot, version="0.2.0", queues=["gpu"],
                kinds=["track"], engines=[{"engine": "flow", "model": "flow"}], device="cuda:0",
                memory={"gpu_used_bytes": 1, "gpu_total_bytes": 2, "process_bytes": 1},
            )
        )  # fmt: skip
    return name


def run_on(house: House, name: str, shot_id: str, maker: Person) -> str:
    """A running attempt on the node's worker; its job's id."""
    with house.database.session() as session:
        worker = session.get_one(Worker, f"{name}:0")
        job = Job(
            id=new_id(), shot_id=shot_id, kind="roto", state="running", params={},
            created_by=maker.id,
        )  # fmt: skip
        task = Task(
            id=new_id(), job_id=job.id, kind="track", position=0, queue="gpu", state="running",
            params={},
        )  # fmt: skip
        session.add(job)
        session.flush()
        session.add(task)
        session.flush()
        session.add(
            Attempt(
                task_id=task.id, worker_id=worker.id, boot_id=worker.boot_id, number=1,
                state="running", output_dir="x", heartbeat_at=utc_now(), progress_at=utc_now(),
                progress={"done": 3, "total": 10, "frames_per_second": 2.5, "message": SAID},
            )
        )  # fmt: skip
        return job.id


def find(client: httpx.Client, name: str) -> dict[str, Any]:
    """The node as it is listed; every part of the list is read."""
    cursor = None
    while True:
        params = {"limit": 5, **({"cursor": cursor} if cursor else {})}
        page = client.get("/farm/nodes", params=params).json()
        for node in page["items"]:
            if node["id"] == name:
                return dict(node)
        cursor = page["next"]
        assert cursor is not None, f"{name} is in no list"


def test_what_a_node_runs_is_told_to_those_who_may_see_the_shot(house: House) -> None:
    name, maker = new_node(house), house.person("artist")
    inside, outside = house.person("supervisor"), house.person("supervisor")
    project = house.project((maker, "artist"), (inside, "supervisor"))
    shot = house.shot(project, maker)
    job = run_on(house, name, shot, maker)
    with house.client(inside.key) as client:
        node = find(client, name)
    assert (node["state"], node["reason"], node["changed_by"]) == ("enabled", "", None)
    [worker] = node["workers"]
    assert worker["alive"]
    assert node["alive"]
    assert worker["memory"]["gpu_total_bytes"] == 2
    current = worker["current"]
    assert (current["job_id"], current["shot_id"], current["project_id"]) == (job, shot, project)
    assert current["progress"]["fraction"] == 0.3
    assert current["progress"]["message"] == SAID
    assert not current["stuck"]
    with house.client(outside.key) as client:
        [worker] = find(client, name)["workers"]
    hidden = worker["current"]
    assert hidden["kind"] == "track"
    assert hidden["progress"]["done"] == 3
    assert hidden["progress"]["message"] == ""
    assert job not in str(worker)
    assert {key for key, value in hidden.items() if value is None} == {
        "job_id", "task_id", "attempt_id", "shot_id", "shot_name", "project_id",
    }  # fmt: skip


def test_what_is_stuck_is_told_and_what_queues_hold(house: House) -> None:
    name, maker = new_node(house), house.person("artist")
    inside, outside = house.person("supervisor"), house.person("supervisor")
    shot = house.shot(house.project((inside, "supervisor"), (maker, "artist")), maker)
    job = run_on(house, name, shot, maker)
    with house.database.session() as session:
        [attempt] = session.scalars(select(Attempt).where(Attempt.worker_id == f"{name}:0"))
        attempt.progress_at -= timedelta(hours=1)

    def stuck(person: Person) -> dict[str, Any]:
        with house.client(person.key) as client:
            told = client.get("/farm/queues").json()
        assert {"cpu", "gpu"} <= {queue["name"] for queue in told["queues"]}
        [one] = [one for one in told["stuck"] if one["worker_id"] == f"{name}:0"]
        return dict(one)

    assert stuck(inside)["job_id"] == job
    assert stuck(inside)["stuck"]
    assert job not in str(stuck(outside))
    assert stuck(inside)["progress"]["message"] == SAID
    assert SAID not in str(stuck(outside))
    with house.client(inside.key) as client:
        [worker] = find(client, name)["workers"]
        assert worker["current"]["stuck"]
        client_history = client.get("/farm/history", params={"hours": 1}).json()
        assert client_history["step_minutes"] == 1
        assert client.get("/farm/history", params={"hours": 721}).status_code == 422


def test_an_administrator_drains_with_a_reason(house: House) -> None:
    name = new_node(house)
    with house.client(house.admin.key) as client:
        silent = client.post(f"/farm/nodes/{name}/state", json={"state": "disabled"})
        assert silent.status_code == 422
        assert "reason" in silent.json()["message"]
        body = {"state": "draining", "reason": "a new driver"}
        node = client.post(f"/farm/nodes/{name}/state", json=body).json()
        assert (node["state"], node["reason"]) == ("draining", "a new driver")
        assert node["changed_by"] == house.admin.name
        assert find(client, name)["changed_at"] == node["changed_at"]
        gone = client.post("/farm/nodes/nowhere/state", json=body)
        assert gone.status_code == 404
        enabled = client.post(f"/farm/nodes/{name}/state", json={"state": "enabled"}).json()
        assert (enabled["state"], enabled["reason"]) == ("enabled", "")


def test_a_key_needs_the_scope_admin_to_drain(house: House) -> None:
    name = new_node(house)
    with house.database.session() as session:
        admin = session.get_one(User, house.admin.id)
        _, key = create_key(session, admin, "managing", ["read", "write", "manage"])
    with house.client(key) as client:
        find(client, name)
        answer = client.post(f"/farm/nodes/{name}/state", json={"state": "enabled"})
        assert answer.json()["code"] == "forbidden"


@pytest.mark.one_database
def test_it_sees_and_drains_nodes_from_a_shell(house: House) -> None:
    name = new_node(house)
    shell = Shell(house.environment)
    told = shell.admin("nodes", "drain", name, "--reason", "it smells")
    assert told == f"Node {name} is draining: it smells."
    [row] = [row for row in shell.rows("nodes", "list") if row["node"] == name]
    assert (row["state"], row["reason"], row["workers"]) == ("draining", "it smells", 1)
    with house.client(house.admin.key) as client:
        assert find(client, name)["changed_by"] == "roto admin"
    assert shell.admin("nodes", "disable", name, "--reason", "it burns").endswith("it burns.")
    assert shell.admin("nodes", "enable", name) == f"Node {name} is enabled."
    refused = shell.run("nodes", "disable", "nowhere", "--reason", "x")
    assert refused.returncode != 0
    assert "nowhere" in refused.stderr
