"""One OpenID provider over HTTP: what it tells of itself, its keys, and codes for ID tokens."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Mapping
from typing import Any

import jwt
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from roto_client.contract import API_PREFIX
from roto_shapes.errors import RotoError

from ...settings import Settings
from ...settings.oidc import OidcProvider, check_address
from .flows import Flow
from .problems import OidcError, Problem

SETTING = "ROTO_OIDC_PROVIDERS"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""What an ID token may be signed with: public keys only, never the client's secret."""

_SCOPE = "openid email profile"
_LEEWAY_SECONDS = 60
_METADATA_SECONDS = 3600.0
_TENANT_GAP = "{tenantid}"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Provider:
    """A provider of the settings. Thread-safe; its answers about itself are kept for an hour.

    ``seconds``: how long it may take to answer.
    """

    def __init__(self, settings: OidcProvider, public_url: str, seconds: float) -> None:
        self.settings = settings
        self.redirect_uri = f"{public_url}{API_PREFIX}/auth/oidc/{settings.name}/callback"
        self._seconds = seconds
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, jwt.PyJWK] = {}
        self._metadata_until = 0.0

    def authorization_url(self, flow: Flow) -> str:
        """Where the browser goes. Raises `OidcError` when the provider cannot be asked."""
        with self._client(self.metadata()) as client:
            url, _ = client.create_authorization_url(
                self.metadata()["authorization_endpoint"],
                state=flow.state,
                code_verifier=flow.verifier,
                nonce=flow.nonce,
            )
        return str(url)

    def claims(self, code: str, flow: Flow) -> dict[str, Any]:
        """What the provider says about whom ``code`` stands for, verified.

        Raises `OidcError` when it refuses the code, cannot be asked, or says what does not hold.
        """
        token = self._exchange(code, flow)
        claims = self._verified(str(token.get("id_token") or ""), flow.nonce)
        if "email" not in claims and "userinfo_endpoint" in self.metadata():
            told = self._userinfo(str(token.get("access_token")))
            if told.get("sub") != claims.get("sub"):
                raise OidcError(Problem.REFUSED, "The user info is about somebody else.")
            claims = {**told, **claims}
        return claims

    def check(self) -> str:
        """Ask the provider for all a sign-in needs, except a person.

        Raises:
            RotoError: naming the provider, when it cannot be reached, is another than configured,
                or does not know our client.
        """
        try:
            metadata = self._fetch_metadata()
            self._fetch_keys(metadata)
            self._check_client(metadata)
        except OidcError as error:
            raise RotoError(
                f"{self.settings.name}: {error.message}", hint=error.hint, code=error.code
            ) from error
        return self.settings.issuer

    def metadata(self) -> dict[str, Any]:
        """What the provider says about itself. Raises `OidcError`."""
        with self._lock:
            if time.monotonic() < self._metadata_until:
                return self._metadata
        return self._fetch_metadata()

    def is_issuer(self, issuer: str) -> bool:
        """Whether ``issuer`` is this provider, or of a shared one, some organisation there."""
        before, gap, after = _issuer_template(self.settings).partition(_TENANT_GAP)
        return issuer == before or bool(
            gap and issuer.startswith(before) and issuer.endswith(after)
        )

    # -- over HTTP

    def _fetch_metadata(self) -> dict[str, Any]:
        issuer = self.settings.issuer
        told = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        expected = _issuer_template(self.settings)
        if told.get("issuer") != expected:
            raise OidcError(
                Problem.UNAVAILABLE,
                f"{issuer} says that its issuer is {str(told.get('issuer'))[:200]!r}.",
                hint="The configured issuer must be exactly what the provider calls itself.",
            )
        for name in _ENDPOINTS:
            _check_endpoint(told, name)
        if "userinfo_endpoint" in told:
            _check_endpoint(told, "userinfo_endpoint")
        with self._lock:
            self._metadata, self._metadata_until = told, time.monotonic() + _METADATA_SECONDS
        return told

    def _fetch_keys(self, metadata: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
        told = self._get(metadata["jwks_uri"])
        try:
            keys = jwt.PyJWKSet.from_dict(told).keys
        except jwt.PyJWTError as error:
            raise OidcError(
                Problem.UNAVAILABLE, f"The keys at {metadata['jwks_uri']} cannot be read: {error}."
            ) from None
        found = {key.key_id or "": key for key in keys if key.public_key_use in (None, "sig")}
        with self._lock:
            self._keys = found
        return found

    def _key(self, kid: str) -> jwt.PyJWK:
        """The key an ID token names; one nobody has heard of is looked for: keys are rotated."""
        with self._lock:
            keys = self._keys
        if kid not in keys:
            keys = self._fetch_keys(self.metadata())
        if kid not in keys:
            raise OidcError(Problem.REFUSED, "The ID token is signed with a key nobody knows.")
        return keys[kid]

    def _exchange(self, code: str, flow: Flow) -> Mapping[str, Any]:
        metadata = self.metadata()
        with self._client(metadata) as client:
            try:
                token: Mapping[str, Any] = client.fetch_token(
                    metadata["token_endpoint"],
                    code=code,
                    code_verifier=flow.verifier,
                    grant_type="authorization_code",
                    timeout=self._seconds,
                    allow_redirects=False,
                )
            except AuthlibBaseError as error:
                raise _refused_by(error) from None
            except requests.RequestException as error:
                raise _away(metadata["token_endpoint"], error) from None
            except ValueError:
                # What is not JSON is an error page.
                raise OidcError(
                    Problem.UNAVAILABLE, f"{metadata['token_endpoint']} did not answer with JSON."
                ) from None
        return token

    def _check_client(self, metadata: Mapping[str, Any]) -> None:
        """Show the client's name and secret with a code that never was: only they are looked at."""
        void = Flow(self.settings.name, "", "", "0" * 43, "")
        try:
            self._exchange("roto-checks-its-client", void)
        except OidcError as error:
            if error.problem is not Problem.REFUSED or "invalid_client" in error.message:
                raise

    def _userinfo(self, access_token: str) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {access_token}"}
        return self._get(self.metadata()["userinfo_endpoint"], bearer)

    def _get(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        asked = {"Accept": "application/json", **(headers or {})}
        try:
            answer = requests.get(url, headers=asked, timeout=self._seconds, allow_redirects=False)
        except requests.RequestException as error:
            raise _away(url, error) from None
        if answer.status_code != 200:
            raise OidcError(Problem.UNAVAILABLE, f"{url} answered {answer.status_code}.")
        try:
            told = answer.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise OidcError(Problem.UNAVAILABLE, f"{url} did not answer with a JSON object.")
        return told

    def _client(self, metadata: Mapping[str, Any]) -> OAuth2Session:
        secret = self.settings.client_secret.get_secret_value()
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return OAuth2Session(
            self.settings.client_id,
            secret or None,
            token_endpoint_auth_method=method if secret else "none",
            scope=_SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )

    # -- what it says

    def _verified(self, id_token: str, nonce: str) -> dict[str, Any]:
        try:
            kid = str(jwt.get_unverified_header(id_token).get("kid") or "")
            key = self._key(kid)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=[name for name in ALGORITHMS if name == key.algorithm_name],
                audience=self.settings.client_id,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise OidcError(Problem.REFUSED, f"The ID token does not hold: {error}.") from None
        self._check_meant_for_us(claims, nonce)
        return claims

    def _check_meant_for_us(self, claims: Mapping[str, Any], nonce: str) -> None:
        expected = _issuer_template(self.settings).replace(_TENANT_GAP, str(claims.get("tid")))
        if claims["iss"] != expected:
            raise OidcError(Problem.REFUSED, "The ID token is another issuer's.")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise OidcError(Problem.REFUSED, "The ID token was made for another sign-in (nonce).")
        is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        presenter = claims.get("azp", None if is_shared else self.settings.client_id)
        if presenter != self.settings.client_id:
            raise OidcError(Problem.REFUSED, "The ID token was made for another client (azp).")


def open_providers(settings: Settings) -> dict[str, Provider]:
    """The configured providers by name; nothing is asked yet."""
    return {
        provider.name: Provider(provider, settings.public_url, settings.oidc_seconds)
        for provider in settings.oidc_providers
    }


def _issuer_template(settings: OidcProvider) -> str:
    """The issuer as the provider's metadata must say it; a shared tenant's has a gap in it."""
    if settings.has_shared_tenant:
        return settings.issuer.rpartition("/v2.0")[0].rpartition("/")[0] + f"/{_TENANT_GAP}/v2.0"
    return settings.issuer


def _check_endpoint(metadata: Mapping[str, Any], name: str) -> None:
    try:
        check_address(str(metadata.get(name)))
    except ValueError as error:
        raise OidcError(
            Problem.UNAVAILABLE, f"Of the provider's metadata, {name} {error}"
        ) from None


def _refused_by(error: AuthlibBaseError) -> OidcError:
    said = f"{error.error}: {error.description}" if error.description else str(error.error)
    return OidcError(
        Problem.REFUSED,
        f"The provider refused the code ({said[:300]}).",
        hint="invalid_client: client_id or client_secret are not what the provider has.",
    )


def _away(url: str, error: requests.RequestException) -> OidcError:
    return OidcError(
        Problem.UNAVAILABLE,
        f"{url} cannot be reached ({type(error).__name__}).",
        hint="The server needs a way to the provider; HTTPS_PROXY and REQUESTS_CA_BUNDLE count.",
    )
