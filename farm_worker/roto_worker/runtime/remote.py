"""A task's files on a node that does not mount the storage: brought before the stage, sent after.

The stage works on local files all the same. What it reads comes out of the node's cache as hard
links; what it makes is sent in the background while it runs, so that another node can take over
from its checkpoint, and so that little is left to send at its end.
"""

from __future__ import annotations

import copy
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from roto_client.contract.stored import stored_key
from roto_shapes.frames import SequencePattern

from ..stages.context import TaskSpec
from .farm_client import FarmClient
from .node_cache import NodeCache, place_of
from .transfer import AddressExpiredError, Location, Transfer

logger = logging.getLogger(__name__)

AT_ONCE = 8
BATCH = 500
ASKED_AGAIN = 3
CHECKPOINT = PurePosixPath(".checkpoint/state.npz")
"""Of the track stage: written after the frames it counts on (see `stages.track_files`)."""

T = TypeVar("T")


class RemoteFiles:
    """The files of one attempt, below ``home`` on this node under the keys they have there.

    ``told`` is given a sentence for people now and then.
    """

    def __init__(
        self,
        client: FarmClient,
        transfer: Transfer,
        cache: NodeCache,
        spec: TaskSpec,
        token: str,
        home: Path,
        told: Callable[[str], None],
    ) -> None:
        self._client = client
        self._transfer = transfer
        self._cache = cache
        self._work = f"attempts/{spec['attempt_id']}"
        self._token = token
        self._home = home
        self._told = told
        self._stored = spec
        self._sent: dict[str, tuple[int, int]] = {}
        self.spec = local_spec(spec, home)

    def make_folders(self) -> None:
        """Where the stage writes, empty."""
        Path(self.spec["output_dir"]).mkdir(parents=True)
        Path(self.spec["log_path"]).parent.mkdir(parents=True, exist_ok=True)

    def bring(self) -> None:
        """Everything that the stage reads.

        Raises:
            RotoError: what `Transfer.fetch` and `FarmClient.locate` raise; ``storage_failed`` for a
                plate without files.
        """
        spec = self._stored
        plate = stored_key(spec["shot"]["plate"]["path"])
        if plate is not None and spec["kind"] != "publish":  # which copies files as they are
            self._bring([str(PurePosixPath(plate).parent)], wanted=_wanted_of_plate(spec, plate))
        published = filter(None, map(stored_key, spec["inputs"].values()))
        self._bring(list(published))
        earlier = [key for key in map(stored_key, spec["resume_dirs"]) if key is not None]
        for key in earlier:
            # Not kept: nobody but this attempt reads what an unfinished one left.
            self._bring([key], keep=False)
            place_of(self._home, key).mkdir(parents=True, exist_ok=True)

    def _bring(
        self,
        folders: Sequence[str],
        *,
        wanted: Callable[[str], bool] = lambda _key: True,
        keep: bool = True,
    ) -> None:
        if not folders:
            return
        body: dict[str, Any] = {"read": [f"{folder}/" for folder in folders]}
        count = 0
        while True:
            answer = self._client.locate(self._work, body, token=self._token)
            files = [one for one in map(_location, answer["read"]) if wanted(one.key)]
            self._bring_files(files, keep=keep)
            count += len(files)
            self._told(f"fetching files: {count} are here")
            if answer["next"] is None:
                return
            body["after"] = answer["next"]

    def _bring_files(self, files: Sequence[Location], *, keep: bool) -> None:
        kept = self._room_for(files) if keep else frozenset()
        again = ASKED_AGAIN

        def bring(one: Location) -> Location | None:
            """None once it is there; the location when its address has run out."""
            try:
                self._bring_file(one, keep=one.key in kept)
            except AddressExpiredError:
                if not again:
                    raise
                return one
            return None

        while files:
            expired = [one for one in _at_once(bring, files) if one is not None]
            again -= 1
            files = self._asked_again(expired)

    def _room_for(self, files: Sequence[Location]) -> frozenset[str]:
        """The keys that the cache is to keep, once there is room for them: all that it can hold."""
        room, kept, missing = self._cache.limit_bytes, set(), 0
        for one in files:
            there = self._cache.find(one.key, one.size) is not None
            if there or missing + one.size <= room:
                kept.add(one.key)
                missing += 0 if there else one.size
        self._cache.make_room(missing)
        return frozenset(kept)

    def _asked_again(self, expired: Sequence[Location]) -> list[Location]:
        """The same files with addresses that are good."""
        if not expired:
            return []
        body = {"read": [one.key for one in expired]}
        answer = self._client.locate(self._work, body, token=self._token)
        return list(map(_location, answer["read"]))

    def _bring_file(self, one: Location, *, keep: bool) -> None:
        target = place_of(self._home, one.key)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if not keep:
            self._transfer.fetch(one, target)
            return
        kept = self._cache.take(one.key, one.size, lambda path: self._transfer.fetch(one, path))
        try:
            os.link(kept, target)
        except FileExistsError:
            return
        except OSError:  # let go of meanwhile, or a file system without links
            if kept.exists():
                shutil.copyfile(kept, target)
            else:
                self._transfer.fetch(one, target)

    def send_checkpoint(self) -> None:
        """What is finished so far, the checkpoint last; raises what `send` raises."""
        output = Path(self.spec["output_dir"])
        state = output / CHECKPOINT
        if not state.exists() or self._is_sent(output, state):
            return
        # As it is before the frames are looked at: they are all there, and later ones do no harm.
        held = self._home / "checkpoint"
        held.unlink(missing_ok=True)
        os.link(state, held)
        name = str(CHECKPOINT)
        files = {key: path for key, path in _files_below(output).items() if key != name}
        self._send_files(files)
        self._send_files({name: held})

    def send(self) -> None:
        """Everything the stage has made; what was sent before and is no more is removed there.

        Raises:
            RotoError: what `Transfer.send` and `FarmClient.locate` raise.
        """
        self._told("sending the results")
        files = _files_below(Path(self.spec["output_dir"]))
        gone = sorted(self._sent.keys() - files.keys())
        for batch in _batches(gone):
            self._locate({"remove": [self._key(name) for name in batch]})
        self._send_files(files)

    def send_log(self) -> None:
        """The attempt's log; raises as `send` does."""
        path = Path(self.spec["log_path"])
        if path.is_file():
            # A copy, for it may be written to meanwhile.
            held = shutil.copyfile(path, self._home / "log")
            key = stored_key(self._stored["log_path"])
            self._put({key: held} if key else {})

    def _send_files(self, files: Mapping[str, Path]) -> None:
        new = {name: path for name, path in files.items() if self._sent.get(name) != _state(path)}
        for batch in _batches(new.items()):
            self._put({self._key(name): path for name, path in batch})
            for name, path in batch:
                state = _state(path)
                if state is not None:
                    self._sent[name] = state

    def _put(self, files: Mapping[str, Path]) -> None:
        """Send ``files``, by key; those that have vanished are left out."""
        sizes = {key: state[0] for key, path in files.items() if (state := _state(path))}
        left = sizes
        for again in reversed(range(ASKED_AGAIN)):
            body = {"write": [{"key": key, "size": size} for key, size in left.items()]}
            if not left:
                return
            answer = self._locate(body)

            def put(one: Location, last: bool = not again) -> str | None:
                try:
                    self._transfer.send(files[one.key], one)
                except FileNotFoundError:  # replaced or dropped by the stage: the next time tells
                    return None
                except AddressExpiredError:
                    if last:
                        raise
                    return one.key
                return None

            expired = _at_once(put, list(map(_location, answer["write"])))
            left = {key: sizes[key] for key in expired if key is not None}

    def _locate(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._client.locate(self._work, body, token=self._token)

    def _key(self, name: str) -> str:
        return f"{stored_key(self._stored['output_dir'])}/{name}"

    def _is_sent(self, output: Path, path: Path) -> bool:
        return self._sent.get(path.relative_to(output).as_posix()) == _state(path)


def local_spec(spec: TaskSpec, home: Path) -> TaskSpec:
    """``spec`` with the paths that stored files have below ``home``."""

    def local(location: str) -> str:
        key = stored_key(location)
        return location if key is None else str(place_of(home, key))

    told = copy.deepcopy(spec)
    for name in ("output_dir", "log_path"):
        told[name] = local(told[name])
    told["resume_dirs"] = list(map(local, told["resume_dirs"]))
    told["inputs"] = {name: local(value) for name, value in told["inputs"].items()}
    told["shot"]["plate"]["path"] = local(told["shot"]["plate"]["path"])
    return told


def _wanted_of_plate(spec: TaskSpec, plate: str) -> Callable[[str], bool]:
    """Which files of the plate's folder the task needs."""
    if spec["shot"]["plate"]["kind"] == "movie":
        return lambda key: key == plate
    pattern = SequencePattern.parse(plate)
    frames = spec["params"].get("frame_range") or spec["shot"].get("frame_range")
    if frames is not None:
        keys = {pattern.path(frame).as_posix() for frame in range(frames[0], frames[1] + 1)}
        return keys.__contains__
    start = (pattern.folder / pattern.prefix).as_posix()
    return lambda key: key.startswith(start) and key.endswith(pattern.suffix)


def _files_below(folder: Path) -> dict[str, Path]:
    """Every finished file by its name from ``folder``."""
    found: dict[str, Path] = {}
    for home, _, names in os.walk(folder):
        for name in names:
            if not (name.startswith(".") and name.endswith((".part", ".partial"))):
                path = Path(home, name)
                found[path.relative_to(folder).as_posix()] = path
    return found


def _state(path: Path) -> tuple[int, int] | None:
    """Changes with the file's bytes; None when it is gone."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_size, facts.st_mtime_ns


def _location(told: Mapping[str, Any]) -> Location:
    return Location(told["key"], told["size"], told["url"], told["headers"])


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _at_once(work: Callable[[Location], T], files: Sequence[Location]) -> list[T]:
    """``work`` on all of them, some at a time; the first error ends it."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="transfer") as pool:
        futures = [pool.submit(work, one) for one in files]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
