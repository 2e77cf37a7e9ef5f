"""Runs a scene inside Blender: ``python in_blender.py MODULE FUNCTION FOLDER``.

The function gets the folder as its only argument, in an empty file; what it asserts is the test.
A process of its own: a fault of Blender ends no test run.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path


def main() -> None:
    module, function, folder = sys.argv[1:]
    status = 1
    try:
        import bpy

        bpy.ops.wm.read_factory_settings(use_empty=True)
        getattr(importlib.import_module(module), function)(Path(folder))
        status = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by sys.exit: a timer that Blender still has would keep the process for good.
    os._exit(status)


if __name__ == "__main__":
    main()
