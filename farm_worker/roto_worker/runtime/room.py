"""A reserve on every disk a task writes to: results and scratch never fill one to the brim."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from roto_shapes.errors import RotoError

_EVERY_SECONDS = 2.0


class DiskRoom:
    """Looks now and then whether ``reserve`` bytes are still free on the disks of ``folders``."""

    def __init__(self, folders: Sequence[Path], reserve: int) -> None:
        self._folders, self._reserve = folders, reserve
        self._next_look = 0.0

    def check(self) -> None:
        """Cheap: looks every two seconds, whoever asks more often.

        Raises:
            RotoError: ``disk_full``; nothing is lost but this attempt.
        """
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _EVERY_SECONDS
        for folder in self._folders:
            if folder.exists() and shutil.disk_usage(folder).free < self._reserve:
                raise RotoError(
                    f"less than {self._reserve >> 20} MB are free where the task writes",
                    code="disk_full",
                    hint="Free space on the storage and on the worker's scratch disk, then retry "
                    "the job; ROTO_WORKER_DISK_RESERVE_MB says how much stays free.",
                    detail={"folder": str(folder)},
                )
