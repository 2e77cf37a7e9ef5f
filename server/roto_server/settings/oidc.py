"""Settings of signing in with an OpenID provider: Google, Microsoft, or the studio's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode

GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com"
SHARED_TENANTS = frozenset({"common", "organizations", "consumers"})
"""Microsoft's tenants that let people of any organisation in."""

_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OidcProvider(BaseModel):
    """One provider, an entry of ``ROTO_OIDC_PROVIDERS``.

    ``name`` is part of the address the provider sends people back to
    (``{public_url}/api/v1/auth/oidc/{name}/callback``), ``title`` what the button says.
    ``client_secret_file`` names a file with the secret; without a secret the client is a public
    one. Only people with addresses of ``domains`` come in; empty: all the provider knows. Without
    ``new_people`` only those who have an account already, or were invited; new ones get ``role``.

    ``trust_email``: addresses are believed although the provider does not say that it verified
    them, because the studio gives them out itself. Google's and shared Microsoft tenants' never.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    title: str = Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")
    issuer: str = Field(max_length=400)
    client_id: str = Field(min_length=1, max_length=400)
    client_secret: SecretStr = SecretStr("")
    domains: list[str] = []
    new_people: bool = False
    role: Literal["supervisor", "artist", "viewer"] = "artist"
    trust_email: bool = False

    @property
    def is_anyones(self) -> bool:
        """Whether everyone in the world may have an account there."""
        return self.issuer == GOOGLE or self.has_shared_tenant

    @property
    def has_shared_tenant(self) -> bool:
        """Whether it is Microsoft for any organisation, each with an issuer of its own."""
        tenants = (f"{MICROSOFT}/{tenant}/v2.0" for tenant in SHARED_TENANTS)
        return self.issuer in tenants

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, value: Any) -> Any:
        return _with_secret(_with_preset(dict(value))) if isinstance(value, dict) else value

    @field_validator("issuer")
    @classmethod
    def _is_https(cls, value: str) -> str:
        check_address(value)
        return value

    @field_validator("domains")
    @classmethod
    def _are_domains(cls, value: list[str]) -> list[str]:
        domains = [domain.lower().removeprefix("@") for domain in value]
        for domain in domains:
            if not _DOMAIN.fullmatch(domain):
                raise ValueError(f"{domain!r} is not a domain such as studio.example")
        return domains

    @model_validator(mode="after")
    def _believe_no_stranger(self) -> OidcProvider:
        if self.trust_email and self.is_anyones:
            raise ValueError(
                "trust_email would let anyone in under anyone's address: it is for a provider "
                "whose addresses the studio gives out itself"
            )
        return self


class OidcSettings(BaseSettings):
    """``oidc_providers``: a JSON list of `OidcProvider` in the environment. ``preset`` google, or
    microsoft with ``tenant``, fills in name, title and issuer."""

    oidc_providers: Annotated[list[OidcProvider], NoDecode] = []
    oidc_seconds: float = Field(default=10.0, gt=0, le=60)
    """How long a provider may take to answer."""

    @field_validator("oidc_providers", mode="before")
    @classmethod
    def _read_providers(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            entries = json.loads(value or "[]")
        except json.JSONDecodeError as error:
            raise ValueError(f"is not JSON ({error.msg} at character {error.pos})") from None
        if not isinstance(entries, list):
            raise ValueError("is not a list: write [{...}] around the one provider")
        return [_read(entry, place) for place, entry in enumerate(entries)]

    @field_validator("oidc_providers")
    @classmethod
    def _have_names_of_their_own(cls, value: list[OidcProvider]) -> list[OidcProvider]:
        names = [provider.name for provider in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two providers have the name {name!r}; give one another `name`")
        return value

    def refuse_open_doors(self, registration: str) -> None:
        """Raise `ValueError` when a provider makes accounts for everyone and nobody asked it to."""
        for provider in self.oidc_providers:
            open_door = provider.new_people and provider.is_anyones and not provider.domains
            if open_door and registration != "open":
                raise ValueError(
                    f"ROTO_OIDC_PROVIDERS: {provider.name!r} with new_people makes an account for "
                    "everyone in the world: name your domains, or set ROTO_REGISTRATION=open"
                )


def check_address(url: str) -> None:
    """Raise `ValueError` unless secrets may be sent to ``url``: HTTPS, or this very machine."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.fragment:
        raise ValueError(f"{url!r} is not an https:// address")


def _read(entry: Any, place: int) -> OidcProvider:
    called = entry.get("name") or entry.get("preset") if isinstance(entry, dict) else None
    try:
        return OidcProvider.model_validate(entry)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        at = ".".join(str(part) for part in problem["loc"])
        what = str(problem["msg"]).removeprefix("Value error, ")
        raise ValueError(
            f"provider {called or place + 1}: {at + ': ' if at else ''}{what}"
        ) from None


def _with_preset(entry: dict[str, Any]) -> dict[str, Any]:
    preset, tenant = entry.pop("preset", None), entry.pop("tenant", None)
    if preset not in (None, "google", "microsoft"):
        raise ValueError(f"there is no preset {preset!r}: google or microsoft")
    if preset == "google":
        return {"name": "google", "title": "Google", "issuer": GOOGLE, **entry}
    if preset is None:
        name = str(entry.get("name", ""))
        return {"title": name.replace("-", " ").title(), **entry}
    if tenant not in SHARED_TENANTS and not _TENANT.fullmatch(str(tenant).lower()):
        raise ValueError(
            "microsoft needs `tenant`: the studio's Directory (tenant) ID, 8-4-4-4-12 hex digits "
            "in the Entra admin centre, or one of " + ", ".join(sorted(SHARED_TENANTS))
        )
    issuer = f"{MICROSOFT}/{str(tenant).lower()}/v2.0"
    return {"name": "microsoft", "title": "Microsoft", "issuer": issuer, **entry}


def _with_secret(entry: dict[str, Any]) -> dict[str, Any]:
    path = entry.pop("client_secret_file", None)
    if path is None:
        return entry
    if entry.get("client_secret"):
        raise ValueError("client_secret and client_secret_file: give one of them")
    try:
        secret = Path(str(path)).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"client_secret_file {path} cannot be read ({error})") from None
    if not secret:
        raise ValueError(f"client_secret_file {path} is empty")
    return {**entry, "client_secret": secret}
