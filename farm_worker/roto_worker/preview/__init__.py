"""One frame, one prompt per object, masks at once: what a worker answers between other work."""

from .frames import PreviewFrames
from .masks import answer

__all__ = ("PreviewFrames", "answer")
