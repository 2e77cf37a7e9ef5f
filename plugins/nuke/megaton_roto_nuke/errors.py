"""The plugin's own error."""

from __future__ import annotations

from roto_shapes.errors import RotoError


class NodeError(RotoError):
    """The node is not as an action needs it; the hint says what to do."""

    code = "bad_request"
