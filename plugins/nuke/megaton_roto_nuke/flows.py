"""Preview, submit, fetch and correct: what goes out from a node, and what comes back into it.

Every flow starts and ends on the main thread and is on worker threads in between. What comes back
finds its node by uid: it may have been renamed, copied, or be gone with its script. A job that was
sent goes on at the farm whatever happens here; its id is in the node before anything waits for it.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import nuke

from roto_client.hosts import HostEdit, HostResult, JobRow, Preview
from roto_shapes.errors import RotoError
from roto_shapes.model import Document

from . import outgoing, progress, results
from .knobs import knob_of, no_undo
from .node import NodeError, RotoNode, by_uid, roto_nodes
from .plate import NeedsRender, Plate, behind, chosen_range
from .prompts import Said, said
from .readback import read_back
from .render import Render, discard, folder_of
from .session import desk, runner
from .tracing import traced
from .written import NOBODY, NOWHERE, Frame, WrittenShapes, fingerprint, write_shapes

_log = logging.getLogger("roto_client.nuke")
PREVIEW_NODE = "MegatonRoto_preview"
Failed = Callable[[RotoError], None]


def in_words(error: RotoError) -> str:
    """An error for the artist: what happened, and what to do."""
    return f"{error.message}\n\n{error.hint}" if error.hint else error.message


def teller(uid: str) -> Failed:
    """A callback that writes an error into the status of the node, if it is still there. Never a
    dialog: one that opens out of a callback freezes Nuke."""

    def tell(error: RotoError) -> None:
        roto = by_uid(uid)
        if roto is None:
            _log.warning("%s", error.message)
        else:
            roto.say(in_words(error).replace("\n\n", " "))

    return tell


# -- submit


def submit(roto: RotoNode) -> None:
    """Send what the node says. Returns at once; its status line tells the rest.

    Raises NodeError for what can be seen without the server.
    """
    objects = _objects(roto, None)
    found = behind(roto)
    uid = roto.uid
    settings = outgoing.settings_of(roto)

    def send(plate: Plate) -> None:
        again = by_uid(uid)
        frames = (
            plate.frame_range
            if plate.rendered or again is None
            else chosen_range(again, plate.frame_range)
        )
        request = outgoing.submit_request(objects, plate, frames, settings)
        cleaned = _cleaner(plate)

        def done(row: JobRow) -> None:
            cleaned()
            _sent(uid, row, plate)

        def failed(error: RotoError) -> None:
            cleaned()
            teller(uid)(error)

        _say(uid, "Sending...")
        desk().submit(request, done, failed)
        _remember(settings)

    if isinstance(found, NeedsRender):
        frames = chosen_range(roto, _input_range(roto))
        roto.say(f"{found.why}: rendering frames {frames[0]}-{frames[1]} to send.")
        Render(roto, frames, _guarded(uid, send), teller(uid)).start()
    else:
        send(found)


def _remember(settings: outgoing.Settings) -> None:
    """For the next node: what was chosen, by project. On a thread: it is a file."""
    choices = {"outputs": list(settings.outputs), "priority": settings.priority}
    memory = desk().memory
    runner().run(
        lambda stop: memory.remember(settings.project, choices),
        lambda nothing: None,
        lambda error: _log.warning("%s", error.message),
    )


def recall(roto: RotoNode) -> None:
    """A new node begins with what was chosen last. Reads one small file."""
    kept = desk().memory.recall()
    roto.begin_with(
        project=str(kept.get("project") or ""),
        priority=str(kept.get("priority") or ""),
        outputs=kept.get("outputs"),
    )


def _sent(uid: str, row: JobRow, plate: Plate) -> None:
    roto = by_uid(uid)
    if roto is None:
        # The script was closed while the plate was on its way: the job is in the panel's list.
        _log.info("job %s was sent from a node that is gone", row.id)
        return
    note = {"id": row.id, "shot": row.shot_id, "version": row.version, "offset": plate.offset}
    roto.note_job(note)
    roto.say(f"Version {row.version} was sent.")
    desk().follow([row.id])


def _guarded(uid: str, call: Callable[[Plate], None]) -> Callable[[Plate], None]:
    def run(plate: Plate) -> None:
        try:
            call(plate)
        except RotoError as error:
            _cleaner(plate)()
            teller(uid)(error)

    return run


# -- preview


def preview(roto: RotoNode, frame: int) -> None:
    """Ask what the prompts of one script frame give; the answer becomes a temporary Roto node."""
    objects = _objects(roto, frame)
    found = behind(roto)
    uid = roto.uid
    settings = outgoing.settings_of(roto)

    def ask(plate: Plate) -> None:
        cleaned = _cleaner(plate)
        size = plate.width, plate.height

        def done(answer: Preview) -> None:
            cleaned()
            work = lambda stop: _preview_curves(answer, size, frame)  # noqa: E731
            runner().run(work, lambda written: _show_preview(uid, written, frame), teller(uid))

        def failed(error: RotoError) -> None:
            cleaned()
            teller(uid)(error)

        _say(uid, f"Asking for frame {frame}...")
        outgoing.ask_preview(desk(), objects, plate, frame, settings, uid, done, failed)

    if isinstance(found, NeedsRender):
        Render(roto, (frame, frame), _guarded(uid, ask), teller(uid)).start()
    else:
        ask(found)


def _preview_curves(answer: Preview, size: Tuple[int, int], frame: int) -> WrittenShapes:
    width, height = size
    layers = [
        traced(one.candidates[0].png, one.name, width, height, frame)
        for one in answer.objects
        if one.candidates
    ]
    document = Document(width, height, frame_range=(frame, frame), layers=layers)
    return write_shapes(document, 0, PREVIEW_NODE)


def _show_preview(uid: str, written: WrittenShapes, frame: int) -> None:
    """In the one preview node of the script, which no undo list needs to know."""
    roto = by_uid(uid)
    if roto is None:
        return
    with no_undo():
        node = nuke.toNode(PREVIEW_NODE)
        if node is None:
            node = nuke.nodes.Roto()
            node.setName(PREVIEW_NODE)
            node.setXYpos(roto.node.xpos() - 120, roto.node.ypos())
        node.setInput(0, roto.node)
        knob_of(node, "curves").fromScript(written.curves)
    roto.say(f"Frame {frame}: {len(written.names.layers)} objects, in {PREVIEW_NODE}.")


def remove_preview() -> None:
    """Take the preview node away, if there is one."""
    node = nuke.toNode(PREVIEW_NODE)
    if node is not None:
        with no_undo():
            nuke.delete(node)


# -- fetch


@dataclass(frozen=True)
class _Arrived:
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
    there = results.roto_of(uid) if roto.setting("version") == "replace" else None
    held = results.Result.of(there) if there is not None else None
    curves = knob_of(there, "curves").toScript() if there is not None else ""
    base_name = roto.node.name()
    roto.say(f"Fetching version {newest['version']}...")

    def done(fetched: HostResult) -> None:
        work = lambda stop: _arrive(fetched, newest, uid, base_name, curves, held)  # noqa: E731
        runner().run(work, lambda arrived: _apply(uid, there, arrived), teller(uid))

    desk().fetch(newest["id"], done, teller(uid))


def _newest_ready(notes: List[Dict[str, Any]]) -> Dict[str, Any]:
    """The last version that is done; the last sent if the desk knows of none yet."""
    states = {row.id: row.state for row in desk().state.jobs}
    done = [note for note in notes if states.get(note["id"]) == "succeeded"]
    return max(done or notes, key=lambda note: int(note["version"]))


def _arrive(
    fetched: HostResult,
    note: Dict[str, Any],
    uid: str,
    name: str,
    curves: str,
    held: Optional[results.Result],
) -> _Arrived:
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
    return _Arrived(result, shapes, outgoing.mattes_of(fetched), beside)


def _edited_since(curves: str, held: results.Result, note: Dict[str, Any]) -> str:
    """Why a node's shapes must not be replaced: the artist changed them, and what he changed was
    not sent with this job. Empty if nothing would be lost."""
    if fingerprint(curves, held.frame) in (held.mark, note.get("mark")):
        return ""
    return "you changed the shapes of the last version, and they are kept"


def _apply(uid: str, there: Optional[nuke.Node], arrived: _Arrived) -> None:
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


# -- correct


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


# -- the job that was sent last


def cancel(roto: RotoNode) -> None:
    """Ask for it to be stopped. Raises NodeError when nothing was sent."""
    uid, job_id = roto.uid, _last_job(roto)
    desk().cancel(job_id, lambda row: _say(uid, progress.in_words(row)), teller(uid))


def retry(roto: RotoNode) -> None:
    """Run it again from where it broke. Raises NodeError when nothing was sent."""
    uid, job_id = roto.uid, _last_job(roto)
    desk().retry(job_id, lambda row: _say(uid, progress.in_words(row)), teller(uid))


def log(roto: RotoNode) -> None:
    """Put what the farm wrote about it into a file, whose name the status tells."""
    uid, job_id = roto.uid, _last_job(roto)

    def keep(text: str) -> None:
        runner().run(lambda stop: _log_file(job_id, text), shown, teller(uid))

    def shown(path: Path) -> None:
        _say(uid, f"The farm's log is in {path}.")

    desk().log(job_id, keep, teller(uid))


def _log_file(job_id: str, text: str) -> Path:
    path = Path(tempfile.gettempdir()) / f"megaton-roto-{job_id}.log"
    path.write_text(text, encoding="utf-8")
    return path


def _last_job(roto: RotoNode) -> str:
    note = progress.newest(roto)
    if note is None:
        raise NodeError(f"Nothing was sent from {roto.node.name()} yet.", hint="Press Submit.")
    return str(note["id"])


# -- scripts opened and closed


def follow_script() -> None:
    """Follow the unfinished jobs of every node of the script."""
    ids = [note["id"] for roto in roto_nodes() for note in roto.jobs() if not note.get("fetched")]
    if ids:
        desk().follow(ids)


def forget_script() -> None:
    """The script closes: its nodes are gone, its jobs go on at the farm."""


# -- small things


def _objects(roto: RotoNode, frame: Optional[int]) -> List[Said]:
    objects = said(roto, roto.node.format().height(), frame)
    if not objects:
        where = "" if frame is None else f" on frame {frame}"
        raise NodeError(
            f"Nothing is said about any object{where}.",
            hint="Ctrl+click on the object in the viewer, then press *+ point*.",
        )
    return objects


def _input_range(roto: RotoNode) -> Tuple[int, int]:
    return int(roto.node.firstFrame()), int(roto.node.lastFrame())


def _say(uid: str, text: str) -> None:
    roto = by_uid(uid)
    if roto is not None:
        roto.say(text)


def _cleaner(plate: Plate) -> Callable[[], None]:
    """Deletes a temporary render, on a worker thread."""
    folder: Optional[Path] = folder_of(plate) if plate.rendered else None

    def clean() -> None:
        if folder is not None:
            runner().run(lambda stop: discard(folder), lambda nothing: None, lambda error: None)

    return clean
