"""Runs inside Blender (`in_blender.py`): mattes in the compositor."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest
from render_masks import NEW, output_of

from megaton_roto import mattes
from roto_client.hosts import HostResult, JobRow, Mattes
from roto_shapes.errors import RotoError

FIRST, LAST, SHIFT = 1001, 1003, -900


def files(folder, name, version):
    """Three PNGs, and where they are."""
    there = folder / f"v{version}"
    for frame in range(FIRST, LAST + 1):
        image = bpy.data.images.new("made", 16, 8)
        image.pixels.foreach_set([(frame - FIRST + 1) / 4] * (16 * 8 * 4))
        image.filepath_raw = str(there / f"{name}.{frame}.png")
        image.file_format = "PNG"
        image.save()
        bpy.data.images.remove(image)
    return Mattes(str(there / f"{name}.%04d.png"), FIRST, LAST)


def clip_of(found):
    clip = bpy.data.movieclips.load(found.pattern % FIRST)
    clip.frame_start = FIRST + SHIFT
    return clip


def plate(block):
    return SimpleNamespace(
        to_scene=lambda frame: frame + SHIFT, frame_range=(FIRST, LAST), id_block=block
    )


def result(found, version=1):
    row = JobRow(f"job{version}", "shot", "sh010", version=version)
    return HostResult(row, None, found)


def ours():
    """Our images; Blender 4 has one of its own for the viewer."""
    return [image for image in bpy.data.images if "megaton_roto_matte" in image]


def tree_of(scene):
    return scene.compositing_node_group if NEW else scene.node_tree


def into_an_empty_file(folder):
    found = {name: files(folder, name, 1) for name in ("hero", "coat")}
    shown = plate(clip_of(found["hero"]))
    assert mattes.set_up(bpy.context, result(found), shown).endswith("hero, coat")
    nodes = tree_of(bpy.context.scene).nodes
    assert sum(node.type == "SETALPHA" for node in nodes) == 2
    assert sum(node.type == "MOVIECLIP" for node in nodes) == 1
    pictures = [node for node in nodes if node.type == "IMAGE"]
    for node in pictures:
        assert (node.frame_start, node.frame_duration, node.frame_offset) == (101, 3, 1000)
        assert node.image.colorspace_settings.name == "Non-Color"
    (shown_by,) = [link for link in tree_of(bpy.context.scene).links if link.to_node.type
                   in ("COMPOSITE", "GROUP_OUTPUT")]  # fmt: skip
    assert shown_by.from_node.type == "SETALPHA"
    newer = {name: files(folder, name, 2) for name in ("hero", "coat")}
    count = len(nodes)
    mattes.set_up(bpy.context, result(newer, 2), shown)
    assert len(nodes) == count, "the nodes that stand take the new files"
    assert all("v2" in node.image.filepath for node in pictures)
    assert len(ours()) == 2


def into_an_artists_compositor(folder):
    found = {"hero": files(folder, "hero", 1)}
    tree, last = output_of(bpy.context.scene)
    own = tree.nodes.new("CompositorNodeBlur")
    own.location = (0, -500)
    tree.links.new(own.outputs[0], last)
    mattes.set_up(bpy.context, result(found), plate(clip_of(found["hero"])))
    assert [link.from_node for link in tree.links if link.to_socket == last] == [own]
    added = [node for node in tree.nodes if node.type in ("IMAGE", "SETALPHA", "MOVIECLIP")]
    assert len(added) == 3
    assert max(node.location.y for node in added) < -500, "not on top of what is there"


def of_an_image_plate(folder):
    found = {"hero": files(folder, "hero", 1)}
    image = bpy.data.images.load(found["hero"].pattern % FIRST)
    image.source = "SEQUENCE"
    mattes.set_up(bpy.context, result(found), plate(image))
    nodes = [node for node in tree_of(bpy.context.scene).nodes if node.type == "IMAGE"]
    assert [(node.frame_start, node.frame_offset) for node in nodes] == [(101, 1000)] * 2


def one_undo_step(folder):
    found = {"hero": files(folder, "hero", 1)}
    clip = clip_of(found["hero"]).name
    bpy.ops.ed.undo_push(message="before")
    mattes.set_up(bpy.context, result(found), plate(bpy.data.movieclips[clip]))
    assert ours()
    bpy.ops.ed.undo()
    assert not ours()
    assert tree_of(bpy.context.scene) is None


def none_fetched(_):
    with pytest.raises(RotoError, match="No mattes") as caught:
        mattes.set_up(bpy.context, result({}), plate(None))
    assert caught.value.hint
    assert tree_of(bpy.context.scene) is None
