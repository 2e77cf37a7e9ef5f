# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist can put right in Blender itself."""

from __future__ import annotations

from roto_shapes.errors import RotoError


class BlenderError(RotoError):
    """Something in the .blend file, an editor or a data-block stands in the way."""

    code = "bad_request"
