"""The one file that a preview looks at, on a node that does not mount the storage."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from roto_client.contract.stored import stored_key

from .farm_client import FarmClient
from .node_cache import NodeCache
from .transfer import Location, Transfer


class RemotePlates:
    """Brings what previews look at into the node's cache. ``token`` is the farm's."""

    def __init__(self, client: FarmClient, token: str, cache: NodeCache) -> None:
        self._client = client
        self._cache = cache
        self._transfer = Transfer(client.server, token, _go_on)

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self._cache.folder

    def bring(self, spec: dict[str, Any], me: Mapping[str, str]) -> dict[str, Any]:
        """The preview ``spec`` with paths of this node; ``me``: the worker's id and boot id.

        Raises:
            StaleAttemptError: nobody waits for the preview any more.
            RotoError: what `Transfer.fetch` and `FarmClient.locate` raise.
        """
        pattern = stored_key(spec["shot"]["plate"]["path"])
        if pattern is None:
            return spec
        answer = self._client.locate(f"previews/{spec['preview_id']}", me)
        for told in answer["read"]:
            one = Location(told["key"], told["size"], told["url"], told["headers"])
            if self._cache.find(one.key, one.size) is None:
                self._cache.make_room(one.size)
                self._cache.take(one.key, one.size, partial(self._transfer.fetch, one))
        local = copy.deepcopy(spec)
        local["shot"]["plate"]["path"] = str(self._cache.path(pattern))
        return local


def _go_on() -> None:
    """A preview is not stopped; it is late, and told so."""
