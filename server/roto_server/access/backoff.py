"""Wrong passwords make the next try wait, for an account that exists as for one that does not.

Two counts are kept in Redis, by the SHA-256 of the address signed in with: one for each place it is
tried from, which grows fast, and one for all places together, which begins late and stays short, so
that waiting never locks a person out from elsewhere (``limit_account_total`` does, for whoever asks
from many addresses; see docs/observing.md). A try counts before it is known to be wrong, so
that many at once gain nothing; the right password clears both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from redis import Redis

from roto_shapes.errors import RotoError

FORGET_SECONDS = 3600
"""For how long after the last wrong password it is remembered."""

# In one step, or tries that arrive together would all be let through. KEYS: count and wait of each
# place; ARGV: seconds to forget, then `free` and `longest_seconds` of each. Answers milliseconds.
_CHARGE = """
local left = 0
for i = 2, #KEYS, 2 do left = math.max(left, redis.call('PTTL', KEYS[i])) end
if left > 0 then return left end
for i = 1, #KEYS, 2 do
    local over = redis.call('INCR', KEYS[i]) - tonumber(ARGV[i + 1])
    redis.call('EXPIRE', KEYS[i], ARGV[1])
    if over >= 0 then
        local seconds = math.min(tonumber(ARGV[i + 2]), 2 ^ math.min(over, 20))
        redis.call('SET', KEYS[i + 1], 1, 'EX', string.format('%d', seconds))
    end
end
return 0
"""


@dataclass(frozen=True)
class _Count:
    """``free`` wrong passwords cost nothing; each one after doubles the wait up to ``longest``."""

    key: str
    free: int
    longest_seconds: int


class Backoff:
    """The waits of one server; thread-safe."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._charge = redis.register_script(_CHARGE)

    def charge(self, account: str, place: str) -> None:
        """Count a try that is about to be made.

        Raises:
            RotoError: ``rate_limited`` while one has to wait; the try is then not made.
        """
        counts = _counts(account, place)
        keys = [key for count in counts for key in (count.key, f"{count.key}:wait")]
        numbers = [number for count in counts for number in (count.free, count.longest_seconds)]
        left = int(str(self._charge(keys=keys, args=[FORGET_SECONDS, *numbers])))
        if left > 0:
            raise _wait(left / 1000)

    def clear(self, account: str, place: str) -> None:
        """Forget the tries: the password was right, or is a new one."""
        keys = [count.key for count in _counts(account, place)]
        self._redis.delete(*keys, *(f"{key}:wait" for key in keys))


def _counts(account: str, place: str) -> tuple[_Count, _Count]:
    whose = hashlib.sha256(account.encode()).hexdigest()
    here = hashlib.sha256(f"{account} {place}".encode()).hexdigest()
    return (
        _Count(f"roto:wrong:{here}", free=5, longest_seconds=300),
        _Count(f"roto:wrong:{whose}", free=50, longest_seconds=30),
    )


def _wait(seconds: float) -> RotoError:
    return RotoError(
        "Too many wrong passwords; wait a moment.",
        code="rate_limited",
        hint="'Forgot the password?' sends a link to choose a new one.",
        detail={"retry_after": seconds, "limit": "wrong_passwords"},
    )
