"""Which engines this node can run, and the ones kept loaded in this process."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from roto_shapes.errors import RotoError

from . import flow
from .base import Segmenter


class Available(TypedDict):
    """One engine and model a job may ask this node for."""

    engine: str
    model: str
    checkpoint_sha256: str | None


@dataclass(frozen=True)
class Loaded:
    """The engine this process holds, and the input size it was asked for (None: its own)."""

    segmenter: Segmenter
    image_size: int | None


class UnknownModelError(RotoError):
    """No such engine, or no such model for it on this node."""

    code = "unknown_model"


_Key = tuple[str, str, int | None]
_loaded: dict[_Key, Segmenter] = {}


def acquire(engine: str, model: str = "auto", image_size: int | None = None) -> Segmenter:
    """The engine, loaded once per process; asking for another one drops the last.

    ``engine`` ``auto`` takes sam2 when it is installed and ``model`` has a checkpoint here, else
    flow. ``model`` is ``auto``, a name of `available`, or a checkpoint path. ``image_size`` is the
    model's input size in pixels (sam2 only); None is its own.

    Raises:
        UnknownModelError: ``unknown_model``.
        RotoError: ``checkpoint_invalid``.
    """
    chosen = _choose(engine, model)
    # By file: ``auto`` and the name it stands for are one model, loaded once.
    checkpoint = None if chosen == "flow" else _checkpoint(model)
    key = (chosen, "auto" if checkpoint is None else str(checkpoint), image_size)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = _load_flow() if checkpoint is None else _load_sam2(checkpoint, image_size)
    return _loaded[key]


def loaded() -> Loaded | None:
    """What `acquire` gave last; None before its first call."""
    for (_, _, image_size), segmenter in _loaded.items():
        return Loaded(segmenter, image_size)
    return None


def available() -> list[Available]:
    """What this node can run now, the engine ``auto`` prefers first."""
    flow_only = [Available(engine="flow", model=flow.MODEL, checkpoint_sha256=None)]
    if not _has_sam2():
        return flow_only
    from .sam2 import checkpoints
    from .sam2.catalog import Model

    def described(model: Model) -> Available:
        found = checkpoints.sha256_of(checkpoints.path_of(model))
        return Available(engine="sam2", model=model.name, checkpoint_sha256=found)

    return [
        *map(described, checkpoints.installed()),
        *flow_only,
        *map(described, checkpoints.shipped()),
    ]


def gpu_memory() -> dict[str, int] | None:
    """How much memory of the GPU is used; None without a GPU, or before a model was loaded.

    ``gpu_used_bytes`` and ``gpu_total_bytes`` of the device, by all its processes, and
    ``process_bytes``, what this one holds. Loads nothing.
    """
    # A heartbeat asks: it must not wait for a model, or for torch, that is just being loaded.
    if not _loaded or "torch" not in sys.modules:
        return None
    from .sam2.device_memory import memory_of_device

    return memory_of_device()


def _choose(engine: str, model: str) -> str:
    if engine not in {"auto", "flow", "sam2"}:
        raise UnknownModelError(
            f"there is no engine {engine!r}", hint="Engines are auto, flow and sam2."
        )
    flow_model = model in {"auto", flow.MODEL}
    if engine == "flow" and not flow_model:
        raise UnknownModelError(
            f"the flow engine has no model {model!r}", hint=f"Use auto or {flow.MODEL}."
        )
    if engine == "sam2" and not _has_sam2():
        raise UnknownModelError(
            "the sam2 engine is not installed on this node",
            hint="Run `roto engines install sam2` there, or use engine flow.",
        )
    if engine != "auto":
        return engine
    if model == flow.MODEL or (model == "auto" and not _has_sam2_checkpoint()):
        return "flow"
    return _choose("sam2", model)


def _has_sam2() -> bool:
    from .sam2 import install

    return install.is_installed()


def _has_sam2_checkpoint() -> bool:
    from .sam2 import checkpoints

    return _has_sam2() and checkpoints.find("auto", prefer_large=False) is not None


def _load_flow() -> Segmenter:
    from .flow.engine import FlowSegmenter

    return FlowSegmenter()


def _checkpoint(model: str) -> Path:
    """The file that ``model`` means on this node."""
    from .sam2 import checkpoints
    from .sam2.build import best_device

    path = checkpoints.find(model, prefer_large=best_device().type != "cpu")
    if path is None:
        raise UnknownModelError(
            "no SAM 2 checkpoint is on this node",
            hint="Run `roto models fetch sam2.1_hiera_tiny` there, or use engine flow.",
        )
    return path


def _load_sam2(path: Path, image_size: int | None) -> Segmenter:
    from .sam2 import checkpoints
    from .sam2.catalog import MODELS
    from .sam2.engine import Sam2Segmenter
    from .sam2.settings import Settings

    name = next(
        (name for name, known in MODELS.items() if checkpoints.path_of(known) == path),
        path.stem,
    )
    return Sam2Segmenter.from_checkpoint(
        path, model=name, image_size=image_size, settings=Settings.of_node(os.environ)
    )
