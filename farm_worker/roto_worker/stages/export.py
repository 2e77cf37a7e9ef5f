"""The export stage: results as hosts and people want them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from roto_shapes import formats
from roto_shapes.document import load
from roto_shapes.errors import RotoError
from roto_shapes.model import Document
from roto_shapes.naming import check_template, format_output_name

from ..export.contact_sheet import ContactSheet, SheetFrame, choose_frames
from ..export.cryptomatte import MatteOf, identities, levels_for, write_cryptomatte
from ..export.drawing import PALETTE, Color, draw_shapes, label, resized, tint
from ..export.mattes import layer_names, write_matte_exr, write_matte_png
from ..export.overlay import overlay_size, write_overlay
from ..media import open_plate
from ..media.files import write_bytes
from ..media.masks import Matte, read_mask16
from ..media.source import FrameSource, Image8
from .context import StageResult, TaskContext


def run(ctx: TaskContext) -> StageResult:
    """Write what ``params`` ask for: mattes, ID mattes, shape formats, overlay, contact sheet.

    Raises:
        RotoError: ``bad_request`` (mattes or shapes wanted that the job did not make),
            ``bad_template``, ``unknown_format``, ``disk_full``, or what the plate's reader raises.
    """
    return _Export(ctx).run()


class _Export:
    """One task's export: what it reads from, what it has written, how far it is."""

    def __init__(self, ctx: TaskContext) -> None:
        self.ctx = ctx
        self.shot, self.params = ctx.spec["shot"], ctx.spec["params"]
        self.objects: list[dict[str, Any]] = self.params["objects"]
        self.first, self.last = self.params["frame_range"]
        self.frames = range(self.first, self.last + 1)
        self.files: list[dict[str, Any]] = []
        self.report: dict[str, Any] = {}
        self.done = 0
        self.colors = [_color(index, one) for index, one in enumerate(self.objects)]

    def run(self) -> StageResult:
        outputs = set(self.params["outputs"])
        pictures = outputs & {"overlay", "contact_sheet"}
        passes = len(outputs & {"mattes", "cryptomatte", "overlay"})
        self.total = passes * len(self.frames) + len(self.params["formats"]) + 1
        document = self._document() if pictures or self.params["formats"] else None
        if "mattes" in outputs:
            self._write_mattes()
        if "cryptomatte" in outputs:
            self._write_cryptomatte()
        if document is not None:
            self._write_shapes(document)
        if pictures:
            with closing(self._plate()) as source:
                if "overlay" in outputs:
                    self._write_overlay(source, document)
                if "contact_sheet" in outputs:
                    self._write_sheet(source, document)
        self.ctx.progress(self.total, self.total)
        return {
            "files": self.files,
            "provenance": self.ctx.spec["provenance"],
            "report": self.report,
        }

    def _plate(self) -> FrameSource:
        return open_plate(
            self.shot["plate"],
            colorspace=self.shot.get("colorspace"),
            frame_range=(self.first, self.last),
        )

    def _pixel_aspect(self) -> float:
        """As ingest found it; the plate itself is opened only for a shot never probed."""
        known = self.shot.get("pixel_aspect")
        if known is not None:
            return float(known)
        with closing(self._plate()) as source:
            return source.info.pixel_aspect

    def _write_mattes(self) -> None:
        template, kind = self.params["template"], self.params["mattes"]
        folder = self.ctx.output_dir / "mattes"
        folder.mkdir(exist_ok=True)
        # Without the object in its name, an EXR holds a layer for each; a PNG holds but one matte.
        apart = "object" in check_template(template)
        if not apart and kind != "exr" and len(self.objects) > 1:
            raise RotoError(
                f"template '{template}' gives every object's PNG the same name",
                code="bad_template",
                hint="Add {object} to the template, or ask for EXR mattes.",
            )
        layers = layer_names(one["name"] for one in self.objects)
        metadata, pixel_aspect = self._metadata(), self._pixel_aspect()
        for frame in self.frames:
            groups = [[one] for one in self.objects] if apart else [self.objects]
            for group in groups:
                path = folder / self._name(template, group[0]["name"], frame, kind[:3])
                mattes = {one["name"]: self._matte(one, frame) for one in group}
                if kind == "exr":
                    write_matte_exr(
                        path,
                        {layers[name]: matte for name, matte in mattes.items()},
                        pixel_aspect=pixel_aspect,
                        metadata=metadata,
                    )
                else:
                    write_matte_png(
                        path, mattes[group[0]["name"]], bits=8 if kind == "png8" else 16
                    )
                self._list(
                    path, "matte", kind, frame=frame, object_id=group[0]["id"] if apart else None
                )
            self._step("writing mattes")

    def _write_cryptomatte(self) -> None:
        folder = self.ctx.output_dir / "cryptomatte"
        folder.mkdir(exist_ok=True)
        objects = {one["name"]: one for one in self.objects}

        def mattes_on(frame: int) -> MatteOf:
            self.ctx.progress(self.done, self.total, "writing ID mattes")
            return lambda name: self._matte(objects[name], frame)

        ids = identities([one["name"] for one in self.objects])
        levels = levels_for(list(ids), map(mattes_on, self.frames))
        metadata, pixel_aspect = self._metadata(), self._pixel_aspect()
        for frame in self.frames:
            path = folder / self._name(self.params["template"], "cryptomatte", frame, "exr")
            write_cryptomatte(
                path,
                ids,
                mattes_on(frame),
                levels=levels,
                pixel_aspect=pixel_aspect,
                metadata=metadata,
            )
            self._list(path, "matte", "cryptomatte", frame=frame)
            self._step("writing ID mattes")

    def _write_shapes(self, document: Document) -> None:
        folder = self.ctx.output_dir / "shapes"
        folder.mkdir(exist_ok=True)
        for name in self.params["formats"]:
            entry = formats.format_named(name)
            written = formats.write(document, name)
            path = folder / f"{self.shot['name']}_v{self.params['version']:03d}.{entry.extension}"
            write_bytes(path, written.text.encode("utf-8"))
            self.report[name] = {"lost": written.report.as_list()}
            self._list(path, "shape_export", name)
            self._step(f"writing {entry.label}")

    def _write_overlay(self, source: FrameSource, document: Document | None) -> None:
        path = self.ctx.output_dir / "overlay.mp4"
        fps = self.shot.get("fps") or source.info.fps
        write_overlay(
            path,
            self._overlay_images(source, document),
            fps=(fps[0], fps[1]),
            pixel_aspect=source.info.pixel_aspect,
        )
        self._list(path, "overlay", "mp4")

    def _overlay_images(self, source: FrameSource, document: Document | None) -> Iterator[Image8]:
        width, height = overlay_size(source.info.width, source.info.height)
        scale = (width / source.info.width, height / source.info.height)
        for frame in self.frames:
            image = np.array(resized(source.read(frame), width, height), np.uint8)
            for matte, color in self._mattes(frame):
                small = np.asarray(resized(matte, width, height), np.float32)
                image = tint(image, small, color, contour=document is None)
            if document is not None:
                draw_shapes(image, document, frame, scale, points=False)
            label(image, str(frame), size=max(0.4, height / 900))
            yield image
            self._step("encoding the overlay")

    def _write_sheet(self, source: FrameSource, document: Document | None) -> None:
        info = source.info
        sheet = ContactSheet(
            info.width,
            info.height,
            pixel_aspect=info.pixel_aspect,
            document=document,
            title=self._title(),
        )
        for frame in choose_frames(self.first, self.last):
            sheet.add(SheetFrame(frame, source.read(frame), self._mattes(frame)))
        path = self.ctx.output_dir / "contact_sheet.png"
        sheet.write(path)
        self._list(path, "contact_sheet", "png")

    def _matte(self, one: dict[str, Any], frame: int) -> Matte:
        return read_mask16(self._masks() / one["name"] / f"{frame}.png")

    def _mattes(self, frame: int) -> Sequence[tuple[Matte, Color]]:
        if "masks" not in self.ctx.spec["inputs"]:
            return []
        pairs = zip(self.objects, self.colors, strict=True)
        return [(self._matte(one, frame), color) for one, color in pairs]

    def _masks(self) -> Path:
        if "masks" not in self.ctx.spec["inputs"]:
            raise _not_made("mattes")
        return Path(self.ctx.spec["inputs"]["masks"])

    def _document(self) -> Document | None:
        if "shapes" in self.ctx.spec["inputs"]:
            return load(Path(self.ctx.spec["inputs"]["shapes"]) / "shapes.json")
        if self.params["formats"]:
            raise _not_made("shapes")
        return None

    def _made_by(self) -> dict[str, Any]:
        """Engine facts from the track stage; provenance holds them too once the server knows."""
        known = dict(self.ctx.spec["provenance"])
        if "masks" in self.ctx.spec["inputs"]:
            track = json.loads((self._masks() / "track.json").read_text())
            known |= track.get("engine", {})
        return known

    def _metadata(self) -> dict[str, str]:
        known = self._made_by()
        facts = {
            "roto/job": self.ctx.spec["job_id"],
            "roto/engine": known.get("engine"),
            "roto/model": known.get("model"),
            "roto/checkpoint_sha256": known.get("checkpoint_sha256"),
            "roto/version": known.get("product_version"),
        }
        return {name: str(value) for name, value in facts.items() if value}

    def _title(self) -> str:
        known = self._made_by()
        engine = f"   {known['engine']} ({known.get('model')})" if known.get("engine") else ""
        return f"{self.shot['name']}   {self.first}-{self.last}{engine}"

    def _name(self, template: str, name: str, frame: int, ext: str) -> str:
        return format_output_name(
            template,
            project=self.shot["project"],
            shot=self.shot["name"],
            object=name,
            version=self.params["version"],
            frame=frame,
            ext=ext,
        )

    def _step(self, message: str) -> None:
        self.done += 1
        self.ctx.progress(self.done, self.total, message)

    def _list(
        self,
        path: Path,
        role: str,
        kind: str,
        *,
        frame: int | None = None,
        object_id: str | None = None,
    ) -> None:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.files.append(
            {
                "role": role,
                "path": path.relative_to(self.ctx.output_dir).as_posix(),
                "size": path.stat().st_size,
                "sha256": digest,
                "object_id": object_id,
                "frame": frame,
                "format": kind,
            }
        )


def _color(index: int, one: dict[str, Any]) -> Color:
    given = one.get("color")
    return (given[0], given[1], given[2]) if given else PALETTE[index % len(PALETTE)]


def _not_made(what: str) -> RotoError:
    return RotoError(
        f"this job made no {what} to export",
        code="bad_request",
        hint=f"Submit the objects with {what} among the outputs.",
    )
