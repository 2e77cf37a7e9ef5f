"""Edges worth comping: what happens between an engine's logits and the matte on disk.

`clean` (holes and specks), `detail` (a second look at full resolution), `guided` (the edge laid by
the picture), composed by `finisher.Finisher`, the driver's ``finish`` hook.
"""

from .finisher import EdgeSettings, Finisher
from .recent import RecentFrames

__all__ = ["EdgeSettings", "Finisher", "RecentFrames"]
