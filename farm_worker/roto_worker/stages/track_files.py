"""What the track stage keeps on disk: mattes, waiting logits, and the checkpoint to resume from.

``<object name>/<frame>.png`` are the results; ``.checkpoint/`` (no object can be called so) holds
``state.npz``, arrays and JSON without pickle, and ``held/``, the logits another sweep needs.
``.seeds/<object id>/<frame>.png`` are published too: what each correction began from, so that a
later job can begin from there again (see `track_base`). Beside each matte is a small one
(`small_mattes`).
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roto_shapes.errors import RotoError

from ..engines.base import EngineState, Logits
from ..engines.driver import LOGIT_LIMIT, Checkpoint
from ..media.files import link
from ..media.masks import Matte, read_mask16, write_bytes, write_mask16
from .signal_tables import from_tables, to_tables
from .small_mattes import carry_small, write_small

_META = "meta"
_ARRAY = "array/"
_SIGNALS, _HELD_SIGNALS = "signals/", "held_signals/"
_FORM = 2
"""Grows when checkpoints are laid out anew: older ones are not read."""


class TrackFiles:
    """The driver's `Store` in an attempt's output directory.

    ``names``: object id -> folder name. ``fingerprint`` says what the results depend on; only
    checkpoints with the same one are resumed from. ``made_by`` is noted in them.
    """

    def __init__(
        self,
        directory: Path,
        names: Mapping[str, str],
        fingerprint: str,
        made_by: Mapping[str, Any],
    ) -> None:
        self.directory = directory
        self._names = names
        self._fingerprint = fingerprint
        self._made_by = dict(made_by)
        self.found: set[str] = set()
        """Objects seen on at least one frame so far."""
        self._held_dir.mkdir(parents=True, exist_ok=True)
        for object_id, name in names.items():
            (directory / name).mkdir(exist_ok=True)
            (self._held_dir / object_id).mkdir(exist_ok=True)

    @property
    def _held_dir(self) -> Path:
        return self.directory / ".checkpoint" / "held"

    @property
    def _state_path(self) -> Path:
        return self.directory / ".checkpoint" / "state.npz"

    def mask_path(self, object_id: str, frame: int) -> Path:
        return self.directory / self._names[object_id] / f"{frame}.png"

    def _held_path(self, object_id: str, frame: int) -> Path:
        return self._held_dir / object_id / f"{frame}.png"

    def write(self, object_id: str, frame: int, alpha: NDArray[np.float32]) -> None:
        path = self.mask_path(object_id, frame)
        write_mask16(path, alpha)
        write_small(path, alpha)
        if object_id not in self.found and bool((alpha >= 0.5).any()):
            self.found.add(object_id)

    def hold(self, object_id: str, frame: int, logits: Logits) -> None:
        write_mask16(
            self._held_path(object_id, frame),
            np.asarray((logits / LOGIT_LIMIT + 1) / 2, np.float32),
        )

    def held(self, object_id: str, frame: int) -> Logits:
        stored = read_mask16(self._held_path(object_id, frame))
        return np.asarray((stored * 2 - 1) * LOGIT_LIMIT, np.float32)

    def keep(self, object_id: str, masks: Mapping[int, Path], seeds: Mapping[int, Path]) -> None:
        """Take over files of an earlier job, to the bit: mattes, and what corrections begin from.

        Raises:
            RotoError: ``storage_failed``: one of them is not there.
        """
        self.found.add(object_id)
        try:
            for frame, path in masks.items():
                self._take(path, self.mask_path(object_id, frame))
            for frame, path in seeds.items():
                link(path, self._held_path(object_id, frame))
        except FileNotFoundError as error:
            raise RotoError(
                f"the corrected result has lost {error.filename}",
                code="storage_failed",
                hint="Check that this node sees the storage, or submit the objects anew.",
            ) from error

    @staticmethod
    def _take(source: Path, target: Path) -> None:
        link(source, target)
        carry_small(source, target)

    def seed_from(self, object_id: str, frame: int, matte: Matte) -> None:
        """Make what a correction begins from out of its matte, for want of anything better."""
        edge = float(1 / (1 + np.exp(LOGIT_LIMIT)))
        alpha = np.clip(matte.astype(np.float64), edge, 1 - edge)
        self.hold(object_id, frame, np.asarray(np.log(alpha / (1 - alpha)), np.float32))

    def drop(self, object_id: str, frame: int) -> None:
        self._held_path(object_id, frame).unlink(missing_ok=True)

    def save(self, checkpoint: Checkpoint) -> None:
        engine = checkpoint.engine
        meta = {
            "fingerprint": self._fingerprint,
            "made_by": self._made_by,
            "number": checkpoint.number,
            "step": checkpoint.step,
            "engine": None if engine is None else engine.meta,
            "found": sorted(self.found),
        }
        arrays = {
            f"{_ARRAY}{key}": value for key, value in (engine.arrays if engine else {}).items()
        }
        arrays |= to_tables(checkpoint.signals, _SIGNALS)
        arrays |= to_tables(checkpoint.held_signals, _HELD_SIGNALS)
        content = io.BytesIO()
        text = np.frombuffer(json.dumps(meta).encode(), np.uint8)
        np.savez(content, allow_pickle=False, **{_META: text, **arrays})
        write_bytes(self._state_path, content.getvalue())

    def finish(self, seeds: Iterable[tuple[str, int]]) -> None:
        """Nothing waits any more; ``seeds``: objects and frames whose held logits are published."""
        for object_id, frame in seeds:
            target = seed_path(self.directory, object_id, frame)
            target.parent.mkdir(parents=True, exist_ok=True)
            link(self._held_path(object_id, frame), target)
        shutil.rmtree(self._held_dir)

    def resume(self, earlier: Sequence[Path]) -> tuple[Checkpoint, dict[str, Any]] | None:
        """Take over what the farthest usable checkpoint of ``earlier`` attempts had finished.

        Returns the checkpoint and who made it; None when there is none to be used.
        """
        states = [state for state in map(self._load, earlier) if state is not None]
        if not states:
            return None
        directory, checkpoint, meta = max(states, key=lambda s: (s[1].number, s[1].step))
        for object_id, frames in checkpoint.signals.items():
            for frame in frames:
                own = self.mask_path(object_id, frame)
                self._take(directory / own.relative_to(self.directory), own)
        for path in directory.glob(".checkpoint/held/*/*.png"):
            link(path, self.directory / path.relative_to(directory))
        self.found |= set(meta["found"])
        return checkpoint, meta["made_by"]

    def _load(self, directory: Path) -> tuple[Path, Checkpoint, dict[str, Any]] | None:
        """A checkpoint that fits and whose frames are all there."""
        try:
            content = io.BytesIO((directory / ".checkpoint" / "state.npz").read_bytes())
            with np.load(content, allow_pickle=False) as stored:
                meta = json.loads(stored[_META].tobytes())
                arrays = {key: stored[key] for key in stored.files if key != _META}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None  # none was written, or the disk lost part of it: start from another
        if meta["fingerprint"] != self._fingerprint:
            return None
        checkpoint = Checkpoint(
            meta["number"],
            meta["step"],
            None if meta["engine"] is None else EngineState(_engine_of(arrays), meta["engine"]),
            from_tables(arrays, _SIGNALS),
            from_tables(arrays, _HELD_SIGNALS),
        )
        needed = [
            directory / self._names[object_id] / f"{frame}.png"
            for object_id, frames in checkpoint.signals.items()
            for frame in frames
        ]
        needed += [
            directory / ".checkpoint" / "held" / object_id / f"{frame}.png"
            for object_id, frames in checkpoint.held_signals.items()
            for frame in frames
        ]
        return (directory, checkpoint, meta) if all(map(Path.is_file, needed)) else None


def fingerprint(facts: Mapping[str, Any]) -> str:
    """A hash of JSON facts, and of how checkpoints are laid out."""
    return hashlib.sha256(json.dumps([_FORM, facts], sort_keys=True).encode()).hexdigest()


def _engine_of(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {k.removeprefix(_ARRAY): array for k, array in arrays.items() if k.startswith(_ARRAY)}


def seed_path(directory: Path, object_id: str, frame: int) -> Path:
    """Where a track directory has what the correction on a frame began from."""
    return directory / ".seeds" / object_id / f"{frame}.png"
