"""How the engine runs: what a node may choose, and what it may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roto_shapes.errors import RotoError


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
        )
        if not valid:
            raise RotoError(f"the sam2 engine cannot run with {self}", code="bad_request")

    @property
    def exact(self) -> bool:
        """Whether results must be the package's, bit for bit."""
        return self.mode == "reference"

    def margin(self, side: int) -> int:
        """Width of the reflected border in a model input of ``side`` pixels.

        Whole low-resolution logits (4 pixels), so that the border can be cut off again exactly.
        """
        return 0 if self.exact else 4 * round(side * self.padding / 4)
