"""Sliding windows in Redis: one script, one round trip, for all windows that a request falls in.

A window counts what came in the present and in the last stretch of its length and weighs the last
by the part of it that still lies within reach. Redis's clock decides, so server processes share
every window. A request that one window refuses is counted in none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError

from .rates import Rate

MOST_CONNECTIONS = 32
AWAY_SECONDS = 1.0
"""How long a Redis that did not answer is left alone before one request tries it again."""

_KEY = "roto-limit:"

_SCRIPT = """
local function wait_of(limit, length, into, count, before)
  local used = before * (length - into) / length + count
  if used + 1 <= limit + 1e-9 then
    return used, 0
  end
  local room = limit - 1 - count
  if room >= 0 then
    return used, length * (1 - room / before) - into
  end
  return used, length - into + length * (1 - (limit - 1) / count)
end

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local windows, allowed = {}, 1
for i, key in ipairs(KEYS) do
  local limit, length = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local stretch = math.floor(now / length)
  local kept = redis.call('HMGET', key, 'stretch', 'count', 'before')
  local at, count, before = tonumber(kept[1] or -2), tonumber(kept[2] or 0), tonumber(kept[3] or 0)
  if at == stretch - 1 then
    count, before = 0, count
  elseif at ~= stretch then
    count, before = 0, 0
  end
  local into = now - stretch * length
  local _, wait = wait_of(limit, length, into, count, before)
  if wait > 0 then
    allowed = 0
  end
  windows[i] = {key, limit, length, stretch, into, count, before}
end
local answer = {allowed}
for i, window in ipairs(windows) do
  local key, limit, length, stretch, into, count, before = unpack(window)
  if allowed == 1 then
    count = count + 1
    redis.call('HSET', key, 'stretch', stretch, 'count', count, 'before', before)
    redis.call('PEXPIRE', key, 2 * length)
  end
  local used, wait = wait_of(limit, length, into, count, before)
  answer[3 * i - 1] = math.max(math.floor(limit - used), 0)
  answer[3 * i] = math.ceil(wait)
  answer[3 * i + 1] = length - into
end
return answer
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Window:
    """What one request is counted in: ``name`` for people, ``key`` for whom, how much and long."""

    name: str
    key: str
    rate: Rate


@dataclass(frozen=True)
class Standing:
    """How a window stands after the request.

    ``wait`` is how many seconds it takes until one more is let through (0: none), ``renews_in``
    how many until the window's present stretch is over; both are never too few.
    """

    window: Window
    remaining: int
    wait: int
    renews_in: int


@dataclass(frozen=True)
class Verdict:
    """Whether the request may go on, and how each of its windows stands."""

    allowed: bool
    standings: tuple[Standing, ...]

    @property
    def tightest(self) -> Standing:
        """Of a refused request the window with the longest wait, else that with the least left."""
        if not self.allowed:
            return max(self.standings, key=lambda standing: standing.wait)
        return min(self.standings, key=lambda one: one.remaining / one.window.rate.amount)


class WindowsAwayError(Exception):
    """Redis did not answer, or did not a moment ago."""


class Windows:
    """Counts requests in the windows of the Redis at ``url``. For one event loop.

    ``patience`` is how many seconds Redis may take to answer.
    """

    def __init__(
        self, url: str, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=patience,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            # A connection that died while it waited; one that gets no answer is not tried again.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._script = self._redis.register_script(_SCRIPT)
        self._clock = clock
        self._away_until = 0.0
        self._away = False

    async def take(self, windows: Sequence[Window]) -> Verdict:
        """Count one request in all ``windows`` (at least one), or, if one is full, in none.

        Raises:
            WindowsAwayError: nothing could be counted.
        """
        if self._clock() < self._away_until:
            raise WindowsAwayError("Redis did not answer a moment ago")
        if self._away:
            # One request tries; the others do not wait for it.
            self._away_until = self._clock() + AWAY_SECONDS
        try:
            answer = await self._script(
                keys=[_KEY + window.key for window in windows],
                args=[
                    part for one in windows for part in (one.rate.amount, one.rate.seconds * 1000)
                ],
            )
        except (RedisError, OSError) as error:
            self._note_away(error)
            raise WindowsAwayError(str(error)) from error
        if self._away:
            self._away, self._away_until = False, 0.0
            log.info("limits_count_again")
        return _verdict(windows, answer)

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._redis.aclose()

    def _note_away(self, error: Exception) -> None:
        self._away_until = self._clock() + AWAY_SECONDS
        if not self._away:
            log.warning("limits_cannot_count", error=str(error) or type(error).__name__)
        self._away = True


def _verdict(windows: Sequence[Window], answer: Sequence[int]) -> Verdict:
    allowed, *numbers = answer
    standings = [
        Standing(window, remaining, _seconds(wait), _seconds(renews_in))
        for window, remaining, wait, renews_in in zip(
            windows, numbers[::3], numbers[1::3], numbers[2::3], strict=True
        )
    ]
    return Verdict(bool(allowed), tuple(standings))


def _seconds(milliseconds: int) -> int:
    """Whole seconds, never too few."""
    return -(-milliseconds // 1000)
