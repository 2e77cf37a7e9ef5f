"""What the parts of an export share: where it reads from, how far it is, what it has written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from roto_shapes.document import load
from roto_shapes.errors import RotoError
from roto_shapes.model import Document
from roto_shapes.naming import format_output_name

from ..export.drawing import PALETTE, Color
from ..export.parallel import hands, in_order
from ..export.plates import SharedPlate
from ..media.masks import Matte, read_mask16
from .context import TaskContext

File = dict[str, Any]
"""A ``file`` of farm.schema.json."""


class ExportWork:
    """One task's export. ``files`` lists what was written, in order."""

    def __init__(self, ctx: TaskContext, total: int) -> None:
        """``total``: the steps it will take (see `step`)."""
        self.ctx = ctx
        self.shot, self.params = ctx.spec["shot"], ctx.spec["params"]
        self.objects: list[dict[str, Any]] = self.params["objects"]
        self.first, self.last = self.params["frame_range"]
        self.frames = range(self.first, self.last + 1)
        self.files: list[File] = []
        self.total, self._done = total, 0
        self._colors = [_color(index, one) for index, one in enumerate(self.objects)]

    def plate(self) -> SharedPlate:
        """The shot's plate, to be closed."""
        return SharedPlate(self.shot, (self.first, self.last))

    def pixel_aspect(self) -> float:
        """As ingest found it; the plate itself is opened only for a shot never probed."""
        known = self.shot.get("pixel_aspect")
        if known is not None:
            return float(known)
        with closing(self.plate()) as plate:
            return plate.info.pixel_aspect

    def matte(self, one: dict[str, Any], frame: int) -> Matte:
        """An object's matte. Raises RotoError ``bad_request`` where the job made none."""
        return read_mask16(self.masks() / one["name"] / f"{frame}.png")

    def coloured_mattes(
        self, frame: int, names: Collection[str] | None = None
    ) -> Sequence[tuple[Matte, Color]]:
        """The mattes of the objects of those names (None: of all) with their colours; none where
        the job made none."""
        if "masks" not in self.ctx.spec["inputs"]:
            return []
        return [
            (self.matte(one, frame), color)
            for one, color in zip(self.objects, self._colors, strict=True)
            if names is None or one["name"] in names
        ]

    def coloured(self, document: Document | None) -> Document | None:
        """The document with the colours the objects have now, for what is drawn."""
        if document is None:
            return None
        now = {one["name"]: _color(0, one) for one in self.objects if one.get("color")}
        layers = [
            replace(layer, color=now.get(layer.name, layer.color)) for layer in document.layers
        ]
        return replace(document, layers=layers)

    def masks(self) -> Path:
        """The track task's folder. Raises RotoError ``bad_request`` without."""
        if "masks" not in self.ctx.spec["inputs"]:
            raise not_made("mattes")
        return Path(self.ctx.spec["inputs"]["masks"])

    def document(self) -> Document | None:
        """The shapes, if the job made some."""
        if "shapes" not in self.ctx.spec["inputs"]:
            return None
        return load(Path(self.ctx.spec["inputs"]["shapes"]) / "shapes.json")

    def made_by(self) -> dict[str, Any]:
        """Engine facts from the track stage; provenance holds them too once the server knows."""
        known = dict(self.ctx.spec["provenance"])
        if "masks" in self.ctx.spec["inputs"]:
            track = json.loads((self.masks() / "track.json").read_text())
            known |= track.get("engine", {})
        return known

    def metadata(self) -> dict[str, str]:
        """What is written into files: which job, engine and version made them."""
        known = self.made_by()
        facts = {
            "roto/job": self.ctx.spec["job_id"],
            "roto/engine": known.get("engine"),
            "roto/model": known.get("model"),
            "roto/checkpoint_sha256": known.get("checkpoint_sha256"),
            "roto/version": known.get("product_version"),
        }
        return {name: str(value) for name, value in facts.items() if value}

    def folder(self, name: str) -> Path:
        """A folder of the output, made."""
        path = self.ctx.output_dir / name
        path.mkdir(exist_ok=True)
        return path

    def file_name(self, template: str, name: str, frame: int, ext: str) -> str:
        """An object's file by a template; raises RotoError ``bad_template``."""
        return format_output_name(
            template,
            project=self.shot["project"],
            shot=self.shot["name"],
            object=name,
            version=self.params["version"],
            frame=frame,
            ext=ext,
        )

    def each_frame(self, make: Callable[[int], list[File]], message: str) -> None:
        """Files of every frame, several frames at a time, listed in the frames' order."""
        with closing(in_order(make, self.frames, self.threads())) as made:
            for files in made:
                self.files += files
                self.step(message)

    def threads(self) -> int:
        """How many frames to work on at once."""
        return hands(self.shot.get("width") or 4096, self.shot.get("height") or 2160)

    def step(self, message: str) -> None:
        """One more frame of an output, or one more file, is done."""
        self._done += 1
        self.tell(message)

    def tell(self, message: str) -> None:
        """Say what goes on; ends the task where it is to stop."""
        self.ctx.progress(self._done, self.total, message)

    def listed(
        self,
        path: Path,
        role: str,
        kind: str,
        *,
        frame: int | None = None,
        object_id: str | None = None,
    ) -> File:
        """A written file as the result lists it."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {
            "role": role,
            "path": path.relative_to(self.ctx.output_dir).as_posix(),
            "size": path.stat().st_size,
            "sha256": digest,
            "object_id": object_id,
            "frame": frame,
            "format": kind,
        }


def not_made(what: str) -> RotoError:
    """The error for an output of what the job has not made."""
    return RotoError(
        f"this job made no {what} to export",
        code="bad_request",
        hint=f"Submit the objects with {what} among the outputs.",
    )


def _color(index: int, one: dict[str, Any]) -> Color:
    given = one.get("color")
    return (given[0], given[1], given[2]) if given else PALETTE[index % len(PALETTE)]
