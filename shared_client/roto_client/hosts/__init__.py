"""What every host plugin shares: the desk between an artist's panel and the farm.

Standard library only (``requests`` is imported by the first request), Python 3.9 syntax, no host
and no window system in it. See docs/plugin-sdk.md.
"""

from ..api.newest import NewestMask
from ..api.path_map import PathMap
from ..api.previews import Candidate, Preview
from ..api.request import ObjectPrompts
from .desk import Desk
from .memory import HostMemory
from .orders import FrameMap, HostCorrection, HostEdit, HostRequest
from .runner import Failed, Post, Runner, Task
from .state import CodeShown, DeskState, HostResult, JobRow, Mattes, ServerState

__all__ = (
    "Candidate",
    "CodeShown",
    "Desk",
    "DeskState",
    "Failed",
    "FrameMap",
    "HostCorrection",
    "HostEdit",
    "HostMemory",
    "HostRequest",
    "HostResult",
    "JobRow",
    "Mattes",
    "NewestMask",
    "ObjectPrompts",
    "PathMap",
    "Post",
    "Preview",
    "Runner",
    "ServerState",
    "Task",
)
