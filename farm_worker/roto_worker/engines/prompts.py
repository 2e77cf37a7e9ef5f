"""Prompts against the real plate, and their masks as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.errors import PromptError
from roto_shapes.prompts import FramePrompt, check_prompts

from ..media.source import PlateInfo


def check_against_plate(
    prompts: Mapping[str, Sequence[FramePrompt]],
    plate: PlateInfo,
    ranges: Mapping[str, tuple[int, int]],
) -> None:
    """Refuse what does not fit the plate as it was found on disk.

    ``ranges``: object id -> the inclusive plate frames it may be on.

    Raises:
        PromptError: ``no_objects``, ``bad_prompt``, ``prompt_outside_plate`` or
            ``prompt_outside_range``.
    """
    if not prompts:
        raise PromptError("there is no object to track", code="no_objects")
    for object_id, given in prompts.items():
        check_prompts(given, plate.width, plate.height, ranges[object_id])
        for prompt in given:
            if prompt.mask_png is not None:
                decode_mask(prompt, plate.width, plate.height)


def decode_mask(prompt: FramePrompt, width: int, height: int) -> NDArray[np.bool_]:
    """A prompt's mask, ``[height, width]``.

    Raises:
        PromptError: ``bad_prompt`` when it is no PNG or not of the plate's size.
    """
    # Before it is decoded: a megabyte of PNG may say that it is a thousand megapixels.
    if prompt.mask_size != (width, height):
        said = "{} x {}".format(*(prompt.mask_size or (0, 0)))
        raise PromptError(
            f"the mask on frame {prompt.frame} is {said}, the plate {width} x {height}",
            detail={"frame": prompt.frame},
        )
    image = cv2.imdecode(np.frombuffer(prompt.mask_png or b"", np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None or image.shape != (height, width):
        raise PromptError(
            f"the mask on frame {prompt.frame} cannot be decoded",
            hint="Masks are 8-bit grey PNGs of the plate's size.",
            detail={"frame": prompt.frame},
        )
    return np.asarray(image >= 128)
