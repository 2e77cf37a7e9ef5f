"""What of an ID token is believed, where people are sent afterwards, what browsers are called."""

from __future__ import annotations

from typing import Any

import pytest

from roto_server.access.oidc import OidcError, Problem, vouched
from roto_server.access.oidc.provider import Provider
from roto_server.access.own_pages import is_own_page
from roto_server.api.browsers import browser_name
from roto_server.settings.oidc import OidcProvider

STUDIO = "https://id.studio.example"
TENANT = "9a2b1c3d-0000-4444-8888-123456789abc"


def provider(**entry: Any) -> OidcProvider:
    basis = {"client_id": "roto"} if "preset" in entry else {
        "name": "studio", "issuer": STUDIO, "client_id": "roto",
    }  # fmt: skip
    return OidcProvider.model_validate({**basis, **entry})


def claims(**more: Any) -> dict[str, Any]:
    return {"iss": STUDIO, "sub": "17", "email": "Ada@Studio.example", **more}


@pytest.mark.parametrize(
    ("told", "entry", "address"),
    [
        ({"email_verified": True}, {}, "ada@studio.example"),
        ({}, {}, ""),
        ({"email_verified": False}, {}, ""),
        ({"email_verified": "true"}, {}, ""),
        ({"email_verified": True, "email": "no address"}, {}, ""),
        ({"email_verified": True, "email": None}, {}, ""),
        ({}, {"trust_email": True}, "ada@studio.example"),
        # Microsoft: only when it says that the domain's owner was verified.
        ({"xms_edov": True}, {"preset": "microsoft", "tenant": "common"}, "ada@studio.example"),
        ({"xms_edov": False}, {"preset": "microsoft", "tenant": "common"}, ""),
        ({}, {"preset": "microsoft", "tenant": TENANT}, ""),
        # Google: only for addresses it hosts.
        ({"email_verified": True}, {"preset": "google"}, ""),
        ({"email_verified": True, "hd": "studio.example"}, {"preset": "google"},
         "ada@studio.example"),
        ({"email_verified": True, "email": "ada@gmail.com"}, {"preset": "google"},
         "ada@gmail.com"),
    ],
)  # fmt: skip
def test_only_addresses_somebody_vouches_for_count(told: Any, entry: Any, address: str) -> None:
    assert vouched(claims(**told), provider(**entry)).address == address


@pytest.mark.parametrize("address", ["ada@other.example", "ada@studio.example.evil.example"])
def test_people_of_other_domains_are_refused(address: str) -> None:
    mine = provider(domains=["studio.example"])
    assert vouched(claims(email_verified=True), mine).address == "ada@studio.example"
    with pytest.raises(OidcError) as refused:
        vouched(claims(email=address, email_verified=True), mine)
    assert refused.value.problem is Problem.DOMAIN
    with pytest.raises(OidcError):
        vouched(claims(email_verified=False), mine)


@pytest.mark.parametrize("subject", [None, "", 17, "x" * 256])
def test_who_has_no_subject_is_nobody(subject: Any) -> None:
    with pytest.raises(OidcError):
        vouched(claims(sub=subject, email_verified=True), provider())


def test_names_are_one_line() -> None:
    said = claims(name="Ada\nLovelace\x00 ", email_verified=True)
    assert vouched(said, provider()).name == "AdaLovelace"
    assert vouched(claims(email_verified=True), provider()).name == "ada"


def test_a_shared_tenant_is_many_issuers_of_one_shape() -> None:
    microsoft = Provider(provider(preset="microsoft", tenant="organizations"), "https://r", 1)
    assert microsoft.is_issuer(f"https://login.microsoftonline.com/{TENANT}/v2.0")
    assert not microsoft.is_issuer(f"https://evil.example/{TENANT}/v2.0")
    studio = Provider(provider(), "https://r", 1)
    assert studio.is_issuer(STUDIO)
    assert not studio.is_issuer(STUDIO + "/")


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [
        ("/account", True),
        ("/device", True),
        ("/device?code=BCDF-GHJK", True),
        ("/jobs", True),
        ("/jobs/0b8f6c1de2f34c7f8e2a7d0c5b9a4e13?state=failed&sort=-created", True),
        ("/shots/0b8f6c1de2f34c7f8e2a7d0c5b9a4e13/review?frame=1044", True),
        ("/jobs?search=sh0*&sort=-created", True),
        (f"/review?list=picked&shots={'-'.join(['0b8f6c1de2f34c7f8e2a7d0c5b9a4e13'] * 100)}", True),
        ("/sign-in", True),
        ("/sign-in?next=//evil.example", False),
        ("/jobs?search=" + "x" * 4001, False),
        ("/jobsx", False),
        ("/jobs//evil.example", False),
        ("/jobs/..", False),
        ("/jobs?next=https://evil.example", False),
        ("//evil.example", False),
        ("https://evil.example/account", False),
        ("/account\n", False),
        ("/account/../api/v1", False),
        ("/device?code=%0d%0aX", False),
        ("\\evil.example", False),
        ("", False),
    ],
)
def test_people_are_sent_to_our_own_pages_only(path: str, is_ours: bool) -> None:
    assert is_own_page(path) is is_ours


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18 "
         "Safari/605.1.15", "Safari on macOS"),
        ("curl/8", "A browser"),
    ],
)  # fmt: skip
def test_browsers_have_names(agent: str, name: str) -> None:
    assert browser_name(agent) == name
