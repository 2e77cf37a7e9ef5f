"""A temporary EXR sequence of what a node is given, where the file behind it will not do.

One frame per turn of Nuke's event loop, so that the artist can go on working, with a progress bar
that cancels. The pictures are full size (proxy mode is off while a frame is made), half float, in
the script's working space. Whoever gets the plate deletes its folder with `discard` once it is
sent; what a crash leaves behind goes with the next start (`sweep`).
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Optional, Tuple

import nuke

from roto_shapes.errors import RotoError

from .errors import NodeError
from .knobs import no_undo
from .mainthread import post
from .node import RotoNode
from .plate import Plate, frame_rate

PREFIX = "megaton-roto-plate-"
_OLD = 3 * 24 * 3600.0
_log = logging.getLogger("roto_client.nuke")


class RenderStoppedError(RotoError):
    """The artist cancelled the temporary render, or took away what was to be rendered."""

    code = "conflict"


class Render:
    """Renders the input of a node over script frames ``first`` to ``last``.

    `start` returns at once; then exactly one of ``done(plate)`` and ``failed(error)`` is called on
    the main thread. Nothing of a failed render stays behind.
    """

    def __init__(
        self,
        node: RotoNode,
        frames: Tuple[int, int],
        done: Callable[[Plate], None],
        failed: Callable[[RotoError], None],
    ) -> None:
        self._node, self._frames = node, frames
        self._done, self._failed = done, failed
        self._next = frames[0]
        self._task: Optional[Any] = None
        self._write: Optional[nuke.Node] = None
        self._folder: Optional[Path] = None

    def start(self) -> None:
        """Make the folder and the Write node, and the first frame in the next turn."""
        source = self._node.node.input(0)
        if source is None:
            raise NodeError(f"{self._node.node.name()} has no input.", hint="Connect the plate.")
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_root()))
        except OSError as error:
            raise NodeError(
                f"There is no room for a temporary render in {_root()}: {error}",
                hint="Set ROTO_NUKE_TEMP to a folder with space.",
            ) from error
        self._write = self._write_node(source, self._pattern())
        self._task = nuke.ProgressTask("Megaton Roto: rendering the plate")
        post(self._step)

    def _pattern(self) -> str:
        return f"{self._folder}/plate.%04d.exr".replace("\\", "/")

    def _write_node(self, source: nuke.Node, path: str) -> nuke.Node:
        with no_undo():
            # Beside the node, in its group if it is in one.
            parent = self._node.node.parent()
            parent.begin()
            try:
                write = nuke.nodes.Write()
            finally:
                parent.end()
            write.setInput(0, source)
            write["file"].setValue(path)
            write["file_type"].setValue("exr")
            write["channels"].setValue("rgb")
            for name, value in (("datatype", "16 bit half"), ("raw", True)):
                knob = write.knob(name)
                if knob is not None:
                    knob.setValue(value)
            write.setXYpos(self._node.node.xpos() + 120, self._node.node.ypos())
        return write

    def _step(self) -> None:
        """One frame. Nothing may escape: the progress bar would stay for ever."""
        try:
            if self._task is not None and self._task.isCancelled():
                raise RenderStoppedError("The temporary render was cancelled.")
            self._render(self._next)
        except RotoError as error:
            self._end(error)
        except (RuntimeError, ValueError, OSError) as error:
            gone = "not attached" in str(error)
            what = "its node was deleted or the script closed" if gone else str(error)
            self._end(
                RenderStoppedError(
                    f"The temporary render stopped on frame {self._next}: {what}.",
                    hint="" if gone else "View that frame: Nuke shows what is wrong with it.",
                )
            )
        else:
            self._next += 1
            self._tell()
            if self._next > self._frames[1]:
                self._end(None)
            else:
                post(self._step)

    def _render(self, frame: int) -> None:
        root = nuke.root()
        proxy = bool(root.proxy())
        with no_undo():
            if proxy:
                root.setProxy(False)
            try:
                nuke.execute(self._write, frame, frame, 1)  # type: ignore[arg-type]
            finally:
                if proxy:
                    root.setProxy(True)

    def _tell(self) -> None:
        if self._task is None:
            return
        first, last = self._frames
        self._task.setProgress(int(100 * (self._next - first) / (last - first + 1)))
        self._task.setMessage(f"frame {self._next - 1} of {first}-{last}")

    def _end(self, error: Optional[RotoError]) -> None:
        self._task = None
        plate = None if error else self._plate()
        self._remove_write()
        if plate is not None:
            self._done(plate)
            return
        if self._folder is not None:
            discard(self._folder)
        self._failed(error or RenderStoppedError("The temporary render failed."))

    def _plate(self) -> Plate:
        shown = self._node.node.format()
        return Plate(
            path=self._pattern(),
            offset=0,
            frame_range=self._frames,
            width=shown.width(),
            height=shown.height(),
            pixel_aspect=float(shown.pixelAspect()),
            fps=frame_rate(),
            colorspace=_working_space(),
            rendered=True,
        )

    def _remove_write(self) -> None:
        try:
            with no_undo():
                if self._write is not None:
                    nuke.delete(self._write)
        except ValueError:
            _log.info("the temporary Write node was gone already")
        self._write = None


def discard(folder: Path) -> None:
    """Delete a render's folder, on any thread. One that cannot be deleted now goes with `sweep`."""
    if folder.name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def folder_of(plate: Plate) -> Path:
    """The folder to `discard` of a rendered plate."""
    return Path(plate.path).parent


def sweep() -> None:
    """Delete what renders of some days ago left behind. Waits for the disk: not on the main
    thread."""
    limit = time.time() - _OLD
    try:
        found = list(Path(_root()).glob(f"{PREFIX}*"))
    except OSError:
        return
    for folder in found:
        try:
            if folder.is_dir() and folder.stat().st_mtime < limit:
                discard(folder)
        except OSError:
            _log.info("%s cannot be looked at", folder)


def _root() -> str:
    return (
        os.environ.get("ROTO_NUKE_TEMP") or os.environ.get("NUKE_TEMP_DIR") or tempfile.gettempdir()
    )


def _working_space() -> str:
    """The space Nuke works in, by a name the farm knows: ``scene_linear (ACES - ACEScg)`` too."""
    knob = nuke.root().knob("workingSpaceLUT")
    name = str(knob.value()) if knob is not None else ""
    if "(" in name:
        name = name[name.index("(") + 1 :].rstrip(") ")
    return name.split(" - ")[-1].strip() or "linear"
