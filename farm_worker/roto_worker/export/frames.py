"""Documents into sequences of EXR files: the pixel formats of ``roto export``.

Registered by name in the entry-point group ``roto.pixel_formats``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from roto_shapes.document import Document, Layer
from roto_shapes.errors import RotoError
from roto_shapes.formats import LossyReport
from roto_shapes.formats.base import note_document_losses
from roto_shapes.frames import FrameRange

from ..media.masks import Matte
from .coverage import layer_coverage, note_losses
from .cryptomatte import MatteOf, identities, levels_for, write_cryptomatte
from .mattes import layer_names, write_matte_exr

PathOf = Callable[[int], Path]
"""The file of a plate frame."""


def write_cryptomatte_frames(
    document: Document, frames: FrameRange, path_of: PathOf
) -> tuple[Iterator[Path], LossyReport]:
    """One Cryptomatte EXR for each frame, an object for each layer (``group/name``).

    Later layers lie on top. A file is written when its path is taken from the iterator.

    Raises:
        RotoError: ``no_objects``, ``bad_request`` (see `identities`), ``disk_full``.
    """
    paths = _paths(document)
    ids, layers = identities(paths), dict(zip(paths, document.layers, strict=True))

    def written() -> Iterator[Path]:
        levels = levels_for(paths, (_mattes(document, layers, frame) for frame in frames))
        for frame in frames:
            write_cryptomatte(
                path_of(frame),
                ids,
                _mattes(document, layers, frame),
                levels=levels,
                pixel_aspect=document.pixel_aspect,
            )
            yield path_of(frame)

    return written(), _losses(document)


def write_matte_frames(
    document: Document, frames: FrameRange, path_of: PathOf
) -> tuple[Iterator[Path], LossyReport]:
    """One EXR of mattes for each frame, with an EXR layer for each layer of the document.

    As `write_cryptomatte_frames`, but for layers of any names: these are made safe and distinct.

    Raises:
        RotoError: ``no_objects``, ``disk_full``.
    """
    if not document.layers:
        raise RotoError("The document has no layers to make mattes of.", code="no_objects")
    paths = _paths(document)
    apart = [
        path if paths.count(path) == 1 else f"{path} {layer.id}"
        for path, layer in zip(paths, document.layers, strict=True)
    ]
    names = layer_names(apart)

    def written() -> Iterator[Path]:
        for frame in frames:
            mattes = {
                names[path]: layer_coverage(document, layer, frame)
                for path, layer in zip(apart, document.layers, strict=True)
            }
            write_matte_exr(path_of(frame), mattes, pixel_aspect=document.pixel_aspect)
            yield path_of(frame)

    return written(), _losses(document)


def _paths(document: Document) -> list[str]:
    return ["/".join([*layer.group, layer.name]) for layer in document.layers]


def _mattes(document: Document, layers: dict[str, Layer], frame: int) -> MatteOf:
    def matte_of(name: str) -> Matte:
        return layer_coverage(document, layers[name], frame)

    return matte_of


def _losses(document: Document) -> LossyReport:
    report = LossyReport()
    note_document_losses(document, report)
    note_losses(document, report)
    return report
