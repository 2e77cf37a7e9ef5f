"""What a house tells of itself through a whole run: logs with ids, metrics, traces, errors.

And what it does not tell: any of the secrets that were used.
"""

from __future__ import annotations

import contextlib
import re
import secrets as random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_observing import (
    Receiver,
    attributes,
    json_lines,
    receiver,
    running_worker,
    wait_for,
)
from helpers_people import PASSWORD, ROTO, SECRET_KEY, House, Person, running_house
from sqlalchemy import text

from helpers_services import link_token
from roto_server.access.tokens import create_key
from roto_server.db.people import User
from roto_worker.synthetic.clip import generate_clip

pytestmark = pytest.mark.timeout(900)

METRICS_TOKEN = random.token_urlsafe(24)
OTLP_SECRET = random.token_urlsafe(24)
DSN_KEY = random.token_hex(16)
CLICK, PREVIEW, CRASH = "nuke-click-1", "nuke-preview-1", "nuke-crash-1"
TRACE = "0af7651916cd43dd8448eb211c80319c"
STAGES = ("ingest", "track", "vectorize", "export")
SHORT_TIMES = {
    "ROTO_HEARTBEAT_SECONDS": "0.3",
    "ROTO_LEASE_SECONDS": "30",
    "ROTO_RECONCILE_SECONDS": "0.2",
    "ROTO_RING_AFTER_SECONDS": "1",
}


@dataclass
class Run:
    """A studio's day, after the fact."""

    house: House
    worker_log: Path
    collector: Receiver
    job_id: str
    secrets: set[str] = field(default_factory=set)

    @property
    def server_lines(self) -> list[dict[str, Any]]:
        return json_lines(self.house.processes[0].log)

    @property
    def worker_lines(self) -> list[dict[str, Any]]:
        return json_lines(self.worker_log)

    def metrics(self) -> str:
        key = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        return httpx.get(self.house.url + "/metrics", headers=key, timeout=60).text


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """People sign in, a plugin submits and previews, a worker works, something breaks."""
    folder = tmp_path_factory.mktemp("observed")
    with contextlib.ExitStack() as stack:
        collector = stack.enter_context(receiver())
        house = stack.enter_context(
            running_house(
                folder,
                f"sqlite:///{folder / 'roto.db'}",
                ROTO_METRICS_TOKEN=METRICS_TOKEN,
                ROTO_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}",
                ROTO_OTLP_HEADERS=f"x-collector-key={OTLP_SECRET}",
                ROTO_SENTRY_DSN=f"http://{DSN_KEY}@127.0.0.1:{collector.port}/1",
                **SHORT_TIMES,
            )
        )
        worker_log = stack.enter_context(running_worker(house))
        artist = house.person("artist")
        told = Run(house, worker_log, collector, "")
        told.secrets = {house.admin.key, house.farm_token, artist.key, PASSWORD, SECRET_KEY}
        told.secrets |= {METRICS_TOKEN, OTLP_SECRET, DSN_KEY}
        _sign_in(told)
        told.job_id = _work(told, artist)
        told.metrics()
        _break(told, artist)
        yield told


def _sign_in(run: Run) -> None:
    """By every way there is, well and badly; what was secret in it is noted."""
    house, email = run.house, f"{random.token_hex(6)}@studio.example"
    with house.client() as client:
        body = {"email": email, "name": "Ada", "password": PASSWORD}
        assert client.post("/auth/register", json=body).status_code == 202
        confirm = link_token(house.mails.wait(email))
        assert client.post("/auth/confirm", json={"token": confirm}).is_success
        wrong = "hunter2 hunter2 hunter2"
        client.post("/auth/login", json={"email": email, "password": wrong})
        client.post("/auth/login", content=f'{{"email": "{email}", "password": "{wrong}", ')
        client.post("/auth/login", json={"email": email, "password": {"is": wrong}})
        tokens = client.post("/auth/login", json={"email": email, "password": PASSWORD}).json()
        client.post("/auth/password/forgot", json={"email": email})
        reset = link_token(house.mails.wait(email, 2))
        rotated = client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        client.get("/projects", params={"token": rotated.json()["access_token"], "code": wrong})
        device = client.post("/auth/device", json={"client": "nuke"}).json()
        client.post("/auth/device/token", json={"device_code": device["device_code"]})
    with house.client(rotated.json()["access_token"]) as client:
        ticket = client.post("/auth/tickets").json()["ticket"]
        client.get("/events", params={"ticket": ticket})
        client.get(
            "/projects", headers={"Cookie": f"roto_session={rotated.json()['refresh_token']}"}
        )
    run.secrets |= {confirm, wrong, reset, ticket, device["device_code"]}
    run.secrets |= {tokens["access_token"], tokens["refresh_token"]}
    run.secrets |= {rotated.json()["access_token"], rotated.json()["refresh_token"]}


def _work(run: Run, artist: Person) -> str:
    """A shot, a preview and a job of the artist's plugin, to their ends; the job's id."""
    house = run.house
    clip = generate_clip(house.plates / "plate", 96, 64, 4)
    project = house.project((artist, "artist"))
    with house.client(artist.key) as client:
        plate = {"name": "sh010", "plate": {"path": clip.pattern}}
        made = client.post(f"/projects/{project}/shots", json=plate)
        assert made.is_success, made.text
        shot = made.json()["id"]
        wait_for(
            lambda: client.get(f"/shots/{shot}").json()["state"] == "ready",
            lambda: client.get(f"/shots/{shot}").text + run.worker_log.read_text(),
        )
        objects = [{"name": "hero", "prompts": [clip.prompt]}]
        prompt = {name: value for name, value in clip.prompt.items() if name != "frame"}
        looked = client.post(
            f"/shots/{shot}/preview",
            json={"frame": clip.prompt["frame"], "engine": "flow",
                  "objects": [{"name": "hero", **prompt}]},
            headers={"X-Request-Id": PREVIEW},
        )  # fmt: skip
        assert looked.status_code in (200, 202), looked.text
        asked = client.post(
            f"/shots/{shot}/segment",
            json={"objects": objects, "engine": "flow", "outputs": ["mattes", "shapes"],
                  "exports": ["nuke"]},
            headers={"X-Request-Id": CLICK, "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
        )  # fmt: skip
        assert asked.is_success, asked.text
        job = asked.json()["id"]
        wait_for(
            lambda: client.get(f"/jobs/{job}").json()["state"] == "succeeded",
            lambda: client.get(f"/jobs/{job}").text + run.worker_log.read_text(),
        )
    return str(job)


def _break(run: Run, artist: Person) -> None:
    """A database that has lost a table, under a request that is full of secrets."""
    with run.house.database.session() as session:
        _, key = create_key(session, session.get_one(User, artist.id), "doomed", ["read"])
        run.secrets.add(key)
    with run.house.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE projects RENAME TO lost"))
    try:
        with run.house.client(key) as client:
            query = {"password": PASSWORD, "token": key}
            answer = client.get("/projects", params=query, headers={"X-Request-Id": CRASH})
            assert answer.status_code >= 500, answer.text
    finally:
        with run.house.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE lost RENAME TO projects"))


@pytest.mark.one_database
def test_every_line_of_the_server_is_json(run: Run) -> None:
    for line in run.server_lines:
        assert {"event", "level", "timestamp"} <= set(line), line


@pytest.mark.one_database
def test_the_ids_go_from_the_plugin_into_each_stage(run: Run) -> None:
    clicks = [line for line in run.server_lines if line.get("request_id") == CLICK]
    assert any(line.get("path", "").endswith("/segment") for line in clicks)
    ended = {line["stage"]: line for line in clicks if line["event"] == "attempt_ended"}
    assert set(ended) == {"track", "vectorize", "export"}
    for stage, line in ended.items():
        assert (line["job_id"], line["state"]) == (run.job_id, "succeeded")
        ids = {"request_id": CLICK, "job_id": run.job_id, "attempt_id": line["attempt_id"]}
        on_node = [one for one in run.worker_lines if ids.items() <= one.items()]
        assert {one["stage"] for one in on_node} == {stage}
        [log] = run.house.folder.glob(f"storage/**/logs/{line['attempt_id']}.log")
        inside = json_lines(log)
        assert {"started", "succeeded"} <= {one["event"] for one in inside}
        assert all(ids.items() <= one.items() for one in inside), "also what the stage says"
        reports = [one for one in clicks if one.get("path", "").endswith("/complete")]
        assert any(line["attempt_id"] in one["path"] for one in reports)


@pytest.mark.one_database
def test_a_preview_carries_its_request_too(run: Run) -> None:
    answered = wait_for(
        lambda: [
            line for line in run.worker_lines
            if line.get("request_id") == PREVIEW and "took" in line["event"]
        ],
        run.worker_log.read_text,
    )  # fmt: skip
    assert (answered[0]["stage"], len(answered[0]["preview_id"])) == ("preview", 32)


@pytest.mark.one_database
def test_no_secret_is_written_or_sent_anywhere(run: Run) -> None:
    written = {path: path.read_bytes() for path in run.house.folder.rglob("*.log")}
    assert len(written) > 5, "the server's, the worker's, Redis's, and of every attempt"
    for number, (path, _, body) in enumerate(run.collector.posts):
        written[Path(f"sent-{number}{path}")] = body
    assert run.collector.posts
    for place, content in written.items():
        found = [secret for secret in run.secrets if secret.encode() in content]
        assert not found, f"{found} in {place}"
        for shape in (rb"roto[a-z]*_[A-Za-z0-9_-]{30}", rb"eyJ[A-Za-z0-9_-]{10,}\."):
            assert not re.search(shape, content), place


@pytest.mark.one_database
def test_the_search_for_secrets_would_find_them(run: Run) -> None:
    assert len(run.secrets) > 15
    assert all(len(secret) >= 16 for secret in run.secrets)
    kept = (run.house.folder / "farm-token").read_bytes()
    assert [secret for secret in run.secrets if secret.encode() in kept] == [run.house.farm_token]


@pytest.mark.one_database
def test_the_metrics_tell_of_the_run(run: Run) -> None:
    metrics = run.metrics()
    for stage in STAGES:
        assert f'roto_stage_seconds_count{{stage="{stage}"}} 1.0' in metrics
        ended = f'roto_attempts_ended_total{{stage="{stage}",state="succeeded"}} 1.0'
        assert ended in metrics
    assert re.search(
        r'roto_track_frames_per_second_count\{engine="flow",model="[^"]+"\} 1', metrics
    )
    assert 'roto_jobs{state="succeeded"} 2.0' in metrics
    assert "roto_workers_alive 1.0" in metrics
    assert "roto_database_answers 1.0" in metrics
    assert 'roto_mails_waiting{state="new"} 0.0' in metrics
    route = 'method="POST",route="/api/v1/shots/{shot_id}/segment"'
    assert f'roto_http_requests_total{{{route},status="202"}} 1.0' in metrics
    assert f"roto_http_request_seconds_count{{{route}}} 1.0" in metrics
    assert run.job_id not in metrics


@pytest.mark.one_database
def test_speed_and_gpu_memory_come_from_the_workers(run: Run) -> None:
    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = client.post(f"/farm{path}", json=body)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    boot = "b" * 32
    card = {
        "node": "gpu7", "slot": 0, "boot_id": boot, "version": "0.2.0", "queues": [], "kinds": [],
        "engines": [], "device": "cuda:0 Pretended",
    }  # fmt: skip
    memory = {"gpu_used_bytes": 7_000, "gpu_total_bytes": 9_000, "process_bytes": 5_000}
    with run.house.client(run.house.farm_token) as client:
        assert "memory" in post("/workers", card)["takes"]
        assert 'worker="gpu7:0"' not in run.metrics()
        assert post("/workers/gpu7:0/heartbeat", {"boot_id": boot, "memory": memory})
        metrics = run.metrics()
        for kind, size in (("used", 7), ("total", 9), ("process", 5)):
            labels = f'{{kind="{kind}",worker="gpu7:0"}}'
            assert f"roto_gpu_memory_bytes{labels} {size}000.0" in metrics
        # As a worker of the version before.
        assert post("/workers/gpu7:0/heartbeat", {"boot_id": boot})["action"] == "continue"
        assert 'worker="gpu7:0"' not in run.metrics()
        bad = client.post(
            "/farm/workers/gpu7:0/heartbeat", json={"boot_id": boot, "memory": {"gpu": 1}}
        )
        assert bad.status_code == 422


@pytest.mark.one_database
@pytest.mark.parametrize("given", [None, "Bearer", "Bearer wrong wrong wrong", "Basic x"])
def test_the_metrics_are_for_their_token_alone(run: Run, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    answer = httpx.get(run.house.url + "/metrics", headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    for key in (run.house.admin.key, run.house.farm_token):
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx.get(run.house.url + "/metrics", headers=headers, timeout=60)
        assert answer.status_code == 401


@pytest.mark.one_database
def test_without_a_token_the_metrics_stay_on_this_machine(house: House) -> None:
    assert httpx.get(house.url + "/metrics", timeout=60).status_code == 200
    headers = {"X-Forwarded-For": "198.51.100.7"}
    from_afar = httpx.get(house.url + "/metrics", headers=headers, timeout=60)
    assert (from_afar.status_code, from_afar.json()["code"]) == (403, "forbidden")
    assert "ROTO_METRICS_TOKEN" in from_afar.json()["hint"]


@pytest.mark.one_database
def test_spans_tell_routes_and_follow_the_senders_trace(run: Run) -> None:
    def of_click() -> list[Any]:
        return [span for span in run.collector.spans() if span.trace_id.hex() == TRACE]

    [span] = wait_for(of_click, lambda: repr(run.collector.posts), 60)
    assert span.name == "POST /api/v1/shots/{shot_id}/segment"
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    found = attributes(span)
    assert found == {
        "roto.request_id": CLICK,
        "http.request.method": "POST",
        "http.route": "/api/v1/shots/{shot_id}/segment",
        "http.response.status_code": 202,
    }
    assert all(headers["x-collector-key"] == OTLP_SECRET for path, headers, _ in
               run.collector.posts if path == "/v1/traces")  # fmt: skip
    lines = [line for line in run.server_lines if line.get("trace_id") == TRACE]
    assert CLICK in {line["request_id"] for line in lines}


@pytest.mark.one_database
def test_sentry_is_told_what_broke_under_which_request(run: Run) -> None:
    def of_crash() -> list[dict[str, Any]]:
        return [
            event for event in run.collector.events() if event["tags"].get("request_id") == CRASH
        ]

    [event] = wait_for(of_crash, lambda: repr(run.collector.posts), 60)
    assert "OperationalError" in event["exception"]["values"][-1]["type"]
    for absent in ("request", "user", "breadcrumbs", "server_name"):
        assert event.get(absent) in (None, "", {"values": []}), absent
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames
    assert all("vars" not in frame for frame in frames)


@pytest.mark.parametrize(
    ("package", "setting", "value"),
    [
        ("sentry_sdk", "ROTO_SENTRY_DSN", "http://0123456789abcdef@127.0.0.1:9/1"),
        ("opentelemetry/sdk", "ROTO_OTLP_ENDPOINT", "http://127.0.0.1:9"),
    ],
)
def test_set_but_not_installed_is_no_start(
    house: House, tmp_path: Path, package: str, setting: str, value: str
) -> None:
    """The package is hidden behind one that says what Python says of what is not there."""
    (tmp_path / package).mkdir(parents=True)
    (tmp_path / package / "__init__.py").write_text("raise ModuleNotFoundError(__name__)\n")
    environment = {**house.environment, "PYTHONPATH": str(tmp_path), setting: value}
    if house.database.is_sqlite:
        # The shared house holds the one server's lock.
        environment["ROTO_DATABASE_URL"] = f"sqlite:///{tmp_path / 'roto.db'}"
        migrate = [*ROTO, "admin", "migrate"]
        subprocess.run(migrate, env=environment, check=True, capture_output=True)
    ended = subprocess.run(
        [*ROTO, "serve", "--port", "0"], env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode != 0
    assert setting in ended.stderr
    assert "megaton-roto[telemetry]" in ended.stderr
    assert "0123456789abcdef" not in ended.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ROTO_SENTRY_DSN", "sentry.example"),
        ("ROTO_OTLP_ENDPOINT", "collector:4318"),
        ("ROTO_METRICS_TOKEN", "short"),
        ("ROTO_LOG_LEVEL", "loud"),
    ],
)
@pytest.mark.one_database
def test_nonsense_is_no_start_either(house: House, setting: str, value: str) -> None:
    environment = {**house.environment, setting: value}
    ended = subprocess.run(
        [*ROTO, "serve", "--port", "0"], env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode != 0
    assert setting in ended.stderr
