"""``python -m roto_server.embedded.tether PARENT_PID COMMAND...``: a command that dies with us.

Asks the kernel to kill this process when its parent dies, then becomes the command. A small
program of its own, since code between fork and exec of a process with threads may deadlock.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def tethered(command: Sequence[str]) -> list[str]:
    """The command line that runs ``command`` tethered to this process."""
    return [sys.executable, "-m", "roto_server.embedded.tether", str(os.getpid()), *command]


def main(parent: int, command: Sequence[str]) -> None:
    """Become ``command``, to be killed with process ``parent``. Linux only; elsewhere untied."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        # It may have died before the kernel was asked.
        if os.getppid() != parent:
            raise SystemExit("the parent is gone")
    os.execvp(command[0], list(command))  # noqa: S606 (that is the purpose)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
