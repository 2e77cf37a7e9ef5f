"""What a worker process is told at its start."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs

from roto_shapes.errors import RotoError

QUEUES = ("gpu", "cpu")
CONFIG_VARIABLE = "ROTO_WORKER_CONFIG"
"""How the supervisor hands the configuration on: not on a command line everyone can read."""

TOKEN_VARIABLE = "ROTO_FARM_TOKEN"  # noqa: S105 (a name, not a secret)
TOKEN_FILE_VARIABLE = "ROTO_FARM_TOKEN_FILE"  # noqa: S105


class ConfigError(RotoError):
    """The worker cannot start as it was told to."""

    code = "bad_request"


def default_scratch() -> Path:
    """Where scratch directories lie unless told otherwise: the user's cache directory."""
    return Path(platformdirs.user_cache_dir("megaton-roto")) / "worker"


@dataclass(frozen=True)
class WorkerConfig:
    """One worker slot. Times are seconds; the farm token is no part of it (see `farm_token`).

    ``storage`` is shared (mounted where the server has it, or in ``mounts``) or remote (files come
    and go over HTTP, what was fetched is kept in ``cache_gb`` of the scratch disk, what is finished
    is sent every ``send_seconds``). ``mounts``: folders of this node by the name of the place.

    Raises:
        ConfigError: a value is missing or makes no sense.
    """

    server: str
    redis: str
    queues: list[str] = field(default_factory=lambda: list(QUEUES))
    slot: int = 0
    node: str = field(default_factory=socket.gethostname)
    scratch: str = field(default_factory=lambda: str(default_scratch()))
    storage: str = "shared"
    mounts: dict[str, str] = field(default_factory=dict)
    cache_gb: float = 50.0
    send_seconds: float = 30.0
    drain_seconds: float = 20.0
    claim_patience: float = 20.0
    report_patience: float = 60.0
    parent_pid: int = 0
    """Of the supervisor, whose death ends this process; 0 for none."""
    last_death: str = ""
    """How the slot's last process died, if the supervisor knows."""

    def __post_init__(self) -> None:
        if not self.server.startswith(("http://", "https://")):
            raise ConfigError(
                f"The server URL {self.server!r} is not an http(s) URL.",
                hint="Give --server or set ROTO_SERVER.",
            )
        if not self.redis.startswith(("redis://", "rediss://", "unix://")):
            raise ConfigError(
                "The Redis URL is missing or not a redis://, rediss:// or unix:// URL.",
                hint="Give --redis or set ROTO_REDIS_URL.",
            )
        unknown = set(self.queues) - set(QUEUES)
        if unknown or not self.queues:
            raise ConfigError(
                f"Unknown queues: {', '.join(sorted(unknown)) or '(none given)'}.",
                hint="--queues takes gpu, cpu or gpu,cpu.",
            )
        if self.slot < 0:
            raise ConfigError("A slot is 0 or higher.")
        if self.storage not in ("shared", "remote"):
            raise ConfigError(
                f"A storage is shared or remote, not {self.storage!r}.",
                hint="Give --storage or set ROTO_WORKER_STORAGE.",
            )
        if self.cache_gb < 0 or self.send_seconds <= 0:
            raise ConfigError("The cache has a size, and results are sent now and then.")

    def to_json(self) -> str:
        """For the environment of the child process; may hold the password of Redis."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> WorkerConfig:
        """The opposite of `to_json`."""
        return cls(**json.loads(text))


def parse_mounts(text: str) -> dict[str, str]:
    """Folders written ``shows=/Volumes/shows;scans=/data``, by the names of the studio's places.

    Raises:
        ConfigError: naming the part that is none.
    """
    mounts: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        name, _, folder = (one.strip() for one in part.partition("="))
        if not name or not os.path.isabs(folder) or name in mounts:
            raise ConfigError(
                f"{part!r} is not NAME=FOLDER, or names a place twice.",
                hint="ROTO_WORKER_PLACES reads: shows=/Volumes/shows;scans=/data",
            )
        mounts[name] = folder
    return mounts


def farm_token() -> str:
    """The farm token from ``ROTO_FARM_TOKEN_FILE`` or ``ROTO_FARM_TOKEN``.

    Raises:
        ConfigError: neither is set, or the file cannot be read.
    """
    path = os.environ.get(TOKEN_FILE_VARIABLE)
    if path:
        try:
            token = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"The farm token file {path} cannot be read: {error.strerror}.",
                hint=f"{TOKEN_FILE_VARIABLE} must name the file `roto admin` or `roto serve` made.",
            ) from error
    else:
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        raise ConfigError(
            "No farm token.",
            hint=f"Set {TOKEN_FILE_VARIABLE} (or {TOKEN_VARIABLE}); an API key does not do here.",
        )
    return token
