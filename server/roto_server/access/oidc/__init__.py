"""Signing in with an OpenID provider: authorization code with PKCE, state and nonce.

`provider` talks to it, `claims` says what of its answer is believed, `flows` keeps sign-ins that
are under way there, `people` finds or makes the account.
"""

from .claims import Vouched, vouched
from .flows import Flow, begin, finish
from .people import person_of
from .problems import OidcError, Problem
from .provider import Provider, open_providers

__all__ = [
    "Flow",
    "OidcError",
    "Problem",
    "Provider",
    "Vouched",
    "begin",
    "finish",
    "open_providers",
    "person_of",
    "vouched",
]
