"""Megaton Roto in Silhouette. Loaded at start through SFX_SCRIPT_IMPORTS.

Whatever goes wrong in here is written to the console, and Silhouette starts all the same.
"""

from __future__ import annotations

import os
import sys


def _start() -> None:
    """Make the bundled libraries importable, and register menu and importer."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (os.path.join(here, "vendor"), os.path.dirname(here)):
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.append(folder)
    if sys.version_info < (3, 9):
        raise RuntimeError("it needs Silhouette 2023.5 or later (Python 3.9)")
    from importlib import import_module

    import_module("megaton_roto_silhouette.start").start()


def _in_silhouette() -> bool:
    """Whether this is Silhouette, and not a test or a tool that looks at the code."""
    if os.environ.get("MEGATON_ROTO_OFF"):
        return False
    try:
        __import__("fx")
    except ImportError:
        return False
    return True


def _report(error: BaseException) -> None:
    import traceback

    sys.stderr.write(f"Megaton Roto is not available: {type(error).__name__}: {error}\n")
    if os.environ.get("MEGATON_ROTO_DEBUG"):
        traceback.print_exception(type(error), error, error.__traceback__)


if _in_silhouette():
    try:
        _start()
    except Exception as error:
        # The host's start comes first: the reason, and on it goes.
        _report(error)
