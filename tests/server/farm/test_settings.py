"""A server with missing or well-known secrets does not start outside development."""

from __future__ import annotations

from pathlib import Path

import pytest

from roto_server.settings import SettingsError, load_settings

PRODUCTION = {
    "environment": "production",
    "database_url": "postgresql://roto:7Kd1f0aQ@db/roto",
    "redis_url": "redis://:x81hQwe7@cache:6379/0",
    "public_url": "https://roto.studio.example",
    "host": "10.0.0.5",
    "secret_key": "N2ZhMTFkYzUtOGI0Zi00NTk2LTkxYzAtZjBk",
}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_ROOTS", "ENVIRONMENT"):
        monkeypatch.delenv(f"ROTO_{name}", raising=False)
    monkeypatch.setenv("ROTO_DATA_DIR", str(tmp_path))


def test_development_needs_nothing(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.database_url == f"sqlite:///{tmp_path}/roto.db"
    assert settings.storage_root == tmp_path / "storage"
    assert settings.public_url == "http://127.0.0.1:8710"
    assert settings.allowed_roots == []


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_ALLOWED_ROOTS", "/mnt/a:/mnt/b")
    monkeypatch.setenv("ROTO_LEASE_SECONDS", "60")
    monkeypatch.setenv("ROTO_PUBLIC_URL", "https://roto.example/")
    settings = load_settings()
    assert settings.allowed_roots == [Path("/mnt/a"), Path("/mnt/b")]
    assert settings.lease_seconds == 60
    assert settings.public_url == "https://roto.example"


def test_production_starts_with_real_secrets() -> None:
    assert load_settings(**PRODUCTION).environment == "production"
    load_settings(**{**PRODUCTION, "redis_url": "unix:///run/redis.sock"})
    load_settings(**{**PRODUCTION, "database_url": "sqlite:////var/lib/roto/roto.db"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"database_url": ""}, "ROTO_DATABASE_URL must be set"),
        ({"redis_url": ""}, "ROTO_REDIS_URL must be set"),
        ({"public_url": ""}, "ROTO_PUBLIC_URL must be set"),
        ({"secret_key": ""}, "ROTO_SECRET_KEY must be set"),
        ({"secret_key": "too short"}, "ROTO_SECRET_KEY: is shorter"),
        ({"database_url": "postgresql://roto:postgres@db/roto"}, "ROTO_DATABASE_URL has no pass"),
        ({"database_url": "postgresql://roto@db/roto"}, "ROTO_DATABASE_URL has no password"),
        ({"redis_url": "redis://cache:6379/0"}, "ROTO_REDIS_URL has no password"),
        ({"redis_url": "redis://:changeme@cache/0"}, "ROTO_REDIS_URL has no password"),
        ({"environment": "development"}, "reachable from the network"),
        ({"lease_seconds": 6.0}, "ROTO_LEASE_SECONDS"),
        ({"port": 70000}, "ROTO_PORT"),
        ({"environment": "staging"}, "ROTO_ENVIRONMENT"),
    ],
)
def test_a_bad_setting_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as refused:
        load_settings(**{**PRODUCTION, **change})
    assert refused.value.hint


def test_no_secret_is_told() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(**{**PRODUCTION, "redis_url": "redis://cache", "port": 1})
    assert "7Kd1f0aQ" not in str(refused.value)
