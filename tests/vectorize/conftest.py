"""Keeps BLAS to one thread, as the worker does (works when nothing loaded numpy before)."""

import roto_worker  # noqa: F401
