"""Secrets go into no log line, whatever they are part of."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr

from roto_client.contract.redaction import HIDDEN, redact, redact_text
from roto_server.access.tokens import FARM_PREFIX, KEY_PREFIX, TASK_PREFIX, new_secret
from roto_server.logs import configure_logging
from roto_server.observing.secrets import secrets_of
from roto_server.settings import Settings

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize("prefix", [KEY_PREFIX, FARM_PREFIX, TASK_PREFIX, "rotorefresh_"])
@pytest.mark.parametrize("around", ["{}", "Bearer {}", "<a href='x#token={}'>", "({})", "k={}&b"])
def test_a_secret_of_ours_is_known_anywhere(prefix: str, around: str) -> None:
    secret = new_secret(prefix)
    cleaned = redact_text(around.format(secret))
    assert HIDDEN in cleaned
    assert secret[len(prefix) : len(prefix) + 8] not in cleaned


@pytest.mark.parametrize(
    ("text", "secret", "kept"),
    [
        (f"got {JWT}.", JWT, "got "),
        ("Authorization: Bearer abcdefgh12345", "abcdefgh12345", "Bearer"),
        ("Basic YWRhOnNlY3JldA==", "YWRhOnNlY3JldA", "Basic"),
        ("postgresql://roto:pa55@db/roto", "pa55", "@db/roto"),
        ("redis://:pa55@cache:6379/0", "pa55", "@cache:6379/0"),
        ("GET /api/v1/events?ticket=t1ck3t&after=7", "t1ck3t", "after=7"),
        ("/callback?code=c0de&state=st4te", "c0de", "/callback"),
        ("/callback?code=c0de&state=st4te", "st4te", "/callback"),
        ('{"email": "a@b.c", "password": "hunter\\"2"}', 'hunter\\"2', "a@b.c"),
        ("{'refresh_token': 'r3fr3sh'}", "r3fr3sh", "refresh_token"),
    ],
)
def test_shapes_of_other_secrets(text: str, secret: str, kept: str) -> None:
    cleaned = redact_text(text)
    assert secret not in cleaned
    assert kept in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "https://roto.example/api/v1/jobs/0123456789abcdef0123456789abcdef?limit=5",
        "roto_server.jobs.reconciler", "rotoscope", "2026-11-29T21:00:00Z", "basic shapes",
        "http://127.0.0.1:8710 answers", "code: rate_limited",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_text(text) == text


def test_documents_are_looked_through() -> None:
    cleaned = redact(
        {
            "Set-Cookie": "a=b", "headers": {"AUTHORIZATION": "x", "Accept": "y"}, "n": [1, None],
            "token": "", "deep": [{"password": "p"}, ("Bearer abcdefgh1",)], "raw": b"bytes",
            "error": ValueError("password wanted: s3cr3tvalue"),
        },
        known=["s3cr3tvalue"],
    )  # fmt: skip
    assert cleaned == {
        "Set-Cookie": HIDDEN, "headers": {"AUTHORIZATION": HIDDEN, "Accept": "y"}, "n": [1, None],
        "token": "", "deep": [{"password": HIDDEN}, [f"Bearer {HIDDEN}"]], "raw": HIDDEN,
        "error": f"password wanted: {HIDDEN}",
    }  # fmt: skip


def test_the_secrets_of_the_settings_are_all_known() -> None:
    settings = Settings(
        database_url="postgresql://roto:db%2Fpassword@db/roto",
        redis_url="redis://:redispassword@cache:6379/0",
        secret_key=SecretStr("k" * 40),
        metrics_token=SecretStr("m" * 20),
        otlp_headers=SecretStr("x-key=otlpsecret,y=othersecret"),
        sentry_dsn=SecretStr("https://dsnpublickey@sentry.example/1"),
    )
    known = secrets_of(settings)
    for secret in ("db%2Fpassword", "db/password", "redispassword", "k" * 40, "m" * 20,
                   "otlpsecret", "othersecret", "dsnpublickey"):  # fmt: skip
        assert secret in known, secret
    assert "roto" not in known


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a configured process writes; the process' own logging is put back."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    output, configured = io.StringIO(), structlog.get_config()
    configure_logging(logging.INFO, ["settingssecret"], output)
    yield output
    logging.captureWarnings(False)
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False
    structlog.configure(**configured)


def test_every_line_is_json_with_its_ids_and_without_secrets(lines: io.StringIO) -> None:
    secret = new_secret(KEY_PREFIX)
    with structlog.contextvars.bound_contextvars(request_id="nuke-1", job_id="j1"):
        structlog.get_logger("roto").info("asked", header=f"Bearer {secret}", path="/x")
        logging.getLogger("uvicorn.error").error("failed: %s and settingssecret", secret)
        try:
            raise RuntimeError(f"no {secret}")
        except RuntimeError as error:
            structlog.get_logger("roto").error("broke", error=repr(error), exc_info=error)
    logging.getLogger("uvicorn.access").error("GET /?ticket=t1ck3t")
    written = lines.getvalue()
    assert secret[5:15] not in written
    assert "settingssecret" not in written
    first, second, third = [json.loads(line) for line in written.splitlines()]
    for line in (first, second, third):
        assert (line["request_id"], line["job_id"]) == ("nuke-1", "j1")
        assert {"timestamp", "level", "event"} <= set(line)
    assert (first["event"], first["path"]) == ("asked", "/x")
    assert second["logger"] == "uvicorn.error"
    assert "RuntimeError" in third["exception"]
