# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are behind a MovieClip or an Image, and how Blender counts their frames.

The farm gets the files themselves, so what Blender would change on the way (stabilising, an
undistorted proxy, paint that is not saved) is refused rather than lost.

A clip shows file number ``number in its path + scene frame - frame_start + frame_offset``; an
image ``scene frame - frame_start + 1 + frame_offset`` of the editor that shows it. Movies count
from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from .plate_files import absolute, check_there, colour_of, fraction, number_in, number_of, run_of

VIEW_KEY = "megaton_roto_view"
"""On an image: frame_start, frame_offset, frame_duration of the editor its prompts were made in."""
EDITORS = ("CLIP_EDITOR", "IMAGE_EDITOR")


@dataclass(frozen=True)
class Frames:
    """Scene frame = plate frame + ``offset``; of a ``still`` every scene frame is the one frame."""

    offset: int = 0
    still: int | None = None

    def to_plate(self, scene_frame: int) -> int:
        """The plate frame that Blender shows on a scene frame."""
        return int(scene_frame) - self.offset if self.still is None else self.still

    def to_scene(self, plate_frame: int) -> int:
        """The scene frame on which Blender shows a plate frame."""
        return int(plate_frame) + self.offset


@dataclass(frozen=True)
class Plate:
    """A plate as Blender shows it.

    ``path``: absolute; with a printf field (``%04d``) of a sequence, or a movie's. ``frame_range``:
    plate frames, inclusive, without a gap. ``colour_space``: a name the farm knows, None = let it
    go by the file. ``first_frame``: of a movie. ``notes``: what the artist should know.
    ``id_block``: the MovieClip or Image; use it at once, undo makes it another.
    """

    path: str
    width: int
    height: int
    pixel_aspect: float
    frame_range: tuple[int, int]
    frames: Frames
    id_block: Any = field(compare=False, repr=False)
    fps: tuple[int, int] | None = None
    colour_space: str | None = None
    first_frame: int | None = None
    project_hint: str = ""
    notes: tuple[str, ...] = ()

    def to_plate(self, scene_frame: int) -> int:
        """The plate frame that Blender shows on a scene frame."""
        return self.frames.to_plate(scene_frame)

    def to_scene(self, plate_frame: int) -> int:
        """The scene frame on which Blender shows a plate frame."""
        return self.frames.to_scene(plate_frame)

    @property
    def scene_range(self) -> tuple[int, int]:
        """``frame_range`` in scene frames."""
        return self.to_scene(self.frame_range[0]), self.to_scene(self.frame_range[1])


def id_block_of(context: Any) -> Any:
    """The MovieClip or Image of the editor, None if it shows none. Cheap, never raises."""
    space: Any = getattr(context, "space_data", None)
    kind = getattr(space, "type", "")
    if kind == "CLIP_EDITOR":
        return space.clip
    return space.image if kind == "IMAGE_EDITOR" else None


def shows_picture(context: Any) -> bool:
    """Whether the editor shows the picture, and not curves of tracks."""
    return getattr(context.space_data, "view", "CLIP") == "CLIP"


def describe(context: Any) -> Plate:
    """The plate of the editor. Raises BlenderError, saying what to change, where the picture in it
    is not that of the files."""
    from .errors import BlenderError

    block = id_block_of(context)
    if block is None:
        raise BlenderError(
            "This editor shows no plate.",
            hint="Open the plate in the Movie Clip Editor or the Image Editor.",
        )
    frames_shown(context)
    if context.space_data.type == "CLIP_EDITOR":
        return _of_clip(block, context.scene)
    return _of_image(block, context.scene, _view(context.space_data.image_user))


def of(block: Any, scene: Any) -> Plate:
    """The plate of a MovieClip or Image, without an editor. Raises BlenderError.

    An image's frames are counted as in an editor that shows it, else as when it was prompted.
    """
    if isinstance(block, bpy.types.MovieClip):
        return _of_clip(block, scene)
    return _of_image(block, scene, _known_view(block))


def frames_of(block: Any, scene: Any) -> Frames:
    """How its frames are counted; looks at no file, so panels may ask at every redraw."""
    if isinstance(block, bpy.types.MovieClip):
        return _clip_frames(block)
    return _image_frames(block, _known_view(block))


def frames_shown(context: Any) -> Frames:
    """As `frames_of`, of the editor's plate. Raises BlenderError where places in the editor are not
    those of the plate's pixels; looks at no file."""
    if context.space_data.type == "CLIP_EDITOR":
        _check_shown(context.space_data)
    else:
        _check_followed(context.space_data)
    return frames_of_editor(context)


def frames_of_editor(context: Any) -> Frames:
    """As `frames_of`, of the editor's plate, as that very editor counts."""
    space, block = context.space_data, id_block_of(context)
    if space.type == "CLIP_EDITOR":
        return _clip_frames(block)
    return _image_frames(block, _view(space.image_user))


def catch_up(context: Any) -> None:
    """Have the editor show the scene's frame: the Clip editor does not follow a script's
    `frame_set`, and what is clicked there would be kept for another picture."""
    space, scene = context.space_data, context.scene
    if space.type != "CLIP_EDITOR" or bpy.app.background:
        return
    if space.clip_user.frame_current != scene.frame_current:
        scene.frame_current = int(scene.frame_current)


def remember_view(context: Any) -> None:
    """Keep how the editor counts an image's frames, for when no editor shows it."""
    space = context.space_data
    if space.type == "IMAGE_EDITOR" and space.image.library is None:
        view = list(_view(space.image_user))
        if list(space.image.get(VIEW_KEY, ())) != view:
            space.image[VIEW_KEY] = view


# -- clips


def _of_clip(clip: Any, scene: Any) -> Plate:
    path = absolute(clip)
    frames = _clip_frames(clip)
    movie = clip.source == "MOVIE"
    if movie:
        check_there(path)
        span = (max(1, 1 + clip.frame_offset), clip.frame_duration)
    else:
        path, span = run_of(path, number_of(path) + clip.frame_offset, None)
    return _plate(clip, scene, path, span, frames, movie, clip.fps if movie else 0.0)


def _clip_frames(clip: Any) -> Frames:
    """Also of a clip whose path holds no number: then `of` says what is wrong."""
    number = 1
    if clip.source != "MOVIE":
        found = number_in(clip.filepath)
        number = 0 if found is None else found
    return Frames(clip.frame_start - clip.frame_offset - number)


def _check_shown(space: Any) -> None:
    """Raise BlenderError where the clip editor moves the pixels it shows."""
    from .errors import BlenderError

    steady = space.clip.tracking.stabilization.use_2d_stabilization
    if steady and space.show_stable:
        raise BlenderError(
            "The clip is shown stabilised, so places in it are not those of the plate.",
            hint="Switch off Show Stable (View > Display) while you click.",
        )
    user = space.clip_user
    if user.proxy_render_size != "FULL" and user.use_render_undistorted:
        raise BlenderError(
            "The clip is shown undistorted, so places in it are not those of the plate.",
            hint="Switch off Undistorted in the editor's Footage or Proxy settings.",
        )


# -- images


View = tuple[int, int, int]


def _view(user: Any) -> View:
    return int(user.frame_start), int(user.frame_offset), int(user.frame_duration)


def _known_view(image: Any) -> View:
    for space in _image_editors():
        if space.image == image:
            return _view(space.image_user)
    kept = list(image.get(VIEW_KEY, ()))
    if len(kept) == 3:
        return int(kept[0]), int(kept[1]), int(kept[2])
    number = number_in(image.filepath) or 1
    return 1, number - 1 if image.source == "SEQUENCE" else 0, 0


def _image_editors() -> Iterator[Any]:
    for screen in bpy.data.screens:
        for area in screen.areas:
            for space in area.spaces:
                if space.type == "IMAGE_EDITOR":
                    yield space


def _image_frames(image: Any, view: View) -> Frames:
    if image.source not in {"SEQUENCE", "MOVIE"}:
        number = number_in(image.filepath)
        return Frames(0, 0 if number is None else number)
    start, offset, _ = view
    return Frames(start - 1 - offset)


def _of_image(image: Any, scene: Any, view: View) -> Plate:
    _check_files(image)
    path = absolute(image)
    frames = _image_frames(image, view)
    movie = image.source == "MOVIE"
    first, most = view[1] + 1, view[2]
    if movie:
        check_there(path)
        length = image.frame_duration
        span = (max(1, first), min(length, first + (most or length) - 1))
    elif image.source == "FILE":
        path, span = run_of(path, number_of(path), 1)
    else:
        path, span = run_of(path, first, most or None)
    return _plate(image, scene, path, span, frames, movie, 0.0)


def _check_files(image: Any) -> None:
    """Raise BlenderError for a picture that is not, or not only, on disk."""
    from .errors import BlenderError

    name = repr(image.name)
    if image.source == "TILED":
        raise BlenderError(
            f"{name} was opened as a tiled texture: Blender takes 1001, 1002 ... for tiles.",
            hint="Open it again with Detect UDIMs switched off in the file browser.",
        )
    if image.source not in {"FILE", "SEQUENCE", "MOVIE"}:
        what = "was made in Blender" if image.source == "GENERATED" else "is a render result"
        raise BlenderError(
            f"{name} {what}: it is no plate on disk.",
            hint="Save it as an image sequence and open that.",
        )
    if image.packed_file is not None or len(image.packed_files):
        raise BlenderError(
            f"{name} is packed into the .blend file.",
            hint="File > External Data > Unpack Resources, then try again.",
        )
    if image.is_dirty:
        raise BlenderError(
            f"{name} was painted on and not saved.", hint="Save or reload the image."
        )
    if image.use_multiview:
        raise BlenderError(
            f"{name} is stereo.", hint="Open the files of one eye as a sequence of their own."
        )


def _check_followed(space: Any) -> None:
    """Raise BlenderError where the image editor does not show the scene's frame."""
    from .errors import BlenderError

    moving = space.image.source in {"SEQUENCE", "MOVIE"}
    if moving and not space.image_user.use_auto_refresh:
        raise BlenderError(
            "The image editor does not follow the timeline.",
            hint="Switch on Auto Refresh in the editor's Image tab.",
        )


# -- both


def _plate(
    block: Any,
    scene: Any,
    path: str,
    span: tuple[int, int],
    frames: Frames,
    movie: bool,
    own_rate: float,
) -> Plate:
    from .errors import BlenderError

    width, height = _size(block, path, span[0])
    if width < 1 or height < 1 or span[1] < span[0]:
        raise BlenderError(
            f"Blender cannot read {path}.", hint="Reload the clip and look at its first frame."
        )
    across, down = block.display_aspect
    colour, note = colour_of(block.colorspace_settings.name, path)
    rate = own_rate or scene.render.fps / scene.render.fps_base
    return Plate(
        path=path.replace("\\", "/"),
        width=width,
        height=height,
        pixel_aspect=across / down,
        frame_range=span,
        frames=frames,
        id_block=block,
        fps=fraction(rate),
        colour_space=colour,
        first_frame=1 if movie else None,
        project_hint=Path(bpy.data.filepath).stem,
        notes=(note,) if note else (),
    )


def _size(block: Any, path: str, first: int) -> tuple[int, int]:
    """Of the full-size picture. Blender's own answer is that of a frame it has shown: none for an
    image sequence that nobody looked at, maybe a proxy's; then the file is opened."""
    width, height = (int(size) for size in block.size)
    if block.source != "MOVIE" and (not width or getattr(block, "use_proxy", False)):
        import imbuf

        from roto_shapes.frames import SequencePattern

        try:
            width, height = imbuf.load(str(SequencePattern.parse(path).path(first))).size
        except OSError:
            return 0, 0
    return width, height
