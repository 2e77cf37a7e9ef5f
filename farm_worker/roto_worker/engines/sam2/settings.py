"""How the engine runs: what a node may choose, and what it may not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import psutil

from roto_shapes.errors import RotoError

PREFIX = "ROTO_SAM2_"
"""Of the environment variables of a node."""

_HAS_AFFINITY = hasattr(psutil.Process, "cpu_affinity")


@dataclass(frozen=True)
class Settings:
    """``mode`` is one of

    - ``product``: objects of a frame in batches, reflected frame border, packed weights on the CPU,
      bfloat16 and compiled parts on CUDA;
    - ``reference``: what the package's own predictor computes, in its order, one object at a time:
      logits equal its, bit for bit (CPU, one number of threads). For tests and for doubt.

    Raises:
        RotoError: ``bad_request`` when a value is out of its range.
    """

    mode: Literal["product", "reference"] = "product"
    padding: float = 1 / 16
    """Share of the model's square, on each side, that shows the reflected frame border: an object
    cut by the frame has a neighbourhood there, as everywhere else. Less than 1/4; 0 for none."""
    attended_prompts: int = 2
    """Most prompted frames of an object that a frame attends to: the one its sweep begins on, then
    the next ones ahead. More than 2 lets a prompt change frames beyond its neighbouring prompts."""
    embedding_bytes: int = 1 << 30
    """What `look` may keep of images it has seen."""
    read_ahead: int = 2
    """Frames decoded and resized in advance, on a thread."""
    objects_at_once: int = 32
    """Most objects in one batch on a GPU (halved when memory runs out)."""
    threads: int = 0
    """CPU threads of the model, on the CPU; 0: the physical cores this process may use. Results
    depend on their number in the last bits, so a farm that is to repeat them exactly sets it."""
    compiled: bool = True
    """Compile image encoder and memory attention on CUDA: minutes once, then cached on disk."""

    def __post_init__(self) -> None:
        valid = (
            self.mode in {"product", "reference"}
            and 0 <= self.padding < 0.25
            and self.attended_prompts >= 1
            and self.embedding_bytes >= 0
            and self.read_ahead >= 0
            and self.objects_at_once >= 1
            and self.threads >= 0
        )
        if not valid:
            raise RotoError(f"the sam2 engine cannot run with {self}", code="bad_request")

    @classmethod
    def of_node(cls, environment: Mapping[str, str]) -> Settings:
        """What this node chose: any field above as ``ROTO_SAM2_<FIELD>``; yes and no are 1 and 0.

        Raises:
            RotoError: ``bad_request``: no such field, or a value that is none of it.
        """
        defaults = {field.name: field.default for field in fields(cls)}
        chosen = {}
        for variable in (name for name in environment if name.startswith(PREFIX)):
            name = variable.removeprefix(PREFIX).lower()
            if name not in defaults:
                known = ", ".join(PREFIX + field.upper() for field in defaults)
                raise RotoError(
                    f"there is no setting {variable}", code="bad_request", hint=f"Known: {known}."
                )
            chosen[name] = _parsed(variable, environment[variable], type(defaults[name]))
        return cls(**chosen)

    @property
    def exact(self) -> bool:
        """Whether results must be the package's, bit for bit."""
        return self.mode == "reference"

    @property
    def cpu_threads(self) -> int:
        """``threads``, or the physical cores among those this process may run on."""
        allowed = len(psutil.Process().cpu_affinity()) if _HAS_AFFINITY else os.cpu_count() or 1
        return self.threads or max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))

    def margin(self, side: int) -> int:
        """Width of the reflected border in a model input of ``side`` pixels.

        Whole low-resolution logits (4 pixels), so that the border can be cut off again exactly.
        """
        return 0 if self.exact else 4 * round(side * self.padding / 4)


def _parsed(variable: str, text: str, kind: type) -> Any:
    try:
        if kind is bool:
            return {"1": True, "0": False}[text]
        return kind(text)
    except (KeyError, ValueError) as error:
        wanted = {bool: "1 or 0", int: "a whole number", float: "a number"}[kind]
        raise RotoError(
            f"{variable} is {text!r} and must be {wanted}", code="bad_request"
        ) from error
