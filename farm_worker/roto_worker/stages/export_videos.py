"""Movies of a shot: its objects over a colour or cut out, or its plate with roto drawn on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from roto_shapes.model import Document

from ..export.composing import cut_out, over_colour, place_of, union
from ..export.drawing import resized
from ..export.overlay import LONGEST_SIDE, fitting_size, overlay_image
from ..export.parallel import in_order
from ..export.plates import SharedPlate
from ..export.video import EXTENSIONS, VideoFormat, usable_timecode, video_frame, write_video
from ..media.source import Image8, Image16
from .export_work import ExportWork

Wish = Mapping[str, Any]
"""One of ``export_params.videos``."""

Picture = Callable[[int], Image8 | Image16]
"""A movie's picture of a plate frame; asked from several threads."""

MOST_H264 = 16384
"""Pixels on a side, of the encoder."""

OVERLAY: Wish = {"kind": "overlay", "codec": "h264", "longest_side": LONGEST_SIDE}
"""What the output ``overlay`` is."""


def write_overlay(work: ExportWork, plate: SharedPlate, document: Document | None) -> None:
    """``overlay.mp4``."""
    path = work.ctx.output_dir / "overlay.mp4"
    _write(work, plate, path, OVERLAY, _overlays(work, plate, document, OVERLAY))
    work.files.append(work.listed(path, "overlay", "mp4"))


def write_videos(work: ExportWork, plate: SharedPlate, document: Document | None) -> None:
    """The videos wished for, as ``videos/<shot>_<kind>_v<version>``, numbered where several are of
    one kind and codec.

    Raises RotoError ``bad_request`` where the job made no mattes to cut by.
    """
    folder = work.folder("videos")
    seen: set[Path] = set()
    for wish in work.params["videos"]:
        path = _path(work, folder, wish, seen)
        seen.add(path)
        if wish["kind"] == "overlay":
            picture = _overlays(work, plate, document, wish)
        else:
            work.masks()
            picture = _cuts(work, plate, wish)
        _write(work, plate, path, wish, picture)
        work.files.append(work.listed(path, "video", wish["codec"]))


def _path(work: ExportWork, folder: Path, wish: Wish, seen: set[Path]) -> Path:
    name, version = work.shot["name"], work.params["version"]
    kind, count = wish["kind"], 1
    while True:
        number = "" if count == 1 else f"_{count}"
        ext = EXTENSIONS[wish["codec"]]
        path = folder / f"{name}_{kind}{number}_v{version:03d}.{ext}"
        if path not in seen:
            return path
        count += 1


def _overlays(
    work: ExportWork, plate: SharedPlate, document: Document | None, wish: Wish
) -> Picture:
    size = _size(work, plate, wish)
    names = wish.get("objects")
    shapes = document if document is None or names is None else _of(document, names)

    def picture(frame: int) -> Image8:
        mattes = work.coloured_mattes(frame, names)
        return overlay_image(plate.read8(frame), mattes, shapes, frame, size)

    return picture


def _size(work: ExportWork, plate: SharedPlate, wish: Wish) -> tuple[int, int]:
    """The movie's size: what was wished, or as large as the codec can be."""
    whole, wanted = (plate.info.width, plate.info.height), wish.get("longest_side")
    if wish["codec"] == "h264" and (wanted or max(whole)) > MOST_H264:
        wanted = MOST_H264
        work.ctx.log("a movie is shrunk: H.264 is no larger", kind=wish["kind"], most=wanted)
    return fitting_size(*whole, wanted)


def _of(document: Document, names: Collection[str]) -> Document:
    """The document with shapes of these objects alone; layers, by whose order they are coloured,
    stay."""
    layers = [
        layer if layer.name in names else replace(layer, shapes=[]) for layer in document.layers
    ]
    return replace(document, layers=layers)


def _cuts(work: ExportWork, plate: SharedPlate, wish: Wish) -> Picture:
    size = _size(work, plate, wish)
    names = wish.get("objects")
    objects = [one for one in work.objects if names is None or one["name"] in names]
    color = wish.get("color") or (0.0, 0.0, 0.0)
    deep = wish["codec"] == "prores4444"

    def picture(frame: int) -> Image8 | Image16:
        whole = union([work.matte(one, frame) for one in objects])
        place = place_of(whole, plate.info.width / size[0])
        matte = np.asarray(resized(whole, *size), np.float32)
        if not deep:
            image = np.asarray(resized(plate.read8(frame, place), *size), np.uint8)
            return over_colour(image, matte, color)
        exact = np.asarray(resized(plate.read16(frame, place), *size), np.uint16)
        if _has_alpha(wish):
            return cut_out(exact, matte)
        return over_colour(exact, matte, color)

    return picture


def _has_alpha(wish: Wish) -> bool:
    """A cut-out on a colour that was asked for has none."""
    return wish["kind"] == "cutout" and wish["codec"] == "prores4444" and wish.get("color") is None


def _write(work: ExportWork, plate: SharedPlate, path: Path, wish: Wish, picture: Picture) -> None:
    info = plate.info
    fps = work.shot.get("fps") or info.fps
    wanted = VideoFormat(
        codec=wish["codec"],
        fps=(fps[0], fps[1]),
        pixel_aspect=info.pixel_aspect,
        quality=wish.get("quality") or "standard",
        alpha=_has_alpha(wish),
        timecode=usable_timecode(info.metadata.get("timecode"), (fps[0], fps[1])),
        comment=" ".join(f"{name}={value}" for name, value in work.metadata().items()),
    )

    def encodable(frame: int) -> av.VideoFrame:
        return video_frame(picture(frame), frame - work.first, wanted)

    with closing(_told(work, encodable, f"encoding the {wish['kind']}")) as frames:
        write_video(path, frames, wanted, threads=work.threads())


def _told(
    work: ExportWork, make: Callable[[int], av.VideoFrame], message: str
) -> Generator[av.VideoFrame]:
    with closing(in_order(make, work.frames, work.threads())) as frames:
        for frame in frames:
            yield frame
            work.step(message)
