"""Three server processes on one PostgreSQL behind nginx: one reconciles, events reach every socket,
and whatever is killed or stopped, clients come back, nothing is lost and nothing is rung twice."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from helpers_nginx import TEMPLATE
from helpers_people import Process
from helpers_several import (
    SEGMENT,
    SERVERS,
    Listener,
    Several,
    gauge,
    running_several,
    wait_for,
)
from sqlalchemy import select

from helpers_services import postgres_database
from roto_client.api.client import RotoClient
from roto_client.api.models import Job
from roto_client.api.watch import watch_job
from roto_server.db.people import AuditEntry

TAKEOVER_SECONDS = 30
SIGN_INS = 6
PASSES_SECONDS = 2.0
"""Time for a few passes of the leader (one each half second)."""


@pytest.fixture(scope="module")
def standing(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    folder = tmp_path_factory.mktemp("several")
    limits = {"ROTO_LIMIT_SIGN_IN": f"{SIGN_INS}/hour"}
    with postgres_database(postgres) as url, running_several(folder, url, **limits) as several:
        yield several


@pytest.fixture
def several(standing: Several, monkeypatch: pytest.MonkeyPatch) -> Several:
    """All three running; our client trusts the proxy's certificate."""
    standing.revive()
    monkeypatch.setenv("ROTO_CA_BUNDLE", str(standing.proxy.authority))
    return standing


@pytest.fixture
def client(several: Several) -> RotoClient:
    """The product's own client, through nginx."""
    return RotoClient(several.proxy.url, several.house.admin.key)


def new_shot(several: Several) -> str:
    return several.house.shot(several.house.project(), several.house.admin)


def kill(process: Process) -> None:
    process.popen.kill()
    process.popen.wait()


# -- leading


def who_leads(process: Process) -> dict[str, Any]:
    """What the process says of who reconciles."""
    checks = httpx.get(process.url + "/readyz", timeout=60).json()["checks"]
    found: dict[str, Any] = checks["reconciler"]
    return found


def serves(process: Process) -> bool:
    try:
        return httpx.get(process.url + "/healthz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def test_one_of_them_leads_and_all_say_who(several: Several) -> None:
    def all_say() -> bool:
        leader = several.leader()
        told = {process.popen.pid: who_leads(process) for process in several.alive()}
        return all(
            check["ok"] is True
            and ("this server" if pid == leader.popen.pid else f":{leader.popen.pid}:")
            in check["message"]
            for pid, check in told.items()
        )

    # Asked one after another, two may tell of two leaders while the lead is handed over.
    wait_for("all say who leads", all_say)


def test_a_killed_leaders_work_goes_on_within_30_seconds(
    several: Several, client: RotoClient
) -> None:
    """The next leader rings for what is due, and once."""
    client.segment(new_shot(several), SEGMENT)
    kill(several.leader())
    several.forget_rings()
    due = several.let_rings_age()
    wait_for("the next leader rings", lambda: set(several.rings()) == due, TAKEOVER_SECONDS)
    several.leader()
    time.sleep(PASSES_SECONDS)
    assert several.rings() == Counter(dict.fromkeys(due, 1))


def test_a_stopped_leader_does_not_lead_for_ever_nor_again(
    several: Several, client: RotoClient
) -> None:
    """SIGSTOP leaves its connections standing; only time tells that it does nothing."""
    client.segment(new_shot(several), SEGMENT)
    stopped = several.leader()
    others = [process for process in several.alive() if process is not stopped]
    os.kill(stopped.popen.pid, signal.SIGSTOP)
    try:
        several.forget_rings()
        due = several.let_rings_age()
        wait_for("another leads", lambda: set(several.rings()) == due, TAKEOVER_SECONDS)
        leader = several.leader(among=others)
    finally:
        os.kill(stopped.popen.pid, signal.SIGCONT)
    wait_for("it serves again", lambda: serves(stopped))
    time.sleep(PASSES_SECONDS)
    assert several.leader() is leader
    assert several.rings() == Counter(dict.fromkeys(due, 1))


def test_a_leader_that_is_told_to_stop_hands_over_at_once(several: Several) -> None:
    """No lease has to run out: the next one leads while its lease would still stand."""
    leader = several.leader()
    assert leader.stop() == 0
    several.leader()
    assert f":{leader.popen.pid}:" not in who_leads(several.alive()[0])["message"]


# -- events


def test_what_happens_on_one_is_told_on_every_socket(several: Several) -> None:
    house = several.house
    shots = [new_shot(several) for _ in range(SERVERS)]
    start = several.events_after(0)[-1:] or [0]
    listeners = [Listener(process.url, house.admin.key, start[0]) for process in several.alive()]
    listeners.append(
        Listener(several.proxy.url, house.admin.key, start[0], several.proxy.authority)
    )
    for listener in listeners:
        listener.start()
    for number, shot in enumerate(shots):
        with house.client(house.admin.key, process=number) as api:
            assert api.post(f"/shots/{shot}/segment", json=SEGMENT).status_code == 202
    told = several.events_after(start[0])
    assert len(told) >= len(shots)
    for listener in listeners:
        wait_for("all are told", lambda listener=listener: listener.seq >= told[-1])
        listener.close()
        assert (listener.seen[: len(told)], listener.resyncs) == (told, [])


def test_a_process_killed_costs_its_clients_no_event_and_rings_nothing_twice(
    several: Several, client: RotoClient
) -> None:
    """Two sockets on each process through nginx, jobs submitted all the while."""
    admin = several.house.admin
    shots = [new_shot(several) for _ in range(30)]
    several.forget_rings()
    start = (several.events_after(0)[-1:] or [0])[0]
    listeners = [
        Listener(several.proxy.url, admin.key, start, several.proxy.authority) for _ in range(6)
    ]
    for listener in listeners:
        listener.start()
    wait_for("they listen", lambda: all(listener.connections for listener in listeners))
    victim = max(several.alive(), key=lambda process: gauge(process, "event_sockets"))
    assert gauge(victim, "event_sockets") >= 1
    jobs: list[Job] = []
    half_way = threading.Event()

    def submit(mine: list[str]) -> None:
        own = RotoClient(several.proxy.url, admin.key)
        for number, shot in enumerate(mine):
            jobs.append(own.segment(shot, SEGMENT))
            if number == 2:
                half_way.set()

    threads = [threading.Thread(target=submit, args=(shots[part::3],)) for part in range(3)]
    for thread in threads:
        thread.start()
    assert half_way.wait(60)
    kill(victim)
    for thread in threads:
        thread.join(120)
    assert len(jobs) == len(shots)
    told = several.events_after(start)
    for listener in listeners:
        wait_for("all are told", lambda listener=listener: listener.seq >= told[-1])
        listener.close()
        assert (listener.seen[: len(told)], listener.resyncs) == (told, [])
    assert sum(listener.connections for listener in listeners) > len(listeners)

    # A commit whose server died before it could ring is rung for by the leader, later; no other is.
    assert several.jobs_of(shots) == Counter(dict.fromkeys(shots, 1))
    assert max(several.rings().values()) == 1
    several.leader()
    time.sleep(PASSES_SECONDS)  # its first pass may ring for what was due before
    before = several.rings()
    due = several.let_rings_age()
    wait_for("each is rung for", lambda: several.rings() == before + Counter(dict.fromkeys(due, 1)))
    time.sleep(PASSES_SECONDS)
    assert several.rings() == before + Counter(dict.fromkeys(due, 1))


def test_watchers_of_the_products_client_come_back_and_see_the_end(
    several: Several, client: RotoClient
) -> None:
    """Three watch one job; the two processes with the most of them die; the job is cancelled."""
    job = client.segment(new_shot(several), SEGMENT)
    seen: list[list[str]] = [[] for _ in range(SERVERS)]

    def watch(states: list[str]) -> None:
        own = RotoClient(several.proxy.url, several.house.admin.key)
        states.extend(now.state for now in watch_job(own, job.id))

    threads = [threading.Thread(target=watch, args=(states,)) for states in seen]
    for thread in threads:
        thread.start()

    def sockets() -> dict[str, float]:
        return {process.url: gauge(process, "event_sockets") for process in several.alive()}

    wait_for("all three listen", lambda: sum(sockets().values()) == SERVERS)
    on_each = sockets()
    by_load = sorted(several.alive(), key=lambda process: on_each[process.url])
    for process in by_load[1:]:
        kill(process)
    wait_for("they have come back", lambda: sockets() == {by_load[0].url: SERVERS})
    client.cancel(job.id)
    for thread in threads:
        thread.join(60)
    assert [states[-1] for states in seen] == ["cancelled"] * SERVERS
    assert all(states.count("cancelled") == 1 for states in seen)


# -- limits


def test_limits_are_counted_over_all_processes(several: Several) -> None:
    """As many sign-ins as are allowed, taken in turns, and not one more on any of them."""

    def sign_in(process: Process) -> httpx.Response:
        # Another account each time: an account has limits of its own.
        address = f"{uuid.uuid4().hex}@studio.example"
        body = {"email": address, "password": "a wrong one, and a long one"}
        return httpx.post(process.url + "/api/v1/auth/login", json=body, timeout=60)

    processes = several.alive()
    allowed = [sign_in(processes[number % SERVERS]).status_code for number in range(SIGN_INS)]
    assert allowed == [401] * SIGN_INS
    for process in processes:
        refused = sign_in(process)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["Retry-After"]) >= 1


# -- the proxy


def test_plain_http_is_sent_to_https_and_the_body_with_it(several: Several) -> None:
    answer = httpx.post(several.proxy.plain_url + "/api/v1/projects?x=1", json={}, timeout=60)
    assert answer.status_code == 308
    assert answer.headers["Location"] == several.proxy.url + "/api/v1/projects?x=1"


def test_what_is_for_monitoring_is_not_public(several: Several) -> None:
    with several.proxy.client() as public:
        for path in ("/metrics", "/readyz"):
            assert public.get(several.proxy.url + path).status_code == 404
        assert public.get(several.proxy.url + "/healthz").json()["status"] == "ok"


def test_refusals_of_the_proxy_have_the_products_shape(several: Several) -> None:
    with several.proxy.client(several.house.admin.key) as public:
        large = public.post("/projects", content=b" " * (65 * 2**20))
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
    for process in several.alive():
        kill(process)
    with several.proxy.client(several.house.admin.key) as public:
        away = public.get("/projects")
        assert (away.status_code, away.json()["code"]) == (503, "server_unavailable")
        assert "Retry-After" not in away.headers


def test_the_servers_see_the_clients_address_and_request_id(several: Several) -> None:
    """This machine's own address counts as a proxy here, so the one before it is the client's."""
    given = uuid.uuid4().hex
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Request-Id": given}
    with several.proxy.client(several.house.admin.key) as public:
        answer = public.post("/projects", json={"name": f"show {given}"}, headers=headers)
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (201, given)
    wait_for("nginx notes it", lambda: given in several.proxy.access_log())
    query = select(AuditEntry.address).where(AuditEntry.request_id == given)
    with several.house.database.reading() as session:
        assert session.scalars(query).all() == ["203.0.113.9"]


def test_pieces_of_uploads_arrive_while_they_are_sent(several: Several) -> None:
    """nginx passes on what it has: a piece that is never finished is kept up to where it came."""
    project = several.house.project()
    with several.proxy.client(several.house.admin.key) as public:
        size = 4 * 2**20
        file = {"name": "plate.1001.exr", "size": size, "sha256": "0" * 64}
        made = public.post("/uploads", json={"project_id": project, "files": [file]})
        assert made.status_code == 201, made.text
        upload = made.json()["id"]
        may_end = threading.Event()

        def slowly() -> Iterator[bytes]:
            yield b"x" * (2 * 2**20)
            may_end.wait(120)
            yield b"x" * (2 * 2**20)

        sent: list[int] = []

        def send() -> None:
            with several.proxy.client(several.house.admin.key) as own:
                answer = own.patch(
                    f"/uploads/{upload}/files/0",
                    content=slowly(),
                    headers={"Upload-Offset": "0", "Content-Length": str(size)},
                )
                sent.append(answer.status_code)

        sender = threading.Thread(target=send)
        sender.start()
        wait_for(
            "the first half has arrived",
            lambda: public.get(f"/uploads/{upload}").json()["files"][0]["offset"] >= 2**20,
        )
        may_end.set()
        sender.join(60)
        assert sent == [200]
        assert public.get(f"/uploads/{upload}").json()["files"][0]["offset"] == size


@pytest.mark.parametrize("path", ["files/0", "files/12/pieces/3"])
def test_no_way_of_sending_a_piece_is_buffered_or_limited(path: str) -> None:
    """A piece may be larger than other bodies, as the object store's number of them is limited."""
    template = TEMPLATE.read_text(encoding="utf-8")
    blocks = re.findall(r"location ~ (\S+) \{(.*?)\}", template, re.DOTALL)
    # nginx takes the first expression that fits.
    taken = next(block for rule, block in blocks if re.search(rule, f"/api/v1/uploads/0a/{path}"))
    assert "client_max_body_size 0;" in taken
    assert "proxy_request_buffering off;" in taken
