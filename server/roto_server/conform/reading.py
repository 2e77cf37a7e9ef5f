"""An edit list's bytes to an `EditList`, read by a process that may die of it (see `child`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from typing import Literal, get_args

from .events import EditList
from .problems import BadListError

Kind = Literal["edl", "fcp_xml", "aaf", "otio"]
KINDS = get_args(Kind)
SECONDS = 90.0
"""Of the clock, all in all; `child.MOST_SECONDS` are of work."""
_TOLD = 300
_AAF = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(data: bytes, name: str) -> Kind:
    """What kind of list ``data`` is, by what it begins with; by its ``name`` where that says
    nothing. Raises `BadListError`."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(_AAF):
        return "aaf"
    if start.startswith(b"<"):
        if b"<fcpxml" in start:
            raise BadListError(
                "That is an FCPXML of Final Cut Pro X.",
                hint="Write an XML of Final Cut Pro 7 (xmeml), an EDL or an AAF.",
            )
        return "fcp_xml"
    if start.startswith(b"{"):
        return "otio"
    ending = name.rpartition(".")[2].lower()
    if ending in ("xml", "aaf", "otio", "fcpxml"):
        raise BadListError(f"{name[:100]!r} does not hold what its name says.")
    return "edl"


def read_list(
    data: bytes, kind: Kind, rate: Fraction | None = None, sequence: str | None = None
) -> EditList:
    """The edit list in ``data``; takes seconds, blocks, and runs in a process of its own.

    ``rate``: of EDLs, which do not tell it (None: 24). Raises `BadListError` for what cannot be
    read, or not within the limits.
    """
    told = None if rate is None else [rate.numerator, rate.denominator]
    head = json.dumps({"kind": kind, "rate": told, "sequence": sequence}).encode()
    try:
        # What a reader that is killed leaves behind goes with the folder.
        with tempfile.TemporaryDirectory() as folder:
            ended = subprocess.run(
                [sys.executable, "-m", "roto_server.conform.child"],
                input=head + b"\n" + data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                env={**_environment(), "TMPDIR": folder},
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise _unreadable(kind, f"it takes longer than {SECONDS:g} seconds") from error
    if ended.returncode != 0:
        raise _unreadable(kind, f"reading it ended with {ended.returncode}: it is too much to read")
    answer = json.loads(ended.stdout)
    if "list" in answer:
        return EditList.from_json(answer["list"])
    problem = answer["error"]
    if "code" in problem:
        raise BadListError(problem["message"], hint=problem["hint"], detail=problem["detail"])
    raise _unreadable(kind, problem["message"])


def _unreadable(kind: Kind, why: str) -> BadListError:
    return BadListError(
        f"The list cannot be read as {kind}: {why[:_TOLD]}",
        hint="Is the file whole, and of the kind it was sent as?",
        detail={"kind": kind},
    )


def _environment() -> dict[str, str]:
    """No secret of the server's goes to the process."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ}
