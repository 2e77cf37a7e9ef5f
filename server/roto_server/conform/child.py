"""Reads one edit list in a process of its own: ``python -m roto_server.conform.child``.

Edit lists come from outside, and their readers are not ours: a list that is made to take all memory
or all time takes this process down and nothing else. Standard input: one line of JSON
(``{"kind", "rate", "sequence"}``), then the list. Standard output: ``{"list"}`` or ``{"error"}``.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import tempfile
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

from roto_shapes.errors import RotoError

MOST_MEMORY = 2 << 30
MOST_SECONDS = 60
MOST_WRITTEN = 128 << 20
"""Bytes of a file: the list itself, which a reader wants to have on disk."""


def main() -> None:
    """Read, answer, and never say more than the answer."""
    _limit()
    head = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    answers = sys.stdout
    sys.stdout = sys.stderr  # adapters print
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        answer: dict[str, Any] = {"list": read(head["kind"], data, head["rate"], head["sequence"])}
    except RotoError as error:
        answer = {"error": error.as_dict()}
    except (MemoryError, RecursionError) as error:
        answer = {"error": {"message": f"it is too much to read ({type(error).__name__})"}}
    except Exception as error:  # whatever a reader of foreign files raises
        answer = {"error": {"message": f"{type(error).__name__}: {error}"[:500]}}
    json.dump(answer, answers)


def read(kind: str, data: bytes, rate: list[int] | None, sequence: str | None) -> dict[str, Any]:
    """The list as `events.EditList.to_json`; raises whatever OpenTimelineIO does."""
    import opentimelineio as otio

    from . import edl, timelines

    if kind == "edl":
        exact = Fraction(*(rate or [24, 1]))
        prepared = edl.prepare(_text(data), exact)
        root = otio.adapters.read_from_string(
            prepared.text, "cmx_3600", rate=float(exact), ignore_timecode_mismatch=True
        )
        found = timelines.edit_list(root, kind).to_json()
        found["rate"] = [exact.numerator, exact.denominator]
        found["drop_frame"] = prepared.drop_frame
        if prepared.sounds:
            found["left_out"]["audio"] = prepared.sounds
        found["start"] = min((event["record_in"] for event in found["events"]), default=0)
        return found
    if kind == "aaf":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list.aaf"
            path.write_bytes(data)
            root = otio.adapters.read_from_file(str(path), adapter_name="AAF")
    else:
        adapter = {"fcp_xml": "fcp_xml", "otio": "otio_json"}[kind]
        root = otio.adapters.read_from_string(_text(data), adapter)
    return timelines.edit_list(root, kind, sequence).to_json()


def _text(data: bytes) -> str:
    """Lists are UTF-8 today, and were Latin-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
