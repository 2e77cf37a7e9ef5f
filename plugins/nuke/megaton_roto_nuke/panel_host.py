"""Nuke as the docked panel of all hosts sees it. No Qt in here.

Main thread only. What cannot be done raises NodeError, which the panel shows as a line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, List, Optional, Sequence, Tuple

import nuke

from roto_client.hosts import FrameMap, JobRow
from roto_client.hosts.qt.host import Action, ObjectRow, Said, SubmitChoices
from roto_shapes.prompts import FramePrompt

from . import actions, arriving, correcting, flows, making, outgoing, picking, results
from . import node as nodes
from .errors import NodeError
from .node import RotoNode
from .plate import NeedsRender, behind
from .prompts import all_said, color_of


class NukeHost:
    """The MegatonRoto node worked on is the selected one, or the only one of the script."""

    title = "Nuke"

    # -- the list of jobs

    def actions(self) -> Tuple[Action, ...]:
        """Buttons above the jobs."""
        return (
            Action("New node", self._new, "A MegatonRoto node below the selected plate"),
            Action("Preview", self._preview, "What the prompts of this frame give"),
            Action("Correct", self._correct, "Send the changes of the selected Roto node"),
        )

    def _new(self) -> None:
        flows.recall(making.create())

    def _preview(self) -> None:
        flows.preview(actions.chosen_node(), nuke.frame())

    def _correct(self) -> None:
        correcting.correct(actions.chosen_result(), nuke.frame())

    def jobs(self) -> List[str]:
        """The ids of the jobs sent from this script."""
        return [str(note["id"]) for roto in nodes.roto_nodes() for note in roto.jobs()]

    def fetch(self, job_id: str) -> None:
        """Bring a job's result into the script, as its node says (in place, or beside)."""
        arriving.fetch(node_of(job_id), job_id)

    def apply(self, job_id: str, how: str) -> None:
        """The same, ``replace`` or ``beside`` chosen in the panel."""
        roto = node_of(job_id)
        roto.choose("version", how)
        arriving.fetch(roto, job_id)

    def correct(self, job_id: str) -> None:
        """Send what was changed, on the frame that is shown, in the Roto node of a job."""
        node = results.roto_of(node_of(job_id).uid)
        held = results.Result.of(node) if node is not None else None
        if node is None or held is None or held.job != job_id:
            raise NodeError("No Roto node of the script holds that version.", hint="Fetch it.")
        correcting.correct(node, nuke.frame())

    def frame_map(self, job_id: str) -> FrameMap:
        """From the plate frames of a job to script frames."""
        notes = node_of(job_id).jobs()
        return FrameMap(next(int(note["offset"]) for note in notes if note["id"] == job_id))

    def jump(self, row: JobRow, object_name: str, frame: int) -> None:
        """Show a plate frame of a job, and the object's knobs."""
        roto = node_of(row.id)
        nuke.frame(self.frame_map(row.id).to_script(frame))
        if object_name in [roto.name_of(key) for key in roto.object_keys()]:
            roto.show(object_name)

    # -- what is sent

    def frame_range(self) -> Optional[Tuple[int, int]]:
        """The script frames of the plate; None where no node, or no plate, is to be had."""
        try:
            roto = actions.chosen_node()
            found = behind(roto)
        except NodeError:
            return None
        if isinstance(found, NeedsRender):
            return int(roto.node.firstFrame()), int(roto.node.lastFrame())
        return (int(found.frame_range[0]), int(found.frame_range[1]))

    def submit_job(self, choices: SubmitChoices) -> None:
        """Send the node's objects; the choices stay in the node."""
        roto = actions.chosen_node()
        roto.begin_with(choices.project, choices.priority, list(choices.outputs))
        frames = choices.frames
        roto.write("shot", choices.shot)
        roto.write("range", "" if frames is None else f"{frames[0]}-{frames[1]}")
        settings = outgoing.settings_of(roto)
        flows.submit(roto, replace(settings, outputs=choices.outputs, engine=choices.engine))

    # -- objects and what is said about them

    def picks(self) -> Sequence[str]:
        """The kinds of prompts there are."""
        return picking.KINDS

    def node(self) -> str:
        """The node's name; empty if there is none, or more than one and none selected."""
        try:
            return str(actions.chosen_node().node.name())
        except NodeError:
            return ""

    def objects(self) -> Sequence[ObjectRow]:
        """The objects of the node, in its order."""
        if not self.node():
            return ()
        roto = actions.chosen_node()
        height = roto.node.format().height()
        return [
            ObjectRow(
                key=str(key),
                name=roto.name_of(key),
                color=color_of(roto, key),
                enabled=bool(roto.node[f"mr{key}_on"].value()),
                said=tuple(_said(prompt) for prompt in all_said(roto, key, height)),
            )
            for key in roto.object_keys()
        ]

    def select(self, key: str) -> None:
        """The object the node's buttons work on, and whose handles show."""
        roto = actions.chosen_node()
        roto.show(roto.name_of(int(key)))

    def add_object(self, name: str) -> str:
        """A new object; its key."""
        return str(actions.chosen_node().add_object(name))

    def remove_object(self, key: str) -> None:
        """Remove an object and everything said about it, in one undo."""
        actions.chosen_node().remove_object(int(key))

    def change_object(
        self,
        key: str,
        *,
        name: Optional[str] = None,
        color: Optional[Tuple[float, float, float]] = None,
        enabled: Optional[bool] = None,
    ) -> None:
        """Change what is given, in one undo."""
        actions.chosen_node().change_object(int(key), name=name, color=color, enabled=enabled)

    def pick(self, key: str, kind: str) -> None:
        """Prompt an object on the frame that is shown."""
        picking.pick(actions.chosen_node(), int(key), kind)

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` when an artist said something, until the returned call."""
        actions.watchers.append(changed)

        def stop() -> None:
            if changed in actions.watchers:
                actions.watchers.remove(changed)

        return stop


def node_of(job_id: str) -> RotoNode:
    """The MegatonRoto node a job was sent from. Raises NodeError."""
    for roto in nodes.roto_nodes():
        if any(note["id"] == job_id for note in roto.jobs()):
            return roto
    raise NodeError("That job was not sent from this script.", hint="Open the script it is from.")


def _said(prompt: FramePrompt) -> Said:
    positive = sum(point.positive for point in prompt.points)
    return Said(
        frame=prompt.frame,
        positive=positive,
        negative=len(prompt.points) - positive,
        box=prompt.box is not None,
        outline=bool(prompt.outline),
        absent=prompt.absent,
    )
