"""Runs inside Blender: picks objects out of ID mattes with the compositor's Cryptomatte node.

``python pick_id_mattes.py JOB.json``: the job holds ``image``, ``size``, ``names`` and ``out``, a
folder that gets ``0.exr``, ``1.exr`` ... (the matte of each name, in channel V).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bpy
from render_masks import output_of


def main(job):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    prepare(scene, job["size"])
    tree, last = output_of(scene)
    node = tree.nodes.new("CompositorNodeCryptomatteV2")
    node.source = "IMAGE"
    node.image = bpy.data.images.load(job["image"])
    tree.links.new(node.outputs["Matte"], last)
    for i, name in enumerate(job["names"]):
        node.matte_id = name
        scene.render.filepath = f"{job['out']}/{i}.exr"
        bpy.ops.render.render(write_still=True)


def prepare(scene, size):
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.view_settings.view_transform = "Raw"
    render = scene.render
    render.engine = "BLENDER_WORKBENCH"
    render.resolution_x, render.resolution_y = size
    render.resolution_percentage = 100
    render.image_settings.file_format = "OPEN_EXR"
    render.image_settings.color_mode = "BW"
    render.image_settings.color_depth = "32"


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
