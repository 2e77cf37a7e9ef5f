"""Submit, fetch, correct: every flow begins and ends on the main thread.

The network is the desk's, on its own threads; the host is read and changed in short steps. What
comes back finds its node by id: it may have been renamed, or be gone with its project. A job that
was sent goes on at the farm whatever happens here; its id is in the node.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from roto_shapes import document as documents
from roto_shapes.errors import RotoError
from roto_shapes.model import Document

from . import captured, marks, outgoing
from .choices import Choices
from .errors import SilhouetteError
from .footage import Footage, footage_of
from .paths import Paths
from .prompts import Prompts, reading
from .pump import Pump
from .results import Todo, finish, making, work_out
from .standing import Standing, layer_of, our_layers, standing

Say = Callable[[str], None]
Done = Callable[[], None]


class Flows:
    """``desk`` and ``runner`` are those of `roto_client.hosts`; ``say`` shows a line to the
    artist; ``choices`` tells how results come in; ``settings`` what was chosen for jobs.
    """

    def __init__(
        self,
        fx: Any,
        pump: Pump,
        desk: Any,
        runner: Any,
        say: Say,
        choices: Callable[[], Choices],
        settings: Callable[[], Mapping[str, Any]],
    ) -> None:
        self.fx, self.pump, self.desk, self.runner = fx, pump, desk, runner
        self.say, self.choices, self.settings = say, choices, settings
        self.paths = Paths(fx)
        self.troubles: List[str] = []
        """What went wrong so far, for the panel."""
        self._documents: Dict[str, Document] = {}

    # -- the node

    def node(self) -> Any:
        """The roto node in work. Raises SilhouetteError if there is none."""
        node = self.fx.activeNode()
        if node is None or not node.supportsChildType("Shape"):
            raise SilhouetteError(
                "No roto node is open.", hint="Open the roto node you work in and try again."
            )
        return node

    def _again(self, node_id: str) -> Any:
        """The node of a flow that began a while ago; None if it is gone."""
        found = self.fx.findObject(node_id)
        if found is None:
            self.say("The node this was for is gone; the job goes on, see the panel.")
        return found

    def failed(self, error: Exception) -> None:
        """A flow's end in an error: a line, never a dialog that stops the host."""
        if not isinstance(error, RotoError):
            self._trouble(f"Megaton Roto: {type(error).__name__}: {error}")
            raise error
        self._trouble(f"{error.message} {error.hint}".strip())

    def _trouble(self, text: str) -> None:
        self.troubles.append(text)
        self.say(text)

    # -- submit

    def submit(self) -> None:
        """Send what the node says. Returns at once."""
        self.read_prompts(self._send)

    def read_prompts(self, done: Callable[[Any, Footage, Prompts], None]) -> None:
        """Read node, plate and prompts in short steps, then ``done`` with them."""
        node = self.node()
        footage = footage_of(self.fx, node)
        found = Prompts()
        chosen = list(self.fx.selection())
        steps = reading(self.fx, self.paths, node, footage, chosen, found)
        self.pump.steps(steps, lambda: done(node, footage, found), self.failed)

    def _send(self, node: Any, footage: Footage, found: Prompts) -> None:
        objects = outgoing.merged(found.objects(), captured.prompts_of(marks.node_note(node)))
        if not objects:
            self.failed(
                SilhouetteError(
                    " ".join(["Nothing is said about any object.", *found.notes[:3]]),
                    hint="Draw a closed shape on one frame, or click in the Megaton panel.",
                )
            )
            return
        notes = list(found.notes)
        if footage.skipped:
            notes.append(f"The plate is sent, without {', '.join(footage.skipped)}.")
        request = outgoing.submit_request(objects, footage, self.settings())
        node_id = str(node.id)
        self.say("Sending...")
        self.desk.submit(request, lambda row: self._sent(node_id, row, notes), self.failed)

    def _sent(self, node_id: str, row: Any, notes: Sequence[str]) -> None:
        node = self._again(node_id)
        if node is not None:
            note = marks.with_job(marks.node_note(node), _job(row))
            self._note(node, "Megaton Roto: submit", note)
            self.desk.follow([row.id])
        self.say(" ".join(["The job was sent.", *notes]))

    def _note(self, node: Any, label: str, note: Dict[str, Any]) -> None:
        self.fx.beginUndo(label)
        try:
            marks.set_node_note(node, note)
        finally:
            self.fx.endUndo()

    # -- fetch

    def fetch(self, job_id: str = "", done: Optional[Done] = None) -> None:
        """Bring a job's shapes into the node: those of ``job_id``, else of the last that is done.

        Raises SilhouetteError when nothing was sent from the node.
        """
        node = self.node()
        wanted = job_id or self._newest(node)
        olds = {str(marks.read(layer).get("job", "")) for layer in our_layers(node)}
        self.say("Fetching...")
        self._with_documents(
            [wanted, *sorted(olds - {wanted, ""})],
            lambda: self._lay_in(str(node.id), wanted, self._documents[wanted], done),
        )

    def _newest(self, node: Any) -> str:
        jobs = [str(job["id"]) for job in marks.jobs(marks.node_note(node))]
        if not jobs:
            raise SilhouetteError(f"Nothing was sent from {node.label} yet.", hint="Submit first.")
        states = {row.id: row.state for row in self.desk.state.jobs}
        ready = [job for job in jobs if states.get(job) == "succeeded"]
        return (ready or jobs)[-1]

    def _with_documents(self, jobs: Sequence[str], done: Done) -> None:
        """Fetch the documents that are not here yet, one after the other, the first one newly."""
        missing = [job for job in jobs if job not in self._documents]
        if not missing:
            done()
            return
        job = missing[0]

        def got(result: Any) -> None:
            if result.document is None:
                self.failed(SilhouetteError("The job made no shapes.", hint="Ask for shapes."))
                return
            self._documents[job] = result.document
            self._with_documents(jobs, done)

        def lost(error: RotoError) -> None:
            if job == jobs[0]:
                self.failed(error)
            else:
                # An old version nobody has any more: its layers are replaced as a whole.
                self._with_documents([each for each in jobs if each != job], done)

        self.desk.fetch(job, got, lost, mattes=False)

    def _lay_in(
        self, node_id: str, job: str, document: Document, done: Optional[Done] = None
    ) -> None:
        node = self._again(node_id)
        if node is None:
            return
        footage = footage_of(self.fx, node)
        stand: List[Standing] = []
        layers = our_layers(node)
        choices, direct = self.choices(), self.paths.direct
        kept = marks.node_note(node)
        sent = kept.get("sent", {}).get(job, {})
        note = next((each for each in marks.jobs(kept) if each["id"] == job), {})
        note = {"job": job, **{key: note[key] for key in ("shot", "version") if key in note}}

        def work(stop: Any) -> Todo:
            return work_out(document, note, footage, stand, self._documents, sent, choices, direct)

        def worked_out(todo: Todo) -> None:
            self.pump.steps(
                making(self.fx, self.paths, todo),
                lambda: self._finish(node_id, todo, job, done),
                self.failed,
            )

        self.pump.steps(
            standing(self.fx, self.paths, node, footage, layers, stand),
            lambda: self.runner.run(work, worked_out, self.failed),
            self.failed,
        )

    def _finish(self, node_id: str, todo: Todo, job: str, done: Optional[Done]) -> None:
        node = self._again(node_id)
        if node is None:
            return
        note = marks.node_note(node)
        note["sent"] = {each: own for each, own in note.get("sent", {}).items() if each != job}
        remarks = finish(self.fx, self.paths, node, todo, "Megaton Roto: shapes", note)
        losses = todo.report.lines()
        if losses:
            remarks.append(f"{len(losses)} remarks on how the shapes came in, see the panel.")
        self.say(" ".join(["The shapes are here.", *remarks]))
        if done is not None:
            done()

    # -- correct

    def correct(self) -> None:
        """Send back what was changed in our layers: those selected, else all of the node.

        Raises SilhouetteError when there are none.
        """
        node = self.node()
        footage = footage_of(self.fx, node)
        layers, base = self._to_correct(node)
        here = footage.plate_frame(int(self.fx.player.frame))
        stand: List[Standing] = []
        offset = self.choices().key_offset
        self.say("Reading your corrections...")

        def edits(document: Document) -> outgoing.Correction:
            """In the desk's thread, with the document the layers came from."""
            return outgoing.correction(document, stand, footage, here, offset)

        def send() -> None:
            outgoing.send_correction(
                self.desk,
                base,
                edits,
                lambda row, made: self._corrected(str(node.id), row, made),
                self.failed,
            )

        self.pump.steps(
            standing(self.fx, self.paths, node, footage, layers, stand), send, self.failed
        )

    def _to_correct(self, node: Any) -> Tuple[List[Any], Dict[str, Any]]:
        """Layers of one job, the newest among those selected, and their note."""
        chosen = [each for each in self.fx.selection() if not each.isType("Node")]
        layers = {layer.id: layer for layer in map(layer_of, chosen)} if chosen else {}
        ours = list(layers.values()) or our_layers(node)
        if not ours:
            raise SilhouetteError(
                f"{node.label} holds no shapes from the farm.", hint="Fetch a result first."
            )
        notes = [marks.read(layer) for layer in ours]
        base = max(notes, key=lambda note: int(note.get("version", -1)))
        if "shot" not in base:
            raise SilhouetteError(
                "These shapes came from a file, not from a job.",
                hint="Submit the object and correct what the farm sends.",
            )
        return [one for one, note in zip(ours, notes) if note.get("job") == base["job"]], base

    def _corrected(self, node_id: str, row: Any, made: outgoing.Correction) -> None:
        node = self._again(node_id)
        if node is None:
            return
        note = marks.with_job(marks.node_note(node), _job(row))
        known = {job["id"] for job in marks.jobs(note)}
        sent = {**note.get("sent", {}), row.id: made.sent}
        note["sent"] = {job: own for job, own in sent.items() if job in known}
        self.fx.beginUndo("Megaton Roto: correction")
        try:
            marks.set_node_note(node, note)
            for stand, edited in made.found:
                for shape, shape_id in zip(stand.shapes, edited.ids):
                    own = marks.read(shape)
                    if own.get("shape") != shape_id:
                        marks.write(self.fx, shape, {**stand.host.note, "shape": shape_id})
        finally:
            self.fx.endUndo()
        frames = sorted({frame for _, edited in made.found for frame in edited.touched})
        shown = ", ".join(map(str, frames[:6])) + (" ..." if len(frames) > 6 else "")
        self.desk.follow([row.id])
        self.say(f"The correction was sent ({shown or 'shapes only'}).")

    # -- documents from disk

    def import_document(self, path: str) -> None:
        """Lay a ``roto/1`` document from disk into the node."""
        node = self.node()
        node_id = str(node.id)

        def got(document: Document) -> None:
            job = str(document.provenance.get("job_id") or f"file:{path}")
            self._documents[job] = document
            self._lay_in(node_id, job, document)

        self.runner.run(lambda stop: documents.load(path), got, self.failed)


def _job(row: Any) -> Dict[str, Any]:
    """What a node keeps of a job."""
    return {"id": row.id, "shot": row.shot_id, "version": row.version}
