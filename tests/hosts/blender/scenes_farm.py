"""Runs inside Blender (`in_blender.py`): an artist's whole way through a real farm.

The folder holds ``job.json``: a clip of `serve_farm`, ``start`` (the scene frame of its first
frame) and ``zip``, the extension that is installed. What is rendered lies there afterwards, and
``told.json`` says what happened.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from contextlib import contextmanager

import bpy
from render_masks import composite, output_of, prepare

from megaton_roto import identity
from megaton_roto.points import place, placed

MODULE = "bl_ext.user_default.megaton_roto"
SECONDS = 150


def whole_way(folder):
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    bpy.context.preferences.system.use_online_access = True
    bpy.ops.extensions.package_install_files(
        filepath=job["zip"], repo="user_default", enable_on_install=True
    )
    told = {}
    try:
        clip = opened(job)
        with editor(clip):
            capture(job)
            first = submitted(clip, job)
        brought_in(first, "BOTH")
        (mask,) = bpy.data.masks
        told["mattes"] = pattern_of(mask)
        told["keys"] = sorted({frame for keys in held(mask).values() for frame in keys})
        drawn(job, mask, folder / "masks")
        shown(job, folder / "mattes")
        told.update(corrected(clip, mask, job, first))
        told["mattes2"] = pattern_of(mask)
        drawn(job, mask, folder / "masks2")
        shown(job, folder / "mattes2")
    finally:
        bpy.ops.preferences.addon_disable(module=MODULE)
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


def part(name):
    """A module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def messages():
    """What the panel says, oldest first."""
    return part("session").messages()


def state():
    return part("session").state()


def held(mask):
    """As in `artist_masks`, which needs what comes with the extension."""
    return importlib.import_module("artist_masks").held(mask)


def opened(job):
    clip = bpy.data.movieclips.load(job["path"] % job["first"])
    clip.frame_start = job["start"]
    clip.display_aspect = job["aspect"], 1
    return clip


@contextmanager
def editor(clip, mask=None):
    """The Clip editor, showing the clip, as what the artist's mouse is in."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.ui_type = "CLIP_EDITOR"
    space = area.spaces.active
    space.clip = clip
    if mask is not None:
        space.mode, space.mask = "MASK", mask
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region, space_data=space):
        yield


def capture(job):
    """What an artist places on two frames: a click on the object, one beside it, a box around."""
    for prompt in job["prompts"]:
        bpy.context.scene.frame_set(prompt["frame"] - job["first"] + job["start"])
        for point in prompt["points"]:
            done = bpy.ops.megaton_roto.capture(
                x=point["x"], y=point["y"], positive=point["positive"]
            )
            assert done == {"FINISHED"}, messages()
        x, y, x2, y2 = prompt["box"]
        done = bpy.ops.megaton_roto.capture(mode="BOX", x=x, y=y, x2=x2, y2=y2)
        assert done == {"FINISHED"}, messages()


def submitted(clip, job):
    """Send it and wait until it is done; the job's id."""
    chosen = bpy.context.scene.megaton_roto
    chosen.engine, chosen.outputs, chosen.tolerance = "flow", {"shapes", "mattes"}, 0.35
    chosen.shot = job["name"]
    assert bpy.ops.megaton_roto.submit() == {"FINISHED"}, messages()
    (noted,) = until(lambda: jobs_of(clip), "the job is noted on the clip")
    return ended(noted)


def jobs_of(clip):
    return {job.id for job in part("file_jobs").of(clip)}


def ended(job_id):
    row = until(lambda: (row := state().job(job_id)) and row.ended and row, "it ends")
    assert row.state == "succeeded", (row.error, row.hint)
    return job_id


def until(true, what):
    """Blender's main loop: its timer drains what the desk posts."""
    deadline = time.monotonic() + SECONDS
    while True:
        part("session").drain()
        found = true()
        if found:
            return found
        errors = [one for one in messages() if one.level == "ERROR"]
        assert not errors, errors
        assert time.monotonic() < deadline, (
            what,
            messages(),
            state(),
        )
        time.sleep(0.02)


def brought_in(job_id, what):
    assert bpy.ops.megaton_roto.apply(job=job_id, what=what) == {"FINISHED"}, messages()
    until(
        lambda: any(
            (note := identity.read(mask)) is not None and note.job == job_id
            for mask in bpy.data.masks
        ),
        "its masks are here",
    )
    until(
        lambda: any("compositor" in one.text for one in messages()[-2:]),
        "its mattes",
    )


def pattern_of(mask):
    """The folder of the mattes the compositor shows."""
    (image,) = [image for image in bpy.data.images if "megaton_roto_matte" in image]
    return image.filepath


def drawn(job, mask, folder):
    """The mask by the compositor's Mask node, on every frame: its keys and all between."""
    scene = bpy.data.scenes.new("masks")
    prepare(scene, {"width": job["width"], "height": job["height"], "pixel_aspect": job["aspect"]})
    composite(scene, [mask])
    render(scene, job, folder)


def shown(job, folder):
    """The mattes, as the node of the set-up has them."""
    scene = bpy.context.scene
    tree = scene.node_tree if bpy.app.version < (5, 0) else scene.compositing_node_group
    (node,) = [node for node in tree.nodes if "megaton_roto_matte" in node]
    (link,) = [link for link in tree.links if link.from_node == node]
    assert (link.to_node.type, link.to_socket.name) == ("SETALPHA", "Alpha")
    other = bpy.data.scenes.new("mattes")
    prepare(other, {"width": job["width"], "height": job["height"], "pixel_aspect": job["aspect"]})
    other.render.image_settings.color_depth = "32"
    into, last = output_of(other)
    copy = into.nodes.new("CompositorNodeImage")
    copy.image = node.image
    for name in ("frame_duration", "frame_start", "frame_offset"):
        setattr(copy, name, getattr(node, name))
    into.links.new(copy.outputs[link.from_socket.name], last)
    render(other, job, folder)


def render(scene, job, folder):
    window = bpy.context.window_manager.windows[0]
    was = window.scene
    window.scene = scene
    scene.view_settings.view_transform = "Raw"
    for frame in range(job["first"], job["last"] + 1):
        scene.frame_set(frame - job["first"] + job["start"])
        scene.render.filepath = str(folder / f"{frame}.exr")
        bpy.ops.render.render(write_still=True)
    window.scene = was
    bpy.data.scenes.remove(scene)


def corrected(clip, mask, job, first):
    """Four points moved on one frame; what came of it."""
    before = held(mask)
    name = max(before, key=lambda name: len(before[name]))
    frame = sorted(before[name])[-1]
    bpy.context.scene.frame_set(frame - job["first"] + job["start"])
    points = mask.layers[name].splines[0].points
    row = placed(points)
    for i in range(0, 24, 2):
        row[i] += 4 / max(job["width"], job["height"])
    place(points, row)
    importlib.import_module("artist_masks").insert(
        mask, name, frame, offset=job["start"] - job["first"]
    )
    mine = held(mask)
    with editor(clip, mask):
        assert bpy.ops.megaton_roto.correct() == {"FINISHED"}, messages()
    (second,) = until(lambda: jobs_of(clip) - {first}, "the correction is noted")
    ended(second)
    brought_in(second, "BOTH")
    now = held(mask)
    changed = tracked_again(second)
    artist = now[name][frame] == mine[name][frame]
    outside, inside = [], 0
    for each, keys in before.items():
        for at, key in keys.items():
            if any(a <= at <= b for a, b in changed):
                inside += now.get(each, {}).get(at) != key
            else:
                outside.append(now[each][at] == key)
    return {
        "frame": frame,
        "changed": changed,
        "artist": artist,
        "outside": outside,
        "inside": inside,
        "version": identity.read(mask).version,
        "masks": len(bpy.data.masks),
        "differing": differing(mask),
    }


def client():
    """The farm, beside the extension."""
    made = importlib.import_module("roto_client.api.client").RotoClient
    return made(os.environ["ROTO_SERVER"], os.environ["ROTO_API_KEY"])


def tracked_again(job_id):
    """The stretches that a correction of one object changed, as the server has them."""
    (changed,) = client().job(job_id).raw["changed"].values()
    return changed


def differing(mask):
    """Frames on which the mask is not what the farm's document of its version is."""
    note = identity.read(mask)
    shapes = client().shapes(note.shot, version=note.version)
    document = importlib.import_module("roto_shapes.decode").document_from_json(shapes)
    found = part("readback").correction(bpy.context, mask).edits(document)
    return [frame for edit in found for frame in edit.frames]
