"""Why shots are sent back, as far as it can be counted.

A retake's reason is words. What it begins with, up to the first colon, may be listed reasons,
parted by commas: ``chatter, edge: the hair flickers from 1031 on``.
"""

from __future__ import annotations

REASONS = ("chatter", "edge", "missing part", "wrong object", "holes")
OTHER = "other"
"""What words alone count as."""
LONGEST_HEAD = 100
"""Characters within which the colon stands, if there is one."""


def reasons_of(words: str) -> tuple[str, ...]:
    """The listed reasons ``words`` begin with, each once, or `OTHER`."""
    named = {one.strip().lower() for one in words[:LONGEST_HEAD].partition(":")[0].split(",")}
    return tuple(one for one in REASONS if one in named) or (OTHER,)
