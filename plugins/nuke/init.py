"""Run by every Nuke, with a user interface or without: makes the plugin importable."""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
# Behind what is there: a studio's own packages win, and nothing of Nuke's is hidden.
for _folder in (_here, os.path.join(_here, "vendor")):
    if os.path.isdir(_folder) and _folder not in sys.path:
        sys.path.append(_folder)
