# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's mattes as image sequences, and the compositor nodes that cut the plate with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from .compositor import Compositor, apply_mask, of_scene
from .undo import one_step

if TYPE_CHECKING:
    from roto_client.hosts import HostResult, Mattes

_KEY = "megaton_roto_matte"
_WIDE, _HIGH = 300, 420


def set_up(context: bpy.types.Context, result: HostResult, plate: Any) -> str:
    """Nodes for every object's mattes, as one undo step; what to tell the artist.

    ``plate``: the `plate.Plate` the job was made of. Nodes that stand already take the new
    version's files; what else is in the compositor stays, links too: only a compositor that was
    not there before shows the first object cut out. Raises RotoError where no mattes were fetched.
    """
    from roto_shapes.errors import RotoError

    if not result.mattes:
        raise RotoError(
            "No mattes came with this job.",
            hint="Submit again with mattes among the outputs, or apply its masks.",
            code="not_found",
        )
    with one_step(f"Megaton Roto: mattes of version {result.row.version}"):
        into = of_scene(context.scene)
        standing = _standing(into.tree)
        fresh = []
        for name, mattes in result.mattes.items():
            key = f"{result.row.shot_id}/{name}"
            image = _image(key, name, mattes)
            if key in standing:
                _play(standing[key], image, mattes, plate)
            else:
                fresh.append((key, name, mattes, image))
        if fresh:
            _add(into, fresh, plate)
    return f"Mattes in the compositor: {', '.join(result.mattes)}"


def _standing(tree: bpy.types.NodeTree) -> dict[str, Any]:
    """The nodes that hold mattes already, by shot and object."""
    return {node[_KEY]: node for node in tree.nodes if _KEY in node and node.type == "IMAGE"}


def _image(key: str, name: str, mattes: Mattes) -> bpy.types.Image:
    """The object's sequence, that of an older version pointed at the new files."""
    path = mattes.pattern % mattes.first
    image = next((image for image in bpy.data.images if image.get(_KEY) == key), None)
    if image is None:
        image = bpy.data.images.load(path)
        image.name = f"{name} matte"
        image[_KEY] = key
    image.filepath = path
    image.source = "SEQUENCE" if mattes.last > mattes.first else "FILE"
    image.colorspace_settings.name = "Non-Color"
    image.reload()
    return image


def _play(node: Any, image: bpy.types.Image, mattes: Mattes, plate: Any) -> None:
    """Have an Image node show file n where the scene shows plate frame n."""
    node.image = image
    if image.source == "SEQUENCE":
        _place_frames(node, mattes.first, mattes.last, plate)


def _place_frames(node: Any, first: int, last: int, plate: Any) -> None:
    node.frame_duration = last - first + 1
    node.frame_start = plate.to_scene(first)
    node.frame_offset = first - 1


def _add(
    into: Compositor, fresh: list[tuple[str, str, Mattes, bpy.types.Image]], plate: Any
) -> None:
    """Nodes for objects that have none: one for the plate, a frame with two for each of them."""
    nodes, links = into.tree.nodes, into.tree.links
    top = min((node.location.y for node in nodes if node.type != "FRAME"), default=0.0)
    top -= _HIGH if len(nodes) > 1 else 0
    source = _plate_node(into.tree, plate)
    source.location = (0, top)
    for i, (key, name, mattes, image) in enumerate(fresh):
        frame = nodes.new("NodeFrame")
        frame.label = f"Megaton Roto: {name}"
        node = nodes.new("CompositorNodeImage")
        node[_KEY] = key
        node.label = f"{name} matte"
        _play(node, image, mattes, plate)
        cut = nodes.new("CompositorNodeSetAlpha")
        apply_mask(cut)
        for column, one in enumerate((node, cut), 1):
            one.parent = frame
            one.location = (column * _WIDE, top - i * _HIGH)
        links.new(source.outputs["Image"], cut.inputs["Image"])
        links.new(_matte_of(node), cut.inputs["Alpha"])
        if i == 0 and into.last is not None:
            links.new(cut.outputs["Image"], into.last)
            viewer = nodes.new("CompositorNodeViewer")
            viewer.location = (900, -150)
            links.new(cut.outputs["Image"], viewer.inputs["Image"])


def _matte_of(node: Any) -> Any:
    """The socket with the matte: of an EXR, which has it in a layer called as the object, that
    layer's; of a PNG the picture."""
    if "Image" in node.outputs:
        return node.outputs["Image"]
    layers = [one for one in node.outputs if one.name not in ("Combined", "Alpha") and one.enabled]
    return layers[0] if layers else node.outputs["Alpha"]


def _plate_node(tree: bpy.types.NodeTree, plate: Any) -> Any:
    """A node with the plate's picture."""
    block = plate.id_block
    if isinstance(block, bpy.types.MovieClip):
        node = tree.nodes.new("CompositorNodeMovieClip")
        node.clip = block
        return node
    node = tree.nodes.new("CompositorNodeImage")
    node.image = block
    if block.source == "SEQUENCE":
        first, last = plate.frame_range
        _place_frames(node, first, last, plate)
    return node
