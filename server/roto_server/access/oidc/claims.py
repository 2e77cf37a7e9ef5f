"""What of an ID token is believed about a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...mail.address import normal_address
from ...settings.oidc import GOOGLE, OidcProvider
from .problems import OidcError, Problem

_LONGEST_NAME = 100
_LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Vouched:
    """A person as ``issuer`` knows them. ``address`` is lower case, and empty when nobody vouches
    that it is theirs."""

    issuer: str
    subject: str
    address: str
    name: str


def vouched(claims: Mapping[str, Any], provider: OidcProvider) -> Vouched:
    """The person of verified ``claims``.

    Raises `OidcError` for a token without a subject, or an address outside of the domains.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise OidcError(Problem.REFUSED, "The ID token has no subject that could be kept.")
    address = _address(claims, provider)
    if provider.domains and address.rpartition("@")[2] not in provider.domains:
        raise OidcError(
            Problem.DOMAIN,
            f"The address vouched for ({address or 'none'}) is of none of the provider's domains.",
        )
    return Vouched(str(claims["iss"]), subject, address, _name(claims, address))


def _address(claims: Mapping[str, Any], provider: OidcProvider) -> str:
    """The e-mail address if the provider has verified it, or the studio says that it need not."""
    try:
        address = normal_address(str(claims.get("email", "")))
    except ValueError:
        return ""
    if provider.trust_email:
        return address
    if provider.issuer == GOOGLE and not _is_googles(address, claims):
        return ""
    # Microsoft's word for it: the domain's owner was verified (an optional claim).
    is_verified = claims.get("email_verified") is True or claims.get("xms_edov") in (True, 1, "1")
    return address if is_verified else ""


def _is_googles(address: str, claims: Mapping[str, Any]) -> bool:
    """Google answers for the addresses it hosts; others were verified once, and may have passed
    into other hands since."""
    return address.endswith("@gmail.com") or bool(claims.get("hd"))


def _name(claims: Mapping[str, Any], address: str) -> str:
    said = claims.get("name") or claims.get("preferred_username") or address.partition("@")[0]
    name = "".join(letter for letter in str(said) if letter.isprintable()).strip()
    return name[:_LONGEST_NAME] or "Somebody"
