"""Shots cut out of one plate: they share its files, by links where each has a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..db.media import MAIN_VIEW, Plate
from ..db.models import JsonObject, Shot
from ..errors import TooLargeError
from ..jobs import plates, sources
from ..storage import Storage
from ..storage.many import link_all

MOST_COPIED = 128 << 30
"""Bytes that a bucket copies for several shots in one request: somebody waits for the answer."""
MOST_FILES = 200_000
"""Files that are given another name for several shots in one request."""


@dataclass(frozen=True)
class WholePlate:
    """A plate that was read, as shots that are cut out of it repeat it. ``source``: as `Plate`."""

    plate: JsonObject
    source: str | None
    frames: tuple[int, int]
    colorspace: str | None
    fps: tuple[int, int] | None


def whole_of(
    caller: Caller, shot: Shot, view: str = MAIN_VIEW, version: int | None = None
) -> tuple[Plate, WholePlate]:
    """The shot's plate that is named, its current one if none is. Raises ``plate_not_ready``."""
    plate = plates.named(caller.session, shot, view, version)
    if plate is None or plate.state != "ready":
        raise RotoError(
            f"Shot {shot.name!r} is {(plate or shot).state}: its plate has not been read.",
            hint="Ask again when it is ready.",
            code="plate_not_ready",
        )
    return plate, whole(plate)


def whole(plate: Plate) -> WholePlate:
    """A plate that was read."""
    fps = (plate.fps_num, plate.fps_den) if plate.fps_num and plate.fps_den else None
    frames = (plate.first_frame or 0, plate.last_frame or 0)
    return WholePlate(dict(plate.plate), plate.source, frames, plate.colorspace, fps)


def share(
    plate: WholePlate, frames: tuple[int, int] | None, source: str, storage: Storage
) -> tuple[JsonObject, str | None]:
    """The plate of a new shot on the same files, its JSON and its source.

    Files of a folder that may be shared stay there; of one that may not, those of ``frames`` get
    names under the key ``source`` as well. Whoever calls holds what is shared as the shot is made
    (`sources.hold`), and releases the source when none is. Raises what `Storage` does; nothing is
    left then.
    """
    if plate.source is None or sources.is_shared(plate.source):
        return dict(plate.plate), plate.source
    file = PurePosixPath(str(plate.plate["path"])).name
    try:
        link_all(storage, _names(plate, frames), plate.source, source)
    except RotoError:
        storage.remove_folder(source)
        raise
    return {**plate.plate, "path": storage.address(f"{source}/{file}")}, source


class Copies:
    """How much one request has given second names: files of a bucket are copied for that."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._files = self._bytes = 0
        self._shots: frozenset[str] = frozenset()
        self._listing = lru_cache(maxsize=8)(storage.listing)

    def count(self, plate: WholePlate, frames: tuple[int, int] | None, shot_id: str) -> None:
        """Add what `share` will do for a shot; call it before. Raises ``too_large``, and adds
        nothing then."""
        if plate.source is None or sources.is_shared(plate.source):
            return
        names = _names(plate, frames)
        there = {} if self._storage.is_shared else self._listing(plate.source)
        self.add(len(names), sum(there.get(name, 0) for name in names), shot_id)

    def add(self, files: int, size: int, shot_id: str) -> None:
        """As `count`. One shot may be as large as it is: who asks for one can ask for no less."""
        shots = self._shots | {shot_id}
        files, size = self._files + files, self._bytes + size
        copied = 0 if self._storage.is_shared else size
        if len(shots) > 1 and (files > MOST_FILES or copied > MOST_COPIED):
            raise TooLargeError(
                "The shots of one request share too much of what was uploaded: at most "
                f"{MOST_FILES} files and, in a bucket, which copies them, {MOST_COPIED >> 30} GiB.",
                hint="Make fewer shots at a time.",
                detail={"most_files": MOST_FILES, "most_bytes": MOST_COPIED},
            )
        self._files, self._bytes, self._shots = files, size, shots


def _names(plate: WholePlate, frames: tuple[int, int] | None) -> list[str]:
    """Names of the files that a shot of ``frames`` needs."""
    return sources.names(plate.plate, frames or plate.frames)
