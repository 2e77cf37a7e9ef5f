"""One frame, one prompt per object, masks at once: what a worker answers between other work."""

from .answer import answer
from .frames import PreviewFrames

__all__ = ("PreviewFrames", "answer")
