"""What kind of route a path is, before any routing: which limits it falls under.

A route that is not named here is an ordinary one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roto_client.contract import API_PREFIX


@dataclass(frozen=True)
class RouteClass:
    """``by_address`` and ``by_account`` name settings (``limit_...``): windows for the sender's
    address, and for the ``account_field`` of the JSON body together with that address or, of those
    in ``by_account_anywhere``, from everywhere.

    A ``strict`` route is refused while nothing can be counted: what it guards is worth more than
    that it works. ``small`` routes take small bodies only.
    """

    name: str
    by_address: tuple[str, ...] = ("limit_address",)
    by_holder: tuple[str, ...] = ("limit_user", "limit_key")
    account_field: str = ""
    by_account: tuple[str, ...] = ()
    by_account_anywhere: tuple[str, ...] = ()
    strict: bool = False
    small: bool = False


UNLIMITED = RouteClass("unlimited", by_address=(), by_holder=())
ORDINARY = RouteClass("ordinary")
AUTH = RouteClass("auth", small=True)
BULK = RouteClass("bulk", by_holder=("limit_bulk",))
STATISTICS = RouteClass("statistics", by_holder=("limit_user", "limit_key", "limit_statistics"))
FARM = RouteClass("farm", by_address=("limit_farm",), by_holder=("limit_farm",))
SIGN_IN = RouteClass(
    "sign_in",
    by_address=("limit_address", "limit_sign_in"),
    account_field="email",
    by_account=("limit_account",),
    by_account_anywhere=("limit_account_total",),
    strict=True,
    small=True,
)
MAIL = RouteClass(
    "mail",
    by_address=("limit_address", "limit_mail"),
    account_field="email",
    by_account_anywhere=("limit_mail_account",),
    strict=True,
    small=True,
)
INVITE = RouteClass("invite", account_field="email", by_account_anywhere=("limit_mail_account",))
# Signed in, and guessing: an old password, a code that another person was shown.
GUESS = RouteClass(
    "guess",
    by_address=("limit_address", "limit_sign_in"),
    by_holder=("limit_account",),
    strict=True,
    small=True,
)
DEVICE = RouteClass("device", by_address=("limit_address", "limit_device"), strict=True, small=True)
# What these carry is 256 random bits: there is nothing to guess, so they go on without Redis.
REFRESH = RouteClass("refresh", by_address=("limit_address", "limit_refresh"), small=True)
POLL = RouteClass(
    "device_poll",
    by_address=("limit_address", "limit_refresh"),
    account_field="device_code",
    by_account_anywhere=("limit_device",),
    small=True,
)

_A = re.escape(API_PREFIX)
_ROUTES = tuple(
    (re.compile(rf"{methods} {pattern}"), kind)
    for methods, pattern, kind in (
        (r"\w+", r"/(healthz|readyz|metrics)", UNLIMITED),
        (r"\w+", rf"{_A}/farm/(?!nodes|queues|history).*", FARM),
        ("POST", rf"{_A}/auth/(login|confirm|password/reset)", SIGN_IN),
        ("GET", rf"{_A}/auth/oidc/[^/]+/(start|callback)", SIGN_IN),
        ("POST", rf"{_A}/auth/(register|resend|password/forgot)", MAIL),
        ("POST", rf"{_A}/auth/refresh", REFRESH),
        ("POST", rf"{_A}/auth/device", DEVICE),
        ("POST", rf"{_A}/auth/device/token", POLL),
        (r"\w+", rf"{_A}/auth/(password/change|device/[^/]+(/decision)?)", GUESS),
        (r"\w+", rf"{_A}/(auth|api-keys|users/me)(/.*)?", AUTH),
        ("POST", rf"{_A}/admin/users", INVITE),
        ("GET", rf"{_A}/statistics", STATISTICS),
        ("(PUT|PATCH|POST|HEAD)", rf"{_A}/uploads/[^/]+/(files/.+|urls)", BULK),
        ("(GET|HEAD)", rf"{_A}/jobs/[^/]+/(outputs/(?!counts$)[^/]+|newest-mask)", BULK),
        ("(GET|HEAD)", rf"{_A}/shots/[^/]+/(frames/[^/]+|thumbnail|masks)", BULK),
    )
)


def class_of(method: str, path: str) -> RouteClass:
    """The class of a request's route."""
    line = f"{method} {path}"
    for pattern, kind in _ROUTES:
        if pattern.fullmatch(line):
            return kind
    return ORDINARY
