"""Megaton Roto in Silhouette. Loaded at start through SFX_SCRIPT_IMPORTS.

Whatever goes wrong in here is printed and shown, and Silhouette starts all the same.
"""

import os
import sys


def _start():
    """Make the bundled libraries importable and register menu and importer."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (os.path.join(here, "vendor"), os.path.dirname(here)):
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.append(folder)
    if sys.version_info < (3, 9):
        raise RuntimeError("it needs Silhouette 2023.5 or later (Python 3.9)")
    from importlib import import_module

    import_module("megaton_roto_silhouette.start").start()


def _is_host():
    """Whether this is Silhouette, and not a test or a tool that looks at the code."""
    return "fx" in sys.modules and not os.environ.get("MEGATON_ROTO_OFF")


if _is_host():
    try:
        _start()
    except Exception as error:
        # The host's start comes first: the reason, and on it goes.
        print("Megaton Roto is not available: %s: %s" % (type(error).__name__, error))
        if os.environ.get("MEGATON_ROTO_DEBUG"):
            import traceback

            traceback.print_exc()
