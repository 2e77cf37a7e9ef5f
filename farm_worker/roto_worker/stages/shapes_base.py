"""What a correction makes of the shapes of the job it corrects.

The base's document is the ground: layers nobody touched stay to the last bit. A layer the artist
edited is merged first, then each stretch that was tracked again is solved from its new mattes, the
artist's keys standing fast.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from roto_shapes.decode import layer_from_json
from roto_shapes.document import Document, Layer, load, validate
from roto_shapes.edits import merge_layer
from roto_shapes.errors import RotoError

from ..vectorize.outline.mattes import Images
from ..vectorize.outline.outlines import rasterize_layer
from ..vectorize.report import Report
from ..vectorize.settings import Settings
from ..vectorize.update.document import update
from ..vectorize.update.joined import joined

SHAPES_FILE = "shapes.json"
"""Where a vectorize task puts its document."""

Span = tuple[int, int]
ReadMatte = Callable[[int], NDArray[Any]]
"""The matte of a plate frame."""


@dataclass(frozen=True)
class Again:
    """One object of a correction: ``stretches`` were tracked again, ``edit`` is what the artist
    did to its layer (``frames``, ``layer``), if anything."""

    object_id: str
    stretches: Sequence[Span]
    edit: Mapping[str, Any] | None = None


class ShapesBase:
    """The corrected job's document, on its way to the new one.

    ``folder``: the published directory of its vectorize task.

    Raises:
        RotoError: ``storage_failed``: the document cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self.document: Document = load(folder / SHAPES_FILE)
        except OSError as error:
            raise RotoError(
                f"the corrected shapes cannot be read: {error}",
                code="storage_failed",
                hint="Check that this node sees the storage.",
            ) from error

    def fits(self, size: Span, frame_range: Span) -> bool:
        """Whether the new document can be this one with other shapes."""
        mine = self.document
        return (mine.width, mine.height) == size and mine.frame_range == frame_range

    def has(self, object_id: str) -> bool:
        return any(layer.id == object_id for layer in self.document.layers)

    def ends(self, again: Again) -> list[Span]:
        """The stretches to be solved: with the frame before and after each, which stays. Those show
        what they showed, and the solved frames join them."""
        first, last = self.document.frame_range
        return [(max(first, a - 1), min(last, b + 1)) for a, b in again.stretches]

    def steps(self, again: Again) -> int:
        """How many `solve` takes: two for every frame."""
        return sum(2 * (b - a + 1) for a, b in self.ends(again))

    def solve(
        self,
        again: Again,
        mattes: ReadMatte,
        settings: Settings,
        images: Images | None,
        progress: Callable[[int, str], None],
    ) -> Report:
        """Bring an object's layer to what the artist did and to its new mattes; says how.

        ``progress`` hears of steps done.

        Raises:
            RotoError: ``bad_document``: the edited layer is none; what `merge_layer` and `update`
                raise.
        """
        done = 0
        merged = self._merge(again)
        reports = []
        for (first, last), stretch in zip(again.stretches, self.ends(again), strict=True):
            kept = {frame for frame in stretch if not first <= frame <= last}
            result = update(
                self.document,
                self._with_ends(mattes, again.object_id, kept),
                stretch,
                layer=again.object_id,
                settings=settings,
                images=images,
                kept=kept,
                progress=partial(_further, progress, done),
            )
            self.document = result.document
            reports.append(result.report)
            done += 2 * (stretch[1] - stretch[0] + 1)
        state = "updated" if reports else "merged" if merged else "kept"
        return {"state": state, "stretches": reports}

    def renewed(self, new: Document, objects: Collection[str]) -> Document:
        """The base's document with what ``new`` says of everything but its layers, and ``new``'s
        layers on top of its own; of these only those of ``objects``, for others are deleted."""
        return replace(
            self.document,
            layers=[*(one for one in self.document.layers if one.id in objects), *new.layers],
            prompts=new.prompts,
            confidence=new.confidence,
            provenance=new.provenance,
        )

    def _with_ends(self, mattes: ReadMatte, object_id: str, kept: Collection[int]) -> ReadMatte:
        """``mattes``, but on the frames that stay: what the document shows there is right."""
        document, layer = self.document, self._layer(object_id)

        def matte(frame: int) -> NDArray[Any]:
            return rasterize_layer(document, layer, frame) if frame in kept else mattes(frame)

        return matte

    def _merge(self, again: Again) -> bool:
        """Take the artist's layer in; whether that changed anything."""
        given = again.edit["layer"] if again.edit else None
        if again.edit is None or given is None:
            return False
        base = self._layer(again.object_id)
        merged = merge_layer(base, layer_from_json(given), again.edit["frames"])
        if merged == base:
            return False
        validate(self._with(merged))
        frame_range = self.document.frame_range
        self.document = self._with(joined(base, merged, again.stretches, frame_range))
        return True

    def _with(self, changed: Layer) -> Document:
        layers = [changed if one.id == changed.id else one for one in self.document.layers]
        return replace(self.document, layers=layers)

    def _layer(self, object_id: str) -> Layer:
        return next(layer for layer in self.document.layers if layer.id == object_id)


def _further(
    progress: Callable[[int, str], None], before: int, done: int, _total: int, message: str
) -> None:
    progress(before + done, message)
