# SPDX-License-Identifier: GPL-3.0-or-later
"""What the editors show on top of the plate: clicks, boxes, outlines and previewed masks.

`marks` says what is drawn where, in region pixels, without a graphics card; the rest draws it.
Only what belongs to the frame that is shown is drawn.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import bpy

from . import plate, previewing, prompts
from .store import Object
from .view import Pair, View, view_of

_log = logging.getLogger("roto_client.blender")

RADIUS = 8.0
MASK_ALPHA = 0.45
FAINT = 0.35
"""Alpha of the marks of objects that clicks do not go to."""
_NEGATIVE = (0.95, 0.2, 0.2)
_STEPS = 8
_SPACES = ("SpaceClipEditor", "SpaceImageEditor")

Rgba = tuple[float, float, float, float]


class Line(NamedTuple):
    """A line through region pixels; ``closed``: back to its first one."""

    points: tuple[Pair, ...]
    color: Rgba
    closed: bool = False


class Label(NamedTuple):
    """A text beginning at a region pixel."""

    text: str
    at: Pair
    color: Rgba


class Picture(NamedTuple):
    """A mask over the whole plate: its lower left and upper right region pixels."""

    mask: previewing.Shown
    low: Pair
    high: Pair


class Marks(NamedTuple):
    """All there is to draw, what is below first: pictures, lines, labels."""

    pictures: tuple[Picture, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[Label, ...] = ()


def marks(block: Any, frame: int, view: View, scale: float = 1.0) -> Marks:
    """What is said and previewed on a plate frame, as seen in ``view``. ``scale``: of the user
    interface, 2 on a screen with fine pixels."""
    look = previewing.look_at(block)
    pictures: tuple[Picture, ...] = ()
    if look is not None and look.frame == frame:
        low, high = view.to_region((0, view.height)), view.to_region((view.width, 0))
        pictures = tuple(Picture(mask, low, high) for mask in look.masks)
    lines: list[Line] = []
    labels: list[Label] = []
    chosen = prompts.active(block)
    for one in prompts.objects(block):
        if one.on and frame in one.prompts:
            _object_marks(one, frame, view, (one.name == chosen, scale), lines, labels)
    return Marks(pictures, tuple(lines), tuple(labels))


def _object_marks(
    one: Object,
    frame: int,
    view: View,
    how: tuple[bool, float],
    lines: list[Line],
    labels: list[Label],
) -> None:
    alpha, radius = 1.0 if how[0] else FAINT, RADIUS * how[1]
    color = (*one.color, alpha)
    said = one.prompts[frame]
    if said.get("absent"):
        x, y = view.to_region((0, 0))
        labels.append(Label(f"{one.name}: not in this frame", (x + 10, y - 24), color))
        return
    places: list[Pair] = []
    if "box" in said:
        x0, y0, x1, y1 = said["box"]
        corners = tuple(view.to_region(p) for p in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
        lines.append(Line(corners, color, closed=True))
        places.append(corners[0])
    for curve in said.get("outline", ()):
        drawn = tuple(view.to_region(place) for place in _curve(curve))
        lines.append(Line(drawn, color if curve["mode"] == "add" else (*_NEGATIVE, alpha), True))
        places.append(drawn[0])
    for point in said.get("points", ()):
        at = view.to_region((point["x"], point["y"]))
        lines += _click_marks(
            at, radius, point["positive"], color if point["positive"] else _red(alpha)
        )
        places.append(at)
    if places:
        labels.append(Label(one.name, (places[0][0] + radius + 4, places[0][1] + 4), color))


def _red(alpha: float) -> Rgba:
    return (*_NEGATIVE, alpha)


def _click_marks(at: Pair, radius: float, positive: bool, color: Rgba) -> list[Line]:
    """A ring with a plus or a minus in it."""
    x, y = at
    ring = tuple(
        (x + radius * math.cos(a), y + radius * math.sin(a))
        for a in (math.tau * i / 24 for i in range(24))
    )
    arm = radius * 0.55
    found = [Line(ring, color, closed=True), Line(((x - arm, y), (x + arm, y)), color)]
    if positive:
        found.append(Line(((x, y - arm), (x, y + arm)), color))
    return found


def _curve(curve: Any) -> list[Pair]:
    """An outline prompt as a line in plate pixels."""
    from roto_shapes.geometry import bezier_segments, bspline_to_bezier
    from roto_shapes.model import ControlPoint

    points = [ControlPoint(*point) for point in curve["points"]]
    nodes = bspline_to_bezier(points, True) if curve["kind"] == "bspline" else points
    places: list[Pair] = []
    for a, b, c, d in bezier_segments(nodes, True):
        for i in range(_STEPS):
            t = i / _STEPS
            wa, wb, wc, wd = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            places.append(
                (
                    wa * a[0] + wb * b[0] + wc * c[0] + wd * d[0],
                    wa * a[1] + wb * b[1] + wc * c[1] + wd * d[1],
                )
            )
    return places


# -- drawing


_textures: dict[int, tuple[previewing.Shown, Any]] = {}
"""By id() of the mask, which is kept with it so that no other gets the same."""
_handlers: list[tuple[Any, Any]] = []
_failed = False


def _draw() -> None:
    """Called by Blender in every redraw; an error is told once and never stops the editor."""
    global _failed  # noqa: PLW0603
    try:
        _draw_in(bpy.context)
    except Exception:
        if not _failed:
            _log.exception("Megaton Roto: the prompts cannot be drawn")
        _failed = True


def _draw_in(context: Any) -> None:
    block = plate.id_block_of(context)
    if block is None or not plate.shows_picture(context):
        return
    if not prompts.text_of(block) and previewing.look_at(block) is None:
        _draw_drag(context)
        return
    width, height = block.size
    view = view_of(context.region, width, height)
    if view is None:
        return
    frame = plate.frames_of_editor(context).to_plate(context.scene.frame_current)
    draw(marks(block, frame, view, context.preferences.system.ui_scale))
    _draw_drag(context)


def draw(found: Marks) -> None:
    """Draw marks into the region that is being drawn."""
    import gpu

    gpu.state.blend_set("ALPHA")
    gpu.state.line_width_set(1.5)
    _forget_textures(found.pictures)
    for picture in found.pictures:
        _draw_picture(picture)
    for line in found.lines:
        _draw_line(line)
    for label in found.labels:
        _draw_label(label)
    gpu.state.line_width_set(1.0)
    gpu.state.blend_set("NONE")


def _draw_drag(context: Any) -> None:
    """The box that is being drawn."""
    from . import capture

    gesture = capture.running
    if gesture is None or gesture.start is None:
        return
    (x0, y0), (x1, y1) = gesture.start, gesture.at
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    draw(Marks(lines=(Line(corners, (1.0, 1.0, 1.0, 0.9), closed=True),)))


def _draw_line(line: Line) -> None:
    """With a dark line below it, to be seen on any picture."""
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader = gpu.shader.from_builtin(_named("UNIFORM_COLOR"))
    points = [*line.points, line.points[0]] if line.closed else list(line.points)
    batch = batch_for_shader(shader, "LINE_STRIP", {"pos": _flat(points)})
    shader.bind()
    for width, color in ((3.5, (0.0, 0.0, 0.0, 0.6 * line.color[3])), (1.5, line.color)):
        gpu.state.line_width_set(width)
        shader.uniform_float("color", color)
        batch.draw(shader)


def _flat(points: Sequence[Pair]) -> list[Sequence[float]]:
    """As the shader of this Blender takes places: those since 4.0 are in space."""
    if bpy.app.version >= (4, 0):
        return [(x, y, 0.0) for x, y in points]
    return list(points)


def _named(name: str) -> str:
    """A builtin shader: before 4.0 those on a plane had names of their own."""
    return name if bpy.app.version >= (4, 0) else f"2D_{name}"


def _draw_picture(picture: Picture) -> None:
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader = gpu.shader.from_builtin(_named("IMAGE"))
    (x0, y0), (x1, y1) = picture.low, picture.high
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    parts = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    batch = batch_for_shader(shader, "TRI_FAN", {"pos": _flat(corners), "texCoord": parts})
    shader.bind()
    shader.uniform_sampler("image", _texture(picture.mask))
    batch.draw(shader)


def _texture(mask: previewing.Shown) -> Any:
    """The mask in its object's colour, made once."""
    import gpu
    import numpy as np

    if id(mask) not in _textures:
        height, width = mask.grey.shape
        pixels = np.empty((height, width, 4), np.float32)
        pixels[..., :3] = mask.color
        pixels[..., 3] = mask.grey * MASK_ALPHA
        buffer = gpu.types.Buffer("FLOAT", pixels.size, pixels.ravel())
        made = gpu.types.GPUTexture((width, height), format="RGBA16F", data=buffer)
        _textures[id(mask)] = (mask, made)
    return _textures[id(mask)][1]


def _forget_textures(shown: Sequence[Picture]) -> None:
    """Of masks that no preview holds any more. Several editors may show several plates."""
    if len(_textures) > 8:
        kept = {id(picture.mask) for picture in shown}
        for key in [key for key in _textures if key not in kept]:
            del _textures[key]


def _draw_label(label: Label) -> None:
    import blf

    if bpy.app.version >= (4, 0):
        blf.size(0, 13)
    else:
        blf.size(0, 13, 72)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, 0.0, 0.0, 0.0, 0.9)
    blf.color(0, *label.color)
    blf.position(0, label.at[0], label.at[1], 0)
    blf.draw(0, label.text)
    blf.disable(0, blf.SHADOW)


def register() -> None:
    """Draw in the Clip and Image editors."""
    global _failed  # noqa: PLW0603
    _failed = False
    for name in _SPACES:
        space = getattr(bpy.types, name)
        _handlers.append((space, space.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")))


def unregister() -> None:
    """Draw no more."""
    while _handlers:
        space, handler = _handlers.pop()
        space.draw_handler_remove(handler, "WINDOW")
    _textures.clear()
