"""Runs inside Blender: builds masks from a file of mask data and renders them by the compositor.

``python render_masks.py JOB.json``: the job holds ``data``, ``frames`` (whole or between) and
``out``, a folder that gets ``0.exr``, ``1.exr`` ... (the lightest of all masks, in channel V) and
``names.json``; with ``blend`` the masks are saved and opened first.
A process of its own: a fault of Blender ends no test run.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import bpy

from megaton_roto.masks import build


def main(job):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    data, out = job["data"], Path(job["out"])
    scene = bpy.context.scene
    scene.frame_set(7)
    areas = [area.ui_type for area in bpy.context.window.screen.areas]
    masks = build(data)
    assert (bpy.context.scene, scene.frame_current) == (scene, 7)
    assert list(bpy.data.scenes) == [scene]
    assert [area.ui_type for area in bpy.context.window.screen.areas] == areas
    if job["blend"]:
        masks = reopened(masks, out / "masks.blend")
        scene = bpy.context.scene
    names = [[mask.name, [layer.name for layer in mask.layers]] for mask in masks]
    (out / "names.json").write_text(json.dumps(names), encoding="utf-8")
    prepare(scene, data)
    composite(scene, masks)
    for i, frame in enumerate(job["frames"]):
        scene.frame_set(math.floor(frame), subframe=frame - math.floor(frame))
        scene.render.filepath = str(out / f"{i}.exr")
        bpy.ops.render.render(write_still=True)


def reopened(masks, path):
    """The masks after saving and opening the file."""
    for mask in masks:
        mask.use_fake_user = True
    names = [mask.name for mask in masks]
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return [bpy.data.masks[name] for name in names]


def prepare(scene, data):
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = data["width"], data["height"]
    render.resolution_percentage = 100
    render.pixel_aspect_x, render.pixel_aspect_y = data["pixel_aspect"], 1
    render.image_settings.file_format = "OPEN_EXR"
    render.image_settings.color_mode = "BW"
    render.image_settings.color_depth = "16"


def composite(scene, masks):
    """The lightest of the masks is the picture."""
    tree, last = output_of(scene)
    lightest = None
    for mask in masks:
        node = tree.nodes.new("CompositorNodeMask")
        node.mask = mask
        found = node.outputs["Mask"]
        if lightest is not None:
            most = tree.nodes.new(MATH)
            most.operation = "MAXIMUM"
            tree.links.new(lightest, most.inputs[0])
            tree.links.new(found, most.inputs[1])
            found = most.outputs[0]
        lightest = found
    tree.links.new(lightest, last)


NEW = bpy.app.version >= (5, 0)
MATH = "ShaderNodeMath" if NEW else "CompositorNodeMath"


def output_of(scene):
    """The compositor's tree, empty, and the socket of its picture."""
    if not NEW:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        return tree, tree.nodes.new("CompositorNodeComposite").inputs["Image"]
    tree = bpy.data.node_groups.new("Matte", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    scene.compositing_node_group = tree
    return tree, tree.nodes.new("NodeGroupOutput").inputs["Image"]


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
