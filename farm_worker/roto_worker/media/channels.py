"""Which part and which channels of an open picture are a plate's, for the view that is asked for.

An EXR may hold several views (eyes): each part says of which it is (``view``), or one part has all
(``multiView``): the first view's channels are called as ever, the others ``right.R``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .faults import shown
from .limits import MAX_PARTS

_PIECES = ("red", "green", "blue")


@dataclass(frozen=True)
class Choice:
    """``channels``: the indices of R, G and B in ``part``; ``view``: empty where none is said."""

    part: int
    channels: list[int]
    view: str


def choose(image: Any, view: str | None) -> Choice | None:
    """The plate's picture in an open file, whose part is selected; None: there are no colours.

    Where the file does not hold ``view``, as for None: the first part with colours.
    """
    found = None
    if view is not None:
        found = _of_part(image, lambda spec: _view_of(spec) == view)
        found = found or _of_layer(image, view)
    found = found or _of_part(image, lambda _: True)
    if found is not None:
        image.seek_subimage(found.part, 0)
    return found


def views_in(image: Any) -> list[str]:
    """The views that the file says it holds, in its order. Selects another part."""
    views: dict[str, None] = {}
    for _, spec in parts_of(image):
        views |= dict.fromkeys([*_views_of_layers(spec), *filter(None, [_view_of(spec)])])
    return list(views)


def parts_of(image: Any) -> Iterator[tuple[int, Any]]:
    """Number and spec of each part, which is selected then."""
    part = 0
    while part < MAX_PARTS and image.seek_subimage(part, 0):
        yield part, image.spec()
        part += 1


def _of_part(image: Any, wanted: Callable[[Any], bool]) -> Choice | None:
    """The first wanted part with R, G and B, else the first with something grey."""
    fallback: Choice | None = None
    for part, spec in parts_of(image):
        if spec.deep or not wanted(spec):
            continue
        names = list(spec.channelnames)
        view = _view_of(spec) or "".join(_views_of_layers(spec)[:1])
        if channels := _rgb(names):
            return Choice(part, channels, view)
        if fallback is None and (grey := _grey(names)) is not None:
            fallback = Choice(part, [grey] * 3, view)
    return fallback


def _of_layer(image: Any, view: str) -> Choice | None:
    for part, spec in parts_of(image):
        views = _views_of_layers(spec)

        def of_view(layer: str, views: Sequence[str] = views) -> bool:
            last = layer.rpartition(".")[2]
            return last == view or (view in views[:1] and last not in views)

        if not spec.deep and (channels := _rgb(list(spec.channelnames), of_view)):
            return Choice(part, channels, view)
    return None


def _view_of(spec: Any) -> str:
    return shown(str(spec.getattribute("view") or ""))


def _views_of_layers(spec: Any) -> list[str]:
    views = spec.getattribute("multiView")
    return [shown(str(view)) for view in views] if isinstance(views, tuple | list) else []


def _rgb(names: Sequence[str], wanted: Callable[[str], bool] = lambda _: True) -> list[int] | None:
    """Channels R, G, B: the unnamed layer if there is one, else the first layer that has all."""
    by_layer: dict[str, dict[str, int]] = {}
    for index, name in enumerate(names):
        layer, _, piece = name.rpartition(".")
        short = piece.lower()[:1] if piece.lower() in {"r", "g", "b", *_PIECES} else ""
        if short:
            by_layer.setdefault(layer, {}).setdefault(short, index)
    for layer in filter(wanted, ["", *by_layer]):
        pieces = by_layer.get(layer, {})
        if len(pieces) == 3:
            return [pieces["r"], pieces["g"], pieces["b"]]
    return None


def _grey(names: Sequence[str]) -> int | None:
    lower = [name.lower() for name in names]
    if "y" in lower and not {"by", "ry"} & set(lower):
        return lower.index("y")
    return 0 if len(names) == 1 else None
