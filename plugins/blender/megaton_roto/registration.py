# SPDX-License-Identifier: GPL-3.0-or-later
"""What is registered, in which order, and that all of it goes away again.

A module of the extension may have ``CLASSES`` (Blender classes in the order in which they need one
another), ``register()`` and ``unregister()`` (properties, handlers, timers, keymaps).
"""

from __future__ import annotations

import functools
import importlib
import logging
from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy

_log = logging.getLogger("roto_client.blender")

MODULES = (
    "preferences",
    "settings",
    "session",
    "file_jobs",
    "capture",
    "previewing",
    "overlay",
    "operators_objects",
    "operators_server",
    "operators_farm",
    "panels",
)
"""The first is there even if one of the others fails: it tells what went wrong."""

_undo: list[Callable[[], None]] = []
problem = ""
"""Why the extension is not there although it is enabled; the preferences show it."""


def register() -> None:
    """Register all, or of what fails nothing but the preferences, which then say what failed."""
    global problem  # noqa: PLW0603 (Blender has one of it)
    problem = ""
    first, *others = MODULES
    if not _registered((first,)):
        return
    kept = list(_undo)
    if not _registered(others):
        _take_back(len(kept))


def unregister() -> None:
    """Take everything back, the last first; one that fails keeps none of the others."""
    _take_back(0)


def _registered(names: Any) -> bool:
    global problem  # noqa: PLW0603
    for name in names:
        try:
            _register(importlib.import_module(f".{name}", __package__))
        except Exception as error:
            # Blender shows what an add-on raises as a dialog at start-up and drops the add-on.
            problem = f"{name}: {type(error).__name__}: {error}"
            _log.exception("Megaton Roto was not registered (%s)", name)
            return False
    return True


def _register(module: ModuleType) -> None:
    for cls in getattr(module, "CLASSES", ()):
        bpy.utils.register_class(cls)
        _undo.append(functools.partial(bpy.utils.unregister_class, cls))
    if hasattr(module, "register"):
        # Before it: what it began is taken back even if it breaks half way.
        _undo.append(module.unregister)
        module.register()
    elif hasattr(module, "unregister"):
        _undo.append(module.unregister)


def _take_back(down_to: int) -> None:
    while len(_undo) > down_to:
        call = _undo.pop()
        try:
            call()
        except Exception:
            _log.exception("Megaton Roto: something could not be unregistered")
