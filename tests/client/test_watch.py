"""Following a job over sockets that break, and without sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from helpers_client import QUICK, TOKEN, FakeServer, running

from helpers_services import free_port
from roto_client.api import Job, RotoClient, WatchOptions, watch_job
from roto_client.api.errors import NotFoundError, ServerUnavailableError
from roto_client.api.watch import _REFUSALS_BEFORE_POLLING as TRIES

# A quiet socket is never the reason why these tests go on: 60 s is longer than they may last.
PUSHED = WatchOptions(first_poll=0.01, longest_poll=0.02, quiet=60.0)
POLLED = WatchOptions(first_poll=0.01, longest_poll=0.02, websocket=False)


def job_of(server: FakeServer, **facts: Any) -> str:
    tasks = [{"id": "t1", "kind": "track", "state": "running"}]
    ident: str = server.add_job("0" * 32, state="running", tasks=tasks, **facts)["id"]
    return ident


def wait_until(true: Any) -> None:
    while not true():
        time.sleep(0.005)


class Watching:
    """A watch in a thread; ``seen`` grows as it yields."""

    def __init__(self, client: RotoClient, job_id: str, options: WatchOptions) -> None:
        self.seen: list[Job] = []
        self.stop = Event()
        self.error: BaseException | None = None
        jobs = watch_job(client, job_id, stop=self.stop, options=options)
        self.thread = threading.Thread(target=self._run, args=(jobs,), daemon=True)
        self.thread.start()

    def _run(self, jobs: Iterator[Job]) -> None:
        try:
            for job in jobs:
                self.seen.append(job)
        except BaseException as error:
            self.error = error

    def finish(self) -> list[Job]:
        self.thread.join(60)
        assert not self.thread.is_alive()
        if self.error:
            raise self.error
        return self.seen


def test_pushed_progress_and_end(client: RotoClient, server: FakeServer) -> None:
    job_id = job_of(server)
    watching = Watching(client, job_id, PUSHED)
    wait_until(lambda: server.sockets)
    progress = {"stage": "track", "done": 5, "total": 10, "frames_per_second": 2.5}
    payload = {"job_id": job_id, "state": "running", "progress": progress}
    other = {"job_id": "f" * 32, "state": "failed", "progress": progress}
    server.push({"seq": 1, "kind": "job.updated", "project_id": "p", "payload": other})
    server.push({"seq": 2, "kind": "shot.updated", "project_id": "p", "payload": {}})
    server.push({"seq": 3, "kind": "task.progress", "project_id": "p", "payload": payload})
    wait_until(lambda: len(watching.seen) == 2)
    assert (watching.seen[1].progress.done, watching.seen[1].tasks[0].progress.done) == (5, 5)
    assert watching.seen[1].progress.fraction == 0.5
    server.jobs[job_id]["state"] = "succeeded"
    server.push({"seq": 4, "kind": "job.updated", "project_id": "p", "payload": payload})
    assert [job.state for job in watching.finish()] == ["running", "running", "succeeded"]


def test_what_ends_before_the_socket_opens_is_seen(client: RotoClient, server: FakeServer) -> None:
    job_id = job_of(server)

    def end(handler: Any) -> bool:
        if "/events" in handler.path:
            server.jobs[job_id]["state"] = "failed"
        return False

    server.faults.append(end)
    assert [job.state for job in watch_job(client, job_id, options=PUSHED)] == ["running", "failed"]


def test_a_dropped_socket_is_opened_again(client: RotoClient, server: FakeServer) -> None:
    job_id = job_of(server)
    watching = Watching(client, job_id, PUSHED)
    wait_until(lambda: server.sockets)
    server.jobs[job_id]["state"] = "cancelling"
    server.drop_sockets()
    wait_until(lambda: server.sockets)
    server.jobs[job_id]["state"] = "cancelled"
    server.push({"kind": "resync", "seq": 9})
    assert [job.state for job in watching.finish()] == ["running", "cancelling", "cancelled"]


def test_without_sockets_it_polls(client: RotoClient, server: FakeServer) -> None:
    server.serves_sockets = False
    job_id = job_of(server)
    watching = Watching(client, job_id, PUSHED)

    wait_until(lambda: sum("/jobs/" in path for _, path in server.requests) > TRIES + 3)
    server.jobs[job_id]["state"] = "succeeded"
    assert [job.state for job in watching.finish()] == ["running", "succeeded"]
    assert sum("/events" in path for _, path in server.requests) == TRIES


def test_a_quiet_socket_is_not_believed_for_ever(client: RotoClient, server: FakeServer) -> None:
    job_id = job_of(server)
    watching = Watching(client, job_id, WatchOptions(quiet=0.05))
    wait_until(lambda: server.sockets)
    server.jobs[job_id]["state"] = "succeeded"
    assert watching.finish()[-1].state == "succeeded"


@pytest.mark.parametrize("options", [PUSHED, POLLED], ids=["socket", "polling"])
def test_a_restarted_server_is_waited_for(options: WatchOptions) -> None:
    port = free_port()
    with running(FakeServer(port)) as server:
        job_id = job_of(server)
        watching = Watching(RotoClient(server.url, TOKEN, retry=QUICK), job_id, options)
        wait_until(lambda: watching.seen)
    again = FakeServer(port)
    again.jobs[job_id] = {**server.jobs[job_id], "state": "succeeded"}
    time.sleep(0.05)
    with running(again):
        assert [job.state for job in watching.finish()] == ["running", "succeeded"]
    assert again.complaints == []


def test_a_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(FakeServer()) as server:
        job_id = job_of(server)
        client = RotoClient(server.url, TOKEN, retry=QUICK)
        options = WatchOptions(first_poll=0.01, longest_poll=0.02, patience=0.05)
        watching = Watching(client, job_id, options)
        wait_until(lambda: watching.seen)
    with pytest.raises(ServerUnavailableError):
        watching.finish()


def test_stop_leaves_the_job_alone(client: RotoClient, server: FakeServer) -> None:
    job_id = job_of(server)
    watching = Watching(client, job_id, POLLED)
    wait_until(lambda: watching.seen)
    watching.stop.set()
    watching.finish()
    assert server.jobs[job_id]["state"] == "running"


def test_an_unknown_job_is_said_at_once(client: RotoClient) -> None:
    with pytest.raises(NotFoundError):
        list(watch_job(client, "0" * 32))
