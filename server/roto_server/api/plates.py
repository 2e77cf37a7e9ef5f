"""From what a client says about a plate to files the farm can open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from roto_shapes.errors import RangeError, RotoError
from roto_shapes.frames import SequencePattern

from ..access.caller import Caller
from ..db.models import JsonObject, Project, Upload
from ..db.session import Database
from ..errors import BadRequestError, ConflictError, NotFoundError
from ..jobs import sources
from ..paths import FoundPlate, check_frames, find_plate, plate_roots
from ..places import to_server
from ..scanning import media_in
from ..settings import Settings
from ..storage import Storage
from ..storage.many import link_all
from ..uploading import known
from ..uploading.files import upload_key
from .deps import transact
from .schemas.projects import PlateIn
from .shared_plates import Copies
from .store_threads import linking, looking

Frames = tuple[int, int] | None


@dataclass(frozen=True)
class TakenPlate:
    """A checked plate: the JSON of ``plates.plate``, and its frames as far as they are known.

    ``source``: key of the folder an uploaded one's files were given; None for one in place.
    """

    plate: JsonObject
    frames: Frames
    source: str | None = None


@dataclass
class PlateTaker:
    """Takes plates for shots of one project, in one request; no transaction is held meanwhile.

    Plates of one upload share a folder where the storage has no hard links (`jobs.sources`).
    """

    connection: HTTPConnection
    project: Project
    settings: Settings
    storage: Storage
    database: Database
    _shared: dict[str, str] = field(default_factory=dict, init=False)
    _users: Counter[str] = field(default_factory=Counter, init=False)

    def __post_init__(self) -> None:
        self._copies = Copies(self.storage)

    async def take(self, told: PlateIn, frames: Frames, shot_id: str, name: str) -> TakenPlate:
        """The plate ``told``, if it may be read and has ``frames`` (None: all there are).

        The files of an upload get a place in the storage: of the shot's own, called ``name``, or
        shared. Raises `RotoError`: what `find_plate` raises, ``not_found`` (the upload),
        ``conflict`` (it is not complete), ``bad_request`` or ``bad_range`` (it is not one plate),
        ``too_large`` (this and the request's others are too many files).
        """
        if told.upload_id is None:
            return await looking(self._in_place, told, frames)
        ident = told.upload_id
        upload = await transact(
            self.connection, lambda caller: self._upload(caller, ident), writing=False
        )
        there = self._shared.get(ident)
        key = there or sources.new_key(self.storage, self.project.id, shot_id, name)
        taken = await linking(self._from_upload, told, frames, upload, key)
        if there is None:
            await linking(self._link, upload, key, shot_id)
            await transact(
                self.connection,
                lambda caller: known.moved(caller.session, upload_key(upload), key),
                writing=True,
            )
        if sources.is_shared(key):
            self._shared[ident] = key
        self._users[key] += 1
        return taken

    async def give_back(self, taken: TakenPlate) -> None:
        """Nothing was made of it: the upload stays as it was."""
        if taken.source is None:
            return
        self._users[taken.source] -= 1
        if not self._users[taken.source]:
            for ident in [one for one, key in self._shared.items() if key == taken.source]:
                del self._shared[ident]
            await linking(sources.release, self.database, self.storage, taken.source)

    def _upload(self, caller: Caller, ident: str) -> Upload:
        upload = caller.upload(ident)
        if upload.project_id != self.project.id:
            raise NotFoundError("upload", ident)
        return upload

    def _in_place(self, told: PlateIn, frames: Frames) -> TakenPlate:
        path = to_server(str(told.path), self.project, self.settings)
        found = find_plate(path, plate_roots(self.project, self.settings), frames)
        return _taken(told, found, frames)

    def _from_upload(self, told: PlateIn, frames: Frames, upload: Upload, key: str) -> TakenPlate:
        if upload.state != "complete":
            raise ConflictError(
                "The upload is not complete.", hint="Send what is missing, then complete it."
            )
        found = _one_plate([str(file["name"]) for file in upload.files], key, frames)
        at_home = FoundPlate(found.kind, self.storage.address(found.path), found.frames)
        return _taken(told, at_home, frames, key)

    def _link(self, upload: Upload, source: str, shot_id: str) -> None:
        """Give the files of an upload names in the folder, which is removed if that fails."""
        sizes = {str(file["name"]): int(file["size"]) for file in upload.files}
        self._copies.add(len(sizes), sum(sizes.values()), shot_id)
        try:
            link_all(self.storage, sizes, upload_key(upload), source)
        except RotoError:
            self.storage.remove_folder(source)
            raise


def _one_plate(names: list[str], folder: str, frames: Frames) -> FoundPlate:
    """The plate that all of the files make."""
    found, odd = media_in(folder, names)
    if len(found) != 1 or found[0].count != len(names):
        if odd and odd[0].reason == "no_number" and not found:
            raise RangeError(
                f"{names[0]!r} holds no frame number.", hint="Name it as plate.1001.exr is."
            )
        told = [f"{one.count} of {one.path.rpartition('/')[2]}" for one in found[:5]]
        told += [one.path.rpartition("/")[2] for one in odd[:5]]
        raise BadRequestError(
            f"The upload holds {len(names)} files: {', '.join(told) or 'no plate among them'}.",
            hint="An upload for a shot is one movie or one sequence.",
        )
    plate = found[0]
    if plate.kind == "movie":
        return FoundPlate("movie", plate.path)
    pattern = SequencePattern.parse(plate.path)
    begin, end = len(pattern.prefix), -len(pattern.suffix)
    there = sorted(int(name[begin:end]) for name in names)
    return FoundPlate("sequence", plate.path, check_frames(there, frames, plate.title))


def _taken(
    told: PlateIn, found: FoundPlate, frames: Frames, source: str | None = None
) -> TakenPlate:
    if found.kind == "sequence" and told.first_frame is not None:
        raise BadRequestError(
            "first_frame is for movies; a sequence's frame numbers are those of its files."
        )
    plate = {"kind": found.kind, "path": found.path, "first_frame": told.first_frame}
    return TakenPlate(plate, found.frames or frames, source)
