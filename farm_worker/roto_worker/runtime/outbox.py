"""Reports that must reach the server: on disk until it has said 2xx or 409.

One file ``<attempt id>.json`` per finished attempt, for its owner alone to read: it holds the
attempt's token. A restart of the worker sends what a crash or a server outage left.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .farm_client import (
    FarmClient,
    FarmError,
    NotAdmittedError,
    ServerUnavailableError,
    StaleAttemptError,
    TokenRefusedError,
)
from .scratch import write_json_atomically

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """How an attempt ended. ``verb`` is complete, fail or release; ``body`` fits the contract.

    ``token`` is what the claim gave for such reports.
    """

    attempt_id: str
    verb: str
    body: dict[str, Any]
    token: str = field(default="", repr=False)


class Outbox:
    """The reports of one worker slot for one server."""

    def __init__(self, folder: Path, client: FarmClient) -> None:
        self._folder = folder
        self._client = client
        self._sending = threading.Lock()

    def deliver(self, report: Report, *, patience: float = 0.0) -> None:
        """Keep a report and send it; if that does not work within ``patience``, it stays kept.

        The first report of an attempt wins: one found on disk is what really happened.
        """
        path = self._folder / f"{report.attempt_id}.json"
        try:
            if not path.exists():
                write_json_atomically(path, {"server": self._client.server, **asdict(report)})
        except OSError:
            logger.exception("report of attempt %s cannot be kept: sent unkept", report.attempt_id)
            self._send_unkept(report, patience)
            return
        self.flush(patience=patience)

    def flush(self, *, patience: float = 0.0) -> bool:
        """Send every kept report of this server; true when none is left.

        ``patience`` is how long to wait, in seconds, for a server that does not answer or for
        another thread that is sending already.
        """
        if not self._sending.acquire(timeout=patience):
            return False
        try:
            results = [self._send(path, patience) for path in sorted(self._mine())]
            return all(results)
        finally:
            self._sending.release()

    def _mine(self) -> list[Path]:
        return [path for path in self._folder.glob("*.json") if self._is_mine(path)]

    def _is_mine(self, path: Path) -> bool:
        # Another server's report (the scratch root was used with it before) waits for that server.
        return bool(json.loads(path.read_text(encoding="utf-8"))["server"] == self._client.server)

    def _send(self, path: Path, patience: float) -> bool:
        kept = json.loads(path.read_text(encoding="utf-8"))
        attempt_id, verb, token = kept["attempt_id"], kept["verb"], kept.get("token", "")
        try:
            self._client.report(attempt_id, verb, kept["body"], token=token, patience=patience)
        except StaleAttemptError:
            logger.info("attempt %s is no longer current: its %s report dropped", attempt_id, verb)
        except TokenRefusedError as error:
            if not token:  # the farm token may be a mistake that somebody puts right
                logger.warning("report %s of attempt %s kept: %s", verb, attempt_id, error)
                return False
            logger.error("attempt %s is unknown: %s report dropped: %s", attempt_id, verb, error)
        except (ServerUnavailableError, NotAdmittedError) as error:
            logger.warning("report %s of attempt %s kept: %s", verb, attempt_id, error)
            return False
        except FarmError as error:
            logger.error("report %s of attempt %s refused: %s", verb, attempt_id, error)
            self._instead(path, kept, error)
            return False
        path.unlink()
        return True

    def _send_unkept(self, report: Report, patience: float) -> None:
        try:
            self._client.report(
                report.attempt_id, report.verb, report.body, token=report.token, patience=patience
            )
        except FarmError:
            logger.exception("report of attempt %s lost; its lease will run out", report.attempt_id)

    def _instead(self, path: Path, kept: dict[str, Any], error: FarmError) -> None:
        """A refused result becomes a failure the user sees; a refused failure is given up."""
        if kept["verb"] != "complete" or error.status == 404:
            path.unlink()
            return
        kept["verb"] = "fail"
        kept["body"] = {
            "error": {
                "code": "internal",
                "message": f"The server refused the result: {error.message}",
                "hint": error.hint,
                "detail": {"refused_with": error.code},
            }
        }
        write_json_atomically(path, kept)
