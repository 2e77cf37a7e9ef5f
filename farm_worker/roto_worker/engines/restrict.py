"""What of an earlier result stays when an artist has said more about an object.

Pure, over frame numbers. The frames whose prompt is new, changed or gone are tracked again with all
that lies between them and their neighbouring prompted frames; everything else stays as it is: the
mattes, what a prompted frame was to the plan (a box added far away does not turn the clicks that
showed an object into a correction), and what a correction started from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roto_shapes.prompts import FramePrompt

from .plan import Kept, Kind


def restrict(
    before: Sequence[FramePrompt],
    now: Sequence[FramePrompt],
    kinds: Mapping[int, Kind],
    own: tuple[int, int],
) -> Kept:
    """What stays of one object.

    ``before`` and ``now`` are its prompts then and now, ``kinds`` what each frame of ``before``
    was, ``own`` the inclusive plate frames the object may be on (the same then and now).
    """
    old, new = ({prompt.frame: prompt for prompt in given} for given in (before, now))
    touched = sorted(frame for frame in old.keys() | new.keys() if old.get(frame) != new.get(frame))
    same = sorted(old.keys() & new.keys() - set(touched))
    stretches: list[tuple[int, int]] = []
    for frame in touched:
        first = max((one + 1 for one in same if one < frame), default=own[0])
        last = min((one - 1 for one in same if one > frame), default=own[1])
        if (first, last) not in stretches:
            stretches.append((first, last))
    return Kept({frame: kinds[frame] for frame in same}, tuple(stretches))
