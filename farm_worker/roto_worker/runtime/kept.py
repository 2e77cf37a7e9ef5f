"""What worker processes keep on this node's disk, in figures; and letting go of what can be.

Nothing here needs a server. Models stay (`roto models` is for those), and so do reports: they tell
the server of work that is done, and go when it has heard of it.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from ..engines.sam2.checkpoints import models_dir
from .attempt import AttemptLog
from .node_cache import CACHE_FOLDER, NodeCache
from .roots import AllowedRoots
from .scratch import SlotScratch, SlotTakenError

_SLOT = re.compile(r"slot-(\d+)")


@dataclass(frozen=True)
class Kept:
    """Files of one kind. ``what``: scratch, reports, cache or models. ``slot``: whose they are."""

    what: str
    path: Path
    files: int
    bytes: int
    slot: int | None = None


def look(scratch: Path) -> list[Kept]:
    """What is kept below ``scratch``, and the models of this node."""
    kept = []
    for slot, home in _slots(scratch):
        kept.append(_counted("scratch", home / "attempts", slot))
        kept.append(_counted("reports", home / "reports", slot))
    kept.append(_counted("cache", scratch / CACHE_FOLDER))
    kept.append(_counted("models", models_dir()))
    return [one for one in kept if one.files]


def clean(scratch: Path) -> int:
    """Let go of the cache, and of what attempts of processes that are dead left; bytes of it.

    Slots in which a process works are left alone.
    """
    freed = 0
    for slot, home in _slots(scratch):
        with suppress(SlotTakenError), closing(SlotScratch(scratch, slot)) as own:
            freed += _counted("scratch", home / "attempts").bytes
            bury(own, AllowedRoots.from_environment(), how="unknown", node=socket.gethostname())
    cache = scratch / CACHE_FOLDER
    return freed + NodeCache(cache, limit_bytes=0).clean()


def bury(scratch: SlotScratch, roots: AllowedRoots, *, how: str, node: str) -> None:
    """Remove what attempts of a dead process left; the log of each tells how it died."""
    for left in scratch.abandoned():
        log = AttemptLog(roots.log_path(left), attempt_id=left["attempt_id"])
        log.write("worker process died", how=how, node=node)
    scratch.sweep()


def _slots(scratch: Path) -> Iterator[tuple[int, Path]]:
    """Number and folder of every slot there ever was."""
    for home in sorted(scratch.glob("slot-*")):
        number = _SLOT.fullmatch(home.name)
        if number and home.is_dir():
            yield int(number[1]), home


def _counted(what: str, folder: Path, slot: int | None = None) -> Kept:
    files, size = 0, 0
    for path in folder.rglob("*"):
        # Attempts end, and caches forget, while they are looked at.
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                files += 1
                size += path.stat().st_size
    return Kept(what, folder, files, size, slot)
