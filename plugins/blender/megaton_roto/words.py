# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panels write, and how it fits into them. Blender breaks no lines by itself."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roto_client.hosts import CodeShown, JobRow, ServerState

_LETTER = 6.5
"""Pixels a letter of Blender's own font takes on the average, at a scale of 1."""

JOB_ICONS = {
    "queued": "TIME",
    "running": "PLAY",
    "cancelling": "CANCEL",
    "succeeded": "CHECKMARK",
    "failed": "ERROR",
    "cancelled": "X",
}
SERVER_ICONS = {"ready": "LINKED", "connecting": "TIME", "offline": "UNLINKED", "refused": "ERROR"}
MESSAGE_ICONS = {"INFO": "INFO", "WARNING": "ERROR", "ERROR": "CANCEL"}


def lines(text: str, width: float, scale: float = 1.0) -> Iterator[str]:
    """``text`` in lines that fit into ``width`` pixels of a region. ``scale``: of the interface."""
    letters = max(16, int(width / (_LETTER * max(scale, 0.1))) - 6)
    for paragraph in text.splitlines():
        yield from textwrap.wrap(paragraph, letters) or [""]


def job_line(row: JobRow) -> str:
    """A job in a row of the list."""
    from roto_client.hosts.qt.words import status

    return f"{row.shot or row.shot_id[:8]} v{row.version:03d}: {status(row)}"


def server_line(server: ServerState) -> str:
    """The way to the farm, in a line."""
    from roto_client.hosts.qt.words import server_line as line

    return line(server)


def code_left(code: CodeShown) -> str:
    """How long a code still waits."""
    from roto_client.hosts.qt.words import code_left as line

    return line(code)
