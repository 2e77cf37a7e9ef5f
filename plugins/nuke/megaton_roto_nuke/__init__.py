"""Megaton Roto in Nuke 14 to 17: prompts in a node, editable splines and mattes back.

Host code (``nuke.*``) runs on Nuke's main thread only; whatever waits for a server or chews on a
document runs on threads of ``roto_client.hosts`` and comes back through `mainthread.post`.

Coordinates: Nuke counts y up from the bottom edge of the full-size format, the product down from
the top edge; `prompts` and the format ``nuke`` of roto_shapes are where one becomes the other.
Script frames become plate frames in `outgoing` and back in `written`.
"""

from __future__ import annotations
