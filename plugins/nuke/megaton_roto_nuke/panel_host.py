"""Nuke as the docked panel of all hosts sees it. No Qt in here."""

from __future__ import annotations

from typing import Callable, List, NamedTuple, Tuple

import nuke

from roto_client.hosts import FrameMap, JobRow

from . import actions, arriving, correcting, results
from . import node as nodes
from .errors import NodeError
from .node import RotoNode


class Button(NamedTuple):
    """What the panel makes a button of: it asks for these three, by name."""

    label: str
    call: Callable[[], None]
    tip: str = ""


class NukeHost:
    """Main thread only. Frames that come in are plate frames, frames shown are script frames."""

    title = "Nuke"

    def actions(self) -> Tuple[Button, ...]:
        """The buttons above the jobs; each shows its own errors."""
        return (
            Button("New node", actions.new_node, "A MegatonRoto node below the selected plate"),
            Button("Preview", actions.preview_selected, "What the prompts of this frame give"),
            Button("Submit", actions.submit_selected, "Send the selected MegatonRoto node"),
            Button("Correct", actions.correct_selected, "Send the changes of a selected Roto node"),
        )

    def jobs(self) -> List[str]:
        """The ids of the jobs sent from this script."""
        return [str(note["id"]) for roto in nodes.roto_nodes() for note in roto.jobs()]

    def fetch(self, job_id: str) -> None:
        """Bring a job's result into the script, as its node says (in place, or beside)."""
        actions.guarded(lambda: arriving.fetch(node_of(job_id), job_id))

    def apply(self, job_id: str, how: str) -> None:
        """The same, ``replace`` or ``beside`` chosen in the panel."""

        def bring() -> None:
            roto = node_of(job_id)
            roto.choose("version", how)
            arriving.fetch(roto, job_id)

        actions.guarded(bring)

    def correct(self, job_id: str) -> None:
        """Send what was changed, on the frame that is shown, in the Roto node of a job."""

        def send() -> None:
            node = results.roto_of(node_of(job_id).uid)
            held = results.Result.of(node) if node is not None else None
            if node is None or held is None or held.job != job_id:
                raise NodeError("No Roto node of the script holds that version.", hint="Fetch it.")
            correcting.correct(node, nuke.frame())

        actions.guarded(send)

    def frame_map(self, job_id: str) -> FrameMap:
        """From the plate frames of a job to script frames. Raises NodeError for another script's
        job."""
        return FrameMap(_offset(job_id))

    def jump(self, row: JobRow, object_name: str, frame: int) -> None:
        """Show a plate frame of a job, and the object's knobs."""

        def go() -> None:
            roto = node_of(row.id)
            nuke.frame(frame + _offset(row.id))
            if object_name in [roto.name_of(key) for key in roto.object_keys()]:
                roto.show(object_name)

        actions.guarded(go)


def node_of(job_id: str) -> RotoNode:
    """The MegatonRoto node a job was sent from. Raises NodeError."""
    for roto in nodes.roto_nodes():
        if any(note["id"] == job_id for note in roto.jobs()):
            return roto
    raise NodeError("That job was not sent from this script.", hint="Open the script it is from.")


def _offset(job_id: str) -> int:
    notes = node_of(job_id).jobs()
    return next(int(note["offset"]) for note in notes if note["id"] == job_id)
