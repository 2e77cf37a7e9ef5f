"""Names of colour spaces that every worker knows: those of its colour config, and of hosts.

``colorspaces.json`` lists the config's spaces with their aliases and roles; a test of the worker
compares the two. So a server, which has no colour library, refuses a mistyped name when it is said.
"""

from __future__ import annotations

import difflib
import json
from functools import lru_cache
from pathlib import Path
from typing import Dict, Optional

from roto_shapes.errors import RotoError

# Names hosts use by default (Nuke's own config) for spaces the ACES config calls otherwise.
_HOST_NAMES = {
    "linear": "Linear Rec.709 (sRGB)",
    "srgb": "sRGB - Texture",
    "rec709": "Camera Rec.709",
    "alexav3logc": "ARRI LogC3 (EI800)",
    "arri logc3": "ARRI LogC3 (EI800)",
    "arri logc4": "ARRI LogC4",
    "slog3": "S-Log3 S-Gamut3",
    "log3g10": "Log3G10 REDWideGamutRGB",
    "cineon": "Cineon",
}


def find_colorspace(name: str) -> str:
    """The config's name of a colour space, by any of its names in upper or lower case.

    Raises:
        RotoError: ``bad_colorspace`` with the nearest names.
    """
    found: Optional[str] = _names().get(name.lower())
    if found is not None:
        return found
    told = {known.lower(): known for known in [*dict.fromkeys(_names().values()), *_HOST_NAMES]}
    near = [told[match] for match in difflib.get_close_matches(name.lower(), told, 3, 0.4)]
    raise RotoError(
        f"the colour space '{name}' is unknown",
        code="bad_colorspace",
        hint=f"Did you mean {', '.join(near)}?" if near else "Leave it out to go by file rules.",
        detail={"colorspace": name, "near": near},
    )


@lru_cache(maxsize=None)
def _names() -> Dict[str, str]:
    """Every name in lower case -> the config's name."""
    path = Path(__file__).resolve().with_name("colorspaces.json")
    spaces = json.loads(path.read_text(encoding="utf-8"))
    known = {alias.lower(): name for name, others in spaces.items() for alias in (name, *others)}
    return {**known, **_HOST_NAMES}
