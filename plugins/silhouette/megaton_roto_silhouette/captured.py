"""Prompts an artist clicked in the panel's picture, kept in the roto node's state."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from roto_shapes.errors import PromptError
from roto_shapes.prompts import FramePrompt

Captured = Dict[str, List[FramePrompt]]


def prompts_of(note: Mapping[str, Any]) -> Captured:
    """By object, in frame order. What cannot be read (another build wrote it) is left out."""
    kept = note.get("objects")
    found: Captured = {}
    for name, prompts in kept.items() if isinstance(kept, dict) else ():
        readable = [prompt for prompt in map(_prompt, prompts) if prompt is not None]
        if readable:
            found[str(name)] = readable
    return found


def _prompt(value: Any) -> Optional[FramePrompt]:
    try:
        return FramePrompt.from_json(value)
    except PromptError:
        return None


def with_prompts(note: Dict[str, Any], captured: Captured) -> Dict[str, Any]:
    """The node's note with these prompts instead of those in it."""
    objects = {
        name: [prompt.to_json() for prompt in sorted(prompts, key=lambda each: each.frame)]
        for name, prompts in captured.items()
        if prompts
    }
    return {**note, "objects": objects}
