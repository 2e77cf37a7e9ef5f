"""Rates as the settings write them: ``60/minute``, several with ``;``, or ``off``."""

from __future__ import annotations

from dataclasses import dataclass

import limits

OFF = "off"
_UNITS = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


@dataclass(frozen=True)
class Rate:
    """At most ``amount`` requests in any ``seconds`` seconds."""

    amount: int
    seconds: int

    def __str__(self) -> str:
        """As the settings write it."""
        return f"{self.amount}/{_UNITS.get(self.seconds, f'{self.seconds} seconds')}"


def parse_rates(text: str) -> tuple[Rate, ...]:
    """The rates of a setting, all of which hold at once; none for ``off``.

    Raises:
        ValueError: ``text`` is something else, or a rate that lets nothing through.
    """
    if text.strip().lower() == OFF:
        return ()
    try:
        items = limits.parse_many(text)
    except ValueError:
        items = []
    rates = tuple(Rate(item.amount, item.get_expiry()) for item in items)
    if not rates or any(rate.amount < 1 or rate.seconds < 1 for rate in rates):
        raise ValueError(f"{text!r} is not a rate: write 60/minute, 10/minute;100/hour, or off")
    return rates
