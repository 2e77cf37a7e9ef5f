r"""One folder of the studio, and the names that it has on each system.

Artists sit at Windows and macOS, server and farm run Linux, and all mount the same storage. A
*place* is such a folder; `Places` turns a path of one system into that of another. Nothing here
looks at a disk, and nothing here gives a right: a path that was mapped is checked as any other.

What is a name's spelling and what is another name depends on the system:

- Windows: drive letters and shares (``Z:\x``, ``\\nas\x``), both slashes, ``\\?\`` before either,
  upper and lower case the same, dots and spaces at the end of a name ignored, ``..`` undone before
  the disk is asked.
- macOS: upper and lower case the same, and so are composed and decomposed accents.
- Linux: every byte counts; ``..`` stays, for it leads wherever a link leads.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Tuple
from urllib.parse import unquote

WINDOWS, MACOS, LINUX = "windows", "macos", "linux"
SYSTEMS = (WINDOWS, MACOS, LINUX)

PLATFORM_HEADER = "X-Roto-Platform"
"""One of `SYSTEMS`: which system's paths a client sends and wants to be told."""

_VERBATIM = re.compile(r"[\\/]{2}[?.][\\/]")
_DRIVE = re.compile(r"([A-Za-z]:)(?:[\\/]|$)")
_SHARE = re.compile(r"[\\/]{2}([^\\/?.][^\\/]*)[\\/]+([^\\/]+)(?:[\\/]|$)")
_VERBATIM_SHARE = re.compile(r"UNC[\\/]+([^\\/]+)[\\/]+([^\\/]+)(?:[\\/]|$)", re.IGNORECASE)
_FILE_URL = re.compile(r"file:(?://([^/\\]*))?(.*)", re.IGNORECASE | re.DOTALL)
_SLASHES = re.compile(r"[\\/]")
_NOT_ON_WINDOWS = re.compile(r'[\\:<>"|\x00-\x1f]|[. ]$')
"""Of a name; * and ? may stand in the pattern of a sequence."""

_ORDER = {
    WINDOWS: (WINDOWS, LINUX, MACOS),
    MACOS: (MACOS, LINUX, WINDOWS),
    LINUX: (LINUX, MACOS, WINDOWS),
}


@dataclass(frozen=True)
class SplitPath:
    """An absolute path. ``top``: drive, share, or nothing; ``trailing``: does it end in a slash."""

    top: str
    names: Tuple[str, ...]
    trailing: bool


@dataclass(frozen=True)
class Place:
    """One folder by its names; ``linux`` is the server's own. Windows may know it by several."""

    name: str
    linux: str
    windows: Tuple[str, ...] = ()
    macos: Tuple[str, ...] = ()

    def roots(self, system: str) -> Tuple[str, ...]:
        """What it is called on ``system``, the usual name first."""
        return {WINDOWS: self.windows, MACOS: self.macos}.get(system, (self.linux,))

    def check(self) -> None:
        """Raise ValueError, in words for people, for a name that is none of its system."""
        for system in SYSTEMS:
            for root in self.roots(system):
                parts = split(root, system)
                if parts is None or ".." in parts.names or not (parts.top or parts.names):
                    raise ValueError(
                        f"{root!r} is no folder of {system} by its whole name (place {self.name!r})"
                    )


@dataclass(frozen=True)
class Places:
    """Places in order of precedence; of those that hold a path the innermost one counts."""

    places: Tuple[Place, ...] = ()

    def check(self) -> None:
        """Raise ValueError for places that cannot be told apart."""
        names: Dict[str, Place] = {}
        roots: Dict[Tuple[str, Tuple[str, ...]], Place] = {}
        for place in self.places:
            place.check()
            if names.setdefault(place.name, place) is not place:
                raise ValueError(f"two places are called {place.name!r}")
            for system in (WINDOWS, MACOS):
                for root in place.roots(system):
                    parts = split(root, system)
                    assert parts is not None  # checked above
                    other = roots.setdefault((system, _keys(parts, system)), place)
                    if other.linux != place.linux:
                        raise ValueError(f"{root!r} is a root of {other.name!r} and {place.name!r}")

    def to_server(self, path: str, system: Optional[str] = None) -> str:
        """``path``, in whatever system's form, as the server names it; itself where no place fits.

        ``system``: whose it most likely is. Without it a path that the server could have named
        itself stays, for only Windows paths look like what they are.
        """
        for form in _ORDER[system or WINDOWS]:
            found = self._innermost(path, form)
            if found is not None:
                place, rest, trailing = found
                return path if form == LINUX else joined(place.linux, rest, trailing)
        return path

    def to_system(self, path: str, system: str) -> str:
        """A path of the server as ``system`` names it; itself where that has no name for it."""
        if system == LINUX:
            return path
        found = self._innermost(path, LINUX, having=system)
        if found is None:
            return path
        place, rest, trailing = found
        if ".." in rest or (system == WINDOWS and any(map(_NOT_ON_WINDOWS.search, rest))):
            return path
        return joined(place.roots(system)[0], rest, trailing)

    def around(self, path: str) -> Optional[Place]:
        """The innermost place that holds a path of the server."""
        found = self._innermost(path, LINUX)
        return None if found is None else found[0]

    def at(self, path: str, mounts: Mapping[str, str], system: str = LINUX) -> Optional[str]:
        """A path of the server on a node of ``system`` that has places, by name, in ``mounts``,
        others where its system has them. A place that it has nowhere lies in the one around it;
        None: it has none that holds the path."""
        usual = {
            place.name: place.roots(system)[0]
            for place in self.places
            if system != LINUX and place.roots(system)
        }
        homes = {**usual, **mounts}
        had = Places(tuple(place for place in self.places if place.name in homes))
        found = had._innermost(path, LINUX)
        if found is None or ".." in found[1]:
            return None
        place, rest, trailing = found
        home = homes[place.name]
        if is_windows(home) and any(map(_NOT_ON_WINDOWS.search, rest)):
            return None
        return joined(home, rest, trailing)

    def _innermost(
        self, path: str, system: str, *, having: str = LINUX
    ) -> Optional[Tuple[Place, List[str], bool]]:
        """The place with the longest root around ``path`` of those that have a root on ``having``,
        and what follows the root."""
        best: Optional[Tuple[Place, List[str], bool]] = None
        for place in self.places:
            for root in place.roots(system) if place.roots(having) else ():
                found = below(path, root, system)
                if found is not None and (best is None or len(found[0]) < len(best[1])):
                    best = (place, found[0], found[1])
        return best


def split(path: str, system: str) -> Optional[SplitPath]:
    """The parts of an absolute path of ``system``; None for what is none."""
    return _split_windows(path) if system == WINDOWS else _split_posix(path)


def below(path: str, root: str, system: str) -> Optional[Tuple[List[str], bool]]:
    """The names that follow ``root`` in ``path``, and whether a slash ends it; None outside."""
    inner, outer = split(path, system), split(root, system)
    if inner is None or outer is None or "\0" in path:
        return None
    count = len(outer.names)
    if key(inner.top, system) != key(outer.top, system) or len(inner.names) < count:
        return None
    pairs = zip(inner.names, outer.names)
    if any(key(ours, system) != key(theirs, system) for ours, theirs in pairs):
        return None
    return list(inner.names[count:]), inner.trailing and len(inner.names) > count


def joined(root: str, names: List[str], trailing: bool = False) -> str:
    """``names`` below ``root``, with the slashes that the root is written with."""
    windows = is_windows(root)
    slash = "\\" if windows and ("\\" in root or "/" not in root) else "/"
    bare = root.rstrip("/\\" if windows else "/")
    # "Z:" without a slash is wherever that drive happens to be.
    ends = trailing or (not names and (not bare or (windows and bare.endswith(":"))))
    return slash.join([bare, *names]) + slash * ends


def is_windows(path: str) -> bool:
    """Whether ``path`` can only be one of Windows."""
    return _split_windows(path) is not None


def same(path: str, other: str, system: str) -> bool:
    """Whether two paths of ``system`` are two spellings of one."""
    one, two = split(path, system), split(other, system)
    if one is None or two is None:
        return path == other
    return _keys(one, system) == _keys(two, system)


def this_system() -> str:
    """The system that this program runs on."""
    return {"win32": WINDOWS, "darwin": MACOS}.get(sys.platform, LINUX)


def key(name: str, system: str) -> str:
    """What two spellings of one name have in common on ``system``."""
    if system == LINUX:
        return name
    if name.isascii():
        return name.upper()
    composed = unicodedata.normalize("NFC", name)
    # Letter by letter, as file systems do: to them no letter is two.
    return "".join(up if len(up) == 1 else char for char in composed for up in (char.upper(),))


def _keys(parts: SplitPath, system: str) -> Tuple[str, ...]:
    return tuple(key(part, system) for part in (parts.top, *parts.names))


def _split_posix(path: str) -> Optional[SplitPath]:
    if not path.startswith("/"):
        return None
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    return SplitPath("", names, path.endswith("/"))


def _split_windows(path: str) -> Optional[SplitPath]:
    verbatim = _VERBATIM.match(path)
    text = path[verbatim.end() :] if verbatim else path
    drive = _DRIVE.match(text)
    share = (_VERBATIM_SHARE if verbatim else _SHARE).match(text)
    if drive is not None:
        top, rest = drive[1], text[2:]
    elif share is not None:
        top, rest = "//{}/{}".format(*share.groups()), text[share.end(2) :]
    else:
        return None
    names: List[str] = []
    for written in _SLASHES.split(rest):
        name = written if verbatim or written in (".", "..") else written.rstrip(". ")
        if name == "..":
            del names[-1:]
        elif name not in ("", "."):
            names.append(name)
    return SplitPath(top, tuple(names), rest.endswith(("/", "\\")))


def path_of_url(text: str) -> str:
    """The path in a ``file:`` URL as edit lists write them; itself when it is none.

    ``file://localhost/Z%3a/shows/a.mov`` is a path of Windows, ``file://nas/shows/a.mov`` one of a
    share, ``file:///Volumes/shows/a.mov`` one of a Mac.
    """
    # Whoever writes edit lists seldom escapes a # or ? in a name: the whole rest is the path.
    url = _FILE_URL.fullmatch(text)
    if url is None:
        return text
    host, path = unquote(url[1] or ""), unquote(url[2])
    if host.lower() not in ("", "localhost"):
        return f"//{host}{path}"
    return path[1:] if _DRIVE.match(path[1:]) else path
