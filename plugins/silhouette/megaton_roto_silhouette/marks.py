"""Our notes in an artist's project: what a layer or shape is in the farm's document.

On layers and shapes they are a hidden user property (saved with the project, copied with the
object); on nodes they are state. Both hold JSON-like values.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

KEY = "megatonRoto"


def read(thing: Any) -> Dict[str, Any]:
    """The note on a layer or shape; empty if there is none, or none that can be read."""
    prop = thing.property(KEY)
    if prop is None:
        return {}
    try:
        note = json.loads(prop.value or "{}")
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def write(fx: Any, thing: Any, note: Dict[str, Any]) -> None:
    """Replace the note on a layer or shape (inside an undo group if it is in a project)."""
    prop = thing.property(KEY)
    text = json.dumps(note, sort_keys=True)
    if prop is None:
        prop = fx.Property(KEY, KEY, text)
        prop.hidden = True
        thing.addProperty(prop)
    else:
        prop.value = text


def node_note(node: Any) -> Dict[str, Any]:
    """What is kept on a node: ``jobs`` (see `jobs`), ``objects`` (captured prompts), ``sent``
    (artist's keys that went off with a correction, by job)."""
    note = node.getState(KEY)
    return dict(note) if isinstance(note, dict) else {}


def set_node_note(node: Any, note: Dict[str, Any]) -> None:
    """Replace what is kept on a node; to be called inside an undo group."""
    node.setState(KEY, note)


def jobs(note: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The jobs sent from a node, oldest first: ``id``, ``shot`` (id) and ``version``."""
    kept = note.get("jobs")
    return [dict(job) for job in kept if "id" in job] if isinstance(kept, list) else []


def with_job(note: Dict[str, Any], job: Dict[str, Any], most: int = 50) -> Dict[str, Any]:
    """The node's note with a job more, the oldest forgotten beyond ``most``."""
    others = [each for each in jobs(note) if each["id"] != job["id"]]
    return {**note, "jobs": [*others, job][-most:]}


def layer_id(note: Dict[str, Any]) -> Optional[str]:
    """Which layer of the document it is; None for what is not ours."""
    found = note.get("layer")
    return found if isinstance(found, str) else None


def shape_id(note: Dict[str, Any]) -> Optional[str]:
    found = note.get("shape")
    return found if isinstance(found, str) else None
