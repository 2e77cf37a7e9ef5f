"""Settings of what one caller may ask for: how often, how much, and whom the server believes.

A rate is written ``60/minute``, several that all hold ``10/minute;100/hour``, none ``off``. The
defaults are for 200 artists behind one address of their studio and a farm beside them.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from ..limiting.rates import Rate, parse_rates

UNIX_PEER = "unix"
"""Among trusted proxies: whoever connects over a unix socket."""


def _rates(value: Any) -> Any:
    return parse_rates(value) if isinstance(value, str) else value


Rates = Annotated[tuple[Rate, ...], NoDecode, BeforeValidator(_rates)]


class LimitSettings(BaseSettings):
    """Rates, sizes in bytes, and the proxies whose ``X-Forwarded-For`` is believed.

    ``limit_bulk`` takes the place of ``limit_user`` and ``limit_key`` for pieces of uploads, frames
    and result files, of which one action asks many; ``limit_statistics``
    holds beside those two. ``limit_account`` counts sign-ins with one e-mail address from one
    network address, ``limit_account_total`` those from everywhere.
    ``limit_mail`` and ``limit_mail_account`` are for routes that send mail. ``trusted_proxies`` are
    addresses, networks (10.1.0.0/16) or ``unix``, separated by spaces in the environment.
    """

    limit_address: Rates = parse_rates("60000/minute")
    limit_user: Rates = parse_rates("6000/minute")
    limit_key: Rates = parse_rates("6000/minute")
    limit_bulk: Rates = parse_rates("60000/minute")
    limit_statistics: Rates = parse_rates("60/minute")
    limit_farm: Rates = parse_rates("120000/minute")
    limit_sign_in: Rates = parse_rates("60/minute;1000/hour")
    limit_account: Rates = parse_rates("10/minute;60/hour")
    limit_account_total: Rates = parse_rates("200/hour")
    limit_mail: Rates = parse_rates("30/minute;400/hour")
    limit_mail_account: Rates = parse_rates("3/minute;12/hour")
    limit_device: Rates = parse_rates("60/minute;1000/hour")
    limit_refresh: Rates = parse_rates("6000/minute")

    limit_redis_seconds: float = Field(default=1.0, gt=0, le=10)
    """How long a request waits for Redis before it goes on, or is refused, without it."""

    max_body_bytes: int = Field(default=64 * 2**20, ge=2**16)
    max_sign_in_body_bytes: int = Field(default=64 * 2**10, ge=2**10)
    max_header_bytes: int = Field(default=32 * 2**10, ge=2**12)
    trusted_proxies: Annotated[list[str], NoDecode] = []
    hsts_seconds: int = Field(default=31_536_000, ge=0)

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_proxies(cls, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        for proxy in value:
            if proxy == UNIX_PEER:
                continue
            try:
                network = ipaddress.ip_network(proxy)
            except ValueError:
                raise ValueError(
                    f"{proxy!r} is not an address, a network such as 10.1.0.0/16, or {UNIX_PEER}"
                ) from None
            if network.prefixlen == 0:
                raise ValueError(f"{proxy} is everybody: name the proxies")
        return value
