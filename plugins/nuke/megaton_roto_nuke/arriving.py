"""A finished version comes in: fetched, worked out on a thread, applied at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

import nuke

from roto_client.hosts import HostResult
from roto_shapes.model import Document

from . import outgoing, results
from .errors import NodeError
from .knobs import knob_of
from .node import RotoNode, by_uid
from .previewing import remove_preview
from .session import desk, runner
from .telling import teller
from .written import NOBODY, NOWHERE, Frame, WrittenShapes, fingerprint, write_shapes

_log = logging.getLogger("roto_client.nuke")


@dataclass(frozen=True)
class Arrived:
    """A version, ready for the main thread. ``beside``: why it must not replace what is there."""

    result: results.Result
    shapes: Optional[WrittenShapes]
    mattes: List[results.Mattes]
    beside: str


def fetch(roto: RotoNode, job_id: str = "") -> None:
    """Bring the newest version (or that of ``job_id``) into the script.

    Raises NodeError when nothing was sent from the node.
    """
    notes = roto.jobs()
    chosen = [note for note in notes if note["id"] == job_id] if job_id else notes
    if not chosen:
        raise NodeError(f"Nothing was sent from {roto.node.name()} yet.", hint="Press Submit.")
    newest = _newest_ready(chosen)
    uid = roto.uid
    roto.say(f"Fetching version {newest['version']}...")
    desk().fetch(newest["id"], lambda fetched: _prepare(fetched, newest, uid), teller(uid))


def _prepare(fetched: HostResult, note: Dict[str, Any], uid: str) -> None:
    """Look at what the version would replace, as it is now, and work out what to do with it."""
    roto = by_uid(uid)
    if roto is None:
        _log.warning("version %s came for a node that is gone", note["version"])
        return
    there = results.roto_of(uid) if roto.setting("version") == "replace" else None
    held = results.Result.of(there) if there is not None else None
    curves = _curves_of(there)
    name = roto.node.name()

    def land(arrived: Arrived) -> None:
        if there is not None and _curves_of(there) != curves:
            # He went on working meanwhile: what was worked out is about shapes of before.
            _prepare(fetched, note, uid)
        else:
            apply_to(uid, there, arrived)

    runner().run(lambda stop: arrive(fetched, note, uid, name, curves, held), land, teller(uid))


def _curves_of(node: Optional[nuke.Node]) -> str:
    """A Roto node's shapes as text; empty for none, or one that was deleted."""
    return knob_of(node, "curves").toScript() if node is not None and _alive(node) else ""


def _newest_ready(notes: List[Dict[str, Any]]) -> Dict[str, Any]:
    """The last version that is done; the last sent if the desk knows of none yet."""
    states = {row.id: row.state for row in desk().state.jobs}
    done = [note for note in notes if states.get(note["id"]) == "succeeded"]
    return max(done or notes, key=lambda note: int(note["version"]))


def arrive(
    fetched: HostResult,
    note: Dict[str, Any],
    uid: str,
    name: str,
    curves: str,
    held: Optional[results.Result],
) -> Arrived:
    """What the main thread needs, worked out on a worker thread."""
    document: Optional[Document] = fetched.document
    offset, version = int(note["offset"]), int(note["version"])
    shapes: Optional[WrittenShapes] = None
    beside = ""
    names = held.names if held is not None else NOBODY
    if document is not None:
        gone = set(note.get("deleted") or ())
        document.layers = [layer for layer in document.layers if layer.id not in gone]
        keep = curves
        if held is not None and curves:
            beside = _edited_since(curves, held, note)
            keep = "" if beside else curves
        shapes = write_shapes(document, offset, f"{name}_v{version:03d}", keep, names)
    result = results.Result(
        uid=uid,
        job=str(note["id"]),
        shot=str(note["shot"]),
        version=version,
        offset=offset,
        names=shapes.names if shapes else names,
        mark=shapes.mark if shapes else "",
        frame=Frame.of(document, offset) if document else NOWHERE,
        attention=outgoing.attention_of(fetched, offset),
    )
    return Arrived(result, shapes, outgoing.mattes_of(fetched), beside)


def _edited_since(curves: str, held: results.Result, note: Dict[str, Any]) -> str:
    """Why a node's shapes must not be replaced: the artist changed them, and what he changed was
    not sent with this job. Empty if nothing would be lost."""
    if fingerprint(curves, held.frame) in (held.mark, note.get("mark")):
        return ""
    return "you changed the shapes of the last version, and they are kept"


def apply_to(uid: str, there: Optional[nuke.Node], arrived: Arrived) -> None:
    """Put a version into the script. Main thread; one undo entry."""
    roto = by_uid(uid)
    if roto is None:
        _log.warning("version %s came for a node that is gone", arrived.result.version)
        return
    replaced = None if arrived.beside or there is None or not _alive(there) else there
    results.apply(roto, arrived.result, arrived.shapes, arrived.mattes, replaced)
    remove_preview()
    roto.note_job({"id": arrived.result.job, "fetched": True})
    text = f"Version {arrived.result.version} is here."
    if arrived.beside:
        text += f" It stands beside the last one: {arrived.beside}."
    if arrived.result.attention:
        text += f" {len(arrived.result.attention)} stretches need a look."
    roto.say(text)


def _alive(node: nuke.Node) -> bool:
    try:
        return bool(node.name())
    except ValueError:
        return False
