"""Which file is behind the node, and how its frames and colours are meant.

Only a way of Dots, NoOps and switched-off nodes up to one Read shows the file as it is. Anything
else (a Reformat, a Grade, a TimeOffset) changes the picture or its frames: then `render` makes a
temporary EXR of what the node is given.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, Optional, Tuple

import nuke

from roto_shapes.errors import RotoError
from roto_shapes.frames import FrameRange, is_movie

from .errors import NodeError
from .knobs import text_of
from .node import RotoNode

TRANSPARENT = ("Dot", "NoOp")
_SHIFT = re.compile(r"frame(?:([+-])(\d+))?")


@dataclass(frozen=True)
class Plate:
    """A plate as Nuke shows it.

    ``path``: with a frame field (``%04d``), or a movie's. ``offset``: script frame less file
    frame. ``frame_range``: script frames the file has. ``colorspace``: Nuke's name for it, None =
    let the farm go by the file. ``rendered``: made by us, to be deleted once it is sent.
    """

    path: str
    offset: int
    frame_range: Tuple[int, int]
    width: int
    height: int
    pixel_aspect: float
    fps: Optional[Tuple[int, int]] = None
    colorspace: Optional[str] = None
    first_frame: Optional[int] = None
    rendered: bool = False


@dataclass(frozen=True)
class NeedsRender:
    """The input has to be rendered; ``why`` says which node is in the way."""

    why: str


def behind(node: RotoNode) -> Any:
    """The `Plate` behind a MegatonRoto node, or `NeedsRender`.

    Raises NodeError when nothing is connected, or the file's name cannot be made out.
    """
    above = node.node.input(0)
    if above is None:
        raise NodeError(
            f"{node.node.name()} has no input.", hint="Connect it to the plate's Read node."
        )
    seen = 0
    while above.Class() != "Read":
        why = _in_the_way(above)
        if why:
            return NeedsRender(why)
        above = above.input(0)
        seen += 1
        if above is None or seen > 10_000:
            raise NodeError(f"No Read node is above {node.node.name()}.", hint="Connect the plate.")
    return _of_read(above, node)


def _in_the_way(node: nuke.Node) -> str:
    if node.Class() in TRANSPARENT:
        return ""
    disable = node.knob("disable")
    off = disable is not None and not disable.isAnimated() and not disable.hasExpression()
    if off and disable is not None and bool(disable.value()):
        return ""
    return f"{node.name()} ({node.Class()}) changes the picture"


def _of_read(read: nuke.Node, node: RotoNode) -> Any:
    disable = read.knob("disable")
    if disable is not None and bool(disable.value()):
        raise NodeError(f"{read.name()} is disabled.", hint="Enable the Read node.")
    path = _file_of(read)
    first, last = int(read["first"].value()), int(read["last"].value())
    offset = _offset(read, first, last)
    if offset is None:
        return NeedsRender(f"{read.name()} maps its frames in a way that is no plain shift")
    shown = node.node.format()
    own = read.format()
    if (own.width(), own.height()) != (shown.width(), shown.height()):
        return NeedsRender(f"{read.name()} is of another format than what is shown")
    return Plate(
        path=path,
        offset=offset,
        frame_range=(first + offset, last + offset),
        width=shown.width(),
        height=shown.height(),
        pixel_aspect=float(shown.pixelAspect()),
        fps=frame_rate(),
        colorspace=_colorspace(read),
        first_frame=int(read["origfirst"].value()) if is_movie(path) else None,
    )


def frame_rate() -> Tuple[int, int]:
    """The script's frames per second as a fraction: 23.976 is 24000/1001."""
    rate = float(nuke.root()["fps"].value())
    nominal = round(rate)
    if nominal >= 1 and abs(rate - nominal) < 1e-3:
        return nominal, 1
    if nominal >= 1 and abs(rate - nominal * 1000 / 1001) < 5e-3:
        return nominal * 1000, 1001
    return max(1, round(rate * 1000)), 1000


# -- the file's name


def _file_of(read: nuke.Node) -> str:
    """The full-size file, never the proxy, with a frame field and an absolute path."""
    try:
        text = str(read["file"].value() or "")
        if "[" in text:
            text = _evaluated(read)
    except (RuntimeError, ValueError, NameError) as error:
        raise NodeError(
            f"The file name of {read.name()} cannot be worked out: {error}",
            hint="Write the path out in full, without Tcl.",
        ) from error
    if not text:
        raise NodeError(f"{read.name()} names no file.")
    view = nuke.thisView() if re.search("%V|%v", text) else ""
    text = text.replace("%V", view).replace("%v", view[:1])
    return _absolute(text.replace("\\", "/"))


def _evaluated(read: nuke.Node) -> str:
    """Tcl worked out, the frame field kept. Nuke's own `filename` gives the proxy's name when the
    proxy mode is on, so that has to be off."""
    if nuke.root().proxy() and text_of(read, "proxy"):
        raise NodeError(
            f"{read.name()} names its file by Tcl, and proxy mode is on.",
            hint="Switch proxy mode off to send the full-size plate.",
        )
    return str(nuke.filename(read) or "")


def _absolute(path: str) -> str:
    if path.startswith(("/", "//")) or re.match(r"[A-Za-z]:/", path):
        return path
    base = ""
    project: Any = nuke.root().knob("project_directory")
    if project is not None:
        base = str(project.evaluate() or "")
    base = base or str(nuke.script_directory() or "")
    if not base:
        raise NodeError(
            f"{path!r} is relative, and the script has no folder.",
            hint="Save the script, set a project directory, or use a full path.",
        )
    return os.path.normpath(os.path.join(base, path)).replace("\\", "/")


# -- frames and colour


def _offset(read: nuke.Node, first: int, last: int) -> Optional[int]:
    """Script frame less file frame; None if the two are not apart by one number throughout.

    ``start at N``: the first frame of the file is shown on N. ``offset N``: everything is N later.
    Where Nuke itself can be asked (the metadata key ``input/frame``), what it says decides.
    """
    mode, text = str(read["frame_mode"].value()), text_of(read, "frame").strip()
    offset: Optional[int] = 0
    if text:
        offset = _by_mode(mode, text, first)
    if offset is None:
        return None
    for frame in {first + offset, last + offset}:
        told = read.metadata("input/frame", float(frame))
        if told is not None and _whole(told) not in (None, frame - offset):
            return None
    return offset


def _by_mode(mode: str, text: str, first: int) -> Optional[int]:
    if mode == "expression":
        match = _SHIFT.fullmatch(text.replace(" ", ""))
        if match is None:
            return None
        return -int(f"{match.group(1)}{match.group(2)}") if match.group(2) else 0
    number = _whole(text)
    if number is None:
        return None
    return number - first if mode == "start at" else number


def _whole(value: Any) -> Optional[int]:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number == int(number) else None


def _colorspace(read: nuke.Node) -> Optional[str]:
    """Nuke's name for the file's colour space: ``default (sRGB)`` and ``role (space)`` without
    what is around them; None where Nuke leaves it to the file, or shows it raw."""
    raw = read.knob("raw")
    if raw is not None and bool(raw.value()):
        return None
    name = text_of(read, "colorspace").strip()
    inner = re.fullmatch(r"[^()]+\((.+)\)", name)
    name = inner.group(1).strip() if inner and name.startswith("default") else name
    name = name.split("/")[-1].strip()
    return None if name in ("", "default") else name


# -- the range to send


def chosen_range(node: RotoNode, plate_range: Tuple[int, int]) -> Tuple[int, int]:
    """The script frames the artist asked for, within the plate's. Raises NodeError."""
    text = text_of(node.node, "mr_range").strip()
    if not text:
        return plate_range
    try:
        chosen = FrameRange.parse(text)
    except RotoError as error:
        raise NodeError(f"frames: {error.message}", hint=error.hint) from error
    if chosen.first < plate_range[0] or chosen.last > plate_range[1]:
        raise NodeError(
            f"Frames {chosen} are asked for; the plate has {plate_range[0]}-{plate_range[1]}.",
            hint="Change *frames* in the node, or the range of the Read node.",
        )
    return chosen.first, chosen.last
