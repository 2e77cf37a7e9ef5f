"""Runs inside Blender: what `megaton_roto.plate` says of clips and images."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from helpers_blender import picture
from helpers_editor import main, sequence
from render_masks import output_of

from megaton_roto import plate
from roto_shapes.errors import RotoError


def shown(scene, node_type, setup, frame, folder):
    """The code of the picture that Blender's own compositor shows on a scene frame."""
    tree, last = output_of(scene)
    node = tree.nodes.new(node_type)
    setup(node)
    tree.links.new(node.outputs["Image"], last)
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = 64, 32
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_mode = "BW"
    scene.frame_set(frame)
    scene.render.filepath = str(folder / "shown.exr")
    bpy.ops.render.render(write_still=True)
    return round(float(np.median(picture(folder / "shown.exr"))) * 255)


def refused(call, *words):
    """The call is refused with a message and a hint that hold the words."""
    with pytest.raises(RotoError) as caught:
        call()
    told = f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint, told
    assert all(word in told for word in words), told


def clip_frames(folder):
    """Of every way to set a clip up, the frame named is the one that Blender shows."""
    first = sequence(folder / "a", range(1001, 1013))
    scene = bpy.context.scene
    for file_number, start, offset in ((1001, 1, 0), (1003, 1, 0), (1003, 1003, 0), (1002, -4, 3)):
        clip = bpy.data.movieclips.load(str(first.with_name(f"plate.{file_number}.png")))
        clip.frame_start, clip.frame_offset = start, offset
        clip.colorspace_settings.name = "Non-Color"
        found = plate.of(clip, scene)
        assert found.frame_range == (file_number + offset, 1012)
        assert found.path == f"{folder.as_posix()}/a/plate.%04d.png"
        assert (found.width, found.height, found.pixel_aspect) == (64, 32, 1.0)
        assert found.colour_space == "Raw"
        assert found.fps == (24, 1)
        assert found.scene_range[1] - found.scene_range[0] == 1012 - file_number - offset
        for frame in (found.scene_range[0], found.scene_range[0] + 2):
            code = shown(
                scene,
                "CompositorNodeMovieClip",
                lambda n, c=clip: setattr(n, "clip", c),
                frame,
                folder,
            )
            assert code == found.to_plate(frame) % 200, (file_number, start, offset, frame, code)
            assert found.to_scene(found.to_plate(frame)) == frame
        assert plate.frames_of(clip, scene) == found.frames


def image_frames(folder):
    """An image sequence counts as the editor that shows it does, and is remembered so."""
    first = sequence(folder / "a", range(1001, 1013))
    scene, area, space = bpy.context.scene, *editor("IMAGE_EDITOR")
    image = bpy.data.images.load(str(first))
    image.source = "SEQUENCE"
    image.colorspace_settings.name = "Non-Color"
    space.image = image
    user = space.image_user
    user.use_auto_refresh = True
    for start, offset, duration in ((1, 1000, 12), (1001, 1000, 12), (5, 1002, 4)):
        user.frame_start, user.frame_offset, user.frame_duration = start, offset, duration
        with override(area, space):
            found = plate.describe(bpy.context)
            plate.remember_view(bpy.context)
        assert found.frame_range == (offset + 1, offset + duration - (offset + duration > 1012))
        assert (found.width, found.height) == (64, 32)
        assert plate.of(image, scene) == found

        def setup(node, numbers=(start, offset, duration)):
            node.image = image
            node.frame_start, node.frame_offset, node.frame_duration = numbers

        for frame in (start, start + 2):
            code = shown(scene, "CompositorNodeImage", setup, frame, folder)
            assert code == found.to_plate(frame) % 200, (start, offset, frame, code)
    space.image = None
    assert plate.of(image, scene).frames == found.frames, "remembered"
    user.use_auto_refresh = False
    space.image = image
    with override(area, space):
        refused(lambda: plate.describe(bpy.context), "follow the timeline", "Auto Refresh")
    image.source = "FILE"
    still = plate.of(image, scene)
    assert still.frame_range == (1001, 1001)
    assert still.to_plate(57) == 1001


def gaps_and_sizes(folder):
    """A plate ends where a file is missing; the size is the file's, the pixel aspect the clip's."""
    first = sequence(folder / "50% grey", range(1, 6), 48, 20)
    (first.parent / "plate.0004.png").unlink()
    clip = bpy.data.movieclips.load(str(first))
    clip.display_aspect = (2.0, 1.0)
    clip.use_proxy = True
    found = plate.of(clip, bpy.context.scene)
    assert found.frame_range == (1, 3)
    assert (found.width, found.height, found.pixel_aspect) == (48, 20, 2.0)
    assert found.colour_space is None, "sRGB is what Blender says of everything"
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 24, 1.001
    assert plate.of(clip, bpy.context.scene).fps == (24000, 1001)
    clip.colorspace_settings.name = "Filmic Log"
    found = plate.of(clip, bpy.context.scene)
    assert found.colour_space is None
    assert "Filmic Log" in found.notes[0]


def refusals(folder):
    """What is no plate on disk, or not shown as it is there, is refused with what to do."""
    scene = bpy.context.scene
    new = bpy.data.images.new
    refused(lambda: plate.of(new("made", 8, 8), scene), "made", "Save it")
    first = sequence(folder / "a", range(1001, 1004))
    image = bpy.data.images.load(str(first))
    image.pack()
    refused(lambda: plate.of(image, scene), "packed", "Unpack")
    painted = bpy.data.images.load(str(first.with_name("plate.1002.png")))
    painted.pixels[0] = 0.7
    painted.update()
    refused(lambda: plate.of(painted, scene), "painted", "Save")
    (folder / "one.png").write_bytes(first.read_bytes())
    refused(lambda: plate.of(bpy.data.images.load(str(folder / "one.png")), scene), "frame number")
    tiled = bpy.data.images.load(str(first), check_existing=False)
    tiled.source = "TILED"
    refused(lambda: plate.of(tiled, scene), "tiled", "Detect UDIMs")
    clip = bpy.data.movieclips.load(str(first))
    assert plate.of(clip, scene).frame_range == (1001, 1003)
    clip.filepath = "//a/plate.1001.png"
    refused(lambda: plate.of(clip, scene), "never saved")
    clip.filepath = str(folder / "gone" / "plate.1001.png")
    refused(lambda: plate.of(clip, scene), "gone", "not there")
    clip.filepath = str(first)
    clip.frame_offset = 7
    refused(lambda: plate.of(clip, scene), "plate.1008.png", "1001 to 1003")
    clip.frame_offset = 0
    shown_otherwise(clip)
    saved = folder / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(saved))
    clip.filepath = "//a/plate.1001.png"
    assert plate.of(clip, scene).path == f"{folder.as_posix()}/a/plate.%04d.png"
    assert plate.of(clip, scene).project_hint == "saved"


def shown_otherwise(clip):
    area, space = editor("CLIP_EDITOR")
    with override(area, space):
        refused(lambda: plate.describe(bpy.context), "shows no plate", "Movie Clip Editor")
    space.clip = clip
    with override(area, space):
        assert plate.id_block_of(bpy.context) == clip
        assert plate.describe(bpy.context).frame_range == (1001, 1003)
        clip.tracking.stabilization.use_2d_stabilization = space.show_stable = True
        refused(lambda: plate.describe(bpy.context), "stabilised", "Show Stable")
        space.show_stable = False
        space.clip_user.proxy_render_size = "PROXY_50"
        assert plate.describe(bpy.context).width == 64
        space.clip_user.use_render_undistorted = True
        refused(lambda: plate.describe(bpy.context), "undistorted")


def movies(folder):
    """A movie counts from 1, wherever the scene shows it."""
    path = folder / "plate.mp4"
    scene = bpy.context.scene
    scene.render.image_settings.file_format = "PNG"
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "VIDEO"
    scene.render.image_settings.file_format = "FFMPEG"
    scene.render.ffmpeg.format = "MPEG4"
    scene.render.resolution_x, scene.render.resolution_y = 64, 32
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.frame_start, scene.frame_end = 1, 6
    scene.camera = bpy.data.objects.new("c", bpy.data.cameras.new("c"))
    scene.render.filepath = str(path)
    bpy.ops.render.render(animation=True)
    clip = bpy.data.movieclips.load(str(path))
    clip.frame_start, clip.frame_offset = 101, 2
    found = plate.of(clip, scene)
    assert (found.path, found.first_frame) == (path.as_posix(), 1)
    assert found.to_plate(101) == 3
    assert found.frame_range == (3, 6)
    assert found.fps == (24, 1)
    clip.filepath = str(folder / "other.mp4")
    refused(lambda: plate.of(clip, scene), "other.mp4", "not there")


def editor(kind):
    """An area of the window as an editor of a kind, and its space."""
    area = bpy.context.window_manager.windows[0].screen.areas[0]
    area.type = kind
    return area, area.spaces.active


def override(area, space):
    window = bpy.context.window_manager.windows[0]
    region = next(region for region in area.regions if region.type == "WINDOW")
    return bpy.context.temp_override(window=window, area=area, region=region, space_data=space)


CASES = {
    case.__name__: case for case in (clip_frames, image_frames, gaps_and_sizes, refusals, movies)
}

if __name__ == "__main__":
    main(CASES)
