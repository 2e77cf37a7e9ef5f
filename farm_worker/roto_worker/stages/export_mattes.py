"""Mattes as files: an EXR or PNG for each object and frame, and ID mattes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from roto_shapes.errors import RotoError
from roto_shapes.naming import check_template
from roto_shapes.timecode import Timecode

from ..export.cryptomatte import MatteOf, identities, levels_for, write_cryptomatte
from ..export.exr import timing
from ..export.mattes import layer_names, write_matte_exr, write_matte_png
from .export_work import ExportWork, File


def write_mattes(work: ExportWork) -> None:
    """Raises RotoError ``bad_template`` where several objects' PNGs would have one name."""
    template, kind = work.params["template"], work.params["mattes"]
    # Without the object in its name, an EXR holds a layer for each; a PNG holds but one matte.
    apart = "object" in check_template(template)
    if not apart and kind != "exr" and len(work.objects) > 1:
        raise RotoError(
            f"template '{template}' gives every object's PNG the same name",
            code="bad_template",
            hint="Add {object} to the template, or ask for EXR mattes.",
        )
    work.masks()
    folder = work.folder("mattes")
    groups = [[one] for one in work.objects] if apart else [work.objects]
    layers = layer_names(one["name"] for one in work.objects)
    metadata, pixel_aspect = work.metadata(), work.pixel_aspect()

    def write(frame: int) -> list[File]:
        files = []
        for group in groups:
            path = folder / work.file_name(template, group[0]["name"], frame, kind[:3])
            mattes = {one["name"]: work.matte(one, frame) for one in group}
            if kind == "exr":
                named = {layers[name]: matte for name, matte in mattes.items()}
                header = metadata | _timing(work, frame)
                write_matte_exr(path, named, pixel_aspect=pixel_aspect, metadata=header)
            else:
                bits = 8 if kind == "png8" else 16
                write_matte_png(path, mattes[group[0]["name"]], bits=bits)
            whose = group[0]["id"] if apart else None
            files.append(work.listed(path, "matte", kind, frame=frame, object_id=whose))
        return files

    work.each_frame(write, "writing mattes")


def write_id_mattes(work: ExportWork) -> None:
    """Cryptomatte: errors as `cryptomatte.identities`."""
    work.masks()
    folder = work.folder("cryptomatte")
    objects = {one["name"]: one for one in work.objects}

    def mattes_on(frame: int) -> MatteOf:
        return lambda name: work.matte(objects[name], frame)

    def told(frame: int) -> MatteOf:
        work.tell("looking how many objects meet")
        return mattes_on(frame)

    ids = identities([one["name"] for one in work.objects])
    levels = levels_for(list(ids), map(told, work.frames))
    metadata, pixel_aspect = work.metadata(), work.pixel_aspect()

    def write(frame: int) -> list[File]:
        path = folder / work.file_name(work.params["template"], "cryptomatte", frame, "exr")
        write_cryptomatte(
            path,
            ids,
            mattes_on(frame),
            levels=levels,
            pixel_aspect=pixel_aspect,
            metadata=metadata | _timing(work, frame),
        )
        return [work.listed(path, "matte", "cryptomatte", frame=frame)]

    work.each_frame(write, "writing ID mattes")


def _timing(work: ExportWork, frame: int) -> dict[str, Any]:
    """The plate's rate and timecode in a frame's EXR, as far as the server knows them."""
    fps, frames = work.shot.get("fps"), work.shot.get("frame_range")
    if not fps:
        return {}
    first = Timecode.parse(work.ctx.spec["provenance"].get("timecode", ""))
    label = first.later(frame - frames[0], Fraction(*fps)) if first and frames else None
    return timing((fps[0], fps[1]), label)
