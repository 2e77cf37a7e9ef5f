"""A strict stand-in for Silhouette's `fx` module, written from what is known of it.

It holds only what the plugin may use. An unknown attribute, a value of the wrong type, a call off
the main thread or an edit of the project outside an undo group raises. `install` makes a fresh
application and puts its modules (`fx`, `hook`, `tools.window`) where a script imports them.
"""

from __future__ import annotations

from .application import Application, install
from .strict import HostMisuseError
from .values import Color, Matrix, Point, Point3D

__all__ = ["Application", "Color", "HostMisuseError", "Matrix", "Point", "Point3D", "install"]
