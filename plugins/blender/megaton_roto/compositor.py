# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene's compositor, as Blender 4 and Blender 5 have it."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy

_NEW = bpy.app.version >= (5, 0)


class Compositor(NamedTuple):
    """``last``: the socket of the scene's picture; None where the tree was there already and is
    the artist's to link."""

    tree: Any
    last: Any


def of_scene(scene: bpy.types.Scene) -> Compositor:
    """The scene's compositor; a new one has an output and nothing else."""
    if _NEW:
        return _of_new(scene)
    standing: Any = scene.node_tree
    if standing is not None:
        scene.use_nodes = True
        return Compositor(standing, None)
    scene.use_nodes = True
    tree: Any = scene.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("CompositorNodeComposite")
    output.location = (900, 0)
    return Compositor(tree, output.inputs["Image"])


def _of_new(scene: bpy.types.Scene) -> Compositor:
    if scene.compositing_node_group is not None:
        return Compositor(scene.compositing_node_group, None)
    tree = bpy.data.node_groups.new("Compositing", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    scene.compositing_node_group = tree
    output = tree.nodes.new("NodeGroupOutput")
    output.location = (900, 0)
    return Compositor(tree, output.inputs["Image"])


def apply_mask(node: Any) -> None:
    """Have a Set Alpha node multiply colour and alpha by its alpha input."""
    if _NEW:
        node.inputs["Type"].default_value = "Apply Mask"
    else:
        node.mode = "APPLY"
