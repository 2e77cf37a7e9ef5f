"""Preview, submit, and the job that was sent last: what goes out from a node.

Every flow starts and ends on the main thread and is on worker threads in between. What comes back
finds its node by uid: it may have been renamed, copied, or be gone with its script. A job that was
sent goes on at the farm whatever happens here; its id is in the node before anything waits for it.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Callable, List, Optional, Tuple

from roto_client.hosts import JobRow, Preview
from roto_shapes.errors import RotoError

from . import outgoing, progress
from .errors import NodeError
from .node import RotoNode, by_uid, roto_nodes
from .plate import NeedsRender, Plate, behind, chosen_range
from .previewing import preview_shapes, show_preview
from .prompts import Said, said
from .render import Render, discard, folder_of
from .session import desk, runner
from .telling import say, teller

_log = logging.getLogger("roto_client.nuke")


# -- submit


def submit(roto: RotoNode, settings: Optional[outgoing.Settings] = None) -> None:
    """Send what the node says. Returns at once; its status line tells the rest.

    ``settings``: other than those of the node's knobs. Raises NodeError for what can be seen
    without the server.
    """
    objects = _objects(roto, None)
    found = behind(roto)
    uid = roto.uid
    settings = settings or outgoing.settings_of(roto)

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

        say(uid, "Sending...")
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
            work = lambda stop: preview_shapes(answer, size, frame)  # noqa: E731
            runner().run(work, lambda written: show_preview(uid, written, frame), teller(uid))

        def failed(error: RotoError) -> None:
            cleaned()
            teller(uid)(error)

        say(uid, f"Asking for frame {frame}...")
        outgoing.ask_preview(desk(), objects, plate, frame, settings, uid, done, failed)

    if isinstance(found, NeedsRender):
        Render(roto, (frame, frame), _guarded(uid, ask), teller(uid)).start()
    else:
        ask(found)


# -- the job that was sent last


def cancel(roto: RotoNode) -> None:
    """Ask for it to be stopped. Raises NodeError when nothing was sent."""
    uid, job_id = roto.uid, _last_job(roto)
    desk().cancel(job_id, lambda row: say(uid, progress.in_words(row)), teller(uid))


def retry(roto: RotoNode) -> None:
    """Run it again from where it broke. Raises NodeError when nothing was sent."""
    uid, job_id = roto.uid, _last_job(roto)
    desk().retry(job_id, lambda row: say(uid, progress.in_words(row)), teller(uid))


def log(roto: RotoNode) -> None:
    """Put what the farm wrote about it into a file, whose name the status tells."""
    uid, job_id = roto.uid, _last_job(roto)

    def keep(text: str) -> None:
        runner().run(lambda stop: _log_file(job_id, text), shown, teller(uid))

    def shown(path: Path) -> None:
        say(uid, f"The farm's log is in {path}.")

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


def _cleaner(plate: Plate) -> Callable[[], None]:
    """Deletes a temporary render, on a worker thread."""
    folder: Optional[Path] = folder_of(plate) if plate.rendered else None

    def clean() -> None:
        if folder is not None:
            runner().run(lambda stop: discard(folder), lambda nothing: None, lambda error: None)

    return clean
