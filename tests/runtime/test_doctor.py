"""`roto doctor`: problems are found, each with its fix."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from typer import Typer
from typer.testing import CliRunner

from roto_client.contract import PRODUCT_VERSION, VERSION_HEADER
from roto_worker import doctor
from roto_worker.cli import register
from roto_worker.doctor.codecs import look_at_codecs


class Answers:
    """A server for GET and POST; ``token`` is the only good one."""

    def __init__(self) -> None:
        self.token = "good"
        self.version = PRODUCT_VERSION
        self.public_url: str | None = None
        self.checks = {"database": {"ok": True, "message": ""}}
        self.html = False
        answers = self
        self.proxied = False

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers.answer(self)

            def do_POST(self) -> None:
                answers.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        open_to_all = handler.path in ("/healthz", "/readyz")
        known = handler.headers["Authorization"] == f"Bearer {self.token}"
        body: dict[str, object] = {"public_url": self.public_url or self.url}
        if handler.path == "/readyz":
            body["checks"] = self.checks
        payload = b"<html>" if self.html else json.dumps(body).encode()
        hidden = self.proxied and handler.path == "/readyz"
        handler.send_response(404 if hidden else 200 if open_to_all or known else 401)
        handler.send_header(VERSION_HEADER, self.version)
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)


@pytest.fixture
def server() -> Iterator[Answers]:
    made = Answers()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's own set-up shows."""
    for name in ("ROTO_SERVER", "ROTO_REDIS_URL", "ROTO_FARM_TOKEN_FILE", "ROTO_WORKER_ROOTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ROTO_WORKER_SCRATCH", str(tmp_path))
    monkeypatch.setenv("ROTO_API_KEY", "good")
    monkeypatch.setenv("ROTO_FARM_TOKEN", "good")


def problems(**arguments: str) -> dict[str, doctor.Finding]:
    """The findings of the server side that need something done, by area."""
    found = doctor.examine(**arguments)
    machine = {
        "gpu",
        "scratch",
        "limits",
    }  # how well this machine is equipped is not what is tested
    return {one.area: one for one in found if one.problem and one.area not in machine}


def test_a_well_set_up_machine_has_no_problem(server: Answers, redis_url: str) -> None:
    assert not problems(server=server.url, redis_url=redis_url)


def test_wrong_tokens_are_told_apart(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_FARM_TOKEN", "bad")
    found = problems(server=server.url)
    assert set(found) == {"farm token"}
    assert "ROTO_FARM_TOKEN_FILE" in found["farm token"].fix


def test_an_unreachable_server_and_redis(tmp_path: Path) -> None:
    found = problems(server="http://127.0.0.1:1", redis_url=f"unix://{tmp_path}/none.sock")
    assert set(found) == {"server", "redis"}
    assert "nothing listens on port 1" in found["server"].fix


def test_something_else_on_the_port_is_named(server: Answers) -> None:
    server.html = True
    found = problems(server=server.url)
    assert f"port {server.port} is in use by" in found["server"].fix
    assert "pid" in found["server"].fix


def test_a_server_behind_a_proxy_keeps_its_readiness_to_itself(server: Answers) -> None:
    server.proxied = True
    server.checks["redis"] = {"ok": False, "message": "refused"}
    found = [one.text for one in doctor.examine(server=server.url) if one.area == "server"]
    assert f"version {PRODUCT_VERSION}" in found[0]
    assert found[1:] == ["whether its parts are ready is not told from here"]


def test_whether_a_server_could_be_started_here(
    server: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTO_PORT", str(server.port))
    found = problems()
    assert set(found) == {"server", "port"}
    assert f"{server.port} is in use by" in found["port"].text
    server.http.shutdown()  # a thread still waiting on the socket would keep it open
    server.http.server_close()
    assert set(problems()) == {"server"}


def test_version_public_url_and_readiness(server: Answers) -> None:
    server.public_url = "https://roto.studio.example"
    found = problems(server=server.url)
    assert set(found) == {"public url"}
    assert "ROTO_PUBLIC_URL" in found["public url"].fix
    server.public_url = server.url.replace("127.0.0.1", "localhost")
    assert not problems(server=server.url), "two names of this machine"

    server.public_url = None
    server.version = "9.0.0"
    assert "9.0.0" in problems(server=server.url)["server"].fix

    server.version = PRODUCT_VERSION
    server.checks["redis"] = {"ok": False, "message": "refused"}
    assert "redis is not ready" in problems(server=server.url)["server"].text


def test_a_root_that_is_not_mounted(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_WORKER_ROOTS", "/nowhere/mounted")
    assert "/nowhere/mounted" in problems(server=server.url)["roots"].text


def test_what_plates_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = " ".join(one.text for one in look_at_codecs())
    for name in ("openexr", "dpx", "png", "tiff", "jpeg", "prores", "dnxhd", "h264", "mpeg2video"):
        assert name in said
    monkeypatch.setattr("av.codec.codecs_available", {"h264"})
    monkeypatch.setenv("ROTO_WORKER_MAX_PIXELS", "lots")
    found = [one for one in look_at_codecs() if one.problem]
    assert [one.area for one in found] == ["formats", "limits"]
    assert "dnxhd" in found[0].text
    assert "ROTO_WORKER_MAX_PIXELS" in found[1].text
    monkeypatch.delenv("ROTO_WORKER_MAX_PIXELS")
    monkeypatch.setenv("ROTO_WORKER_PUBLISH_MODE", "rw")
    (wrong,) = [one for one in look_at_codecs() if one.area == "limits"]
    assert "ROTO_WORKER_PUBLISH_MODE" in wrong.text


def test_s3_rights(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    store = ThreadedMotoServer(port=0, verbose=False)
    store.start()
    try:
        host, port = store.get_host_and_port()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("ROTO_S3_ENDPOINT", f"http://{host}:{port}")
        monkeypatch.setenv("ROTO_S3_BUCKET", "plates")
        assert "s3:PutObject" in problems(server=server.url)["s3"].fix, "no such bucket yet"

        client = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
        client.create_bucket(Bucket="plates")
        assert "s3" not in problems(server=server.url)
        assert "Contents" not in client.list_objects_v2(Bucket="plates"), "the probe is removed"
    finally:
        store.stop()


def test_the_command_prints_json_and_its_exit_code_tells() -> None:
    app = Typer()
    register(app)
    result = CliRunner().invoke(app, ["doctor", "--server", "http://127.0.0.1:1", "--json"])
    assert result.exit_code == 1
    areas = {one["area"] for one in json.loads(result.stdout) if one["problem"]}
    assert "server" in areas
    table = CliRunner().invoke(app, ["doctor", "--server", "http://127.0.0.1:1"])
    assert "fix:" in table.stdout
