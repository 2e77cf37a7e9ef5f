"""The way back: what the artist changed in our shapes goes out as a correction."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import nuke

from roto_client.hosts import HostEdit, JobRow
from roto_shapes.model import Document

from . import outgoing, results
from .errors import NodeError
from .knobs import knob_of
from .node import by_uid
from .readback import read_back
from .session import desk
from .telling import teller
from .written import fingerprint


def correct(node: nuke.Node, frame: Optional[int]) -> None:
    """Send what the artist changed in a Roto node of ours.

    ``frame``: the script frame to start from; None: every frame on which something was changed.
    Raises NodeError when the node is none of ours, or its MegatonRoto node is gone.
    """
    held = results.Result.of(node)
    if held is None:
        raise NodeError(f"{node.name()} holds no version of ours.", hint="Fetch a result first.")
    roto = by_uid(held.uid)
    if roto is None:
        raise NodeError(
            f"The MegatonRoto node that {node.name()} came from is gone.",
            hint="Undo its deletion, or paste it back: it knows the plate and the jobs.",
        )
    curves = knob_of(node, "curves").toScript()
    uid = held.uid
    roto.say("Reading your corrections...")
    settings = outgoing.settings_of(roto)
    marks: Dict[str, Any] = {}

    def edits(base: Document) -> List[HostEdit]:
        """On a worker thread, with the version's own document."""
        back = read_back(curves, base, held.names, held.offset)
        found, notes = outgoing.edits_of(back, base, frame, held.offset)
        marks.update(deleted=back.deleted_layers, notes=notes)
        marks["mark"] = fingerprint(curves, held.frame)
        return found

    def done(row: JobRow) -> None:
        again = by_uid(uid)
        if again is None:
            return
        note = {"id": row.id, "shot": row.shot_id, "version": row.version, "offset": held.offset}
        told = "; ".join(marks.pop("notes"))
        again.note_job({**note, **marks, "told": told})
        again.say(f"Correction {row.version} was sent. {told}".strip())
        desk().follow([row.id])

    outgoing.send_correction(desk(), held, edits, settings, done, teller(uid))
