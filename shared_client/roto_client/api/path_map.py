"""One folder, two names: how this machine's paths become the server's, and back.

Artists sit on Windows and macOS, the farm runs Linux, and all mount the same storage. A rule is a
pair of prefixes, ours and the server's; the longest one that fits wins. Windows prefixes are
matched without regard to case and to the kind of slash.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from .errors import InputError

ENVIRONMENT = "ROTO_PATH_MAP"
_WINDOWS = re.compile(r"^([A-Za-z]:|\\\\|//)")


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
        return _swapped(path, self.rules)

    def to_local(self, path: str) -> str:
        """A path of the server as this machine names it; itself where no rule fits."""
        return _swapped(path, tuple((theirs, ours) for ours, theirs in self.rules))


def _swapped(path: str, rules: tuple[tuple[str, str], ...]) -> str:
    fitting = [(near, far) for near, far in rules if _rest(path, near) is not None]
    if not fitting:
        return path
    near, far = max(fitting, key=lambda rule: len(rule[0].rstrip("/\\")))
    rest = _rest(path, near) or ""
    slash = "\\" if _WINDOWS.match(far) and "\\" in far else "/"
    parts = [part for part in re.split(r"[/\\]" if _WINDOWS.match(near) else "/", rest) if part]
    return slash.join([far.rstrip("/\\"), *parts])


def _rest(path: str, prefix: str) -> str | None:
    """What follows ``prefix`` in ``path``, from a slash on; None where it does not begin so."""
    prefix = prefix.rstrip("/\\")
    start = path[: len(prefix)]
    if _WINDOWS.match(prefix):
        fits = start.replace("\\", "/").lower() == prefix.replace("\\", "/").lower()
        slashes = "/\\"
    else:
        fits, slashes = start == prefix, "/"
    rest = path[len(prefix) :]
    return rest if fits and (not rest or rest[0] in slashes) else None
