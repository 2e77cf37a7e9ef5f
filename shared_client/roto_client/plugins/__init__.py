"""Host plugins as things to install: one zip per host with everything it needs inside.

Hosts have Pythons of their own and no pip: a zip holds the plugin, roto_shapes, the parts of
roto_client without a terminal, and the pure-Python packages those import, with their licences.
"""

from .bundle import build
from .install import Installed, install
from .layouts import HOSTS

__all__ = ("HOSTS", "Installed", "build", "install")
