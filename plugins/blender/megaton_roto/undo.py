# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a result or a correction does to the file, as one step of the artist's undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy


@contextmanager
def one_step(message: str) -> Iterator[None]:
    """What happens inside is undone by one Ctrl Z, whether or not an operator is running.

    Where it raises, no step is made: what was done until then goes with the step before.
    """
    yield
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window):
        bpy.ops.ed.undo_push(message=message)
