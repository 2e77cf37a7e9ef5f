"""Matte sequences into animated shapes: :func:`vectorize`, :class:`VectorizeResult`.

Loaded on first use, so that the command line starts without an array library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pipeline import VectorizeResult, vectorize

__all__ = ["VectorizeResult", "vectorize"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".pipeline", __name__), name)
