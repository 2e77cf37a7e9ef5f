"""The same for many files: an object store answers slowly, but many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .base import Storage

AT_ONCE = 16

T = TypeVar("T")
R = TypeVar("R")


def in_threads(work: Callable[[T], R], things: Iterable[T], storage: Storage) -> list[R]:
    """What ``work`` gives for each thing, in their order; raises the first error there is."""
    if storage.is_shared:
        return [work(thing) for thing in things]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, things))


def link_all(storage: Storage, names: Iterable[str], folder: str, target: str) -> None:
    """Give every file ``names`` of ``folder`` a second name in the folder ``target``.

    Raises what `Storage.link` raises; some files may be linked then.
    """
    in_threads(lambda name: storage.link(f"{folder}/{name}", f"{target}/{name}"), names, storage)
