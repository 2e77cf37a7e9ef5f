"""Plates in: sequences and movies, in any colour space, as 8-bit sRGB frames by number."""

from .plate import open_plate

__all__ = ["open_plate"]
