"""Work in batches that shrink when memory runs out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch

from roto_shapes.errors import RotoError

_log = logging.getLogger(__name__)
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class ElasticBatch:
    """Runs work on at most ``size`` items at once, and on half as many after each failure."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(
        self, items: Sequence[_Item], work: Callable[[Sequence[_Item]], Sequence[_Result]]
    ) -> list[_Result]:
        """One result per item, in order; what is done stays done when a batch is too large.

        Raises:
            RotoError: ``out_of_memory`` when even a single item does not fit.
        """
        done: list[_Result] = []
        while len(done) < len(items):
            part = items[len(done) : len(done) + self.size]
            try:
                done += work(part)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                self._halve(len(part), error)
        return done

    def _halve(self, tried: int, error: RuntimeError) -> None:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if tried == 1:
            raise _told(error) from error
        self.size = tried // 2
        _log.warning("out of memory with a batch of %d, going on with %d", tried, self.size)


@contextmanager
def memory_told() -> Iterator[None]:
    """A device that runs out of memory is told as ``out_of_memory``, with what to do about it."""
    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise _told(error) from error


def _told(error: RuntimeError) -> RotoError:
    return RotoError(
        "the model does not fit into this device's memory",
        hint="Use a smaller model or a smaller image_size, or free the device.",
        code="out_of_memory",
        detail={"device": str(error).splitlines()[0][:300] if str(error) else ""},
    )


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a device said so; CPU and MPS have no exception type of their own for it."""
    return isinstance(error, torch.OutOfMemoryError) or any(
        sign in str(error) for sign in ("out of memory", "can't allocate memory")
    )


def items_that_fit(free: int, each: int, most: int) -> int:
    """The largest power of two up to ``most`` whose items take at most a quarter of ``free``."""
    size = 1
    while 2 * size <= most and 2 * size * each <= free // 4:
        size *= 2
    return size
