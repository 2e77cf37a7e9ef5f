"""What is wrong with a list; the reading process imports nothing larger for it."""

from __future__ import annotations

from roto_shapes.errors import RotoError


class BadListError(RotoError):
    """An edit list cannot be used."""

    code = "bad_request"
