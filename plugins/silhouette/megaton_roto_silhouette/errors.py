"""What the plugin tells an artist when Silhouette's side of things is not as needed."""

from __future__ import annotations

from roto_shapes.errors import RotoError


class SilhouetteError(RotoError):
    """The project as it stands cannot be used for what was asked; ``hint`` says what to change."""

    code = "bad_request"
