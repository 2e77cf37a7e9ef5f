"""From what a client says about a plate to files the farm can open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern, is_movie

from ..db.models import JsonObject, Project, Upload
from ..errors import BadRequestError, ConflictError
from ..paths import AllowedRoots, FoundPlate, check_frames, find_plate
from ..settings import Settings
from ..storage import Storage
from .schemas.projects import ShotIn


@dataclass(frozen=True)
class ShotPlate:
    """A checked plate: the JSON of ``shots.plate``, and its frames as far as they are known."""

    plate: JsonObject
    frames: tuple[int, int] | None


def plate_in_place(body: ShotIn, project: Project, settings: Settings) -> ShotPlate:
    """The plate at ``body.plate.path``, read where it lies. Raises what `find_plate` raises."""
    roots = AllowedRoots([*settings.allowed_roots, *project.allowed_roots])
    return _shot_plate(body, find_plate(str(body.plate.path), roots, body.frame_range))


def plate_from_upload(
    body: ShotIn, upload: Upload, folder: str, source: str, storage: Storage
) -> ShotPlate:
    """Give the files of a complete ``upload`` in ``folder`` their place under the key ``source``.

    They are hard links where the storage has them: nothing is copied, and a shot that fails to be
    made leaves the upload as it was. Raises `RotoError` ``conflict`` (not complete),
    ``bad_request`` (not one plate), ``missing_frame``, ``range_outside_plate``.
    """
    if upload.state != "complete":
        raise ConflictError(
            "The upload is not complete.", hint="Send what is missing, then complete it."
        )
    names = [str(file["name"]) for file in upload.files]
    try:
        for name in names:
            storage.link(f"{folder}/{name}", f"{source}/{name}")
        return _shot_plate(body, _find_uploaded(names, source, body.frame_range, storage))
    except RotoError:
        storage.remove_folder(source)
        raise


def _find_uploaded(
    names: list[str], source: str, frame_range: tuple[int, int] | None, storage: Storage
) -> FoundPlate:
    first = storage.locate(f"{source}/{names[0]}")
    if is_movie(first):
        if len(names) > 1:
            raise _not_one_plate(f"a movie and {len(names) - 1} more files")
        return FoundPlate("movie", str(first))
    pattern = SequencePattern.parse(first)
    on_disk = pattern.frames_on_disk()
    if len(on_disk) != len(names):
        shape = PurePosixPath(pattern.printf).name
        raise _not_one_plate(f"{len(names)} files, of which {len(on_disk)} are frames of {shape}")
    frames = check_frames(on_disk, frame_range, first.name)
    return FoundPlate("sequence", pattern.printf, frames)


def _not_one_plate(found: str) -> BadRequestError:
    return BadRequestError(
        f"The upload holds {found}.", hint="An upload for a shot is one movie or one sequence."
    )


def _shot_plate(body: ShotIn, found: FoundPlate) -> ShotPlate:
    first_frame = body.plate.first_frame
    if found.kind == "sequence" and first_frame is not None:
        raise BadRequestError(
            "first_frame is for movies; a sequence's frame numbers are those of its files."
        )
    plate = {"kind": found.kind, "path": found.path, "first_frame": first_frame}
    return ShotPlate(plate, found.frames or body.frame_range)
