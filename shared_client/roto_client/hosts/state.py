"""What a panel shows: frozen snapshots, made on threads and read on the main thread.

Frames are plate frame numbers, ranges inclusive.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple

from roto_shapes.attention import Stretch
from roto_shapes.document import Document

from ..api.models import ENDED_STATES

OFFLINE, CONNECTING, READY, REFUSED = "offline", "connecting", "ready", "refused"


@dataclass(frozen=True)
class ServerState:
    """The way to the farm.

    ``status``: ``offline`` (nothing answers; tried again by itself while jobs are followed),
    ``connecting``, ``ready``, or ``refused`` (no key, a wrong or expired one, or another version:
    the artist has to do something). ``error`` and ``hint`` say why.
    """

    status: str = OFFLINE
    server: str = ""
    error: str = ""
    hint: str = ""
    code: str = ""


@dataclass(frozen=True)
class JobRow:
    """One job in the list. ``fraction`` 0..1 of the whole job's current stage; ``eta_seconds`` to
    the end of that stage, None while it cannot be told. ``attention``: object name -> the stretches
    that need the artist, worst first, once the job has succeeded."""

    id: str
    shot_id: str
    shot: str = ""
    version: int = 1
    base_version: Optional[int] = None
    kind: str = "roto"
    state: str = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    eta_seconds: Optional[float] = None
    error: str = ""
    hint: str = ""
    objects: Tuple[str, ...] = ()
    attention: Mapping[str, Tuple[Stretch, ...]] = field(default_factory=dict)
    created_by: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.state in ENDED_STATES


@dataclass(frozen=True)
class CodeShown:
    """A sign-in that waits for the artist's browser: ``code`` is entered at ``address``, or is
    filled in already at ``address_with_code``. ``ends``: in seconds of ``time.monotonic``."""

    server: str
    code: str
    address: str
    address_with_code: str
    ends: float

    def seconds_left(self) -> float:
        """Until the code is void; 0 once it is."""
        return max(0.0, self.ends - time.monotonic())


@dataclass(frozen=True)
class DeskState:
    """Everything a panel draws. ``notice``: the last thing worth telling, ``busy`` what is being
    sent or fetched right now ("sending 40 of 96 files"), both for people. ``sign_in``: the code
    that waits to be approved, None while there is none."""

    server: ServerState = ServerState()
    jobs: Tuple[JobRow, ...] = ()
    busy: str = ""
    busy_fraction: Optional[float] = None
    notice: str = ""
    sign_in: Optional[CodeShown] = None

    def job(self, job_id: str) -> Optional[JobRow]:
        """The row of a job, if it is listed."""
        return next((row for row in self.jobs if row.id == job_id), None)


@dataclass(frozen=True)
class Mattes:
    """An object's mattes on this machine: ``pattern`` with a printf frame field, plate frames
    ``first`` to ``last``."""

    pattern: str
    first: int
    last: int


@dataclass(frozen=True)
class HostResult:
    """What a job brought home, by object name.

    ``document`` is None where no shapes were wanted. ``changed``: the ranges a correction tracked
    again; None for a job that is no correction. ``folder``: where the files lie.
    """

    row: JobRow
    document: Optional[Document]
    mattes: Mapping[str, Mattes]
    changed: Optional[Mapping[str, Tuple[Tuple[int, int], ...]]] = None
    folder: str = ""

    @property
    def attention(self) -> Mapping[str, Tuple[Stretch, ...]]:
        """The stretches that need the artist, worst first."""
        return self.row.attention
