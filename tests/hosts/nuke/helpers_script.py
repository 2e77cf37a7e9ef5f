"""Scripts artists have: a plate, our node below it, a viewer."""

from __future__ import annotations

from typing import Any


def plate(nuke: Any, path: str, frames: tuple[int, int], **knobs: Any) -> Any:
    """A Read node of a sequence."""
    read = nuke.nodes.Read()
    read["file"].fromUserText(f"{path} {frames[0]}-{frames[1]}")
    size = knobs.pop("size", (160, 120))
    read["format"].setValue(nuke.Format(*size))
    for name, value in knobs.items():
        read[name].setValue(value)
    return read


def roto_under(above: Any) -> Any:
    """A new MegatonRoto node connected to ``above``."""
    from megaton_roto_nuke import making

    made = making.create()
    made.node.setInput(0, above)
    return made


def look_at(nuke: Any, node: Any) -> Any:
    """A viewer that shows the node."""
    nuke.connectViewer(0, node)
    return nuke.activeViewer()


def sample(nuke: Any, *numbers: float) -> None:
    """As after Ctrl+click or Ctrl+Shift+drag."""
    knob = nuke.activeViewer().node()["colour_sample_bbox"]
    for channel, number in enumerate(numbers):
        knob.setValue(number, channel)
