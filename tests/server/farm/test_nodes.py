"""Nodes that drain or are disabled: who is given what, who gives back what, and what is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from roto_server.audit import COMMAND
from roto_server.db.farm import Node
from roto_server.db.models import Task
from roto_server.db.people import AuditEntry
from roto_server.errors import NotFoundError
from roto_server.jobs import claim, ending, nodes
from roto_server.jobs.claim import NotClaimableError
from roto_server.jobs.reconciler import Reconciler
from server.farm.helpers_farm_rows import Studio

pytestmark = pytest.mark.database

SAM2 = [{"engine": "sam2", "model": "sam2.1_hiera_tiny", "checkpoint_sha256": "0" * 64}]


def put(studio: Studio, name: str, state: str, reason: str = "a new driver") -> None:
    with studio.database.session() as session:
        nodes.change(session, COMMAND, name, state, reason)


def message(studio: Studio, job_id: str) -> str:
    """What the job's first task says."""
    return str(studio.job(job_id).tasks[0].progress.get("message", ""))


def hear_nothing(studio: Studio) -> None:
    """Let every ring be long ago, and make a pass."""
    with studio.database.session() as session:
        for task in session.scalars(select(Task)):
            task.rung_at = None
    assert Reconciler(studio.farm).run_once()


@pytest.mark.parametrize("state", ["draining", "disabled"])
def test_a_closed_node_is_given_nothing_and_another_is(studio: Studio, state: str) -> None:
    first, second = studio.worker("node1"), studio.worker("node2")
    task_id = studio.task(studio.roto(studio.shot()))
    put(studio, "node1", state)
    with pytest.raises(NotClaimableError, match="given nothing new"):
        studio.claim(task_id, first)
    with studio.database.reading() as session:
        assert session.get_one(Task, task_id).rung_at is None, "rung for again by the next pass"
    assert studio.claim(task_id, second)["attempt_number"] == 1
    put(studio, "node1", "enabled", "")
    other = studio.task(studio.roto(studio.shot("sh020")))
    assert studio.claim(other, first)["attempt_number"] == 1


def test_what_a_disabled_node_runs_is_given_back_without_blame(studio: Studio) -> None:
    first, second = studio.worker("node1"), studio.worker("node2")
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), first)
    put(studio, "node1", "draining")
    assert studio.beat(spec["attempt_id"], 1)["action"] == "continue", "it finishes what it runs"
    put(studio, "node1", "disabled", "it smells")
    order = studio.beat(spec["attempt_id"], 1)
    assert order == {"action": "stop", "reason": "node node1 is disabled: it smells."}
    ending.release_attempt(studio.farm, spec["attempt_id"], order["reason"])
    assert studio.states(job_id)["track"] == "ready"
    again = studio.start(studio.task(job_id), second)
    assert again["attempt_number"] == 2
    assert studio.attempt_states(job_id) == ["cancelled", "running"]


def test_a_better_suited_worker_of_a_closed_node_is_not_waited_for(studio: Studio) -> None:
    task_id = studio.task(studio.roto(studio.shot(), engine="sam2", model="sam2.1_hiera_tiny"))
    plain = studio.worker("node1")
    studio.worker("node2", engines=SAM2)
    put(studio, "node2", "disabled")
    assert studio.claim(task_id, plain)["params"]["engine"] == "sam2"


def test_workers_are_told_to_pause(studio: Studio) -> None:
    worker = studio.worker("node1")

    def beat() -> bool:
        return bool(claim.worker_heartbeat(studio.farm, worker, studio.boots[worker])["pause"])

    assert not beat()
    put(studio, "node1", "draining")
    assert beat()
    put(studio, "node1", "enabled", "")
    assert not beat()


def test_a_task_that_nobody_may_take_says_why(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    hear_nothing(studio)
    assert message(studio, job_id) == "Waiting for a node: none that runs track is connected."
    for name in ("node1", "node2"):
        studio.worker(name)
        put(studio, name, "draining", "the power")
    hear_nothing(studio)
    assert message(studio, job_id) == (
        "Waiting for a node: node node1 is draining: the power; node node2 is draining: the power."
    )
    assert studio.states(job_id)["track"] == "ready"
    put(studio, "node2", "enabled", "")
    hear_nothing(studio)
    assert message(studio, job_id) == ""


def test_a_node_is_known_once_and_its_state_outlives_a_restart(studio: Studio) -> None:
    studio.worker("node1")
    studio.worker("node1", slot=1)
    put(studio, "node1", "disabled")
    studio.worker("node1")
    with studio.database.reading() as session:
        assert [(row.name, row.state) for row in session.scalars(select(Node))] == [
            ("node1", "disabled")
        ]


def test_a_change_is_audited_and_one_that_changes_nothing_is_not(studio: Studio) -> None:
    studio.worker("node1")
    put(studio, "node1", "disabled", "it smells")
    put(studio, "node1", "disabled", "it smells")
    with studio.database.reading() as session:
        entries = session.scalars(select(AuditEntry)).all()
        assert [(entry.action, entry.target_id, entry.after) for entry in entries] == [
            ("node.disabled", "node1", {"state": "disabled", "reason": "it smells"})
        ]
    with pytest.raises(NotFoundError):
        put(studio, "node9", "disabled")
