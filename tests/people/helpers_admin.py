"""`roto admin ...` as IT types it, and waiting for what is to come."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from helpers_people import ROTO

SOON_SECONDS = 60.0
"""Far more than the two seconds a change takes to be everywhere, for a machine that is busy."""


def soon(what: Callable[[], bool]) -> None:
    """Return once ``what`` is so."""
    deadline = time.monotonic() + SOON_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


@dataclass
class Shell:
    """Runs the real command with ``environment``."""

    environment: Mapping[str, str]

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """``roto admin WORDS``, whatever comes of it."""
        return subprocess.run(
            [*ROTO, "admin", *words],
            check=False,
            env=dict(self.environment),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def admin(self, *words: str, stdin: str = "") -> str:
        """What ``roto admin WORDS`` prints; it must succeed."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """The JSON lines of ``roto admin WORDS --json``."""
        return [json.loads(line) for line in self.admin(*words, "--json").splitlines()]
