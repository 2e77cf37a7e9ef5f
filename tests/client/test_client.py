"""RotoClient's calls, retries, versions and errors against the strict fake."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import requests
from helpers_client import QUICK, TOKEN, FakeServer, answering, cut, matching

from roto_client.api import JobError, Retry, RotoClient, Transport, raise_unless_succeeded
from roto_client.api import errors as client_errors
from roto_client.api.errors import (
    CLASS_OF_CODE,
    ApiError,
    ConflictError,
    InputError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    ServerUnavailableError,
    SignInError,
    StoppedError,
    VersionMismatchError,
    error_from,
)
from roto_client.api.transport import server_url
from roto_client.contract import ERRORS, PRODUCT_VERSION
from roto_shapes.errors import RotoError


def test_every_code_of_the_contract_has_a_class() -> None:
    assert set(CLASS_OF_CODE) == set(ERRORS)


def test_every_class_is_drawn_in_the_docstring_and_raised_for_some_code() -> None:
    classes = {
        value
        for value in vars(client_errors).values()
        if isinstance(value, type) and issubclass(value, RotoError) and value is not RotoError
    }
    drawing = client_errors.__doc__ or ""
    assert all(cls.__name__ in drawing for cls in classes)
    assert classes - set(CLASS_OF_CODE.values()) == {ApiError, JobError, StoppedError}


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_an_error_body_becomes_its_class_and_keeps_everything(code: str) -> None:
    body = {"code": code, "message": "m", "hint": "h", "detail": {"a": 1}, "request_id": "r"}
    error = error_from(body, status=ERRORS[code].status)
    assert type(error) is CLASS_OF_CODE[code]
    assert (error.code, error.message, error.hint) == (code, "m", "h")
    assert (error.detail, error.request_id, error.status) == ({"a": 1}, "r", ERRORS[code].status)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, NotFoundError), (418, InputError), (500, ServerError), (504, ServerUnavailableError)],
)
def test_a_code_of_a_newer_server_falls_into_a_class_by_status(
    status: int, expected: type[ApiError]
) -> None:
    error = error_from({"code": "brand_new", "message": "m"}, status=status)
    assert type(error) is expected
    assert error.code == "brand_new"


def test_projects_shots_and_jobs(client: RotoClient, server: FakeServer) -> None:
    made = [client.create_project(name) for name in ("a", "b", "c")]
    assert [project.id for project in client.projects()] == [project.id for project in made]
    assert [project.name for project in client.projects(name="b")] == ["b"]
    assert client.project(made[0].id) == made[0]
    with pytest.raises(ConflictError) as caught:
        client.create_project("a")
    assert caught.value.request_id == server.request_ids[-1]

    shot = client.create_shot(
        made[0].id, "s", path="/mnt/p.%04d.exr", frame_range=(1001, 1010), fps=(24000, 1001)
    )
    assert (shot.state, shot.frame_range, shot.fps) == ("probing", (1001, 1010), (24000, 1001))
    assert [found.id for found in client.shots(made[0].id)] == [shot.id]

    server.shots[shot.id]["state"] = "ready"
    prompts = [{"frame": 1001, "points": [{"x": 1.5, "y": 2.5, "positive": True}]}]
    body = {"objects": [{"name": "hero", "prompts": prompts}]}
    job = client.segment(shot.id, body, idempotency_key="one")
    assert client.segment(shot.id, body, idempotency_key="one").id == job.id
    assert client.segment(shot.id, body).id != job.id
    assert client.job(job.id).raw["from_the_future"] == {"x": 1}
    assert client.status(job.id)["state"] == "queued"
    assert client.cancel(job.id).state == "cancelled"
    assert client.retry(job.id).state == "queued"
    assert client.log(job.id) == "log of all"
    assert client.log(job.id, attempt="7") == "log of 7"
    assert client.export(shot.id, ["nuke"]).kind == "export"
    assert [mask["frame"] for mask in client.masks(shot.id)] == [1, 2, 3]
    assert client.shapes(shot.id, version=2)["version"] == "2"
    kinds = [found.kind for found in client.jobs(shot_id=shot.id)]
    assert kinds == ["export", "roto", "roto", "ingest"]
    assert len(list(client.jobs(limit=3))) == 3


def test_a_shot_has_one_source(client: RotoClient) -> None:
    with pytest.raises(TypeError, match="either"):
        client.create_shot("p", "s")


def test_a_wrong_key_is_a_sign_in_error(server: FakeServer) -> None:
    with pytest.raises(SignInError, match="wrong key"):
        list(RotoClient(server.url, "roto_other", retry=QUICK).projects())


def test_a_netrc_entry_does_not_replace_the_key(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with requests.Session() as session:
        assert list(RotoClient(server.url, TOKEN, session=session).projects()) == []


def test_a_proxy_is_used_for_others_but_not_for_this_machine(
    client: RotoClient, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTP_PROXY", server.url)
    assert list(client.projects()) == []
    assert [path for _, path in server.requests] == ["/api/v1/projects"]
    server.faults.append(matching("GET", "^http://farm.example/", answering(404)))
    with pytest.raises(NotFoundError):
        list(RotoClient("http://farm.example", TOKEN, retry=QUICK).projects())


def test_no_proxy_is_honoured(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "farm.invalid")
    with pytest.raises(ServerUnavailableError):
        list(RotoClient("http://farm.invalid", TOKEN, retry=QUICK).projects())
    assert server.requests == []


def test_a_server_too_far_away_in_versions(client: RotoClient, server: FakeServer) -> None:
    server.version = "1.0.0"
    with pytest.raises(VersionMismatchError, match=r"server is 1\.0\.0") as caught:
        list(client.projects())
    assert caught.value.detail["server"] == "1.0.0"
    assert len(server.requests) == 1


@pytest.mark.parametrize("step", [-1, 1])
def test_the_minor_versions_beside_ours_are_fine(
    client: RotoClient, server: FakeServer, step: int
) -> None:
    major, minor = PRODUCT_VERSION.split(".")[:2]
    server.version = f"{major}.{int(minor) + step}.7"
    assert list(client.projects()) == []


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [(200, {"X-Roto-Version": ""}, b"{}"), (200, {}, b"<html>sign in</html>")],
    ids=["no version", "no json"],
)
def test_something_else_at_the_address(
    client: RotoClient, server: FakeServer, status: int, headers: dict[str, str], body: bytes
) -> None:
    server.faults.append(matching("GET", "projects", answering(status, headers=headers, body=body)))
    with pytest.raises(ServerError, match="not a Megaton Roto server"):
        list(client.projects())


def test_a_redirect_names_the_right_address(client: RotoClient, server: FakeServer) -> None:
    moved = answering(308, headers={"Location": "https://roto.example/api/v1/projects"})
    server.faults.append(matching("POST", "projects", moved))
    with pytest.raises(InputError, match=r"https://roto\.example"):
        client.create_project("x")


def test_a_read_is_tried_again_over_cuts_and_bad_gateways(
    client: RotoClient, server: FakeServer
) -> None:
    server.faults += [matching("GET", "projects", act) for act in (cut, answering(502), cut)]
    assert list(client.projects()) == []
    assert len(server.requests) == 4


def test_a_read_gives_up_in_the_end(client: RotoClient, server: FakeServer) -> None:
    server.faults += [matching("GET", "projects", answering(503)) for _ in range(9)]
    with pytest.raises(ServerUnavailableError):
        list(client.projects())
    assert len(server.requests) == QUICK.tries


def test_what_makes_something_is_not_sent_twice(client: RotoClient, server: FakeServer) -> None:
    server.faults.append(matching("POST", "projects", cut))
    with pytest.raises(ServerUnavailableError):
        client.create_project("once")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for_even_then(server: FakeServer, status: int) -> None:
    pauses: list[float] = []
    client = RotoClient("", None, transport=Transport(server.url, TOKEN, sleep=pauses.append))
    wait = answering(status, headers={"Retry-After": "7"})
    server.faults.append(matching("POST", "projects", wait))
    assert client.create_project("later").name == "later"
    assert pauses == [7.0]


def test_a_longer_pause_than_we_have_patience_for_is_told(server: FakeServer) -> None:
    quick = Retry(tries=3, first_pause=0.001, longest_pause=0.001, longest_asked=5.0)
    client = RotoClient(server.url, TOKEN, retry=quick)
    body = b'{"code": "rate_limited", "message": "Too many."}'
    busy = answering(429, headers={"Retry-After": "30"}, body=body)
    server.faults.append(matching("GET", "projects", busy))
    with pytest.raises(RateLimitedError, match="Too many") as caught:
        list(client.projects())
    assert caught.value.detail["retry_after"] == 30.0
    assert len(server.requests) == 1


@pytest.mark.parametrize(("asked", "told"), [("3600", 3600.0), ("1e300", 86400.0)])
def test_no_client_waits_for_an_hour(server: FakeServer, asked: str, told: float) -> None:
    """Nor does it ask sooner than it may."""
    patient = RotoClient(server.url, TOKEN)
    server.faults.append(
        matching("GET", "projects", answering(503, headers={"Retry-After": asked}))
    )
    with pytest.raises(ServerUnavailableError) as caught:
        list(patient.projects())
    assert caught.value.detail["retry_after"] == told
    assert len(server.requests) == 1


def test_who_waits_is_told_why(server: FakeServer) -> None:
    told: list[tuple[str, float]] = []
    client = RotoClient(
        "",
        None,
        transport=Transport(
            server.url,
            TOKEN,
            sleep=lambda seconds: None,
            waiting=lambda error, seconds: told.append((error.code, seconds)),
        ),
    )
    body = b'{"code": "maintenance", "message": "Back at noon."}'
    rest = answering(503, headers={"Retry-After": "20"}, body=body)
    server.faults.append(matching("POST", "projects", rest))
    assert client.create_project("later").name == "later"
    assert told == [("maintenance", 20.0)]


def test_a_call_has_an_id_that_its_retries_share(client: RotoClient, server: FakeServer) -> None:
    server.faults += [matching("GET", "projects", act) for act in (cut, answering(502))]
    assert list(client.projects()) == []
    assert list(client.projects()) == []
    first, *again, other = server.request_ids
    assert again == [first, first]
    assert other != first


@pytest.mark.parametrize("act", [cut, answering(500), answering(200, body=b"<html>")])
def test_an_error_names_the_request(client: RotoClient, server: FakeServer, act: Any) -> None:
    server.faults += [matching("GET", "projects", act) for _ in range(9)]
    with pytest.raises(ApiError) as caught:
        list(client.projects())
    assert caught.value.request_id == server.request_ids[-1] != ""


def test_retry_after_as_a_date_and_as_nonsense(server: FakeServer) -> None:
    pauses: list[float] = []
    client = RotoClient("", None, transport=Transport(server.url, TOKEN, sleep=pauses.append))
    for value in ("Wed, 01 Jan 2020 00:00:00 GMT", "soon", "nan"):
        busy = answering(503, headers={"Retry-After": value})
        server.faults.append(matching("GET", "projects", busy))
    assert list(client.projects()) == []
    assert pauses[0] == 0.0
    assert pauses[1] < 2.0
    assert pauses[2] < 3.0


def test_nobody_there_says_what_to_do() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServerUnavailableError, match="refused") as caught:
        list(RotoClient(f"http://127.0.0.1:{port}", TOKEN, retry=QUICK).projects())
    assert "roto serve" in caught.value.hint


def test_a_missing_ca_bundle_is_named(client: RotoClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_CA_BUNDLE", "/nowhere/studio.pem")
    with pytest.raises(InputError, match=r"studio\.pem"):
        list(client.projects())


class RecordingSession:
    """Answers every request with an empty page and keeps the options."""

    status_code = 200
    headers = {"X-Roto-Version": PRODUCT_VERSION}  # noqa: RUF012

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.options = {"method": method, "url": url, **options}
        return self

    def json(self) -> Any:
        return {"items": [], "next": None}

    def close(self) -> None:
        pass


def test_transport_is_injectable_and_passes_the_ca_bundle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    monkeypatch.setenv("ROTO_CA_BUNDLE", str(bundle))
    session = RecordingSession()
    assert list(RotoClient("https://roto.example/farm/", "k", session=session).projects()) == []
    assert session.options["verify"] == str(bundle)
    assert session.options["url"] == "https://roto.example/farm/api/v1/projects"
    assert session.options["timeout"] == (10.0, 60.0)
    assert session.options["allow_redirects"] is False


def test_an_answer_that_lacks_a_field_is_an_error_not_a_traceback(
    client: RotoClient, server: FakeServer
) -> None:
    server.faults.append(matching("POST", "projects", answering(201, body=b'{"id": "x"}')))
    with pytest.raises(ServerError, match="name"):
        client.create_project("x")


@pytest.mark.parametrize("text", ["", "roto.example", "ftp://roto.example", "http://"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError, match="not a server address"):
        server_url(text)


def test_an_address_may_be_pasted_with_the_api_prefix() -> None:
    assert server_url(" http://h:1/api/v1/ ") == "http://h:1"


def test_how_a_job_ended(client: RotoClient, server: FakeServer) -> None:
    error = {"code": "bad_plate", "message": "truncated", "hint": "render it", "detail": {"f": 1}}
    failed = client.job(server.add_job("0" * 32, state="failed", error=error)["id"])
    with pytest.raises(JobError, match="truncated") as caught:
        raise_unless_succeeded(failed)
    assert (caught.value.code, caught.value.job_id) == ("bad_plate", failed.id)
    done = client.job(server.add_job("0" * 32, state="succeeded")["id"])
    assert raise_unless_succeeded(done) is done
    gone = client.job(server.add_job("0" * 32, state="cancelled")["id"])
    with pytest.raises(JobError, match="cancelled"):
        raise_unless_succeeded(gone)
