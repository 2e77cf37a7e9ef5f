"""Farm nodes beside a house: real worker processes, each with a disk of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpers_people import ROTO, House


@dataclass
class Node:
    """One worker process; ``scratch`` is its disk, ``log`` what it says."""

    name: str
    scratch: Path
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        """The end of its log, for messages of assertions."""
        return self.log.read_text(encoding="utf-8")[-6000:]

    def kill(self) -> None:
        """As a power cut does."""
        for child in _children(self.process.pid):
            os.kill(child, 9)
        self.process.kill()
        self.process.wait()


@contextmanager
def node(
    house: House, name: str, *roots: Path, supervise: bool = False, **settings: str
) -> Iterator[Node]:
    """A worker that may touch its own scratch and ``roots``; ``settings``: WORKER_* variables.

    Without ``supervise`` it is one process, which stays dead when it is killed.
    """
    home = house.folder / "nodes" / name
    scratch = home / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    token = home / "farm-token"
    token.write_text(house.farm_token)
    log = home / "worker.log"
    environment = {
        **{key: value for key, value in os.environ.items() if key[:5] != "ROTO_"},
        "ROTO_SERVER": house.url,
        "ROTO_REDIS_URL": house.environment["ROTO_REDIS_URL"],
        "ROTO_FARM_TOKEN_FILE": str(token),
        "ROTO_WORKER_ROOTS": os.pathsep.join(map(str, (scratch, *roots))),
        **{f"ROTO_WORKER_{key}": value for key, value in settings.items()},
    }
    command = [*ROTO, "worker", "--node", name, "--drain-seconds", "1", "--scratch", str(scratch)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, *([] if supervise else ["--no-supervise"])],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    made = Node(name, scratch, log, process)
    try:
        yield made
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


@contextmanager
def remote_node(house: House, name: str, *roots: Path, **settings: str) -> Iterator[Node]:
    """A node that does not mount the storage: the house's folders are not among its roots."""
    given = {"STORAGE": "remote", "SEND_SECONDS": "0.2", **settings}
    with node(house, name, *roots, **given) as made:
        yield made


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []
