"""One folder, two names: how this machine's paths become the server's.

Artists sit on Windows and macOS, the farm runs Linux, and all mount the same storage. A rule is a
pair of prefixes, ours and the server's; the longest one that fits wins. How names are told apart is
in `contract.places`. A studio that tells its places to the server needs no rules here: the server
knows what a path of this machine means.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..contract.places import LINUX, WINDOWS, below, is_windows, joined
from .errors import InputError

ENVIRONMENT = "ROTO_PATH_MAP"


@dataclass(frozen=True)
class PathMap:
    """``rules``: (prefix on this machine, prefix on the server)."""

    rules: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> PathMap:
        """Rules written ``Z:\\shows=/mnt/shows;/Volumes/shows=/mnt/shows``. Raises InputError."""
        rules = []
        for rule in filter(None, (part.strip() for part in text.split(";"))):
            ours, equals, theirs = (part.strip() for part in rule.partition("="))
            if not (equals and ours and theirs):
                raise InputError(
                    f"The path rule {rule!r} is not OURS=THEIRS.",
                    hint=f"{ENVIRONMENT} reads: Z:\\shows=/mnt/shows;X:\\plates=/mnt/plates",
                )
            rules.append((ours, theirs))
        return cls(tuple(rules))

    @classmethod
    def from_settings(cls, configured: str = "") -> PathMap:
        """The rules of ROTO_PATH_MAP, else those of the config file (``path_map``)."""
        return cls.parse(os.environ.get(ENVIRONMENT) or configured)

    def to_server(self, path: str) -> str:
        """``path`` of this machine as the server names it; itself where no rule fits."""
        fitting = [
            (*found, theirs)
            for ours, theirs in self.rules
            if (found := below(path, ours, WINDOWS if is_windows(ours) else LINUX)) is not None
        ]
        if not fitting:
            return path
        names, trailing, theirs = min(fitting, key=lambda one: len(one[0]))
        return joined(theirs, names, trailing)
