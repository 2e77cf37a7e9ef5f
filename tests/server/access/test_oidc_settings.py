"""Settings of OpenID providers: what fills itself in, and what is refused with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roto_server.settings import Settings, SettingsError, load_settings

TENANT = "9a2b1c3d-0000-4444-8888-123456789abc"
STUDIO = {"name": "studio", "issuer": "https://id.studio.example", "client_id": "roto"}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    def load(*entries: Any, **settings: str) -> Settings:
        monkeypatch.setenv("ROTO_OIDC_PROVIDERS", json.dumps(entries))
        return load_settings(data_dir=tmp_path, **settings)

    return load


def test_presets_fill_in_what_everyone_would_write_the_same(load: Any) -> None:
    google, microsoft = load(
        {"preset": "google", "client_id": "a"},
        {"preset": "microsoft", "tenant": TENANT.upper(), "client_id": "b", "title": "Studio"},
    ).oidc_providers
    assert (google.name, google.title) == ("google", "Google")
    assert google.issuer == "https://accounts.google.com"
    assert microsoft.issuer == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert (microsoft.name, microsoft.title) == ("microsoft", "Studio")
    assert google.is_anyones
    assert not microsoft.is_anyones


def test_a_secret_may_lie_in_a_file_and_shows_nowhere(load: Any, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("  s3cr3t-of-the-client\n")
    (provider,) = load({**STUDIO, "client_secret_file": str(file)}).oidc_providers
    assert provider.client_secret.get_secret_value() == "s3cr3t-of-the-client"
    assert "s3cr3t" not in repr(provider)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"name": "studio", "client_id": "x"}, "provider studio: issuer: Field required"),
        ({**STUDIO, "issuer": "http://id.studio.example"}, "is not an https:// address"),
        ({**STUDIO, "issuer": "https://user:pw@id.example"}, "is not an https:// address"),
        ({**STUDIO, "domain": "studio.example"}, "domain: Extra inputs"),
        ({**STUDIO, "domains": ["studio"]}, "'studio' is not a domain"),
        ({**STUDIO, "role": "admin"}, "role"),
        ({**STUDIO, "client_secret_file": "/nowhere/at/all"}, "cannot be read"),
        ({**STUDIO, "client_secret": "topsecret", "client_secret_file": "/x"}, "give one of them"),
        ({"preset": "okta", "client_id": "x"}, "no preset 'okta'"),
        ({"preset": "microsoft", "client_id": "x"}, "needs `tenant`"),
        ({"preset": "google", "client_id": "x", "trust_email": True}, "trust_email would let"),
        (
            {"preset": "microsoft", "tenant": "common", "client_id": "x", "trust_email": True},
            "trust_email would let",
        ),
    ],
)
def test_what_cannot_work_or_is_not_safe_is_refused(load: Any, entry: Any, reason: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(entry)
    assert "ROTO_OIDC_PROVIDERS" in refused.value.message
    assert reason in refused.value.message
    assert "topsecret" not in str(refused.value)


def test_a_provider_of_the_whole_world_makes_no_accounts_unasked(load: Any) -> None:
    google = {"preset": "google", "client_id": "x", "new_people": True}
    with pytest.raises(SettingsError, match="everyone in the world"):
        load(google)
    assert load({**google, "domains": ["@Studio.example"]}).oidc_providers[0].domains == [
        "studio.example"
    ]
    mail = {"smtp_url": "smtp://127.0.0.1", "mail_from": "roto@studio.example"}
    assert load(google, registration="open", **mail).oidc_providers[0].new_people
    assert load({**STUDIO, "new_people": True}).oidc_providers[0].new_people


def test_two_providers_have_two_names(load: Any) -> None:
    with pytest.raises(SettingsError, match="two providers have the name 'studio'"):
        load(STUDIO, STUDIO)


@pytest.mark.parametrize("text", ["nonsense", "{}", '[{"name": "x"', "[3]", '"google"'])
def test_what_is_no_list_of_providers_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    monkeypatch.setenv("ROTO_OIDC_PROVIDERS", text)
    with pytest.raises(SettingsError, match="ROTO_OIDC_PROVIDERS"):
        load_settings(data_dir=tmp_path)
