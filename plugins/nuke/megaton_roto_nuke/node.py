"""The MegatonRoto node: a NoOp whose knobs hold what the artist says about the objects.

Per object (``key`` is a number that is never used again in the node):

    mr<key>_name, _color, _on, _frames   its name, colour, whether it takes part, its own range
    mr<key>_pos<n>, mr<key>_neg<n>       points on it and beside it: XY knobs; keys are prompts
    mr<key>_box                          a box, likewise
    mr<key>_absent                       frames on which it is not in the picture
    mr<key>_outlines                     hidden: shapes given as prompts, by frame

All positions are in pixels of the full-size format, y up, on script frames: what Nuke's own viewer
handles write. ``mr_state`` (hidden) holds the order of the objects and the jobs sent, so that
they travel with the script, through copy and paste too.
"""

from __future__ import annotations

import logging
import re
import uuid
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import nuke

from roto_shapes.errors import RotoError
from roto_shapes.naming import check_name

from .errors import NodeError
from .frames import frames_in, frames_text
from .knobs import add, add_hidden, key_frames, no_undo, one_undo, set_key, text_of
from .state import pack, unpack

_log = logging.getLogger("roto_client.nuke")
STATE = "mr_state"
CURRENT = "mr_object"
STATUS = "mr_status"
PRIORITIES = ["normal", "high", "low"]
VERSIONS = ["replace", "beside"]
COLORS = (
    (0.95, 0.35, 0.25), (0.25, 0.65, 0.95), (0.45, 0.85, 0.35), (0.95, 0.80, 0.25),
    (0.75, 0.45, 0.95), (0.30, 0.85, 0.80),
)  # fmt: skip
_OF_OBJECT = re.compile(r"mr(\d+)_")
_POINT = re.compile(r"mr(\d+)_(pos|neg)(\d+)")


class Point(NamedTuple):
    """A point knob of an object."""

    positive: bool
    number: int
    knob: Any


class RotoNode:
    """A MegatonRoto node, by its knobs. Main thread only."""

    def __init__(self, node: nuke.Node) -> None:
        if node.knob(STATE) is None:
            raise NodeError(
                f"{node.name()} is not a MegatonRoto node.",
                hint="Select one, or make one: Megaton > New MegatonRoto node.",
            )
        self.node = node

    # -- state

    def state(self) -> Dict[str, Any]:
        """The hidden state. Raises StateError."""
        return unpack(text_of(self.node, STATE))

    def keep(self, state: Dict[str, Any]) -> None:
        """Write the hidden state; part of whatever undo entry is open."""
        self._knob(STATE).setValue(pack(state))

    @property
    def uid(self) -> str:
        """What results refer to; a pasted copy of a node gets one of its own."""
        state = self.state()
        if state.get("called") != self.node.name() and self._twins(state["uid"]):
            state["uid"] = uuid.uuid4().hex
        if state.get("called") != self.node.name():
            state["called"] = self.node.name()
            with no_undo():
                self.keep(state)
        return str(state["uid"])

    def _twins(self, uid: str) -> List[nuke.Node]:
        """Other nodes with the uid that have not been renamed since they got it."""
        twins = []
        for other in roto_nodes():
            state = other.state()
            same = state.get("uid") == uid and state.get("called") == other.node.name()
            if same and other.node.name() != self.node.name():
                twins.append(other.node)
        return twins

    # -- objects

    def object_keys(self) -> List[int]:
        """The objects' keys, in the order in which they were made."""
        return [int(key) for key in self.state()["objects"]]

    def name_of(self, key: int) -> str:
        return text_of(self.node, f"mr{key}_name")

    def key_of(self, name: str) -> int:
        """The key of the object called ``name``. Raises NodeError."""
        for key in self.object_keys():
            if self.name_of(key) == name:
                return key
        raise NodeError(f"{self.node.name()} has no object {name!r}.")

    def current(self) -> int:
        """The key of the object that buttons work on. Raises NodeError if there is none."""
        keys = self.object_keys()
        if not keys:
            raise NodeError(
                f"{self.node.name()} has no object yet.", hint="Press *add object* first."
            )
        chosen = text_of(self.node, CURRENT)
        return next((key for key in keys if self.name_of(key) == chosen), keys[0])

    def add_object(self, name: str) -> int:
        """A new object, chosen as the current one; its key. Raises NodeError, RotoError."""
        check_name(name)
        state = self.state()
        if any(self.name_of(key) == name for key in state["objects"]):
            raise NodeError(f"There is an object called {name!r} already.")
        key = int(state["next"])
        with one_undo(f"Megaton Roto: object {name}"):
            self._object_knobs(key, name)
            self.keep({**state, "next": key + 1, "objects": [*state["objects"], key]})
            self.show(name)
        return key

    def remove_object(self, key: int) -> None:
        """Take an object and everything said about it out of the node."""
        state = self.state()
        with one_undo(f"Megaton Roto: remove {self.name_of(key)}"):
            for knob in self._knobs(key):
                self.node.removeKnob(knob)
            self.keep({**state, "objects": [one for one in state["objects"] if one != key]})
            self.show(None)

    def show(self, name: Optional[str]) -> None:
        """List the objects; show the knobs of one: handles of sixty would hide the plate."""
        keys = self.object_keys()
        names = [self.name_of(key) for key in keys]
        knob = self._knob(CURRENT)
        if list(knob.values()) != (names or ["-"]):
            knob.setValues(names or ["-"])
        if name in names:
            knob.setValue(name)
        shown = self.current() if keys else None
        for knob_name, one in self.node.knobs().items():
            match = _OF_OBJECT.match(knob_name)
            if match and not knob_name.endswith("_outlines"):
                one.setVisible(int(match.group(1)) == shown)

    def _object_knobs(self, key: int, name: str) -> None:
        node = self.node
        named = nuke.String_Knob(f"mr{key}_name", "name", name)
        add(node, named, tooltip="The object's name; layers and mattes are called so.")
        color = add(node, nuke.Color_Knob(f"mr{key}_color", "colour"))
        color.setValue(list(COLORS[(key - 1) % len(COLORS)]))
        on = add(node, nuke.Boolean_Knob(f"mr{key}_on", "send", True), new_line=True)
        on.setValue(True)
        add(
            node,
            nuke.String_Knob(f"mr{key}_frames", "in/out"),
            tooltip="Script frames the object exists on, such as 1001-1040. Empty: all.",
        )
        add(
            node,
            nuke.String_Knob(f"mr{key}_absent", "absent"),
            tooltip="Script frames on which it is not in the picture, such as 1017 1020-1024.",
        )
        add_hidden(node, f"mr{key}_outlines")

    def _knobs(self, key: int) -> List[Any]:
        found = self.node.knobs()
        return [knob for name, knob in found.items() if name.startswith(f"mr{key}_")]

    def change_object(
        self,
        key: int,
        *,
        name: Optional[str] = None,
        color: Optional[Sequence[float]] = None,
        enabled: Optional[bool] = None,
    ) -> None:
        """Change what is given: one undo entry. Raises NodeError, RotoError for a name."""
        if name is not None:
            check_name(name)
            if name in [self.name_of(other) for other in self.object_keys() if other != key]:
                raise NodeError(f"There is an object called {name!r} already.")
        with one_undo(f"Megaton Roto: {self.name_of(key)}"):
            if color is not None:
                self._knob(f"mr{key}_color").setValue(list(color))
            if enabled is not None:
                self._knob(f"mr{key}_on").setValue(enabled)
            if name is not None:
                self._knob(f"mr{key}_name").setValue(name)
                self.show(name)

    # -- prompts

    def points(self, key: int) -> List[Point]:
        """The point knobs of an object: those on it, then those beside it, by their numbers."""
        return self.all_points().get(key, [])

    def all_points(self) -> Dict[int, List[Point]]:
        """The point knobs of every object."""
        found: Dict[int, List[Point]] = {}
        for name, knob in self.node.knobs().items():
            match = _POINT.fullmatch(name)
            if match:
                point = Point(match.group(2) == "pos", int(match.group(3)), knob)
                found.setdefault(int(match.group(1)), []).append(point)
        for points in found.values():
            points.sort(key=lambda point: (not point.positive, point.number))
        return found

    def place_point(self, key: int, x: float, y: float, positive: bool, frame: int) -> None:
        """A point at full-format pixels, y up, on a script frame: one undo entry.

        The first point knob without a key on the frame takes it, so that a node holds as many as
        one frame ever needed.
        """
        kind = "pos" if positive else "neg"
        number = 1
        with one_undo(f"Megaton Roto: point on {self.name_of(key)}"):
            for point in self.points(key):
                if point.positive != positive:
                    continue
                if frame not in key_frames(point.knob):
                    set_key(point.knob, (x, y), frame)
                    break
                number = point.number + 1
            else:
                label = f"{self.name_of(key)} {'+' if positive else '-'}{number}"
                knob = add(self.node, nuke.XY_Knob(f"mr{key}_{kind}{number}", label))
                set_key(knob, (x, y), frame)
            self._not_absent(key, frame)

    def place_box(self, key: int, box: List[float], frame: int) -> None:
        """A box (left, bottom, right, top) in full-format pixels, y up, on a script frame."""
        with one_undo(f"Megaton Roto: box on {self.name_of(key)}"):
            label = f"{self.name_of(key)} box"
            set_key(add(self.node, nuke.BBox_Knob(f"mr{key}_box", label)), box, frame)
            self._not_absent(key, frame)

    def place_outlines(self, key: int, frame: int, outlines: List[Any]) -> None:
        """Shapes as prompts (their JSON form) on a script frame, in place of what was there."""
        kept = self.outlines(key)
        kept[frame] = outlines
        with one_undo(f"Megaton Roto: shape prompt on {self.name_of(key)}"):
            self._keep_outlines(key, kept)
            self._not_absent(key, frame)

    def outlines(self, key: int) -> Dict[int, List[Any]]:
        """Shapes given as prompts, in JSON form, by script frame."""
        kept = unpack(text_of(self.node, f"mr{key}_outlines"))
        return {int(frame): list(outlines) for frame, outlines in kept.items()}

    def mark_absent(self, key: int, frame: int) -> None:
        """Say that the object is not in a script frame; nothing else may be said of it there."""
        frames = sorted({*frames_in(text_of(self.node, f"mr{key}_absent")), frame})
        with one_undo(f"Megaton Roto: {self.name_of(key)} absent"):
            self._clear(key, frame)
            self._knob(f"mr{key}_absent").setValue(frames_text(frames))

    def clear_frame(self, key: int, frame: int) -> None:
        """Take back what is said about the object on a script frame."""
        with one_undo(f"Megaton Roto: clear frame {frame}"):
            self._clear(key, frame)
            self._not_absent(key, frame)

    def _clear(self, key: int, frame: int) -> None:
        box = self.node.knob(f"mr{key}_box")
        for knob in [*(point.knob for point in self.points(key)), *([box] if box else [])]:
            if frame in key_frames(knob):
                knob.removeKeyAt(frame)
        kept = self.outlines(key)
        if kept.pop(frame, None) is not None:
            self._keep_outlines(key, kept)

    def _keep_outlines(self, key: int, kept: Dict[int, List[Any]]) -> None:
        packed = pack({str(frame): outlines for frame, outlines in kept.items()}) if kept else ""
        self._knob(f"mr{key}_outlines").setValue(packed)

    def _not_absent(self, key: int, frame: int) -> None:
        frames = frames_in(text_of(self.node, f"mr{key}_absent"))
        if frame in frames:
            frames.remove(frame)
            self._knob(f"mr{key}_absent").setValue(frames_text(frames))

    # -- jobs and settings

    def jobs(self) -> List[Dict[str, Any]]:
        """What was sent from this node, oldest first (see `flows`)."""
        return list(self.state().get("jobs") or [])

    def note_job(self, note: Dict[str, Any]) -> None:
        """Remember a job, or what became of it (by ``id``); not an undo entry."""
        state = self.state()
        jobs = list(state.get("jobs") or [])
        known = next((i for i, one in enumerate(jobs) if one.get("id") == note["id"]), None)
        if known is None:
            jobs.append(note)
        else:
            jobs[known] = {**jobs[known], **note}
        with no_undo():
            self.keep({**state, "jobs": jobs[-50:]})

    def say(self, text: str) -> None:
        """A line of status in the node's panel; not an undo entry."""
        with no_undo():
            self._knob(STATUS).setValue(text)

    def setting(self, name: str) -> Any:
        """The value of the knob ``mr_<name>``."""
        return self._knob(f"mr_{name}").value()

    def begin_with(self, project: str, priority: str, outputs: Any) -> None:
        """Set what was chosen for the last node; anything that is no choice is left alone."""
        with no_undo():
            self._knob("mr_project").setValue(project)
            if priority in PRIORITIES:
                self._knob("mr_priority").setValue(priority)
            if isinstance(outputs, list) and outputs:
                for name in ("mattes", "shapes"):
                    self._knob(f"mr_{name}").setValue(name in outputs)

    def choose(self, name: str, value: str) -> None:
        """Set the pulldown ``mr_<name>``; not an undo entry."""
        with no_undo():
            self._knob(f"mr_{name}").setValue(value)

    def write(self, name: str, text: str) -> None:
        """Set the text knob ``mr_<name>``; not an undo entry."""
        with no_undo():
            self._knob(f"mr_{name}").setValue(text)

    def _knob(self, name: str) -> Any:
        knob = self.node.knob(name)
        if knob is None:
            raise NodeError(
                f"{self.node.name()} lacks the knob {name}.",
                hint="Undo what took it away, or make a new MegatonRoto node.",
            )
        return knob


def roto_nodes() -> List[RotoNode]:
    """Every MegatonRoto node of the script, those inside groups too."""
    found = nuke.allNodes("NoOp", group=nuke.root(), recurseGroups=True)
    return [RotoNode(node) for node in found if _is_readable(node)]


def _is_readable(node: nuke.Node) -> bool:
    """Whether it is one of ours; one that is damaged must not get in the way of the others."""
    try:
        return "uid" in unpack(text_of(node, STATE))
    except RotoError as error:
        _log.warning("%s: %s", node.name(), error.message)
        return False


def by_uid(uid: str) -> Optional[RotoNode]:
    """The node results of ``uid`` belong to; None if it is gone (another script, deleted)."""
    return next((node for node in roto_nodes() if node.uid == uid), None)
